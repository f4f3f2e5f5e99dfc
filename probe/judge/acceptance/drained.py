"""Whether caches have let go of v1, as a precondition of deleting v1's Ingress, and from when on they have.

Where v1's last answer was watched the drain clock says it to the second (`probe.judge.propagation.drain`). Where the
domain was on v2 before the watch began, nobody knows v1's TTL. A bound follows all the same: v1 was not answered since
the watch began, so that no cache can have taken it later, and a cache holds it for v1's TTL at the longest. What is
served now tells nothing of that TTL, which v1's Ingress may have set. So it is taken to be a day, and the sentence says
that this is inferred.
"""

from typing import NamedTuple, TypeAlias

from probe.judge.answer.ttl import lifetime
from probe.judge.context import Context
from probe.judge.domain import relevant
from probe.judge.domain_text import answerers
from probe.model.check import CheckOutcome
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.record import RecordState
from probe.model.text import duration, moment, plural

UNWATCHED = 86_400
"""Seconds that v1's TTL is taken for at least where nobody watched v1's last answer: longer than any that a record in
front of a load balancer has, and the longest time for which big resolvers hold anything."""

UNSEEN_TTL = 300
"""Seconds that v1's TTL in another view is taken for at least, whatever came with its answers there: ExternalDNS writes
300 where no annotation says otherwise, and an alias to a load balancer has 60."""

Told: TypeAlias = tuple[CheckOutcome, str, str]
"""What comes of a precondition, why, and what to do."""

_WAIT = "Wait; docs/operations.md says when v1 is drained."
LONGER = "If v1's record had a longer TTL, wait for that long from then on."


class Drained(NamedTuple):
    """What is known of caches that may lead to v1.

    Attributes:
        told: The precondition's outcome, its reason and what to do.
        at: When it passes by itself, if nothing happens meanwhile; None when that has no time, or it passes already.
    """

    told: Told
    at: Instant | None = None


def drained(status: DomainStatus, at: Instant, context: Context) -> Drained:
    """Judge it at `at`."""
    known = status.drain
    if known is None and not _may_be_on_v1(status):
        return _told(CheckOutcome.UNKNOWN, f"No answer of its {answerers(status)} is known that tells where it leads.")
    if known is None:
        who = answerers(status)
        return _told(CheckOutcome.FAIL, f"{who[0].upper()}{who[1:]} still answer v1, or may at any moment.")
    if known.holding and (known.deadline is None or known.deadline.monotonic <= at.monotonic):
        verb = "answers or holds" if known.holding == 1 else "answer or hold"
        held = f"{plural(known.holding, 'resolver')} still {verb} v1."
        return Drained((CheckOutcome.FAIL, held, _WAIT), known.held_until)
    if known.deadline is None:
        return _inferred(status, at, context)
    left = known.deadline.monotonic - at.monotonic
    if left > 0:
        told = f"Caches may lead to v1 until {moment(known.deadline)}, for {duration(left)}."
        return Drained((CheckOutcome.FAIL, told, _WAIT), known.deadline)
    return _told(CheckOutcome.PASS, f"No cache that obeys TTLs leads to v1 since {moment(known.deadline)}.")


def _inferred(status: DomainStatus, at: Instant, context: Context) -> Drained:
    """Give the bound for a domain that was on v2 before anybody watched."""
    stands = [record.since for record in relevant(status) if record.since is not None]
    if not stands:
        return _told(CheckOutcome.UNKNOWN, "v1's last answer was not seen, and the domain was not observed yet.")
    since = max(stands, key=lambda instant: instant.monotonic)
    ttl = max(UNWATCHED, _longest_ttl(status))
    bound = since.after(ttl + context.probing.grace)
    why = (
        f"v1's last answer was not seen; it was before {moment(since)}, and its TTL is not known, and taken to be at "
        f"most {duration(ttl)}"
    )
    if bound.monotonic > at.monotonic:
        told = f"{why}: inferred, caches may lead to v1 until {moment(bound)}."
        grace = duration(context.probing.grace)
        known = (
            f"Wait; if you know the TTL of v1's record, caches have let go that long, and {grace}, after "
            f"{moment(since)}."
        )
        return Drained((CheckOutcome.UNKNOWN, told, known), bound)
    told = f"{why}: inferred, no cache that obeys TTLs leads to v1 since {moment(bound)}."
    return Drained((CheckOutcome.WARN, told, LONGER))


def _may_be_on_v1(status: DomainStatus) -> bool:
    """Tell whether anything that was answered led to v1, or may lead there by turns: silence says neither."""
    return status.state is not RecordState.UNKNOWN or any(
        place is not None and place.leads_to_v1
        for record in relevant(status)
        for place in (record.position, *(server.position for server in record.servers))
    )


def _longest_ttl(status: DomainStatus) -> int:
    """Give the longest time in seconds for which an answer that is served now may be held."""
    lives = (
        lifetime(server.response, status.domain.name, record.rdtype)
        for record in relevant(status)
        for server in record.servers
        if server.response is not None
    )
    return max((life.own + life.chained for life in lives), default=0)


def _told(outcome: CheckOutcome, sentence: str) -> Drained:
    return Drained((outcome, sentence, _WAIT))
