"""The system's clock: the only place that reads it and the only one that waits on it."""

import asyncio
import time

from probe.model.clock import Instant


class SystemClock:
    """The real `probe.model.clock.Clock`. Holds nothing; every instance is the same clock; safe in any thread."""

    def now(self) -> Instant:
        """Tell the present moment on both scales."""
        # This is the one reader of both scales, which everybody else is handed. It is called three times for each
        # answer: the plain tuple's constructor costs a third of the named one's.
        return tuple.__new__(Instant, (time.time(), time.monotonic()))  # noqa: TID251

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` on the monotonic scale; at 0 or less only let other tasks have their turn."""
        await asyncio.sleep(max(seconds, 0.0))  # noqa: TID251  # everybody else waits on a Clock: this one
