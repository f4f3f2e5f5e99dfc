"""What has to hold before a domain counts as confirmed: one small rule per criterion.

Each looks at what the status says at one moment, and gives a word with its reason. None of them looks back: how
long they have held is a matter of `probe.judge.acceptance.soak`. A criterion that the plan gives no means to judge (no
resolvers, no HTTPS check) does not exist for the domain, and the report says so.

Silence is not held against anybody: what cannot be seen is unknown, and stops the clock without breaking the soak.
"""

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias

from probe.judge.acceptance.criteria_answers import Told, authoritative, resolvers
from probe.judge.acceptance.criteria_ownership import ownership
from probe.judge.acceptance.expectation import suspected
from probe.judge.acceptance.other_view import other_side
from probe.judge.acceptance.side import goal
from probe.judge.context import Context
from probe.judge.domain import relevant
from probe.judge.findings.catalogue import CATALOGUE
from probe.model.check import Check, CheckOutcome
from probe.model.clock import Instant, earliest, latest
from probe.model.confirmation import Criterion
from probe.model.domain import DomainStatus
from probe.model.name import display
from probe.model.plan import Expectation
from probe.model.service import ServiceState
from probe.model.side import Side
from probe.model.text import duration, listed, moment

GAP_TURNS = 3
"""Calm turns between two answers that are still watched: one lost answer, or a server that is silent beside three that
answer, makes two, and jitter and a late answer lengthen them by a third. Two lost in a row are a gap."""

GAP_AT_LEAST = 10.0
"""Seconds between two answers that are watched however often a plan asks: a domain with one server is judged every five
and a half, and knows of its newest answer alone."""

GAP_OF_CACHES = 150.0
"""Seconds between two answers that are watched where resolvers answer out of their caches: what one holds is read every
45 s, and a fetch comes up to 85 s after the last reading (`probe.judge.polling.cadence`). A lost one is no gap."""

SILENT_TURNS = 4
"""Calm turns without an answer after which nothing is known of now: by chance at 20 % loss once in 600 turns."""

SENTENCES_SHARED = 1_024
"""Sentences that others are compared with, to keep equal ones once: of calm domains nearly all are told the same."""

_Rule: TypeAlias = Callable[[DomainStatus, Instant, Context], Told | None]


def judge(status: DomainStatus, at: Instant, context: Context) -> tuple[Check, ...]:
    """Give every criterion that applies to the domain, as it stands at `at`."""
    told = ((criterion, rule(status, at, context)) for criterion, rule in CRITERIA.items())
    subject = display(status.domain.name)
    return tuple(
        Check(criterion.value, subject, word[0], _one(word[1])) for criterion, word in told if word is not None
    )


@lru_cache(maxsize=SENTENCES_SHARED)
def _one(sentence: str) -> str:
    return sentence


def watched_anew(criteria: tuple[Check, ...], status: DomainStatus, at: Instant, context: Context) -> tuple[Check, ...]:
    """Give criteria that were judged before as they stand at `at`, where nothing but time can have changed them."""
    return tuple(
        Check(one.name, one.subject, *_watched(status, at, context)) if one.name == Criterion.WATCHED else one
        for one in criteria
    )


def newest_evidence(status: DomainStatus) -> Instant | None:
    """Tell up to which moment the domain has been watched: the older one of its records' newest answers."""
    newest = [latest(server.at for server in record.servers) for record in relevant(status)]
    return None if None in newest else earliest(newest)


def widest_gap(context: Context) -> float:
    """Tell how many seconds may lie between two answers for that time to count as watched.

    It follows from how often the domain is asked alone, however long the soak is: what nobody looked at is not held.
    """
    return max(_gap_at_least(context), GAP_TURNS * context.turn)


def _gap_at_least(context: Context) -> float:
    return GAP_AT_LEAST if context.cache is None else GAP_OF_CACHES


def gaps(status: DomainStatus, since: float, until: float, widest: float) -> float:
    """Tell how many seconds between two moments of the monotonic clock were not watched, by the answers that are known.

    A gap of either record is one: which of them was seen meanwhile does not matter.
    """
    wide: list[tuple[float, float]] = []
    for record in relevant(status):
        heard = (server.at.monotonic for server in record.servers if server.at is not None)
        moments = [since, *sorted(at for at in heard if since < at < until), until]
        wide += [(left, right) for left, right in pairwise(moments) if right - left > widest]
    lost, reached = 0.0, since
    for left, right in sorted(wide):
        lost += max(0.0, right - max(left, reached))
        reached = max(reached, right)
    return lost


def _service(status: DomainStatus, _at: Instant, _context: Context) -> Told | None:
    """Judge whether the service works where clients are led to: on both sides, where both are drawn."""
    if status.domain.http is None or status.domain.expectation is Expectation.MOVING:
        return None
    side_expected = goal(status)
    wanted = tuple(side for side in Side if side_expected is None or side is side_expected.side)
    by_side = {service.side: service for service in status.services}
    down = [side.value for side in wanted if side in by_side and by_side[side].state is ServiceState.DOWN]
    if down:
        failing = [
            f"{address.check.address} ({address.check.failure.value})"
            for side in wanted
            for address in (by_side[side].addresses if side in by_side else ())
            if address.failing and address.check.failure is not None
        ]
        return CheckOutcome.FAIL, f"HTTPS fails on {listed(down)}" + (f": {listed(failing)}." if failing else ".")
    unknown = [side.value for side in wanted if side not in by_side or by_side[side].state is ServiceState.UNKNOWN]
    if unknown:
        return CheckOutcome.UNKNOWN, f"HTTPS on {listed(unknown)} has not been seen to work or fail."
    checked = sum(len(by_side[side].addresses) for side in wanted)
    where = "its only address" if checked == 1 else f"all {checked} addresses"
    return CheckOutcome.PASS, f"HTTPS works on {listed([side.value for side in wanted])} at {where}."


def _findings(status: DomainStatus, _at: Instant, _context: Context) -> Told:
    worst = next((one for one in status.findings if one.severity.reaches(CATALOGUE[one.code].breaks_soak)), None)
    if worst is not None:
        return CheckOutcome.FAIL, f"{worst.code}: {worst.sentence}"
    waiting = suspected(status)
    if waiting:
        return CheckOutcome.UNKNOWN, f"Whether {listed(waiting)} holds is not known yet."
    infos = [finding.code for finding in status.findings]
    return (
        CheckOutcome.PASS,
        f"Only findings for information are open: {listed(infos)}." if infos else "No finding is open.",
    )


def _watched(status: DomainStatus, at: Instant, context: Context) -> Told:
    seen = newest_evidence(status)
    if context.behind:
        return CheckOutcome.UNKNOWN, "This probe is behind: it does not watch enough to confirm anything."
    if seen is None:
        return CheckOutcome.UNKNOWN, "Not every record has been answered yet."
    age = at.monotonic - seen.monotonic
    if age > max(_gap_at_least(context), SILENT_TURNS * context.turn):
        doubted = latest(one.at for _, one in context.doubted)
        if doubted is not None and doubted.monotonic > seen.monotonic:
            return CheckOutcome.UNKNOWN, f"Answers have told no side since {moment(seen)} ({duration(age)})."
        return CheckOutcome.UNKNOWN, f"No answer since {moment(seen)} ({duration(age)})."
    return CheckOutcome.PASS, f"Answers keep coming, the newest at {moment(seen)}."


CRITERIA: dict[Criterion, _Rule] = {
    Criterion.AUTHORITATIVE: authoritative,
    Criterion.RESOLVERS: resolvers,
    Criterion.OTHER_VIEW: other_side,
    Criterion.OWNERSHIP: ownership,
    Criterion.SERVICE: _service,
    Criterion.FINDINGS: _findings,
    Criterion.WATCHED: _watched,
}
"""Criterion to rule, in the order in which they are told."""
