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
from probe.web.history import Event, PastEvents, moment_of
from probe.web.words import span


class Told(NamedTuple):
    """An event as people read it: when, a shape, what it was, and the rest of the sentence."""

    at: Instant
    icon: str
    what: str
    words: str


def events(past: PastEvents) -> list[Told]:
    """Tell everything that is kept of a domain, the newest first."""
    return [_told(event) for event in reversed(past.events)]


def told(effects: Iterable[Effect]) -> list[Told]:
    """Tell effects of a journal, in their order; what no page shows is left out."""
    kinds = (StateChanged, FindingRaised, FindingCleared, SoakBroken, SoakHeld, TransitionConfirmed)
    # A record's own state is beside its changes: the domain's says it.
    shown = (one for one in effects if not (isinstance(one, StateChanged) and one.rdtype is not None))
    return [_told(effect) for effect in shown if isinstance(effect, kinds)]


def _told(event: Event | TransitionConfirmed) -> Told:
    if isinstance(event, TransitionConfirmed):
        change = event.transition
        what = f"{event.rdtype.value} {change.before.value} → {change.after.value}"
        return Told(change.at, change.after.value, what, "It went back." if change.reversal else "")
    at = moment_of(event)
    match event:
        case StateChanged():
            return Told(at, event.after.value, f"{event.before.value} → {event.after.value}", event.sentence)
        case FindingRaised(finding=finding):
            return Told(at, finding.severity.value, finding.code, finding.sentence)
        case FindingCleared(finding=finding):
            return Told(at, "confirmed", f"{finding.code} is over", f"It was open for {span(at.wall - finding.since)}.")
        case SoakBroken():
            return Told(at, "warning", "soak broken", f"{event.broken.sentence} It had held for {span(event.held)}.")
        case SoakHeld():
            return Told(at, "confirmed", "confirmed", f"It has held for {span(event.held)}.")
        case _:
            assert_never(event)
