"""What is wrong with a domain whose weights are declared, told from the shares of its records.

The error of either finding is that of `probe.judge.share.confidence`: by chance once in 10,000 records that are as
declared, however long they are watched. A share only speaks while its record stands: drawn, or on one side in every
answer.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from probe.judge.advice.of_records import correct_set
from probe.judge.context import Context
from probe.judge.domain import cache_of, expected_for, hosted, relevant, stood_before
from probe.judge.findings.declaration import UNDECIDED, Verdict
from probe.judge.findings.evidence import Found, facts
from probe.judge.findings.servers import undrawn
from probe.judge.record.likelihood import INDEX
from probe.judge.record.state import GIVEN_UP, RecordMemory, Remembered, counts, segment
from probe.judge.record.weighted import goes_astray
from probe.judge.record_sets import described
from probe.judge.record_sets import weights as in_zone
from probe.judge.share.share_text import told
from probe.judge.state import DomainState
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.finding import FactLabel, LabelledFact, Severity
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


def weights_off(state: DomainState, at: Instant, context: Context) -> Found | None:
    """Both sides answer, and not as often as declared; or one does whose weight is zero."""
    weights = state.status.domain.weights
    if weights is None:
        return None
    off = [seen for seen in _off(state) if not _run(seen.share, seen.record, weights) and not _is_in_vain(seen, at)]
    if not off:
        return None
    first, *others = [(seen.share.rdtype.value, percent(seen.share.ratio or 0.0)) for seen in off]
    shares = [f"{first[0]} leads to v2 in {first[1]}", *(f"{rdtype} in {share}" for rdtype, share in others)]
    return Found(
        f"{display(state.status.domain.name)} is declared {weights.v1}:{weights.v2} (v1:v2), but "
        f"{listed(shares)} of answers.",
        tuple(line for seen in off for line in _evidence(seen)),
        facts=facts(
            *((FactLabel.SHARE, told(seen.share)) for seen in off),
            (FactLabel.EXPECTED, f"{percent(weights.v2_share)} of answers lead to v2"),
            *((FactLabel.ANSWERS, words) for words in _undrawn(off, at, context)),
        )
        + _by_zone(state, at, context),
    )


def _undrawn(off: Sequence["_Seen"], at: Instant, context: Context) -> list[str]:
    """Name the servers whose answers are no draws: then the share is not the weights' alone."""
    kept = (server for seen in off for server in undrawn(seen.record, seen.memory, at, context))
    names = dict.fromkeys(display(server.server.name) for server in kept)
    return [f"{name} always gives the same answer" for name in names]


def weights_one_sided(state: DomainState, at: Instant, context: Context) -> Found | None:
    """One side only, in so many answers that its declared weight would have shown the other one by now."""
    weights = state.status.domain.weights
    if weights is None:
        return None
    off = [
        (seen, run)
        for seen in _off(state)
        if (run := _run(seen.share, seen.record, weights)) and not _is_unheard(seen, run, at, context)
    ]
    if not off:
        return None
    sentences = [
        f"{seen.share.rdtype.value} led to {PLACES[run.position]} in all of its {run.answers:,} newest answers"
        for seen, run in off
    ]
    led: dict[Position, list[str]] = {}
    for seen, run in off:
        led.setdefault(run.position, []).append(seen.share.rdtype.value)
    only = listed(
        [f"{listed(types)} {'lead' if len(types) > 1 else 'leads'} to {PLACES[place]}" for place, types in led.items()]
    )
    return Found(
        f"{display(state.status.domain.name)} is declared {weights.v1}:{weights.v2} (v1:v2), but {only} only.",
        tuple(line for seen, _ in off for line in _evidence(seen)),
        facts=facts(*((FactLabel.ANSWERS, sentence) for sentence in sentences)) + _by_zone(state, at, context),
    )


def weights_undeclared(state: DomainState, at: Instant, context: Context) -> Verdict:
    """Drawn by weights where one side is expected; a warning while it moves: a share may be meant, and is not told.

    At once, unless the record was drawn when one side came to be expected: the end of weights that is told to the plan
    takes its time to be written, and what was answered before is no evidence of it.
    """
    status = state.status
    if status.domain.expectation is Expectation.WEIGHTED:
        return None
    drawn = {one.record.rdtype: one for one in state.remembered if one.record.state is RecordState.WEIGHTED}
    if not drawn:
        return None
    if expected_for(status, at) < context.patience and all(stood_before(one.record, status) for one in drawn.values()):
        return UNDECIDED
    seen = [_Seen(share, *drawn[share.rdtype]) for share in status.shares if share.rdtype in drawn]
    moving = status.domain.expectation is Expectation.MOVING
    return Found(
        f"{display(status.domain.name)} ({listed([rdtype.value for rdtype in drawn])}) is split by weighted routing, "
        "and the plan declares no weights.",
        tuple(line for one in seen for line in _evidence(one)),
        Severity.WARNING if moving else None,
        facts=facts(
            *((FactLabel.SHARE, told(one.share)) for one in seen),
            (FactLabel.EXPECTED, "Either side: it is moving" if moving else status.domain.expectation.value),
        )
        + _by_zone(state, at, context),
        advise=None if any(map(_is_between_sides, drawn.values())) else correct_set,
    )


def _is_between_sides(one: Remembered) -> bool:
    """Tell whether answers led to v1 and to v2 since the record last changed."""
    seen = counts(*one)
    return bool(seen[INDEX[Position.V1]] and seen[INDEX[Position.V2]])


def _by_zone(state: DomainState, at: Instant, context: Context) -> tuple[LabelledFact, ...]:
    """Tell the weights and health checks that stand in the hosted zone, where a witness has read it lately."""
    written = hosted(state.status, at)
    if written is None or written.at is None or not written.sets:
        return ()
    stand = {
        f"{own.v1}:{own.v2} (v1:v2)"
        for record in relevant(state.status)
        if (own := in_zone(written.sets, record.rdtype, context.book)) is not None
    }
    sets = listed([described(one, context.book) for one in written.sets])
    return facts(
        (FactLabel.CAUSE, f"The hosted zone has {listed(sorted(stand)) or 'no weights of both sides'}: {sets}"),
        (FactLabel.PROOF, f"Seen in the hosted zone at {moment(written.at)}"),
    )


def awaiting(status: DomainStatus) -> tuple[Share, ...]:
    """Give the shares that more answers will decide: worth asking on for, where somebody waits for the verdict."""
    weights = status.domain.weights
    if weights is None or not status.state.is_steady:
        return ()
    if cache_of(status) is not None:
        return ()  # one answer a TTL: nobody waits for hundreds of them
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


class _Seen(NamedTuple):
    """A share that is off, the record that it is of, and what the judge remembers of that."""

    share: Share
    record: RecordStatus
    memory: RecordMemory


def _off(state: DomainState) -> Iterator[_Seen]:
    status = state.status
    if status.domain.expectation is not Expectation.WEIGHTED:
        return
    kinds = {record.rdtype for record in relevant(status) if record.state.is_steady}
    standing = {record.rdtype: (record, memory) for record, memory in state.remembered if record.rdtype in kinds}
    for share in status.shares:
        if share.rdtype in standing and share.verdict is ShareVerdict.OFF and share.answers:
            yield _Seen(share, *standing[share.rdtype])


def _is_unheard(seen: _Seen, run: "_Run", at: Instant, context: Context) -> bool:
    """Tell whether the other side's set is drawn and answers nothing: what it lacks is told by `outage` and others."""
    missing = None if run.position.side is None else run.position.side.other
    is_lacked = missing is not None and context.book.lacks(missing, seen.record.rdtype)
    return is_lacked or _is_in_vain(seen, at)


def _is_in_vain(seen: _Seen, at: Instant) -> bool:
    """Tell whether a part of the draws answers nothing, which is the cause, and is told by itself."""
    return goes_astray(seen.record, seen.memory, Position.ABSENT, at.monotonic)


class _Run(NamedTuple):
    position: Position
    answers: int


def _run(share: Share, record: RecordStatus, weights: Weights) -> _Run | None:
    """Give the run of equal answers at the end, over all servers, if both sides have weight and it is nearly all."""
    if not (weights.v1 and weights.v2):
        return None
    if not share.is_split:
        return _Run(Position.V2 if share.v2 else Position.V1, share.answers)
    heard = [server for server in record.servers if server.failures < GIVEN_UP]
    places = {server.position for server in heard if server.position is not None}
    if len(places) != 1:
        return None
    place, answers = places.pop(), min(share.answers, sum(server.run for server in heard))
    return _Run(place, answers) if answers >= NEARLY_ALL * share.answers else None


def _evidence(seen: _Seen) -> Iterator[str]:
    """Write the count that proves it, and what each server told: a share that is one server's alone is no weight."""
    share, record, memory = seen
    since = f" since {moment(share.since)}" if share.since is not None else ""
    yield f"{share.rdtype.value} led to v1 in {share.v1:,} and to v2 in {share.v2:,} answers{since}"
    for server, own in zip(record.servers, memory.servers, strict=True):
        if server.at is None:
            continue
        answers = segment(server, own)
        v1, v2 = answers[INDEX[Position.V1]], answers[INDEX[Position.V2]]
        yield (
            f"{moment(server.at)}: {display(server.server.name)} ({server.server.address}) led to v2 in {v2:,} of its "
            f"{v1 + v2:,} newest answers for {record.rdtype.value}"
        )
