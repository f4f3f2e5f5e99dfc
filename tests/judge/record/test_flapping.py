from itertools import pairwise

import pytest

from probe.judge.record.flapping import LONGEST_DWELL, SHORTEST_QUIET, chain, is_fight, quiet_time
from probe.model.record import Position, Transition
from tests.judge.answers import instant

SHORT = {"1": Position.V1, "2": Position.V2, "-": Position.ABSENT, "f": Position.FOREIGN, "m": Position.MIXED}


def history(places: str, dwell: float = 60.0) -> tuple[Transition, ...]:
    steps = [SHORT[place] for place in places]
    return tuple(
        Transition(instant(dwell * number), before, after, reversal=False)
        for number, (before, after) in enumerate(pairwise(steps))
    )


@pytest.mark.parametrize("places", ["12", "121", "1-2", "2-2", "1-", "1-1", "1-2-1", "12-1", "1f1f1f", "1m1m1m", ""])
def test_one_way_back_or_a_hand_over_is_no_fight(places: str) -> None:
    assert not is_fight(chain(history(places)))


@pytest.mark.parametrize("places", ["1212", "1-1-", "-1-1", "12121212", "1-2-1-2", "121-1"])
def test_two_returns_are_a_fight(places: str) -> None:
    assert is_fight(chain(history(places)))


def test_people_are_slower_than_controllers() -> None:
    assert is_fight(chain(history("1212", LONGEST_DWELL)))
    assert not is_fight(chain(history("1212121212", LONGEST_DWELL + 1)))


def test_a_slow_step_begins_a_new_chain() -> None:
    first = history("121", 60)
    later = tuple(step._replace(at=instant(step.at.monotonic + 5000)) for step in history("212", 60))
    assert chain((*first, *later)).changes == 2
    assert not is_fight(chain((*first, *later)))


def test_a_fight_ends_after_some_of_its_own_longest_dwells() -> None:
    assert quiet_time(chain(history("1212", 10))) == SHORTEST_QUIET
    assert quiet_time(chain(history("1212", 600))) == 4 * 600
