"""What happened to a domain, in words: the newest first."""

from collections.abc import Iterable
from typing import NamedTuple, assert_never

from probe.model.clock import Instant
from probe.model.effect import (
    Converged,
    Effect,
    ExpectationChanged,
    FindingCleared,
    FindingRaised,
    SoakBroken,
    SoakHeld,
    StateChanged,
    Surprised,
    TargetsDoubted,
    TransitionConfirmed,
)
from probe.model.effect_text import describe
from probe.model.text import duration
from probe.web.history import Event, PastEvents


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
    return [_told(event) for effect in effects if (event := _shown(effect)) is not None]


def _shown(effect: Effect) -> Event | TransitionConfirmed | None:
    match effect:
        case StateChanged():
            # A record's own state is beside its changes: the domain's says it.
            return effect if effect.rdtype is None else None
        case FindingRaised() | FindingCleared() | SoakBroken() | SoakHeld() | TransitionConfirmed():
            return effect
        case Converged() | Surprised() | TargetsDoubted() | ExpectationChanged():
            return None
        case _:
            assert_never(effect)


def _told(event: Event | TransitionConfirmed) -> EventLine:
    text = describe(event)
    if text is None:
        raise TypeError(f"no line tells of {event}")
    match event:
        case TransitionConfirmed(transition=change):
            at, icon, words = change.at, change.after.value, text.why
        case StateChanged():
            at, icon, words = event.at, event.after.value, event.sentence
        case FindingRaised(finding=finding):
            at, icon, words = event.at, finding.severity.value, text.why
        case FindingCleared(finding=finding):
            at, icon = event.at, "confirmed"
            words = f"It was open for {duration(at.wall - finding.since)}."
        case SoakBroken():
            at, icon, words = event.broken.at, "warning", text.why
        case SoakHeld():
            at, icon, words = event.at, "confirmed", text.why
        case _:
            assert_never(event)
    return EventLine(at, icon, text.what, words)
