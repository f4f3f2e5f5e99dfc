import asyncio
import gc
import subprocess
import sys
import weakref

from probe.runtime.interpreter import collect_garbage
from tests.clock import LoopClock, run_virtual
from tests.patience import HANG

COLLECT_EVERY, NEVER, YOUNG = 3600.0, 1_000_000, 10_000
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
