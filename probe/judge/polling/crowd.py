"""Many domains of one zone in a burst at once: who is asked what when its servers cannot take a full round for each.

What makes one host of a zone change makes others change as well: one owner id in two clusters is a fight over all hosts
of that owner. So where a full round of each domain every `burst_interval` would be more than the servers are allowed,

- a few *scouts*, those that have been in a burst for longest, go on with full rounds: they tell within seconds that the
  zone is changing again, and to where;
- each other domain gets a narrow round when its turn comes: one question while its servers agree, else one at each of
  two servers, which is enough for a change that its neighbours have shown already (`probe.judge.neighbours`);
- a surprise is followed up at its own server and at another one, as far as the allowance goes; what it does not afford
  comes with the domain's next round;
- a single server, behind which a machine seems to be mended, is asked by all of them together no more than its part;
- ownership is asked in a fixed part of the allowance.

So no question of a burst waits in front of a server, and every domain is looked at once in a cycle whose length is the
number of domains times the questions of a narrow round, by the allowance. 100 domains at four servers of 20 questions a
second: 56 questions a second, a cycle of 10 s.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from probe.judge.record.state import dissenters
from probe.judge.record.stuck_machine import ROUNDS_FOR_ONE
from probe.model.domain import DomainStatus
from probe.model.plan import Probing
from probe.model.ports import Query
from probe.model.question import ADDRESS_TYPES, Question
from probe.model.record import RecordStatus
from probe.model.server import Server

BURST_SHARE = 0.7
"""The part of a server's `queries_per_second` that bursts may take; the rest is for calm turns of other domains."""

SCOUTS = 4
"""Domains that keep full rounds in a crowd: one more than the neighbours that are believed
(`probe.judge.neighbours.ENOUGH_NEIGHBOURS`), so that one which is in a fight of its own delays no other."""

FULL_ROUND = 8
"""Questions of a full round of one family at four servers, two at each."""

NARROW_SERVERS = 2
"""Servers of a narrow round: a quorum."""

TXT_SHARE = 0.15
"""The part of a crowd's allowance that may go to TXT names: the cause needs each of them beside both places once, and
every question there is one fewer about where a record leads."""


ALL_NAMES_TURNS = 3
"""In a crowd every n-th round of TXT names has all of them, the others those at which ownership stands: a take-over by
another version writes a name that held nothing before."""


class Crowd(NamedTuple):
    """The company in which a domain is in a burst.

    Attributes:
        bursting: Domains of the same servers that are in a burst, this one included.
        per_second: Questions a second that bursts may put to all of these servers together.
        scout: This domain is one of those that keep full rounds.
    """

    bursting: int = 1
    per_second: float = 0.0
    scout: bool = True


ALONE = Crowd()
"""No other domain of the same servers is in a burst."""


def allowance(servers: Sequence[Server], probing: Probing) -> float:
    """Give the questions a second that bursts may put to these servers together."""
    return BURST_SHARE * sum(server.queries_per_second or probing.queries_per_second for server in servers)


def is_crowded(crowd: Crowd, probing: Probing) -> bool:
    """Tell whether full rounds of all would be more than the servers are allowed."""
    return crowd.bursting > 1 and crowd.bursting * FULL_ROUND > crowd.per_second * probing.burst_interval


def is_narrow(crowd: Crowd, status: DomainStatus, probing: Probing) -> bool:
    """Tell whether a domain gets narrow rounds: in a crowd all but a scout whose servers do not agree."""
    return is_crowded(crowd, probing) and not (crowd.scout and not all(map(_agrees, status.records)))


def narrow(queries: Sequence[Query], status: DomainStatus) -> tuple[Query, ...]:
    """Give the narrow round that stands for a full one: the servers that were heard longest ago.

    One question for a family whose servers' newest answers are all what is confirmed: it only has to be seen to move.
    `NARROW_SERVERS` where they are not: each has to be heard again before the others are believed or it is.
    """
    asked = {query.question.rdtype: query.question for query in queries}
    chosen: list[Query] = []
    for record in status.records:
        question = asked.get(record.rdtype)
        if question is None:
            continue
        known = {told.server: told.at.monotonic if told.at is not None else 0.0 for told in record.servers}
        servers = dict.fromkeys(query.server for query in queries if query.question == question)
        oldest = sorted(servers, key=lambda server: known.get(server, 0.0))[: 1 if _agrees(record) else NARROW_SERVERS]
        chosen += [Query(server, question) for server in oldest]
    return tuple(chosen)


def _agrees(record: RecordStatus) -> bool:
    return record.position is not None and not dissenters(record)


def follow_up(server: Server, question: Question, servers: Sequence[Server]) -> tuple[Query, ...]:
    """Give what answers a surprise in a crowd: its own server once more, the next one twice; a quorum, each twice."""
    place = servers.index(server) if server in servers else 0
    other = servers[(place + 1) % len(servers)]
    return (Query(server, question), Query(other, question), Query(other, question))


def rounds_of_one(crowd: Crowd, servers: Sequence[Server], probing: Probing) -> int:
    """Give of how many rounds one may ask a single server: all domains may be asking that one, for both families."""
    if crowd.bursting <= 1 or not crowd.per_second:
        return ROUNDS_FOR_ONE
    per_round = crowd.per_second * probing.burst_interval / len(servers)
    return max(ROUNDS_FOR_ONE, math.ceil(crowd.bursting * len(ADDRESS_TYPES) / per_round))


def owners_known(queries: Sequence[Query], status: DomainStatus) -> tuple[Query, ...]:
    """Leave out of a round of TXT names those at which no ownership stood, as long as there are others."""
    held = {txt.name for txt in status.txts if txt.owners or txt.opaque}
    return tuple(query for query in queries if query.question.name in held) or tuple(queries)


def txt_pause(crowd: Crowd, names: int, least: float) -> float:
    """Give the seconds between two rounds of a domain's TXT names: all keep to their share; `least` alone."""
    if crowd.bursting <= 1 or not crowd.per_second:
        return least
    return max(least, crowd.bursting * names / (TXT_SHARE * crowd.per_second))
