"""Time for tests: it passes when nothing else can happen, as fast as the machine allows, and always the same way."""

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

from probe.model.clock import Instant, Wakeup

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

WALL_AT_ZERO = 1_800_000_000.0
"""Wall time of a virtual clock's beginning: 2027-01-15, so that a mixed-up scale shows at once."""


_LOST_AFTER = 1.0
"""Real seconds after which an answer that the real world owes is lost: virtual time passes then."""


class FakeClock:
    """A clock that a test moves by hand; nothing can wait on it. For code that only reads time."""

    def __init__(self, monotonic: float = 0.0) -> None:
        self.monotonic = monotonic

    def now(self) -> Instant:
        return Instant(WALL_AT_ZERO + self.monotonic, self.monotonic)

    def advance(self, seconds: float) -> None:
        self.monotonic += seconds

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"a clock moved by hand cannot wait {seconds} s: use run_virtual() and LoopClock")

    def call_later(self, seconds: float, ring: Callable[[], None]) -> Wakeup:
        del ring
        raise AssertionError(f"a clock moved by hand calls nobody after {seconds} s: use run_virtual() and LoopClock")


class _VirtualSelector(selectors.DefaultSelector):
    """Never blocks: when no file is ready, the time that would have been waited passes at once.

    Except while work goes on in threads, or the real world owes an answer: that takes real time. Virtual time stands
    still meanwhile, or passes as fast as the real one if `keeps_pace`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.elapsed = 0.0
        self.waits = 0
        self.turns = 0
        self.threads = 0
        self.owed: Callable[[], bool] = lambda: False
        self.keeps_pace = False

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.turns += 1
        waits = timeout != 0 and self.owed()
        if waits and self.keeps_pace:
            began = time.perf_counter()
            ready = super().select(timeout)
            waited = time.perf_counter() - began
            self.elapsed += waited if ready or timeout is None else timeout
            self.waits += not ready
            return ready
        ready = super().select(_LOST_AFTER if waits else 0)
        if ready or timeout == 0:
            return ready
        if timeout is None or self.threads:  # only a thread or a socket of the real world can go on
            return super().select(None)
        self.elapsed += timeout
        self.waits += 1
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is virtual: waiting costs nothing, and the order of events is determined."""

    def __init__(self) -> None:
        self._virtual = _VirtualSelector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.elapsed

    @property
    def waits(self) -> int:
        """How often time has passed: so often would a machine have been woken up by its clock."""
        return self._virtual.waits

    @property
    def turns(self) -> int:
        """How many turns the loop has taken: each costs a system call and a look at what is ready."""
        return self._virtual.turns

    def wait_for(self, owed: Callable[[], bool], *, keeping_pace: bool = False) -> None:
        """Let time stand still while `owed` tells that somebody of the real world is to answer: a server's socket.

        Or let it keep pace with the real one, so that what an answer takes, and what is waited meanwhile, counts.
        """
        self._virtual.owed = owed
        self._virtual.keeps_pace = keeping_pace

    def stand_still(self, seconds: float) -> None:
        """Let time pass in which nothing runs, as it does for a stopped process: what was due is late afterwards."""
        self._virtual.elapsed += seconds

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        future = super().run_in_executor(executor, func, *args)
        self._virtual.threads += 1
        future.add_done_callback(self._thread_ended)
        return future

    def _thread_ended(self, _: asyncio.Future[Any]) -> None:
        self._virtual.threads -= 1


class LoopClock:
    """The Clock that reads and waits on an event loop's time; virtual under `run_virtual`. Any thread may read it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def now(self) -> Instant:
        elapsed = self._loop.time()
        return Instant(WALL_AT_ZERO + elapsed, elapsed)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0.0))  # noqa: TID251  # virtual time passes here

    def call_later(self, seconds: float, ring: Callable[[], None]) -> asyncio.TimerHandle:
        return self._loop.call_later(max(seconds, 0.0), ring)


def run_virtual(main: Callable[[LoopClock], Coroutine[Any, Any, T]]) -> T:
    """Run `main(clock)` to its end in virtual time, as `asyncio.run` does in real time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main(LoopClock(runner.get_loop())))
