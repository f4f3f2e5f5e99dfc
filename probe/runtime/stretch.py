"""How far calm turns have to be stretched, so that no server is asked more than it may be, nor this process has to do.

The plan's intervals are kept as long as the servers' `queries_per_second` allow; 200 domains in a zone are no trouble.
With thousands, a queue in front of a server would grow without end, and the questions of a burst would wait behind
it. So the pause between calm turns grows instead: every domain still has its turn, only later. The same where this
process gets too little CPU for all that is due: calm turns give way, rounds of a burst never do, and so a domain about
which something is open is followed as if there were no others.
"""

from collections.abc import Iterable, Iterator

import structlog

from probe.model.name import DomainName
from probe.model.plan import Plan
from probe.model.question import ADDRESS_TYPES
from probe.runtime.watched import Servers, WatchedDomain

CALM_SHARE = 0.8
"""The part of a server's rate that calm turns may fill: the rest is for re-asks, which must never wait."""
MEASURE = 5.0
"""Seconds between two computations of the load, while servers are being found."""
STRAINED_FROM = 0.5
"""The part of a second by which the engine's ticks are late together from which on this process has too much to do: a
tick comes every 100 ms then and not every 50, as it does only when the loop never has a moment's rest."""
RELIEVED_UNTIL = 0.2
"""The part down to which it has enough time again: a loop that is busy for half of the time is late by less."""
STRAIN_GROWS, STRAIN_EASES = 1.25, 0.98
"""By what calm turns are stretched more in each such second, and less in each second with time: there is room within
seconds, and it is tried for minutes whether it is still needed."""
LEAST_FELT = 100.0
"""Calm questions a second, of about 300 domains, from which on giving way helps: fewer cost some hundredths of a core.
If these do not leave in time something else takes the CPU, and to ask less would only be to see less."""
MOST_STRAIN = 4.0
"""Beyond that calm turns give no more way: at 28 s a turn four servers are heard within two minutes, and evidence is
good for three. What is still too much makes questions late, and `probe-behind` says so."""
_TELL_FROM = 1.05  # a stretch that nobody would notice is not worth a line in the log


class Load:
    """The stretch of calm turns, computed anew when the servers of domains change.

    Attributes:
        changed: Domains, their servers or the plan have changed since it was computed.
        strain: By how much calm turns are stretched because this process has too much to do; 1.0 when it has not.
    """

    def __init__(self) -> None:
        self.changed = True
        self._measured: float | None = None
        self._log = structlog.get_logger("probe.load")
        self._zones: dict[DomainName | None, tuple[Servers, float]] = {}  # where each is asked, and its stretch
        self._of_resolvers = 1.0
        self._told = 1.0
        self._strain_told = False
        self._calm = 0.0  # calm questions a second, by the plan
        self.strain = 1.0

    def feel(self, late: float, interval: float) -> None:
        """Take note of the last second.

        Args:
            late: The part of it by which ticks came late, one after the other.
            interval: The plan's interval of calm turns, for the log.
        """
        if late >= STRAINED_FROM and self._calm >= LEAST_FELT:
            self.strain = min(self.strain * STRAIN_GROWS, MOST_STRAIN)
        elif late <= RELIEVED_UNTIL or self._calm < LEAST_FELT:
            self.strain = max(self.strain * STRAIN_EASES, 1.0)
        if self.strain == MOST_STRAIN and not self._strain_told:
            self._strain_told = True
            self._log.warning(
                "this process has too little CPU for the plan: calm turns give way",
                interval_seconds=round(interval * self.strain, 1),
                planned_seconds=interval,
            )
        elif self.strain == 1.0:
            self._strain_told = False

    def keep(self, watched_domains: Iterable[WatchedDomain], plan: Plan, now: float) -> None:
        """Compute it anew if it has changed, but not for each of thousands of domains whose servers are being found.

        Args:
            watched_domains: All of them.
            plan: The plan in force.
            now: The present, in monotonic seconds.
        """
        if self._measured is None:
            self._measured = now
        if self.changed and now - self._measured >= MEASURE:
            self.measure(watched_domains, plan)
            self._measured = now
            self.changed = False

    def measure(self, watched_domains: Iterable[WatchedDomain], plan: Plan) -> None:
        """Count what the plan's intervals would ask of each server."""
        probing = plan.probing
        allowed = probing.queries_per_second * CALM_SHARE
        number = 0
        groups: dict[tuple[DomainName | None, int], Servers] = {}  # a zone's domains share their tuple of servers
        asked: dict[tuple[DomainName | None, int], float] = {}
        for number, watched_domain in enumerate(watched_domains, 1):  # noqa: B007  # the last number is their count
            if watched_domain.servers:
                rate = len(ADDRESS_TYPES) / probing.interval + len(watched_domain.status.txts) / probing.txt_interval
                group = watched_domain.zone, id(watched_domain.servers)
                groups[group] = watched_domain.servers
                asked[group] = asked.get(group, 0.0) + rate
        self._calm = sum(asked.values())
        by_server: dict[tuple[str, int], float] = {}
        for group, servers in groups.items():
            for server in servers:
                place = server.address, server.port
                by_server[place] = by_server.get(place, 0.0) + asked[group] / len(servers)
        self._zones = {}
        for (zone, _), servers in groups.items():
            stretch = max(by_server[server.address, server.port] / allowed for server in servers)
            _, known = self._zones.get(zone, (servers, 1.0))
            self._zones[zone] = servers, max(stretch, known)
        self._of_resolvers = max(1.0, number * len(ADDRESS_TYPES) / probing.resolver_interval / allowed)
        self._tell(max((stretch for _, stretch in self._zones.values()), default=1.0), probing.interval)

    def of(self, watched_domain: WatchedDomain) -> float:
        """Give the factor by which calm turns of a domain are stretched: 1.0 when everybody has time for the plan."""
        _, stretch = self._zones.get(watched_domain.zone, ((), 1.0))
        return stretch * self.strain

    def by_zone(self) -> Iterator[tuple[DomainName | None, Servers, float]]:
        """Give each zone, where it is asked, and the factor of its domains."""
        return ((zone, servers, stretch * self.strain) for zone, (servers, stretch) in self._zones.items())

    @property
    def of_resolvers(self) -> float:
        """Give the factor for rounds over the resolvers."""
        return self._of_resolvers * self.strain

    def _tell(self, worst: float, interval: float) -> None:
        if worst >= _TELL_FROM and not 1 / _TELL_FROM < worst / self._told < _TELL_FROM:
            self._log.warning(
                "the plan asks more of some servers than probing.queries_per_second allows: calm turns are stretched",
                interval_seconds=round(interval * worst, 1),
                planned_seconds=interval,
            )
        self._told = worst
