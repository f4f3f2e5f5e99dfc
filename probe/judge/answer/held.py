"""Answers out of a cache that the plan names as the way into a zone: which count, and which are new evidence.

A private hosted zone of Route 53 has no server that anybody could ask: a resolver answers for it (the VPC's own, an
inbound endpoint, Unbound or CoreDNS in front of it), with RA, without AA, and out of its cache until the TTL has run
out. Whoever asks twice in that time hears one answer twice. So an answer is evidence of the zone once: when it was
fetched.

| answer | is |
| --- | --- |
| it may be held until the moment until which the one before may, give or take `ROUNDING` | the same one, read again |
| until later than that | fetched since: new evidence, also before the other one has run out (it was prefetched) |
| until earlier | an older one, from another cache behind the same address |
| with the Extended DNS Error "stale" (RFC 8914) | an old one, whatever its TTL says (RFC 8767) |

Where answers are split by weighted routing, each fetch is one draw; where two controllers fight, each fetch shows the
winner of a moment. One fetch in a TTL cannot tell these apart.
"""

from probe.judge.answer.cname import follow
from probe.model.clock import Instant
from probe.model.name import DomainName
from probe.model.outcome import Response
from probe.model.question import Question, RecordType
from probe.model.server import CachedAnswers, Server, ServerRole

ROUNDING = 2.0
"""Seconds: TTLs are whole seconds, rounded in either direction, and an answer is under way for up to another one."""

STALE_ERRORS = frozenset({3, 19})
"""Extended DNS Errors `Stale Answer` and `Stale NXDOMAIN Answer` (RFC 8914 sections 4.4 and 4.20)."""


def is_held(server: Server, response: Response) -> bool:
    """Tell whether a server that is asked as authoritative answered out of a cache, and may."""
    if server.role is not ServerRole.AUTHORITATIVE or server.cached is CachedAnswers.REFUSED:
        return False
    if server.cached is CachedAnswers.ALWAYS:
        return True
    return response.recursion_available and not response.authoritative


def speaks_for_zone(server: Server, response: Response) -> bool:
    """Tell whether a response counts as the zone's own word: with AA, or out of a cache that the plan names."""
    return response.authoritative or is_held(server, response)


def held_for(response: Response, question: Question) -> int:
    """Give the seconds for which a cache may go on giving this answer to where a name leads; 0 when it does not say.

    A chain of CNAMEs leads elsewhere as soon as one of them does: the shortest TTL of them counts. The addresses behind
    them are looked up anew as they run out, and change nothing about that.
    """
    ttls = _alias_ttls(response, question.name, question.rdtype)
    ttls = ttls or [rrset.ttl for rrset in response.answer if rrset.rdtype == question.rdtype]
    ttls = ttls or [rrset.ttl for rrset in response.authority if rrset.rdtype == "SOA"]
    return min(ttls, default=0)


def is_fetched(until: float | None, response: Response, question: Question, at: Instant) -> bool:
    """Tell whether an answer was fetched after the one that may be held until monotonic second `until`."""
    if until is None:
        return True
    if any(error.code in STALE_ERRORS for error in response.errors):
        return False
    return at.monotonic + held_for(response, question) > until + ROUNDING


def is_read_again(until: float, response: Response, question: Question, at: Instant) -> bool:
    """Tell whether an answer is the one that may be held until monotonic second `until`, and no older one."""
    return abs(at.monotonic + held_for(response, question) - until) <= ROUNDING


def _alias_ttls(response: Response, name: DomainName, rdtype: RecordType) -> list[int]:
    owners = {name, *follow(response, name, rdtype).targets}
    return [rrset.ttl for rrset in response.answer if rrset.rdtype == "CNAME" and rrset.name in owners]
