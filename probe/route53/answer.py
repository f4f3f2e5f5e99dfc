"""Answering: a zone version, a question and a draw make a reply. Nothing is kept between two questions.

Sources: RFC 1034 section 4.3.2 (the algorithm), RFC 4592 (wildcards), RFC 2308 (negative answers), RFC 6604 (rcode
after a CNAME); Route 53 developer guide, "How Amazon Route 53 chooses records when health checking is configured" and
"Choosing between alias and non-alias records".
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol, assert_never

from probe.model.name import DomainName, is_within, parent
from probe.model.plan import Routing
from probe.route53.health import Health
from probe.route53.hosted_zone import ZoneVersion
from probe.route53.record_values import to_domain
from probe.route53.records import PRIMARY, ResourceRecordSet, RoutedBy
from probe.route53.reply import Records, ServedQuery, ServedReply

ALIAS_TTL = 60
"""Seconds; an alias to an ELB is answered with the ELB's TTL, which no one can set."""

ALIAS_MOST_ADDRESSES = 8
"""The most addresses of a load balancer that one answer shows."""

MULTIVALUE_MOST = 8
"""The most healthy records of multivalue sets that one answer shows (developer guide, "Multivalue answer routing")."""

_LINKS_FOLLOWED = 16  # CNAMEs or aliases followed inside one zone before giving up on a loop


class LoadBalancerAddresses(Protocol):
    """Where an alias to a load balancer finds its addresses."""

    def addresses(self, name: DomainName, rdtype: str) -> tuple[str, ...]:
        """Give the addresses of a load balancer now; none when it was deleted or has none of this family."""


class Surroundings(NamedTuple):
    """What an answer depends on beside the zone.

    Attributes:
        load_balancers: Follows alias targets outside the zone.
        health: Decides between weighted record sets.
        draw: Every choice: weighted sets, the order of values.
        nearest: The region or location of who asks, as latency and geolocation sets write it; empty where none is near.
    """

    load_balancers: LoadBalancerAddresses
    health: Health
    draw: random.Random
    nearest: str = ""


def answer(version: ZoneVersion, query: ServedQuery, around: Surroundings) -> ServedReply:
    """Answer one question from one version of a zone, with authority unless the name is delegated away."""
    chain: list[Records] = []
    name = query.name
    for _ in range(_LINKS_FOLLOWED):
        if version.cuts and (cut := _cut_above(version, name, query.rdtype)) is not None:
            if chain:
                break  # the chain leads into a delegated zone: the querier follows it
            return _referral(version, cut)
        node, exists = _find(version, name)
        found = _records(version, node, name, query.rdtype, around)
        if found:
            return _positive(version, (*chain, *found))
        target_set = None if query.rdtype == "CNAME" else _choose(version, node.get("CNAME", ()), around)
        target = None if target_set is None else _spell(version, target_set, name, around)
        if target is None:
            return _negative(version, tuple(chain), rcode="NOERROR" if exists else "NXDOMAIN")
        chain.append(target)
        name = to_domain(target.values[0])
        if not is_within(name, version.name):
            break
    return _positive(version, tuple(chain))


def _positive(version: ZoneVersion, records: tuple[Records, ...]) -> ServedReply:
    """Route 53 puts the zone's own NS set into the authority section of a positive answer."""
    servers = _apex(version, "NS")
    return ServedReply(
        "NOERROR", authoritative=True, answer=records, authority=() if servers in records else (servers,)
    )


def _negative(version: ZoneVersion, chain: tuple[Records, ...], *, rcode: str) -> ServedReply:
    return ServedReply(rcode, authoritative=True, answer=chain, authority=(_apex(version, "SOA"),))


def _apex(version: ZoneVersion, rdtype: str) -> Records:
    record = version.by_name[version.name][rdtype][0]
    return Records(record.name, rdtype, record.ttl or 0, record.values)


def _cut_above(version: ZoneVersion, name: DomainName, rdtype: str) -> DomainName | None:
    """Find the delegation that takes `name` out of this zone: the one nearest to the apex."""
    found = None
    candidate = name
    while candidate != version.name:
        if candidate in version.cuts and not (candidate == name and rdtype == "DS"):
            found = candidate
        candidate = parent(candidate)
    return found


def _referral(version: ZoneVersion, cut: DomainName) -> ServedReply:
    record = version.by_name[cut]["NS"][0]
    servers = Records(cut, "NS", record.ttl or 0, record.values)
    glue = tuple(
        Records(owner, rdtype, one.ttl or 0, one.values)
        for server in record.values
        if (owner := to_domain(server)) in version.by_name
        for rdtype in ("A", "AAAA")
        for one in version.by_name[owner].get(rdtype, ())
    )
    return ServedReply("NOERROR", authority=(servers,), additional=glue)


_Node = dict[str, tuple[ResourceRecordSet, ...]]
_EMPTY: _Node = {}


def _find(version: ZoneVersion, name: DomainName) -> tuple[_Node, bool]:
    """Find what stands at a name, a wildcard's if it covers it, and whether the name exists at all."""
    node = version.by_name.get(name)
    if node is not None:
        return dict(node), True
    if name in version.existing:
        return _EMPTY, True
    if version.wildcards:
        encloser = parent(name)
        while encloser not in version.existing:
            encloser = parent(encloser)
        wild = version.by_name.get(DomainName(f"*.{encloser}"))
        if wild is not None:
            return dict(wild), True
    return _EMPTY, False


def _records(
    version: ZoneVersion, node: _Node, name: DomainName, rdtype: str, around: Surroundings
) -> tuple[Records, ...]:
    types = tuple(node) if rdtype == "ANY" else (rdtype,)
    chosen = (_choose(version, node.get(one, ()), around) for one in types)
    spelled = (_spell(version, record, name, around) for record in chosen if record is not None)
    return tuple(records for records in spelled if records is not None)


def _choose(version: ZoneVersion, group: Sequence[ResourceRecordSet], around: Surroundings) -> ResourceRecordSet | None:
    """Choose among the record sets of one name and type, by their policy and health; None when there is none.

    Unhealthy sets count as weight 0; when no healthy set has a weight, the healthy zero-weight ones are answered; when
    none is healthy, all are taken as healthy. Equal weights of 0 all around have equal chances.
    """
    if len(group) <= 1:
        return group[0] if group else None
    healthy = [record for record in group if _healthy(version, record, around, 0)] or list(group)
    if (routed := group[0].routed) is not None:
        return _routed(routed, healthy, around)
    weights = [record.weight or 0 for record in healthy]
    if not any(weights):
        return around.draw.choice(healthy)
    return around.draw.choices(healthy, weights)[0]


def _routed(by: RoutedBy, healthy: Sequence[ResourceRecordSet], around: Surroundings) -> ResourceRecordSet:
    """Choose by anything but weights: the primary set, the nearest one, or several in one answer."""
    match by.routing:
        case Routing.FAILOVER:
            return next((one for one in healthy if one.routed is not None and one.routed.value == PRIMARY), healthy[0])
        case Routing.LATENCY | Routing.GEOLOCATION:
            near = [one for one in healthy if one.routed is not None and one.routed.value == around.nearest]
            return near[0] if near else around.draw.choice(healthy)
        case Routing.MULTIVALUE:
            values = dict.fromkeys(value for one in healthy for value in one.values)
            shown = around.draw.sample(tuple(values), min(len(values), MULTIVALUE_MOST))
            return replace(healthy[0], values=tuple(shown))
        case _:
            assert_never(by.routing)


def _healthy(version: ZoneVersion, record: ResourceRecordSet, around: Surroundings, depth: int) -> bool:
    if record.health_check_id is not None and not around.health.check_passes(record.health_check_id):
        return False
    alias = record.alias
    if alias is None or not alias.evaluate_target_health or depth > _LINKS_FOLLOWED:
        return True
    if alias.hosted_zone_id != version.zone_id:
        return around.health.target_healthy(alias.dns_name)
    targets = version.by_name.get(alias.dns_name, {}).get(record.rdtype, ())
    return any(_healthy(version, target, around, depth + 1) for target in targets)


def _spell(
    version: ZoneVersion, record: ResourceRecordSet, name: DomainName, around: Surroundings, depth: int = 0
) -> Records | None:
    """Write a record set as it is answered for `name`: an alias as its target's records; None when it has none."""
    alias = record.alias
    if alias is None:
        return Records(name, record.rdtype, record.ttl or 0, _order(version, record, around.draw))
    if alias.hosted_zone_id == version.zone_id:
        group = version.by_name.get(alias.dns_name, {}).get(record.rdtype, ())
        target = None if depth > _LINKS_FOLLOWED else _choose(version, group, around)
        return None if target is None else _spell(version, target, name, around, depth + 1)
    addresses = around.load_balancers.addresses(alias.dns_name, record.rdtype)
    if not addresses:
        return None
    shown = around.draw.sample(addresses, min(len(addresses), ALIAS_MOST_ADDRESSES))
    return Records(name, record.rdtype, ALIAS_TTL, tuple(shown))


def _order(version: ZoneVersion, record: ResourceRecordSet, draw: random.Random) -> tuple[str, ...]:
    """Address values come in a random order, and only so many where the zone limits them."""
    values = record.values
    if len(values) == 1 or record.rdtype not in {"A", "AAAA"}:
        return values
    return tuple(draw.sample(values, min(len(values), version.most_values or len(values))))
