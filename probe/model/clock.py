"""The one source of time. Everything that needs an instant or a pause takes a Clock."""

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import NamedTuple, Protocol

MINUTE, HOUR, DAY = 60, 3_600, 86_400
"""Seconds."""


class Instant(NamedTuple):
    """One moment on both scales.

    `wall` is seconds since the Unix epoch: for people, journals and metrics. `monotonic` is seconds on a scale
    that never steps: the only one that durations may be computed from (an NTP step moves `wall`).
    """

    wall: float
    monotonic: float

    def after(self, seconds: float) -> "Instant":
        """Give the moment that is `seconds` later."""
        return Instant(self.wall + seconds, self.monotonic + seconds)


_on_the_scale = attrgetter("monotonic")


def latest(moments: Iterable[Instant | None]) -> Instant | None:
    """Give the last of some moments; None where there is none."""
    return max((at for at in moments if at is not None), key=_on_the_scale, default=None)


def earliest(moments: Iterable[Instant | None]) -> Instant | None:
    """Give the first of some moments; None where there is none."""
    return min((at for at in moments if at is not None), key=_on_the_scale, default=None)


class Wakeup(Protocol):
    """A call that is still to come."""

    def cancel(self) -> object:
        """Let it not come; nothing when it has."""


class Clock(Protocol):
    """Reads time and waits. The real one is `probe.runtime.clock`; tests and the lab have faster ones."""

    def now(self) -> Instant:
        """Tell the present moment."""

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` on the monotonic scale (not at all when it is 0 or less)."""


class AlarmClock(Clock, Protocol):
    """One that also calls. For what waits over and over: a task that sleeps takes two turns of the event loop more."""

    def call_later(self, seconds: float, ring: Callable[[], None]) -> Wakeup:
        """Have `ring` called after `seconds` (soon when it is 0 or less), on the running event loop."""
