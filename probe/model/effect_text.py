"""What a review led to, in words: one way for logs, page, journal, report, replay and terminal to tell of an effect."""

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
        what: What happened, to be read after the name of the domain or wave.
        why: The sentence behind it, if there is one. It may carry what DNS said: hostile, bounded.
    """

    event: str
    what: str
    why: str = ""

    @property
    def words(self) -> str:
        """Both on one line."""
        return f"{self.what}: {self.why}" if self.why else self.what


def describe(effect: Effect) -> EffectText | None:
    """Say what an effect tells; None for what only concerns the probe."""
    match effect:
        case StateChanged(_, rdtype, before, after, _, _):
            record = "" if rdtype is None else f"{rdtype.value}: "
            text = EffectText("state_changed", f"{record}{before.value} became {after.value}")
        case TransitionConfirmed(_, rdtype, transition):
            back = " (back)" if transition.reversal else " (its own record is gone)" if transition.uncovered else ""
            what = f"{rdtype.value} went from {transition.before.value} to {transition.after.value}{back}"
            text = EffectText("transition_confirmed", what)
        case FindingRaised(finding, _, until_now):
            until = "" if until_now is None else f", until now {until_now.value}"
            text = EffectText("finding_raised", f"{finding.code} ({finding.severity.value}{until})", finding.sentence)
        case FindingCleared(finding, _):
            text = EffectText("finding_cleared", f"{finding.code} is over")
        case SoakBroken(_, broken, held):
            what = f"the soak starts again after {duration(held)}, broken by {broken.criterion.value}"
            text = EffectText("soak_broken", what, broken.sentence)
        case SoakHeld(_, _, held):
            text = EffectText("soak_held", f"has held every criterion for {duration(held)}")
        case Converged(_, rdtype, stage, seconds, _):
            reached = stage.value.replace("_", " ")
            what = f"the change of {rdtype.value} has reached {reached}, {duration(seconds)} after its first server"
            text = EffectText("converged", what)
        case ExpectationChanged(_, before, after, _):
            what = f"the schedule now expects {after.value} (until now {before.value})"
            text = EffectText("expectation_changed", what)
        case Surprised() | TargetsDoubted():
            return None
        case _:
            assert_never(effect)
    return text
