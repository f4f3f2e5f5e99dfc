from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.judge.record.beat import beat
from probe.judge.record.flapping import chain, has_returned, is_hasty, ordered, quiet_time
from probe.model.record import Position, Transition
from tests.judge.answers import instant

LONGEST_INTERVAL, HASTY, SHORTEST_QUIET = 3700.0, 700.0, 300.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


SHORT = {"1": Position.V1, "2": Position.V2, "-": Position.ABSENT, "f": Position.FOREIGN, "m": Position.MIXED}


def history(places: str, dwell: float = 60.0) -> tuple[Transition, ...]:
    steps = [SHORT[place] for place in places]
    return tuple(
        Transition(instant(dwell * number), before, after, reversal=False)
        for number, (before, after) in enumerate(pairwise(steps))
    )


def at(*seconds: float) -> tuple[Transition, ...]:
    """Give changes between v1 and v2 at some seconds."""
    places = (Position.V1, Position.V2)
    return tuple(
        Transition(instant(second), places[number % 2], places[(number + 1) % 2], reversal=number > 0)
        for number, second in enumerate(seconds)
    )


@pytest.mark.parametrize("places", ["12", "121", "1-2", "2-2", "1-", "1-1", "1-2-1", "12-1", "1f1", "1m1", ""])
def test_one_way_back_or_a_hand_over_is_no_flapping(places: str) -> None:
    assert not is_hasty(chain(history(places)))


@pytest.mark.case("A2")
@pytest.mark.parametrize("places", ["1m", "1m2", "1m2m1", "1m21", "1m-2", "1m1", "1m12"])
def test_a_move_by_way_of_both_sides_at_once_and_its_way_back_are_no_flapping(places: str) -> None:
    assert not is_hasty(chain(history(places)))
    assert not has_returned(chain(history(places)))


@pytest.mark.case("A2")
@pytest.mark.parametrize("places", ["1m1m", "2m2m2m", "1m21m2", "1m2m1m2"])
def test_both_sides_at_once_are_a_place_to_which_a_record_returns(places: str) -> None:
    assert is_hasty(chain(history(places)))


@pytest.mark.case("A7")
@pytest.mark.parametrize("places", ["1212", "1-1-", "-1-1", "12121212", "1-2-1-2", "121-1", "1f1f", "2f2f2f"])
def test_two_returns_are_flapping_to_whatever_place(places: str) -> None:
    assert is_hasty(chain(history(places)))


def test_slow_changes_are_not_flapping_by_their_number() -> None:
    assert is_hasty(chain(history("1212", HASTY)))
    assert not is_hasty(chain(history("1212121212", HASTY + 1)))


@pytest.mark.parametrize("dwell", [10.0, 30.0, HASTY + 1])
def test_a_move_and_a_deletion_that_the_next_sync_heals_return_once_whatever_their_beat(dwell: float) -> None:
    assert not has_returned(chain(history("12-2", dwell)))
    assert has_returned(chain(history("12-2-", dwell)))
    assert has_returned(chain(history("1212", dwell)))


@pytest.mark.case("A8")
def test_changes_as_slow_as_the_slowest_controllers_still_belong_together() -> None:
    assert chain(history("12121", LONGEST_INTERVAL)).changes == 4
    assert chain(history("12121", LONGEST_INTERVAL + 1)).changes == 1


@pytest.mark.case("B7")
@pytest.mark.parametrize("lead", [80, 240, 660])
def test_a_planned_move_before_a_fight_is_not_part_of_it(lead: float) -> None:
    found = chain(at(0, lead, lead + 8, lead + 20, lead + 28))
    assert found.changes == 4
    assert found.longest == 12
    assert beat(found.times, found.places) == 20
    assert quiet_time(found) == SHORTEST_QUIET


@pytest.mark.case("B7")
def test_a_dwell_of_a_fight_with_a_failed_sync_is_no_beginning() -> None:
    assert chain(at(0, 25, 60, 145, 180, 205)).changes == 6


def test_a_hand_over_with_a_gap_is_one_change_of_the_beat() -> None:
    assert len(chain(history("1-2-1")).times) == 2
    assert len(chain(history("1m2m1")).times) == 2


def test_an_episode_ends_after_some_of_its_own_cycles() -> None:
    assert quiet_time(chain(history("1212", 10))) == SHORTEST_QUIET
    assert quiet_time(chain(history("12121", 600))) == 3 * 1200
    assert quiet_time(chain(at(0, 100, 400))) == 4 * 300


@pytest.mark.case("B2")
@given(st.lists(st.floats(0, 700), min_size=1, max_size=16))
def test_no_dwell_is_negative_whatever_the_times_are(times: list[float]) -> None:
    assert all(before <= after for before, after in pairwise(ordered(at(*times))))
