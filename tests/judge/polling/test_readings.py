"""When a witness is read again, and for how long its last word is worth something."""

import pytest

from probe.judge.polling.readings import (
    knowledge_at,
    pause_after,
    pause_after_break,
    pause_after_changes,
    regular_pause,
)
from probe.model.testimony import Knowledge

FORGOTTEN_AFTER = 3600.0
LONGEST_RETRY = 600.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


@pytest.mark.parametrize(("failures", "pause"), [(0, 60), (1, 120), (2, 240), (3, 480), (4, 600), (99, 600)])
def test_each_failure_doubles_the_pause_up_to_ten_minutes(failures: int, pause: float) -> None:
    assert pause_after(60, failures, 0.0, 0.5) == pytest.approx(pause)
    assert LONGEST_RETRY == 600


def test_a_pause_that_is_long_anyway_is_not_shortened_by_a_failure() -> None:
    assert pause_after(3600, 3, 0.0, 0.5) == pytest.approx(3600)


@pytest.mark.parametrize(("chance", "pause"), [(0.0, 51), (0.5, 60), (1.0, 69)])
def test_a_pause_is_jittered_either_way(chance: float, pause: float) -> None:
    assert pause_after(60, 0, 0.0, chance) == pytest.approx(pause)


def test_reading_takes_a_twentieth_of_a_core_at_most() -> None:
    assert regular_pause(60, 3.0) == 60
    busy = 30.0
    assert busy / (busy + regular_pause(60, busy)) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("age", "knowledge"),
    [
        (179, Knowledge.CURRENT),
        (180, Knowledge.OLD),
        (FORGOTTEN_AFTER - 1, Knowledge.OLD),
        (FORGOTTEN_AFTER, Knowledge.FORGOTTEN),
    ],
)
def test_three_lost_readings_make_a_word_old_and_an_hour_forgets_it(age: float, knowledge: Knowledge) -> None:
    assert knowledge_at(1000 + age, 0, 1000, 60) is knowledge
    assert FORGOTTEN_AFTER == 3600


def test_a_word_that_comes_once_an_hour_is_not_forgotten_before_it_is_old() -> None:
    assert knowledge_at(3 * 3600 - 1, 0, 0, 3600) is Knowledge.CURRENT
    assert knowledge_at(5 * 3600, 0, 0, 3600) is Knowledge.OLD
    assert knowledge_at(6 * 3600, 0, 0, 3600) is Knowledge.FORGOTTEN


def test_what_was_never_read_is_awaited_and_then_ages_as_well() -> None:
    assert knowledge_at(10, 0, None, 60) is Knowledge.AWAITED
    assert knowledge_at(200, 0, None, 60) is Knowledge.OLD


@pytest.mark.parametrize(("busy", "pause"), [(0.0, 3.0), (0.1, 3.0), (1.6, 30.4), (60.0, 60.0)])
def test_changes_are_read_every_few_seconds_and_take_a_twentieth_of_a_core_for_up_to_a_minute(
    busy: float, pause: float
) -> None:
    assert pause_after_changes(busy) == pytest.approx(pause)


@pytest.mark.parametrize(
    ("breaks", "busy", "pause"),
    [(1, 0.0, 5.0), (2, 0.0, 10.0), (4, 0.0, 40.0), (5, 0.0, 60.0), (5000, 0.0, 60.0), (1, 2.0, 38.0), (1, 9.0, 171.0)],
)
def test_what_broke_off_is_read_anew_soon_and_never_later_than_without_a_watch(
    breaks: int, busy: float, pause: float
) -> None:
    assert pause_after_break(60.0, breaks, busy, 0.5) == pytest.approx(pause)
    assert pause_after_break(60.0, breaks, busy, 0.5) <= pause_after(60.0, 0, busy, 0.5)
