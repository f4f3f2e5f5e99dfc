"""What a resolver says of one record, and what its caches may still hold. Never part of a verdict about the record."""

from collections.abc import Iterable
from typing import NamedTuple

from probe.model.clock import Instant
from probe.model.outcome import FailureReason
from probe.model.question import RecordType
from probe.model.server import Server
from probe.model.side import AnswerClass
from probe.model.spell import Spell
from probe.model.word import Word


class ResolverVerdict(Word):
    """How far a resolver has come with what the authoritative servers say at present."""

    UNKNOWN = "unknown"
    """It has not answered lately, or the authoritative servers themselves say no one thing."""
    CONVERGED = "converged"
    """It says what they say, and no cache of it that was seen may still say otherwise."""
    WAITING = "waiting"
    """It says, or a cache of it may say, what they said before, for no longer than a TTL allows."""
    LATE = "late"
    """It says what they said before, beyond the last moment at which a TTL allows it."""
    WRONG = "wrong"
    """It goes on saying what they never said while they were watched, for longer than a cache may hold it."""
    NEGATIVE = "negative"
    """It denies a record that they give."""


class ResolverCache(NamedTuple):
    """One answer that a cache behind a resolver's address holds, told from others by the moment at which it expires.

    Attributes:
        answer_class: What it says.
        expires: When the cache will drop it at the latest, by the remaining TTL that came with it.
        at: When it was last seen.
    """

    answer_class: AnswerClass
    expires: Instant
    at: Instant


class ResolverStatus(NamedTuple):
    """What one resolver says of one record.

    Attributes:
        server: The resolver.
        rdtype: The record's type.
        answer_class: Its newest evidence; None before the first.
        at: When that arrived.
        since: Since when it says so.
        ttl: The remaining TTL of that answer in seconds, of a denial that of its SOA; None when it had none.
        failure: The reason of the newest silence, None while it answers.
        verdict: How far it has come.
        deadline: The last moment at which a TTL allows it to say what the authoritative servers say no more; None when
            it does not, or when nobody knows the TTL.
        caches: Answers that its caches were seen with and may still hold, bounded, the first to expire first.
        errors: INFO-CODEs of the Extended DNS Errors in its newest answer (RFC 8914), bounded.
        scope: The SCOPE PREFIX-LENGTH of its newest answer to a client subnet (RFC 7871); None when it sent none.
        overdue: Answers from beyond the deadline that have not been lived down yet.
        current: Answers in a row that say what the authoritative servers say.
        past: What it said before, bounded, oldest first.
        longest: The longest remaining TTL in seconds with which it has said so since `since`.
        values: What its newest answer that is no side's leads to: bounded, in order.
        charge: What the newest of these overdue answers said.
    """

    server: Server
    rdtype: RecordType
    answer_class: AnswerClass | None = None
    at: Instant | None = None
    since: Instant | None = None
    ttl: int | None = None
    failure: FailureReason | None = None
    verdict: ResolverVerdict = ResolverVerdict.UNKNOWN
    deadline: Instant | None = None
    caches: tuple[ResolverCache, ...] = ()
    errors: tuple[int, ...] = ()
    scope: int | None = None
    overdue: int = 0
    current: int = 0
    past: tuple[Spell, ...] = ()
    longest: int = 0
    values: tuple[str, ...] = ()
    charge: AnswerClass | None = None


def converged(resolvers: Iterable[ResolverStatus]) -> tuple[int, int]:
    """Count the resolvers that have converged, and those of which anything is known.

    A resolver's name counts once: it has converged when it has for both types and at all of its addresses.
    """
    known: dict[str, bool] = {}
    for one in resolvers:
        if one.verdict is not ResolverVerdict.UNKNOWN:
            done = one.verdict is ResolverVerdict.CONVERGED
            known[one.server.name] = known.get(one.server.name, True) and done
    return sum(known.values()), len(known)
