"""Strips of time: where records stood, what servers and resolvers said, and which state a domain had.

A strip is drawn from marks: from this moment on, this word. Shapes differ with the words, and not only colours: v2
runs above v1, so that a fight is a square wave also without colours.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from probe.model.domain import DomainStatus
from probe.model.effect import StateChanged
from probe.model.record import RecordState, RecordStatus, ServerStatus, Transition
from probe.model.resolver import ResolverStatus
from probe.model.side import ABSENT_CLASSES, AnswerClass
from probe.model.snapshot import Snapshot
from probe.model.text import clock_time, plural
from probe.web.history import PastEvents

WIDTH = 1_000
"""Units of a strip's coordinates; the page scales them."""

WIDE = 3_600.0
"""What a strip on the board shows: the time in which a wave moves."""

CLOSE = 900.0
"""What is shown of a fight: a dozen changes of one a minute, wide enough to be told apart."""

Marks: TypeAlias = Sequence[tuple[float, str | None]]
"""From this wall time on, this word; None: not known."""


class LaneSegment(NamedTuple):
    """A part of a strip, in units of WIDTH."""

    start: int
    width: int
    word: str | None
    title: str


class Lane(NamedTuple):
    """One strip: whose, and what its words say."""

    label: str
    detail: str
    stretches: tuple[LaneSegment, ...]
    summary: str


class Timeline(NamedTuple):
    """Strips over one span of time, in groups, with what their words mean."""

    seconds: float
    groups: tuple[tuple[str, tuple[Lane, ...]], ...]
    words: tuple[str, ...]


def record_lanes(status: DomainStatus, past: PastEvents, snapshot: Snapshot, seconds: float = WIDE) -> tuple[Lane, ...]:
    """Draw where each record of a domain stood."""
    return tuple(
        _lane(record.rdtype.value, "", _positions(record, past, snapshot), snapshot, seconds)
        for record in status.records
    )


def timeline(status: DomainStatus, past: PastEvents, snapshot: Snapshot, seconds: float) -> Timeline:
    """Draw everything that is known of a domain's past: itself, its records, each server and each resolver."""
    groups: list[tuple[str, tuple[Lane, ...]]] = [
        ("Domain", (_lane("state", "", _states(status, past, snapshot), snapshot, seconds),))
    ]
    for record in status.records:
        confirmed = _lane("confirmed", "", _positions(record, past, snapshot), snapshot, seconds)
        servers = (
            _lane(server.server.name, server.server.address, _drawn(record, _answers(server)), snapshot, seconds)
            for server in record.servers
        )
        groups.append((record.rdtype.value, (confirmed, *servers)))
    resolved = tuple(
        _lane(
            resolver.server.name,
            f"{resolver.rdtype.value} {resolver.server.address}",
            _answers(resolver),
            snapshot,
            seconds,
        )
        for resolver in resolvers(status)
    )
    if resolved:
        groups.append(("Resolvers", resolved))
    words = {stretch.word or "unknown": None for _, lanes in groups for lane in lanes for stretch in lane.stretches}
    return Timeline(seconds, tuple(groups), tuple(words))


def resolvers(status: DomainStatus) -> list[ResolverStatus]:
    """Give what resolvers say in an order that stays: by name, address and type."""
    return sorted(status.resolvers, key=lambda one: (one.server.name, one.server.address, one.rdtype.value))


def span_for(status: DomainStatus) -> float:
    """Choose how many seconds to show of a domain when nobody has chosen."""
    return CLOSE if status.state is RecordState.FLAPPING else WIDE


def _positions(record: RecordStatus, past: PastEvents, snapshot: Snapshot) -> Marks:
    kept = past.transitions(record.rdtype)
    # After a restart the record remembers more than this process has been told.
    before_kept = (one for one in record.recent if not kept or one.at.wall < kept[0].at.wall)
    transitions: tuple[Transition, ...] = (*before_kept, *kept)
    if not transitions:
        return _drawn(record, [(snapshot.started.wall, record.position.value if record.position else None)])
    complete = record.transitions <= len(transitions)
    first = transitions[0]
    began = min(snapshot.started.wall, first.at.wall)
    return _drawn(
        record,
        [
            (began, first.before.value if complete else None),
            *((transition.at.wall, transition.after.value) for transition in transitions),
        ],
    )


def _drawn(record: RecordStatus, marks: Marks) -> Marks:
    """Say `weighted` since a record is: what single answers were drawn then is no change, and is not kept."""
    if record.state is not RecordState.WEIGHTED or record.since is None:
        return marks
    return [*(mark for mark in marks if mark[0] < record.since.wall), (record.since.wall, RecordState.WEIGHTED.value)]


def _states(status: DomainStatus, past: PastEvents, snapshot: Snapshot) -> Marks:
    changes = [event for event in past.events if isinstance(event, StateChanged)]
    if not changes:
        return [] if status.since is None else [(status.since.wall, status.state.value)]
    began = min(snapshot.started.wall, changes[0].at.wall)
    return [(began, changes[0].before.value), *((change.at.wall, change.after.value) for change in changes)]


def _answers(one: ServerStatus | ResolverStatus) -> Marks:
    marks = [(spell.since.wall, _word(spell.answer_class)) for spell in one.past]
    if one.since is not None and one.answer_class is not None:
        marks.append((one.since.wall, _word(one.answer_class)))
    return marks


def _word(answer_class: AnswerClass) -> str:
    return "absent" if answer_class in ABSENT_CLASSES else answer_class.value


def _lane(label: str, detail: str, marks: Marks, snapshot: Snapshot, seconds: float) -> Lane:
    now = snapshot.at.wall
    begin = now - seconds
    stretches = tuple(_stretches([(float("-inf"), None), *marks, *_gaps(snapshot, marks)], begin, now))
    changes = sum(left.word is not None and right.word is not None for left, right in pairwise(stretches))
    last = stretches[-1].title if stretches else "not known"
    return Lane(label, detail, stretches, f"{last}; {plural(changes, 'change')} shown")


def _gaps(snapshot: Snapshot, marks: Marks) -> Iterable[tuple[float, str | None]]:
    """Nobody watched in these times: the word before does not reach into them, and comes back after them."""
    for gap in snapshot.journal.unwatched if snapshot.journal is not None else ():
        after = [word for at, word in marks if at <= gap.until.wall]
        yield gap.since.wall, None
        yield gap.until.wall, after[-1] if after else None


def _stretches(marks: list[tuple[float, str | None]], begin: float, now: float) -> Iterable[LaneSegment]:
    ordered = sorted(marks, key=lambda mark: mark[0])
    ends = [at for at, _ in ordered[1:]] + [now]
    for (start, word), end in zip(ordered, ends, strict=True):
        left, right = _place(start - begin, now - begin), _place(end - begin, now - begin)
        if right > left:
            yield LaneSegment(left, right - left, word, f"{word or 'not known'} from {clock_time(max(start, begin))}")


def _place(seconds: float, whole: float) -> int:
    return round(min(max(seconds / whole, 0.0), 1.0) * WIDTH)
