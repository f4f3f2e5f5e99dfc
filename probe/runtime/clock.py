"""The system's clock: the only place that reads it and the only one that waits on it."""

import asyncio
import time
from collections.abc import Callable

from probe.model.clock import Instant


class SystemClock:
    """The real `probe.model.clock.Clock`; safe in any thread.

    Args:
        ahead: Seconds by which its monotonic scale is ahead of the system's, which begins anew with every boot.
    """

    __slots__ = ("_ahead",)

    def __init__(self, ahead: float = 0.0) -> None:
        self._ahead = ahead

    @classmethod
    def after(cls, last: Instant) -> "SystemClock":
        """Make a clock whose monotonic scale goes on from an earlier process' last moment.

        The time between is what the wall clock says of it, and none where that was set back since.
        """
        now = cls().now()
        return cls(last.monotonic + max(0.0, now.wall - last.wall) - now.monotonic)

    def now(self) -> Instant:
        """Tell the present moment on both scales."""
        # This is the one reader of both scales, which everybody else is handed. It is called three times for each
        # answer: the plain tuple's constructor costs a third of the named one's.
        return tuple.__new__(Instant, (time.time(), time.monotonic() + self._ahead))  # noqa: TID251

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` on the monotonic scale; at 0 or less only let other tasks have their turn."""
        await asyncio.sleep(max(seconds, 0.0))  # noqa: TID251  # everybody else waits on a Clock: this one

    def call_later(self, seconds: float, ring: Callable[[], None]) -> asyncio.TimerHandle:
        """Have `ring` called after `seconds` on the monotonic scale, on the running event loop."""
        return asyncio.get_running_loop().call_later(max(seconds, 0.0), ring)
