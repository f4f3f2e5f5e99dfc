"""One pending wake-up on the Clock, instead of a timer for each question."""

import asyncio
import math
from collections.abc import Callable

from probe.model.clock import Clock

_GRAIN = 0.005
"""Seconds between two wake-ups at least: what falls due in between is done together."""


class Alarm:
    """Calls `ring` once when the earliest of the set times has come.

    Args:
        clock: Tells and awaits the time.
        ring: Is called on the event loop.

    Attributes:
        armed: Whether it will ring.
    """

    __slots__ = ("_clock", "_due", "_ring", "_task", "armed")

    def __init__(self, clock: Clock, ring: Callable[[], None]) -> None:
        self._clock = clock
        self._ring = ring
        self._due = math.inf
        self.armed = False
        self._task: asyncio.Task[None] | None = None

    def set(self, due: float) -> None:
        """Ring at `due` (monotonic seconds), unless it rings before that anyway."""
        if due >= self._due:
            return
        self.clear()
        self._due = due
        self.armed = True
        self._task = asyncio.get_running_loop().create_task(self._wait(due))

    def clear(self) -> None:
        """Do not ring."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._due = math.inf
        self.armed = False

    async def _wait(self, due: float) -> None:
        await self._clock.sleep(max(due - self._clock.now().monotonic, _GRAIN))
        self._task = None
        self._due = math.inf
        self.armed = False
        self._ring()
