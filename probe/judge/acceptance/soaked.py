"""Whether a domain is confirmed, as a precondition of deleting v1's Ingress, and when it can be.

What holds at this moment may be the quiet between two turns of a fight. v1 is the way back, so that it goes no earlier
than `gate` says that the move has worked.
"""

from probe.judge.acceptance.drained import Drained
from probe.judge.context import Context
from probe.model.check import CheckOutcome
from probe.model.clock import Instant
from probe.model.confirmation import Confirmation, Criterion
from probe.model.domain import DomainStatus
from probe.model.text import duration

_REMEDY = "Wait until `gate` says that the wave is confirmed."


def soaked(status: DomainStatus, at: Instant, context: Context, caches: Drained) -> Drained:
    """Judge it at `at`.

    Args:
        status: What is known of the domain.
        at: Now.
        context: The surroundings.
        caches: What is known of caches that may lead to v1: while they alone are waited for, the soak begins after it.
    """
    told = status.confirmation
    soak = duration(context.soak)
    if told.confirmed:
        return Drained((CheckOutcome.PASS, f"It has held every criterion for {duration(told.held)}.", ""))
    if told.outcome is CheckOutcome.PASS:
        left = max(0.0, context.soak - told.held)
        sentence = f"It holds every criterion, and {duration(left)} of the soak of {soak} are left."
        return Drained((CheckOutcome.UNKNOWN, sentence, _REMEDY), at.after(left))
    open_ones = [one for one in told.criteria if one.outcome is told.outcome]
    if told.outcome is not CheckOutcome.FAIL or not open_ones:
        why = f": {open_ones[0].name} is not known" if open_ones else ""
        return Drained((CheckOutcome.UNKNOWN, f"The soak of {soak} does not go on{why}.", _REMEDY))
    sentence = f"The soak of {soak} has not begun: {open_ones[0].name} does not hold."
    begins = caches.at if _waits_for_caches(told) else None
    return Drained((CheckOutcome.FAIL, sentence, _REMEDY), begins.after(context.soak) if begins is not None else None)


def _waits_for_caches(told: Confirmation) -> bool:
    return {one.name for one in told.criteria if not one.outcome.holds} == {Criterion.RESOLVERS.value}
