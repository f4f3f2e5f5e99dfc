"""How much of something is allowed in a time: token buckets. Pure; the time is handed in."""

from collections import OrderedDict
from collections.abc import Hashable


class Bucket:
    """Lets through one each `interval` seconds, and up to `burst` at once after a pause."""

    __slots__ = ("_burst", "_interval", "_spent_until")

    def __init__(self, interval: float, burst: int) -> None:
        self._interval = interval
        self._burst = burst
        self._spent_until = float("-inf")

    def take(self, now: float) -> float:
        """Take one.

        Args:
            now: Seconds on a scale that never steps.

        Returns:
            0 when it is let through, else the seconds after which the next one will be.
        """
        spent_until = max(self._spent_until, now - self._burst * self._interval) + self._interval
        if spent_until > now:
            return spent_until - now
        self._spent_until = spent_until
        return 0.0


class Buckets:
    """A bucket for each key, of the `most` keys that were seen last: a stranger cannot fill the memory."""

    def __init__(self, interval: float, burst: int, most: int) -> None:
        self._interval = interval
        self._burst = burst
        self._most = most
        self._buckets: OrderedDict[Hashable, Bucket] = OrderedDict()

    def take(self, key: Hashable, now: float) -> float:
        """Take one from a key's bucket; see `Bucket.take`."""
        bucket = self._buckets.setdefault(key, Bucket(self._interval, self._burst))
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return bucket.take(now)
