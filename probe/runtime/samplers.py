"""Domains that have a window of denser questions, and those that wait for one, by the servers that they ask.

When one is wanted and how many may have one at once, `probe.judge.polling.sampling` says. They wait in the order in
which they came, so that of a hundred each has its turn.
"""

from collections.abc import Iterator

from probe.judge.polling.sampling import most_at_once
from probe.model.plan import Probing
from probe.runtime.watched import Servers, WatchedDomain


class _Room:
    """The domains of one set of servers: a dictionary each, in the order in which they came."""

    def __init__(self, servers: Servers) -> None:
        self.servers = servers
        self.sampled: dict[int, WatchedDomain] = {}
        self.waiting: dict[int, WatchedDomain] = {}


class Samplers:
    """All windows, by servers. Belongs to the event loop; nothing here waits."""

    def __init__(self) -> None:
        self._by_servers: dict[int, _Room] = {}  # by the identity of their tuple, which a zone's domains share

    def queue(self, watched_domain: WatchedDomain) -> None:
        """Let a domain wait for a window, if it has none and does not wait yet."""
        servers = watched_domain.servers
        room = self._by_servers.setdefault(id(servers), _Room(servers))
        if id(watched_domain) not in room.sampled:
            room.waiting.setdefault(id(watched_domain), watched_domain)

    def admitted(self, probing: Probing) -> Iterator[WatchedDomain]:
        """Give, one after the other, the domains whose turn it is, as far as their servers have room."""
        for room in tuple(self._by_servers.values()):
            most = most_at_once(room.servers, probing)
            while room.waiting and len(room.sampled) < most:
                number, watched_domain = next(iter(room.waiting.items()))
                del room.waiting[number]
                room.sampled[number] = watched_domain
                yield watched_domain

    def leave(self, watched_domain: WatchedDomain) -> None:
        """Let a domain neither have a window nor wait for one."""
        room = self._by_servers.get(id(watched_domain.servers))
        if room is None:
            return
        room.sampled.pop(id(watched_domain), None)
        room.waiting.pop(id(watched_domain), None)
        if not room.sampled and not room.waiting:
            del self._by_servers[id(watched_domain.servers)]
