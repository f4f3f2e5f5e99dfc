"""What is wrong with a domain whose weights are declared, told from the shares of its records.

The error of either finding is that of `probe.judge.share.confidence`: by chance once in 10,000 records that are as
declared, however long they are watched. A share only speaks while its record stands: drawn, or on one side in every
answer.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from probe.judge.context import Context
from probe.judge.domain import relevant
from probe.judge.findings.evidence import Found
from probe.judge.record.likelihood import INDEX
from probe.judge.record.state import GIVEN_UP, evidence_of, segment
from probe.judge.share.text import told
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.finding import Severity
from probe.model.name import display
from probe.model.plan import Expectation, Weights
from probe.model.ports import Query
from probe.model.question import Question
from probe.model.record import Position, RecordState, RecordStatus
from probe.model.server import Server
from probe.model.share import Share, ShareVerdict
from probe.model.text import PLACES, listed, moment, percent

NEARLY_ALL = 0.9
"""Part of a share's answers that the newest run at one side has to make up for the other side to be called missing and
not seldom; what is left may be from before it fell silent."""

WEIGH_ASKS = 8
"""Questions per server, record and round while somebody waits: under a second of a server's default limit, so that what
is asked beside it does not wait long."""

_STANDING = frozenset({RecordState.WEIGHTED, RecordState.V1, RecordState.V2})


def weights_off(status: DomainStatus, _at: Instant, _context: Context) -> Found | None:
    """Both sides answer, and not as often as declared; or one does whose weight is zero."""
    weights = status.domain.weights
    if weights is None:
        return None
    off = [(share, record) for share, record in _off(status) if not _run(share, record, weights)]
    if not off:
        return None
    shares = [share for share, _ in off]
    return Found(
        f"{display(status.domain.name)} is declared {weights.v1}:{weights.v2} (v1:v2), {percent(weights.v2_share)} "
        f"to v2, but {listed([told(share) for share in shares])}.",
        tuple(line for share, record in off for line in _evidence(share, record)),
    )


def weights_one_sided(status: DomainStatus, _at: Instant, _context: Context) -> Found | None:
    """One side only, in so many answers that its declared weight would have shown the other one by now."""
    weights = status.domain.weights
    if weights is None:
        return None
    off = [(share, record, run) for share, record in _off(status) if (run := _run(share, record, weights))]
    if not off:
        return None
    sentences = [
        f"{share.rdtype.value} led to {PLACES[run.position]} in all of its {run.answers:,} newest answers"
        for share, _, run in off
    ]
    return Found(
        f"{display(status.domain.name)} is declared weighted {weights.v1} (v1) to {weights.v2} (v2), "
        f"but {listed(sentences)}.",
        tuple(line for share, record, _ in off for line in _evidence(share, record)),
    )


def weights_undeclared(status: DomainStatus, _at: Instant, _context: Context) -> Found | None:
    """Drawn by weights where one side is expected; a warning while it moves: a share may be meant, and is not told."""
    if status.domain.expectation is Expectation.WEIGHTED:
        return None
    drawn = [record for record in relevant(status) if record.state is RecordState.WEIGHTED]
    if not drawn:
        return None
    by_type = {share.rdtype: share for share in status.shares}
    shares = [by_type[record.rdtype] for record in drawn if record.rdtype in by_type]
    words = listed([told(share) for share in shares]) or listed([record.rdtype.value for record in drawn])
    moving = status.domain.expectation is Expectation.MOVING
    return Found(
        f"{display(status.domain.name)} is drawn by weights, and the plan declares none "
        f"({'it is moving' if moving else f'expected {status.domain.expectation.value}'}): {words}.",
        tuple(
            line for record in drawn if record.rdtype in by_type for line in _evidence(by_type[record.rdtype], record)
        ),
        Severity.WARNING if moving else None,
    )


def awaiting(status: DomainStatus) -> tuple[Share, ...]:
    """Give the shares that more answers will decide: worth asking on for, where somebody waits for the verdict."""
    weights = status.domain.weights
    if weights is None or status.state not in _STANDING:
        return ()
    if status.state is not RecordState.WEIGHTED and not (weights.v1 and weights.v2):
        return ()  # which side it is on says it all
    return tuple(share for share in undecided(status) if share.needed is not None)


def weigh_plan(status: DomainStatus, servers: Sequence[Server]) -> tuple[Query, ...]:
    """Give one round of questions for the shares that wait for answers, as many at each server."""
    return tuple(
        Query(server, Question(status.domain.name, share.rdtype))
        for share in awaiting(status)
        for _ in range(min(WEIGH_ASKS, math.ceil((share.needed or 0) / len(servers))))
        for server in servers
    )


def undecided(status: DomainStatus) -> tuple[Share, ...]:
    """Give the shares of the records that exist which are neither as declared nor off yet."""
    kinds = {record.rdtype for record in relevant(status)}
    return tuple(share for share in status.shares if share.rdtype in kinds and share.verdict is ShareVerdict.OPEN)


def _off(status: DomainStatus) -> Iterator[tuple[Share, RecordStatus]]:
    if status.domain.expectation is not Expectation.WEIGHTED:
        return
    standing = {record.rdtype: record for record in relevant(status) if record.state in _STANDING}
    for share in status.shares:
        record = standing.get(share.rdtype)
        if record is not None and share.verdict is ShareVerdict.OFF and share.answers:
            yield share, record


class _Run(NamedTuple):
    position: Position
    answers: int


def _run(share: Share, record: RecordStatus, weights: Weights) -> _Run | None:
    """Give the run of equal answers at the end, over all servers, if both sides have weight and it is nearly all."""
    if not (weights.v1 and weights.v2):
        return None
    if not (share.v1 and share.v2):
        return _Run(Position.V2 if share.v2 else Position.V1, share.answers)
    heard = [evidence for server in record.servers if server.failures < GIVEN_UP and (evidence := evidence_of(server))]
    places = {evidence.position for evidence in heard}
    if len(places) != 1:
        return None
    place, answers = places.pop(), min(share.answers, sum(evidence.run for evidence in heard))
    return _Run(place, answers) if answers >= NEARLY_ALL * share.answers else None


def _evidence(share: Share, record: RecordStatus) -> Iterator[str]:
    """Write the count that proves it, and what each server told: a share that is one server's alone is no weight."""
    since = f" since {moment(share.since)}" if share.since is not None else ""
    yield f"{share.rdtype.value} led to v1 in {share.v1:,} and to v2 in {share.v2:,} answers{since}"
    for server in record.servers:
        evidence = evidence_of(server)
        if evidence is None or server.at is None:
            continue
        seen = segment(evidence)
        v1, v2 = seen[INDEX[Position.V1]], seen[INDEX[Position.V2]]
        yield (
            f"{moment(server.at)}: {display(server.server.name)} ({server.server.address}) led to v2 in {v2:,} of its "
            f"{v1 + v2:,} newest answers for {record.rdtype.value}"
        )
