"""What one cluster wants: its ExternalDNS, the hosts that each would write, and the load balancers behind them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from probe.inventory.origin import Notice, Origin
from probe.inventory.reading.objects import Objects
from probe.inventory.wanted.annotations import PREFIXES, prefixes_of
from probe.inventory.wanted.host import Balancer, WantedHost
from probe.inventory.wanted.sources import SOURCE_OF, Hosts, balancers
from probe.inventory.wanted.workload import Scope, Workload
from probe.inventory.wanted.workloads import find_workloads
from probe.model.external_dns import ExternalDns
from probe.model.name import DomainName
from probe.model.side import Side


class Ignored(NamedTuple):
    """An object with ExternalDNS' annotations under a prefix that none of the cluster's instances reads."""

    resource: str
    prefix: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Inventory:
    """What one cluster wants.

    Attributes:
        side: Whose.
        source: Where it was read, as the command line has it.
        workloads: Its ExternalDNS; one that is assumed where none was found.
        wanted: Every host that one of them would write, by each that would.
        unseen: Hosts of its objects that none of them would write: their sources, filters or prefixes leave them out.
        ignored: Annotations that none of them reads.
        balancers: What the statuses of its objects lead to.
        notices: What was not read, or is odd.
    """

    side: Side
    source: str
    workloads: tuple[Workload, ...]
    wanted: tuple[WantedHost, ...]
    unseen: tuple[WantedHost, ...]
    ignored: tuple[Ignored, ...]
    balancers: tuple[Balancer, ...]
    notices: tuple[Notice, ...]

    @property
    def hosts(self) -> frozenset[DomainName]:
        """The names that it wants."""
        return frozenset(one.name for one in self.wanted)

    @property
    def found_workloads(self) -> tuple[Workload, ...]:
        """Its ExternalDNS that were found, without one that is assumed."""
        return tuple(one for one in self.workloads if not one.is_assumed)


def take_inventory(side: Side, source: str, objects: Objects) -> Inventory:
    """Read a cluster's objects as its ExternalDNS do."""
    return _taken(side, source, objects, is_short=False)


def take_short_inventory(side: Side, source: str, objects: Objects) -> Inventory:
    """Read of a cluster's objects what its ExternalDNS want, and not what none of them does: a third of the work."""
    return _taken(side, source, objects, is_short=True)


def _taken(side: Side, source: str, objects: Objects, *, is_short: bool) -> Inventory:
    notices = list(objects.notices)
    found = find_workloads(objects, notices)
    workloads = found or (_assumed(source, objects),)
    hosts = Hosts(objects, notices)
    seen = [host for workload in workloads for host in hosts.of(workload)]
    wanted = tuple(host for host in seen if _seen_by(host, workloads))
    if is_short:
        return Inventory(side, source, workloads, wanted, (), (), (), tuple(notices))
    everything = [host for prefix in PREFIXES for host in hosts.of(_everything(source, prefix))]
    names = {host.name for host in wanted}
    unseen = {host.name: host for host in everything if host.name not in names}
    return Inventory(
        side,
        source,
        workloads,
        wanted,
        tuple(unseen.values()),
        tuple(_ignored(objects, workloads)),
        balancers(objects),
        tuple(notices),
    )


def _seen_by(host: WantedHost, workloads: Iterable[Workload]) -> bool:
    return any(one.external_dns.sees(host.name) for one in workloads if one.label == host.workload)


def _assumed(source: str, objects: Objects) -> Workload:
    """Stand in for an ExternalDNS that was not found: every source, and the prefix that most objects have."""
    counted = Counter(prefix for one in objects.of(*SOURCE_OF, "Gateway") for prefix in prefixes_of(one.annotations))
    prefix = max(PREFIXES, key=lambda one: (counted[one], one == PREFIXES[0]))
    return replace(_everything(source, prefix), is_assumed=True)


def _everything(source: str, prefix: str) -> Workload:
    return Workload("", "", Origin(source), ExternalDns(annotation_prefix=prefix), Scope(publish_internal=True))


def _ignored(objects: Objects, workloads: Iterable[Workload]) -> Iterable[Ignored]:
    read = {one.prefix for one in workloads}
    for one in objects.of(*SOURCE_OF, "Gateway"):
        under = prefixes_of(one.annotations)
        if under and not under & read:
            prefix = min(under)
            key = next(key for key in one.annotations if key.startswith(prefix))
            yield Ignored(one.resource, prefix, one.at(one.root["metadata"]["annotations"][key]))
