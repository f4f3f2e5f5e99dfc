"""The whole night, played: every act of every wave, for every way in which it may be, and what is to be changed. Pure.

Hosts are played apart from each other, so that an act of one wave is played for that wave's hosts alone; what a wave's
neighbours go through is their own first act: it is there that a take-over deletes what has not moved yet.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from probe.externaldns.endpoint import DEFAULT_TTL
from probe.judge.answer.ttl import LOAD_BALANCER_TTL
from probe.judge.ownership.filters import SeenZone
from probe.judge.ownership.lookup import Shape
from probe.judge.rehearsal.assumptions import Shown, assumptions
from probe.judge.rehearsal.cast import Cast, Player, casts, doubts
from probe.judge.rehearsal.course import course
from probe.judge.rehearsal.group import HostGroup, grouped, performed
from probe.judge.rehearsal.passage import Passage
from probe.judge.rehearsal.remedies import Remedy, remedy
from probe.judge.rehearsal.requests import SyncLoad, sent
from probe.judge.rehearsal.stand import Stand, places, planned
from probe.judge.rehearsal.verdict import Caches, requests, verdicts
from probe.judge.rehearsal.wished import ReadSide
from probe.model.check import Check, CheckOutcome
from probe.model.name import DomainName, display
from probe.model.plan import Domain, Plan
from probe.model.rehearsal import Act, Course, Rehearsal, Requests
from probe.model.side import Side
from probe.model.text import listed

NOT_PLAYED = "not-played"
"""The check that names hosts which cannot be played, with the reason."""

_NOT_WRITTEN = (
    "is expected on {side}, which has no object for it: what stands of it is not known without a look or `--zone`, and "
    "it was not played."
)
_LOOK_YOURSELF = "Look at it by hand"
_SEE_MORE = "; an export of the zone may show more (`cutover-probe rehearse --zone`)"

DEFAULT_NEGATIVE_TTL = 900
"""Seconds that caches keep a denial where nobody has asked: the SOA that Route 53 gives a new zone (TTL 900)."""


class Today(NamedTuple):
    """The zones as they stand.

    Attributes:
        stands: Each host, or the sentence that says why it cannot be played; a host that is left out stands as the
            plan lets expect.
        source: What showed them, for the list of assumptions.
        negative_ttl: Seconds that caches keep a denial; None where nobody has asked.
        clusters: What the clusters that were read want.
        is_whole: The zones were read with all that they hold: an export shows no more of them.
        zones: Each host's zone, where that was seen.
    """

    stands: Mapping[DomainName, Stand | str]
    source: str
    negative_ttl: int | None = None
    clusters: "ReadClusters | None" = None
    is_whole: bool = False
    zones: Mapping[DomainName, SeenZone] = MappingProxyType({})

    @property
    def wanted(self) -> Mapping[DomainName, tuple[ReadSide, ...]]:
        """What each cluster that was read wants of each host; a host that is left out is wanted as assumed."""
        return {} if self.clusters is None else self.clusters.wanted


class ReadClusters(NamedTuple):
    """What was read of the clusters beside the plan.

    Attributes:
        sides: Those that were read.
        wanted: What they want of each host today.
        unplayable: Hosts that cannot be played by what their objects say, with the sentence that says why.
        assumptions: What was taken for granted of what they show: sentences.
    """

    sides: frozenset[Side]
    wanted: Mapping[DomainName, tuple[ReadSide, ...]]
    unplayable: Mapping[DomainName, str]
    assumptions: tuple[str, ...] = ()


class _Played(NamedTuple):
    cast: Cast
    groups: list[HostGroup]
    acts: list[dict[Act, tuple[Passage, ...]]]


def rehearse(plan: Plan, today: Today, wave: str | None = None) -> Rehearsal:
    """Play the night.

    Args:
        plan: All of its waves.
        today: What stands.
        wave: The wave that moves; None moves all. The others are played as they are: moving one can hurt them.
    """
    today = _without_unplayable(plan, today)
    played = [_played(plan, today, cast) for cast in casts(plan, today.zones)]
    courses: list[list[Course]] = []
    remedies: dict[Course, Remedy] = {}
    known: dict[tuple[HostGroup, Act], Remedy] = {}
    for one in played:
        told = []
        for group, acts in zip(one.groups, one.acts, strict=True):
            for act, passages in acts.items():
                if wave is not None and group.wave != wave and act is not Act.AS_IT_IS:
                    continue
                came = course(act, group, one.cast.condition, passages)
                told.append(came)
                if came.faults:
                    alike = (group._replace(wave="", hosts=()), act)
                    if alike not in known:
                        known[alike] = remedy(act, group, acts)
                    remedies[came] = known[alike]
        courses.append(told)
    shapes = {group.stand.shape for one in played for group in one.groups}
    caches = Caches(
        LOAD_BALANCER_TTL if shapes <= {Shape.ALIAS} else DEFAULT_TTL,
        DEFAULT_NEGATIVE_TTL if today.negative_ttl is None else today.negative_ttl,
    )
    read = frozenset[Side]() if today.clusters is None else today.clusters.sides
    rates = tuple(rate for one in played for rate in _requests(one, wave))
    return Rehearsal(
        checks=(
            *_bad_input(plan, today, wave),
            *verdicts(courses, remedies, plan, caches),
            *requests(rates),
        ),
        courses=tuple(one for told in courses for one in told),
        requests=rates,
        assumptions=(
            *assumptions(plan, caches, Shown(today.source, today.zones, read, today.negative_ttl is not None)),
            *(today.clusters.assumptions if today.clusters is not None else ()),
            *_absent(plan, today),
        ),
        plays=sum(len(way.plays) for one in played for acts in one.acts for ways in acts.values() for way in ways),
    )


def _without_unplayable(plan: Plan, today: Today) -> Today:
    """Put the sentence of a host that its objects keep from being played in the place of how it stands.

    What stands of a host that was not looked at is what its side has written: of a side without an object for it
    nothing is known.
    """
    if today.clusters is None:
        return today
    why = dict(today.clusters.unplayable)
    for domain in plan.domains:
        side = domain.expectation.side or Side.V1
        if domain.name not in today.stands and ReadSide(side) in today.wanted.get(domain.name, ()):
            why.setdefault(domain.name, _NOT_WRITTEN.format(side=side.value))
    return today._replace(stands={**today.stands, **why})


def _played(plan: Plan, today: Today, cast: Cast) -> _Played:
    stands: dict[DomainName, Stand] = {}
    for domain in plan.domains:
        if _cannot(domain, plan) is not None:
            continue
        stand = today.stands.get(domain.name)
        if stand is None:
            stand = planned(domain, plan, cast, today.wanted.get(domain.name, ()))
        if not isinstance(stand, str):
            stands[domain.name] = stand
    groups = grouped(plan, stands, cast.players, today.wanted, today.zones)
    memo: dict[HostGroup, dict[Act, tuple[Passage, ...]]] = {}
    acts = []
    for group in groups:
        alike = group._replace(wave="", hosts=())
        if alike not in memo:
            memo[alike] = performed(group)
        acts.append(memo[alike])
    return _Played(cast, groups, acts)


def _requests(one: _Played, wave: str | None) -> Iterable[Requests]:
    """Count what is sent once all is at rest before the first move, and once each wave has moved."""
    waves = list(dict.fromkeys(group.wave for group in one.groups))
    yield from _rates(one, Act.AS_IT_IS, "", frozenset())
    moved: set[str] = set()
    for name in waves:
        moved.add(name)
        if wave in {None, name}:
            yield from _rates(one, Act.MOVE, name, frozenset(moved))


def _rates(one: _Played, act: Act, wave: str, moved: frozenset[str]) -> Iterable[Requests]:
    loads: dict[Player, list[SyncLoad]] = {}
    for group, acts in zip(one.groups, one.acts, strict=True):
        at = Act.MOVE if group.wave in moved and Act.MOVE in acts else Act.AS_IT_IS
        for player, step in acts[at][-1].track.last if at in acts else ():
            loads.setdefault(player, []).append(SyncLoad(len(group.hosts), step))
    for player, told in loads.items():
        every, refused = sent(told).per_minute(player.setup.interval)
        yield Requests(act, wave, one.cast.condition, player.label, every, refused)


def _absent(plan: Plan, today: Today) -> Iterable[str]:
    """Say of hosts that do not exist yet what is taken for granted of them."""
    names = [
        display(one.name)
        for one in plan.domains
        if isinstance(stand := today.stands.get(one.name), Stand) and not places(stand.host, stand.records)
    ]
    if names:
        wants = "is taken to want" if today.clusters is None else "wants, or is taken to want,"
        yield (
            f"{listed(names)} {'does' if len(names) == 1 else 'do'} not exist: an ExternalDNS whose cluster {wants} "
            "such a host creates it at its next sync."
        )


def _bad_input(plan: Plan, today: Today, wave: str | None) -> Iterable[Check]:
    for sentence in doubts(plan):
        yield Check("version", "plan", CheckOutcome.UNKNOWN, sentence, "Correct `version` in the plan.")
    for one in plan.waves:
        if wave not in {None, one.name}:
            continue
        untold: dict[str, list[str]] = {}
        for domain in one.domains:
            stand = today.stands.get(domain.name)
            why = _cannot(domain, plan) or (stand if isinstance(stand, str) else None)
            if why is not None:
                untold.setdefault(why, []).append(display(domain.name))
        for why, names in untold.items():
            told = f"{listed(names)}{': each' * (len(names) > 1)} {why}"
            remedy = f"{_LOOK_YOURSELF}{'' if today.is_whole else _SEE_MORE}."
            yield Check(NOT_PLAYED, one.name, CheckOutcome.UNKNOWN, told, remedy)


def _cannot(domain: Domain, plan: Plan) -> str | None:
    """Say why the plan itself keeps a host from being played."""
    hidden = [
        setup.registry
        for side in (plan.v1, plan.v2)
        for setup in side.instances
        if setup.sees(domain.name) and setup.registry.is_hidden
    ]
    if hidden:
        return f"cannot be played: ownership in --registry={hidden[0].value} is not visible in DNS."
    return None
