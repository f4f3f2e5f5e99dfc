"""Reading files beside the loop, where a volume may hang (NFS, FUSE): for ever, and in a system call that nothing ends.

The thread of such a read is lost until its volume answers. So that no more is lost with it, each piece of work has a
thread of its own, of which there is one at a time for each reader (`BoundedRead`), and the process' end waits for none
of them (`AsideExecutor`): the threads of asyncio's own executor are joined when the interpreter ends, so that SIGTERM
would be without effect while one hangs, and a handful of them is all that there are.
"""

import asyncio
import errno
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class HangingError(Exception):
    """What was to be read does not come, and nobody waits for it any longer."""


class NoThreadError(OSError):
    """The system gives no more threads, or has no memory for one: a failure of an edge, as one to read a file is."""

    def __init__(self) -> None:
        super().__init__(errno.EAGAIN, "the system gives no more threads")


class AsideExecutor(ThreadPoolExecutor):
    """Does each piece of work in a thread of its own, which nobody waits for at the end.

    It is a `ThreadPoolExecutor` in name only, because event loops take no other one as their default.
    """

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Begin at once.

        Raises:
            NoThreadError: There is no thread for it.
        """
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = fn(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001  # it is whose who waits for the future, whatever it is
                future.set_exception(error)
            else:
                future.set_result(result)

        try:
            threading.Thread(target=run, name="aside", daemon=True).start()
        except RuntimeError as error:
            raise NoThreadError from error
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  # as its base has it
        """Wait for nothing."""
        del wait, cancel_futures


async def last_work(work: Callable[[], object]) -> None:
    """Do in a thread what ends a process, or here where no thread is given: nothing else waits for its turn by then."""
    try:
        await asyncio.to_thread(work)
    except NoThreadError:
        work()


class BoundedRead:
    """Reads in a thread, one at a time, and waits no longer than a bound. Belongs to one event loop."""

    def __init__(self) -> None:
        self._left: asyncio.Future[Any] | None = None

    async def __call__(self, work: Callable[[], T], bound: float) -> T:
        """Give what `work` gives; what a read that hung gives after all is dropped, because it is of then.

        Args:
            work: What may hang.
            bound: Seconds, on the event loop's time, for it, and before that for the one that hung.

        Raises:
            HangingError: It, or the one before it, is not over within the bound.
            NoThreadError: There is no thread for it.
            Exception: Whatever `work` raises.
        """
        if self._left is not None:
            await self._wait(self._left, bound)
            self._left = None
        reading = asyncio.get_running_loop().run_in_executor(None, work)
        self._left = reading
        await self._wait(reading, bound)
        self._left = None
        return reading.result()

    @staticmethod
    async def _wait(reading: "asyncio.Future[Any]", bound: float) -> None:
        done, _ = await asyncio.wait((reading,), timeout=bound)
        if not done:
            raise HangingError
        reading.exception()  # told by whoever asked for it, or by nobody any more
