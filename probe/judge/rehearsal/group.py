"""Hosts that stand alike, and the acts played for them: what one of them goes through, all of them do."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, assert_never

from probe.judge.ownership.filters import Barred, SeenZone, bars
from probe.judge.rehearsal.cast import Player
from probe.judge.rehearsal.passage import Moments, Passage, Seat, Syncs, phases
from probe.judge.rehearsal.rewrite import SIMPLE, ChosenBy, Wish
from probe.judge.rehearsal.sets import NO_SETS, declared
from probe.judge.rehearsal.stand import Stand
from probe.judge.rehearsal.wished import ReadSide
from probe.model.name import DomainName
from probe.model.plan import Expectation, Plan
from probe.model.record import Position
from probe.model.rehearsal import Act
from probe.model.side import Side
from probe.route53.records import ResourceRecordSet

MOST_BEGINNINGS = 4
"""Ways in which an act may begin that are played on: where the phases of the act before it end differently. A fight of
two has two, and what two versions leave apart four; more are more of the same fight."""

_BEFORE = {
    Act.MOVE: Act.AS_IT_IS,
    Act.ROLLBACK: Act.MOVE,
    Act.V1_INGRESS: Act.MOVE,
    Act.V1_STOPPED: Act.MOVE,
}


class HostGroup(NamedTuple):
    """Hosts of one wave that stand alike and are seen by the same ExternalDNS.

    Attributes:
        wave, expectation: Whose, and what is expected today.
        stand: How each of them stands.
        players: The ExternalDNS whose filters let them through.
        hosts: Their names.
        by: By what the record set of v1 and that of v2 is chosen once both are there.
        read: What the clusters that were read want of each of them today.
        barred: Of a side without any ExternalDNS that may write them, each of its, with what keeps it from them.
    """

    wave: str
    expectation: Expectation
    stand: Stand
    players: tuple[Player, ...]
    hosts: tuple[DomainName, ...]
    by: tuple[ChosenBy, ChosenBy] = NO_SETS
    read: tuple[ReadSide, ...] = ()
    barred: tuple[tuple[Player, tuple[Barred, ...]], ...] = ()

    @property
    def acts(self) -> tuple[Act, ...]:
        """What there is to play, by what is expected today."""
        match self.expectation:
            case Expectation.V1:
                return tuple(Act)
            case Expectation.WEIGHTED if len(self.stand.sets) < len(Side):
                return (Act.MOVE, Act.ROLLBACK, Act.V1_INGRESS, Act.V1_STOPPED)  # weights are declared, and not there
            case Expectation.MOVING:
                return (Act.MOVE, Act.ROLLBACK, Act.V1_INGRESS, Act.V1_STOPPED)
            case Expectation.V2 | Expectation.WEIGHTED:
                return (Act.AS_IT_IS, Act.ROLLBACK, Act.V1_INGRESS, Act.V1_STOPPED)
            case _:
                assert_never(self.expectation)

    @property
    def has_sets(self) -> bool:
        """Whether Route 53 chooses between the sides once both are there."""
        return self.by != NO_SETS

    def chosen_by(self, side: Side) -> ChosenBy:
        """Give by what a side's record set is chosen once both are there."""
        return self.by[list(Side).index(side)]

    def read_side(self, side: Side) -> ReadSide | None:
        """Give what a cluster wants today; None where it was not read."""
        return next((one for one in self.read if one.side is side), None)

    def expects(self, act: Act) -> Expectation:
        """Tell what the wave expects once an act has been done: by it the daemon judges."""
        match act:
            case Act.AS_IT_IS:
                return self.expectation
            case Act.MOVE if self.by[0].weight is not None:
                return Expectation.WEIGHTED
            case Act.MOVE | Act.V1_INGRESS | Act.V1_STOPPED:
                return Expectation.V2
            case Act.ROLLBACK:
                return Expectation.V1
            case _:
                assert_never(act)

    def goal(self, act: Act) -> frozenset[Position] | None:
        """Tell where an act is to bring the host: a side, or both of them by their sets; None: nowhere else."""
        match act:
            case Act.AS_IT_IS:
                return None
            case Act.MOVE if self.has_sets:
                weightless = {side for side in Side if self.chosen_by(side).weight == 0}
                return frozenset(Position(side.value) for side in Side if side not in weightless)
            case Act.MOVE | Act.V1_INGRESS | Act.V1_STOPPED:
                return frozenset({Position.V2})
            case Act.ROLLBACK:
                return frozenset({Position.V1})
            case _:
                assert_never(act)


def grouped(
    plan: Plan,
    stands: Mapping[DomainName, Stand],
    players: Sequence[Player],
    wanted: Mapping[DomainName, tuple[ReadSide, ...]],
    zones: Mapping[DomainName, SeenZone],
) -> list[HostGroup]:
    """Put hosts that stand alike, and that are wanted alike, together, in the plan's order.

    Args:
        plan: Its hosts.
        stands: How they stand; a host that is left out is not played.
        players: Who of them may write a host is told by their filters.
        wanted: What the clusters that were read want of each host.
        zones: Each host's zone, where that is known.
    """
    found: dict[HostGroup, list[DomainName]] = {}
    for domain in plan.domains:
        stand = stands.get(domain.name)
        if stand is not None:
            kept = {one: bars(one.setup, domain.name, zones.get(domain.name)) for one in players}
            watching = tuple(one for one, by in kept.items() if not by)
            served = {one.side for one in watching}
            barred = tuple((one, by) for one, by in kept.items() if one.side not in served)
            read = wanted.get(domain.name, ())
            by = _as_read(declared(domain, plan, stand.sets), read)
            key = HostGroup(domain.wave, domain.expectation, stand, watching, (), by, read, barred)
            found.setdefault(key, []).append(domain.name)
    return [key._replace(hosts=tuple(hosts)) for key, hosts in found.items()]


def _as_read(by: tuple[ChosenBy, ChosenBy], read: Iterable[ReadSide]) -> tuple[ChosenBy, ChosenBy]:
    """Put what the objects of clusters say of their sets in the place of what the plan declares of them."""
    told = {one.side: chosen for one in read for chosen in [wish.by for wish in one.wishes[:1]] if chosen is not None}
    v1, v2 = (told.get(side, declared_by) for side, declared_by in zip(Side, by, strict=True))
    return v1, v2


def performed(group: HostGroup) -> dict[Act, tuple[Passage, ...]]:
    """Play every act of a group, each in all phases, on what the act before it left."""
    played: dict[Act, tuple[Passage, ...]] = {}
    for act in group.acts:
        played[act] = staged(act, group, beginnings(act, group, played))
    return played


def beginnings(
    act: Act, group: HostGroup, played: Mapping[Act, Iterable[Passage]]
) -> tuple[frozenset[ResourceRecordSet], ...]:
    """Give what may stand when an act begins."""
    before = _BEFORE.get(act)
    if before not in played and before is not None:
        before = _BEFORE.get(before)
    if before is None or before not in played:
        return (group.stand.records,)
    return ends(played[before])


def ends(passages: Iterable[Passage]) -> tuple[frozenset[ResourceRecordSet], ...]:
    """Give what may stand when an act is over, as far as it is played on."""
    return tuple(dict.fromkeys(one.track.end for one in passages))[:MOST_BEGINNINGS]


def staged(
    act: Act,
    group: HostGroup,
    begin: Iterable[frozenset[ResourceRecordSet]],
    firsts: tuple[Moments, ...] | None = None,
) -> tuple[Passage, ...]:
    """Play one act.

    Args:
        act: What happens.
        group: To whom.
        begin: What may stand then.
        firsts: The moments of everybody's first sync, for each play; None for all phases.
    """
    seats = _seats(act, group)
    syncs = Syncs(seats, group.stand)
    if firsts is None:
        firsts = phases([seat.player.setup.interval for seat in seats])
    return tuple(one for records in begin for one in syncs.play(records, firsts))


def _seats(act: Act, group: HostGroup) -> list[Seat]:
    return [
        Seat(one, _wish(one, act, group)) for one in group.players if act is not Act.V1_STOPPED or one.side is Side.V2
    ]


_HAVE_OBJECTS = {
    Act.MOVE: frozenset(Side),
    Act.ROLLBACK: frozenset({Side.V1}),
    Act.V1_INGRESS: frozenset({Side.V2}),
    Act.V1_STOPPED: frozenset({Side.V2}),
}
"""Whose objects are there in an act: v2's get there by the move, and v1's go at the end. As it is, those of today."""


def _wish(player: Player, act: Act, group: HostGroup) -> Wish | None:
    """Give what a cluster wants of the host: by its objects, where they were read, else as assumed."""
    side = player.side
    read = group.read_side(side)
    if act is not Act.AS_IT_IS and side not in _HAVE_OBJECTS[act]:
        return None
    if read is None or (side is Side.V2 and not read.wishes and act is not Act.AS_IT_IS):
        return _assumed(player, act, group)
    wish = read.of(player)
    if wish is None:
        return None
    by = wish.by if act is Act.AS_IT_IS and wish.by is not None else group.chosen_by(side)
    return Wish(side, wish.shape(player, group.stand.shape), group.stand.dualstack, by, wish.ttl, wish.evaluates)


def _assumed(player: Player, act: Act, group: HostGroup) -> Wish | None:
    """Assume what a cluster wants that was not read. Before anything moves its objects say what stands."""
    if act is Act.AS_IT_IS and player.side is Side.V2 and not group.expectation.includes_v2:
        return None
    stand = group.stand
    by = SIMPLE if act is Act.AS_IT_IS and not stand.sets else group.chosen_by(player.side)
    return Wish(player.side, player.shape(stand.shape), stand.dualstack, by)
