"""The life of the process: in which order it starts, what ends it, and how.

Start: HTTP first. A port that is taken is found before anything is asked of anybody, and health can be seen while
servers are being found; readiness comes with the first pass. Then the loops, then the look at the plan file.

End: SIGTERM, SIGINT, a task that died, or the end of memory. First the loops (nothing new is asked), then the journal
and the sockets, and HTTP last, so that a last scrape still finds the last state. Every step has a bound, and a file
that hangs is not waited for (`probe.runtime.aside`); together they stay well within the 30 s that Kubernetes gives.
Exit status 0 after a signal, 1 after a death.
"""

import asyncio
import signal
from collections.abc import Callable
from typing import Any, Protocol

import structlog

from probe.model.clock import Clock
from probe.runtime.aside import AsideExecutor, last_work
from probe.runtime.engine import Engine
from probe.runtime.reload import Reloader
from probe.runtime.tasks import Tasks

TASKS_BOUND = 5.0
"""Seconds that loops and walks get to end; they end at their next turn."""
SOCKETS_BOUND = 2.0
"""Seconds for closing connections."""
RESERVE = 4 << 20
"""Bytes that are held back until memory ends: the last log lines and the journal's last entries need some. Those of a
domain or two are kilobytes; the C library gives blocks of this size back to the system at once."""
NO_ROOM_TO_RAISE = "without setting an exception"
"""What CPython's SystemError says where a MemoryError found no room to be made."""


class Service(Protocol):
    """Something that serves in a thread of its own: the web server."""

    def start(self) -> tuple[str, int]:
        """Begin; give the address and port."""

    def stop(self) -> None:
        """End, within a bound."""


class Closable(Protocol):
    """Something that holds sockets."""

    async def aclose(self) -> None:
        """Close them."""


class Keeper(Protocol):
    """Something that writes in a thread of its own: the journal."""

    def start(self) -> None:
        """Begin."""

    def close(self) -> None:
        """Write what is left and end, within a bound."""


class Heartbeat:
    """When the probing loop last showed that it runs. Beaten on the loop, read from any thread.

    Args:
        clock: The system's, also where the daemon runs on a faster one: how long a loop may be stuck is a real time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at = clock.now().monotonic

    def beat(self) -> None:
        """Show it."""
        self._at = self._clock.now().monotonic

    def age(self) -> float:
        """Tell how many seconds ago that was."""
        return max(0.0, self._clock.now().monotonic - self._at)


class Daemon:
    """One process' life.

    Args:
        engine: Started here; everything that it runs is in `tasks`.
        tasks: Ended here.
        querier, checker: Closed here.
        web: Started and stopped here.
        journal: Started and closed here; None when nothing is kept.
        reloader: Called on SIGHUP, and watches the plan file; None for a plan that has no file.
        started: Told the address and port once HTTP is served.
    """

    def __init__(  # noqa: PLR0913  # what lives and dies together
        self,
        *,
        engine: Engine,
        tasks: Tasks,
        querier: Closable,
        checker: Closable,
        web: Service,
        journal: Keeper | None = None,
        reloader: Reloader | None,
        started: Callable[[str, int], None] = lambda _host, _port: None,
    ) -> None:
        self._engine = engine
        self._tasks = tasks
        self._querier = querier
        self._checker = checker
        self._web = web
        self._journal = journal
        self._reloader = reloader
        self._started = started
        self._log = structlog.get_logger("probe.daemon")
        self._ending = asyncio.Event()
        self._out_of_memory = False
        self._reserve: bytearray | None = bytearray(RESERVE)
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(AsideExecutor())

    def end(self, why: str) -> None:
        """Ask for the end; `why` goes into the log. Asking twice is asking once."""
        if not self._ending.is_set():
            self._log.info("shutting down", why=why)
            self._ending.set()

    async def live(self) -> int:
        """Live until told to end, or until an eternal task dies.

        Returns:
            The exit status: 0 when it was told to end, 1 when something died.

        Raises:
            Exception: Whatever `web.start` raises when HTTP cannot be served; nothing runs then.
        """
        self._loop.set_exception_handler(self._unhandled)
        self._listen_to_signals()
        try:
            try:
                host, port = await asyncio.to_thread(self._web.start)
            except BaseException:
                await self._tasks.aclose(TASKS_BOUND)  # what was begun beforehand; the event loop's end is no death
                raise
            try:
                self._started(host, port)
                if self._journal is not None:
                    self._journal.start()
                self._engine.start()
                if self._reloader is not None:
                    self._tasks.eternal("reload", self._reloader.watch())
                return await self._until_the_end()
            finally:
                await self._close()
        finally:
            self._ignore_signals()

    async def _until_the_end(self) -> int:
        death = self._loop.create_task(self._tasks.wait_for_death(), name="death")
        told = self._loop.create_task(self._ending.wait(), name="end")
        try:
            await asyncio.wait((death, told), return_when=asyncio.FIRST_COMPLETED)
            if self._out_of_memory:
                return 1
            if not death.done():
                return 0
            self._log.critical("ending because a task died", task=death.result().name)
            return 1
        finally:
            death.cancel()
            told.cancel()

    async def _close(self) -> None:
        await self._tasks.aclose(TASKS_BOUND)
        if self._journal is not None:
            self._engine.keep()
            await last_work(self._journal.close)
        try:
            await asyncio.wait_for(asyncio.gather(self._querier.aclose(), self._checker.aclose()), SOCKETS_BOUND)
        except TimeoutError:
            self._log.warning("connections did not close in time", bound_seconds=SOCKETS_BOUND)
        await last_work(self._web.stop)
        self._log.info("ended")

    def _listen_to_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self.end, number.name)
        if self._reloader is not None:
            self._loop.add_signal_handler(signal.SIGHUP, self._hang_up, self._reloader)

    def _ignore_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            self._loop.remove_signal_handler(number)

    def _hang_up(self, reloader: Reloader) -> None:
        async def reload() -> None:
            await reloader.reload()

        self._tasks.passing("reload on SIGHUP", reload())

    def _unhandled(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Log exceptions that no task handles, in the daemon's own log format; the end of memory ends the process.

        A question whose answer could not be kept is evidence that is lost, and the next one would be lost as well: the
        supervisor starts it anew, and the journal has what was safe. Where not even the MemoryError found room, CPython
        says SystemError ("returned NULL without setting an exception").
        """
        error = context.get("exception")
        if isinstance(error, MemoryError) or (isinstance(error, SystemError) and NO_ROOM_TO_RAISE in str(error)):
            self._end_without_memory()
            return
        try:
            self._log.error(context.get("message", "something failed"), exc_info=error or False)
        except MemoryError:
            self._end_without_memory()

    def _end_without_memory(self) -> None:
        self._reserve = None
        if not self._out_of_memory:
            self._out_of_memory = True
            self._log.critical("memory has ended: ending, give the probe more")
        self._ending.set()
