"""How much one walk may ask. A delegation is hostile input: a zone can name servers that lead to ever more questions.

The attack is known as NXNSAttack (CVE-2020-8616 in BIND, CVE-2020-12662 in Unbound): a referral to many name servers
without glue, each in a zone that is delegated in the same way. A walk here costs at most WALK_QUESTIONS, plus one for
each server of the parent, plus four (SOA and NS, each put again once after a time-out) and one repeat for each of
MAX_SERVERS.
"""

from typing import Final

WALK_QUESTIONS: Final = 100
"""Questions for going down and for finding addresses of name servers: what BIND's `max-recursion-queries` was set to
after NXNSAttack. A Route 53 zone with its four names in four top-level domains takes about 25."""

MAX_ADDRESS_FETCH_DEPTH: Final = 4
"""How often finding an address may need another address first. Unbound's `target-fetch-policy` counts as deep; real
zones need one, seldom two."""

MAX_NAME_SERVERS: Final = 13
"""Name servers considered for one zone: as many as the root and com. have, which is what fits into 512 octets."""

MAX_FETCHES: Final = 2
"""Names of servers without glue that are resolved for a zone that is only on the way (at depth 1 and more): the
remedy of the NXNSAttack paper (Afek, Bremler-Barr, Shafir; USENIX Security 2020), whose MaxFetch(1) gains a spare."""

MAX_SERVER_ADDRESSES: Final = 4
"""Addresses of one family considered for one name server. Large providers publish up to three."""

MAX_SERVERS: Final = 32
"""Servers asked about one zone. The root has 26, Route 53 gives a zone 8."""

PARALLEL_QUERIES: Final = (1, 2, 4)
"""How many servers are asked at a time until one gives a usable answer: nearly always the first does; with two
time-outs of 2 s behind them, most servers of a zone are not worth waiting for one by one."""

SECOND_OPINIONS: Final = 3
"""Further servers of a registry that are asked when one denies a name: a newly delegated zone does not appear at all
servers at once, and one that lags must not make a zone vanish."""

MAX_STEPS: Final = 10
"""RFC 9156 section 2.3 MAX_MINIMISE_COUNT: a name of very many labels is not walked label by label."""

SINGLE_STEPS: Final = 4
"""RFC 9156 section 2.3 MINIMISE_ONE_LAB: so many labels are always added one at a time."""

REPEAT_AFTER: Final = 1.1
"""Seconds between two identical questions after which a cache's TTL (whole seconds) must have fallen."""

RETRY: Final = 5.0
"""Seconds for which a failure is remembered. RFC 9520 section 3.2 begins with 5 s and backs off; backing off is the
caller's, who knows for how long it has failed. Long enough that many names of a broken zone share one walk."""
