"""How much of something is allowed in a time: the token bucket. Pure; the time is handed in.

A bucket is one number, the second until which everything is spent. It never lies further back than what may be saved;
each token moves it on by the time in which one grows, and what would move it past now has to wait (in queueing, the
generic cell rate algorithm, ITU-T I.371). So a bucket that is not looked at costs nothing, and what it holds, owes and
will hold again follows by subtraction.
"""

from typing import NamedTuple


class TokenRate(NamedTuple):
    """What a bucket allows.

    Attributes:
        interval: Seconds in which one token grows.
        burst: Tokens that may be saved.
    """

    interval: float
    burst: float

    def full(self, now: float) -> float:
        """Give the second until which a bucket is spent that is full at second `now`."""
        return now - self.burst * self.interval

    def spent(self, spent_until: float, tokens: float, now: float) -> float | None:
        """Take tokens from a bucket that is a value; None when it does not hold as many.

        Args:
            spent_until: The bucket.
            tokens: How many.
            now: Seconds on the scale of `spent_until`.

        Returns:
            The bucket afterwards.
        """
        after = max(spent_until, now - self.burst * self.interval) + tokens * self.interval
        return after if after <= now else None

    def held(self, spent_until: float, now: float) -> float:
        """Tell how many tokens a bucket holds at the monotonic second `now`; below 0 what it owes."""
        return min(self.burst, (now - spent_until) / self.interval)


class TokenBucket:
    """A bucket that is looked at often and belongs to one owner: it changes in place.

    Args:
        interval: Seconds in which one token grows.
        burst: Tokens that may be saved.
        now: When it is full, in seconds on a scale that never steps; without it, from the beginning of time.
        tolerance: The part of a token that may be owed: an alarm set for the right moment can come a rounding error
            early.
    """

    __slots__ = ("_interval", "_saved", "_spent_until", "_tolerance")

    def __init__(self, interval: float, burst: float, now: float = float("-inf"), *, tolerance: float = 0.0) -> None:
        self._interval = interval
        self._saved = burst * interval
        self._tolerance = tolerance * interval
        self._spent_until = now - self._saved

    def take(self, now: float) -> bool:
        """Take a token if there is one."""
        after = max(self._spent_until, now - self._saved) + self._interval
        if after > now + self._tolerance:
            return False
        self._spent_until = after
        return True

    def wait(self, now: float) -> float:
        """Tell in how many seconds the next token is there; 0 when one is."""
        return max(0.0, max(self._spent_until, now - self._saved) + self._interval - now)

    def take_or_wait(self, now: float) -> float:
        """Take a token if there is one and give 0, else the seconds after which the next one is there."""
        return 0.0 if self.take(now) else self.wait(now)

    def due(self) -> float:
        """Tell at which second the next token is there, right after `take` found none."""
        return self._spent_until + self._interval

    def debt(self, now: float) -> float:
        """Tell for how many seconds what was taken in advance goes on being made good; below 0 what is saved."""
        return max(self._spent_until, now - self._saved) - now

    def debit(self, tokens: float, now: float) -> None:
        """Take tokens whether they are there or not: what is missing is owed."""
        self._spent_until = max(self._spent_until, now - self._saved) + tokens * self._interval

    def give_back(self) -> None:
        """Return a token that was not used."""
        self._spent_until -= self._interval

    def retune(self, interval: float, burst: float, now: float, *, tolerance: float = 0.0) -> None:
        """Go on at another rate with the tokens that there are, and without a burst for the change."""
        tokens = min(-self.debt(now) / self._interval, burst)
        self._interval = interval
        self._saved = burst * interval
        self._tolerance = tolerance * interval
        self._spent_until = now - tokens * interval
