"""Hosted zones: record sets, changed by whole batches, each batch a numbered version of the zone."""

import string
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import dns.name

from probe.model.name import DomainName, parent
from probe.route53.change_batch import apply_changes
from probe.route53.records import Change, RecordKey, ResourceRecordSet

NS_TTL = 172800
"""Route 53 gives a new zone's NS record set two days."""

SOA_TTL = 900
"""Route 53's default; with the MINIMUM below it makes the negative TTL 900 s (RFC 2308 section 5)."""

SOA_TIMERS = "1 7200 900 1209600 86400"
"""Route 53's default SERIAL, REFRESH, RETRY, EXPIRE, MINIMUM. The serial stays 1: it marks no version."""

DOCUMENTED_DELEGATION_SET = (
    DomainName("ns-2048.awsdns-64.com."),
    DomainName("ns-2049.awsdns-65.net."),
    DomainName("ns-2050.awsdns-66.org."),
    DomainName("ns-2051.awsdns-67.co.uk."),
)
"""The name servers in the API reference's examples: for a zone that nobody asks over DNS."""

PRIVATE_NS = frozenset(
    map(
        DomainName,
        ("ns-0.awsdns-00.com.", "ns-512.awsdns-00.net.", "ns-1024.awsdns-00.org.", "ns-1536.awsdns-00.co.uk."),
    )
)
"""The name servers that Route 53 writes into every private hosted zone. They are reserved and never worth asking."""

SOA_CONTACT = "awsdns-hostmaster.amazon.com."


_UNESCAPED = frozenset((string.ascii_letters + string.digits + "-_").encode())
_ESCAPED = {byte: f"\\{byte:03o}" for byte in range(256) if byte not in _UNESCAPED}


class ChangeInfo(NamedTuple):
    """What an accepted batch became.

    Attributes:
        change_id: `C…`, the id that GetChange would take.
        version: The zone version that the batch made.
    """

    change_id: str
    version: int


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class ZoneVersion:
    """One state of a zone, never changed afterwards; indexed for answering.

    Attributes:
        name: The apex.
        zone_id: The hosted zone's id.
        number: 1 for the zone as created, then one more per accepted batch.
        record_sets: By key.
        by_name: The record sets of each owner name, by type.
        existing: Every name that exists: owner names and the empty non-terminals above them (RFC 4592 section 2.2.2).
        cuts: Names below the apex that have NS record sets: what lies there or below is another zone's.
        wildcards: Whether any owner name begins with a `*` label, so that zones without one are answered faster.
        most_values: How many values an answer shows at most, drawn anew each time; None shows all.
    """

    name: DomainName
    zone_id: str
    number: int
    record_sets: Mapping[RecordKey, ResourceRecordSet]
    by_name: Mapping[DomainName, Mapping[str, tuple[ResourceRecordSet, ...]]]
    existing: frozenset[DomainName]
    cuts: frozenset[DomainName]
    wildcards: bool
    most_values: int | None = None


def make_version(
    name: DomainName,
    zone_id: str,
    number: int,
    record_sets: Mapping[RecordKey, ResourceRecordSet],
    most_values: int | None = None,
) -> ZoneVersion:
    """Index record sets into a version."""
    by_name: dict[DomainName, dict[str, tuple[ResourceRecordSet, ...]]] = {}
    existing = {name}
    for record in record_sets.values():
        types = by_name.setdefault(record.name, {})
        types[record.rdtype] = (*types.get(record.rdtype, ()), record)
        owner = record.name
        while owner not in existing:
            existing.add(owner)
            owner = parent(owner)
    cuts = frozenset(owner for owner, types in by_name.items() if "NS" in types and owner != name)
    wildcards = any(owner.startswith("*.") for owner in by_name)
    return ZoneVersion(
        name, zone_id, number, dict(record_sets), by_name, frozenset(existing), cuts, wildcards, most_values
    )


@lru_cache(maxsize=8192)
def escape(name: DomainName) -> str:
    r"""Write a name as the API shows it: bytes but letters, digits, `-` and `_` as octal `\ooo`, so `*` is `\052`.

    Source: developer guide, "DNS domain name format".
    """
    labels = dns.name.from_text(name).labels
    return ".".join("".join(_ESCAPED.get(byte, chr(byte)) for byte in label) for label in labels) or "."


def listing_order(record: ResourceRecordSet) -> tuple[str, str, str]:
    """Sort as ListResourceRecordSets does: by name with its labels reversed, in ASCII; then type, then set identifier.

    The documentation says "labels reversed, for example com.example.www.", trailing dot included, and that `!` to `-`
    therefore sort before the dot.
    """
    labels = escape(record.name).removesuffix(".").split(".")
    return (".".join(reversed(labels)) + ".", record.rdtype, record.set_identifier)


class HostedZone:
    """One public hosted zone.

    Args:
        name: Apex.
        zone_id: `Z…`, without `/hostedzone/`.
        name_servers: The delegation set, from which the apex's NS and SOA are made.
        alias_zones: For each foreign hosted zone that an alias may name (those of ELBs), the domain it covers; None
            leaves aliases into foreign zones unchecked.
        tags: What ListTagsForResources tells of it.
    """

    def __init__(
        self,
        name: DomainName,
        zone_id: str,
        name_servers: Sequence[DomainName] = DOCUMENTED_DELEGATION_SET,
        *,
        alias_zones: Mapping[str, DomainName] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.zone_id = zone_id
        self.name_servers = tuple(name_servers)
        self.tags = dict(tags or {})
        self._alias_zones = alias_zones
        self._subscribers: list[Callable[[ZoneVersion], None]] = []
        apex = (
            ResourceRecordSet(name, "NS", NS_TTL, self.name_servers),
            ResourceRecordSet(name, "SOA", SOA_TTL, (f"{self.name_servers[0]} {SOA_CONTACT} {SOA_TIMERS}",)),
        )
        self._version = make_version(name, zone_id, 1, {record.key: record for record in apex})
        self._listing: tuple[ResourceRecordSet, ...] | None = None

    @property
    def version(self) -> ZoneVersion:
        """The newest version: what the API shows at once, and DNS only after propagation."""
        return self._version

    def record_sets(self) -> tuple[ResourceRecordSet, ...]:
        """Every record set in the order of ListResourceRecordSets."""
        if self._listing is None:
            self._listing = tuple(sorted(self._version.record_sets.values(), key=listing_order))
        return self._listing

    def change(self, changes: Sequence[Change]) -> ChangeInfo:
        """Apply a batch as one transaction; every accepted batch makes a version, also one that changes nothing.

        Raises:
            InvalidChangeBatchError: The batch was refused; the zone is as it was.
        """
        after = apply_changes(self.name, self.zone_id, self._version.record_sets, changes, self._alias_zones)
        number = self._version.number + 1
        self._version = make_version(self.name, self.zone_id, number, after)
        self._listing = None
        for subscriber in self._subscribers:
            subscriber(self._version)
        return ChangeInfo(f"C{self.zone_id[1:]}{number:06d}", number)

    def subscribe(self, subscriber: Callable[[ZoneVersion], None]) -> None:
        """Call `subscriber` with the present version now and with each later one as it is made."""
        self._subscribers.append(subscriber)
        subscriber(self._version)


def longest_match(zones: Container[DomainName], name: DomainName) -> DomainName | None:
    """Give the zone nearest above `name` (or `name` itself), None when none holds it."""
    candidate = name
    while candidate not in zones:
        above = parent(candidate)
        if above == candidate:
            return None
        candidate = above
    return candidate
