"""One sync of one ExternalDNS over one host: the model, asked once for each question, and its answer kept.

A host is played by itself. That is what Route 53 sees as well: a batch that is refused goes again host by host, and
names of two hosts do not meet but where an untyped TXT of one is at the typed name of another (`a-web` and `web`).
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from probe.externaldns.endpoint import DnsEndpoint
from probe.externaldns.instance import SyncPolicy
from probe.externaldns.registry import InstanceRegistry, NoRegistry
from probe.externaldns.version import dialect
from probe.judge.ownership.lookup import Shape
from probe.judge.ownership.placeholders import wanted
from probe.model.name import DomainName
from probe.model.side import Side
from probe.route53.change_batch import apply_changes
from probe.route53.hosted_zone import DOCUMENTED_DELEGATION_SET, NS_TTL, SOA_CONTACT, SOA_TIMERS, SOA_TTL
from probe.route53.records import Change, ChangeAction, RecordKey, ResourceRecordSet, RoutedBy

_APEX = (
    ("NS", NS_TTL, DOCUMENTED_DELEGATION_SET[0]),
    ("SOA", SOA_TTL, f"{DOCUMENTED_DELEGATION_SET[0]} {SOA_CONTACT} {SOA_TIMERS}"),
)

KEPT = 65_536
"""Answers kept: a rehearsal of 300 hosts asks some hundred questions. About 1 KB each at most."""


class ChosenBy(NamedTuple):
    """What the annotations of an object say of its record set; a simple one has none.

    Attributes:
        identifier: `set-identifier`.
        weight: `aws-weight`.
        routed: `aws-failover`, `aws-region`, `aws-geolocation-...` or `aws-multi-value-answer`.
    """

    identifier: str = ""
    weight: int | None = None
    routed: RoutedBy | None = None


SIMPLE = ChosenBy()
"""No annotation: the only record set of its name and type."""


class Wish(NamedTuple):
    """What a cluster wants of a host.

    Attributes:
        side: To whose load balancer it is to lead.
        shape: How.
        dualstack: With AAAA as well.
        by: Which of the name's record sets it is to be.
        ttl: Seconds, where the object sets them.
        evaluates: The annotation `aws-evaluate-target-health` of an alias; None where there is none.
    """

    side: Side
    shape: Shape
    dualstack: bool
    by: ChosenBy = SIMPLE
    ttl: int | None = None
    evaluates: bool | None = None

    def endpoints(self, host: DomainName) -> tuple[DnsEndpoint, ...]:
        """Give it as a source of ExternalDNS does."""
        return _endpoints(self, host)


@lru_cache(maxsize=KEPT)
def _endpoints(wish: Wish, host: DomainName) -> tuple[DnsEndpoint, ...]:
    health = wish.evaluates if wish.shape is Shape.ALIAS else None
    return tuple(
        replace(
            one,
            set_identifier=wish.by.identifier,
            weight=wish.by.weight,
            routed=wish.by.routed,
            ttl=wish.ttl,
            evaluate_target_health=one.evaluate_target_health if health is None else health,
        )
        for one in wanted(host, wish.side, wish.shape, dualstack=wish.dualstack)
    )


class Rewrite(NamedTuple):
    """What one sync comes to.

    Attributes:
        after: The host's records afterwards.
        changes, values, octets: The size of what was sent, as Route 53 counts it; all 0 when it is up to date.
        refusals: Route 53's sentences; nothing has changed then.
    """

    after: frozenset[ResourceRecordSet]
    changes: int = 0
    values: int = 0
    octets: int = 0
    refusals: tuple[str, ...] = ()


@lru_cache(maxsize=KEPT)
def rewrite(
    sync: SyncPolicy, host: DomainName, apex: DomainName, before: frozenset[ResourceRecordSet], wish: Wish | None
) -> Rewrite:
    """Play one sync.

    Args:
        sync: The ExternalDNS.
        host: The host.
        apex: The zone that it writes into.
        before: What stands of the host.
        wish: What its cluster wants of it; None when it has no object for it.
    """
    zone = _HostZone(apex, before)
    wishes = () if wish is None else wish.endpoints(host)
    changes = sync.changes(sync.provider.records(zone), wishes)
    sent = sync.provider.apply(changes, zone)
    if not sent:
        return Rewrite(before)
    first = sent[0]
    values = octets = 0
    for change in first.changes:
        times = 2 if change.action is ChangeAction.UPSERT else 1
        texts = change.record.values if change.record.alias is None else (change.record.alias.dns_name,)
        values += times * len(texts)
        octets += times * sum(map(len, texts))
    refusals = tuple(error for batch in sent for error in batch.errors)
    return Rewrite(zone.held, len(first.changes), values, octets, refusals)


@lru_cache(maxsize=KEPT)
def owners(sync: SyncPolicy, host: DomainName, records: frozenset[ResourceRecordSet]) -> tuple[str, ...]:
    """Tell whose a host's records are, as an ExternalDNS reads them before it takes anything over; "" for nobody's."""
    return tuple(dict.fromkeys(one.owner for one in read(sync, host, records)))


@lru_cache(maxsize=KEPT)
def read(sync: SyncPolicy, host: DomainName, records: frozenset[ResourceRecordSet]) -> tuple[DnsEndpoint, ...]:
    """Read a host's records, and whose each is, as an ExternalDNS does before it takes anything over."""
    flags = sync.flags
    registry = (
        NoRegistry() if flags.owns_all else InstanceRegistry(flags.txt_owner_id, "", flags.names, dialect(sync.version))
    )
    held = registry.read(sync.provider.read(sorted(records, key=lambda one: one.key)))
    return tuple(one for one in held.records if one.name == host)


_ZONE_ID = "Z0"  # DNS shows no zone's id: every filter lets this one through, and the assumptions say so


class _HostZone:
    """A hosted zone that holds what one host has, and what every zone has."""

    def __init__(self, name: DomainName, records: frozenset[ResourceRecordSet]) -> None:
        self.name = name
        self.zone_id = _ZONE_ID
        self._own = tuple(ResourceRecordSet(name, rdtype, ttl, (value,)) for rdtype, ttl, value in _APEX)
        self._records: dict[RecordKey, ResourceRecordSet] = {one.key: one for one in (*self._own, *records)}

    @property
    def held(self) -> frozenset[ResourceRecordSet]:
        return frozenset(self._records.values()).difference(self._own)

    def record_sets(self) -> tuple[ResourceRecordSet, ...]:
        return tuple(self._records[key] for key in sorted(self._records))

    def change(self, changes: Sequence[Change]) -> None:
        self._records = apply_changes(self.name, self.zone_id, self._records, changes)
