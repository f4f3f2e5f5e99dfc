"""A hosted zone as it stands: its record sets, and what each name leads to."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from probe.externaldns.labels import OWNER, parse
from probe.inventory.origin import Notice, Origin
from probe.inventory.written.health import CheckHealth
from probe.judge.ownership.names import places_of
from probe.model.external_dns import TxtRegistry
from probe.model.name import ROOT, DomainName, display, is_within, parent
from probe.model.witness import WrittenTxt
from probe.route53.hosted_zone import PRIVATE_NS
from probe.route53.records import ResourceRecordSet

LEADING_TYPES = frozenset({"A", "AAAA", "CNAME"})
"""Types that lead a host somewhere."""

_MAX_CHAIN = 8  # names that a CNAME or alias leads through in one zone: more is a circle, or nobody follows it


class UnreadableZone(Exception):  # noqa: N818  it is a verdict on one file; the message is a sentence
    """A file that is no zone."""


@dataclass(frozen=True, slots=True)
class WrittenZone:
    """Everything that one hosted zone holds.

    Attributes:
        apex: Its name.
        by_name: Its record sets by owner name.
        origin: Where it was read.
        notices: What was not understood.
        health: What its health checks report, by their ids; empty where that was not asked.
        zone_id: Its id in Route 53; empty where that is not known.
    """

    apex: DomainName
    by_name: dict[DomainName, tuple[ResourceRecordSet, ...]]
    origin: Origin
    notices: tuple[Notice, ...] = ()
    health: Mapping[str, CheckHealth] = field(default_factory=dict)
    zone_id: str = ""

    @property
    def is_private(self) -> bool:
        """Tell a private hosted zone by its name servers, which do not answer queries."""
        held = (value for one in self.by_name[self.apex] if one.rdtype == "NS" for value in one.values)
        servers = [value.lower().removesuffix(".") + "." for value in held]
        return bool(PRIVATE_NS.intersection(servers))

    @property
    def health_check_ids(self) -> tuple[str, ...]:
        """The health checks that decide about record sets."""
        sets = (one.health_check_id for held in self.by_name.values() for one in held)
        return tuple(sorted({one for one in sets if one is not None}))

    def health_of(self, record: ResourceRecordSet) -> CheckHealth | None:
        """Give what a set's health check reports; None where it has none, or nobody asked."""
        return None if record.health_check_id is None else self.health.get(record.health_check_id)

    def standing(self, host: DomainName) -> tuple[ResourceRecordSet, ...]:
        """Give the sets that answer for a host: its own, or those of the wildcard that covers it (RFC 4592)."""
        own = self._leading(host)
        if own or host.startswith("*.") or host in self.by_name:
            return own
        above = parent(host)
        while above != ROOT and is_within(above, self.apex):
            if self.by_name.get(DomainName("*." + above)):
                return self._leading(DomainName("*." + above))
            if above in self.by_name:  # the closest encloser: no wildcard further up speaks for what is below it
                return ()
            above = parent(above)
        return ()

    def delegation(self, name: DomainName) -> ResourceRecordSet | None:
        """Give the NS by which it hands a name on to another zone; None where it answers for the name itself.

        Of several, those next to its apex: all that is below them is another zone's (RFC 1034 section 4.3.2).
        """
        found = None
        while name != self.apex and is_within(name, self.apex):
            found = next((one for one in self.by_name.get(name, ()) if one.rdtype == "NS"), found)
            name = parent(name)
        return found

    def targets(self, record: ResourceRecordSet) -> Iterator[str]:
        """Give what a set leads to in the end: names outside the zone without their last dot, and addresses."""
        yield from self._followed(record, _MAX_CHAIN)

    def hosts(self) -> Iterator[DomainName]:
        """Go through every name that leads somewhere, the apex included."""
        return (name for name, held in self.by_name.items() if any(one.rdtype in LEADING_TYPES for one in held))

    def owners(self, host: DomainName, registries: Iterable[TxtRegistry]) -> tuple[str, ...]:
        """Give the owners that its ownership TXT name, under any of some flags."""
        return tuple(dict.fromkeys(one.owner for one in self.ownership(host, registries)))

    def ownership(self, host: DomainName, registries: Iterable[TxtRegistry]) -> tuple[WrittenTxt, ...]:
        """Give its ownership TXT, under any of some flags."""
        found = (
            WrittenTxt(name, labels.get(OWNER, ""))
            for name in places_of(host, (TxtRegistry(), *registries))
            for one in self.by_name.get(name, ())
            if one.rdtype == "TXT"
            for value in one.values[:1]  # ExternalDNS reads the first value alone
            if (labels := parse(value)) is not None
        )
        return tuple(dict.fromkeys(one for one in found if one.owner))

    def _leading(self, host: DomainName) -> tuple[ResourceRecordSet, ...]:
        return tuple(one for one in self.by_name.get(host, ()) if one.rdtype in LEADING_TYPES)

    def _followed(self, record: ResourceRecordSet, left: int) -> Iterator[str]:
        for target in (record.alias.dns_name,) if record.alias is not None else record.values:
            name = DomainName(target.lower() if target.endswith(".") else target.lower() + ".")
            inside = record.rdtype == "CNAME" or record.alias is not None
            further = [one for one in self._leading(name) if is_within(name, self.apex)] if inside and left else []
            if further:
                for one in further:
                    yield from self._followed(one, left - 1)
            else:
                yield display(name)


def make_zone(record_sets: Iterable[ResourceRecordSet], origin: Origin, notices: Iterable[Notice] = ()) -> WrittenZone:
    """Make a zone of its record sets.

    Raises:
        UnreadableZone: They have no SOA, so that nobody can tell whose zone it is.
    """
    by_name: defaultdict[DomainName, list[ResourceRecordSet]] = defaultdict(list)
    for one in record_sets:
        by_name[one.name].append(one)
    apexes = [name for name, held in by_name.items() if any(one.rdtype == "SOA" for one in held)]
    if not apexes:
        raise UnreadableZone(f"{origin} has no SOA: it is not a whole zone")
    held = {name: tuple(sets) for name, sets in by_name.items()}
    return WrittenZone(min(apexes, key=len), held, origin, tuple(notices))
