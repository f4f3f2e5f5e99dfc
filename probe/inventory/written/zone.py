"""A hosted zone as it stands: its record sets, and what each name leads to."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from probe.externaldns.labels import OWNER, parse
from probe.inventory.origin import Notice, Origin
from probe.judge.ownership.names import places_of
from probe.model.external_dns import TxtRegistry
from probe.model.name import ROOT, DomainName, display, is_within, parent
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
    """

    apex: DomainName
    by_name: dict[DomainName, tuple[ResourceRecordSet, ...]]
    origin: Origin
    notices: tuple[Notice, ...] = ()

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

    def targets(self, record: ResourceRecordSet) -> Iterator[str]:
        """Give what a set leads to in the end: names outside the zone without their last dot, and addresses."""
        yield from self._followed(record, _MAX_CHAIN)

    def hosts(self) -> Iterator[DomainName]:
        """Go through every name that leads somewhere, the apex included."""
        return (name for name, held in self.by_name.items() if any(one.rdtype in LEADING_TYPES for one in held))

    def owners(self, host: DomainName, registries: Iterable[TxtRegistry]) -> tuple[str, ...]:
        """Give the owners that its ownership TXT name, under any of some flags."""
        places = places_of(host, (TxtRegistry(), *registries))
        found = (
            labels.get(OWNER, "")
            for name in places
            for one in self.by_name.get(name, ())
            if one.rdtype == "TXT"
            for value in one.values[:1]  # ExternalDNS reads the first value alone
            if (labels := parse(value)) is not None
        )
        return tuple(dict.fromkeys(owner for owner in found if owner))

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
