"""The system's clock: the only place that reads it and the only one that waits on it."""

import asyncio
import time

from probe.model.clock import Instant


class SystemClock:
    """The real `probe.model.clock.Clock`. Holds nothing; every instance is the same clock; safe in any thread."""

    def now(self) -> Instant:
        """Tell the present moment on both scales."""
        return Instant(
            time.time(),  # noqa: TID251  # this is the one reader of the wall that everybody else is handed
            time.monotonic(),  # noqa: TID251  # likewise of the scale that never steps
        )

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` on the monotonic scale; at 0 or less only let other tasks have their turn."""
        await asyncio.sleep(max(seconds, 0.0))  # noqa: TID251  # everybody else waits on a Clock: this one
