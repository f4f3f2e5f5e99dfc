"""What has to be changed so that an act goes well: the first of the known changes with which, when played, it does.

None is told that was not played: each is made to the cast (or to the zone, where it is an edit of the zone), the act
and those before it are played again in all phases, and it counts if nothing of them goes wrong any more.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from probe.externaldns.labels import serialize
from probe.externaldns.version import dialect
from probe.judge.advice.measures import (
    BOTH_UPSERTING,
    BY_HAND,
    END_V1,
    STOP_V1_FIRST,
    V2_UPSERTING,
    WITH_TXT_REGISTRY,
    corrected_first,
    one_version,
    one_way,
    owned_first,
    take_over,
)
from probe.judge.ownership.filters import let_through
from probe.judge.ownership.heritage import read
from probe.judge.ownership.lookup import Shape
from probe.judge.ownership.placeholders import ASSUMED_RESOURCE
from probe.judge.rehearsal.cast import Player
from probe.judge.rehearsal.course import goes_well
from probe.judge.rehearsal.group import HostGroup, beginnings, ends, performed, staged
from probe.judge.rehearsal.passage import Passage
from probe.judge.rehearsal.rewrite import SIMPLE, Wish, owners, rewrite
from probe.judge.rehearsal.wished import ReadSide
from probe.model.external_dns import Policy, Registry
from probe.model.plan import Expectation
from probe.model.rehearsal import Act
from probe.model.side import Side
from probe.route53.records import ResourceRecordSet

KEEP_FROM_V2 = "Take the hosts out of v2, or out of what its ExternalDNS reads (--annotation-filter),"
"""Keeps hosts that v2 wants already from its ExternalDNS; without what comes after it."""

_OWN_ID = "v2-of-its-own"

ENDS_KEPT = 4096
"""Answers kept: of one kind of host the acts that lead to another are the same, and so they are in many open ways."""

Change = Callable[[Player], Player | None]


class Candidate(NamedTuple):
    """A change that may help.

    Attributes:
        sentence: What to do.
        change: Makes it to one ExternalDNS; None takes that one off the stage.
    """

    sentence: str
    change: Change


class Remedy(NamedTuple):
    """What makes an act go well, and was played.

    Attributes:
        sentence: What to do; empty where none of what is known helps.
        is_order: It is the same act in another order, for which nothing has to be changed before.
    """

    sentence: str
    is_order: bool = False


_END_OF_V1 = {
    Act.V1_INGRESS: (
        Act.V1_STOPPED,
        f"{END_V1}.",
    ),
    Act.V1_STOPPED: (
        Act.V1_INGRESS,
        "Delete v1's Ingresses while v1's ExternalDNS runs: it deletes its own record sets, and v2's answer for all.",
    ),
}
"""What else there is than each way to v1's end: the other one."""


def remedy(act: Act, group: HostGroup, played: Mapping[Act, Sequence[Passage]]) -> Remedy:
    """Give what makes an act go well for a group."""
    other, sentence = _END_OF_V1.get(act, (act, ""))
    if other is not act and _goes_well(other, group, played[other]) and _or_upserting(act, group, played):
        return Remedy(sentence, is_order=True)
    told = _otherwise_routed(act, group) or _weightless_first(act, group, played) if group.has_sets else ""
    if not told and act is Act.ROLLBACK:
        told = _way_back(group, played)
    told = told or _let_through(act, group) or _otherwise(act, group) or _kept_from_v2(act, group)
    return Remedy(told or (_by_hand(group) if _is_nobodys(group) else ""))


def _by_hand(group: HostGroup) -> str:
    """Give the way of a record without an owner: a v1 that keeps none would lead it back."""
    takes_back = any(one.side is Side.V1 and one.owns_all for one in group.players)
    return f"{STOP_V1_FIRST}. {BY_HAND}." if takes_back else f"{BY_HAND}."


def _or_upserting(act: Act, group: HostGroup, played: Mapping[Act, Sequence[Passage]]) -> bool:
    """Tell whether v1's end goes as well with v1's ExternalDNS running, if it deletes nothing: what `END_V1` says."""
    if act is not Act.V1_INGRESS:
        return True
    players = tuple(_upserting(one) if one.side is Side.V1 else one for one in group.players)
    return ends_well(act, group._replace(players=players), beginnings(act, group, played)) is not None


def _otherwise(act: Act, group: HostGroup) -> str:
    return _owned_first(act, group) or _corrected_first(act, group) or _first_that_helps(act, group)


def _let_through(act: Act, group: HostGroup) -> str:
    """Give what helps hosts that the filters keep from a side's ExternalDNS: they are let through to one of them.

    What else that one needs comes before: until then it does not see them, and can harm none.
    """
    for player, by in group.barred:
        if player.side is Side.V1 and any(one.side is Side.V2 for one, _ in group.barred):
            continue  # v2's first: where both are barred no act goes well by v1's alone
        steps = let_through(player.side.value, by)
        seeing = group._replace(players=_in_order((*group.players, player)), barred=())
        if _goes_well_until(act, seeing):
            return f"{steps}."
        more = (_way_back(seeing, performed(seeing)) if act is Act.ROLLBACK else "") or _otherwise(act, seeing)
        if more:
            return f"{more} Then {_lowered(steps)}."
    return ""


def _in_order(players: Iterable[Player]) -> tuple[Player, ...]:
    return tuple(sorted(players, key=lambda one: list(Side).index(one.side)))


def _first_that_helps(act: Act, group: HostGroup) -> str:
    for candidate in _candidates(group):
        players = tuple(one for player in group.players if (one := candidate.change(player)) is not None)
        changed = group._replace(players=players)
        if _goes_well_until(act, changed):
            return candidate.sentence
    return ""


def _kept_from_v2(act: Act, group: HostGroup) -> str:
    """Give what helps hosts that v2 wants before their wave moves: v2's ExternalDNS does not read them until then."""
    v2 = group.read_side(Side.V2)
    if group.expectation is not Expectation.V1 or v2 is None or not v2.wishes:
        return ""
    later = group._replace(read=tuple(ReadSide(Side.V2) if one is v2 else one for one in group.read))
    if _goes_well_until(act, later):
        return f"{KEEP_FROM_V2} until their wave moves."
    more = _first_that_helps(act, later)
    if not more:
        return ""
    kept = _lowered(KEEP_FROM_V2)
    return f"Stop v2's ExternalDNS until both are done: {kept} until their wave moves; {_lowered(more)}"


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _otherwise_routed(act: Act, group: HostGroup) -> str:
    """Give what helps where both sides' sets would be chosen by one value, which Route 53 refuses: weights."""
    v1, v2 = group.by
    if v1.routed is None or v1.routed != v2.routed or not v1.routed.value:
        return ""
    changed = group._replace(by=(v1._replace(weight=1, routed=None), v2._replace(weight=1, routed=None)))
    if not _goes_well_until(act, changed):
        return ""
    return (
        f"Route 53 takes one set for {v1.routed.value}, and both clusters are there: choose between them by weights "
        "(`expect: weighted`), v1's first."
    )


def _weightless_first(act: Act, group: HostGroup, played: Mapping[Act, Sequence[Passage]]) -> str:
    """Give what helps a weighted set that is to go: no weight before, so that nobody is led there when it stays."""
    leaving = {Act.ROLLBACK: Side.V2, Act.V1_INGRESS: Side.V1, Act.V1_STOPPED: Side.V1}.get(act)
    if leaving is None or group.chosen_by(leaving).weight is None:
        return ""
    v1, v2 = (one._replace(weight=0) if side is leaving else one for side, one in zip(Side, group.by, strict=True))
    changed = group._replace(by=(v1, v2))
    stays = Side.V1 if leaving is Side.V2 else Side.V2
    begin = ends_well(Act.MOVE, changed, beginnings(act, group, played))
    if begin is None or ends_well(act, changed, begin) is None:
        return ""
    return (
        f"Give {leaving.value}'s Ingresses the weight 0 first: {stays.value}'s sets answer for all from the next sync "
        "on, and nobody is led to what stays of the others."
    )


def _goes_well(act: Act, group: HostGroup, passages: Iterable[Passage]) -> bool:
    return goes_well(group.goal(act), group.stand, passages)


def _owned_first(act: Act, group: HostGroup) -> str:
    """Give what helps a record that is nobody's: v1's ownership TXT beside it, as v1's ExternalDNS would write it."""
    v1 = [one for one in group.players if one.side is Side.V1]
    stand = group.stand
    if not v1 or not _is_nobodys(group):
        return ""
    sync = v1[0].sync(prefer_cname=stand.shape is Shape.CNAME)
    wish = Wish(Side.V1, stand.shape, stand.dualstack, stand.sets.get(Side.V1, SIMPLE))
    written = rewrite(sync, stand.host, stand.apex, frozenset(), wish).after
    txts = frozenset(one for one in written if one.rdtype == "TXT")
    if not _goes_well_until(act, group._replace(stand=stand._replace(records=stand.records | txts))):
        return ""
    return f"{owned_first(v1[0].setup.txt_owner_id)}. Or: {BY_HAND}."


def _is_nobodys(group: HostGroup) -> bool:
    """Tell whether no ExternalDNS of a group reads an owner of its records."""
    stand = group.stand
    readers = [one.sync(prefer_cname=False) for one in group.players]
    return bool(readers) and all(owners(one, stand.host, stand.records) == ("",) for one in readers)


def _corrected_first(act: Act, group: HostGroup) -> str:
    """Give what helps a record of an owner that no ExternalDNS of the plan has: v1's owner in its place."""
    v1 = [one for one in group.players if one.side is Side.V1]
    stand = group.stand
    ids = {one.setup.txt_owner_id for one in group.players}
    read = {owner for one in group.players for owner in owners(one.sync(prefer_cname=False), stand.host, stand.records)}
    if not v1 or "" in read or not read or read & ids:
        return ""
    owner = v1[0].setup.txt_owner_id
    changed = group._replace(stand=stand._replace(records=_owned_by(owner, stand.records)))
    return corrected_first(owner) if _goes_well_until(act, changed) else ""


def _goes_well_until(act: Act, group: HostGroup) -> bool:
    """Tell whether an act goes well, and the acts that lead to it."""
    leading = [one for one in group.acts if one in {Act.AS_IT_IS, Act.MOVE, act}]
    reached: tuple[frozenset[ResourceRecordSet], ...] = (group.stand.records,)
    for one in leading[: leading.index(act) + 1]:
        left = ends_well(one, group, reached)
        if left is None:
            return False
        reached = left
    return True


@lru_cache(maxsize=ENDS_KEPT)
def ends_well(
    act: Act, group: HostGroup, begin: tuple[frozenset[ResourceRecordSet], ...]
) -> tuple[frozenset[ResourceRecordSet], ...] | None:
    """Give what may stand after an act; None where anything of it goes wrong."""
    passages = staged(act, group, begin)
    return ends(passages) if _goes_well(act, group, passages) else None


def _candidates(group: HostGroup) -> Iterator[Candidate]:
    v1 = [one for one in group.players if one.side is Side.V1]
    v2 = [one for one in group.players if one.side is Side.V2]
    if group.has_sets:
        yield Candidate(
            "Run v2's ExternalDNS with --policy=sync and without --migrate-from-txt-owner: it then deletes its own "
            "record sets, and no others.",
            _chained(_of(Side.V2, _not_migrating), _of(Side.V2, _syncing)),
        )
    if any(one.owns_all for one in v2) and v1 and not v1[0].owns_all:
        owner = v1[0].setup.txt_owner_id
        kept = _of(Side.V2, lambda one: _taking_over(_with_owners(one), owner))
        yield Candidate(f"{WITH_TXT_REGISTRY} {take_over(owner, own_id=True)}", kept)
    yield Candidate(f"{V2_UPSERTING}.", _of(Side.V2, _upserting))
    yield Candidate(BOTH_UPSERTING, _upserting)
    if not v1 or not v2:
        return
    owner, release = v1[0].setup.txt_owner_id, v1[0].version
    mutual = any(one.setup.migrate_from_txt_owner for one in v1)
    if mutual:
        yield Candidate(one_way(), _chained(_of(Side.V1, _not_migrating), _of(Side.V2, _upserting)))
    if any(one.owns_all for one in v1):
        yield Candidate(f"{STOP_V1_FIRST} (nothing in v1 is updated from then on).", _of(Side.V1, _stopped))
        return
    taking = _of(Side.V2, lambda one: _taking_over(one, owner))
    own_id = _of(Side.V2, lambda one: _renamed(one, owner))
    same_id = any(one.setup.txt_owner_id == owner for one in v2)
    if not same_id:
        yield Candidate(take_over(owner), taking)
    yield Candidate(take_over(owner, own_id=True), _chained(own_id, taking))
    if any(one.version != release for one in v2):
        both = _chained(own_id, taking) if same_id else taking
        newest = max(one.version for one in (*v1, *v2))
        habits = dialect(newest).migrates_owner
        yield Candidate(
            one_version(str(newest), owner, own_id=same_id),
            _chained(lambda one: one._replace(version=newest), both) if habits else both,
        )
    stop = f"{STOP_V1_FIRST} (nothing in v1 is updated from then on)"
    yield Candidate(f"{stop}.", _of(Side.V1, _stopped))
    yield Candidate(
        f"{stop}, and run v2's with v1's owner id (\"{owner}\") and --policy=upsert-only.",
        _chained(_of(Side.V1, _stopped), _of(Side.V2, lambda one: _adopting(one, owner))),
    )


def _way_back(group: HostGroup, played: Mapping[Act, Sequence[Passage]]) -> str:
    """Give the way back that loses nothing: v1 is written as owner, and v2 serves until nobody is led there."""
    v1 = [one for one in group.players if one.side is Side.V1]
    if not v1 or group.has_sets or v1[0].owns_all:
        return ""
    owner = v1[0].setup.txt_owner_id
    players = tuple(_upserting(one) if one.side is Side.V2 else one for one in group.players)
    changed = group._replace(players=players)
    begin = tuple(_owned_by(owner, records) for records in beginnings(Act.ROLLBACK, group, played))
    if ends_well(Act.ROLLBACK, changed, begin) is None:
        return ""
    return (
        "To go back without a gap: run v2's ExternalDNS with --policy=upsert-only, then stop it, and write v1's owner "
        f'("{owner}") into the ownership TXT of the hosts: v1\'s ExternalDNS leads them back at its next sync. Once '
        "caches have let go of v2, take the hosts out of v2, and only then start v2's again."
    )


def _owned_by(owner: str, records: frozenset[ResourceRecordSet]) -> frozenset[ResourceRecordSet]:
    text = serialize({"owner": owner, "resource": ASSUMED_RESOURCE})
    return frozenset(
        replace(one, values=(text,)) if one.rdtype == "TXT" and read(one.values).owners else one for one in records
    )


def _of(side: Side, change: Change) -> Change:
    return lambda player: change(player) if player.side is side else player


def _chained(*changes: Change) -> Change:
    def change(player: Player) -> Player | None:
        changed: Player | None = player
        for one in changes:
            changed = None if changed is None else one(changed)
        return changed

    return change


def _upserting(player: Player) -> Player:
    return player._replace(policy=Policy.UPSERT_ONLY)


def _syncing(player: Player) -> Player:
    return player._replace(policy=Policy.SYNC)


def _not_migrating(player: Player) -> Player:
    return player._replace(setup=replace(player.setup, migrate_from_txt_owner=None))


def _taking_over(player: Player, owner: str) -> Player:
    return _upserting(player)._replace(setup=replace(player.setup, migrate_from_txt_owner=owner))


def _renamed(player: Player, owner: str) -> Player:
    if player.setup.txt_owner_id != owner:
        return player
    return player._replace(setup=replace(player.setup, txt_owner_id=_OWN_ID))


def _with_owners(player: Player) -> Player:
    setup = replace(player.setup, registry=Registry.TXT, txt_owner_id=_OWN_ID) if player.owns_all else player.setup
    return player._replace(setup=setup)


def _stopped(_player: Player) -> None:
    return None


def _adopting(player: Player, owner: str) -> Player:
    return _upserting(player)._replace(setup=replace(player.setup, txt_owner_id=owner, migrate_from_txt_owner=None))
