import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from probe.runtime.slots import Slots
from tests.fakes import server

MOVED_AT_MOST, MOST_TRIED, TIDY_FROM = 0.1, 64, 64
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

if TYPE_CHECKING:
    from probe.model.server import Server

RATE = 20.0
SLOT = 1 / RATE
FOUR = tuple(server(number) for number in range(1, 5))
DELAY = 7.0


def test_a_turn_alone_is_moved_by_less_than_a_slot() -> None:
    assert Slots().take(FOUR[:2], RATE, 107.02, 100.0) == pytest.approx(107.02, abs=SLOT)


def test_turns_at_the_same_servers_get_slots_of_their_own_and_those_at_others_the_same() -> None:
    slots = Slots()
    times = sorted(slots.take(FOUR[:1], RATE, 107.0, 100.0) for _ in range(9))
    assert [later - earlier for earlier, later in pairwise(times)] == pytest.approx([SLOT] * 8)
    assert times[4] == pytest.approx(107.0, abs=SLOT)  # to either side
    assert slots.take(FOUR[1:2], RATE, 107.0, 100.0) == pytest.approx(107.0, abs=SLOT)


def test_with_four_fifths_taken_no_two_turns_meet_and_none_is_moved_far() -> None:
    slots, rng = Slots(), random.Random(5)
    asked: dict[Server, Counter[int]] = {one: Counter() for one in FOUR}
    seconds, moved = 60, []
    wanted = sorted(rng.uniform(10.0, 10.0 + seconds) for _ in range(int(0.8 * RATE * seconds * len(FOUR) / 2)))
    for number, at in enumerate(wanted):
        pair = FOUR[number % 2], FOUR[number % 2 + 2]
        due = slots.take(pair, RATE, at, at - DELAY)
        moved.append(abs(due - at))
        for one in pair:
            asked[one][int(due * RATE)] += 1
    assert max(moved) <= MOVED_AT_MOST * DELAY + SLOT
    alone = sum(count == 1 for times in asked.values() for count in times.values())
    assert alone / sum(map(len, asked.values())) > 0.99


def test_where_no_slot_is_near_a_turn_stays_where_it_is() -> None:
    slots = Slots()
    times = [slots.take(FOUR[:1], RATE, 107.0, 100.0) for _ in range(40)]
    near = 2 * int(MOVED_AT_MOST * DELAY * RATE) + 1
    assert len(set(times)) == near + 1
    assert times[near:] == [107.0] * (40 - near)


def test_servers_of_other_rates_have_slots_of_other_lengths() -> None:
    slow = replace(FOUR[0], queries_per_second=2.0)
    slots = Slots()
    times = sorted(slots.take((slow,), RATE, 107.1, 100.0) for _ in range(2))
    assert times[1] - times[0] == pytest.approx(0.5)
    assert Slots().take((), RATE, 107.0, 100.0) == 107.0


def test_slots_that_are_over_are_forgotten() -> None:
    slots, remembered = Slots(), set()
    for number in range(10_000):
        slots.take(FOUR[:1], RATE, number + DELAY, float(number))
        (taken,) = slots._by_place.values()
        remembered.add(len(taken.numbers))
    assert max(remembered) == TIDY_FROM - 1


def test_where_a_server_may_be_asked_thousands_of_questions_only_the_nearest_slots_are_looked_at() -> None:
    quick, slots = replace(FOUR[0], queries_per_second=5000.0), Slots()
    times = [slots.take((quick,), RATE, 107.0, 100.0) for _ in range(MOST_TRIED + 10)]
    assert len(set(times[:MOST_TRIED])) == MOST_TRIED
    assert times[MOST_TRIED:] == [107.0] * 10
