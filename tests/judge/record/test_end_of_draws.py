"""When answers are no draws any more, told answer by answer."""

import pytest

from probe.judge.record.state import Pool, RecordMemory
from probe.judge.record.weighted import follow_pool, stay_apart
from probe.model.question import RecordType
from probe.model.record import Position, RecordStatus, ServerStatus
from probe.model.side import AnswerClass
from tests.fakes import server
from tests.judge.answers import instant


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


@pytest.mark.parametrize(
    ("fetches", "held", "stayed", "apart"),
    [
        ((24, 24), 60, (3600, 3600), False),
        ((25, 25), 60, (3600, 3600), True),
        ((25, 25), 60, (1400, 3600), False),  # the former holds for less, and fetched these within 23 of the latter's
        ((25, 25), 60, (1440, 3600), True),
        ((300, 25), 300, (1500, 7500), False),  # one that has stayed for longer: maybe by weights of before
        ((700, 700), 10, (7100, 7100), False),  # six of these each may be one that another cache held
        ((700, 700), 10, (7200, 7200), True),
        ((25, 25), 45, (1200, 1200), False),
        ((25, 25), 46, (1200, 1200), True),
    ],
)
def test_two_caches_that_keep_to_two_sides_are_no_draws_after_twenty_five_of_each(
    fetches: tuple[int, int], held: int, stayed: tuple[float, float], *, apart: bool
) -> None:
    """Each pair of draws is a chance of a quarter: 4^-25 is 1e-15."""
    classes = (AnswerClass.V1, AnswerClass.V2)
    servers = tuple(
        ServerStatus(server(number), one, instant(9000), instant(9000 - seconds), run=run)
        for number, (one, run, seconds) in enumerate(zip(classes, fetches, stayed, strict=True), 1)
    )
    assert stay_apart(RecordStatus(RecordType.A, servers=servers, cache=held)) is apart
