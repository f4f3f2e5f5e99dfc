"""Taking over a changed plan file, or saying why not.

Three ways lead to one: SIGHUP, POST /-/reload, and a look at the file's content every few seconds. The content is
looked at, not events of the file system: a ConfigMap is swapped by a symlink two directories up (`..data`), which
inotify on the file does not see and which changes neither the file's name nor, always, its time stamp.

A new plan is taken over completely or not at all: what does not load leaves everything as it was.
"""

import asyncio
import concurrent.futures
import hashlib
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import structlog

from probe.config.document import MAX_BYTES
from probe.config.mistakes import PlanError
from probe.model.clock import Clock
from probe.model.plan import Plan
from probe.model.snapshot import ReloadStatus
from probe.runtime.aside import BoundedRead, HangingError

POLL_INTERVAL = 5.0
"""Seconds between two looks at the file: the kubelet itself needs up to a minute to bring a changed ConfigMap."""
NO_FILE = "no file"
"""What `content_hash` gives of a pipe or a device."""
HANGS = "hangs"
"""What a look gives at a file that cannot be read to its end."""
LOOK_BOUND = 20.0
"""Seconds for reading a file of at most a MiB, which takes milliseconds: beyond this its volume hangs. A request, which
waits for `REQUEST_BOUND`, is told so."""
LOAD_BOUND = 300.0
"""Seconds for loading a plan. One of 10,000 domains takes 1.4 s of CPU (docs/benchmarks.md), of which a starved process
may have a hundredth: what is only slow is not to be called hanging."""
REQUEST_BOUND = 30.0
"""Seconds that a request waits for its reload: well beyond reading and judging a plan of 10,000 domains."""


class Reloader:
    """Loads the plan file anew and hands a good plan to `apply`.

    Args:
        path: The plan file.
        plan: The plan in force, loaded from `path` by the caller.
        load: Reads the file; raises PlanError with every mistake in it.
        apply: Takes a plan over, on the event loop, beside what else it does and without failing half way.
        tell: Told on the event loop how every attempt went.
        clock: Paces the looks at the file and stamps the outcome.
    """

    def __init__(  # noqa: PLR0913  # the plan's place, its loader, and the two ends it is handed to
        self,
        path: Path,
        plan: Plan,
        *,
        load: Callable[[Path], Plan],
        apply: Callable[[Plan], Awaitable[None]],
        tell: Callable[[ReloadStatus], None],
        clock: Clock,
    ) -> None:
        self._path = path
        self._plan = plan
        self._load = load
        self._apply = apply
        self._tell = tell
        self._clock = clock
        self._log = structlog.get_logger("probe.reload")
        self._lock = asyncio.Lock()
        self._read = BoundedRead()
        self._loop = asyncio.get_running_loop()
        self._seen = plan.digest  # and not the file's now: it may have changed since the plan was loaded
        self._status = ReloadStatus(successful=True, at=clock.now())

    def status(self) -> ReloadStatus:
        """Tell how the newest attempt went. Callable from any thread."""
        return self._status

    def request(self) -> ReloadStatus:
        """Reload and wait for the outcome (the `Reload` port). For any thread but the event loop's own.

        The wait is bounded; a reload that is still going on then is reported as not successful yet, and goes on.
        """
        future = asyncio.run_coroutine_threadsafe(self.reload(), self._loop)
        try:
            return future.result(timeout=REQUEST_BOUND)
        except concurrent.futures.TimeoutError:
            error = f"the plan was still being loaded after {REQUEST_BOUND:.0f} s; its outcome will be logged"
            return ReloadStatus(successful=False, at=self._status.at, error=error)
        except concurrent.futures.CancelledError:
            return ReloadStatus(successful=False, at=self._status.at, error="the daemon is shutting down")

    async def reload(self) -> ReloadStatus:
        """Load the file and take the plan over if all of it is good. Attempts that meet wait for each other."""
        async with self._lock:
            # In a thread: a plan of 10,000 domains takes seconds to parse, and probing must not wait for it.
            self._seen = await self._look()
            if self._seen == NO_FILE:
                return self._refuse(no_file(self._path))
            if self._seen == HANGS:
                return self._refuse(hanging(self._path, LOOK_BOUND))
            try:
                plan = await self._read(partial(self._load, self._path), LOAD_BOUND)
            except (PlanError, OSError) as error:
                return self._refuse(str(error))
            except HangingError:
                self._seen = HANGS  # so that it is loaded when it can be read
                return self._refuse(hanging(self._path, LOAD_BOUND))
            if plan.listen != self._plan.listen:
                self._log.warning(
                    "the address of the HTTP server cannot change while it runs: restart to listen on the new one",
                    in_use=f"{self._plan.listen.address}:{self._plan.listen.port}",
                    new=f"{plan.listen.address}:{plan.listen.port}",
                )
            if plan.state != self._plan.state:
                self._log.warning(
                    "what is kept over a restart cannot change while it runs: restart to keep it otherwise"
                )
            try:
                await self._apply(plan)
            except Exception as error:  # noqa: BLE001  # whatever it is, the plan in force must stay and be said to
                self._log.exception("the plan could not be taken over", file=str(self._path))
                return self._refuse(f"the plan could not be taken over: {error}")
            self._plan = plan
            self._status = ReloadStatus(successful=True, at=self._clock.now())
            self._tell(self._status)
            self._log.info("plan loaded", file=str(self._path), domains=len(plan.domains), digest=plan.digest)
            return self._status

    async def watch(self) -> None:
        """Look at the file again and again, and reload when its content is other than at the newest attempt."""
        while True:
            await self._clock.sleep(POLL_INTERVAL)
            async with self._lock:
                content = await self._look()
                if content == HANGS != self._seen:
                    self._seen = HANGS
                    self._refuse(hanging(self._path, LOOK_BOUND))
            if content != self._seen:
                self._log.info("the plan file changed", file=str(self._path))
                await self.reload()

    async def _look(self) -> str:
        try:
            return await self._read(partial(content_hash, self._path), LOOK_BOUND)
        except HangingError:
            return HANGS
        except OSError as error:
            return _unreadable(error)

    def _refuse(self, error: str) -> ReloadStatus:
        self._status = ReloadStatus(successful=False, at=self._status.at, error=error)
        self._tell(self._status)
        self._log.error("the plan was not loaded: the one in force stays", file=str(self._path), error=error)
        return self._status


def no_file(path: Path) -> str:
    """Say that there is a pipe or a device in a file's place: nobody may ever write into it, and who reads it waits."""
    return f"{path} is no file, or leads to none: put the file there"


def hanging(path: Path, bound: float) -> str:
    """Say that a file does not come within `bound` seconds: silence would be taken for an unchanged plan."""
    return f"{path} could not be read within {bound:g} s: its volume does not answer. It is read once that does"


def content_hash(path: Path) -> str:
    """Hash the file's content as `Plan.digest` does.

    A file that cannot be read has a value of its own, so that its return is noticed, and so has what is none. What lies
    beyond the size of a plan is not looked at: such a file is refused whatever it holds, and it may be larger than
    memory.
    """
    try:
        if not path.is_dir() and path.exists() and not path.is_file():
            return NO_FILE
        with path.open("rb") as file:
            return hashlib.sha256(file.read(MAX_BYTES + 1)).hexdigest()
    except OSError as error:
        return _unreadable(error)


def _unreadable(error: OSError) -> str:
    return f"unreadable: {error.strerror}"
