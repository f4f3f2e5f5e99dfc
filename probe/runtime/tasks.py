"""Named tasks, none of which can be lost without a word (after kopf's `aiotasks.guard`).

Two kinds. An *eternal* task is not expected to end while the daemon lives: when it does, by an exception or by simply
returning, the daemon is told and ends with exit 1. It is not restarted in place: it died of something nobody foresaw,
its state is not to be trusted, and everything the daemon knows can be asked of the DNS again; starting afresh is the
supervisor's work (Kubernetes, systemd), which also counts and reports it. A *passing* task does one bounded piece of
work (one delegation walk): when it fails, that is logged with its name and its owner decides when to try again; only
where it failed for want of memory is that everybody's end.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

Work = Coroutine[Any, Any, None]


class TaskDiedError(Exception):
    """An eternal task ended. Its cause, when there is one, is `__cause__`.

    Args:
        name: The task's name, for the message.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"the task “{name}” ended, which it must not")
        self.name = name


class Tasks:
    """The tasks of one daemon. Use it on one event loop only."""

    def __init__(self) -> None:
        self._log = structlog.get_logger("probe.tasks")
        self._running: dict[asyncio.Task[None], str] = {}
        self._death: TaskDiedError | None = None
        self._died = asyncio.Event()
        self._closing = False

    def __len__(self) -> int:
        """Count the tasks that have not ended."""
        return len(self._running)

    def eternal(self, name: str, work: Work) -> None:
        """Start `work`, which must not end before `aclose`."""
        self._start(name, work, self._eternal_ended)

    def passing(self, name: str, work: Work) -> None:
        """Start `work`, which may end; its exception is logged. A MemoryError is the death of them all."""
        self._start(name, work, self._passing_ended)

    async def wait_for_death(self) -> TaskDiedError:
        """Wait until an eternal task has ended, and say which was the first."""
        await self._died.wait()
        assert self._death is not None  # noqa: S101  # set before the event, for the type checker
        return self._death

    async def aclose(self, bound: float) -> tuple[str, ...]:
        """Cancel everything, the youngest first, and wait up to `bound` seconds of the event loop's time.

        Returns:
            The names of tasks that would not end in time, sorted. They are left behind cancelled.
        """
        self._closing = True
        for task in reversed(self._running):
            task.cancel()
        if not self._running:
            return ()
        _, stuck = await asyncio.wait(tuple(self._running), timeout=bound)
        names = tuple(sorted(task.get_name() for task in stuck))
        if names:
            self._log.warning("tasks did not end in time", tasks=names, bound_seconds=bound)
        return names

    def _start(self, name: str, work: Work, ended: Callable[[asyncio.Task[None]], None]) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running[task] = name  # a strong reference: the event loop keeps only weak ones
        task.add_done_callback(ended)

    def _eternal_ended(self, task: asyncio.Task[None]) -> None:
        name = self._running.pop(task)
        error = None if task.cancelled() else task.exception()
        if self._closing and error is None:
            return
        self._log.critical("a task died", task=name, exc_info=error or False, cancelled=task.cancelled())
        if self._death is None:
            self._death = TaskDiedError(name)
            self._death.__cause__ = error
            self._died.set()

    def _passing_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and isinstance(task.exception(), MemoryError):
            self._eternal_ended(task)
            return
        name = self._running.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.error("a task failed", task=name, exc_info=error)
