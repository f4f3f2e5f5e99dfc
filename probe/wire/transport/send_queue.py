"""Whose turn it is: servers one after the other, each no faster than its pace."""

import heapq
import math
from collections import deque
from operator import itemgetter

from probe.model.clock import AlarmClock
from probe.wire.transport.alarm import Alarm
from probe.wire.transport.exchange import Exchange, ServerQueue, Wake
from probe.wire.transport.pacing import RELEASE_SECONDS

ALARM_ROUNDING_SECONDS = 1e-6
"""An alarm may seem to come early, because times are added up in another order."""
_BUFFERS_FULL_SECONDS = 0.005
"""Seconds to wait when the system's send buffers are full."""


class SendQueue:
    """The ring of lanes with waiting questions, and those that wait for their next token.

    Args:
        clock: Tells when a pace has a token again.

    Attributes:
        ready: Lanes whose turn can come at once, in their order.
        stalled: The system takes nothing at the moment: nobody has a turn.
    """

    __slots__ = ("_alarm", "_clock", "_parked", "_parkings", "_wake", "ready", "stalled")

    def __init__(self, clock: AlarmClock, wake: Wake) -> None:
        """Make an empty ring; `wake` is called when turns can go on after a wait."""
        self._clock = clock
        self._wake = wake
        self._alarm = Alarm(clock, self._resume)
        self._parked: list[tuple[float, int, ServerQueue]] = []
        self._parkings = 0
        self.ready: deque[ServerQueue] = deque()
        self.stalled = False

    def queue_first(self, exchange: Exchange) -> None:
        """Give a question that has been asked already the next turn of its server."""
        lane = exchange.lane
        lane.queue.appendleft(exchange)
        if not lane.queued:
            lane.queued = True
            self.ready.append(lane)
        elif lane.is_parked_yielding:
            self.unpark_one(lane)

    def park(self, lane: ServerQueue) -> None:
        """Let a lane wait until its bucket, which has just been found empty, has a token."""
        self._park(lane, lane.bucket.due())

    def park_yielding(self, lane: ServerQueue) -> None:
        """Let a lane wait whose questions all yield, until its bucket has a spare token."""
        self._park(lane, lane.bucket.spare_due())
        lane.is_parked_yielding = True

    def unpark_one(self, lane: ServerQueue) -> None:
        """Let a lane try at once that waits for a spare token."""
        lane.is_parked_yielding = False
        lane.parking = 0
        self.ready.append(lane)

    def stall(self) -> None:
        """Let everybody wait a moment."""
        self.stalled = True
        self._alarm.set(self._clock.now().monotonic + _BUFFERS_FULL_SECONDS)

    def unpark(self) -> None:
        """Let everybody try at once, because the pace has changed."""
        for _, parking, lane in sorted(self._parked, key=itemgetter(0, 1)):
            self._ready_again(parking, lane)
        self._parked.clear()

    def clear(self) -> None:
        """Forget all lanes."""
        self._alarm.clear()
        self._parked.clear()
        self.ready.clear()

    def _resume(self) -> None:
        self.stalled = False
        now = self._clock.now().monotonic + ALARM_ROUNDING_SECONDS
        parked = self._parked
        while parked and parked[0][0] <= now:
            _, parking, lane = heapq.heappop(parked)
            self._ready_again(parking, lane)
        if parked:
            self._alarm.set(_release(parked[0][0]))
        self._wake()

    def _park(self, lane: ServerQueue, due: float) -> None:
        self._parkings += 1  # orders equal times, so that lanes need not be compared
        lane.parking = self._parkings
        heapq.heappush(self._parked, (due, self._parkings, lane))
        self._alarm.set(_release(due))

    def _ready_again(self, parking: int, lane: ServerQueue) -> None:
        if lane.parking == parking:  # else it has tried again in between
            lane.is_parked_yielding = False
            lane.parking = 0
            self.ready.append(lane)


def _release(due: float) -> float:
    return math.ceil((due - ALARM_ROUNDING_SECONDS) / RELEASE_SECONDS) * RELEASE_SECONDS
