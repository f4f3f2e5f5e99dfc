"""One wake-up for many moments: the earliest counts, and it takes no task."""

import asyncio

import pytest

from probe.wire.transport.alarm import Alarm
from tests.clock import LoopClock, VirtualLoop, run_virtual


def rung(*dues: float) -> list[float]:
    """Set an alarm to these moments in turn, at the very beginning; give when it rang within a minute."""

    async def main(clock: LoopClock) -> list[float]:
        times: list[float] = []
        alarm = Alarm(clock, lambda: times.append(clock.now().monotonic))
        for due in dues:
            alarm.set(due)
        assert alarm.armed
        await clock.sleep(60.0)
        assert not alarm.armed
        return times

    return run_virtual(main)


def test_it_rings_once_at_the_earliest_of_its_moments() -> None:
    assert rung(5.0, 3.0, 4.0) == pytest.approx([3.0])


def test_what_is_over_or_falls_due_at_once_is_done_some_milliseconds_later() -> None:
    assert rung(-1.0) == pytest.approx([0.005])


def test_one_that_is_cleared_does_not_ring_and_may_be_set_again() -> None:
    async def main(clock: LoopClock) -> None:
        times: list[float] = []
        alarm = Alarm(clock, lambda: times.append(clock.now().monotonic))
        alarm.set(1.0)
        alarm.clear()
        alarm.set(2.0)
        await clock.sleep(5.0)
        alarm.set(9.0)
        await clock.sleep(5.0)
        assert times == pytest.approx([2.0, 9.0])

    run_virtual(main)


def test_ringing_takes_one_turn_of_the_event_loop() -> None:
    async def main(clock: LoopClock) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        sleeping = asyncio.create_task(clock.sleep(100.0))
        await clock.sleep(0.5)
        alarm = Alarm(clock, lambda: alarm.set(clock.now().monotonic + 1.0))
        before = loop.turns
        alarm.set(1.0)
        await sleeping
        assert loop.turns - before <= 100 + 3

    run_virtual(main)
