import asyncio
import gc
import subprocess
import sys
import weakref

import pytest

from probe.model.clock import Instant
from probe.runtime.interpreter import collect_garbage
from tests.clock import LoopClock, run_virtual
from tests.patience import HANG

COLLECT_EVERY, COLLECT_SHARE, COLLECT_WITHIN, NEVER, YOUNG = 3600.0, 1e-5, 86_400.0, 1_000_000, 200_000
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


_TUNED = """
import gc, sys
from probe.runtime.interpreter import tune
tune()
print(*gc.get_threshold(), gc.get_freeze_count() > 1000, sys.getswitchinterval())
"""


class Cyclic:
    def __init__(self) -> None:
        self.itself = self


def test_a_tuned_process_collects_little_by_itself_and_switches_threads_soon() -> None:
    done = subprocess.run([sys.executable, "-c", _TUNED], capture_output=True, text=True, check=True, timeout=HANG)
    assert done.stdout.split() == [str(YOUNG), str(NEVER), str(NEVER), "True", "0.001"]


def test_cycles_are_freed_once_in_a_while() -> None:
    async def main(clock: LoopClock) -> None:
        gc.disable()
        try:
            left = weakref.ref(Cyclic())
            task = asyncio.get_running_loop().create_task(collect_garbage(clock))
            await clock.sleep(COLLECT_EVERY / 2)
            assert left() is not None
            await clock.sleep(COLLECT_EVERY)
            assert left() is None
            task.cancel()
        finally:
            gc.enable()

    run_virtual(main)


class _EnoughError(Exception):
    pass


class _Slow:
    """A clock by which a collection takes its time, and which tells how long was waited before each."""

    def __init__(self, takes: float) -> None:
        self.at = 0.0
        self.takes = takes
        self.waited: list[float] = []

    def now(self) -> Instant:
        return Instant(self.at, self.at)

    async def sleep(self, seconds: float) -> None:
        if len(self.waited) == 3:
            raise _EnoughError
        self.waited.append(seconds)

    def collect(self) -> None:
        self.at += self.takes


@pytest.mark.parametrize(("takes", "pause"), [(0.01, COLLECT_EVERY), (0.06, 6_000.0), (0.6, 60_000.0)])
def test_collections_are_as_seldom_as_they_are_long(takes: float, pause: float) -> None:
    """0.6 s with 10,000 domains: hourly it would be a ten-thousandth of the time in which no question leaves."""
    clock = _Slow(takes)
    with pytest.raises(_EnoughError):
        asyncio.run(collect_garbage(clock, clock.collect))
    assert clock.waited == pytest.approx([COLLECT_EVERY, pause, pause])
    assert takes / clock.waited[-1] <= COLLECT_SHARE * (1 + 1e-9)


def test_a_collection_that_was_stopped_in_the_middle_does_not_put_the_next_off_for_ever() -> None:
    clock = _Slow(600.0)
    with pytest.raises(_EnoughError):
        asyncio.run(collect_garbage(clock, clock.collect))
    assert clock.waited == pytest.approx([COLLECT_EVERY, COLLECT_WITHIN, COLLECT_WITHIN])
