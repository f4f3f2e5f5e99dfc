"""How long caches may hold an answer that an authoritative server gave.

A cache drops a record when its TTL has passed (RFC 1035 section 3.2.1, RFC 2181 section 8), a denial after the smaller
of the SOA's TTL and its MINIMUM (RFC 2308 section 5). A CNAME adds to that: in the last second of its own TTL a cache
may still look its target's addresses up, and whoever asked holds those for their TTL on top.
"""

from typing import NamedTuple

from probe.judge.answer.cname import follow
from probe.model.name import DomainName
from probe.model.outcome import Response
from probe.model.question import RecordType

LOAD_BALANCER_TTL = 60
"""Seconds: TTL of the addresses of an ELB name, which its own zone answers and not the one with the CNAME."""

LONGEST_TTL = 604_800
"""Seconds: RFC 8767 section 4 has resolvers cap TTLs at a week, as BIND's max-cache-ttl does. A TTL of years is
hostile."""


class Lifetime(NamedTuple):
    """How long an answer may be held, in seconds.

    Attributes:
        own: By a cache that took it.
        chained: By whoever looks addresses up behind its CNAME, after that; 0 without one.
    """

    own: int
    chained: int = 0


def lifetime(response: Response, name: DomainName, rdtype: RecordType) -> Lifetime:
    """Tell how long caches may hold the answer of an authoritative server to the question for `name` and `rdtype`."""
    addresses = [rrset.ttl for rrset in response.answer if rrset.rdtype == rdtype]
    # Nearly every answer of an alias is addresses alone: no chain is followed.
    aliases = _alias_ttls(response, name, rdtype) if len(addresses) < len(response.answer) else []
    if not aliases and not addresses:
        return Lifetime(negative_ttl(response))
    own = min(max(aliases + addresses), LONGEST_TTL)
    if not aliases:
        return Lifetime(own)
    return Lifetime(own, min(max(addresses, default=LOAD_BALANCER_TTL), LONGEST_TTL))


def remaining(response: Response, name: DomainName, rdtype: RecordType) -> int | None:
    """Tell how many seconds longer a resolver means to hold where its answer leads; None when it does not say.

    With a CNAME in the answer that is the CNAME's TTL: the addresses behind it are looked up anew as they expire. A
    denial has its SOA's (RFC 2308 section 5).
    """
    ttls = _alias_ttls(response, name, rdtype) or [rrset.ttl for rrset in response.answer if rrset.rdtype == rdtype]
    if not ttls:
        ttls = [rrset.ttl for rrset in response.authority if rrset.rdtype == "SOA"]
    return min(max(ttls), LONGEST_TTL) if ttls else None


def negative_ttl(response: Response) -> int:
    """Tell how many seconds a cache may hold a denial: the smaller of the SOA's TTL and MINIMUM; 0 without an SOA."""
    for rrset in response.authority:
        if rrset.rdtype == "SOA" and rrset.rdata:
            minimum = rrset.rdata[0].rpartition(" ")[2]
            return min(rrset.ttl, int(minimum), LONGEST_TTL) if minimum.isdecimal() else min(rrset.ttl, LONGEST_TTL)
    return 0


def _alias_ttls(response: Response, name: DomainName, rdtype: RecordType) -> list[int]:
    if not any(rrset.rdtype == "CNAME" for rrset in response.answer):
        return []
    owners = {name, *follow(response, name, rdtype).targets}
    return [rrset.ttl for rrset in response.answer if rrset.rdtype == "CNAME" and rrset.name in owners]
