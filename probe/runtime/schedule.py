"""What is due when: a heap of items, each a few words in memory, taken out in batches.

A task with a timer for each question would cost kilobytes and an event loop's turn apiece; 10,000 domains have some
tens of thousands of recurring questions. Here one costs O(log n) and a tuple.
"""

import heapq
import math
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


def _nobody_sleeps(due: float) -> None:
    del due


class DueQueue(Generic[Item]):
    """Items by the monotonic time at which they are due; equal times keep the order in which they were put.

    Args:
        earlier: Told when something is due before everything else: whoever sleeps until the next item has to wake up
            earlier than that.
    """

    def __init__(self, earlier: Callable[[float], None] = _nobody_sleeps) -> None:
        self._heap: list[tuple[float, int, Item]] = []
        self._sequence = 0
        self._earlier = earlier

    def __len__(self) -> int:
        """Count what is waiting."""
        return len(self._heap)

    def put(self, due: float, item: Item) -> None:
        """Let `item` be taken from `due` on."""
        self._sequence += 1
        heapq.heappush(self._heap, (due, self._sequence, item))
        if self._heap[0][1] == self._sequence:
            self._earlier(due)

    @property
    def next_due(self) -> float:
        """When the first item is due; infinite when nothing waits."""
        return self._heap[0][0] if self._heap else math.inf

    def take(self, now: float, limit: int) -> list[tuple[float, Item]]:
        """Take what is due at `now`, the longest due first, at most `limit`; each with the time it was due at."""
        heap = self._heap
        taken: list[tuple[float, Item]] = []
        while heap and heap[0][0] <= now and len(taken) < limit:
            due, _, item = heapq.heappop(heap)
            taken.append((due, item))
        return taken


_LAG_WINDOW = 60.0
"""Seconds over which the largest lag is told: the length of a usual scrape interval or two."""
_LAG_SLOTS = 6
"""Parts of that window; one is dropped at a time, so the window is 50 to 60 s long."""


class LagMeter:
    """By how many seconds questions left after they were due: the latest, and the largest in the last minute."""

    def __init__(self) -> None:
        self.latest = 0.0
        self._slots: deque[tuple[int, float]] = deque(maxlen=_LAG_SLOTS)

    def note(self, lag: float, now: float) -> None:
        """Count one question that left `lag` seconds late."""
        lag = max(lag, 0.0)
        self.latest = lag
        slot = int(now * _LAG_SLOTS / _LAG_WINDOW)
        if self._slots and self._slots[-1][0] == slot:
            if lag > self._slots[-1][1]:
                self._slots[-1] = (slot, lag)
        else:
            self._slots.append((slot, lag))

    def largest(self, now: float) -> float:
        """Tell the largest lag of the last minute; 0.0 when nothing left in it. Callable from any thread."""
        oldest = int(now * _LAG_SLOTS / _LAG_WINDOW) - _LAG_SLOTS
        return max((lag for slot, lag in tuple(self._slots) if slot > oldest), default=0.0)
