"""Politeness: a token bucket for each server address, so that retries and bursts stay within its rate."""

from probe.model.token_bucket import TokenBucket

BURST_SECONDS = 0.1
"""A tenth of a second's worth of questions may leave at once: a surprise's second question must not wait."""
RELEASE_SECONDS = 0.02
"""Seconds between two releases of questions that wait for their server's pace (`probe.wire.transport.send_queue`):
those of all servers leave together, or a hundred servers would have a wake-up each for every question. What grows
meanwhile is saved beside the burst, or a server of 20 questions a second would get 17, one every three releases."""
_OWED = 1e-3
"""Of a token, that may be owed: an alarm set for the right moment can come a rounding error early."""


class ServerPace(TokenBucket):
    """The bucket of one server's address; one token is taken for each message sent.

    Questions that yield to others take what is *spare*: they leave a saved token, if the rate lets one be saved, so
    that a question that yields to none does not wait for the next.

    Args:
        per_second: Messages that may be sent to it in a second.
        now: The present, in monotonic seconds.

    Attributes:
        own_rate: Questions a second that the plan allows this address, None when it goes by the general limit.
    """

    __slots__ = ("own_rate",)

    def __init__(self, per_second: float, now: float) -> None:
        super().__init__(1 / per_second, _burst(per_second), now, tolerance=_OWED)
        self.own_rate: float | None = None

    def take_spare(self, now: float) -> bool:
        """Take a token if another one is left, or could not be saved."""
        if max(self._spent_until, now - self._saved) + self._kept() + self._interval > now + self._tolerance:
            return False
        return self.take(now)

    def spare_due(self) -> float:
        """Tell at which second a spare token is there, right after `take_spare` found none."""
        return self.due() + self._kept()

    def _kept(self) -> float:
        return max(0.0, min(self._interval, self._saved - RELEASE_SECONDS - self._interval))

    def change_rate(self, per_second: float, now: float) -> None:
        """Go on at another rate, without a burst for the change."""
        self.retune(1 / per_second, _burst(per_second), now, tolerance=_OWED)


def _burst(per_second: float) -> float:
    return max(1.0, per_second * BURST_SECONDS) + per_second * RELEASE_SECONDS
