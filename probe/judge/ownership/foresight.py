"""What an ExternalDNS would do to a host next: the model of it played over what DNS shows, and nothing guessed beside.

The records that stand and the ownership TXT that was read are put into a hosted zone (`probe.route53`), and an
ExternalDNS with the flags of the plan syncs over it (`probe.externaldns`). What DNS does not show is played in each way
that it may be: the version where the plan does not tell it, alias or addresses where the answers do not. Names and
targets that the play needs and DNS does not show are placeholders; no word of a verdict is made of them.
"""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import NamedTuple

from probe.externaldns.endpoint import DEFAULT_TTL, DnsEndpoint
from probe.externaldns.instance import ExternalDnsInstance, Flags
from probe.externaldns.labels import serialize
from probe.externaldns.naming import TxtNames
from probe.externaldns.version import POSSIBLE, Version
from probe.judge.ownership.lookup import Shape, shapes_of
from probe.judge.ownership.placeholders import record as placed
from probe.judge.ownership.placeholders import wanted
from probe.model.external_dns import ExternalDns, Policy
from probe.model.name import DomainName, is_within, parent
from probe.model.ownership import TxtStatus
from probe.model.question import RecordType
from probe.model.record import RecordStatus
from probe.model.side import Side
from probe.route53.hosted_zone import HostedZone
from probe.route53.records import Change, ChangeAction, ResourceRecordSet


class ForeseenHost(NamedTuple):
    """What is known of a host.

    Attributes:
        name: Its name.
        records: Those of its records that count.
        txts: What stands at its TXT names.
    """

    name: DomainName
    records: tuple[RecordStatus, ...]
    txts: tuple[TxtStatus, ...]

    @property
    def standing(self) -> tuple[RecordStatus, ...]:
        """Its records that exist, wherever they lead."""
        return tuple(record for record in self.records if record.state.is_present)

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """What they may be."""
        return tuple(dict.fromkeys(shape for record in self.standing for shape in shapes_of(record)))


def takes_back(host: ForeseenHost, v1: ExternalDns, v2: ExternalDns) -> tuple[RecordStatus, ...]:
    """Give the records that v1's ExternalDNS writes again after v2's has taken them over: a fight foretold.

    Only where every possibility says so, a version that the plan does not tell taken for the other side's: the fight of
    two versions is told only where it is known.
    """
    played = [
        _rewritten(host, shape, (v1, before), (v2, after))
        for shape in host.shapes
        for before, after in _versions_together(v1, v2)
    ]
    kinds = frozenset.intersection(*played) if played else frozenset[str]()
    return tuple(record for record in host.standing if record.rdtype.value in kinds)


def deletes(host: ForeseenHost, setup: ExternalDns) -> frozenset[bool]:
    """Tell whether an ExternalDNS that wants nothing of a host deletes its records: each answer that is possible.

    A policy that the plan does not tell is played as sync: what it may do is what is asked here.
    """
    found = set()
    for shape, version in product(host.shapes, _possible(setup)):
        zone = _zone(host, shape)
        _instance(setup, version, zone, ()).sync()
        found.add(any(record.name == host.name and record.rdtype != "TXT" for record in _lost(host, shape, zone)))
    return frozenset(found)


def _lost(host: ForeseenHost, shape: Shape, zone: HostedZone) -> Iterator[ResourceRecordSet]:
    left = {record.key for record in zone.record_sets()}
    return (record for record in _seen(host, shape) if record.key not in left)


def _rewritten(
    host: ForeseenHost,
    shape: Shape,
    first: tuple[ExternalDns, Version],
    second: tuple[ExternalDns, Version],
) -> frozenset[str]:
    """Play v2's sync, then v1's, and give the types that the second of these changed."""
    zone = _zone(host, shape)
    _instance(*second, zone, _wanted(host, Side.V2, shape)).sync()
    between = {record.key: record for record in zone.record_sets()}
    _instance(*first, zone, _wanted(host, Side.V1, shape)).sync()
    after = {record.key: record for record in zone.record_sets()}
    return frozenset(
        record.rdtype
        for key, record in between.items()
        if record.name == host.name and record.rdtype != "TXT" and after.get(key) != record
    )


def _possible(setup: ExternalDns) -> tuple[Version, ...]:
    return POSSIBLE if setup.version is None else (Version(*setup.version),)


def _versions_together(v1: ExternalDns, v2: ExternalDns) -> Iterable[tuple[Version, Version]]:
    if v1.version is None and v2.version is None:
        return ((version, version) for version in _possible(v1))
    return ((Version(*(v1.version or v2.version or ())), Version(*(v2.version or v1.version or ()))),)


def _instance(
    setup: ExternalDns, version: Version, zone: HostedZone, desired: tuple[DnsEndpoint, ...]
) -> ExternalDnsInstance:
    registry = setup.names
    flags = Flags(
        txt_owner_id=setup.txt_owner_id,
        migrate_from_txt_owner=setup.migrate_from_txt_owner or "",
        policy=setup.policy or Policy.SYNC,
        interval=setup.interval,
        names=TxtNames(registry.prefix, registry.suffix, registry.wildcard_replacement),
        prefer_cname=(
            any(record.rdtype == "CNAME" for record in zone.record_sets())
            if setup.prefer_cname is None
            else setup.prefer_cname
        ),
        managed_record_types=setup.managed_record_types,
    )
    return ExternalDnsInstance(version, flags, lambda: desired, zone)


def _wanted(host: ForeseenHost, side: Side, shape: Shape) -> tuple[DnsEndpoint, ...]:
    # Old versions write an AAAA alias only for a load balancer that is marked as dualstack: one that stands is wanted.
    dualstack = any(record.rdtype is RecordType.AAAA for record in host.standing)
    return wanted(host.name, side, shape, dualstack=dualstack)


def _zone(host: ForeseenHost, shape: Shape) -> HostedZone:
    """Make a zone that holds what was seen: the one above the host, or the host's own where its TXT names show that."""
    above = shape is Shape.CNAME or any(not is_within(txt.name, host.name) for txt in host.txts)
    zone = HostedZone(parent(host.name) if above else host.name, "Z0")
    changes = [Change(ChangeAction.CREATE, record) for record in _seen(host, shape)]
    if changes:
        zone.change(changes)
    return zone


def _seen(host: ForeseenHost, shape: Shape) -> tuple[ResourceRecordSet, ...]:
    name = host.name
    records: list[ResourceRecordSet] = []
    for held in host.standing:
        side = held.position.side if held.position is not None else None
        made = placed(name, held.rdtype.value, shape, side)
        records = [made] if shape is Shape.CNAME else [*records, made]
    taken = {(record.name, record.rdtype) for record in records}
    cname = {record.name for record in records if record.rdtype == "CNAME"}
    txts = [
        ResourceRecordSet(txt.name, "TXT", DEFAULT_TTL, _values(txt))
        for txt in host.txts
        if txt.owners and txt.name not in cname and (txt.name, "TXT") not in taken
    ]
    return (*records, *txts)


def _values(txt: TxtStatus) -> tuple[str, ...]:
    labels = (
        {"owner": owner.owner, **({"resource": owner.resource} if owner.resource else {})} for owner in txt.owners
    )
    return tuple(dict.fromkeys(map(serialize, labels)))
