"""The TXT registry: who owns which record, read from and written into TXT records (registry/txt/registry.go).

Beside it the one that keeps nothing (registry/noop/noop.go).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from probe.externaldns.endpoint import DnsEndpoint, Labels
from probe.externaldns.labels import Cipher, parse, serialize
from probe.externaldns.naming import TxtNames, too_long
from probe.externaldns.planning import Changes, Update
from probe.externaldns.version import Dialect
from probe.model.external_dns import MANAGED_TYPES
from probe.model.name import DomainName


def kind_written(rdtype: str, *, alias: bool, dialect: Dialect) -> str:
    """Tell the type in the name of a record's TXT; empty before names had one."""
    if not dialect.typed_txt:
        return ""
    return dialect.alias_txt_type if rdtype == "A" and alias else rdtype


def kinds_read(rdtype: str, *, alias: bool, dialect: Dialect) -> tuple[str, ...]:
    """Tell the types under which a record's TXT is looked for, the first found counting; none before it was managed."""
    bare = ("",) if rdtype != "AAAA" else ()
    if not dialect.typed_txt:
        return bare
    typed = kind_written(rdtype, alias=alias, dialect=dialect)
    legacy = ("CNAME",) if rdtype == "A" and alias and typed == "A" else ()
    return (typed, *legacy, *bare)


def _as_stored(record: DnsEndpoint) -> DnsEndpoint:
    return record if record.stored is None else replace(record, labels=record.stored)


@dataclass(frozen=True, slots=True)
class Ownership:
    """What the registry knows after reading a zone.

    Attributes:
        records: The managed records, each with the labels of its TXT.
        txt_keys: Name and set identifier of every ownership TXT that exists, whoever wrote it.
    """

    records: tuple[DnsEndpoint, ...]
    txt_keys: frozenset[tuple[DomainName, str]]


class NoRegistry:
    """`--registry=noop`: it reads no ownership and writes none. Its owner id is empty, as that of every record is."""

    owner = ""

    def read(self, zone: Iterable[DnsEndpoint]) -> Ownership:
        """Give the zone's records without an owner: every one of them is this owner's."""
        return Ownership(tuple(one for one in zone if one.rdtype in MANAGED_TYPES), frozenset())

    def write(self, changes: Changes, _ownership: Ownership) -> Changes:
        """Leave the changes as they are."""
        return changes


@dataclass(frozen=True, slots=True)
class InstanceRegistry:
    """One instance's registry.

    Attributes:
        owner: `--txt-owner-id`.
        migrate_from: `--migrate-from-txt-owner`, empty when unset.
        names: Where TXT records stand.
        dialect: The version's habits.
        cipher: Encrypts TXT values; None leaves them plain.
    """

    owner: str
    migrate_from: str
    names: TxtNames
    dialect: Dialect
    cipher: Cipher | None = None

    def read(self, zone: Iterable[DnsEndpoint]) -> Ownership:
        """Match the zone's ownership TXT records with its records."""
        records: list[DnsEndpoint] = []
        labels_by_key: dict[tuple[DomainName, str, str], Labels] = {}
        txt_keys: set[tuple[DomainName, str]] = set()
        for endpoint in zone:
            if endpoint.rdtype in MANAGED_TYPES:
                records.append(endpoint)
            if endpoint.rdtype != "TXT" or not endpoint.targets:
                continue
            # Only the first value counts, as in ExternalDNS: an RRset with two heritages has one reader's owner.
            labels = parse(endpoint.targets[0], self.cipher)
            if labels is None:
                continue
            txt_keys.add((endpoint.name, endpoint.set_identifier))
            owned = self.names.record_of(endpoint.name)
            if owned is not None:
                labels_by_key[(*owned, endpoint.set_identifier)] = labels
        txt_names = frozenset(name for name, _ in txt_keys)
        return Ownership(
            records=tuple(self._claim(record, labels_by_key, txt_names) for record in records),
            txt_keys=frozenset(txt_keys),
        )

    def write(self, changes: Changes, ownership: Ownership) -> Changes:
        """Add to every change of an own record the change of its TXT."""
        creates: list[DnsEndpoint] = []
        for record in changes.create:
            owned = replace(record, labels=record.with_labels(owner=self.owner))
            creates.append(owned)
            creates += [
                txt
                for txt in self._txts(owned)
                if not (self.dialect.keeps_existing_txt and (txt.name, txt.set_identifier) in ownership.txt_keys)
            ]
        updates: list[Update] = []
        for update in changes.update:
            updates.append(update)
            updates += map(Update, self._txts(update.old), self._txts(update.new))
        deletes = [endpoint for record in changes.delete for endpoint in (record, *self._txts(_as_stored(record)))]
        return Changes(create=tuple(creates), update=tuple(updates), delete=tuple(deletes))

    def _claim(
        self,
        record: DnsEndpoint,
        labels_by_key: dict[tuple[DomainName, str, str], Labels],
        txt_names: frozenset[DomainName],
    ) -> DnsEndpoint:
        """Give a record the labels of its TXT, moved to this owner when they name the one to migrate from."""
        host = self.names.host_key(record.name)
        labels: Labels = {}
        for kind in kinds_read(record.rdtype, alias=record.alias is True, dialect=self.dialect):
            if (host, kind, record.set_identifier) in labels_by_key:
                labels = labels_by_key[host, kind, record.set_identifier]
                break
        owned = replace(record, labels=labels) if labels else record
        if self.dialect.migrates_owner and self.migrate_from and owned.owner == self.migrate_from:
            stored = owned.labels if self.dialect.deletes_as_stored else None
            owned = replace(owned, labels=owned.with_labels(owner=self.owner), stored=stored)
        if txt_names and owned.owner == self.owner:
            missing = any(name not in txt_names for name in self._txt_names(owned))
            owned = replace(owned, force_update=True) if missing else owned
        return owned

    def _txt_names(self, record: DnsEndpoint) -> list[DomainName]:
        """Name the ownership TXT records of a record; what DNS cannot hold is left out."""
        kind = kind_written(record.rdtype, alias=record.alias is True, dialect=self.dialect)
        names = [self.names.txt_name(record.name, kind)]
        bare = kind and self.dialect.bare_txt and not self.names.typed_affix and self.cipher is None
        if bare and record.rdtype != "AAAA":
            names.insert(0, self.names.txt_name(record.name, ""))
        return [name for name in names if not too_long(name)]

    def _txts(self, record: DnsEndpoint) -> list[DnsEndpoint]:
        """Make the ownership TXT records of a record: with its set identifier and all its properties."""
        return [
            replace(
                record,
                name=name,
                rdtype="TXT",
                targets=(serialize(record.labels, self.cipher),),
                ttl=None,
                labels={},
                owned_record=record.name,
            )
            for name in self._txt_names(record)
        ]
