"""From the passages of an act to what it comes to: what goes wrong, for how long, who does it, and who owns it then."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, assert_never

from probe.judge.rehearsal.cast import Player
from probe.judge.rehearsal.group import HostGroup
from probe.judge.rehearsal.passage import Passage, Written
from probe.judge.rehearsal.reported import Audience, reported
from probe.judge.rehearsal.rewrite import owners
from probe.judge.rehearsal.stand import Place, Stand, places
from probe.model.finding import FindingCode
from probe.model.name import DomainName, parent
from probe.model.record import Position
from probe.model.rehearsal import Act, Course, Fault, Moment
from probe.model.text import PLACES
from probe.route53.records import ResourceRecordSet

_SHOWN = 6  # changes of a timeline: a fight says no more after three cycles


class _Absence(NamedTuple):
    rdtype: str
    begin: float
    end: float
    culprit: Player

    @property
    def length(self) -> float:
        return self.end - self.begin


def course(act: Act, group: HostGroup, condition: str, passages: Sequence[Passage]) -> Course:
    """Give what an act comes to for hosts that stand alike, from its passages in all phases."""
    stand = group.stand
    views = [_View(stand.host, passage, group.goal(act)) for passage in passages]
    worst = max(views, key=lambda view: (view.gap, view.changed[-1] if view.changed else 0.0))
    changed = [at for view in views for at in view.changed]
    faults = tuple(fault for fault in Fault if any(fault in view.faults for view in views))
    audience = Audience(stand.host, group.players, group.expects(act), group.has_sets)
    findings = frozenset[FindingCode]().union(*(reported(one.passage, one.faults, audience) for one in views))
    return Course(
        act=act,
        wave=group.wave,
        hosts=group.hosts,
        condition=condition,
        ends=_distinct(view.end for view in views),
        changes=(min(changed), max(changed)) if changed else None,
        gap=worst.gap,
        absent=tuple(sorted({absence.rdtype for view in views for absence in view.absences})),
        owners=_distinct(owner for view in views for owner in _owners(stand, view.passage)),
        faults=faults,
        culprits=tuple(
            (fault, _distinct(one.label for view in views if fault in view.faults for one in view.culprits(fault)))
            for fault in faults
        ),
        refusals=_distinct(
            _named(text, group) for view in views for _, step in view.passage.last for text in step.refusals
        ),
        moments=tuple(worst.timeline(stand)),
        forever=any(Fault.FIGHT in view.faults for view in views),
        findings=tuple(code for code in FindingCode if code in findings),
    )


def goes_well(goal: frozenset[Position] | None, stand: Stand, passages: Iterable[Passage]) -> bool:
    """Tell whether nothing goes wrong on the way to a goal, in any of the phases; the first that does is enough."""
    return all(not _View(stand.host, passage, goal).faults for passage in passages)


class _View:
    """One passage, looked at."""

    def __init__(self, host: DomainName, passage: Passage, goal: frozenset[Position] | None) -> None:
        self.passage = passage
        self._host = host
        begin = passage.changes[0].before if passage.changes else passage.end
        self._start = places(host, begin)
        self._end = places(host, passage.end)
        moving = [one for one in passage.changes if places(host, one.before) != places(host, one.after)]
        self.changed = [one.at for one in moving]
        self._moving = moving
        fights = passage.forever and len(moving) > 1
        self.absences = _absences(host, passage, fights=fights)
        self.gap = max((absence.length for absence in self.absences), default=0.0)
        self.faults = self._faults(goal, fights=fights)

    def _faults(self, goal: frozenset[Position] | None, *, fights: bool) -> frozenset[Fault]:
        found = set()
        finite = [absence for absence in self.absences if absence.length < math.inf]
        if len(finite) < len(self.absences):
            found.add(Fault.GONE)
        if finite:
            found.add(Fault.GAP)
        if fights:
            found.add(Fault.FIGHT)
        if any(step.refusals for _, step in self.passage.last):
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
                return (one.culprit for one in self.absences if (one.length == math.inf) is (fault is Fault.GONE))
            case Fault.FIGHT | Fault.LEAVES | Fault.SPLIT:
                return (one.player for one in self._moving)
            case Fault.REFUSED:
                return (player for player, step in self.passage.last if step.refusals)
            case Fault.STAYS:
                return ()
            case _:
                assert_never(fault)

    @property
    def end(self) -> str:
        """Where it leads at the end, in words."""
        if Fault.FIGHT in self.faults:
            told = dict.fromkeys(_words(places(self._host, one.after)) for one in self._moving)
            return " and ".join(told) + " in turn"
        return _words(self._end)

    def timeline(self, stand: Stand) -> Iterable[Moment]:
        """Tell what happens, sync by sync."""
        for one in self.passage.changes[:_SHOWN]:
            yield Moment(one.at, _told(stand, one))
        if self.passage.forever:
            yield Moment(self.passage.changes[_SHOWN].at, "and so on, for as long as both run")
        for player, step in self.passage.last:
            if step.refusals:
                text = f"{player.label} sends a change that Route 53 refuses, at this and every sync"
                yield Moment(player.setup.interval, text)


def _absences(host: DomainName, passage: Passage, *, fights: bool) -> list[_Absence]:
    found: list[_Absence] = []
    away: dict[str, Written] = {}
    for one in passage.changes:
        before, after = places(host, one.before), places(host, one.after)
        for rdtype in before:
            if rdtype not in after:
                away[rdtype] = one
        for rdtype in after:
            if rdtype in away:
                begun = away.pop(rdtype)
                found.append(_Absence(rdtype, begun.at, one.at, begun.player))
    if not fights:  # in a fight the last absence is one like those before it
        found += [_Absence(rdtype, one.at, math.inf, one.player) for rdtype, one in away.items()]
    return found


def _named(text: str, group: HostGroup) -> str:
    """Put a host's own name into what Route 53 says of the placeholder."""
    host = group.hosts[0] if group.hosts else group.stand.host
    return text.replace(group.stand.host, host).replace(group.stand.apex, parent(host))


def _told(stand: Stand, one: Written) -> str:
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
    read = _owners_read(one.player, stand, one.after)
    owned = f", owner {_quoted(read)}" if read and after else ""
    return f"{one.player.label} {', '.join(said)}{owned}"


def _owners(stand: Stand, passage: Passage) -> list[str]:
    """Say whose the records are, as those read it who are there: one word where all read alike."""
    read = {player: _owners_read(player, stand, passage.end) for player, _ in passage.last}
    if not places(stand.host, passage.end) or not read:
        return []
    if len(set(read.values())) == 1:
        return [_quoted(next(iter(read.values())))]
    return [f"{_quoted(told)} as {player.short_label} reads it" for player, told in read.items()]


def _quoted(ids: Iterable[str]) -> str:
    return " and ".join(f'"{owner}"' if owner else "none" for owner in ids)


def _owners_read(player: Player, stand: Stand, records: frozenset[ResourceRecordSet]) -> tuple[str, ...]:
    return owners(player.sync(prefer_cname=False), stand.host, records)


def _sides(where: Mapping[str, tuple[Place, ...]]) -> set[frozenset[Position]]:
    return {frozenset(place.position for place in those) for those in where.values()}


def _words(where: Mapping[str, tuple[Place, ...]]) -> str:
    if not where:
        return "absent"
    if len(set(where.values())) == 1:
        return _word(next(iter(where.values())))
    return ", ".join(f"{rdtype} {_word(those)}" for rdtype, those in sorted(where.items()))


def _word(those: tuple[Place, ...]) -> str:
    if len(those) == 1:
        return PLACES[those[0].position]
    return " and ".join(f"{PLACES[place.position]} ({place.by})" for place in those)


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
