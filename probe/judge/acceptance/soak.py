"""Whether a domain has held every criterion for the whole soak: a clock that only runs while somebody looks.

The clock. It starts when every criterion passes, and what it counts is evidence: from one answer to the next, as long
as all criteria passed at both and no more than `widest_gap` lies between them. A criterion that *fails* breaks the
soak: the clock starts again from nothing at the next pass. One that is *unknown* (silence, a restart of the probe,
servers being found) stops the clock and breaks nothing, and so does a probe that stood still; that time is `unwatched`
and never counts as held. A gap that is longer than the soak itself does break it: what was seen before says nothing of
now.

A wave is confirmed while all of its domains are, at the same moment.
"""

from collections.abc import Iterator

from probe.judge.acceptance.criteria import gaps, judge, newest_evidence, watched_anew, widest_gap
from probe.judge.context import Context
from probe.model.check import Check, CheckOutcome, worst
from probe.model.clock import Instant
from probe.model.confirmation import Break, Confirmation, Criterion
from probe.model.domain import DomainStatus
from probe.model.effect import SoakBroken, SoakHeld
from probe.model.text import duration


def confirm(status: DomainStatus, at: Instant, context: Context) -> Confirmation:
    """Give the domain's confirmation at `at`."""
    return _held(status, judge(status, at, context), at, context)


def go_on(status: DomainStatus, at: Instant, context: Context) -> Confirmation:
    """Give it where nothing but time has passed since it was last judged (`probe.judge.undisturbed`)."""
    return _held(status, watched_anew(status.confirmation.criteria, status, at, context), at, context)


def _held(status: DomainStatus, criteria: tuple[Check, ...], at: Instant, context: Context) -> Confirmation:
    before = status.confirmation
    now = before._replace(criteria=criteria, outcome=worst(one.outcome for one in criteria))
    if now.outcome is CheckOutcome.FAIL:
        cause = next(one for one in criteria if one.outcome is CheckOutcome.FAIL)
        return _broken(now, Break(at, Criterion(cause.name), cause.sentence))
    if now.since is None or now.until is None:
        return _started(now, at) if now.outcome is CheckOutcome.PASS else now
    elapsed, until = _elapsed(status, now.until, at)
    if elapsed > max(context.soak, widest_gap(context)):
        now = _broken(now, _unseen(at, elapsed))
        return _started(now, at) if now.outcome is CheckOutcome.PASS else now
    lost = elapsed
    if {before.outcome, now.outcome} == {CheckOutcome.PASS}:
        widest = widest_gap(context)
        lost = gaps(status, until.monotonic - elapsed, until.monotonic, widest) if elapsed > widest else 0.0
    now = now._replace(held=now.held + elapsed - lost, unwatched=now.unwatched + lost, until=until)
    if now.held < context.soak:
        return now._replace(confirmed=False, confirmed_at=None)
    return now if before.confirmed else now._replace(confirmed=True, confirmed_at=at)


def soak_changes(before: DomainStatus, after: DomainStatus, at: Instant) -> Iterator[SoakBroken | SoakHeld]:
    """Tell what has become of a domain's soak from one status to the next."""
    was, now = before.confirmation, after.confirmation
    if now.breaks > was.breaks and now.broken is not None:
        yield SoakBroken(after.domain.name, now.broken, was.held)
    if now.confirmed and not was.confirmed:
        yield SoakHeld(after.domain.name, at, now.held)


def interrupted(status: DomainStatus, at: Instant, soak: float) -> Confirmation:
    """Go on at `at` after the probe stood still, in a soak of `soak` seconds.

    What lies between the newest evidence and now was not watched.
    """
    before = status.confirmation
    if before.since is None or before.until is None:
        return before
    gap = max(0.0, at.monotonic - before.until.monotonic)
    stopped = before._replace(outcome=CheckOutcome.UNKNOWN, until=at, unwatched=before.unwatched + gap)
    return _broken(stopped, _unseen(at, gap)) if gap > soak else stopped


def carried_over(before: Confirmation, at: Instant, soak: float) -> Confirmation:
    """Take a clock up again at `at`, the first moment of a new watch, in a soak of `soak` seconds.

    What lies between was not watched.
    """
    if before.since is None or before.until is None:
        return before._replace(outcome=CheckOutcome.UNKNOWN)
    gap = max(0.0, at.monotonic - before.until.monotonic)
    if gap > soak:
        return Confirmation(before.criteria, CheckOutcome.UNKNOWN, breaks=before.breaks + 1, broken=_unseen(at, gap))
    return before._replace(outcome=CheckOutcome.UNKNOWN, until=at, unwatched=before.unwatched + gap)


def _started(now: Confirmation, at: Instant) -> Confirmation:
    return now._replace(since=at, until=at)


def _unseen(at: Instant, gap: float) -> Break:
    """Say that a soak is over because of a gap alone."""
    return Break(
        at, Criterion.WATCHED, f"The domain was not watched for {duration(gap)}, which is longer than the soak."
    )


def _broken(now: Confirmation, broken: Break) -> Confirmation:
    """Take everything back that was held, if anything was being held."""
    if now.since is None:
        return now
    return Confirmation(now.criteria, now.outcome, breaks=now.breaks + 1, broken=broken)


def _elapsed(status: DomainStatus, until: Instant, at: Instant) -> tuple[float, Instant]:
    """Tell how much evidence is new, in seconds, and up to which moment it reaches now."""
    seen = newest_evidence(status)
    if at.monotonic < until.monotonic:
        return 0.0, at  # the monotonic clock of another boot: what lies between cannot be told
    if seen is None or seen.monotonic <= until.monotonic:
        return 0.0, until
    return seen.monotonic - until.monotonic, seen
