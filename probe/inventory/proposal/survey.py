"""Both clusters and the zones together: which side a target is of, and where each host leads now."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_address
from typing import NamedTuple

from probe.config.mistakes import Unusable
from probe.config.names import parse_load_balancer
from probe.config.values import parse_network
from probe.inventory.wanted.host import Balancer, WantedHost
from probe.inventory.wanted.inventory import Inventory
from probe.inventory.wanted.sources import folded
from probe.inventory.written.zone import WrittenZone
from probe.model.name import DomainName, is_within
from probe.model.plan import Routing, Weights
from probe.model.record import Position
from probe.model.side import Side
from probe.route53.change_form import MAX_WEIGHT
from probe.route53.records import ResourceRecordSet

_ELB = re.compile(r"[a-z0-9-]+\.(?:elb\.[a-z0-9-]+|[a-z0-9-]+\.elb)\.amazonaws\.com(?:\.cn)?")
"""Names that AWS gives load balancers: an NLB's has the region last, an ALB's first."""


class Whereabouts(NamedTuple):
    """Where a host leads by what stands in its zone.

    Attributes:
        position: Which side; None where no zone that was given holds the name, and DNS was not asked or did not tell.
        weights: The sum of each side's weights, where all of its sets are weighted and both sides have some.
        routing: How Route 53 chooses, where not by weights.
        targets: What it leads to, in the end.
        owners: Whom its ownership TXT name.
    """

    position: Position | None = None
    weights: Weights | None = None
    routing: Routing | None = None
    targets: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()


@dataclass(frozen=True)
class Survey:
    """What both clusters want and what stands.

    Attributes:
        v1, v2: The clusters.
        zones: The hosted zones that were given.
        seen: Where hosts that no zone holds lead by one look at DNS.
    """

    v1: Inventory
    v2: Inventory
    zones: tuple[WrittenZone, ...] = ()
    seen: Mapping[DomainName, Position] = field(default_factory=dict)

    def of(self, side: Side) -> Inventory:
        """Give a side's cluster."""
        return self.v1 if side is Side.V1 else self.v2

    @cached_property
    def wishes(self) -> Mapping[DomainName, Mapping[Side, tuple[WantedHost, ...]]]:
        """Each host that a cluster wants, with every wish for it, by side."""
        found: dict[DomainName, dict[Side, list[WantedHost]]] = {}
        for side in Side:
            for one in self.of(side).wanted:
                found.setdefault(one.name, {}).setdefault(side, []).append(one)
        return {name: {side: tuple(wishes) for side, wishes in by.items()} for name, by in found.items()}

    @cached_property
    def targets(self) -> Mapping[Side, Mapping[str, Balancer]]:
        """What is one side's alone: load balancers of statuses, and those that annotations name."""
        claimed = {side: _claimed(self.of(side)) for side in Side}
        return {
            side: {name: one for name, one in claimed[side].items() if name not in claimed[side.other]} for side in Side
        }

    @cached_property
    def shared(self) -> Mapping[str, Balancer]:
        """Load balancers that both sides name: a name that leads there cannot be told."""
        others = _claimed(self.v2)
        return {name: one for name, one in _claimed(self.v1).items() if name in others}

    def side_of(self, target: str) -> Side | None:
        """Tell whose a target is; None for neither's, or both's."""
        name = folded(target)
        return next((side for side in Side if name in self.targets[side]), None)

    @cached_property
    def _apexes(self) -> Mapping[DomainName, WrittenZone]:
        return {zone.apex: zone for zone in self.zones}

    def zone_of(self, host: DomainName) -> WrittenZone | None:
        """Give the zone nearest above a host."""
        held = [apex for apex in self._apexes if is_within(host, apex)]
        return self._apexes[max(held, key=len)] if held else None

    @cached_property
    def _places(self) -> dict[DomainName, Whereabouts]:
        return {}

    def whereabouts(self, host: DomainName) -> Whereabouts:
        """Tell where a host leads now."""
        if host not in self._places:
            self._places[host] = self._found(host)
        return self._places[host]

    def _found(self, host: DomainName) -> Whereabouts:
        zone = self.zone_of(host)
        if zone is None:
            return Whereabouts(self.seen.get(host))
        sets = zone.standing(host)
        targets = {one: tuple(zone.targets(one)) for one in sets}
        sides = {side for found in targets.values() for target in found if (side := self.side_of(target)) is not None}
        registries = [one.external_dns.names for side in Side for one in self.of(side).workloads]
        return Whereabouts(
            _position(sides, sets),
            self._weights(targets),
            next((one.routed.routing for one in sets if one.routed is not None), None),
            tuple(dict.fromkeys(folded(target) for found in targets.values() for target in found)),
            zone.owners(host, registries),
        )

    def _weights(self, targets: Mapping[ResourceRecordSet, tuple[str, ...]]) -> Weights | None:
        """Sum up weights by side, for one type: AAAA has those of A once more."""
        rdtype = min((one.rdtype for one in targets), default="")
        sums: dict[Side, int] = {}
        for one, found in targets.items():
            if one.rdtype != rdtype:
                continue
            sides = {self.side_of(target) for target in found}
            side = sides.pop() if len(sides) == 1 else None
            if one.weight is None or side is None:
                return None
            sums[side] = sums.get(side, 0) + one.weight
        if len(sums) < len(Side) or not any(sums.values()):
            return None
        largest = max(*sums.values(), MAX_WEIGHT)
        # Several sets of a side are one share together; a plan's weights end where Route 53's do.
        return Weights(*(round(sums[side] * MAX_WEIGHT / largest) for side in Side))


def _position(sides: Iterable[Side], sets: Iterable[ResourceRecordSet]) -> Position:
    match sorted(sides):
        case []:
            return Position.FOREIGN if any(True for _ in sets) else Position.ABSENT
        case [Side.V1]:
            return Position.V1
        case [Side.V2]:
            return Position.V2
        case _:
            return Position.MIXED


def _claimed(inventory: Inventory) -> Mapping[str, Balancer]:
    """Give what a cluster's objects lead to; what a status tells comes before what an annotation does."""
    found = {one.name: one for one in inventory.balancers}
    for host in inventory.wanted:
        for target in host.endpoint.targets if host.by_annotation else ():
            name = folded(target)
            if is_load_balancer(name):
                found.setdefault(name, Balancer(name, host.origin, host.resource, host.is_internal))
    return found


def is_load_balancer(target: str) -> bool:
    """Tell whether a target may be a cluster's own: a name that AWS gives load balancers, or an address."""
    return _ELB.fullmatch(target) is not None or is_address(target)


def is_address(target: str) -> bool:
    """Tell whether a target is an address and no name."""
    try:
        ip_address(target)
    except ValueError:
        return False
    return True


def is_name(target: str) -> bool:
    """Tell whether a target is a name that a plan takes as a load balancer's."""
    try:
        parse_load_balancer(target)
    except Unusable:
        return False
    return not is_address(target)


def fits_a_plan(target: str) -> bool:
    """Tell whether a plan takes a target for a side's: as a load balancer's name, or as an address."""
    if not is_address(target):
        return is_name(target)
    try:
        parse_network(target)
    except Unusable:
        return False
    return True
