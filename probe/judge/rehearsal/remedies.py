"""What has to be changed so that an act goes well: the first of the known changes with which, when played, it does.

None is told that was not played: each is made to the cast (or to the zone, where it is an edit of the zone), the act
and those before it are played again in all phases, and it counts if nothing of them goes wrong any more.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from probe.externaldns.labels import serialize
from probe.externaldns.version import dialect
from probe.judge.ownership.heritage import read
from probe.judge.ownership.lookup import Shape
from probe.judge.ownership.placeholders import RESOURCE
from probe.judge.ownership.takeover import UNTIL_THE_LAST
from probe.judge.rehearsal.cast import Player
from probe.judge.rehearsal.course import goes_well
from probe.judge.rehearsal.group import HostGroup, acts, beginnings, staged
from probe.judge.rehearsal.passage import Passage
from probe.judge.rehearsal.rewrite import Wish, owners, rewrite
from probe.model.plan import Policy
from probe.model.rehearsal import Act
from probe.model.side import Side
from probe.route53.records import ResourceRecordSet

_OWN_ID = "v2-of-its-own"

Change = Callable[[Player], Player | None]


class Candidate(NamedTuple):
    """A change that may help.

    Attributes:
        sentence: What to do.
        change: Makes it to one ExternalDNS; None takes that one off the stage.
    """

    sentence: str
    change: Change


def remedy(act: Act, group: HostGroup, played: Mapping[Act, Sequence[Passage]]) -> str:
    """Give what makes an act go well for a group: a sentence that was played; empty where none of those known does."""
    if act is Act.ROLLBACK and (told := _way_back(group, played)):
        return told
    if act is Act.V1_INGRESS and goes_well(Act.V1_STOPPED, group.stand, played[Act.V1_STOPPED]):
        return "Stop v1's ExternalDNS first, and delete v1's Ingresses then: played so, nothing of it is lost."
    if told := _owned_first(act, group):
        return told
    for candidate in _candidates(group):
        players = tuple(one for player in group.players if (one := candidate.change(player)) is not None)
        changed = group._replace(players=players)
        if _goes_well_until(act, changed):
            return candidate.sentence
    return ""


def _owned_first(act: Act, group: HostGroup) -> str:
    """Give what helps a record that is nobody's: v1's ownership TXT beside it, as v1's ExternalDNS would write it."""
    v1 = [one for one in group.players if one.side is Side.V1]
    stand = group.stand
    if not v1 or owners(v1[0].sync(prefer_cname=False), stand.host, stand.records) != ("",):
        return ""
    sync = v1[0].sync(prefer_cname=stand.shape is Shape.CNAME)
    wish = Wish(Side.V1, stand.shape, stand.dualstack)
    written = rewrite(sync, stand.host, stand.apex, frozenset(), wish).after
    txts = frozenset(one for one in written if one.rdtype == "TXT")
    if not _goes_well_until(act, group._replace(stand=stand._replace(records=stand.records | txts))):
        return ""
    return f'Write the ownership TXT that v1\'s ExternalDNS would ("{v1[0].setup.txt_owner_id}") beside it first.'


def _goes_well_until(act: Act, group: HostGroup) -> bool:
    """Tell whether an act goes well, and the acts that lead to it."""
    again: dict[Act, tuple[Passage, ...]] = {}
    for one in acts(group.expectation):
        if one in {Act.AS_IT_IS, Act.MOVE, act}:
            again[one] = staged(one, group, beginnings(one, group, again))
            if not goes_well(one, group.stand, again[one]):
                return False
        if one is act:
            break
    return True


def _candidates(group: HostGroup) -> Iterator[Candidate]:
    v1 = [one for one in group.players if one.side is Side.V1]
    v2 = [one for one in group.players if one.side is Side.V2]
    yield Candidate(f"Run v2's ExternalDNS {UNTIL_THE_LAST}.", _of(Side.V2, _upserting))
    yield Candidate("Run both ExternalDNS with --policy=upsert-only.", _upserting)
    if not v1 or not v2:
        return
    owner, release = v1[0].setup.txt_owner_id, v1[0].version
    mutual = any(one.setup.migrate_from_txt_owner for one in v1)
    if mutual:
        yield Candidate(
            f"Remove --migrate-from-txt-owner from v1's ExternalDNS, and run v2's {UNTIL_THE_LAST}.",
            _chained(_of(Side.V1, _not_migrating), _of(Side.V2, _upserting)),
        )
    take_over = _of(Side.V2, lambda one: _taking_over(one, owner))
    same_id = any(one.setup.txt_owner_id == owner for one in v2)
    own_id = _of(Side.V2, lambda one: _renamed(one, owner))
    flag = f"--migrate-from-txt-owner={owner}"
    if not same_id:
        yield Candidate(f"Give v2's ExternalDNS {flag}, {UNTIL_THE_LAST}.", take_over)
    yield Candidate(
        f"Give v2's ExternalDNS an owner id of its own and {flag}, {UNTIL_THE_LAST}.", _chained(own_id, take_over)
    )
    if any(one.version != release for one in v2):
        both = _chained(own_id, take_over) if same_id else take_over
        newest = max(one.version for one in (*v1, *v2))
        habits = dialect(newest).migrates_owner
        yield Candidate(
            f"Run one version on both sides ({newest}), and give v2's ExternalDNS "
            + ("an owner id of its own and " if same_id else "")
            + f"{flag}, {UNTIL_THE_LAST}.",
            _chained(lambda one: one._replace(version=newest), both) if habits else both,
        )
    stop = "Stop v1's ExternalDNS before v2 gets its first Ingress of the wave (nothing in v1 is updated from then on)"
    yield Candidate(f"{stop}.", _of(Side.V1, _stopped))
    yield Candidate(
        f"{stop}, and run v2's with v1's owner id (\"{owner}\") and --policy=upsert-only.",
        _chained(_of(Side.V1, _stopped), _of(Side.V2, lambda one: _adopting(one, owner))),
    )


def _way_back(group: HostGroup, played: Mapping[Act, Sequence[Passage]]) -> str:
    """Give the way back that loses nothing: v2 lets go of the host and keeps the record, and v1 is written as owner."""
    v1 = [one for one in group.players if one.side is Side.V1]
    if not v1:
        return ""
    owner = v1[0].setup.txt_owner_id
    players = tuple(_upserting(one) if one.side is Side.V2 else one for one in group.players)
    changed = group._replace(players=players)
    begin = [_owned_by(owner, records) for records in beginnings(Act.ROLLBACK, group, played)]
    if not goes_well(Act.ROLLBACK, group.stand, staged(Act.ROLLBACK, changed, begin)):
        return ""
    return (
        "To go back without a gap: run v2's ExternalDNS with --policy=upsert-only, take the hosts out of v2, and write "
        f"v1's owner (\"{owner}\") into their ownership TXT; v1's ExternalDNS leads them back at its next sync."
    )


def _owned_by(owner: str, records: frozenset[ResourceRecordSet]) -> frozenset[ResourceRecordSet]:

    text = serialize({"owner": owner, "resource": RESOURCE})
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


def _not_migrating(player: Player) -> Player:
    return player._replace(setup=replace(player.setup, migrate_from_txt_owner=None))


def _taking_over(player: Player, owner: str) -> Player:
    return _upserting(player)._replace(setup=replace(player.setup, migrate_from_txt_owner=owner))


def _renamed(player: Player, owner: str) -> Player:
    if player.setup.txt_owner_id != owner:
        return player
    return player._replace(setup=replace(player.setup, txt_owner_id=_OWN_ID))


def _stopped(_player: Player) -> None:
    return None


def _adopting(player: Player, owner: str) -> Player:
    return _upserting(player)._replace(setup=replace(player.setup, txt_owner_id=owner, migrate_from_txt_owner=None))
