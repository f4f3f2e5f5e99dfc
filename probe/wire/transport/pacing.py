"""Politeness: a token bucket for each server address, so that retries and bursts stay within its rate."""

BURST_SECONDS = 0.1
"""A tenth of a second's worth of questions may leave at once: a surprise's second question must not wait."""
_ROUNDING = 1e-3
"""Of a token, that may be owed: an alarm set for the right moment can come a rounding error early."""


class Bucket:
    """Tokens that grow with time; one is taken for each message sent.

    Attributes:
        own_rate: Questions a second that the plan allows this address, None when it goes by the general limit.
    """

    __slots__ = ("_at", "_burst", "_rate", "_tokens", "own_rate")

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._burst = max(1.0, rate * BURST_SECONDS)
        self._tokens = self._burst
        self._at = now
        self.own_rate: float | None = None

    def take(self, now: float) -> bool:
        """Take a token if there is one."""
        tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if tokens < 1.0 - _ROUNDING:
            self._tokens = tokens
            return False
        self._tokens = tokens - 1.0
        return True

    def give_back(self) -> None:
        """Return a token whose message could not be sent."""
        self._tokens = min(self._burst, self._tokens + 1.0)

    def due(self) -> float:
        """Tell when the next token will be there (monotonic seconds), right after `take` found none."""
        return self._at + (1.0 - self._tokens) / self._rate

    def retune(self, rate: float, now: float) -> None:
        """Go on at another rate, without a burst for the change."""
        self._tokens = min(self._tokens + (now - self._at) * self._rate, max(1.0, rate * BURST_SECONDS))
        self._at = now
        self._rate = rate
        self._burst = max(1.0, rate * BURST_SECONDS)
