"""What happened to a domain, in words: the newest first."""

from collections.abc import Iterable
from typing import NamedTuple, assert_never

from probe.model.clock import Instant
from probe.model.effect import (
    Effect,
    FindingCleared,
    FindingRaised,
    SoakBroken,
    SoakHeld,
    StateChanged,
    TransitionConfirmed,
)
from probe.model.text import duration
from probe.web.history import Event, PastEvents, moment_of


class EventLine(NamedTuple):
    """An event as people read it: when, a shape, what it was, and the rest of the sentence."""

    at: Instant
    icon: str
    what: str
    words: str


def events(past: PastEvents) -> list[EventLine]:
    """Tell everything that is kept of a domain, the newest first."""
    return [_told(event) for event in reversed(past.events)]


def told(effects: Iterable[Effect]) -> list[EventLine]:
    """Tell effects of a journal, in their order; what no page shows is left out."""
    kinds = (StateChanged, FindingRaised, FindingCleared, SoakBroken, SoakHeld, TransitionConfirmed)
    # A record's own state is beside its changes: the domain's says it.
    shown = (one for one in effects if not (isinstance(one, StateChanged) and one.rdtype is not None))
    return [_told(effect) for effect in shown if isinstance(effect, kinds)]


def _told(event: Event | TransitionConfirmed) -> EventLine:
    if isinstance(event, TransitionConfirmed):
        change = event.transition
        what = f"{event.rdtype.value} {change.before.value} → {change.after.value}"
        how = "Its own record is gone: a wildcard answers." if change.uncovered else ""
        return EventLine(change.at, change.after.value, what, "It went back." if change.reversal else how)
    at = moment_of(event)
    match event:
        case StateChanged():
            return EventLine(at, event.after.value, f"{event.before.value} → {event.after.value}", event.sentence)
        case FindingRaised(finding=finding):
            return EventLine(at, finding.severity.value, finding.code, finding.sentence)
        case FindingCleared(finding=finding):
            return EventLine(
                at, "confirmed", f"{finding.code} is over", f"It was open for {duration(at.wall - finding.since)}."
            )
        case SoakBroken():
            return EventLine(
                at, "warning", "soak broken", f"{event.broken.sentence} It had held for {duration(event.held)}."
            )
        case SoakHeld():
            return EventLine(at, "confirmed", "confirmed", f"It has held for {duration(event.held)}.")
        case _:
            assert_never(event)
