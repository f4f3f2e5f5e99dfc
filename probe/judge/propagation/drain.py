"""The drain clock: from when on no cache that obeys TTLs can lead to v1 any more.

It starts with the last v1 answer of any authoritative server, and runs for the longest TTL in force before the change:
that of the record, with the load balancer's on top where a CNAME leads to it. After a gap, in which the record was
denied, it runs until no cache may hold the denial either. `probe.judge.propagation.cached` keeps these facts, and says
why the grace time counts in. Beside it stands what the resolvers show, which may be more than their TTLs allow.

What it cannot know: clients that hold addresses beyond their TTL (a JVM may for ever), and connections that are kept
alive.
"""

from probe.judge.context import Context
from probe.judge.domain import open_split, relevant
from probe.judge.propagation.cached import find, later, limit
from probe.judge.record.state import voters
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.propagation import CachedAnswer, Drain
from probe.model.record import Position, RecordState, RecordStatus
from probe.model.resolver import ResolverStatus, ResolverVerdict


def drain(status: DomainStatus, at: Instant, context: Context) -> Drain | None:
    """Give the domain's drain clock; None while v1 is answered, or may be at any moment.

    While the domain is unknown what was known of it stands.
    """
    pair = relevant(status)
    if status.state is RecordState.UNKNOWN:
        return status.drain
    if all(record.position is None for record in pair) or any(_leads_to_v1(record, at, context) for record in pair):
        return None
    if open_split(status) is not None:  # its declared part of v1 may show itself at any moment
        return None
    holding = {resolver.server for resolver in status.resolvers if _holds_v1(resolver, at)}
    kept = [
        cache.expires
        for resolver in status.resolvers
        if resolver.server in holding
        for cache in resolver.caches
        if cache.answer_class.leads_to_v1 and cache.expires.monotonic > at.monotonic
    ]
    held_until = max(kept, key=lambda expires: expires.monotonic, default=None)
    ends = [(record, cached_answer) for record in pair for cached_answer in _ends(status, record)]
    v1 = [cached_answer for _, cached_answer in ends if cached_answer.position.leads_to_v1]
    if not v1:
        return Drain(None, None, None, len(holding), held_until)
    last = max((cached_answer.at for cached_answer in v1), key=lambda instant: instant.monotonic)
    deadline = last
    for record, cached_answer in ends:
        end = limit(cached_answer, record, context.probing.grace)
        deadline = later(deadline, end.after(cached_answer.chained))
    ttl = max(
        round(cached_answer.until.monotonic - cached_answer.at.monotonic) + cached_answer.chained
        for cached_answer in v1
    )
    return Drain(last, deadline, ttl, len(holding), held_until)


def _leads_to_v1(record: RecordStatus, at: Instant, context: Context) -> bool:
    return (
        record.state.is_varying
        or _is_v1(record.position)
        or any(_is_v1(server.position) for server in voters(record, at, context))
    )


def _is_v1(position: Position | None) -> bool:
    return position is not None and position.leads_to_v1


def _ends(status: DomainStatus, record: RecordStatus) -> list[CachedAnswer]:
    """Give what has to leave the caches: v1, and the denial of a gap if the record exists again."""
    cached_answers = [
        cached_answer
        for position in Position
        if position.leads_to_v1 and (cached_answer := find(status.cached_answers, record.rdtype, position)) is not None
    ]
    gap = find(status.cached_answers, record.rdtype, Position.ABSENT)
    if cached_answers and gap is not None and record.position is not Position.ABSENT:
        cached_answers.append(gap)
    return cached_answers


def _holds_v1(resolver: ResolverStatus, at: Instant) -> bool:
    if resolver.verdict is ResolverVerdict.CONVERGED:
        return False
    says_so = resolver.answer_class is not None and resolver.answer_class.leads_to_v1
    says_so = says_so and resolver.verdict is not ResolverVerdict.UNKNOWN
    return says_so or any(
        cache.answer_class.leads_to_v1 and cache.expires.monotonic > at.monotonic for cache in resolver.caches
    )
