"""When answers are no draws any more, told answer by answer."""

import pytest

from probe.judge.record.state import Pool, RecordMemory
from probe.judge.record.weighted import follow_pool, stay_apart
from probe.model.question import RecordType
from probe.model.record import Position, RecordStatus, ServerStatus
from probe.model.side import AnswerClass
from tests.fakes import server


@pytest.mark.parametrize(
    ("v1", "v2", "needed"),
    [
        (400, 400, 50),  # shares are changed, and what was chance at the old one may be nothing at the new
        (720, 80, 142),  # of nine in ten: a run that one draw in a million begins
        (780, 20, 737),
    ],
)
def test_a_long_run_at_the_confirmed_side_ends_draws_when_they_hardly_explain_it(v1: int, v2: int, needed: int) -> None:
    memory = RecordMemory(drawn=True, draws=3, pool=Pool((v1, v2, 0, 0, 0), Position.V2, 0))
    for _ in range(needed - 1):
        memory = follow_pool(memory, Position.V1, Position.V1)
        assert memory.drawn
    assert not follow_pool(memory, Position.V1, Position.V1).drawn


@pytest.mark.parametrize(("fetches", "apart"), [(24, False), (25, True)])
def test_two_caches_that_keep_to_two_sides_are_no_draws_after_twenty_five_fetches_each(
    fetches: int,
    apart: bool,  # noqa: FBT001  # a parameter of pytest
) -> None:
    """Each pair of fetches is a chance of a quarter: 4^-25 is 1e-15."""
    classes = (AnswerClass.V1, AnswerClass.V2)
    servers = tuple(ServerStatus(server(number), one, run=fetches) for number, one in enumerate(classes, 1))
    assert stay_apart(RecordStatus(RecordType.A, servers=servers)) is apart
