"""Hosts that stand alike, and the acts played for them: what one of them goes through, all of them do."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, assert_never

from probe.judge.rehearsal.cast import Player
from probe.judge.rehearsal.passage import Passage, Seat, SyncOver, phases, play
from probe.judge.rehearsal.rewrite import Rewrite, Wish
from probe.judge.rehearsal.stand import Stand
from probe.model.name import DomainName
from probe.model.plan import Domain, Expectation
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
    """

    wave: str
    expectation: Expectation
    stand: Stand
    players: tuple[Player, ...]
    hosts: tuple[DomainName, ...]


def acts(expectation: Expectation) -> tuple[Act, ...]:
    """Give what there is to play for hosts of which this is expected today.

    Nothing for weighted ones: which sets one has is not known.
    """
    match expectation:
        case Expectation.V1:
            return tuple(Act)
        case Expectation.MOVING:
            return (Act.MOVE, Act.ROLLBACK, Act.V1_INGRESS, Act.V1_STOPPED)
        case Expectation.V2:
            return (Act.AS_IT_IS, Act.ROLLBACK, Act.V1_INGRESS, Act.V1_STOPPED)
        case Expectation.WEIGHTED:
            return ()
        case _:
            assert_never(expectation)


def grouped(
    domains: Iterable[Domain], stands: Mapping[DomainName, Stand], players: Sequence[Player]
) -> list[HostGroup]:
    """Put hosts that stand alike together, in the plan's order."""
    found: dict[HostGroup, list[DomainName]] = {}
    for domain in domains:
        stand = stands.get(domain.name)
        if stand is not None:
            watching = tuple(one for one in players if one.setup.sees(domain.name))
            key = HostGroup(domain.wave, domain.expectation, stand, watching, ())
            found.setdefault(key, []).append(domain.name)
    return [key._replace(hosts=tuple(hosts)) for key, hosts in found.items()]


def performed(group: HostGroup) -> dict[Act, tuple[Passage, ...]]:
    """Play every act of a group, each in all phases, on what the act before it left."""
    played: dict[Act, tuple[Passage, ...]] = {}
    for act in acts(group.expectation):
        played[act] = staged(act, group, beginnings(act, group, played))
    return played


def beginnings(
    act: Act, group: HostGroup, played: Mapping[Act, Sequence[Passage]]
) -> tuple[frozenset[ResourceRecordSet], ...]:
    """Give what may stand when an act begins."""
    before = _BEFORE.get(act)
    if before not in played and before is not None:
        before = _BEFORE.get(before)
    if before is None or before not in played:
        return (group.stand.records,)
    ends = dict.fromkeys(passage.end for passage in played[before])
    return tuple(ends)[:MOST_BEGINNINGS]


def staged(act: Act, group: HostGroup, begin: Iterable[frozenset[ResourceRecordSet]]) -> tuple[Passage, ...]:
    """Play one act in all phases."""
    seats = _seats(act, group)
    combinations = phases([seat.player.setup.interval for seat in seats])
    known: dict[SyncOver, Rewrite] = {}
    return tuple(play(seats, group.stand, records, first, known) for records in begin for first in combinations)


def _seats(act: Act, group: HostGroup) -> list[Seat]:
    moved = group.expectation is not Expectation.V1
    wanting = {
        Act.AS_IT_IS: {Side.V1, Side.V2} if moved else {Side.V1},
        Act.MOVE: {Side.V1, Side.V2},
        Act.ROLLBACK: {Side.V1},
        Act.V1_INGRESS: {Side.V2},
        Act.V1_STOPPED: {Side.V2},
    }[act]
    return [
        Seat(one, Wish(one.side, group.stand.shape, group.stand.dualstack) if one.side in wanting else None)
        for one in group.players
        if act is not Act.V1_STOPPED or one.side is Side.V2
    ]
