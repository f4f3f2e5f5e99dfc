"""What the daemon reports of an act: the findings that stand once all is at rest, or while it does not end.

By the same tests as the findings' own rules, made to what is foretold instead of to what is seen: the tests play each
recorded scenario before the judge and hold both against each other, code by code.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, assert_never

from probe.externaldns.labels import OWNER, parse
from probe.externaldns.naming import TxtNames
from probe.externaldns.registry import kinds_read
from probe.externaldns.version import MAY_BE, Version, dialect
from probe.judge.findings.owner_ids import DEFAULT_OWNER
from probe.judge.rehearsal.cast import Player
from probe.judge.rehearsal.passage import Track
from probe.judge.rehearsal.rewrite import rewrite
from probe.judge.rehearsal.stand import SetPlace, places
from probe.model.finding import FindingCode
from probe.model.name import DomainName
from probe.model.plan import Expectation
from probe.model.record import Position
from probe.model.rehearsal import Fault
from probe.model.side import Side
from probe.route53.records import ResourceRecordSet


class Audience(NamedTuple):
    """By what an act is judged.

    Attributes:
        host: Whose records they are.
        apex: The zone that they stand in.
        readers: Every ExternalDNS of the plan that sees the host, whether it runs or not.
        expectation: What the wave expects.
        has_sets: Weights or a routing are declared.
    """

    host: DomainName
    apex: DomainName
    readers: Sequence[Player]
    expectation: Expectation
    has_sets: bool

    def of(self, side: Side) -> tuple[Player, ...]:
        """Give a side's."""
        return tuple(one for one in self.readers if one.side is side)

    def ids(self, side: Side) -> frozenset[str]:
        """Give a side's owner ids."""
        return frozenset(one.setup.txt_owner_id for one in self.of(side))


def reported(track: Track, faults: frozenset[Fault], audience: Audience) -> frozenset[FindingCode]:
    """Give the findings of one track."""
    found = set()
    if faults & {Fault.GAP, Fault.GONE}:
        found.add(FindingCode.OUTAGE)
    if _is_taken_and_deleted(track, audience):
        found.add(FindingCode.TAKEOVER_DELETES)
    if Fault.FIGHT in faults:
        return frozenset(found | _fight(track, audience))
    end = places(audience.host, track.end)
    positions = {frozenset(place.position for place in those) for those in end.values()}
    if not end:
        return frozenset(found | ({FindingCode.ORPHAN_TXT} if _claims(track.end) else set()))
    if any(len(one) > 1 for one in positions):
        return frozenset(found | (set() if audience.has_sets else {FindingCode.WEIGHTS_UNDECLARED}))
    if len(positions) > 1:
        found.add(FindingCode.FAMILY_SPLIT)
    elif audience.has_sets:
        return frozenset(found | ({FindingCode.WEIGHTS_ONE_SIDED} if _is_weighted(audience) else set()))
    else:
        found |= _position(next(iter(next(iter(positions)))), audience.expectation)
    return frozenset(found | _ownership(track.end, end, audience))


def _is_weighted(audience: Audience) -> bool:
    return audience.expectation is Expectation.WEIGHTED


def _position(position: Position, expectation: Expectation) -> set[FindingCode]:
    match position:
        case Position.V1:
            return {FindingCode.LAGGARD} if expectation.side is Side.V2 else set()
        case Position.V2:
            return {FindingCode.PREMATURE} if expectation.side is Side.V1 else set()
        case Position.FOREIGN:
            return {FindingCode.FOREIGN_TARGET}
        case Position.MIXED | Position.ABSENT:
            return set()
        case _:
            assert_never(position)


def _is_taken_and_deleted(track: Track, audience: Audience) -> bool:
    """Whether an ExternalDNS of v2 takes the host from v1, where it is expected, and wants to delete it."""
    if audience.expectation.side is not Side.V1:
        return False
    seen = dict.fromkeys((*(one.before for one in track.steps), track.end))
    return any(_deletes(player, records, audience) for player in audience.of(Side.V2) for records in seen)


def _deletes(player: Player, records: frozenset[ResourceRecordSet], audience: Audience) -> bool:
    """Play one sync without an object for the host, of one that takes its records over."""
    if player.setup.migrate_from_txt_owner not in _claims(records):
        return False
    came = rewrite(player.sync(prefer_cname=False), audience.host, audience.apex, records, None)
    return came.after != records or bool(came.refusals)


def _fight(track: Track, audience: Audience) -> set[FindingCode]:
    moving = [one for one in track.steps if places(audience.host, one.before) != places(audience.host, one.after)]
    seen = [places(audience.host, one.after) for one in moving]
    if any(not led for led in seen):
        return {FindingCode.FIGHT_DELETE_CREATE}
    claims = [_claims(one.after) for one in moving[len(moving) // 2 :]]
    if not claims[-1]:
        return {FindingCode.FLIP_FLOP}
    if len(set(claims)) > 1:
        return {FindingCode.FIGHT_MUTUAL_MIGRATION}
    standing = {rdtype for rdtype in seen[-1] if len({led.get(rdtype) for led in seen}) == 1}
    if len(claims[-1]) > 1:
        return {FindingCode.FIGHT_VERSION_MIX} | ({FindingCode.FAMILY_SPLIT} if standing else set())
    if any(one.player.owns_all for one in moving):
        return {FindingCode.FLIP_FLOP}
    return {FindingCode.FIGHT_SAME_OWNER}


def _ownership(
    records: frozenset[ResourceRecordSet], end: Mapping[str, tuple[SetPlace, ...]], audience: Audience
) -> set[FindingCode]:
    v1, v2 = audience.ids(Side.V1), audience.ids(Side.V2)
    held = [one for one in records if one.name == audience.host and one.rdtype != "TXT"]
    at = {one: next(iter(end["A" if one.rdtype == "CNAME" else one.rdtype])).position for one in held}
    deciding = {one: [_read(one, records, reader)[:1] for reader in audience.readers] for one in held}
    found = set()
    stale = any(
        position is Position.V2
        and any(owner in v1 - v2 for reader in audience.of(Side.V1) for owner in _read(one, records, reader))
        for one, position in at.items()
    )
    if stale:
        found.add(FindingCode.STALE_OWNER)
    named = {owner for read in deciding.values() for one in read for owner in one}
    if not stale and len(named) > 1 and not named <= v1 and not named <= v2:
        found.add(FindingCode.CONTRADICTING_OWNERS)
    if any(
        not _keeps_none(position, audience) and not _is_owned(one, records, audience.readers)
        for one, position in at.items()
    ):
        found.add(FindingCode.UNOWNED)
    if audience.expectation.side is Side.V1 and any(
        position is Position.V1
        and any(owner in v2 - v1 for reader in audience.of(Side.V1) for owner in _read(one, records, reader)[:1])
        for one, position in at.items()
    ):
        found.add(FindingCode.OWNER_NOT_RETURNED)
    if audience.expectation.side is Side.V2 and any(
        position is Position.V2
        and any(owner == DEFAULT_OWNER for reader in audience.of(Side.V2) for owner in _read(one, records, reader)[:1])
        for one, position in at.items()
    ):
        found.add(FindingCode.DEFAULT_OWNER)
    return found


def _keeps_none(position: Position, audience: Audience) -> bool:
    """Tell whether an ExternalDNS of the side that a record leads to keeps no owners: that it has none says nothing."""
    return position.side is not None and any(one.owns_all for one in audience.of(position.side))


def _is_owned(one: ResourceRecordSet, records: frozenset[ResourceRecordSet], readers: Iterable[Player]) -> bool:
    return any(_read(one, records, reader._replace(version=version)) for reader in readers for version in MAY_BE)


def _read(one: ResourceRecordSet, records: frozenset[ResourceRecordSet], reader: Player) -> list[str]:
    """Give the owners that an ExternalDNS finds of a record, in the order in which it looks for them."""
    flags = reader.setup.names
    names = TxtNames(flags.prefix, flags.suffix, flags.wildcard_replacement)
    habits = dialect(Version(*reader.version))
    kinds = kinds_read(one.rdtype, alias=one.alias is not None, dialect=habits)
    txts = {txt.name: txt for txt in records if txt.rdtype == "TXT" and txt.set_identifier == one.set_identifier}
    found = (txts.get(names.txt_name(one.name, kind)) for kind in kinds)
    return [owner for txt in found if txt is not None for owner in _owners(txt)]


def _claims(records: Iterable[ResourceRecordSet]) -> frozenset[str]:
    """Give every owner that stands in a TXT."""
    return frozenset(owner for one in records if one.rdtype == "TXT" for owner in _owners(one))


def _owners(txt: ResourceRecordSet) -> list[str]:
    labels = (parse(value) for value in txt.values)
    return [one[OWNER] for one in labels if one is not None and OWNER in one]
