"""Domains of the same servers that are in a burst together: their common allowance, and whose round is next.

The policy (who gets which round) is `probe.judge.polling.crowd`'s. This
module keeps which domains are in a burst, what is left of the allowance, and which domains wait for it, in order.
"""

from collections import deque
from collections.abc import Iterator

from probe.judge.polling.crowd import ALONE, SCOUTS, Crowd, allowance, is_crowded
from probe.model.plan import Probing
from probe.model.token_bucket import TokenBucket
from probe.runtime.watched import Servers, WatchedDomain

SAVED_SECONDS = 1.0
"""Seconds for which an allowance that is not used is saved: the first surprise of a crowd is followed up at once."""


ADVANCE_SECONDS = 2.0
"""Seconds of the allowance that surprises may take in advance: what has just been seen to change goes before what may
have changed, and rounds wait until that is made good."""


_LEAST_PER_SECOND = 1e-6
"""Questions a second of servers that are not known: none are asked."""


class _Company:
    """The domains of one set of servers that are in a burst."""

    def __init__(self, servers: Servers, probing: Probing, now: float) -> None:
        self.servers = servers
        self.per_second = allowance(servers, probing)
        rate = max(self.per_second, _LEAST_PER_SECOND)
        self.bucket = TokenBucket(1 / rate, rate * SAVED_SECONDS, now)
        self.members: dict[int, WatchedDomain] = {}
        self.waiting: deque[WatchedDomain] = deque()


class Crowds:
    """All companies, by their servers. Belongs to the event loop; nothing here waits."""

    def __init__(self) -> None:
        self._by_servers: dict[int, _Company] = {}  # by the identity of their tuple, which a zone's domains share

    def join(self, watched_domain: WatchedDomain, probing: Probing, now: float) -> None:
        """Count a domain among those of its servers that are in a burst at the monotonic second `now`."""
        company = self._by_servers.get(id(watched_domain.servers))
        if company is None:
            company = self._by_servers[id(watched_domain.servers)] = _Company(watched_domain.servers, probing, now)
        company.members[id(watched_domain)] = watched_domain

    def leave(self, watched_domain: WatchedDomain) -> bool:
        """Count it no longer among them; tell whether its round was waiting for the allowance."""
        company = self._by_servers.get(id(watched_domain.servers))
        if company is None:
            return False
        company.members.pop(id(watched_domain), None)
        was_waiting = watched_domain in company.waiting
        if was_waiting:
            company.waiting.remove(watched_domain)
        if not company.members:
            del self._by_servers[id(watched_domain.servers)]
        return was_waiting

    def move(self, watched_domain: WatchedDomain, servers: Servers, probing: Probing, now: float) -> None:
        """Let a domain in a burst have other servers from the monotonic second `now` on; its place in a queue stays."""
        was_waiting = self.leave(watched_domain)
        watched_domain.servers = servers
        self.join(watched_domain, probing, now)
        if was_waiting:
            self.queue(watched_domain)

    def of(self, watched_domain: WatchedDomain) -> Crowd:
        """Give the company in which a domain is, or would be, in a burst."""
        company = self._by_servers.get(id(watched_domain.servers))
        if company is None:
            return ALONE
        first = list(company.members)[:SCOUTS]
        return Crowd(len(company.members), company.per_second, id(watched_domain) in first)

    def queue(self, watched_domain: WatchedDomain) -> None:
        """Let a domain whose round is due wait for the allowance."""
        company = self._by_servers.get(id(watched_domain.servers))
        if company is None:
            return
        if self.of(watched_domain).scout:
            company.waiting.appendleft(watched_domain)
        else:
            company.waiting.append(watched_domain)

    @property
    def wait(self) -> bool:
        """Whether a round waits for the allowance."""
        return any(company.waiting for company in self._by_servers.values())

    def served(self, now: float) -> Iterator[WatchedDomain]:
        """Give, one after the other, the domains whose round the allowance holds at the monotonic second `now`.

        Each has to `spend` what it asks.
        """
        for company in tuple(self._by_servers.values()):
            while company.waiting and not company.bucket.wait(now):  # whoever is dropped, or no longer bursts, has left
                yield company.waiting.popleft()

    def affords(self, watched_domain: WatchedDomain, now: float, probing: Probing) -> bool:
        """Tell whether a surprise can be followed up at the monotonic second `now`: always, but in a crowd."""
        company = self._by_servers.get(id(watched_domain.servers))
        if company is None or not is_crowded(self.of(watched_domain), probing):
            return True
        return company.bucket.debt(now) < ADVANCE_SECONDS

    def spend(self, watched_domain: WatchedDomain, questions: int, now: float) -> None:
        """Take questions from the allowance of a domain's servers at the monotonic second `now`.

        It may go below nothing and recovers with time.
        """
        company = self._by_servers.get(id(watched_domain.servers))
        if company is not None:
            company.bucket.debit(questions, now)
