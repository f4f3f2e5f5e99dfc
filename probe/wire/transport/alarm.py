"""One pending wake-up on the Clock, instead of a timer for each question."""

import math
from collections.abc import Callable

from probe.model.clock import AlarmClock, Wakeup

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

    __slots__ = ("_clock", "_due", "_ring", "_wakeup", "armed")

    def __init__(self, clock: AlarmClock, ring: Callable[[], None]) -> None:
        self._clock = clock
        self._ring = ring
        self._due = math.inf
        self.armed = False
        self._wakeup: Wakeup | None = None

    def set(self, due: float) -> None:
        """Ring at `due` (monotonic seconds), unless it rings before that anyway."""
        if due >= self._due:
            return
        self.clear()
        self._due = due
        self.armed = True
        self._wakeup = self._clock.call_later(max(due - self._clock.now().monotonic, _GRAIN), self._wake)

    def clear(self) -> None:
        """Do not ring."""
        if self._wakeup is not None:
            self._wakeup.cancel()
            self._wakeup = None
        self._due = math.inf
        self.armed = False

    def _wake(self) -> None:
        self._wakeup = None
        self._due = math.inf
        self.armed = False
        self._ring()
