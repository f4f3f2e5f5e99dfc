"""The queues of the servers that are asked: opened with a first question, and forgotten when there are too many."""

from probe.model.server import Server
from probe.wire.transport.exchange import ServerQueue
from probe.wire.transport.pacing import ServerPace
from probe.wire.transport.query import Flavours
from probe.wire.transport.traffic_counter import TrafficCounters

MAX_QUEUES = 4_096
"""Servers remembered; beyond that the idle ones are forgotten."""


class ServerQueues:
    """One queue for each server; one pace for each address and port, which several servers may share.

    Args:
        rate: Questions a second that an address gets where the plan says nothing else of it.
        counters: Count each server's traffic.
        domains: Of the plan, whose names are kept as queries have them.

    Attributes:
        opened: The queues by their servers.
    """

    __slots__ = ("_counters", "_flavours", "_paces", "_rate", "opened")

    def __init__(self, rate: float, counters: TrafficCounters, domains: int = 0) -> None:
        self._rate = rate
        self._counters = counters
        self._flavours = Flavours(domains)
        self._paces: dict[tuple[str, int], ServerPace] = {}
        self.opened: dict[Server, ServerQueue] = {}

    def open(self, server: Server, now: float) -> ServerQueue:
        """Begin the queue of a server.

        Raises:
            CannotAskError: No query can be written for it.
        """
        if len(self.opened) >= MAX_QUEUES:
            self._forget_idle()
        place = (server.address, server.port)
        pace = self._paces.get(place)
        if pace is None:
            pace = self._paces[place] = ServerPace(self._rate, now)
        if server.queries_per_second is not None and pace.own_rate != server.queries_per_second:
            pace.own_rate = server.queries_per_second
            pace.change_rate(server.queries_per_second, now)
        queue = self.opened[server] = ServerQueue(
            server,
            self._counters.counter(server.group, server.transport),
            pace,
            self._flavours.of(server, edns=True),
            self._flavours.of(server, edns=False),
        )
        return queue

    def change_rate(self, rate: float, now: float) -> None:
        """Go on at another general rate."""
        self._rate = rate
        for pace in self._paces.values():
            pace.change_rate(pace.own_rate or rate, now)

    def resize(self, domains: int) -> None:
        """Keep the names of a plan of so many domains."""
        self._flavours.resize(domains)

    def waiting(self) -> int:
        """How many questions wait for their turn."""
        return sum(queue.waiting() for queue in self.opened.values())

    def clear(self) -> None:
        """Forget all servers."""
        self.opened.clear()

    def _forget_idle(self) -> None:
        # One with a question in flight lives on in that question; only what it learnt of EDNS is lost.
        for server in [server for server, queue in self.opened.items() if not queue.queued]:
            del self.opened[server]
        used = {(server.address, server.port) for server in self.opened}
        self._paces = {place: pace for place, pace in self._paces.items() if place in used}
