"""What happened during a soak, as lines of a report."""

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
from probe.model.name import DomainName
from probe.model.word import Word


class EventKind(Word):
    """What kind of event it was."""

    STATE = "state"
    TRANSITION = "transition"
    FINDING = "finding"
    CLEARED = "cleared"
    BROKEN = "broken"
    HELD = "held"
    EXPECTATION = "expectation"


class Event(NamedTuple):
    """One line. `domain` is None for what happened to a wave. `text` may carry what DNS said: hostile, bounded."""

    at: Instant
    domain: DomainName | None
    kind: EventKind
    text: str


def event_of(effect: Effect) -> Event | None:
    """Write an effect for a report; None for what only concerns the probe, and for a record's own states."""
    told = describe(effect)
    match effect:
        case StateChanged(domain, None, _, _, at, _):
            place = at, domain, EventKind.STATE
        case TransitionConfirmed(domain, _, transition):
            place = transition.at, domain, EventKind.TRANSITION
        case FindingRaised(finding, at):
            place = at, finding.domain, EventKind.FINDING
        case FindingCleared(finding, at):
            place = at, finding.domain, EventKind.CLEARED
        case SoakBroken(domain, broken, _):
            place = broken.at, domain, EventKind.BROKEN
        case SoakHeld(domain, at, _):
            place = at, domain, EventKind.HELD
        case ExpectationChanged(wave, _, _, at):
            return Event(at, None, EventKind.EXPECTATION, f"wave {wave}: {told.words}") if told else None
        case StateChanged() | Converged() | Surprised() | TargetsDoubted():
            return None
        case _:
            assert_never(effect)
    return Event(*place, told.words) if told else None
