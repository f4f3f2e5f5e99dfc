"""The AWS provider: record sets as endpoints, and changes as batches for Route 53 (provider/aws/aws.go)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from probe.externaldns.endpoint import DEFAULT_TTL, DnsEndpoint
from probe.externaldns.planning import Changes, Update
from probe.model.name import DomainName, canonical, is_within, parent
from probe.route53.alias_zones import alias_zones
from probe.route53.records import AliasTarget, Change, ChangeAction, InvalidChangeBatchError, ResourceRecordSet

_ALIAS_ZONES = {domain: zone_id for zone_id, domain in alias_zones().items()}

BATCH_CHANGES = 1000
"""`--aws-batch-change-size`: changes in one request."""

BATCH_VALUES = 1000
"""`--aws-batch-change-size-values`: values in one request, an UPSERT's counted twice; an alias has one."""

BATCH_OCTETS = 32000
"""`--aws-batch-change-size-bytes`: octets of values in one request, an UPSERT's counted twice."""

_ACTION_ORDER = {ChangeAction.UPSERT: 0, ChangeAction.DELETE: 1, ChangeAction.CREATE: 2}


class Zone(Protocol):
    """What ExternalDNS uses of a hosted zone."""

    @property
    def name(self) -> DomainName:
        """The apex."""

    @property
    def zone_id(self) -> str:
        """Its id, by which `--zone-id-filter` names it."""

    def record_sets(self) -> tuple[ResourceRecordSet, ...]:
        """List everything (ListResourceRecordSets)."""

    def change(self, changes: Sequence[Change], /) -> object:
        """Apply a batch as one transaction, or raise InvalidChangeBatchError (ChangeResourceRecordSets)."""


@dataclass(frozen=True, slots=True)
class SentBatch:
    """One request to Route 53 and what it answered.

    Attributes:
        changes: In the order sent.
        errors: Route 53's sentences; empty when the batch was accepted.
    """

    changes: tuple[Change, ...]
    errors: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether it was applied."""
        return not self.errors


@dataclass(frozen=True, slots=True)
class _OwnedChange:
    """A change and the host that it belongs to: a record and its TXT share one."""

    host: DomainName
    change: Change


@dataclass(frozen=True, slots=True)
class AwsProvider:
    """The provider's flags.

    Attributes:
        prefer_cname: `--aws-prefer-cname`: load balancers get a CNAME, not an alias.
        evaluate_target_health: `--aws-evaluate-target-health`, true by default; an object's annotation goes before it.
        alias_aaaa: An alias for AAAA goes beside the one for A (a habit of the version).
    """

    prefer_cname: bool = False
    evaluate_target_health: bool = True
    alias_aaaa: bool = True

    def records(self, zone: Zone) -> tuple[DnsEndpoint, ...]:
        """Read the zone."""
        return self.read(zone.record_sets())

    def read(self, record_sets: Iterable[ResourceRecordSet]) -> tuple[DnsEndpoint, ...]:
        """Read record sets as this provider does."""
        return tuple(map(_endpoint, record_sets))

    def adjust(self, desired: Iterable[DnsEndpoint]) -> tuple[DnsEndpoint, ...]:
        """Turn what sources want into what this provider would read back: aliases for load balancers."""
        adjusted: list[DnsEndpoint] = []
        for endpoint in desired:
            if endpoint.rdtype != "CNAME":
                adjusted.append(endpoint)
            elif self.prefer_cname or _alias_zone(endpoint.targets[0]) is None:
                adjusted.append(replace(endpoint, alias=False))
            else:
                alias = replace(
                    endpoint,
                    rdtype="A",
                    alias=True,
                    ttl=None if endpoint.ttl is None else DEFAULT_TTL,
                    evaluate_target_health=(
                        self.evaluate_target_health
                        if endpoint.evaluate_target_health is None
                        else endpoint.evaluate_target_health
                    ),
                )
                adjusted.append(alias)
                if self.alias_aaaa:
                    adjusted.append(replace(alias, rdtype="AAAA"))
        return tuple(adjusted)

    def apply(self, changes: Changes, zone: Zone) -> tuple[SentBatch, ...]:
        """Send the changes in batches; what is refused goes again, host by host. Tells everything that was sent."""
        sent: list[SentBatch] = []
        for batch in _batches(sorted(_changes(changes, zone.name), key=_batch_order)):
            first = _send(zone, tuple(owned.change for owned in batch))
            sent.append(first)
            by_host = _by_host(batch)
            if not first.accepted and len(by_host) > 1:
                sent += [_send(zone, tuple(owned.change for owned in group)) for group in by_host.values()]
        return tuple(sent)


def _batches(changes: Sequence[_OwnedChange]) -> Iterator[tuple[_OwnedChange, ...]]:
    """Cut changes into batches of at most the default size: all in one while they fit, else host by host until full.

    A record stays with its TXT (`groupChangesByNameAndOwnershipRelation`): a batch is a transaction, and half of one
    would leave a record without its owner.
    """
    if _fits(changes):
        if changes:
            yield tuple(changes)
        return
    batch: list[_OwnedChange] = []
    for group in _by_host(changes).values():
        if batch and not _fits([*batch, *group]):
            yield tuple(sorted(batch, key=_batch_order))
            batch = []
        batch += group
    yield tuple(sorted(batch, key=_batch_order))


def _by_host(changes: Iterable[_OwnedChange]) -> dict[DomainName, list[_OwnedChange]]:
    found: dict[DomainName, list[_OwnedChange]] = {}
    for owned in changes:
        found.setdefault(owned.host, []).append(owned)
    return found


def _fits(changes: Sequence[_OwnedChange]) -> bool:
    values = octets = 0
    for owned in changes:
        times = 2 if owned.change.action is ChangeAction.UPSERT else 1
        values += times * len(_written(owned.change.record))
        octets += times * sum(map(len, _written(owned.change.record)))
    return len(changes) <= BATCH_CHANGES and values <= BATCH_VALUES and octets <= BATCH_OCTETS


def _written(record: ResourceRecordSet) -> tuple[str, ...]:
    return record.values if record.alias is None else (record.alias.dns_name,)


def _endpoint(record: ResourceRecordSet) -> DnsEndpoint:
    alias = record.alias
    if alias is not None:
        return DnsEndpoint(
            name=record.name,
            rdtype=record.rdtype,
            targets=(alias.dns_name.rstrip("."),),
            ttl=DEFAULT_TTL,
            set_identifier=record.set_identifier,
            alias=True,
            evaluate_target_health=alias.evaluate_target_health,
            weight=record.weight,
            health_check_id=record.health_check_id,
            routed=record.routed,
        )
    is_cname = record.rdtype == "CNAME"
    return DnsEndpoint(
        name=record.name,
        rdtype=record.rdtype,
        targets=tuple(value.rstrip(".") for value in record.values) if is_cname else record.values,
        ttl=record.ttl,
        set_identifier=record.set_identifier,
        alias=False if is_cname else None,
        weight=record.weight,
        health_check_id=record.health_check_id,
        routed=record.routed,
    )


def _record_set(endpoint: DnsEndpoint) -> ResourceRecordSet:
    zone_id = _alias_zone(endpoint.targets[0]) if endpoint.alias and endpoint.rdtype != "TXT" else None
    alias = (
        AliasTarget(zone_id, canonical(endpoint.targets[0]), endpoint.evaluate_target_health is True)
        if zone_id is not None
        else None
    )
    plain_ttl = DEFAULT_TTL if endpoint.ttl is None else endpoint.ttl
    return ResourceRecordSet(
        name=endpoint.name,
        rdtype=endpoint.rdtype,
        ttl=plain_ttl if alias is None else None,
        values=endpoint.targets if alias is None else (),
        alias=alias,
        set_identifier=endpoint.set_identifier,
        weight=endpoint.weight,
        health_check_id=endpoint.health_check_id,
        routed=endpoint.routed,
    )


def _alias_zone(target: str) -> str | None:
    """Tell the hosted zone of a load balancer's name; None for any other name."""
    return _ALIAS_ZONES.get(parent(canonical(target)))


def _changes(changes: Changes, apex: DomainName) -> Iterable[_OwnedChange]:
    """Make changes of a plan. Names outside the zone are passed over in silence: an apex's default TXT (S21)."""
    asked: list[tuple[ChangeAction, DnsEndpoint]] = [(ChangeAction.CREATE, endpoint) for endpoint in changes.create]
    for update in changes.update:
        if _must_replace(update):
            asked += [(ChangeAction.DELETE, update.old), (ChangeAction.CREATE, update.new)]
        else:
            asked.append((ChangeAction.UPSERT, update.new))
    asked += [(ChangeAction.DELETE, endpoint) for endpoint in changes.delete]
    for action, endpoint in asked:
        if is_within(endpoint.name, apex):
            yield _OwnedChange(endpoint.owned_record or endpoint.name, Change(action, _record_set(endpoint)))


def _must_replace(update: Update) -> bool:
    """Whether DELETE and CREATE are needed: Route 53 cannot UPSERT across these differences."""
    old, new = update
    return (
        old.rdtype != new.rdtype
        or (old.rdtype == "A" and old.alias != new.alias)
        or old.set_identifier != new.set_identifier
        or _policy(old) != _policy(new)
    )


def _policy(endpoint: DnsEndpoint) -> object:
    if endpoint.weight is not None:
        return "weighted"
    return None if endpoint.routed is None else endpoint.routed.routing


def _batch_order(owned: _OwnedChange) -> tuple[int, str, str]:
    r"""Sort by action, then name (with `*` as Route 53 writes it, `\052`), then type."""
    change = owned.change
    return (_ACTION_ORDER[change.action], change.record.name.replace("*", r"\052"), change.record.rdtype)


def _send(zone: Zone, changes: tuple[Change, ...]) -> SentBatch:
    try:
        zone.change(changes)
    except InvalidChangeBatchError as error:
        return SentBatch(changes, error.messages)
    return SentBatch(changes)
