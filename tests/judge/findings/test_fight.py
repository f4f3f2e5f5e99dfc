"""What is gathered of a fight before its cause is looked for."""

import pytest

from probe.judge.findings.fight import gather
from probe.judge.record.state import Remembered
from probe.model.record import Position
from tests.judge.answers import instant
from tests.judge.ownership.owned import Owned, owned


@pytest.mark.parametrize(
    ("changes", "opened", "proven"), [(1, 0, None), (2, 0, None), (3, 0, None), (4, 2, None), (5, 3, 1), (6, 4, 2)]
)
def test_three_changes_make_a_fight_and_two_cycles_prove_what_it_is_about(
    changes: int, opened: int, proven: int | None
) -> None:
    """Up to the third change all counts from the first one; an owner that changed has to stand for four more."""
    fight = Owned()
    fight.stand(Position.V1, 300, owned("default"))
    for _ in range(4):
        fight.stand(Position.V2, 40, owned("default"))
        fight.stand(Position.V1, 20, owned("default"))
    ((record, memory), *_) = fight.story.state.remembered
    recent = record.recent[-8:][:changes]
    flapping = (Remembered(record._replace(recent=recent, transitions=changes), memory._replace(used=0)),)
    found = gather(fight.story.status, flapping, instant(fight.at), fight.story.context)
    marks = [change.at.monotonic for change in recent]
    assert found.opened == marks[opened]
    assert found.proven == (None if proven is None else marks[proven])
