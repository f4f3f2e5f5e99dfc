"""Application load balancers as DNS shows them: a name in Amazon's zone, addresses that rotate, scale and retire."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from probe.lab.addresses import AddressPool
from probe.model.name import DomainName, is_within
from probe.route53.alias_zones import CANONICAL_HOSTED_ZONES, region_domain
from probe.route53.answer import ALIAS_MOST_ADDRESSES, ALIAS_TTL
from probe.route53.health import without_dualstack
from probe.route53.hosted_zone import NS_TTL, SOA_CONTACT, SOA_TIMERS, SOA_TTL, ZoneVersion, make_version
from probe.route53.records import ResourceRecordSet

_PART = 8  # the AWS load balancer controller keeps eight characters of namespace and name
_HASH = 10
_HEX = "0123456789abcdef"


def generated_name(namespace: str, ingress: str, region: str, draw: random.Random) -> DomainName:
    """Name a load balancer as the AWS load balancer controller and ELB do: `k8s-<ns>-<name>-<hash>-<digits>.…`."""
    unique = "".join(draw.choices(_HEX, k=_HASH))
    digits = draw.randrange(10**8, 10**10)
    return DomainName(f"k8s-{namespace[:_PART]}-{ingress[:_PART]}-{unique}-{digits}.{region_domain(region)}".lower())


@dataclass(slots=True, eq=False)
class LoadBalancer:
    """One load balancer; its nodes have an address of each family.

    Attributes:
        name: Its DNS name.
        region: Where it is.
        pool: Where its addresses come from and go back to.
        dual_stack: Whether it has IPv6 addresses too.
    """

    name: DomainName
    region: str
    pool: AddressPool
    dual_stack: bool
    _addresses: dict[str, list[str]] = field(default_factory=lambda: {"A": [], "AAAA": []})

    def addresses(self, rdtype: str) -> tuple[str, ...]:
        """Give the addresses that are in DNS now, oldest first."""
        return tuple(self._addresses.get(rdtype, ()))

    @property
    def hosted_zone_id(self) -> str:
        """What an alias to it names as its hosted zone."""
        return CANONICAL_HOSTED_ZONES[self.region]


class LoadBalancers:
    """All load balancers: what an alias resolves through, and the contents of the ELB zones."""

    def __init__(self) -> None:
        self._by_name: dict[DomainName, LoadBalancer] = {}
        self._name_servers: dict[str, tuple[DomainName, ...]] = {}
        self._versions: dict[str, ZoneVersion] = {}
        self._number = 0

    def create(self, name: DomainName, pool: AddressPool, *, nodes: int = 3, dual_stack: bool = True) -> LoadBalancer:
        """Create a load balancer with `nodes` nodes under a name like those of `generated_name`.

        Raises:
            ValueError: The name is taken, or lies in no region's zone.
        """
        region = next((one for one in CANONICAL_HOSTED_ZONES if is_within(name, region_domain(one))), None)
        if region is None or name in self._by_name:
            raise ValueError(f"a load balancer cannot be named {name}: taken, or in none of the lab's regions")
        created = LoadBalancer(name, region, pool, dual_stack)
        self._by_name[name] = created
        self.scale(created, nodes)
        return created

    def delete(self, load_balancer: LoadBalancer) -> None:
        """Delete a load balancer: its name ceases to resolve and its addresses may go to anyone."""
        self.scale(load_balancer, 0)
        self._by_name.pop(load_balancer.name, None)

    def scale(self, load_balancer: LoadBalancer, nodes: int) -> None:
        """Add nodes, or retire the oldest, until there are `nodes`."""
        for rdtype, family in (("A", 4), ("AAAA", 6)):
            held = load_balancer._addresses[rdtype]  # noqa: SLF001 -- the collection is the only writer
            wanted = nodes if rdtype == "A" or load_balancer.dual_stack else 0
            while len(held) > wanted:
                load_balancer.pool.release(held.pop(0))
            while len(held) < wanted:
                held.append(load_balancer.pool.take(family))
        self._versions.pop(load_balancer.region, None)

    def replace_node(self, load_balancer: LoadBalancer) -> None:
        """Exchange the oldest node for a new one, as scaling in and out does over time."""
        nodes = len(load_balancer.addresses("A"))
        self.scale(load_balancer, nodes + 1)
        self.scale(load_balancer, nodes)

    def addresses(self, name: DomainName, rdtype: str) -> tuple[str, ...]:
        """Give the addresses of a load balancer now; none when it was deleted or has none of this family."""
        found = self._by_name.get(without_dualstack(name))
        return () if found is None else found.addresses(rdtype)

    def serve(self, region: str, name_servers: Sequence[DomainName]) -> None:
        """Say which name servers the region's zone has."""
        self._name_servers[region] = tuple(name_servers)
        self._versions.pop(region, None)

    def zone_version(self, region: str) -> ZoneVersion:
        """Give the region's zone as it is now: an answer shows at most eight addresses, in random order."""
        version = self._versions.get(region)
        if version is None:
            self._number += 1
            version = self._versions[region] = self._make_version(region)
        return version

    def _make_version(self, region: str) -> ZoneVersion:
        domain = region_domain(region)
        servers = self._name_servers[region]
        records = [
            ResourceRecordSet(domain, "NS", NS_TTL, servers),
            ResourceRecordSet(domain, "SOA", SOA_TTL, (f"{servers[0]} {SOA_CONTACT} {SOA_TIMERS}",)),
        ]
        for one in self._by_name.values():
            if one.region != region:
                continue
            for name in (one.name, DomainName(f"dualstack.{one.name}")):
                records.extend(
                    ResourceRecordSet(name, rdtype, ALIAS_TTL, addresses)
                    for rdtype in ("A", "AAAA")
                    if (addresses := one.addresses(rdtype))
                )
        keyed = {record.key: record for record in records}
        return make_version(
            domain, CANONICAL_HOSTED_ZONES[region], self._number, keyed, most_values=ALIAS_MOST_ADDRESSES
        )
