from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.judge.record.period import flip_period, rhythm
from probe.judge.record.state import Episode, RecordMemory, Remembered
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, RecordStatus, Transition
from tests.judge.answers import instant

V1, V2 = Position.V1, Position.V2


def flapping(times: Sequence[float], first: Position = V1, *, proven: bool = True) -> Remembered:
    other = {V1: V2, V2: V1}
    recent: list[Transition] = []
    here = first
    for at in times:
        recent.append(Transition(instant(at), here, other[here], reversal=bool(recent)))
        here = other[here]
    record = RecordStatus(RecordType.A, RecordState.FLAPPING, transitions=len(recent), recent=tuple(recent))
    return Remembered(record, RecordMemory(episode=Episode(controllers=proven)))


def test_a_cycle_is_measured_from_a_change_to_the_next_one_to_the_same_side() -> None:
    told = rhythm(flapping([0, 20, 61, 80, 122]))
    assert told.period == pytest.approx(61, abs=1)
    assert dict(told.shares) == pytest.approx({V2: 19.5 / 61, V1: 41.5 / 61})
    assert told.next_at == pytest.approx(instant(122).wall + 19.5)


def test_two_changes_have_no_cycle_yet() -> None:
    assert rhythm(flapping([0, 20])).period is None
    assert rhythm(flapping([])).period is None


def test_one_failed_sync_does_not_move_the_period() -> None:
    beats = [start + phase for start in (0, 60, 120, 240, 300, 360) for phase in (0, 25)]
    assert rhythm(flapping(beats)).period == 60


def test_irregular_changes_foretell_nothing() -> None:
    assert rhythm(flapping([0, 20, 60, 200, 240])).next_at is None


@given(st.lists(st.floats(0, 600), min_size=3, max_size=16))
def test_changes_that_overtake_each_other_give_no_negative_time(times: list[float]) -> None:
    told = rhythm(flapping(times))
    assert told.period is None or told.period >= 0
    assert all(0 <= share <= 1 for _, share in told.shares)


def test_only_a_record_that_flaps_has_a_period() -> None:
    one = flapping([0, 20, 60, 80])
    assert flip_period([one]) == 60
    assert flip_period([one._replace(record=one.record._replace(state=RecordState.V1))]) is None
    assert flip_period([]) is None


@pytest.mark.case("B8")
def test_what_is_foretold_is_still_to_come() -> None:
    told = rhythm(flapping([0, 20, 60, 80, 120]))
    assert told.due(instant(139).wall) == instant(140).wall
    assert told.due(instant(141).wall) is None


@pytest.mark.case("B3", "B8")
@pytest.mark.parametrize(
    "times",
    [
        pytest.param([30, 76, 186, 246], id="a person, or failover, whose cycles are alike by chance"),
        pytest.param([0, 20, 60, 80, 120], id="a regular beat of which nothing is proven yet"),
    ],
)
def test_nothing_is_foretold_before_two_controllers_are_proven(times: list[float]) -> None:
    told = rhythm(flapping(times, proven=False))
    assert told.period is not None
    assert told.next_at is None
    assert rhythm(flapping(times)).next_at is not None
