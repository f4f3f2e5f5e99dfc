"""From the passages of an act to what it comes to: what goes wrong, for how long, who does it, and who owns it then."""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias, assert_never

from probe.judge.ownership.filters import why_barred
from probe.judge.rehearsal.cast import Player
from probe.judge.rehearsal.group import HostGroup
from probe.judge.rehearsal.passage import WAYS_KEPT, Moments, Passage, Sync, Track
from probe.judge.rehearsal.reported import Audience, reported
from probe.judge.rehearsal.rewrite import read
from probe.judge.rehearsal.stand import SetPlace, Stand, places
from probe.model.finding import FindingCode
from probe.model.name import DomainName, parent
from probe.model.record import Position
from probe.model.rehearsal import Act, Course, Fault, Moment
from probe.model.text import PLACES
from probe.route53.records import ResourceRecordSet

NO_OWNER = "none"
"""What is said of a record without an owner that an ExternalDNS reads."""

_CHANGES_SHOWN = 6  # changes of a timeline: a fight says no more after three cycles


class _Absence(NamedTuple):
    """A type of records that is absent from one step of a track to another; None: for good."""

    rdtype: str
    begin: int
    end: int | None
    culprit: Player


class _Worst(NamedTuple):
    """The play of a track that is the worst.

    Attributes:
        gravity: What makes it worse than another: its longest gap, and how late its last change is; in seconds.
        moments: When what happens in it.
    """

    gravity: tuple[float, float]
    moments: Moments


@lru_cache(maxsize=WAYS_KEPT)  # hosts that go the same ways share their plays
def _worst(plays: tuple[Moments, ...], absences: tuple[tuple[int, int | None], ...], last: int | None) -> _Worst:
    """Give the worst of some plays.

    Args:
        plays: Of one track.
        absences: From which step to which something is absent; None: for good.
        last: The last step that leads elsewhere; None where none does.
    """

    def gravity(moments: Moments) -> tuple[float, float]:
        lengths = [math.inf if end is None else moments[end] - moments[begin] for begin, end in absences]
        return max(lengths, default=0.0), 0.0 if last is None else moments[last]

    return max((_Worst(gravity(moments), moments) for moments in plays), key=lambda one: one.gravity)


def course(act: Act, group: HostGroup, condition: str, passages: Sequence[Passage]) -> Course:
    """Give what an act comes to for hosts that stand alike, from its passages in all phases."""
    stand = group.stand
    goal = group.goal(act)
    scenes = [_View(stand.host, one, goal) for one in passages]
    view, (gravity, moments) = max(((view, view.worst()) for view in scenes), key=lambda one: one[1].gravity)
    changed = [play[step] for view in scenes for play in view.plays for step in view.moving[:1] + view.moving[-1:]]
    faults = tuple(fault for fault in Fault if any(fault in view.faults for view in scenes))
    audience = Audience(stand.host, stand.apex, group.players, group.expects(act), group.has_sets)
    findings = frozenset[FindingCode]().union(*(reported(view.track, view.faults, audience) for view in scenes))
    return Course(
        act=act,
        wave=group.wave,
        hosts=group.hosts,
        condition=condition,
        ends=_distinct(view.end for view in scenes),
        changes=(min(changed), max(changed)) if changed else None,
        gap=gravity[0],
        absent=tuple(sorted({absence.rdtype for view in scenes for absence in view.absences})),
        owners=_distinct(owner for view in scenes for owner in _owners(stand, view.track)),
        faults=faults,
        culprits=tuple(
            (fault, _distinct(one.label for view in scenes if fault in view.faults for one in view.culprits(fault)))
            for fault in faults
        ),
        refusals=_distinct(
            _named(text, group) for view in scenes for _, step in view.track.last for text in step.refusals
        ),
        moments=tuple(view.timeline(stand, moments)),
        forever=any(Fault.FIGHT in view.faults for view in scenes),
        findings=tuple(code for code in FindingCode if code in findings),
        barred=tuple(why_barred(player.label, by) for player, by in group.barred),
    )


def goes_well(goal: frozenset[Position] | None, stand: Stand, passages: Iterable[Passage]) -> bool:
    """Tell whether nothing goes wrong on the way to a goal, in any of the phases."""
    return not any(_View(stand.host, one, goal).faults for one in passages)


class _View:
    """One track, looked at, and the moments of its plays."""

    def __init__(self, host: DomainName, passage: Passage, goal: frozenset[Position] | None) -> None:
        self.track, self.plays = passage
        track = self.track
        self._host = host
        self._start = places(host, track.begin)
        self._end = places(host, track.end)
        led = [(places(host, one.before), places(host, one.after)) for one in track.steps]
        self.moving = [number for number, (before, after) in enumerate(led) if before != after]
        fights = track.forever and len(self.moving) > 1
        self.absences = _absences(track, led, fights=fights)
        self.faults = self._faults(goal, fights=fights)

    def worst(self) -> _Worst:
        """Give the play with the longest gap, and of those alike the one in which the last change is the latest."""
        spans = tuple((one.begin, one.end) for one in self.absences)
        return _worst(self.plays, spans, self.moving[-1] if self.moving else None)

    def _faults(self, goal: frozenset[Position] | None, *, fights: bool) -> frozenset[Fault]:
        found = set()
        if any(absence.end is None for absence in self.absences):
            found.add(Fault.GONE)
        if any(absence.end is not None for absence in self.absences):
            found.add(Fault.GAP)
        if fights:
            found.add(Fault.FIGHT)
        if any(step.refusals for _, step in self.track.last):
            found.add(Fault.REFUSED)
        sides = _sides(self._end)
        if not fights and len(sides) > 1:
            found.add(Fault.SPLIT)
        elif not found & {Fault.GONE, Fault.FIGHT}:
            if goal is not None and sides != {goal}:
                found.add(Fault.STAYS)
            if goal is None and self._start and sides != _sides(self._start):
                found.add(Fault.LEAVES)
        return frozenset(found)

    def culprits(self, fault: Fault) -> Iterable[Player]:
        """Tell who is behind a fault."""
        match fault:
            case Fault.GONE | Fault.GAP:
                return (one.culprit for one in self.absences if (one.end is None) is (fault is Fault.GONE))
            case Fault.FIGHT | Fault.LEAVES | Fault.SPLIT:
                return (self.track.steps[number].player for number in self.moving)
            case Fault.REFUSED:
                return (player for player, step in self.track.last if step.refusals)
            case Fault.STAYS:
                return ()
            case _:
                assert_never(fault)

    @property
    def end(self) -> str:
        """Where it leads at the end, in words."""
        if Fault.FIGHT in self.faults:
            told = {_words(places(self._host, self.track.steps[number].after)) for number in self.moving}
            return " and ".join(sorted(told)) + " in turn"
        return _words(self._end)

    def timeline(self, stand: Stand, moments: Moments) -> Iterable[Moment]:
        """Tell what happens, sync by sync."""
        for at, one in list(zip(moments, self.track.steps, strict=True))[:_CHANGES_SHOWN]:
            yield Moment(at, _told(stand, one))
        if self.track.forever:
            yield Moment(moments[_CHANGES_SHOWN], "and so on, for as long as both run")
        for player, step in self.track.last:
            if step.refusals:
                text = f"{player.label} sends a change that Route 53 refuses, at this and every sync"
                yield Moment(player.setup.interval, text)


_Led: TypeAlias = Mapping[str, tuple[SetPlace, ...]]


def _absences(track: Track, led: Sequence[tuple[_Led, _Led]], *, fights: bool) -> list[_Absence]:
    found: list[_Absence] = []
    away: dict[str, int] = {}
    for number, (before, after) in enumerate(led):
        away.update({rdtype: number for rdtype in before if rdtype not in after})
        for rdtype in [one for one in after if one in away]:
            begun = away.pop(rdtype)
            found.append(_Absence(rdtype, begun, number, track.steps[begun].player))
    if not fights:  # in a fight the last absence is one like those before it
        found += [_Absence(rdtype, begun, None, track.steps[begun].player) for rdtype, begun in away.items()]
    return found


def _named(text: str, group: HostGroup) -> str:
    """Put a host's own name into what Route 53 says of the placeholder."""
    host = group.hosts[0] if group.hosts else group.stand.host
    return text.replace(group.stand.host, host).replace(group.stand.apex, parent(host))


def _told(stand: Stand, one: Sync) -> str:
    before, after = places(stand.host, one.before), places(stand.host, one.after)
    gone = [rdtype for rdtype in before if rdtype not in after]
    led = [rdtype for rdtype in after if before.get(rdtype) != after[rdtype]]
    said = []
    if gone:
        said.append(f"deletes {' and '.join(sorted(gone))}")
    for where in dict.fromkeys(after[rdtype] for rdtype in led):
        types = sorted(rdtype for rdtype in led if after[rdtype] == where)
        said.append(f"leads {' and '.join(types)} to {_word(where)}")
    if not said:
        said.append("writes ownership TXT anew")
    owned = "" if one.player.owns_all else _owners_read(one.player, stand, one.after)
    return f"{one.player.label} {', '.join(said)}{f', owner {owned}' if owned else ''}"


def _owners(stand: Stand, track: Track) -> list[str]:
    """Say whose the records are: by each ExternalDNS that keeps owners, or once where all of them read alike."""
    reading = [player for player, _ in track.last if not player.owns_all]
    told = {player: _owners_read(player, stand, track.end) for player in reading}
    if len(set(told.values())) <= 1:
        return [one for one in told.values() if one][:1]
    return [", ".join(f"{player.short_label} reads {one or NO_OWNER}" for player, one in told.items())]


def _owners_read(player: Player, stand: Stand, records: frozenset[ResourceRecordSet]) -> str:
    """Say whose the records are as one ExternalDNS reads it, by type where that matters; empty without any."""
    types: dict[str, list[str]] = {}
    for one in read(player.sync(prefer_cname=False), stand.host, records):
        types.setdefault(one.owner, []).append(one.rdtype)
    alike = len({tuple(those) for those in types.values()}) == 1
    return " and ".join(
        (f'"{owner}"' if owner else NO_OWNER) + ("" if alike else f" ({' and '.join(those)})")
        for owner, those in types.items()
    )


def _sides(where: _Led) -> set[frozenset[Position]]:
    return {frozenset(place.position for place in those) for those in where.values()}


def _words(where: _Led) -> str:
    if not where:
        return "absent"
    if len(set(where.values())) == 1:
        return _word(next(iter(where.values())))
    return ", ".join(f"{rdtype} {_word(those)}" for rdtype, those in sorted(where.items()))


def _word(those: tuple[SetPlace, ...]) -> str:
    if len(those) == 1:
        return PLACES[those[0].position]
    return " and ".join(f"{PLACES[place.position]} ({place.by})" for place in those)


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
