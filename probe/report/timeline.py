"""A soak as a drawing: what to paint where, in units of the drawing's width."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from probe.model.clock import MINUTE, Instant
from probe.model.record import RecordStatus
from probe.model.text import clock_time, short_time
from probe.report.event import EventKind
from probe.report.sign_off import DomainReport, Turn

WIDTH = 1000
"""Units from the beginning to the end."""

MARKS = 6
"""Times that the axis names at most: more would run into each other on a phone."""

_MARK_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400)
"""Seconds between two marks of the axis."""


class TimelineSegment(NamedTuple):
    """A part of a lane that is painted alike: `word` says what it shows, and `title` since when.

    `start` and `width` are in units of the drawing, `WIDTH` of them across.
    """

    start: float
    width: float
    word: str
    title: str


class TimelineRow(NamedTuple):
    """One line of the drawing."""

    label: str
    stretches: tuple[TimelineSegment, ...]


class Mark(NamedTuple):
    """A place on the axis, or a moment of note; `place` is in units of the drawing, `WIDTH` of them across."""

    place: float
    text: str


class Span(NamedTuple):
    """The time that is drawn."""

    began: Instant
    ended: Instant

    def place(self, at: Instant) -> float:
        """Give where a moment is drawn, in units of the drawing; what lies outside, at the edge."""
        length = max(self.ended.monotonic - self.began.monotonic, 0.001)
        share = (at.monotonic - self.began.monotonic) / length
        return round(min(max(share, 0.0), 1.0) * WIDTH, 1)


def lanes(domain: DomainReport, span: Span) -> tuple[TimelineRow, ...]:
    """Draw where each record led, and below them how the criteria stood."""
    drawn = [
        TimelineRow(record.rdtype.value, tuple(_stretches(_positions(record, span), span)))
        for record in domain.status.records
        if record.existed or record.position is not None
    ]
    return (*drawn, TimelineRow("criteria", tuple(_stretches(_standings(domain.course), span))))


def breaks(domain: DomainReport, span: Span) -> tuple[Mark, ...]:
    """Mark where the clock started again."""
    return tuple(Mark(span.place(event.at), event.text) for event in domain.events if event.kind is EventKind.BROKEN)


def axis(span: Span) -> tuple[Mark, ...]:
    """Name some round moments."""
    length = span.ended.wall - span.began.wall
    step = next((step for step in _MARK_SECONDS if length / step <= MARKS), _MARK_SECONDS[-1])
    write = short_time if step % MINUTE == 0 else clock_time
    first = -(-span.began.wall // step) * step
    moments = [first + step * number for number in range(int(max(0.0, span.ended.wall - first) // step) + 1)]
    return tuple(
        Mark(
            span.place(Instant(wall, span.began.monotonic + wall - span.began.wall)),
            write(wall),
        )
        for wall in moments[: 2 * MARKS]
        if wall <= span.ended.wall
    )


def _positions(record: RecordStatus, span: Span) -> Iterator[tuple[Instant, str]]:
    """Give where the record led from when on; nothing from before what is remembered."""
    if record.transitions == len(record.recent):
        before = record.recent[0].before if record.recent else record.position
        begun = span.began if record.recent else record.since
        if before is not None and begun is not None:
            yield begun, before
    for transition in record.recent:
        yield transition.at, transition.after


def _standings(course: Iterable[Turn]) -> Iterator[tuple[Instant, str]]:
    return ((turn.at, turn.outcome.standing) for turn in course)


def _stretches(changes: Iterable[tuple[Instant, str]], span: Span) -> Iterator[TimelineSegment]:
    marks = list(changes)
    for number, (at, word) in enumerate(marks, 1):  # none, where nothing was confirmed: a lane without paint
        end = marks[number][0] if number < len(marks) else span.ended
        start, stop = span.place(at), span.place(end)
        if stop > start:
            since = clock_time(max(at.wall, span.began.wall))
            yield TimelineSegment(start, round(stop - start, 1), word, f"{word} from {since} UTC")
