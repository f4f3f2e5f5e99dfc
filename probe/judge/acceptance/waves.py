"""The verdict on a wave from those on its domains: confirmed while all of them are, at the same moment."""

from collections.abc import Sequence

from probe.judge.acceptance.wave_decommission import wave_decommission
from probe.model.check import CheckOutcome
from probe.model.domain import DomainStatus
from probe.model.name import display
from probe.model.plan import Plan, Wave
from probe.model.text import duration, listed, plural
from probe.model.wave import WaveStatus


def waves(plan: Plan, statuses: Sequence[DomainStatus]) -> tuple[WaveStatus, ...]:
    """Give every wave of a plan, in its order."""
    members: dict[str, list[DomainStatus]] = {wave.name: [] for wave in plan.waves}
    for status in statuses:
        if status.domain.wave in members:
            members[status.domain.wave].append(status)
    return tuple(wave_status(wave, members[wave.name], plan.soak) for wave in plan.waves)


def wave_status(wave: Wave, statuses: Sequence[DomainStatus], soak: float) -> WaveStatus:
    """Give one wave over its domains, each of which has to hold for `soak` seconds."""
    outcome, since = CheckOutcome.PASS if statuses else CheckOutcome.UNKNOWN, None
    held, held_by = float("inf") if statuses else 0.0, 0
    begun = True
    for status in statuses:  # one pass and no comprehension: every scrape of 10,000 domains comes by here
        one = status.confirmation
        held_by += one.confirmed
        held = min(held, one.held)
        if one.outcome is not outcome and outcome is not CheckOutcome.FAIL and one.outcome is not CheckOutcome.PASS:
            outcome = one.outcome
        if one.since is None:
            begun = False
        elif since is None or one.since.monotonic > since.monotonic:
            since = one.since
    told = WaveStatus(
        wave,
        outcome,
        confirmed=bool(statuses) and held_by == len(statuses),
        total=len(statuses),
        held_by=held_by,
        since=since if begun else None,
        held=held,
        soak=soak,
        sentence="",
    )
    return told._replace(sentence=_sentence(told, statuses), decommission=wave_decommission(wave, statuses))


def _sentence(status: WaveStatus, statuses: Sequence[DomainStatus]) -> str:
    name, total = f"Wave {status.wave.name}", plural(status.total, "domain")
    if not statuses:
        return f"{name} has no domain on this shard."
    if status.outcome is not CheckOutcome.PASS:
        word = "does not hold" if status.outcome is CheckOutcome.FAIL else "cannot be told"
        short = [one for one in statuses if one.confirmation.outcome is status.outcome]
        told = "" if len(short) == 1 else f"; the same holds for {len(short) - 1} more of its {total}"
        return f"{name} {word}: {_reason(short[0], status.outcome)}{told}."
    if status.confirmed:
        who = "its only domain has" if status.total == 1 else f"all {total} have"
        return f"{name} is confirmed: {who} held every criterion for {duration(status.held)}."
    left = duration(status.soak - status.held)
    return f"{name} holds every criterion at its {total}, and {left} of the soak of {duration(status.soak)} are left."


def _reason(status: DomainStatus, outcome: CheckOutcome) -> str:
    """Say of one domain which criteria stand so, and the sentence of the first of them."""
    criteria = [one for one in status.confirmation.criteria if one.outcome is outcome]
    name = display(status.domain.name)
    if not criteria:
        return f"{name} has not been judged yet"
    named = listed([one.name for one in criteria])
    return f"{name} ({named}): {criteria[0].sentence.rstrip('.')}"
