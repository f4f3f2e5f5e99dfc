"""The record judge: folds one answer of one authoritative server into the verdict on one record.

The theory. What a server answers has three possible sources: a record that stands, a record that is being rewritten (each
machine behind each server changes once, all within the grace time), and weights (each answer is an independent draw).
They are told apart by what a server says against itself:

- An answer repeated within a second comes from the same record unless machines differ, and those differ only while
  a change travels. A server that takes its answer back within a second is *incoherent*; incoherence that goes on
  for longer than the grace time, at two servers, is weights. At one server only it is one of its machines.
- A run of equal answers is believed when it can be no luck under draws (`probe.judge.luck` has the arithmetic), and when
  enough servers (two, or all there are) show it with at least two answers each. Then it is a *transition*.

The memory. Each server has a segment: its answers since it followed the newest transition, counted by position; and a run:
its newest equal answers. A server that never followed a transition keeps its old segment, so that its standing word is no
evidence for a change back (only a run that broke with others of its segment is). All is O(1) in time and space.

The verdict, first match wins:

| when | state |
| --- | --- |
| no evidence that is fresh | unknown |
| a fight was found and is not quiet yet (`probe.judge.fight`) | flapping |
| drawn: incoherence spread over more than the grace time, at two servers | weighted |
| the same at one server | divided: one of its machines |
| disturbed, and a server stood by another word 10 s ago and after the grace time | divided |
| disturbed | propagating |
| nothing confirmed yet | unknown |
| otherwise | the confirmed position (`mixed` is divided: each answer holds both sides) |

A record is *disturbed* from the first answer that differs until every server agrees and nothing changed for `SETTLE`
seconds. Silence moves nothing; it only lets evidence grow old.

"Incoherence spread over more than the grace time" means: incoherent answers were counted at moments more than the grace time
apart, twice within one disturbance that never settled, or three times since the newest transition (two could be the
tail of one rewriting and the head of the next; four times when it is only one server), and the servers counted are those
that were incoherent more than the grace time after the first. A rewriting cannot do that unless it was never confirmed; a weighted record of share p
shows one incoherent pair in 2p(1-p) of its pairs.
"""

from typing import NamedTuple, TypeAlias

from probe.judge import fight
from probe.judge.classify import Classified, classify
from probe.judge.context import Context
from probe.judge.luck import INDEX, NOTHING, SURE, SURE_AGAINST_DRAWS, SURE_OF_CALM, Counts, counted, surprise
from probe.model.clock import Instant
from probe.model.observation import Observation
from probe.model.outcome import FailureReason, Response
from probe.model.question import Question
from probe.model.side import AnswerClass
from probe.model.status import Position, RecordState, RecordStatus, ServerStatus, Transition

COHERENCE = 1.0
"""Seconds within which two answers of one server count as one question asked twice: a rewritten record agrees with
itself; fights write every few seconds at the most."""

SETTLE = 10.0
"""Seconds without a change after which agreement is final: five rounds of a burst, so that a lagging machine among
four shows itself with 1 - 0.75^10 = 94 % at two questions a round, at each server."""

AGREEING_RUN = 2
"""Equal answers in a row at a server before it may confirm anything."""

DRAWS_IN_ONE = 2
"""Moments of incoherence, more than the grace time apart, within one disturbance that prove draws."""

DRAWS_IN_ALL = 3
"""The same over a whole segment: one each may come from the change that began it and from the one that ends it."""

DRAWS_OF_A_MACHINE = 4
"""The same while only one server is incoherent: more than three grace times, in which the others had their chance."""

FOREIGN_PATIENCE = 30.0
"""Seconds between the first foreign answer and the refresh of the address book that makes it believable: a load balancer
that grows shows a new node to some questions first, since an answer holds only eight of its addresses."""

FOREIGN_FORGOTTEN = 300.0
"""Seconds without a foreign answer after which the next one is a first one again."""

DOUBT_EVERY = 5.0
"""Seconds between two requests to refresh the address book while foreign answers wait to be believed."""

_POSITION = {
    AnswerClass.V1: Position.V1,
    AnswerClass.V2: Position.V2,
    AnswerClass.MIXED: Position.MIXED,
    AnswerClass.FOREIGN: Position.FOREIGN,
    AnswerClass.NODATA: Position.ABSENT,
    AnswerClass.NXDOMAIN: Position.ABSENT,
}
_STATE = {
    Position.V1: RecordState.V1,
    Position.V2: RecordState.V2,
    Position.MIXED: RecordState.DIVIDED,
    Position.FOREIGN: RecordState.FOREIGN,
    Position.ABSENT: RecordState.ABSENT,
}
_CLASS_INDEX = {answer_class: index for index, answer_class in enumerate(AnswerClass)}


class Evidence(NamedTuple):
    """What the judge remembers of one server.

    Attributes:
        position: Its newest word.
        run: How many answers in a row said so.
        seen: Its answers in this segment by position, the run included.
        luck: Logarithm of the run's probability under draws; 0 while nothing else was seen in the segment.
        segment: Number of the record's transitions when the segment began.
        version: Version of the address book by which the newest response was classified.
    """

    position: Position
    run: int
    seen: Counts
    luck: float
    segment: int
    version: int


class Memory(NamedTuple):
    """What the judge remembers of a record beside its public status.

    Attributes:
        servers: Evidence per server, in the order of the status; None before the first.
        changed: When some server last changed its answer, or first contradicted the others.
        draws: Moments of incoherence counted in this segment, more than the grace time apart.
        draws_here: Those of them in the present disturbance.
        draw_first, draw_last: Monotonic times of the first moment of incoherence and of the last one counted.
        draw_servers: Bit per server that was incoherent later than the grace time after the first.
        drawn: Draws are proven.
        pool: While drawn: all servers' answers by position.
        pool_position, pool_luck: While drawn: the run over all servers and the logarithm of its probability.
        fighting: A fight was found and is not quiet yet.
        foreign_since, foreign_last, doubted: Monotonic times of the first and newest foreign answer of this series and
            of the newest request to refresh the address book.
    """

    servers: tuple[Evidence | None, ...] = ()
    changed: Instant | None = None
    draws: int = 0
    draws_here: int = 0
    draw_first: float | None = None
    draw_last: float | None = None
    draw_servers: int = 0
    drawn: bool = False
    pool: Counts = NOTHING
    pool_position: Position | None = None
    pool_luck: float = 0.0
    fighting: bool = False
    foreign_since: float | None = None
    foreign_last: float | None = None
    doubted: float | None = None


_Voters: TypeAlias = list[tuple[ServerStatus, Evidence]]


class Folded(NamedTuple):
    """What came of one observation.

    Attributes:
        record: The new status.
        transition: What it confirmed, if it did.
        surprised: The answer was not the expected one: ask again.
        doubted: A foreign answer waits for a refresh of the address book.
        noteworthy: Something that people are told of may have changed; False on the calm path.
    """

    record: RecordStatus
    transition: Transition | None = None
    surprised: bool = False
    doubted: bool = False
    noteworthy: bool = False


def fold(record: RecordStatus, observation: Observation, context: Context) -> Folded:
    """Fold one observation of an authoritative server into the record it is about.

    An observation of a server that is not among the context's is nobody's: the record comes back as it was.
    """
    index = _index_of(record, observation)
    if index is None:
        record = align(record, context)
        index = _index_of(record, observation)
        if index is None:
            return Folded(record)
    memory = _memory(record)
    server, evidence, outcome = record.servers[index], memory.servers[index], observation.outcome
    if evidence is not None and server.response is outcome and evidence.version == context.book.version:
        classified: Classified = (server.answer_class or AnswerClass.FAILED, None)
    else:
        classified = classify(outcome, observation.question, server.server.role, context.book)
    answer_class, failure = classified
    answers = _count(record.answers, _CLASS_INDEX[answer_class])
    if answer_class is AnswerClass.FAILED or not isinstance(outcome, Response):
        return _fold_silence(record._replace(answers=answers), index, failure, observation.at, context)
    position = _POSITION[answer_class]
    if position is Position.FOREIGN:
        memory, trusted, ask = _believe_foreign(memory, observation.at, context)
        if not trusted:
            return Folded(record._replace(answers=answers, memory=memory), doubted=ask, noteworthy=ask)
    at = observation.at
    run_since = server.since if evidence is not None and evidence.position is position else at
    heard = ServerStatus(server.server, answer_class, at, run_since, outcome)
    servers = (*record.servers[:index], heard, *record.servers[index + 1 :])
    if (
        evidence is not None
        and evidence.position is position
        and record.position is position
        and record.disturbed is None
        and not memory.drawn
        and not memory.fighting
        and evidence.segment == record.transitions
        and record.state is _STATE[position]
    ):
        kept = Evidence(
            position,
            evidence.run + 1,
            counted(evidence.seen, INDEX[position]),
            evidence.luck,
            evidence.segment,
            context.book.version,
        )
        memory = memory._replace(servers=(*memory.servers[:index], kept, *memory.servers[index + 1 :]))
        return Folded(
            RecordStatus(
                record.rdtype,
                record.state,
                record.since,
                record.position,
                record.existed,
                servers,
                answers,
                record.transitions,
                record.reversals,
                record.recent,
                record.alias if server.response is outcome else alias_of(outcome, observation.question, context),
                None,
                memory,
            ),
            noteworthy=server.failures > 0 or server.answer_class is not answer_class,
        )
    moved = record._replace(
        existed=record.existed or position is not Position.ABSENT,
        servers=servers,
        answers=answers,
        alias=alias_of(outcome, observation.question, context),
    )
    return _fold_evidence(moved, memory, index, server, position, at, context)


def _fold_evidence(
    record: RecordStatus,
    memory: Memory,
    index: int,
    before: ServerStatus,
    position: Position,
    at: Instant,
    context: Context,
) -> Folded:
    """The slow path: the answer, the state or the memory is not what a calm record's would be."""
    was = (record.state, record.position, record.disturbed is None)
    evidence = memory.servers[index]
    grown = _grow(evidence, position, record, context.book.version)
    memory = memory._replace(servers=(*memory.servers[:index], grown, *memory.servers[index + 1 :]))
    took_another = evidence is not None and evidence.position is not position
    explained = memory.drawn
    begins = record.disturbed is None and (
        took_another or any(voter.position is not position for _, voter in _voters(record, memory, at, context))
    )
    if begins:
        record = record._replace(disturbed=at)
    if took_another or begins:
        memory = memory._replace(changed=at)
    if took_another and before.at is not None and at.monotonic - before.at.monotonic <= COHERENCE:
        memory = _count_incoherence(memory, index, at.monotonic, context)
    if memory.drawn:
        memory = _pool(memory, position, record.position)
    record, memory, transition = _confirm(record, memory, position, at, context)
    record = judge(record._replace(memory=memory), at, context)
    return Folded(
        record,
        transition,
        surprised=(took_another or begins) and not explained,
        noteworthy=before.failures > 0 or was != (record.state, record.position, record.disturbed is None),
    )


def judge(record: RecordStatus, at: Instant, context: Context) -> RecordStatus:
    """Bring the verdict up to `at` without new evidence: settle, end a fight, let evidence grow old."""
    memory = _memory(record)
    voters = _voters(record, memory, at, context)
    changed = memory.changed
    if record.disturbed is not None and _is_settled(record, voters, changed, at):
        record = record._replace(disturbed=None)
        memory = memory._replace(draws_here=0)
    if memory.fighting and voters and _is_quiet(record, memory, voters, at):
        memory = memory._replace(fighting=False)
    if memory is not record.memory:
        record = record._replace(memory=memory)
    state = _state(record, memory, voters, at, context)
    return record if state is record.state and record.since is not None else record._replace(state=state, since=at)


def align(record: RecordStatus, context: Context) -> RecordStatus:
    """Give the record exactly the context's servers, in their order, keeping what is known of those that stay."""
    if len(record.servers) == len(context.servers) and all(
        status.server is server or status.server == server
        for status, server in zip(record.servers, context.servers, strict=True)
    ):
        return record
    memory = _memory(record)
    known = {status.server: (status, evidence) for status, evidence in zip(record.servers, memory.servers, strict=True)}
    kept = [known.get(server, (ServerStatus(server), None)) for server in context.servers]
    return record._replace(
        servers=tuple(status for status, _ in kept),
        memory=memory._replace(servers=tuple(evidence for _, evidence in kept), draw_servers=0),
    )


def dissenters(record: RecordStatus) -> tuple[ServerStatus, ...]:
    """Give the servers whose newest evidence is not the confirmed position."""
    return tuple(
        status
        for status, evidence in zip(record.servers, _memory(record).servers, strict=True)
        if evidence is not None and record.position is not None and evidence.position is not record.position
    )


def counts(record: RecordStatus) -> Counts:
    """Give the answers by position that the judge remembers since the newest transition, over all servers."""
    total = [0] * len(Position)
    for evidence in _memory(record).servers:
        if evidence is not None:
            total = [left + right for left, right in zip(total, evidence.seen, strict=True)]
    a, b, c, d, e = total
    return a, b, c, d, e


def is_foreign_doubted(record: RecordStatus) -> bool:
    """Tell whether foreign answers wait for the address book to be refreshed."""
    memory = _memory(record)
    return memory.foreign_since is not None and record.position is not Position.FOREIGN


def alias_of(response: Response, question: Question, context: Context) -> bool | None:
    """Tell whether an answer is a Route 53 alias to a load balancer: bare addresses that load balancers showed.

    None when the addresses are known from the plan's networks only: an alias and a plain record look alike then.
    """
    addresses = [
        address
        for rrset in response.answer
        if rrset.rdtype == question.rdtype and rrset.name == question.name
        for address in rrset.rdata
    ]
    if not addresses:
        return False
    if any(context.book.is_learned(address) for address in addresses):
        return True
    return None if any(context.book.side_of(address) for address in addresses) else False


def _index_of(record: RecordStatus, observation: Observation) -> int | None:
    asked = observation.server
    for index, status in enumerate(record.servers):
        if status.server is asked:
            return index
    for index, status in enumerate(record.servers):
        if status.server == asked:
            return index
    return None


def _memory(record: RecordStatus) -> Memory:
    return record.memory if isinstance(record.memory, Memory) else Memory()


def _voters(record: RecordStatus, memory: Memory, at: Instant, context: Context) -> _Voters:
    """Give the servers whose evidence is fresh enough to count."""
    oldest = at.monotonic - context.stale_after
    return [
        (server, evidence)
        for server, evidence in zip(record.servers, memory.servers, strict=True)
        if evidence is not None and server.at is not None and server.at.monotonic >= oldest
    ]


def _count(answers: tuple[int, ...], index: int) -> tuple[int, ...]:
    return (*answers[:index], answers[index] + 1, *answers[index + 1 :])


def _fold_silence(
    record: RecordStatus, index: int, failure: FailureReason | None, at: Instant, context: Context
) -> Folded:
    """Silence moves nothing. It may complete the first look (every server was heard or failed) and lets evidence age."""
    server, state = record.servers[index], record.state
    failed = server._replace(failures=server.failures + 1, failure=failure)
    record = record._replace(servers=(*record.servers[:index], failed, *record.servers[index + 1 :]))
    memory = _memory(record)
    if record.position is None:
        for position in Position:
            record, memory, _ = _confirm(record, memory, position, at, context)
    judged = judge(record._replace(memory=memory), at, context)
    return Folded(judged, noteworthy=judged.state is not state)


def _believe_foreign(memory: Memory, at: Instant, context: Context) -> tuple[Memory, bool, bool]:
    """Tell whether a foreign answer is to be believed by now, and if not, whether to ask for a refresh."""
    now = at.monotonic
    since, last, doubted = memory.foreign_since, memory.foreign_last, memory.doubted
    if since is None or last is None or now - last > FOREIGN_FORGOTTEN:
        since, doubted = now, None
    refreshed = context.book.refreshed_at
    trusted = not context.book.can_refresh or (
        refreshed is not None and refreshed.monotonic >= since + FOREIGN_PATIENCE
    )
    ask = not trusted and (doubted is None or now - doubted >= DOUBT_EVERY)
    if ask:
        doubted = now
    return memory._replace(foreign_since=since, foreign_last=now, doubted=doubted), trusted, ask


def _grow(evidence: Evidence | None, position: Position, record: RecordStatus, version: int) -> Evidence:
    index = INDEX[position]
    if evidence is None:
        return Evidence(position, 1, counted(NOTHING, index), 0.0, record.transitions, version)
    same = evidence.position is position
    luck = (evidence.luck if same else 0.0) + surprise(evidence.seen, index)
    run = evidence.run + 1 if same else 1
    grown = Evidence(position, run, counted(evidence.seen, index), luck, evidence.segment, version)
    if position is record.position and evidence.segment < record.transitions:
        return _follow(grown, record.transitions) if luck < 0.0 else grown._replace(segment=record.transitions)
    return grown


def _follow(evidence: Evidence, transitions: int) -> Evidence:
    """Begin a server's segment anew with its present run: it has followed the record's newest transition."""
    index = INDEX[evidence.position]
    seen = [0] * len(Position)
    seen[index] = evidence.run
    a, b, c, d, e = seen
    return evidence._replace(seen=(a, b, c, d, e), luck=0.0, segment=transitions)


def _count_incoherence(memory: Memory, index: int, now: float, context: Context) -> Memory:
    grace = context.probing.grace
    first = now if memory.draw_first is None else memory.draw_first
    if now - first > grace:
        memory = memory._replace(draw_servers=memory.draw_servers | 1 << index)
    if memory.draw_last is None or now - memory.draw_last > grace:
        memory = memory._replace(
            draws=memory.draws + 1, draws_here=memory.draws_here + 1, draw_first=first, draw_last=now
        )
    several = memory.draw_servers.bit_count() >= context.quorum
    enough = memory.draws_here >= DRAWS_IN_ONE or memory.draws >= DRAWS_IN_ALL
    if not memory.drawn and ((several and enough) or memory.draws >= DRAWS_OF_A_MACHINE):
        pool = NOTHING
        for evidence in memory.servers:
            if evidence is not None:
                a, b, c, d, e = (left + right for left, right in zip(pool, evidence.seen, strict=True))
                pool = (a, b, c, d, e)
        memory = memory._replace(drawn=True, pool=pool)
    return memory


def _pool(memory: Memory, position: Position, confirmed: Position | None) -> Memory:
    """Follow the run over all servers; a run at the confirmed position that is no luck ends the draws."""
    index = INDEX[position]
    luck = (memory.pool_luck if memory.pool_position is position else 0.0) + surprise(memory.pool, index)
    if luck < SURE_OF_CALM and position is confirmed:
        return _without_draws(memory)
    return memory._replace(pool=counted(memory.pool, index), pool_position=position, pool_luck=luck)


def _without_draws(memory: Memory) -> Memory:
    return memory._replace(
        draws=0,
        draws_here=0,
        draw_first=None,
        draw_last=None,
        draw_servers=0,
        drawn=False,
        pool=NOTHING,
        pool_position=None,
        pool_luck=0.0,
    )


def _confirm(
    record: RecordStatus, memory: Memory, position: Position, at: Instant, context: Context
) -> tuple[RecordStatus, Memory, Transition | None]:
    """Confirm `position` if the evidence suffices: as the first one, or as a transition."""
    if position is record.position:
        return record, memory, None
    voters = _voters(record, memory, at, context)
    if record.position is None:
        if _is_first_position(record, voters, position, context):
            return record._replace(position=position), memory, None
        return record, memory, None
    fresh = [(server, evidence) for server, evidence in voters if evidence.position is position and evidence.luck < 0.0]
    bar = SURE_AGAINST_DRAWS if memory.drawn else SURE
    if (
        sum(evidence.run >= AGREEING_RUN for _, evidence in fresh) < context.quorum
        or sum(evidence.luck for _, evidence in fresh) > bar
    ):
        return record, memory, None
    began = min((server.since for server, _ in fresh if server.since is not None), key=_monotonic, default=at)
    newest = record.recent[-1] if record.recent else None
    reversal = newest is not None and newest.before is position and newest.after is record.position
    transition = Transition(began, record.position, position, reversal)
    transitions = record.transitions + 1
    recent = (*record.recent, transition)[-fight.KEPT :]
    memory = _without_draws(memory)._replace(
        servers=tuple(
            _follow(evidence, transitions)
            if evidence is not None and evidence.position is position and evidence.luck < 0.0
            else evidence
            for evidence in memory.servers
        ),
        fighting=memory.fighting or fight.is_fight(fight.chain(recent)),
    )
    record = record._replace(
        position=position,
        transitions=transitions,
        reversals=record.reversals + reversal,
        recent=recent,
    )
    return record, memory, transition


def _is_first_position(record: RecordStatus, voters: _Voters, position: Position, context: Context) -> bool:
    """Tell whether `position` may be the first one: every server was heard or failed, more than half of those heard say
    so, and enough of them twice. So no two positions can both be first, whatever the order of the answers.
    """
    if any(server.at is None and server.failures == 0 for server in record.servers):
        return False
    agreeing = [evidence for _, evidence in voters if evidence.position is position]
    return (
        2 * len(agreeing) > len(voters) and sum(evidence.run >= AGREEING_RUN for evidence in agreeing) >= context.quorum
    )


def _is_settled(
    record: RecordStatus,
    voters: _Voters,
    changed: Instant | None,
    at: Instant,
) -> bool:
    if record.position is None or changed is None or not voters or at.monotonic - changed.monotonic < SETTLE:
        return False
    return all(
        evidence.position is record.position and server.at is not None and server.at.monotonic >= changed.monotonic
        for server, evidence in voters
    )


def _is_quiet(record: RecordStatus, memory: Memory, voters: _Voters, at: Instant) -> bool:
    """Tell whether a fight is over. Weights that took its place change answers for ever: there transitions count."""
    newest = record.recent[-1].at if record.recent else None
    sign = newest if memory.drawn or memory.changed is None else memory.changed
    if sign is None:
        return True
    heard = max(server.at.monotonic for server, _ in voters if server.at is not None)
    return min(heard, at.monotonic) - sign.monotonic > fight.quiet_time(fight.chain(record.recent))


def _state(
    record: RecordStatus,
    memory: Memory,
    voters: _Voters,
    at: Instant,
    context: Context,
) -> RecordState:
    if not voters:
        return RecordState.UNKNOWN
    if memory.fighting:
        return RecordState.FLAPPING
    if memory.drawn:
        several = memory.draw_servers.bit_count() >= context.quorum
        return RecordState.WEIGHTED if several else RecordState.DIVIDED
    if record.disturbed is not None:
        standing = _is_standing(record, memory, voters, at, context)
        return RecordState.DIVIDED if standing else RecordState.PROPAGATING
    return RecordState.UNKNOWN if record.position is None else _STATE[record.position]


def _is_standing(
    record: RecordStatus,
    memory: Memory,
    voters: _Voters,
    at: Instant,
    context: Context,
) -> bool:
    """Tell whether servers stand against each other: past the grace time, and nothing has changed for `SETTLE` seconds."""
    if record.disturbed is None or (memory.changed is not None and at.monotonic - memory.changed.monotonic < SETTLE):
        return False
    began = max((record.disturbed, *(transition.at for transition in record.recent[-1:])), key=_monotonic)
    late = began.monotonic + context.probing.grace
    said = {evidence.position for server, evidence in voters if server.at is not None and server.at.monotonic > late}
    return len(said) > 1 or (record.position is not None and bool(said - {record.position}))


def _monotonic(at: Instant) -> float:
    return at.monotonic
