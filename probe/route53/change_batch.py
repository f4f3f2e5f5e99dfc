"""Change batches: one transaction each, refused with Route 53's own sentences.

The sentences about keys, values, types and weighted sets are recorded in public issue threads and in ExternalDNS runs;
those that could not be found are worded alike. The changes of a batch take effect in their order, each on what the ones
before it left (so DELETE then CREATE replaces a record set), and nothing of a refused batch remains.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from probe.model.name import DomainName, is_within
from probe.route53.change_form import form_mistake
from probe.route53.record_values import mistake_in
from probe.route53.records import (
    Change,
    ChangeAction,
    InvalidChangeBatchError,
    InvalidInputError,
    RecordKey,
    ResourceRecordSet,
)

MAX_RECORDS = 1000
"""ResourceRecord elements of one request, an UPSERT's counted twice (developer guide, "Quotas")."""

MAX_CHARACTERS = 32000
"""Characters in all Value elements of one request, an UPSERT's counted twice (developer guide, "Quotas")."""

MAX_VALUES = 400
"""Records in one record set (developer guide, "Quotas")."""

MAX_WEIGHTED = 100
"""Weighted record sets of one name and type (developer guide, "Quotas")."""


def apply_changes(
    zone: DomainName,
    zone_id: str,
    current: Mapping[RecordKey, ResourceRecordSet],
    changes: Sequence[Change],
    alias_zones: Mapping[str, DomainName] | None = None,
) -> dict[RecordKey, ResourceRecordSet]:
    """Give the zone's record sets after a batch.

    Args:
        zone: Its apex.
        zone_id: Its id, which an alias within the zone names.
        current: Its record sets before; left as they are.
        changes: In their order.
        alias_zones: Per foreign hosted zone that an alias may name, the domain it covers; None leaves them unchecked.

    Raises:
        InvalidInputError: The request's form is wrong.
        InvalidChangeBatchError: The batch contradicts the zone, itself or a limit.
    """
    form = tuple(mistake for change in changes if (mistake := form_mistake(change)) is not None)
    if form:
        raise InvalidInputError(form[:1])  # the service stops at the first
    mistakes = [*_limit_mistakes(changes), *_duplicates(changes)]
    if mistakes:
        raise InvalidChangeBatchError(tuple(mistakes))
    draft = _Draft(current)
    for change in changes:
        deletes = change.action is ChangeAction.DELETE
        found = (
            _delete_mistakes(draft.records, change.record)
            if deletes
            else _write_mistakes(zone, zone_id, draft, change, alias_zones)
        )
        mistakes.extend(found)
        if not found:
            (draft.remove if deletes else draft.put)(change.record)
    if not mistakes:
        mistakes.extend(_whole_mistakes(zone, zone_id, draft, changes))
    if mistakes:
        raise InvalidChangeBatchError(tuple(dict.fromkeys(mistakes)))
    return draft.records


class _Draft:
    """The zone as the changes so far leave it, indexed by name so that a big batch stays linear."""

    def __init__(self, current: Mapping[RecordKey, ResourceRecordSet]) -> None:
        self.records = dict(current)
        self._by_name: dict[DomainName, dict[RecordKey, ResourceRecordSet]] = {}
        for record in current.values():
            self._by_name.setdefault(record.name, {})[record.key] = record

    def at(self, name: DomainName) -> tuple[ResourceRecordSet, ...]:
        return tuple(self._by_name.get(name, {}).values())

    def put(self, record: ResourceRecordSet) -> None:
        self.records[record.key] = record
        self._by_name.setdefault(record.name, {})[record.key] = record

    def remove(self, record: ResourceRecordSet) -> None:
        del self.records[record.key]
        del self._by_name[record.name][record.key]


def _limit_mistakes(changes: Sequence[Change]) -> list[str]:
    records = characters = 0
    for change in changes:
        times = 2 if change.action is ChangeAction.UPSERT else 1
        records += times * len(change.record.values)
        characters += times * sum(map(len, change.record.values))
    mistakes = []
    if records > MAX_RECORDS:
        mistakes.append(f"Number of records limit of {MAX_RECORDS} exceeded.")
    if characters > MAX_CHARACTERS:
        mistakes.append(f"Record value character limit of {MAX_CHARACTERS} exceeded.")
    return mistakes


def _duplicates(changes: Sequence[Change]) -> list[str]:
    """Two changes of one record set contradict each other, except DELETE before CREATE: a replacement."""
    actions: dict[RecordKey, list[ChangeAction]] = {}
    for change in changes:
        actions.setdefault(change.record.key, []).append(change.action)
    return [
        f"The request contains an invalid set of changes for a resource record set '{rdtype} {name}'"
        for (name, rdtype, _), done in actions.items()
        if len(done) > 1 and done != [ChangeAction.DELETE, ChangeAction.CREATE]
    ]


def _describe(record: ResourceRecordSet) -> str:
    identifier = f", set-identifier='{record.set_identifier}'" if record.set_identifier else ""
    return f"resource record set [name='{record.name}', type='{record.rdtype}'{identifier}]"


def _delete_mistakes(current: Mapping[RecordKey, ResourceRecordSet], record: ResourceRecordSet) -> list[str]:
    existing = current.get(record.key)
    if existing is None:
        return [f"Tried to delete {_describe(record)} but it was not found"]
    if not _matches(existing, record):
        return [f"Tried to delete {_describe(record)} but the values provided do not match the current values"]
    return []


def _matches(existing: ResourceRecordSet, given: ResourceRecordSet) -> bool:
    """Tell whether a DELETE names exactly what stands there; the order of the values does not matter."""
    return (
        existing.ttl == given.ttl
        and sorted(existing.values) == sorted(given.values)
        and existing.alias == given.alias
        and existing.weight == given.weight
        and existing.health_check_id == given.health_check_id
        and existing.routed == given.routed
    )


def _write_mistakes(
    zone: DomainName,
    zone_id: str,
    draft: _Draft,
    change: Change,
    alias_zones: Mapping[str, DomainName] | None,
) -> list[str]:
    """Say why a CREATE or UPSERT cannot be; only the first reason of each kind, as the service does."""
    record = change.record
    if not is_within(record.name, zone):
        return [f"RRSet with DNS name {record.name} is not permitted in zone {zone}"]
    mistakes = _value_mistakes(record)
    if record.alias is not None:
        mistakes.extend(_alias_mistakes(record, zone, zone_id, alias_zones))
    if change.action is ChangeAction.CREATE and record.key in draft.records:
        mistakes.append(f"Tried to create {_describe(record)} but it already exists")
    else:
        mistakes.extend(_conflicts(zone, draft, record))
    return mistakes


def _value_mistakes(record: ResourceRecordSet) -> list[str]:
    mistakes = [mistake for value in record.values if (mistake := mistake_in(record.rdtype, value)) is not None]
    mistakes.extend(
        f"Duplicate Resource Record: '{value}'" for value, count in Counter(record.values).items() if count > 1
    )
    if len(record.values) > MAX_VALUES:
        mistakes.append(f"Cannot have more than {MAX_VALUES} records in a RRSet.")
    if record.rdtype in {"CNAME", "SOA"} and len(record.values) > 1:
        mistakes.append(
            f"RRSet of type {record.rdtype} with DNS name {record.name} is not permitted to have more than one value."
        )
    return mistakes


def _alias_mistakes(
    record: ResourceRecordSet, zone: DomainName, zone_id: str, alias_zones: Mapping[str, DomainName] | None
) -> list[str]:
    alias = record.alias
    if alias is None:
        return []
    domain = zone if alias.hosted_zone_id == zone_id else None
    if domain is None and alias_zones is not None:
        domain = alias_zones.get(alias.hosted_zone_id)
    elif domain is None:
        return []
    if domain is not None and is_within(alias.dns_name, domain):
        return []
    return [f"{_alias_begin(record)}, but the alias target name does not lie within the target zone"]


def _alias_begin(record: ResourceRecordSet) -> str:
    alias = record.alias
    target, target_zone = (alias.dns_name, alias.hosted_zone_id) if alias is not None else ("", "")
    return f"Tried to create an alias that targets {target}, type {record.rdtype} in zone {target_zone}"


def _conflicts(zone: DomainName, draft: _Draft, record: ResourceRecordSet) -> list[str]:
    name, rdtype = record.name, record.rdtype
    neighbours = [other for other in draft.at(name) if other.key != record.key]
    types = {other.rdtype for other in neighbours}
    group = [other for other in neighbours if other.rdtype == rdtype]
    of_type = f"RRSet of type {rdtype} with DNS name {name} is not permitted"
    if rdtype == "CNAME" and name == zone:
        return [f"{of_type} at apex in zone {zone}"]
    if rdtype == "CNAME" and types - {"CNAME"}:
        return [f"{of_type} as it conflicts with other records with the same DNS name in zone {zone}"]
    if rdtype != "CNAME" and "CNAME" in types:
        conflicting = "a conflicting RRSet of type CNAME with the same DNS name already exists"
        return [f"{of_type} because {conflicting} in zone {zone}"]
    if group and (not record.set_identifier or any(not other.set_identifier for other in group)):
        reason = "cannot be created as other RRSets exist with the same name and type."
        return [f"RRSet with DNS name {name}, type {rdtype} {reason}"]
    return _group_mistakes(record, group)


def _group_mistakes(record: ResourceRecordSet, group: Sequence[ResourceRecordSet]) -> list[str]:
    """Say why a record set cannot stand beside the others of its name and type: one policy, and each value once."""
    begin = (
        f"RRSet with DNS name {record.name}, type {record.rdtype}, SetIdentifier {record.set_identifier} cannot be "
        "created because"
    )
    if any(other.policy != record.policy for other in group):
        return [f"{begin} a non {record.policy} rrset exists with the same name and type."]
    if record.routed is not None and record.routed.value and any(other.routed == record.routed for other in group):
        return [f"{begin} one for {record.routed.value} exists with the same name and type."]
    if len(group) >= MAX_WEIGHTED:
        return [f"Exceeded limit on number of weighted RRSets for {record.name}, type {record.rdtype} in this zone."]
    return []


def _whole_mistakes(zone: DomainName, zone_id: str, draft: _Draft, changes: Sequence[Change]) -> list[str]:
    """Check what only the batch as a whole can break: TTLs of a weighted group, alias targets, the apex."""
    mistakes = []
    if (zone, "NS", "") not in draft.records:
        mistakes.append("A HostedZone must contain at least one NS record for the zone itself.")
    if (zone, "SOA", "") not in draft.records:
        mistakes.append("A HostedZone must contain exactly one SOA record.")
    for change in changes:
        record = change.record
        if change.action is ChangeAction.DELETE:
            continue
        ttls = {other.ttl for other in draft.at(record.name) if other.rdtype == record.rdtype}
        if len(ttls - {None}) > 1 and record.ttl is not None:
            mistakes.append(
                f"RRSet with DNS name {record.name} and type {record.rdtype}, SetIdentifier {record.set_identifier} "
                f"cannot be created as weighted sets must contain the same TTL."
            )
        alias = record.alias
        if alias is None or alias.hosted_zone_id != zone_id:
            continue
        if not any(other.rdtype == record.rdtype for other in draft.at(alias.dns_name)):
            mistakes.append(f"{_alias_begin(record)}, but that target was not found")
    return mistakes
