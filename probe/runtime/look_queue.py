"""Domains that wait for their first look, each in the queue of the servers that it asks.

A look takes the time of these servers and of no others. So zones are looked at side by side: one with few domains does
not wait for one with thousands, and one whose servers are slow holds nobody else up. Domains about which an earlier
process left something open are looked at first.
"""

from collections import deque
from collections.abc import Callable, Iterator

from probe.runtime.watched import Servers, WatchedDomain


class LookQueue:
    """First looks to come. Belongs to the event loop; nothing here waits."""

    def __init__(self) -> None:
        self._by_servers: dict[Servers, deque[WatchedDomain]] = {}

    def put(self, watched_domain: WatchedDomain) -> None:
        """Let a domain be looked at when its turn comes; not one without servers, which comes again with them."""
        if not watched_domain.servers:
            return
        queue = self._by_servers.setdefault(watched_domain.servers, deque())
        status = watched_domain.status
        if watched_domain.resumed and (status.findings or not status.state.is_steady):
            queue.appendleft(watched_domain)
        else:
            queue.append(watched_domain)

    def __bool__(self) -> bool:
        """Tell whether any domain waits."""
        return bool(self._by_servers)

    def holds(self, servers: Servers) -> bool:
        """Tell whether a domain of these servers waits."""
        return bool(self._by_servers) and servers in self._by_servers

    def begin(self, has_room: Callable[[Servers], bool]) -> Iterator[WatchedDomain]:
        """Give the domains to be looked at now, zone by zone, as long as their servers have room for another look.

        Args:
            has_room: Tells whether these servers have; asked again after each domain that was given.
        """
        for servers, queue in tuple(self._by_servers.items()):
            while queue and has_room(servers):
                watched_domain = queue.popleft()
                if watched_domain.watched and watched_domain.servers == servers:  # it may have others by now
                    yield watched_domain
            if not queue:
                del self._by_servers[servers]
