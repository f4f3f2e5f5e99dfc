"""What caches may hold of the authoritative servers' answers, with O(1) memory and nothing on the calm path.

One trace per record and position. It is brought up to date whenever a domain is judged anew (every minute or so), and
with a server's last word whenever that server changes its answer. A TTL that was lowered is remembered for as long as
it can matter: between two judgements it counts as in force until the second.

A record that is split by weighted routing gives both sides at any moment, though a side of small weight is seldom
seen: while it is, both count as given; and so while weights are declared that its answers do not rule out.

How long an answer was given is not seen at every machine behind every server. So after a change every machine is
granted the grace time within which Route 53 means to reach all of them: an answer counts as given until then.
"""

from probe.judge.answer.ttl import Lifetime, lifetime
from probe.model.clock import Instant
from probe.model.name import DomainName
from probe.model.outcome import Response
from probe.model.propagation import CachedAnswer
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, RecordStatus, ServerStatus, Transition

CachedAnswers = tuple[CachedAnswer, ...]


def find(cached_answers: CachedAnswers, rdtype: RecordType, position: Position) -> CachedAnswer | None:
    """Give the trace of one record and position."""
    for cached_answer in cached_answers:
        if cached_answer.rdtype is rdtype and cached_answer.position is position:
            return cached_answer
    return None


def depart(cached_answers: CachedAnswers, name: DomainName, record: RecordStatus, old: ServerStatus) -> CachedAnswers:
    """Keep the last word of a server of a record that has just gone from what it said in `old` to another place."""
    said = old.position
    if said is None or old.at is None or old.response is None:
        return cached_answers
    return _entered(cached_answers, record.rdtype, said, old.at, _lifetime(old.response, name, record))


def sample(
    cached_answers: CachedAnswers, name: DomainName, record: RecordStatus, at: Instant, *, may_be_split: bool = False
) -> CachedAnswers:
    """Bring the traces up to what every server of a record says at present; it `may_be_split` by declared weights."""
    saying = _said(name, record)
    drawn = may_be_split or record.state is RecordState.WEIGHTED
    for position in Position if drawn or len(saying) > 1 else saying:  # as a rule all servers say one thing
        said = saying.get(position)
        if said is None and not drawn:
            continue
        known = find(cached_answers, record.rdtype, position)
        if drawn and position.is_side and known is not None:
            cached_answers = _entered(cached_answers, record.rdtype, position, at, Lifetime(known.ttl, known.chained))
        if said is None:
            continue
        newest, held = said
        if known is not None and held.own < known.ttl:
            lowered = later(known.until, at.after(known.ttl))
            cached_answers = _put(cached_answers, known._replace(ttl=held.own, until=lowered))
        cached_answers = _entered(cached_answers, record.rdtype, position, newest, held)
    return cached_answers


def _said(name: DomainName, record: RecordStatus) -> dict[Position, tuple[Instant, Lifetime]]:
    """Give when a server last answered so, and how long that may be held, by where it leads."""
    saying: dict[Position, tuple[Instant, Lifetime]] = {}
    held, of = Lifetime(0), None
    for server in record.servers:
        position, response = server.position, server.response
        if position is None or server.at is None or response is None:
            continue
        if of is None or response.answer is not of.answer or response.authority is not of.authority:
            held, of = _lifetime(response, name, record), response  # servers of a zone answer alike, as a rule
        newest, longest = saying.get(position, (server.at, held))
        saying[position] = (later(newest, server.at), _longer(longest, held))
    return saying


def _longer(one: Lifetime, other: Lifetime) -> Lifetime:
    if one is other:
        return one
    return Lifetime(max(one.own, other.own), max(one.chained, other.chained))


def _lifetime(response: Response, name: DomainName, record: RecordStatus) -> Lifetime:
    """Tell how long caches may hold an answer; one that comes out of a cache itself is held for longer elsewhere."""
    held = lifetime(response, name, record.rdtype)
    return held if record.cache is None else held._replace(own=max(held.own, record.cache))


def limit(cached_answer: CachedAnswer, record: RecordStatus, grace: float) -> Instant:
    """Give the last moment at which a cache that obeys TTLs may hold what a trace tells of, if it is given no more.

    Without a confirmed change away from it (a short gap, the end of weights) it is not known when that began, but it
    had when the answer was last given: a machine that was not seen had the grace time from then on at most.

    Args:
        cached_answer: What the cache gave, and when an authoritative server gave it last.
        record: Tells when the record changed away from it.
        grace: Seconds for which servers may disagree after a change.
    """
    left = left_at(record, cached_answer.position)
    return (
        later(cached_answer.until, left.at.after(grace + cached_answer.ttl))
        if left is not None
        else cached_answer.until.after(grace)
    )


def left_at(record: RecordStatus, position: Position) -> Transition | None:
    """Give the newest transition away from a position."""
    return next((transition for transition in reversed(record.recent) if transition.before is position), None)


def later(one: Instant, other: Instant) -> Instant:
    """Give the later of two instants."""
    return one if one.monotonic >= other.monotonic else other


def _entered(
    cached_answers: CachedAnswers, rdtype: RecordType, position: Position, at: Instant, held: Lifetime
) -> CachedAnswers:
    until = at.after(held.own)
    known = find(cached_answers, rdtype, position)
    if known is None:
        return (*cached_answers, CachedAnswer(rdtype, position, at, held.own, until, held.chained))
    return _put(
        cached_answers,
        CachedAnswer(
            rdtype,
            position,
            later(known.at, at),
            max(known.ttl, held.own),
            later(known.until, until),
            max(known.chained, held.chained),
        ),
    )


def _put(cached_answers: CachedAnswers, cached_answer: CachedAnswer) -> CachedAnswers:
    return tuple(
        cached_answer if known.rdtype is cached_answer.rdtype and known.position is cached_answer.position else known
        for known in cached_answers
    )
