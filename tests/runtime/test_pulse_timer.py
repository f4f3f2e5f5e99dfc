"""When the engine looks at what is due, and what being late tells of the CPU. How often it wakes up: test_wake_ups."""

import pytest

from probe.runtime.pulse_timer import PulseTimer
from tests.clock import FakeClock

ENGINE_TICK_SECONDS, LONGEST_NAP_SECONDS = 0.05, 0.5
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


@pytest.fixture
def timer() -> PulseTimer:
    looked = PulseTimer(FakeClock(100.0))
    looked.note(100.0)
    return looked


@pytest.mark.parametrize(
    ("due", "latest", "expected"),
    [
        (100.2, 101.0, 100.2),
        (float("-inf"), 101.0, 100.0 + ENGINE_TICK_SECONDS),
        (100.01, 101.0, 100.0 + ENGINE_TICK_SECONDS),
        (float("inf"), 101.0, 100.0 + LONGEST_NAP_SECONDS),
        (100.4, 100.3, 100.3),
        (100.4, 99.0, 100.0 + ENGINE_TICK_SECONDS),
    ],
    ids=[
        "when it is due",
        "at once",
        "within a tick",
        "nothing is due",
        "it is to be read before",
        "it was to be read",
    ],
)
def test_it_looks_when_something_is_due_within_its_bounds(
    timer: PulseTimer, due: float, latest: float, expected: float
) -> None:
    timer.expect(due, latest)
    assert timer.expected == pytest.approx(expected)


def test_what_is_due_earlier_is_looked_at_earlier_and_what_is_due_later_is_not(timer: PulseTimer) -> None:
    timer.expect(100.4, 101.0)
    timer.hurry(100.45)
    assert timer.expected == pytest.approx(100.4)
    timer.hurry(100.2)
    assert timer.expected == pytest.approx(100.2)
    timer.hurry()
    assert timer.expected == pytest.approx(100.0 + ENGINE_TICK_SECONDS)


def test_looks_that_come_late_are_a_share_of_the_time_however_seldom_there_are_any(timer: PulseTimer) -> None:
    timer.take_lateness()
    for number in range(1, 5):  # each half a second after the one before, and late by another twentieth
        timer.expect(timer.expected + LONGEST_NAP_SECONDS, 1_000.0)
        timer.note(timer.expected + (ENGINE_TICK_SECONDS if number > 2 else 0.0))
    assert timer.take_lateness() == pytest.approx(2 / 6)
    timer.note(timer.expected)
    assert timer.take_lateness() == 0.0
