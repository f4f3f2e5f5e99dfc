"""The one source of time. Everything that needs an instant or a pause takes a Clock."""

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


class Clock(Protocol):
    """Reads time and waits. The real one is `probe.runtime.clock`; tests and the lab have faster ones."""

    def now(self) -> Instant:
        """Tell the present moment."""

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` on the monotonic scale (not at all when it is 0 or less)."""
