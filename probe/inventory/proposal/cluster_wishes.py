"""What clusters that were read put in the place of what a plan tells and a rehearsal assumes: flags, and wishes.

A cluster of which not everything could be read is seen to want what was found; of what was not found nothing is known.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from ipaddress import ip_network

from probe.config.names import parse_load_balancer
from probe.inventory.origin import shown
from probe.inventory.proposal.lacking import leads_to, planned_as, setups_otherwise
from probe.inventory.proposal.survey import Survey, is_address, is_name
from probe.inventory.wanted.host import WantedHost
from probe.inventory.wanted.inventory import Inventory
from probe.inventory.wanted.sources import folded
from probe.inventory.wanted.wishes import hosts_lacking
from probe.inventory.wanted.workload import Workload
from probe.judge.rehearsal.rewrite import ChosenBy
from probe.judge.rehearsal.run import ReadClusters
from probe.judge.rehearsal.wished import ReadSide, ReadWish
from probe.model.external_dns import ExternalDns
from probe.model.name import DomainName, display
from probe.model.plan import Domain, Plan, SidePlan
from probe.model.side import Side
from probe.model.text import listed, plural


def as_read(plan: Plan, inventories: Iterable[Inventory]) -> Plan:
    """Give a plan with the ExternalDNS that clusters have, and with their load balancers beside its own."""
    inventories = tuple(inventories)
    survey = _survey(inventories)
    sides = {side: plan.side(side) for side in Side}
    for one in inventories:
        sides[one.side] = _side_as_read(plan, one, survey)
    return replace(plan, v1=sides[Side.V1], v2=sides[Side.V2])


def wishes_as_read(plan: Plan, inventories: Iterable[Inventory], written: Plan) -> ReadClusters:
    """Give what clusters want of a plan's hosts today, and what is taken for granted of what they show.

    Args:
        plan: As `as_read` gives it.
        inventories: The clusters that were read.
        written: The plan as it is written.
    """
    inventories = tuple(inventories)
    wanted: dict[DomainName, tuple[ReadSide, ...]] = {}
    unplayable: dict[DomainName, str] = {}
    for one in inventories:
        by_host: dict[DomainName, list[WantedHost]] = {}
        writing = _writing(one, plan)
        for host in one.wanted:
            by_host.setdefault(host.name, []).append(host)
        for domain in plan.domains:
            wishes = [wish for wish in by_host.get(domain.name, ()) if writing(wish)]
            why = _of_an_unknown(wishes, one, written) or _unplayable(wishes, domain, plan, one.side)
            if why is not None:
                unplayable.setdefault(domain.name, why)
            elif wishes or is_whole(one):
                side = ReadSide(one.side, tuple(dict.fromkeys(_wish(wish, one) for wish in wishes)))
                wanted[domain.name] = (*wanted.get(domain.name, ()), side)
    return ReadClusters(
        frozenset(one.side for one in inventories),
        wanted,
        unplayable,
        tuple(_assumptions(plan, written, inventories, wanted)),
    )


def is_whole(inventory: Inventory) -> bool:
    """Tell whether a host that no object was found for is known not to be wanted."""
    gaps = any(one.is_gap for one in inventory.notices)
    return not gaps and not any(one.leaves_out for one in inventory.found_workloads)


def _survey(inventories: Iterable[Inventory]) -> Survey:
    read = {one.side: one for one in inventories}
    v1, v2 = (read.get(side) or Inventory(side, "", (), (), (), (), (), ()) for side in Side)
    return Survey(v1, v2)


def _side_as_read(plan: Plan, inventory: Inventory, survey: Survey) -> SidePlan:
    side, other = plan.side(inventory.side), plan.side(inventory.side.other)
    found = inventory.found_workloads
    setups = [_merged(one, plan, side, len(found)) for one in found] or list(side.instances)
    own = [name for name in survey.targets[inventory.side] if not leads_to(side, name) and not leads_to(other, name)]
    return replace(
        side,
        external_dns=setups[0],
        more_external_dns=tuple(setups[1:]),
        load_balancers=(*side.load_balancers, *(parse_load_balancer(name) for name in own if is_name(name))),
        networks=(*side.networks, *(ip_network(name) for name in own if is_address(name))),
    )


_PLANNED = {
    "txt-owner-id": "txt_owner_id",
    "migrate-from-txt-owner": "migrate_from_txt_owner",
    "policy": "policy",
    "registry": "registry",
    "annotation-prefix": "annotation_prefix",
    "domain-filter": "domain_filter",
    "exclude-domains": "exclude_domains",
    "zone-id-filter": "zone_id_filter",
    "managed-record-types": "managed_record_types",
}
"""Flags whose value a plan has, with its field: where a Secret or ConfigMap holds the value, the plan's is played."""

_OWNER_ID = "txt-owner-id"


def _merged(one: Workload, plan: Plan, side: SidePlan, count: int) -> ExternalDns:
    """Give an ExternalDNS as its cluster has it; a version that no image tells, and its TXT's key, are the plan's.

    So is a flag whose value was not read.
    """
    found = replace(one.external_dns, name=_name(one, count))
    planned = _planned(one, side, count)
    if planned is None:
        return found
    names = plan.complete(planned).names
    hidden = {field: getattr(planned, field) for flag, field in _PLANNED.items() if flag in one.unclear}
    affixes = names if {"txt-prefix", "txt-suffix"}.intersection(one.unclear) else found.names
    found = replace(
        found,
        version=found.version or planned.version,
        policy=planned.policy if found.policy is None and found.version is None else found.policy,
        prefer_cname=planned.prefer_cname if found.prefer_cname is None else found.prefer_cname,
        zone_match_parent=planned.zone_match_parent if found.zone_match_parent is None else found.zone_match_parent,
        txt_registry=replace(affixes, decryption_key_file=names.decryption_key_file, unseal=names.unseal),
    )
    return replace(found, **hidden)


def _planned(one: Workload, side: SidePlan, count: int) -> ExternalDns | None:
    """Give the plan's ExternalDNS that a cluster's is: by its owner id, where that is known."""
    if _OWNER_ID in one.unclear:
        return side.instances[0] if len(side.instances) == count == 1 else None
    return planned_as(one.external_dns, side.instances, count)


def _name(one: Workload, count: int) -> str | None:
    """Name it where its side has several."""
    return shown(one.label) if count > 1 else None


def _writing(inventory: Inventory, plan: Plan) -> Callable[[WantedHost], bool]:
    """Give the test whether a wish is of an ExternalDNS that writes into the zones of the view that is watched."""
    workloads = {one.label: one for one in inventory.workloads}
    return lambda host: workloads[host.workload].writes_into(plan.authoritative.view_of(host.name))


def _wish(host: WantedHost, inventory: Inventory) -> ReadWish:
    endpoint = host.endpoint
    found = {one.label: one for one in inventory.found_workloads}
    workload = found.get(host.workload)
    return ReadWish(
        None if workload is None else _name(workload, len(found)),
        None if host.routing is not None else ChosenBy(endpoint.set_identifier, endpoint.weight),
        endpoint.ttl,
        bool(endpoint.targets) and all(map(is_address, endpoint.targets)),
        endpoint.evaluate_target_health,
    )


def _of_an_unknown(wishes: Iterable[WantedHost], inventory: Inventory, written: Plan) -> str | None:
    """Say why a host cannot be played that is written by an ExternalDNS of which nobody knows which it is."""
    found = inventory.found_workloads
    side = written.side(inventory.side)
    for one in found:
        unknown = _OWNER_ID in one.unclear and _planned(one, side, len(found)) is None
        if unknown and any(wish.workload == one.label for wish in wishes):
            return (
                f"is written by {inventory.side.value}'s {shown(one.label)}, whose --{_OWNER_ID} is not known: it was "
                "not played."
            )
    return None


def _unplayable(wishes: Iterable[WantedHost], domain: Domain, plan: Plan, side: Side) -> str | None:
    """Say why a host cannot be played by what a cluster's objects say of it."""
    sets: dict[str, set[str]] = {}
    for wish in wishes:
        by = shown(f"{wish.resource} of {side.value}")
        sets.setdefault(wish.workload, set()).add(wish.endpoint.set_identifier)
        if len(sets[wish.workload]) > 1:
            names = listed(sorted(shown(one) or "none" for one in sets[wish.workload]))
            return f"is wanted by {side.value} as several record sets (set identifiers {names}): it was not played."
        if wish.routing is not None and wish.routing is not domain.routing:
            return f"has {wish.routing.value} routing by {by}, and not by the plan: it was not played."
        for target in map(folded, wish.endpoint.targets):
            if not leads_to(plan.side(side), target):
                where = f"{side.other.value}'s" if leads_to(plan.side(side.other), target) else "neither side's"
                return f"leads to {shown(target)} by {by}, which is {where} by the plan: it was not played."
    return None


def _assumptions(
    plan: Plan, written: Plan, inventories: Iterable[Inventory], wanted: Mapping[DomainName, tuple[ReadSide, ...]]
) -> Iterator[str]:
    inventories = tuple(inventories)
    for one in inventories:
        yield from _of_cluster(one, written)
        lacking = [display(host) for host, sides in wanted.items() for read in sides if read == ReadSide(one.side)]
        if lacking:
            yield f"{one.side.value} has no object today for {listed(lacking)}."
        beside = hosts_lacking(one, plan)
        if beside:
            names = listed([display(host) for host in beside])
            yield (
                f"{one.side.value} wants {plural(len(beside), 'host')} that the plan lacks ({names}): not played "
                "(`cutover-probe discover --diff` compares all)."
            )
    for difference in setups_otherwise(written, _survey(inventories)):
        yield f"Where the plan and a cluster differ, the cluster's was played: {difference.sentence}."


def _of_cluster(one: Inventory, written: Plan) -> Iterator[str]:
    side = one.side.value
    found = one.found_workloads
    yield f"What {side} wants is as {shown(one.source)} had it when it was read."
    if not found:
        yield f"No ExternalDNS was found in {side}: the plan's were played, and each takes all of its objects."
    instances = written.side(one.side).instances
    known = [_planned(each, written.side(one.side), len(found)) for each in found]
    for each in instances if found else ():
        if each not in known:
            yield f'{side}\'s ExternalDNS "{each.txt_owner_id}" of the plan was not found there, and was not played.'
    for workload in found:
        who = f"{side}'s {shown(workload.label)}"
        if workload.is_stopped:
            yield f"{who} has no replicas, and was played as if it ran."
        hidden = [f"--{flag}" for flag in workload.unclear if flag in _PLANNED]
        ignored = [f"--{flag}" for flag in workload.unclear if flag not in _PLANNED]
        if hidden:
            yield f"{who} has {listed(hidden)} of a value that was not read: the plan's was played."
        if ignored:
            yield f"{who} has {listed(ignored)}, which is not followed: it was played as if it wrote all that it reads."
    if not is_whole(one):
        yield (
            f"Not all that {side} may want could be read: a host that no object was found for was played as if {side} "
            "had not been read."
        )
