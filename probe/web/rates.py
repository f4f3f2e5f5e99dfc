"""How much of something each client is allowed. Pure; the time is handed in."""

from collections import OrderedDict
from collections.abc import Hashable

from probe.model.token_bucket import TokenBucket


class Buckets:
    """A bucket for each key, of the `most` keys that were seen last: a stranger cannot fill the memory.

    Args:
        interval: Seconds in which a key gets one token.
        burst: Tokens that a key saves at the most.
        most: Keys that are remembered.
    """

    def __init__(self, interval: float, burst: int, most: int) -> None:
        self._interval = interval
        self._burst = burst
        self._most = most
        self._buckets: OrderedDict[Hashable, TokenBucket] = OrderedDict()

    def take_or_wait(self, key: Hashable, now: float) -> float:
        """Take one from a key's bucket; see `TokenBucket.take_or_wait`."""
        bucket = self._buckets.setdefault(key, TokenBucket(self._interval, self._burst))
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return bucket.take_or_wait(now)
