import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from probe.runtime.slots import Slots
from tests.fakes import server

MOMENT_SECONDS, MOVED_AT_MOST, MOVED_SECONDS_AT_MOST, TIDY_FROM = 0.097, 0.1, 3.0, 64
COARSEST_TURNS, COARSEST_EXPIRIES, MOST_TURNS, MOST_EXPIRIES = 8, 32, 64, 16
EXPIRY_SPREAD = 0.1
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

if TYPE_CHECKING:
    from probe.model.server import Server

RATE = 20.0
FOUR = tuple(server(number) for number in range(1, 5))
DELAY = 7.0


def moment(at: float) -> int:
    number = at / MOMENT_SECONDS
    assert number == pytest.approx(round(number))
    return round(number)


def test_turns_of_few_domains_gather_at_few_moments_and_none_is_moved_further_than_it_may() -> None:
    """50 domains: 7 turns a second, each at two of four servers."""
    slots, rng, taken = Slots(), random.Random(5), Counter[int]()
    for number in range(700):
        wanted = 10.0 + number / 7 + rng.uniform(-1.0, 1.0)
        due = slots.take((FOUR[number % 4], FOUR[(number + 2) % 4]), RATE, wanted, wanted - DELAY)
        assert abs(due - wanted) <= MOVED_AT_MOST * DELAY
        taken[moment(due)] += 1
    assert len(taken) <= 100.0 / (MOMENT_SECONDS * COARSEST_TURNS / 2) * 1.25  # hardly more than every fourth
    assert sum(taken.values()) / len(taken) > 2.0


def test_no_server_is_asked_more_at_a_moment_than_its_pace_lets_leave_at_once() -> None:
    slots = Slots()
    times = Counter(moment(slots.take(FOUR[:1], RATE, 107.0, 100.0)) for _ in range(25))
    assert max(times.values()) == 2
    assert any(moment(slots.take(FOUR[1:2], RATE, 107.0, 100.0)) == one for one in times)  # another one is asked there


def test_with_four_fifths_taken_no_server_is_asked_more_than_it_may_and_no_turn_is_moved_far() -> None:
    slots, rng = Slots(), random.Random(5)
    asked: dict[Server, Counter[int]] = {one: Counter() for one in FOUR}
    seconds, moved = 60, []
    wanted = sorted(rng.uniform(10.0, 10.0 + seconds) for _ in range(int(0.8 * RATE * seconds * len(FOUR) / 2)))
    for number, at in enumerate(wanted):
        pair = FOUR[number % 2], FOUR[number % 2 + 2]
        due = slots.take(pair, RATE, at, at - DELAY)
        moved.append(abs(due - at))
        for one in pair:
            asked[one][moment(due)] += 1
    assert max(moved) <= MOVED_AT_MOST * DELAY + MOMENT_SECONDS
    within = sum(count <= 2 for times in asked.values() for count in times.values())
    assert within / sum(map(len, asked.values())) > 0.99


def test_where_no_moment_near_has_room_a_turn_leaves_at_the_nearest() -> None:
    slots = Slots()
    times = [slots.take(FOUR[:1], RATE, 107.0, 100.0) for _ in range(60)]
    near = int(2 * (MOVED_AT_MOST * DELAY + MOMENT_SECONDS) * RATE)
    assert len({*map(moment, times[near:])}) == 1
    assert times[-1] == pytest.approx(107.0, abs=MOMENT_SECONDS)


def test_beside_looks_which_leave_one_question_saved_no_server_is_asked_two_at_a_moment() -> None:
    slots = Slots()
    times = [moment(slots.take(FOUR[:1], RATE, 107.0, 100.0, beside_looks=True)) for _ in range(14)]
    assert len(set(times)) == len(times)


@pytest.mark.parametrize("rate", [0.5, 2.0, 5.0, 15.0, 20.0, 35.0])
def test_a_server_gets_its_rate_and_no_more_whatever_it_is(rate: float) -> None:
    slots, asked = Slots(), Counter[int]()
    for number in range(int(rate * 100)):
        asked[int(slots.take(FOUR[:1], rate, 100.0 + number / rate, 100.0 + number / rate - DELAY))] += 1
    assert max(asked.values()) <= rate + max(1.0, 0.1 * rate)


def test_a_slow_server_is_asked_one_question_in_its_time_and_a_turn_without_servers_meets_others() -> None:
    slow = replace(FOUR[0], queries_per_second=2.0)
    slots = Slots()
    times = sorted(slots.take((slow,), RATE, 107.1, 100.0) for _ in range(2))
    assert times[1] - times[0] >= 0.25
    assert moment(Slots().take((), RATE, 107.0, 100.0)) % COARSEST_TURNS == 0


def test_moments_that_are_over_are_forgotten() -> None:
    slots, remembered = Slots(), set()
    for number in range(10_000):
        slots.take(FOUR[:1], RATE, number + DELAY, float(number))
        slots.gather(number + 21.0, number + 19.0, number + 23.0, float(number))
        (place,) = slots._by_place.values()
        remembered |= {len(place._taken.counts), len(slots._turns.counts), len(slots._expiries.counts)}
    assert max(remembered) < TIDY_FROM


def test_where_servers_may_be_asked_thousands_of_questions_a_common_moment_takes_so_many_and_no_more() -> None:
    quick, slots = replace(FOUR[0], queries_per_second=50_000.0), Slots()
    times = Counter(moment(slots.take((quick,), RATE, 107.0, 100.0)) for _ in range(400))
    common = {at: count for at, count in times.items() if at % 2 == 0}
    assert max(common.values()) == MOST_TURNS
    assert times.keys() - common.keys() == set() or len(common) > 5


def test_turns_that_come_several_times_a_second_are_not_moved_to_a_moment_that_is_further_than_they_may() -> None:
    assert Slots().take(FOUR[:1], 10_000.0, 100.04, 100.0) == 100.04
    assert Slots().take(FOUR[:1], RATE, 100.25, 100.0) == 100.25  # of 0.025 s


def test_a_turn_of_minutes_is_moved_by_seconds() -> None:
    slots = Slots()
    moved = [slots.take(FOUR[:1], RATE, 700.0, 100.0) - 700.0 for _ in range(100)]
    assert MOVED_AT_MOST * DELAY < max(map(abs, moved)) <= MOVED_SECONDS_AT_MOST


def test_moments_are_tried_the_common_ones_first_and_of_these_the_nearest_and_none_twice() -> None:
    near = [number for number, _ in Slots()._near(107.0, 106.3, 107.7, COARSEST_TURNS)]
    assert sorted(near) == list(range(min(near), max(near) + 1))
    assert all(106.3 <= number * MOMENT_SECONDS <= 107.7 for number in near)

    def level(number: int) -> int:
        return max(step for step in (8, 4, 2, 1) if number % step == 0)

    assert [level(number) for number in near] == sorted(map(level, near), reverse=True)
    for step in (8, 4, 2, 1):
        away = [abs(number * MOMENT_SECONDS - 107.0) for number in near if level(number) == step]
        assert away == sorted(away)


def test_calm_domains_have_time_let_pass_together_but_not_thousands_of_them() -> None:
    slots, rng = Slots(), random.Random(3)
    few = Counter(moment(expiry(slots, rng, 100.0 + number / 2.4)) for number in range(240))
    assert sum(few.values()) / len(few) > 5.0
    assert all(at % COARSEST_EXPIRIES == 0 for at in few)
    many = Counter(moment(expiry(slots, rng, 500.0 + number / 480.0)) for number in range(4_800))
    assert max(count for at, count in many.items() if at % 2 == 0) == MOST_EXPIRIES


def expiry(slots: Slots, rng: random.Random, now: float, pause: float = 21.0) -> float:
    least, most = now + pause * (1 - EXPIRY_SPREAD), now + pause * (1 + EXPIRY_SPREAD)
    due = slots.gather(rng.uniform(least, most), least, most, now)
    assert least <= due <= most
    return due


def test_a_span_without_a_moment_leaves_the_time_that_was_wanted() -> None:
    assert Slots().gather(100.05, 100.04, 100.06, 79.0) == 100.05


def test_moments_wander_through_every_second_and_processes_have_their_own() -> None:
    """A fight is in step with none of them: within a hundred seconds they have met every fiftieth part of a second."""
    times = [slots_at for number in range(100) for slots_at in [number * COARSEST_TURNS * MOMENT_SECONDS % 1.0]]
    assert max(later - earlier for earlier, later in pairwise(sorted(times))) < 0.02
    assert Slots(0.03).take((), RATE, 107.0, 100.0) != Slots(0.05).take((), RATE, 107.0, 100.0)
