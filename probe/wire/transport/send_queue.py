"""Whose turn it is: servers one after the other, each no faster than its pace."""

import heapq
from collections import deque

from probe.model.clock import Clock
from probe.wire.transport.alarm import Alarm
from probe.wire.transport.exchange import Exchange, ServerQueue, Wake

ALARM_ROUNDING_SECONDS = 1e-6
"""An alarm may seem to come early, because times are added up in another order."""
_BUFFERS_FULL_SECONDS = 0.005
"""Seconds to wait when the system's send buffers are full."""


class SendQueue:
    """The ring of lanes with waiting questions, and those that wait for their next token.

    Attributes:
        ready: Lanes whose turn can come at once, in their order.
        stalled: The system takes nothing at the moment: nobody has a turn.
    """

    __slots__ = ("_alarm", "_clock", "_parked", "_parkings", "_wake", "ready", "stalled")

    def __init__(self, clock: Clock, wake: Wake) -> None:
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

    def park(self, lane: ServerQueue) -> None:
        """Let a lane wait until its bucket, which has just been found empty, has a token."""
        self._parkings += 1  # orders equal times, so that lanes need not be compared
        due = lane.bucket.due()
        heapq.heappush(self._parked, (due, self._parkings, lane))
        self._alarm.set(due)

    def stall(self) -> None:
        """Let everybody wait a moment."""
        self.stalled = True
        self._alarm.set(self._clock.now().monotonic + _BUFFERS_FULL_SECONDS)

    def unpark(self) -> None:
        """Let everybody try at once, because the pace has changed."""
        self.ready.extend(lane for _, _, lane in sorted(self._parked))
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
            self.ready.append(heapq.heappop(parked)[2])
        if parked:
            self._alarm.set(parked[0][0])
        self._wake()
