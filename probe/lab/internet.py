"""The simulated Internet as one thing: Route 53, load balancers, their name servers and the delegations to them."""

import random
from collections.abc import Iterable
from functools import partial

from probe.lab.hierarchy import Hierarchy
from probe.lab.load_balancer import LoadBalancers
from probe.lab.nameserver import LabNameServer
from probe.lab.propagation import Profile, Propagation, Replica
from probe.lab.resolver import Resolver
from probe.lab.resolver_cache import CachePolicy
from probe.model.clock import Clock
from probe.model.name import DomainName
from probe.route53.account import Route53, draw_delegation_set
from probe.route53.alias_zones import CANONICAL_HOSTED_ZONES, alias_zones, region_domain
from probe.route53.answer import Surroundings
from probe.route53.health import Health
from probe.route53.hosted_zone import NS_TTL, HostedZone
from probe.route53.records import Change, ChangeAction, ResourceRecordSet

_AMAZON = DomainName("amazonaws.com.")


class Internet:
    """Everything that the probe can ask, minus the sockets.

    Args:
        clock: The lab's time.
        draw: Every choice and delay; a seed makes a run repeatable.
        regions: Where there are load balancers.
    """

    def __init__(self, clock: Clock, draw: random.Random, regions: Iterable[str] = ("eu-west-1",)) -> None:
        self._clock = clock
        self._draw = draw
        self.health = Health()
        self.load_balancers = LoadBalancers()
        self.hierarchy = Hierarchy(Surroundings(self.load_balancers, self.health, draw))
        self.route53 = Route53(draw, alias_zones())
        self._resolvers: list[Resolver] = []
        self._propagations: dict[str, Propagation] = {}
        self._replicas: dict[tuple[str, DomainName], tuple[Replica, ...]] = {}
        self._add_elb_zones(regions)

    def create_hosted_zone(self, name: DomainName, *, machines: int = 1, profile: Profile = Profile.FAST) -> HostedZone:
        """Create a hosted zone, let its four name servers serve it, and delegate it from the zone above.

        Where the zone above is a hosted one, the delegation is a change there and travels like any other.

        Args:
            name: Apex.
            machines: How many machines stand behind each name server's addresses.
            profile: How fast changes travel to them.
        """
        above = self.route53.longest_match(name)
        zone = self.route53.create_hosted_zone(name)
        propagation = self._propagations[zone.zone_id] = Propagation(zone, self._clock, self._draw, profile)
        for server_name in zone.name_servers:
            server = self.hierarchy.name_server(server_name, machines)
            copies = tuple(propagation.replica() for _ in range(server.machines))
            self._replicas[zone.zone_id, server_name] = copies
            server.host(name, [copy.version for copy in copies])
        if above is None or above.name == name:
            self.hierarchy.delegate(name, zone.name_servers)
        else:
            servers = ResourceRecordSet(name, "NS", NS_TTL, zone.name_servers)
            above.change([Change(ChangeAction.UPSERT, servers)])
        return zone

    def add_resolver(self, name: str, *, caches: int = 1, policy: CachePolicy | None = None) -> Resolver:
        """Add a recursive resolver with addresses of its own; `caches` of them share these addresses."""
        addresses = self.hierarchy.take_addresses()
        resolver = Resolver(
            name, addresses, self.hierarchy, self._clock, self._draw, policy or CachePolicy(), caches=caches
        )
        self._resolvers.append(resolver)
        return resolver

    @property
    def hosts(self) -> tuple[LabNameServer | Resolver, ...]:
        """Everything that can be asked over a socket."""
        return (*self.hierarchy.servers, *self._resolvers)

    def propagation(self, zone: HostedZone) -> Propagation:
        """Give what carries a zone's versions to its servers."""
        return self._propagations[zone.zone_id]

    def settle(self) -> None:
        """Let every change arrive everywhere now: for the time before a story begins."""
        for propagation in self._propagations.values():
            propagation.settle()

    def servers_of(self, zone: HostedZone) -> tuple[LabNameServer, ...]:
        """Give the four name servers of a zone."""
        return tuple(self.hierarchy.name_server(name) for name in zone.name_servers)

    def set_stuck(self, zone: HostedZone, server: DomainName, *, stuck: bool, machine: int | None = None) -> None:
        """Let a server (or one machine of it) keep answering from the version it has, or catch up again."""
        copies = self._replicas[zone.zone_id, server]
        for copy in copies if machine is None else copies[machine : machine + 1]:
            copy.stuck = stuck

    def _add_elb_zones(self, regions: Iterable[str]) -> None:
        servers = draw_delegation_set(self._draw)
        amazon = self.hierarchy.add_zone(_AMAZON, servers)
        for region in regions:
            if region not in CANONICAL_HOSTED_ZONES:
                raise ValueError(f"the lab has no region {region!r}: it has {', '.join(CANONICAL_HOSTED_ZONES)}")
            domain = region_domain(region)
            names = draw_delegation_set(self._draw)
            self.load_balancers.serve(region, names)
            amazon.put(ResourceRecordSet(domain, "NS", NS_TTL, names))
            for name in names:
                self.hierarchy.name_server(name).host(domain, [partial(self.load_balancers.zone_version, region)])
