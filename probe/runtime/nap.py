"""A wait on the Clock that can be cut short: whoever sleeps until something is due is woken when that changes.

A loop that looks every few milliseconds whether anything is due misses nothing, and wakes a machine that has nothing to
do. One that sleeps until the next thing that it knows of has to be told of what comes before that: `DueQueue` tells it
by itself (`earlier`), so that nothing that is put there can be forgotten.
"""

import asyncio

from probe.model.clock import Clock


class Nap:
    """The sleep of one task. Belongs to one event loop.

    Args:
        clock: Tells and awaits the time.
    """

    __slots__ = ("_clock", "_due", "_sleep")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due = 0.0
        self._sleep: asyncio.Task[None] | None = None

    async def until(self, due: float) -> None:
        """Sleep until the monotonic second `due`, or until `hurry` says that it is over."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # a coroutine runs in a task
        self._due = due
        left = due - self._clock.now().monotonic
        while True:
            self._sleep = asyncio.get_running_loop().create_task(self._clock.sleep(left))
            try:
                await self._sleep
            except asyncio.CancelledError:
                if task.cancelling():  # it is the task that is to end, and not its sleep
                    raise
            finally:
                self._sleep = None
            left = self._due - self._clock.now().monotonic
            if left <= 0.0:
                return

    def hurry(self, due: float) -> None:
        """Let it sleep no longer than until the monotonic second `due`. Nothing while it does not sleep."""
        if self._sleep is not None and due < self._due:
            self._due = due
            self._sleep.cancel()
