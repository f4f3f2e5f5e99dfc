"""Lab time: the same world, faster."""

from collections.abc import Callable

from probe.model.clock import AlarmClock, Instant, Wakeup


class ScaledClock:
    """Runs `speed` times as fast as the clock below it, from the moment at which it is made.

    Args:
        base: The clock that really waits.
        speed: Lab seconds per base second, above 0.

    Raises:
        ValueError: `speed` is not above 0.
    """

    def __init__(self, base: AlarmClock, speed: float) -> None:
        if not speed > 0:
            raise ValueError(f"lab time cannot run at speed {speed}: it has to be above 0")
        self._base = base
        self._start = base.now()
        self._speed = speed

    def now(self) -> Instant:
        """Tell the present moment of the lab; both scales run faster."""
        now = self._base.now()
        return Instant(
            self._start.wall + (now.wall - self._start.wall) * self._speed,
            self._start.monotonic + (now.monotonic - self._start.monotonic) * self._speed,
        )

    async def sleep(self, seconds: float) -> None:
        """Wait for lab seconds."""
        await self._base.sleep(seconds / self._speed)

    def call_later(self, seconds: float, ring: Callable[[], None]) -> Wakeup:
        """Have `ring` called after lab seconds."""
        return self._base.call_later(seconds / self._speed, ring)
