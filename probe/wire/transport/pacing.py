"""Politeness: a token bucket for each server address, so that retries and bursts stay within its rate."""

from probe.model.token_bucket import TokenBucket

BURST_SECONDS = 0.1
"""A tenth of a second's worth of questions may leave at once: a surprise's second question must not wait."""
LATENESS_SECONDS = 0.05
"""What grows while the loop is late for calm turns is saved as well. They leave at common moments a tenth of a second
apart (`probe.runtime.slots`): of those of a moment that is half of that late some would else wait, at the next
moment too, for tokens that grew meanwhile and could not be saved."""
RELEASE_SECONDS = 0.02
"""Seconds between two releases of questions that wait for their server's pace (`probe.wire.transport.send_queue`):
those of all servers leave together, or a hundred servers would have a wake-up each for every question. What grows
meanwhile is saved beside the burst, or a server of 20 questions a second would get 17, one every three releases."""
_OWED = 1e-3
"""Of a token, that may be owed: an alarm set for the right moment can come a rounding error early."""


class ServerPace(TokenBucket):
    """The bucket of one server's address; one token is taken for each message sent.

    Questions that yield to others take what is *spare*, which could not be saved any longer: so those that yield to
    none find all that can be, and what yields has the whole rest of the rate.

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
        """Take a token that could not be saved."""
        if max(self._spent_until, now - self._saved) + self._kept() + self._interval > now + self._tolerance:
            return False
        return self.take(now)

    def spare_due(self) -> float:
        """Tell at which second a spare token is there, right after `take_spare` found none."""
        return self.due() + self._kept()

    def _kept(self) -> float:
        return max(0.0, self._saved - RELEASE_SECONDS - self._interval)

    def change_rate(self, per_second: float, now: float) -> None:
        """Go on at another rate, without a burst for the change."""
        self.retune(1 / per_second, _burst(per_second), now, tolerance=_OWED)


def _burst(per_second: float) -> float:
    return max(1.0, per_second * (BURST_SECONDS + LATENESS_SECONDS)) + per_second * RELEASE_SECONDS
