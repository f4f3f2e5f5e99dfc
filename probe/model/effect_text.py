"""What a review led to, in words: one way for the report, the replay and the terminal to tell of an effect."""

from typing import NamedTuple, assert_never

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
from probe.model.text import duration


class EffectText(NamedTuple):
    """An effect as people read it.

    Attributes:
        event: What kind of event, as logs and the API call it.
        words: What happened, to be read after the name of the domain or wave. It may carry what DNS said: hostile,
            bounded.
    """

    event: str
    words: str


def describe(effect: Effect) -> EffectText | None:
    """Say what an effect tells; None for what only concerns the probe."""
    match effect:
        case StateChanged(_, rdtype, before, after, _, _):
            record = "" if rdtype is None else f"{rdtype.value}: "
            text = EffectText("state_changed", f"{record}{before.value} became {after.value}")
        case TransitionConfirmed(_, rdtype, transition):
            back = " (back)" if transition.reversal else " (its own record is gone)" if transition.uncovered else ""
            words = f"{rdtype.value} went from {transition.before.value} to {transition.after.value}{back}"
            text = EffectText("transition_confirmed", words)
        case FindingRaised(finding, _):
            text = EffectText("finding_raised", f"{finding.code} ({finding.severity.value}): {finding.sentence}")
        case FindingCleared(finding, _):
            text = EffectText("finding_cleared", f"{finding.code} is over")
        case SoakBroken(_, broken, held):
            why = f"broken by {broken.criterion.value}: {broken.sentence}"
            text = EffectText("soak_broken", f"the clock starts again after {duration(held)}, {why}")
        case SoakHeld(_, _, held):
            text = EffectText("soak_held", f"has held every criterion for {duration(held)}")
        case Converged(_, rdtype, stage, seconds, _):
            reached = stage.value.replace("_", " ")
            words = f"the change of {rdtype.value} has reached {reached}, {duration(seconds)} after its first server"
            text = EffectText("converged", words)
        case ExpectationChanged(_, before, after, _):
            words = f"by its schedule, {after.value} is expected now (until now {before.value})"
            text = EffectText("expectation_changed", words)
        case Surprised() | TargetsDoubted():
            return None
        case _:
            assert_never(effect)
    return text
