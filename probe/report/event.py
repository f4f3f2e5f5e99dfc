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
    """Write an effect for a report; None for what only concerns the probe."""
    told: Event | None
    match effect:
        case StateChanged(domain, None, before, after, at, _):
            told = Event(at, domain, EventKind.STATE, f"{before.value} became {after.value}")
        case TransitionConfirmed(domain, rdtype, transition):
            back = ", and so back" if transition.reversal else ""
            text = f"{rdtype.value} went from {transition.before.value} to {transition.after.value}{back}"
            told = Event(transition.at, domain, EventKind.TRANSITION, text)
        case FindingRaised(finding, at):
            told = Event(
                at, finding.domain, EventKind.FINDING, f"{finding.code} ({finding.severity}): {finding.sentence}"
            )
        case FindingCleared(finding, at):
            told = Event(at, finding.domain, EventKind.CLEARED, f"{finding.code} is over")
        case SoakBroken(domain, broken, held):
            text = f"the clock starts again after {held:.0f} s, broken by {broken.criterion.value}: {broken.sentence}"
            told = Event(broken.at, domain, EventKind.BROKEN, text)
        case SoakHeld(domain, at, held):
            told = Event(at, domain, EventKind.HELD, f"has held every criterion for {held:.0f} s")
        case ExpectationChanged(wave, before, after, at):
            text = f"wave {wave} is expected {after.value} from now on, and no longer {before.value}"
            told = Event(at, None, EventKind.EXPECTATION, text)
        case StateChanged() | Converged() | Surprised() | TargetsDoubted():
            told = None
        case _:
            assert_never(effect)
    return told
