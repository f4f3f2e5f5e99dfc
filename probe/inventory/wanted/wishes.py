"""What a cluster wants for the domains of a plan, and which of its hosts the plan lacks: what a witness tells of it.

What strangers wrote is bounded here: an object may have a thousand hosts, and a host a thousand objects.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from probe.inventory.origin import shown
from probe.inventory.wanted.host import WantedHost
from probe.inventory.wanted.inventory import Inventory
from probe.inventory.wanted.workload import Workload
from probe.judge.polling.shard import shard_of
from probe.model.name import ROOT, DomainName, parent
from probe.model.plan import Authoritative, Plan
from probe.model.witness import ClusterWish

MAX_WISHES = 16
"""Of one host: more objects for one host are one mistake, and not so many."""

MAX_WISH_TARGETS = 16
"""Of one object: an ALB or NLB is one name, and a Service of nodes a handful of addresses."""


def wishes_of(
    inventory: Inventory, names: Iterable[DomainName], authoritative: Authoritative
) -> dict[DomainName, tuple[ClusterWish, ...]]:
    """Give what a cluster wants for each of some names; names that it does not want are left out.

    A name that nobody wants as such is wanted by who wants the nearest wildcard above it. An ExternalDNS that was not
    found wants nothing: whose owner id it would write is not known. Neither does one of whose flags that is
    unclear, nor one that writes into no zone of the view that is watched.

    Args:
        inventory: What the cluster wants.
        names: Whose wishes are asked for.
        authoritative: Tells which view of each is watched.
    """
    workloads = {one.label: one for one in inventory.found_workloads if not one.unclear}
    by_host: defaultdict[DomainName, list[WantedHost]] = defaultdict(list)
    for host in inventory.wanted:
        if host.workload in workloads:
            by_host[host.name].append(host)
    found: dict[DomainName, tuple[ClusterWish, ...]] = {}
    for name in names:
        view = authoritative.view_of(name)
        writers = {label for label, one in workloads.items() if one.writes_into(view)}
        own = [one for one in by_host.get(name, ()) if one.workload in writers]
        covering = [] if own else [one for one in _covering(by_host, name) if one.workload in writers]
        told = dict.fromkeys(
            _wish(inventory, workloads[one.workload], one, by_wildcard=not own) for one in own or covering
        )
        if told:
            found[name] = tuple(told)[:MAX_WISHES]
    return found


def hosts_lacking(inventory: Inventory, plan: Plan) -> tuple[DomainName, ...]:
    """Give the hosts that a cluster wants and a plan does not have, sorted.

    Where a CDN stands before a domain, the plan has both its name and the origin's. Of a plan's part, each host is
    told by the process that would watch it.
    """
    known = {name for domain in plan.domains for name in domain.names}
    workloads = {one.label for one in inventory.found_workloads}
    hosts = {one.name for one in inventory.wanted if one.workload in workloads} - known
    return tuple(sorted(host for host in hosts if shard_of(host, plan.shard.total) == plan.shard.ordinal))


def _covering(by_host: Mapping[DomainName, list[WantedHost]], name: DomainName) -> list[WantedHost]:
    above = parent(name)
    while above != ROOT:
        found = by_host.get(DomainName("*." + above))
        if found:
            return found
        above = parent(above)
    return []


def _wish(inventory: Inventory, workload: Workload, host: WantedHost, *, by_wildcard: bool) -> ClusterWish:
    endpoint = host.endpoint
    return ClusterWish(
        inventory.side,
        shown(host.resource),
        workload.external_dns,
        shown(workload.label),
        workload.is_stopped,
        shown(endpoint.set_identifier),
        endpoint.weight,
        tuple(map(shown, endpoint.targets[:MAX_WISH_TARGETS])),
        by_wildcard,
    )
