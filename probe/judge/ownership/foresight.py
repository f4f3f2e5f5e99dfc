"""What an ExternalDNS would do to a host next: the model of it played over what DNS shows, and nothing guessed beside.

The records that stand and the ownership TXT that was read are put into a hosted zone (`probe.route53`), and an
ExternalDNS with the flags of the plan syncs over it (`probe.externaldns`). What DNS does not show is played in each way
that it may be: the version where the plan does not tell it, alias or addresses where the answers do not. Names and
targets that the play needs and DNS does not show are placeholders; no word of a verdict is made of them.

A play takes 0.2 to 1 ms, and rules ask at every answer. So what is asked of the flags alone is kept for each
pair of ExternalDNS, and what is asked of a host for what stands of it: answers that show the same cost nothing.
"""

import re
from base64 import b64decode, b64encode
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
from probe.model.external_dns import ExternalDns, Policy, Registry, Unseal
from probe.model.name import DomainName, canonical, is_within, parent
from probe.model.ownership import TxtStatus
from probe.model.question import RecordType
from probe.model.record import Position, RecordStatus
from probe.model.side import Side
from probe.route53.hosted_zone import HostedZone
from probe.route53.records import Change, ChangeAction, ResourceRecordSet

HOST = canonical("host.zone.test")
"""The host that is played where only the flags are asked for: any name that decides nothing by itself."""

WILDCARD = canonical("*.zone.test")
"""The same for hosts whose TXT stand where `--txt-wildcard-replacement` puts them."""

PLAYS_KEPT = 4_096
"""Answers kept about hosts, some hundred bytes each: 1,000 hosts in two stands before each of two ExternalDNS. A host
more costs a play again, and no more."""


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
    def standing_zone(self) -> "_StandingHost":
        """What a play of it begins with."""
        standing = self.standing
        return _StandingHost(
            self.name,
            tuple((one.rdtype.value, one.position.side if one.position is not None else None) for one in standing),
            tuple(dict.fromkeys(shape for one in standing for shape in shapes_of(one))),
            tuple((txt.name, _values(txt)) for txt in self.txts),
        )


class _StandingHost(NamedTuple):
    """What stands of a host: all that a play of it rests on, so that the same evidence is one value.

    Attributes:
        name: Its name.
        records: Of those that exist the type, and the side that they lead to; None for neither's.
        shapes: What they may be.
        txts: Each TXT name that was read, with the ownership there; with none of it where nothing stands.
    """

    name: DomainName
    records: tuple[tuple[str, Side | None], ...]
    shapes: tuple[Shape, ...]
    txts: tuple[tuple[DomainName, tuple[str, ...]], ...]


class Fate(Enum):
    """What becomes of a record that an ExternalDNS wants, at its sync."""

    LED = "led"
    """It leads to that one's side afterwards, and its TXT says whose it is."""
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
    """What becomes of a host that an ExternalDNS does not want."""

    ACCEPTED = "accepted"
    """It is deleted."""
    REFUSED = "refused"
    """Its deletion is sent, and Route 53 refuses it."""
    NONE = "none"
    """It stays."""


def fates(host: ForeseenHost, setup: ExternalDns, side: Side = Side.V2) -> Mapping[str, frozenset[Fate]]:
    """Tell what a side's ExternalDNS makes of a host that it wants, by type: each answer that is possible.

    A record that leads to that side already is played as one on the other: what is asked is whether it would be
    updated. A host that does not stand is played as it would be created, with A and AAAA.
    """
    return _fates(host.standing_zone, setup, side)


@lru_cache(maxsize=PLAYS_KEPT)
def _fates(host: _StandingHost, setup: ExternalDns, side: Side) -> Mapping[str, frozenset[Fate]]:
    found: dict[str, set[Fate]] = {}
    types = [rdtype for rdtype, _ in host.records] or ["A", "AAAA"]
    for shape in host.shapes or (Shape.ALIAS, Shape.ADDRESSES):
        desired = wanted(host.name, side, shape, dualstack="AAAA" in types)
        for version, each in product(_possible(setup), _ways_to_write(setup, shape)):
            one = _instance(each, version, _zone(host, shape, side.other), desired)
            refused = any(batch.errors for batch in one.sync())
            for rdtype in types:
                found.setdefault(rdtype, set()).add(
                    _fate(one, host.name, rdtype, Position(side.value), refused=refused)
                )
    return {rdtype: frozenset(those) for rdtype, those in found.items()}


@lru_cache(maxsize=64)  # asked for each pair of the plan's, at every look at a wave
def meetings(v1: ExternalDns, v2: ExternalDns, shape: Shape, host: DomainName = HOST) -> frozenset[Meeting]:
    """Tell what becomes of a host that v1's ExternalDNS has written and v2's wants as well: each possible answer.

    A version that the plan does not tell is taken for the other side's, as in `takes_back`.
    """
    found = set()
    ours, theirs = (wanted(host, side, shape, dualstack=False) for side in Side)
    for before, after in _versions_together(v1, v2):
        zone = HostedZone(parent(host), "Z0")
        _sealing(_writer(v1), before, zone, ours).sync()
        _sealing(v2, after, zone, theirs).sync()
        standing, led = zone.record_sets(), _leads(zone, host)
        _sealing(v1, before, zone, ours).sync()
        if Position.V2 not in led:
            found.add(Meeting.STAYS)
        elif zone.record_sets() != standing:
            found.add(Meeting.FIGHT)
        else:
            found.add(Meeting.MOVES if led == {Position.V2} else Meeting.SPLIT)
    return frozenset(found)


@lru_cache(maxsize=256)  # asked for each pair of the plan's, by every finding and check about a take-over
def deletions(writer: ExternalDns, other: ExternalDns, shape: Shape = Shape.ALIAS) -> frozenset[Deletion]:
    """Tell what an ExternalDNS makes of a host that another one has written and that it has no object for.

    Each answer that is possible: a policy that is not told is the version's own default, or either where it has none; a
    version that is not told is any, and two of them are one release.
    """
    found = set()
    desired = wanted(HOST, Side.V1, shape, dualstack=False)
    for before, after in _each_version(writer, other):
        for policy in _policies(other, after):
            zone = HostedZone(parent(HOST), "Z0")
            _sealing(_writer(writer), before, zone, desired).sync()
            if Position.V1 not in _leads(zone, HOST):
                continue  # it writes no such host: there is nothing to delete
            refused = any(batch.errors for batch in _sealing(replace(other, policy=policy), after, zone, ()).sync())
            found.add(_deletion(lost=Position.V1 not in _leads(zone, HOST), refused=refused))
    return frozenset(found) or frozenset({Deletion.NONE})


def takes_back(host: ForeseenHost, v1: ExternalDns, v2: ExternalDns) -> tuple[RecordStatus, ...]:
    """Give the records that v1's ExternalDNS writes again after v2's has taken them over: a fight foretold.

    Only where every possibility says so, a version that the plan does not tell taken for the other side's: the fight of
    two versions is told only where it is known.
    """
    zone = host.standing_zone
    played = [
        _rewritten(zone, shape, (v1, before), (v2, after))
        for shape in zone.shapes
        for before, after in _versions_together(v1, v2)
    ]
    kinds = frozenset.intersection(*played) if played else frozenset[str]()
    return tuple(record for record in host.standing if record.rdtype.value in kinds)


def unless_kept(setup: ExternalDns) -> str:
    """Say beside a foreseen deletion that a `--policy` which nobody told may forbid it; nothing where none may."""
    may = {policy for version in _with_deletions(setup) for policy in _policies(setup, version)}
    certain = all(policy.deletes for policy in may)
    return "" if certain else ", unless its --policy forbids that (the plan does not tell)"


def unwanted(host: ForeseenHost, setup: ExternalDns) -> frozenset[Deletion]:
    """Tell what an ExternalDNS that wants nothing of a host makes of its records: each answer that is possible."""
    return _unwanted(host.standing_zone, setup)


@lru_cache(maxsize=PLAYS_KEPT)
def _unwanted(host: _StandingHost, setup: ExternalDns) -> frozenset[Deletion]:
    found = set()
    for shape, version in product(host.shapes, _with_deletions(setup)):
        for policy in _policies(setup, version):
            zone = _zone(host, shape)
            refused = any(batch.errors for batch in _instance(replace(setup, policy=policy), version, zone, ()).sync())
            lost = any(one.name == host.name and one.rdtype != "TXT" for one in _lost(host, shape, zone))
            found.add(_deletion(lost=lost, refused=refused))
    return frozenset(found)


_UNLIKE_AN_ID = re.compile(r'[^!-~]|[,"=\\]')
_OF_NOBODY = "of nobody"  # no plan has an owner id with a space


def _writer(setup: ExternalDns) -> ExternalDns:
    """Give an ExternalDNS as it was when it wrote a host: it took nothing over, and deleted nothing."""
    return replace(setup, policy=Policy.UPSERT_ONLY, migrate_from_txt_owner=None)


def _policies(setup: ExternalDns, version: Version) -> tuple[Policy, ...]:
    told = setup.policy or dialect(version).default_policy
    return (Policy.SYNC, Policy.UPSERT_ONLY) if told is None else (told,)


def _deletion(*, lost: bool, refused: bool) -> Deletion:
    if lost:
        return Deletion.ACCEPTED
    return Deletion.REFUSED if refused else Deletion.NONE


def _fate(one: ExternalDnsInstance, host: DomainName, rdtype: str, goal: Position, *, refused: bool) -> Fate:
    if goal not in _leads(one.zone, host, rdtype):
        return Fate.REFUSED if refused else Fate.LEFT
    if one.flags.owns_all:
        return Fate.LED
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


def _lost(host: _StandingHost, shape: Shape, zone: HostedZone) -> Iterator[ResourceRecordSet]:
    left = {record.key for record in zone.record_sets()}
    return (record for record in _seen(host, shape) if record.key not in left)


def _rewritten(
    host: _StandingHost,
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


def _each_version(first: ExternalDns, second: ExternalDns) -> Iterable[tuple[Version, Version]]:
    """Give what two may be, with every way to delete; two that are not told are one release."""
    if first.version is None and second.version is None:
        return ((version, version) for version in MAY_BE)
    return product(_with_deletions(first), _with_deletions(second))


def _with_deletions(setup: ExternalDns) -> tuple[Version, ...]:
    return MAY_BE if setup.version is None else _possible(setup)


def _sealing(
    setup: ExternalDns, version: Version, zone: HostedZone, desired: tuple[DnsEndpoint, ...]
) -> ExternalDnsInstance:
    """Make one with its key, where all that it reads was written in the same play.

    What was seen of a host is written as it was opened: there no key is played.
    """
    key = setup.names.unseal
    one = _instance(setup, version, zone, desired)
    return one if key is None else replace(one, cipher=_StandInCipher(key))


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
        owns_all=setup.registry is Registry.NOOP,
    )
    return ExternalDnsInstance(version, flags, lambda: desired, zone)


class _StandInCipher(NamedTuple):
    """Seals as a key does: what one key sealed that one opens, and no other. It hides nothing: a play shows no text."""

    key: Unseal

    def encrypt(self, text: str) -> str:
        return b64encode(f"{hash(self.key)}:{text}".encode()).decode()

    def decrypt(self, text: str) -> str | None:
        told, _, plain = b64decode(text).decode("utf-8", "replace").partition(":")
        return plain if told == str(hash(self.key)) else None


def _wanted(host: _StandingHost, side: Side, shape: Shape) -> tuple[DnsEndpoint, ...]:
    # Old versions write an AAAA alias only for a load balancer that is marked as dualstack: one that stands is wanted.
    dualstack = any(rdtype == RecordType.AAAA.value for rdtype, _ in host.records)
    return wanted(host.name, side, shape, dualstack=dualstack)


def _zone(host: _StandingHost, shape: Shape, leading: Side | None = None) -> HostedZone:
    """Make a zone that holds what was seen: the one above the host, or the host's own where its TXT names show that.

    Args:
        host: What was seen of it.
        shape: What its records are.
        leading: To whose load balancer they are to lead; None: to the one that was seen.
    """
    above = shape is Shape.CNAME or any(not is_within(txt, host.name) for txt, _ in host.txts)
    zone = HostedZone(parent(host.name) if above else host.name, "Z0")
    changes = [Change(ChangeAction.CREATE, record) for record in _seen(host, shape, leading)]
    if changes:
        zone.change(changes)
    return zone


def _seen(host: _StandingHost, shape: Shape, leading: Side | None = None) -> tuple[ResourceRecordSet, ...]:
    name = host.name
    records: list[ResourceRecordSet] = []
    for rdtype, side in host.records:
        made = placed(name, rdtype, shape, leading or side)
        records = [made] if shape is Shape.CNAME else [*records, made]
    taken = {(record.name, record.rdtype) for record in records}
    cname = {record.name for record in records if record.rdtype == "CNAME"}
    txts = [
        ResourceRecordSet(txt, "TXT", DEFAULT_TTL, values)
        for txt, values in host.txts
        if values and txt not in cname and (txt, "TXT") not in taken
    ]
    return (*records, *txts)


def _values(txt: TxtStatus) -> tuple[str, ...]:
    """Write what was read: whoever writes TXT chooses the text of an owner, and no plan has one of these characters."""
    owners = (_OF_NOBODY if _UNLIKE_AN_ID.search(owner.owner) else owner.owner for owner in txt.owners)
    return tuple(dict.fromkeys(serialize({"owner": owner, "resource": ASSUMED_RESOURCE}) for owner in owners))
