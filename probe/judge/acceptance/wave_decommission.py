"""When v1's Ingresses of a wave may go: at once, at a time, or what that waits for.

Of its domains the worst decides, as everywhere. A time is given only where caches and the soak are all that is waited
for: whatever else is open has no time, and a time beside it would be read as a promise.
"""

from collections.abc import Sequence

from probe.model.check import Check, CheckOutcome, worst
from probe.model.decommission import Decommission, Precondition, WaveDecommission
from probe.model.domain import DomainStatus
from probe.model.name import display
from probe.model.plan import Wave
from probe.model.side import Side
from probe.model.text import moment, plural

_UNJUDGED = Decommission(CheckOutcome.UNKNOWN, ())
"""A domain that is expected on v2 and has no verdict yet, soon after a start: it is not to be passed over."""


def wave_decommission(wave: Wave, statuses: Sequence[DomainStatus]) -> WaveDecommission | None:
    """Give it of a wave over its domains; None while they are not expected on v2, or there is none."""
    told = [
        (status, _UNJUDGED if status.decommission is None else status.decommission)
        for status in statuses
        if status.decommission is not None or status.domain.expectation.side is Side.V2
    ]
    if not told:
        return None
    outcome = worst(one.outcome for _, one in told)
    if outcome.holds:
        inferred = " Of some caches that is inferred." if outcome is CheckOutcome.WARN else ""
        sentence = (
            f"v1 of wave {wave.name} may go: nothing that the probe can see forbids it at its "
            f"{plural(len(told), 'domain')}.{inferred}"
        )
        return WaveDecommission(outcome, None, sentence)
    waiting = [(status, one) for status, one in told if not one.outcome.holds]
    moments = [one.at for _, one in waiting if one.at is not None]
    if len(moments) == len(waiting):
        at = max(moments, key=lambda instant: instant.monotonic)
        sentence = (
            f"v1 of wave {wave.name} may go at {moment(at)}, if nothing changes: "
            f"{_waits([one for _, one in waiting], plural(len(told), 'domain'))}"
        )
        return WaveDecommission(outcome, at, sentence)
    # What has no time is the reason: people who act on it need not wait for caches in the meantime.
    blocked = [(status, one) for status, one in waiting if one.at is None]
    status, verdict = next(((status, one) for status, one in blocked if one.outcome is outcome), blocked[0])
    why = _first(verdict)
    more = f"; the same holds for {len(blocked) - 1} more" if len(blocked) > 1 else ""
    word = "may not go" if outcome is CheckOutcome.FAIL else "is not known to be removable"
    reason = f"{why.name}: {why.sentence.rstrip('.')}" if why is not None else "not judged yet"
    return WaveDecommission(
        outcome, None, f"v1 of wave {wave.name} {word}: {display(status.domain.name)} ({reason}){more}."
    )


def _waits(verdicts: Sequence[Decommission], domains: str) -> str:
    """Say what is waited for where time alone is missing."""
    missing = {check.name for one in verdicts for check in one.checks if not check.outcome.holds}
    if missing == {Precondition.CONFIRMED.value}:
        return f"the soak of {len(verdicts)} of its {domains} is not over before."
    if Precondition.CONFIRMED.value in missing:
        return f"{len(verdicts)} of its {domains} wait for caches that may lead to v1, and for the soak."
    return f"caches of {len(verdicts)} of its {domains} may lead to v1 until then."


def _first(verdict: Decommission) -> Check | None:
    """Give the first precondition that stands as the whole does."""
    return next((one for one in verdict.checks if one.outcome is verdict.outcome), None)
