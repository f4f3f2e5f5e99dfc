"""Do answers remember? Whether a server's answer within a second of another is more like it than draws would be.

Pairs of answers of one server within `COHERENCE` seconds are counted in a two by two table per server: the first at the
confirmed position or elsewhere, the second likewise. Draws have no memory: the second does not depend on the first. A
record that is being rewritten does remember, also when several machines answer and each is late by its own time. The
tables of the servers are joined as Mantel and Haenszel (1959) do it, so that a server with a share of its own (a stale
one) does not look like memory.

Pairs count only from the grace time after the last known change on: until then one rewriting explains everything.
"""

import math
from typing import NamedTuple

from probe.judge.context import Context
from probe.judge.memory import Evidence
from probe.model.status import Position, RecordStatus

COHERENCE = 1.0
"""Seconds within which two answers of one server count as one question asked twice: a rewritten record agrees with
itself; fights write every few seconds at the most."""


class Memorability(NamedTuple):
    """What the pairs say.

    Attributes:
        pairs: How many were counted.
        servers: At how many servers both kinds of first answers were seen: only those can tell.
        excess: By how much a second answer elsewhere is likelier after a first one elsewhere: 0 for draws, 1 for a
            record that never contradicts itself.
        z: The same in standard deviations under draws.
    """

    pairs: int
    servers: int
    excess: float
    z: float


def counting_from(record: RecordStatus, context: Context) -> float | None:
    """Give the monotonic second from which pairs count; None while the record is not disturbed."""
    if record.disturbed is None:
        return None
    newest = record.recent[-1].at.monotonic if record.recent else record.disturbed.monotonic
    return max(newest, record.disturbed.monotonic) + context.probing.grace


def count_pair(evidence: Evidence, first: Position, reference: Position | None, start: float) -> Evidence:
    """Count one pair: the server's newest position after `first`. A table of an older count is thrown away."""
    place = 2 * (first is not reference) + (evidence.position is not reference)
    table = evidence.table if evidence.table_from == start else (0, 0, 0, 0)
    a, b, c, d = (count + (at == place) for at, count in enumerate(table))
    return evidence._replace(table=(a, b, c, d), table_from=start)


def memorability(record: RecordStatus, start: float) -> Memorability:
    """Join the servers' tables that were counted from `start` on."""
    pairs = servers = 0
    excess = weight = variance = 0.0
    for server in record.servers:
        evidence = server.memory
        if not isinstance(evidence, Evidence) or evidence.table_from != start:
            continue
        stay, leave, back, remain = evidence.table
        here, elsewhere = stay + leave, back + remain
        total = here + elsewhere
        pairs += total
        if not here or not elsewhere:
            continue
        servers += 1
        second = leave + remain
        excess += remain - elsewhere * second / total
        weight += here * elsewhere / total
        variance += here * elsewhere * second * (total - second) / (total * total * (total - 1))
    if not weight or not variance:
        return Memorability(pairs, servers, 0.0, 0.0)
    return Memorability(pairs, servers, excess / weight, excess / math.sqrt(variance))
