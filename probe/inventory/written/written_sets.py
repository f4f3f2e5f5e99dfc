"""What stands in hosted zones for the domains of a plan: what a witness tells of them."""

from collections.abc import Iterable, Sequence
from itertools import islice

from probe.inventory.origin import shown
from probe.inventory.written.zone import WrittenZone
from probe.model.external_dns import TxtRegistry
from probe.model.name import DomainName, is_within
from probe.model.plan import Authoritative
from probe.model.server import ZoneView
from probe.model.witness import Written, WrittenSet, WrittenTxt
from probe.route53.records import ResourceRecordSet

MAX_SETS = 100
"""Of one domain: Route 53's own quota for weighted record sets of one name and type."""

MAX_SET_TARGETS = 32
"""Of one set: an alias is one name, and one answer with more addresses does not fit a UDP message."""

MAX_TOLD_TXTS = 24
"""Of one domain: each generation of ExternalDNS and each side writes up to three, and each set one of its own."""

_MAX_FOLLOWED = 1_000  # ends of one set's aliases and CNAMEs that are gone through: names that lead to names multiply


def written_of(
    zones: Sequence[WrittenZone],
    names: Iterable[DomainName],
    authoritative: Authoritative,
    registries: Sequence[TxtRegistry] = (),
) -> dict[DomainName, Written]:
    """Give what stands for each of some names, at no time yet.

    Args:
        zones: Hosted zones that were read.
        names: Whose sets are wanted.
        authoritative: Tells which view of each is watched, and in whose hosted zones it is looked up.
        registries: The flags that give the names of ownership TXT.
    """
    return {name: _written(zones, name, authoritative.view_of(name), registries) for name in names}


def _written(
    zones: Sequence[WrittenZone], name: DomainName, view: ZoneView, registries: Sequence[TxtRegistry]
) -> Written:
    is_private = view is ZoneView.PRIVATE
    zone, sets, txts = _standing(zones, name, registries, is_private=is_private)
    beside = _standing(zones, name, registries, is_private=not is_private)
    return Written(
        zone=zone,
        is_private=is_private and zone is not None,
        sets=sets,
        owners=tuple(dict.fromkeys(one.owner for one in txts)),
        other_zone=beside[0],
        other_sets=beside[1],
        other_txts=beside[2],
    )


def _standing(
    zones: Sequence[WrittenZone], name: DomainName, registries: Sequence[TxtRegistry], *, is_private: bool
) -> tuple[DomainName | None, tuple[WrittenSet, ...], tuple[WrittenTxt, ...]]:
    """Give the zone that holds a name in one view, with its sets and ownership there; none where no zone does."""
    holding = (zone for zone in zones if is_within(name, zone.apex) and zone.is_private is is_private)
    zone = max(holding, key=lambda one: len(one.apex), default=None)
    if zone is None or zone.delegation(name) is not None:
        return None, (), ()
    sets = tuple(_set(zone, one) for one in zone.standing(name)[:MAX_SETS])
    txts = zone.ownership(name, registries)[:MAX_TOLD_TXTS]
    return zone.apex, sets, tuple(one._replace(owner=shown(one.owner)) for one in txts)


def _set(zone: WrittenZone, one: ResourceRecordSet) -> WrittenSet:
    health = zone.health_of(one)
    targets = tuple(dict.fromkeys(map(shown, islice(zone.targets(one), _MAX_FOLLOWED))))[:MAX_SET_TARGETS]
    routing = "" if one.routed is None else one.routed.routing.value
    is_healthy = None if health is None else health.is_healthy
    return WrittenSet(one.rdtype, targets, shown(one.set_identifier), one.weight, routing, is_healthy)
