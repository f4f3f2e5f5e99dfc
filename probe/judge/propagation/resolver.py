"""What a resolver's answers say about its caches, and whether they are as old as TTLs allow. It decides nothing.

The theory. A cache that obeys TTLs (RFC 1034 section 3.6, RFC 2181 section 8) counts one moment down: that at which it
drops the answer. Answer time plus remaining TTL is therefore the same for every answer out of one cache, and another
one for every other cache behind the same address: a TTL that jumps up is another cache, or the same one after it has
asked anew, and not a change. Big public resolvers have dozens; as many as are seen are kept, the soonest to expire
dropped.

The deadline. A cache may say what the authoritative servers say no more until its answer expires. No probe sees all
caches, but all that obey have an end: the last authoritative answer of that kind plus its TTL
(`probe.judge.propagation.cached`). Beyond that, and beyond `SLACK`, an answer is *overdue*, whatever TTL it carries: a
cache that stretches TTLs says so by them.

When it is late. One overdue answer is no fault: a cache that serves expired answers while it asks anew (RFC 8767
section 5, Unbound's `serve-expired`) gives the first one to the first client, and that is this probe. With a second one
the resolver is late, until it has answered well `LIVED_DOWN` times in a row. One that turns before its TTL (prefetch)
is never. Beyond the deadline only answers count, and no longer what TTLs announce: the one on an expired answer (30 s
in RFC 8767) says how long to hold it, not that a cache has it.

What no authoritative server gave while it was watched may be left over from before, and nobody saw with which TTL. But
a cache counts down: none tells more than is left, and all that hold it are empty as soon as its TTL is over. So what
is answered for twice as long as the longest TTL that came with it is not left over, whether a cache has asked anew or
makes its answers up: the resolver is *wrong*. (Were more of the TTL left when it was first heard, each early answer of
many caches would have told less than half of that, by chance.) The servers have to have been heard meanwhile.

A denial of what the authoritative servers give (`negative`) reaches users as an outage, in time or not. Where they were
never seen to deny it, the second one counts; but the absence of AAAA alone (NODATA) does not: some resolvers leave it
out, and whoever asks gets on by A.

Silence changes nothing, until it has lasted so long that nothing is known of the resolver any more.
"""

from collections.abc import Sequence
from typing import assert_never

from probe.judge.answer.cname import follow
from probe.judge.answer.held import STALE_ERRORS
from probe.judge.answer.ttl import remaining
from probe.judge.context import Context
from probe.judge.propagation.cached import CachedAnswers, find, limit
from probe.judge.record.state import QUORUM
from probe.judge.record.unknown_target import BELIEVED_AFTER, VALUES_KEPT
from probe.judge.routed import STANDS_STILL
from probe.model.clock import Instant
from probe.model.name import display
from probe.model.observation import Observation
from probe.model.outcome import FailureReason, Response
from probe.model.plan import Probing
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import POSITIONS, Position, RecordState, RecordStatus
from probe.model.resolver import ResolverCache, ResolverStatus, ResolverVerdict
from probe.model.server import Server
from probe.model.side import ABSENT_CLASSES, AnswerClass
from probe.model.spell import with_spell

MAX_CACHES = 8
"""Answers kept per resolver and record: at two questions within an ALB alias' TTL more are hardly ever seen at once."""

SAME_CACHE = 2.0
"""Seconds by which one cache's expiry may seem to move: TTLs are cut to whole seconds (1 s) at a moment that is known
to a round trip, and some caches round them up."""

SLACK = 5.0
"""Seconds beyond the deadline that are no fault: rounding (1 s), an answer on its way (a timeout of 2 s) and RFC
8767's client response timer (1.8 s), in which a cache waits for authority before it serves what has expired."""

LATE_ANSWERS = 2
"""Overdue answers that make a resolver late: the first one may be what a cache served while it asked anew."""

LIVED_DOWN = 4
"""Answers in a row as the authoritative servers give them after which a resolver is late no more: one of four caches
that is stuck hides from four questions in a row once in three times, and from the page for two minutes then."""

STALE_ROUNDS = 4
"""Turns without an answer after which nothing is known of a resolver: at 20 % loss once in 600 turns."""

MAX_KEPT_ERRORS = 4
"""Extended DNS Errors kept: implementations send one or two."""

LONGEST_WATCH = 86_400.0
"""Seconds for which an answer may be cached that was never seen at an authoritative server, because the probe came
later: a day, Unbound's cache-max-ttl and far above what is set before a migration."""

TTLS_OVER = 2
"""Times the longest TTL that came with an answer which no server gave, after which it is not left over in a cache. One
cache needs one; of many, all of which were filled before, each tells less than half of what was left at first with a
chance of one half, so that five answers in two minutes (a TTL of 60 s) leave one in thirty, and twenty in ten none."""


_OF_A_SIDE = frozenset(one for one in AnswerClass if one.is_side)


def _right(state: RecordState) -> frozenset[AnswerClass]:
    """Give the answers of a resolver that are right for a record; none where it leads nowhere to be right about."""
    match state:
        case RecordState.V1:
            return frozenset({AnswerClass.V1})
        case RecordState.V2:
            return frozenset({AnswerClass.V2})
        case RecordState.WEIGHTED:
            return _OF_A_SIDE
        case (
            RecordState.PROPAGATING
            | RecordState.FLAPPING
            | RecordState.DIVIDED
            | RecordState.ABSENT
            | RecordState.FOREIGN
            | RecordState.UNKNOWN
        ):
            return frozenset()
        case _:
            assert_never(state)


def hear(
    resolver: ResolverStatus, observation: Observation, answer_class: AnswerClass, failure: FailureReason | None
) -> ResolverStatus:
    """Keep what a resolver has answered. A silence only says that it is silent."""
    outcome = observation.outcome
    if answer_class is AnswerClass.FAILED or not isinstance(outcome, Response):
        return resolver._replace(failure=failure)
    question, at = observation.question, observation.at
    ttl = remaining(outcome, question.name, question.rdtype)
    same = resolver.answer_class is answer_class
    return resolver._replace(
        answer_class=answer_class,
        at=at,
        since=resolver.since if same else at,
        past=resolver.past
        if same
        else with_spell(resolver.past, resolver.answer_class, resolver.since, resolver.longest),
        ttl=ttl,
        failure=None,
        caches=_with(resolver.caches, answer_class, ttl or 0, at),
        errors=tuple(error.code for error in outcome.errors[:MAX_KEPT_ERRORS]),
        scope=outcome.client_subnet_scope,
        longest=max(ttl or 0, resolver.longest if same else 0),
        values=resolver.values if answer_class.is_side else _values(outcome, observation),
    )


def _values(response: Response, observation: Observation) -> tuple[str, ...]:
    """Give the addresses of an answer, or the name that its CNAMEs end at."""
    end = follow(response, observation.question.name, observation.question.rdtype)
    return tuple(sorted({display(value) for value in end.rdata or end.targets[-1:]})[:VALUES_KEPT])


def weigh(
    resolver: ResolverStatus, record: RecordStatus, cached_answers: CachedAnswers, context: Context
) -> ResolverStatus:
    """Count the answer that was heard last: for or against the resolver."""
    right, grace = _right(record.state), context.probing.grace
    if not right or resolver.at is None or _leaves_out(resolver, record, cached_answers):
        return resolver
    if resolver.answer_class in right:
        current = resolver.current + 1
        return resolver._replace(current=current, overdue=0 if current >= LIVED_DOWN else resolver.overdue)
    end = allowed(resolver, resolver.answer_class, record, cached_answers, grace)
    overdue = end is not None and resolver.at.monotonic > end.monotonic + SLACK
    if not overdue or (
        _is_from_nowhere(resolver.answer_class, record, cached_answers) and not _is_borne_out(resolver, record, context)
    ):
        return resolver._replace(current=0)
    return resolver._replace(current=0, overdue=resolver.overdue + 1, charge=resolver.answer_class)


def assess(
    resolver: ResolverStatus, record: RecordStatus, cached_answers: CachedAnswers, at: Instant, probing: Probing
) -> ResolverStatus:
    """Give the resolver its verdict at `at`."""
    right = _right(record.state)
    if not right or resolver.at is None or at.monotonic - resolver.at.monotonic > stale_after(probing):
        forgotten = resolver.overdue if right else 0  # what is right may be another thing afterwards
        return resolver._replace(
            verdict=ResolverVerdict.UNKNOWN, deadline=None, overdue=forgotten, current=min(resolver.current, forgotten)
        )
    wrong = _held_wrongly(resolver, right, record, cached_answers, at, probing.grace)
    if resolver.answer_class is not None and resolver.answer_class not in right:
        wrong.add(resolver.answer_class)
    if _leaves_out(resolver, record, cached_answers):
        return resolver._replace(verdict=ResolverVerdict.UNKNOWN, deadline=None)
    verdict = _verdict(resolver, wrong, record, cached_answers)
    if verdict is not ResolverVerdict.WAITING and _is_from_nowhere(resolver.answer_class, record, cached_answers):
        return resolver._replace(verdict=verdict, deadline=None)
    return resolver._replace(
        verdict=verdict, deadline=_deadline(resolver, wrong, record, cached_answers, probing.grace)
    )


def in_order(resolvers: tuple[ResolverStatus, ...], watched: Sequence[Server]) -> tuple[ResolverStatus, ...]:
    """Put resolvers in the plan's order, A before AAAA: the one in which they were first heard says nothing."""
    places = {server: place for place, server in enumerate(watched)}
    return tuple(
        sorted(resolvers, key=lambda one: (places.get(one.server, len(places)), ADDRESS_TYPES.index(one.rdtype)))
    )


def stale_after(probing: Probing) -> float:
    """Give the seconds without an answer after which nothing is known of a resolver."""
    return STALE_ROUNDS * probing.resolver_interval


def allowed(
    resolver: ResolverStatus,
    answer_class: AnswerClass | None,
    record: RecordStatus,
    cached_answers: CachedAnswers,
    grace: float,
) -> Instant | None:
    """Give the last moment at which a cache that obeys may answer so; None when that is not known.

    Of what no server gave it is told by what the resolver says now, and by that alone.

    Args:
        resolver: Whose caches they are.
        answer_class: What it answers.
        record: Where the record stands at its own servers.
        cached_answers: What they gave before, and for how long it may be kept.
        grace: Seconds for which these servers may disagree after a change.
    """
    position = None if answer_class is None else POSITIONS[answer_class]
    if position is None:
        return None
    cached_answer = find(cached_answers, record.rdtype, position)
    if cached_answer is not None:
        return limit(cached_answer, record, grace)
    if answer_class is not resolver.answer_class or resolver.since is None:
        return None
    return resolver.since.after(max(_doubted_for(position), min(TTLS_OVER * resolver.longest, LONGEST_WATCH)))


def is_stale(resolver: ResolverStatus) -> bool:
    """Tell whether a resolver marks what it said last as stale (RFC 8767): left over, for as long as it likes."""
    return not STALE_ERRORS.isdisjoint(resolver.errors)


def _doubted_for(position: Position) -> float:
    """Give the seconds for which something else than a wrong resolver may be why no server was seen to answer so.

    Another side may be a change that the sites which this vantage reaches have not heard of (case B16); an address of
    neither side a load balancer's newest, which the address book has not seen.
    """
    return STANDS_STILL if position.is_side else BELIEVED_AFTER


def _is_from_nowhere(answer_class: AnswerClass | None, record: RecordStatus, cached_answers: CachedAnswers) -> bool:
    """Tell whether an answer is one that no authoritative server gave while it was watched."""
    position = None if answer_class is None else POSITIONS[answer_class]
    return position is not None and find(cached_answers, record.rdtype, position) is None


def _is_borne_out(resolver: ResolverStatus, record: RecordStatus, context: Context) -> bool:
    """Tell whether the servers, and the load balancers' names, were heard since a resolver says what they do not."""
    if resolver.since is None:
        return False
    since, refreshed = resolver.since.monotonic, context.book.refreshed_at
    if (
        resolver.answer_class is AnswerClass.FOREIGN
        and context.book.can_refresh
        and (refreshed is None or refreshed.monotonic - since < BELIEVED_AFTER)
    ):
        return False
    heard = [one for one in record.servers if one.position is not None and one.at is not None]
    return sum(one.at.monotonic > since for one in heard if one.at is not None) >= min(QUORUM, len(record.servers))


def _leaves_out(resolver: ResolverStatus, record: RecordStatus, cached_answers: CachedAnswers) -> bool:
    """Tell whether it leaves AAAA out, which the servers never denied."""
    return (
        record.rdtype is RecordType.AAAA
        and resolver.answer_class is AnswerClass.NODATA
        and find(cached_answers, record.rdtype, Position.ABSENT) is None
    )


def _held_wrongly(  # noqa: PLR0913, PLR0917  # everything that its one caller knows
    resolver: ResolverStatus,
    right: frozenset[AnswerClass],
    record: RecordStatus,
    cached_answers: CachedAnswers,
    at: Instant,
    grace: float,
) -> set[AnswerClass]:
    """Give the answers that caches which obey may still hold though they are right no more."""
    alive = {cache.answer_class for cache in resolver.caches if cache.expires.monotonic > at.monotonic} - right
    ends = {answer_class: allowed(resolver, answer_class, record, cached_answers, grace) for answer_class in alive}
    return {answer_class for answer_class, end in ends.items() if end is None or at.monotonic <= end.monotonic + SLACK}


def _verdict(
    resolver: ResolverStatus, wrong: set[AnswerClass], record: RecordStatus, cached_answers: CachedAnswers
) -> ResolverVerdict:
    if wrong & ABSENT_CLASSES and _counts_as_denied(resolver, record, cached_answers):
        return ResolverVerdict.NEGATIVE
    if resolver.overdue >= LATE_ANSWERS:
        made_up = _is_from_nowhere(resolver.charge, record, cached_answers) and not is_stale(resolver)
        return ResolverVerdict.WRONG if made_up else ResolverVerdict.LATE
    return ResolverVerdict.WAITING if wrong or resolver.overdue else ResolverVerdict.CONVERGED


def _counts_as_denied(resolver: ResolverStatus, record: RecordStatus, cached_answers: CachedAnswers) -> bool:
    """Tell whether the authoritative servers' own denial came before, or this one stands where they never denied."""
    seen = find(cached_answers, record.rdtype, Position.ABSENT) is not None
    return seen or (resolver.answer_class in ABSENT_CLASSES and resolver.since != resolver.at)


def _deadline(
    resolver: ResolverStatus, wrong: set[AnswerClass], record: RecordStatus, cached_answers: CachedAnswers, grace: float
) -> Instant | None:
    """Give the latest end of what its caches hold, but none later than a TTL allows."""
    ends = []
    for answer_class in wrong:
        held = [cache.expires for cache in resolver.caches if cache.answer_class is answer_class]
        end = allowed(resolver, answer_class, record, cached_answers, grace)
        latest = max(held, key=lambda expires: expires.monotonic, default=end)
        if latest is not None:
            ends.append(latest if end is None or latest.monotonic <= end.monotonic else end)
    return max(ends, key=lambda end: end.monotonic, default=None)


def _with(
    caches: tuple[ResolverCache, ...], answer_class: AnswerClass, ttl: int, at: Instant
) -> tuple[ResolverCache, ...]:
    """Add what was just seen to what is still held."""
    expires = at.after(ttl)
    kept = [cache for cache in caches if cache.expires.monotonic > at.monotonic]
    for index, cache in enumerate(kept):
        if cache.answer_class is answer_class and abs(cache.expires.monotonic - expires.monotonic) <= SAME_CACHE:
            latest = max(cache.expires, expires, key=lambda instant: instant.monotonic)
            kept[index] = ResolverCache(answer_class, latest, at)
            break
    else:
        kept.append(ResolverCache(answer_class, expires, at))
    kept.sort(key=lambda cache: cache.expires.monotonic)
    while len(kept) > MAX_CACHES:
        kept.remove(_dispensable(kept))
    return tuple(kept)


def _dispensable(caches: list[ResolverCache]) -> ResolverCache:
    """Give the soonest to expire of the answer that most caches hold: the last one of its kind is never dropped."""
    classes = [cache.answer_class for cache in caches]
    most = max(dict.fromkeys(classes), key=classes.count)
    return next(cache for cache in caches if cache.answer_class is most)
