"""How the plan's hosts stand by hosted zones that were read: for the rehearsal."""

from collections.abc import Iterable, Sequence

from probe.inventory.written.zone import WrittenZone
from probe.judge.ownership.filters import SeenZone
from probe.judge.ownership.names import places_of
from probe.judge.rehearsal.stand import Stand, exported
from probe.model.name import DomainName, display, is_within
from probe.model.plan import Plan
from probe.model.text import listed


def stands_of(zones: Sequence[WrittenZone], plan: Plan) -> dict[DomainName, Stand | str]:
    """Give how the plan's hosts stand in some zones; those of other zones have a sentence that says so."""
    stands: dict[DomainName, Stand | str] = {}
    for domain in plan.domains:
        name = domain.name
        zone = _holding(name, zones)
        if zone is None:
            read = listed([display(one.apex) for one in zones])
            stands[name] = f"is not in the zone {read} that was read: it was not played."
            continue
        delegation = zone.delegation(name)
        if delegation is not None:
            servers = listed([display(server) for server in delegation.values])
            stands[name] = (
                f"is delegated at {display(delegation.name)} to {servers}: what stands there was not read, and it was "
                "not played."
            )
            continue
        names = dict.fromkeys((name, *places_of(name, plan.registries)))
        stands[name] = exported(domain, zone.apex, [one for at in names for one in zone.by_name.get(at, ())], plan)
    return stands


def seen_zones(zones: Sequence[WrittenZone], plan: Plan) -> dict[DomainName, SeenZone]:
    """Give the zone that holds each of the plan's hosts; those that none of them holds are left out."""
    held = {domain.name: _holding(domain.name, zones) for domain in plan.domains}
    seen = {zone.apex: SeenZone(zone.apex, zone.zone_id) for zone in zones}
    return {name: seen[zone.apex] for name, zone in held.items() if zone is not None and zone.delegation(name) is None}


def _holding(name: DomainName, zones: Iterable[WrittenZone]) -> WrittenZone | None:
    return max((one for one in zones if is_within(name, one.apex)), key=lambda one: len(one.apex), default=None)


def negative_ttl(zones: Iterable[WrittenZone]) -> int | None:
    """Give how long caches keep a denial: the smaller of an SOA's TTL and MINIMUM (RFC 2308 section 5)."""
    kept: list[int] = []
    for zone in zones:
        for one in zone.by_name[zone.apex]:
            fields = one.values[0].split() if one.rdtype == "SOA" and one.values else []
            if fields and fields[-1].isdecimal():
                kept.append(min(int(fields[-1]), one.ttl or 0))
    return max(kept, default=None)
