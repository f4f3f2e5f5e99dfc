"""What an ExternalDNS would do to a host next: the model of it played over what DNS shows, and nothing guessed beside.

The records that stand and the ownership TXT that was read are put into a hosted zone (`probe.route53`), and an
ExternalDNS with the flags of the plan syncs over it (`probe.externaldns`). What DNS does not show is played in each way
that it may be: the version where the plan does not tell it, alias or addresses where the answers do not. Names and
targets that the play needs and DNS does not show are placeholders; no word of a verdict is made of them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import Enum
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from probe.externaldns.aws import Zone
from probe.externaldns.endpoint import DEFAULT_TTL, DnsEndpoint
from probe.externaldns.instance import ExternalDnsInstance, Flags, SyncPolicy
from probe.externaldns.labels import serialize
from probe.externaldns.naming import TxtNames
from probe.externaldns.registry import InstanceRegistry
from probe.externaldns.version import MAY_BE, POSSIBLE, Version, dialect
from probe.judge.ownership.lookup import Shape, shapes_of
from probe.judge.ownership.placeholders import ASSUMED_RESOURCE, place_of, wanted
from probe.judge.ownership.placeholders import record as placed
from probe.model.external_dns import ExternalDns, Policy
from probe.model.name import DomainName, canonical, is_within, parent
from probe.model.ownership import TxtStatus
from probe.model.question import RecordType
from probe.model.record import Position, RecordStatus
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


class Fate(Enum):
    """What becomes of a record that an ExternalDNS wants, at its sync."""

    LED = "led"
    """It leads to that side afterwards, and its TXT says whose it is."""
    UNOWNED = "unowned"
    """It leads there, and the ExternalDNS that wrote it does not read that it is its own."""
    LEFT = "left"
    """It is left as it stands."""
    REFUSED = "refused"
    """Route 53 refuses the change."""


class Meeting(Enum):
    """What becomes of a host that two ExternalDNS want, v1's having written it and v2's having come."""

    MOVES = "moves"
    """v2's leads it to v2, and v1's leaves it there."""
    STAYS = "stays"
    """v2's leaves it with v1."""
    SPLIT = "split"
    """v2's leads one family to v2, and leaves the other one with v1."""
    FIGHT = "fight"
    """v1's takes it back from v2's."""


class Deletion(Enum):
    """What becomes of a host that an ExternalDNS takes over and does not want."""

    ACCEPTED = "accepted"
    """It is deleted."""
    REFUSED = "refused"
    """Its deletion is sent, and Route 53 refuses it."""
    NONE = "none"
    """It stays."""


def fates(host: ForeseenHost, v2: ExternalDns) -> Mapping[str, frozenset[Fate]]:
    """Tell what v2's ExternalDNS makes of a host that it wants, by type: each answer that is possible.

    A record that leads to v2 already is played as one on v1: what is asked is whether it would be updated. A host that
    does not stand is played as it would be created, with A and AAAA.
    """
    found: dict[str, set[Fate]] = {}
    types = [record.rdtype.value for record in host.standing] or ["A", "AAAA"]
    for shape in host.shapes or (Shape.ALIAS, Shape.ADDRESSES):
        desired = wanted(host.name, Side.V2, shape, dualstack="AAAA" in types)
        for version, setup in product(_possible(v2), _ways_to_write(v2, shape)):
            one = _instance(setup, version, _zone(host, shape, Side.V1), desired)
            refused = any(batch.errors for batch in one.sync())
            for rdtype in types:
                found.setdefault(rdtype, set()).add(_fate(one, host.name, rdtype, refused=refused))
    return {rdtype: frozenset(those) for rdtype, those in found.items()}


@lru_cache(maxsize=64)  # asked for each pair of the plan's, at every look at a wave
def meetings(v1: ExternalDns, v2: ExternalDns, shape: Shape) -> frozenset[Meeting]:
    """Tell what becomes of a host that v1's ExternalDNS has written and v2's wants as well: each possible answer.

    A version that the plan does not tell is taken for the other side's, as in `takes_back`.
    """
    found = set()
    writer = replace(v1, policy=Policy.UPSERT_ONLY, migrate_from_txt_owner=None)
    ours, theirs = (wanted(_HOST, side, shape, dualstack=False) for side in Side)
    for before, after in _versions_together(v1, v2):
        zone = HostedZone(parent(_HOST), "Z0")
        _instance(writer, before, zone, ours).sync()
        _instance(v2, after, zone, theirs).sync()
        standing, led = zone.record_sets(), _leads(zone, _HOST)
        _instance(v1, before, zone, ours).sync()
        if Position.V2 not in led:
            found.add(Meeting.STAYS)
        elif zone.record_sets() != standing:
            found.add(Meeting.FIGHT)
        else:
            found.add(Meeting.MOVES if led == {Position.V2} else Meeting.SPLIT)
    return frozenset(found)


@lru_cache(maxsize=64)  # asked of a handful, by every finding and check about a take-over
def deletions(
    version: tuple[int, int, int] | None, policy: Policy | None, managed: tuple[str, ...]
) -> frozenset[Deletion]:
    """Tell what becomes of a host that an ExternalDNS takes over and does not want: each answer that is possible.

    Args:
        version: As the plan tells it; None where it does not.
        policy: As the plan tells it.
        managed: `--managed-record-types`.
    """
    found = set()
    for possible in MAY_BE if version is None else (Version(*version),):
        told = policy or dialect(possible).default_policy
        for each in (Policy.SYNC, Policy.UPSERT_ONLY) if told is None else (told,):
            zone = HostedZone(parent(_HOST), "Z0")
            desired = wanted(_HOST, Side.V1, Shape.ALIAS, dualstack=False)
            _instance(ExternalDns("theirs", policy=Policy.UPSERT_ONLY), possible, zone, desired).sync()
            taker = ExternalDns("ours", "theirs", policy=each, managed_record_types=managed)
            refused = any(batch.errors for batch in _instance(taker, possible, zone, ()).sync())
            stands = Position.V1 in _leads(zone, _HOST)
            found.add(Deletion.REFUSED if refused else Deletion.NONE if stands else Deletion.ACCEPTED)
    return frozenset(found)


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


_HOST = canonical("host.zone.test")
_UNLIKE_AN_ID = re.compile(r'[^!-~]|[,"=\\]')
_OF_NOBODY = "of nobody"  # no plan has an owner id with a space


def _fate(one: ExternalDnsInstance, host: DomainName, rdtype: str, *, refused: bool) -> Fate:
    if Position.V2 not in _leads(one.zone, host, rdtype):
        return Fate.REFUSED if refused else Fate.LEFT
    provider = SyncPolicy(one.version, one.flags).provider
    registry = InstanceRegistry(one.flags.txt_owner_id, "", one.flags.names, dialect(one.version))
    read = registry.read(provider.records(one.zone)).records
    owners = {held.owner for held in read if held.name == host and held.rdtype in {rdtype, "CNAME"}}
    return Fate.LED if owners == {one.flags.txt_owner_id} else Fate.UNOWNED


def _leads(zone: Zone, host: DomainName, *types: str) -> frozenset[Position]:
    """Tell where a host's records of some types, or all, lead."""
    kinds = {*(types or ("A", "AAAA")), "CNAME"}
    return frozenset(place_of(one) for one in zone.record_sets() if one.name == host and one.rdtype in kinds)


def _ways_to_write(setup: ExternalDns, shape: Shape) -> tuple[ExternalDns, ...]:
    """Give an ExternalDNS with each way to write a host where a CNAME stands and the plan tells neither.

    In the place of an alias it is taken to write another one: what stands shows what that cluster's do.
    """
    if shape is not Shape.CNAME or setup.prefer_cname is not None:
        return (setup,)
    return (replace(setup, prefer_cname=True), replace(setup, prefer_cname=False))


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


def _zone(host: ForeseenHost, shape: Shape, leading: Side | None = None) -> HostedZone:
    """Make a zone that holds what was seen: the one above the host, or the host's own where its TXT names show that.

    Args:
        host: What was seen of it.
        shape: What its records are.
        leading: To whose load balancer they are to lead; None: to the one that was seen.
    """
    above = shape is Shape.CNAME or any(not is_within(txt.name, host.name) for txt in host.txts)
    zone = HostedZone(parent(host.name) if above else host.name, "Z0")
    changes = [Change(ChangeAction.CREATE, record) for record in _seen(host, shape, leading)]
    if changes:
        zone.change(changes)
    return zone


def _seen(host: ForeseenHost, shape: Shape, leading: Side | None = None) -> tuple[ResourceRecordSet, ...]:
    name = host.name
    records: list[ResourceRecordSet] = []
    for held in host.standing:
        side = held.position.side if held.position is not None else None
        made = placed(name, held.rdtype.value, shape, leading or side)
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
    """Write what was read: whoever writes TXT chooses the text of an owner, and no plan has one of these characters."""
    owners = (_OF_NOBODY if _UNLIKE_AN_ID.search(owner.owner) else owner.owner for owner in txt.owners)
    return tuple(dict.fromkeys(serialize({"owner": owner, "resource": ASSUMED_RESOURCE}) for owner in owners))
