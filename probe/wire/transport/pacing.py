"""Politeness: a token bucket for each server address, so that retries and bursts stay within its rate."""

from probe.model.token_bucket import TokenBucket

BURST_SECONDS = 0.1
"""A tenth of a second's worth of questions may leave at once: a surprise's second question must not wait."""
_OWED = 1e-3
"""Of a token, that may be owed: an alarm set for the right moment can come a rounding error early."""


class ServerPace(TokenBucket):
    """The bucket of one server's address; one token is taken for each message sent.

    Attributes:
        own_rate: Questions a second that the plan allows this address, None when it goes by the general limit.
    """

    __slots__ = ("own_rate",)

    def __init__(self, per_second: float, now: float) -> None:
        super().__init__(1 / per_second, _burst(per_second), now, tolerance=_OWED)
        self.own_rate: float | None = None

    def change_rate(self, per_second: float, now: float) -> None:
        """Go on at another rate, without a burst for the change."""
        self.retune(1 / per_second, _burst(per_second), now, tolerance=_OWED)


def _burst(per_second: float) -> float:
    return max(1.0, per_second * BURST_SECONDS)
