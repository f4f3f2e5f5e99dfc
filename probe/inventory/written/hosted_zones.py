"""Which of an account's hosted zones hold the hosts that move, as ExternalDNS chooses them; and their health checks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from probe.inventory.origin import Notice, named
from probe.inventory.reading.manifests import UnreadableSource
from probe.inventory.reading.route53_api import MAX_CHECKS, Route53Account, ZoneEntry
from probe.inventory.written.health import MISSING, health_of
from probe.inventory.written.zone import WrittenZone
from probe.model.name import DomainName, display
from probe.model.text import listed
from probe.route53.hosted_zone import longest_match
from probe.route53.record_values import to_domain


class Ambiguous(UnreadableSource):
    """Several zones of one name: somebody has to choose.

    Args:
        entries: The zones.
    """

    def __init__(self, entries: Sequence[ZoneEntry]) -> None:
        super().__init__(f"{len(entries)} hosted zones are {named(display(to_domain(entries[0].name)))}")
        self.entries = tuple(entries)


def zones_for(entries: Iterable[ZoneEntry], hosts: Iterable[DomainName]) -> tuple[ZoneEntry, ...]:
    """Choose the zones that hold hosts.

    Args:
        entries: Every zone of the account.
        hosts: The names that are wanted.

    Raises:
        Ambiguous: Two of them have one name: a public and a private one, or one that was made again.
        UnreadableSource: None holds any host.
    """
    entries = tuple(entries)
    chosen = _nearest(entries, hosts)
    if not chosen:
        apexes = sorted({to_domain(one.name) for one in entries})
        names = listed([named(display(name)) for name in apexes]) or "none at all"
        raise UnreadableSource(f"no hosted zone of the account holds a host that moves (its zones: {names})")
    twice = next((several for several in chosen if len(several) > 1), None)
    if twice is not None:
        raise Ambiguous(twice)
    return tuple(several[0] for several in chosen)


def views_for(
    entries: Iterable[ZoneEntry], hosts: Iterable[DomainName]
) -> tuple[tuple[ZoneEntry, ...], tuple[tuple[ZoneEntry, ...], ...]]:
    """Choose the zones that hold hosts, in every view: for each host the nearest public and the nearest private one.

    Args:
        entries: Every zone of the account.
        hosts: The names that are watched.

    Returns:
        The zones, and those of one name and one view, of which somebody has to choose.
    """
    entries, hosts = tuple(entries), tuple(hosts)
    found = [
        several
        for is_private in (False, True)
        for several in _nearest((one for one in entries if one.is_private is is_private), hosts)
    ]
    alike = tuple(several for several in found if len(several) > 1)
    return tuple(several[0] for several in found if len(several) == 1), alike


def _nearest(entries: Iterable[ZoneEntry], hosts: Iterable[DomainName]) -> list[tuple[ZoneEntry, ...]]:
    """Give the zones that are the nearest above some host, those of one name together, sorted by it."""
    by_name: defaultdict[DomainName, list[ZoneEntry]] = defaultdict(list)
    for one in entries:
        by_name[to_domain(one.name)].append(one)
    apexes = {apex for host in hosts if (apex := longest_match(by_name, host)) is not None}
    return [tuple(by_name[apex]) for apex in sorted(apexes)]


def with_health(account: Route53Account, zone: WrittenZone, wanted: Sequence[str]) -> WrittenZone:
    """Ask what some of a zone's health checks report; where that may not be read, the zone is read without."""
    if not wanted:
        return zone
    try:
        found = account.health_checks(wanted[:MAX_CHECKS])
    except UnreadableSource as error:
        notice = Notice(zone.origin, f"the health checks were not read: {error}")
        return replace(zone, notices=(*zone.notices, notice))
    notices = zone.notices
    if len(wanted) > MAX_CHECKS:
        sentence = f"{MAX_CHECKS} of {len(wanted)} health checks were asked for their status, and no more"
        notices = (*notices, Notice(zone.origin, sentence))
    health = {
        name: health_of(found[name].config, found[name].statuses) if name in found else MISSING
        for name in wanted[:MAX_CHECKS]
    }
    return replace(zone, notices=notices, health=health)
