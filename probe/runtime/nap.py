"""A wait on the Clock that can be cut short: whoever sleeps until something is due is woken when that changes.

A loop that looks every few milliseconds whether anything is due misses nothing, and wakes a machine that has nothing to
do. One that sleeps until the next thing that it knows of has to be told of what comes before that: `DueQueue` tells it
by itself (`earlier`), so that nothing that is put there can be forgotten.
"""

import asyncio

from probe.model.clock import AlarmClock, Wakeup


class Nap:
    """The sleep of one task. Belongs to one event loop.

    Args:
        clock: Tells and awaits the time.
    """

    __slots__ = ("_clock", "_due", "_over", "_wakeup")

    def __init__(self, clock: AlarmClock) -> None:
        self._clock = clock
        self._due = 0.0
        self._over: asyncio.Future[None] | None = None
        self._wakeup: Wakeup | None = None

    async def until(self, due: float) -> None:
        """Sleep until the monotonic second `due`, or until `hurry` says that it is over."""
        self._due = due
        self._over = asyncio.get_running_loop().create_future()
        self._set()
        try:
            await self._over
        finally:
            self._clear()
            self._over = None

    def hurry(self, due: float) -> None:
        """Let it sleep no longer than until the monotonic second `due`. Nothing while it does not sleep."""
        if self._over is not None and due < self._due:
            self._due = due
            self._clear()
            self._set()

    def _set(self) -> None:
        self._wakeup = self._clock.call_later(self._due - self._clock.now().monotonic, self._ring)

    def _clear(self) -> None:
        if self._wakeup is not None:
            self._wakeup.cancel()
            self._wakeup = None

    def _ring(self) -> None:
        self._wakeup = None
        if self._clock.now().monotonic < self._due:  # an event loop's timer may come a little early
            self._set()
        elif self._over is not None and not self._over.done():
            self._over.set_result(None)
