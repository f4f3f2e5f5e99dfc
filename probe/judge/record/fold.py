"""The record judge: folds one answer of one authoritative server into the verdict on one record.

The theory. What a server answers has three possible sources: a record that stands, a record that is being rewritten
(each machine behind each server changes once, all within the grace time), and weights (each answer is an independent
draw). They are told apart by what a server says against itself:

- An answer repeated within a second comes from the same record unless machines differ, and those differ only while a
  change travels. A server that takes its answer back within a second is *incoherent*, unless it follows the newest
  transition by that; incoherence that goes on for longer than the grace time, at two servers, is weights. At one server
  only it is one of its machines (`probe.judge.record.weighted`).
- A run of equal answers is believed when draws cannot explain it (`probe.judge.record.likelihood` has the
  arithmetic), and when enough servers (two, or all there are) show it with at least two answers each. Then it is a
  *transition* (`probe.judge.record.transition`).
- Transitions that return, again and again, are flapping (`probe.judge.record.flapping`), from the first of them until
  it was quiet for long enough (`probe.judge.record.episode`); so
  are answers that go on moving together (`probe.judge.record.correlation`), and shares that jump to and fro
  (`probe.judge.record.changepoint`).

Where resolvers answer out of their caches, an answer counts when it was fetched (`probe.judge.record.fetched`), and
what takes answers within seconds (incoherence, correlation, levels) is left aside.

The memory. Each server has a segment: its answers since it followed the newest transition, counted by position; its run
of newest equal answers is public. All is O(1) in time and space, and the calm path leaves the memory as it is.

The verdict is a table of its own, `probe.judge.record.rules`.
"""

from typing import NamedTuple, assert_never

from probe.judge.answer.address_book import AddressBook
from probe.judge.answer.alias import is_alias
from probe.judge.answer.classify import classify, is_shadow
from probe.judge.answer.held import is_held, is_read_again
from probe.judge.context import Context
from probe.judge.record import changepoint as levels
from probe.judge.record import episode as episodes
from probe.judge.record.fetched import alternates, held_until, is_quiet, note
from probe.judge.record.rules import CONFIRMED_STATES, decide, is_settled
from probe.judge.record.state import (
    Pool,
    RecordMemory,
    Remembered,
    ServerMemory,
    align,
    counts,
    has_a_say,
    voters,
    without_draws,
)
from probe.judge.record.stuck_machine import follow as follow_machine
from probe.judge.record.stuck_machine import is_to_be_asked, wavering
from probe.judge.record.transition import confirm, confirm_first, grow
from probe.judge.record.unknown_target import believed, deny, doubt, is_believed, is_on_beat
from probe.judge.record.weighted import (
    COHERENCE,
    count_incoherence,
    end_tally,
    explained_by_change,
    follow_pool,
    note_astray,
    stay_apart,
    tally,
)
from probe.model.clock import Instant
from probe.model.observation import Observation
from probe.model.outcome import FailureReason, Response
from probe.model.record import POSITIONS, Position, RecordState, RecordStatus, ServerStatus, Transition
from probe.model.server import Server
from probe.model.side import AnswerClass
from probe.model.spell import with_spell

_made = tuple.__new__


def _standing(answer_class: AnswerClass) -> RecordState | None:
    match answer_class:
        case AnswerClass.V1:
            return RecordState.V1
        case AnswerClass.V2:
            return RecordState.V2
        case AnswerClass.NODATA | AnswerClass.NXDOMAIN:
            return RecordState.ABSENT
        case AnswerClass.MIXED | AnswerClass.FOREIGN | AnswerClass.FAILED:
            return None
        case _:
            assert_never(answer_class)


_STANDING = {answer_class: _standing(answer_class) for answer_class in AnswerClass}
"""The state of a record that stands where such answers lead; None where more has to be looked at."""

_CLASS_INDEX = {answer_class: index for index, answer_class in enumerate(AnswerClass)}


class Folded(NamedTuple):
    """What came of one observation.

    Attributes:
        record: The new status.
        memory: What is remembered beside it.
        transition: What it confirmed, if it did.
        surprised: The answer was not the expected one: ask again.
        doubted: A foreign answer waits for the load balancers' names to be looked up again.
        noteworthy: Something that people are told of may have changed; False on the calm path.
        departed: The server's status before, if it has just gone from one place to another.
    """

    record: RecordStatus
    memory: RecordMemory
    transition: Transition | None = None
    surprised: bool = False
    doubted: bool = False
    noteworthy: bool = False
    departed: ServerStatus | None = None


class _Heard(NamedTuple):
    """One answer that is evidence: whose, what was known of that server before, where it leads, and when."""

    number: int
    before: ServerStatus
    grown: ServerMemory
    position: Position
    at: Instant


def fold(record: RecordStatus, memory: RecordMemory, observation: Observation, context: Context) -> Folded:
    """Fold one observation of an authoritative server into the record it is about.

    An observation of a server that is not among the context's is ignored: the record comes back as it was.
    """
    repeated = repeat(record, memory, observation, context.servers, context.book)
    if repeated is not None:  # nearly every observation
        return _made(Folded, (repeated, memory, None, False, False, False, None))
    folded = _fold(record, memory, observation, context)
    if folded.memory.elsewhere is memory.elsewhere and memory.elsewhere.supposed is None:
        return folded
    return _suppose(Remembered(record, memory), folded, observation, context)


def repeat(
    record: RecordStatus,
    memory: RecordMemory,
    observation: Observation,
    servers: tuple[Server, ...],
    book: AddressBook,
) -> RecordStatus | None:
    """Fold what its server said before, of a record that stands there; None if there is more to it.

    The very response, or another form of it: by another machine of the server, or in another order, as Route 53's come
    nearly every time. What comes of it is what `_fold` gives, and nothing of it is noteworthy; all that it would look
    at again is known to be as it was.
    """
    number, known = _index_of(observation.server, servers), record.servers
    if number is None or len(known) != len(servers):
        return None
    before, own, response = known[number], memory.servers[number], observation.outcome
    answer_class = before.answer_class
    if (
        not isinstance(response, Response)
        or before.response is None
        or not (before.response is response or response.says_the_same(before.response))
        or answer_class is None
        or before.failures
        or record.state is not _STANDING[answer_class]
        or own.version != book.version
        or own.segment != record.transitions
        or before.server is not servers[number]
        or record.disturbed is not None
        or record.cache is not None
        or memory.fighting
        or memory.drawn
        or memory.contested
        or memory.elsewhere.last is not None
    ):
        return None
    said = before.repeated(answer_class, observation.at, response)
    counted = _CLASS_INDEX[answer_class]
    answers = (*record.answers[:counted], record.answers[counted] + 1, *record.answers[counted + 1 :])
    alias = record.alias if before.response is response else is_alias(response, observation.question, book)
    return record.repeated((*known[:number], said, *known[number + 1 :]), answers, alias)


def _suppose(before: Remembered, folded: Folded, observation: Observation, context: Context) -> Folded:
    """Fold the observation into the record as it is if answers of neither side are believed, and see whether they are.

    Args:
        before: The record before the observation.
        folded: What came of it if they are not.
        observation: The observation.
        context: The surroundings.
    """
    known = folded.memory.elsewhere
    if known.last is None or known.values:
        return folded
    supposed = _fold(*(before.memory.elsewhere.supposed or before), observation, context, believing=True)
    both = Remembered(supposed.record, supposed.memory)
    moved = supposed.transition is not None
    if is_believed(known, context) or (moved and is_on_beat(both, known, context)):
        memory = supposed.memory._replace(elsewhere=believed(known))
        departed = _departed(before.record, supposed.record)
        return supposed._replace(memory=memory, noteworthy=True, departed=departed)
    surprised = folded.surprised or supposed.surprised
    return folded._replace(
        memory=folded.memory._replace(elsewhere=known._replace(supposed=both)),
        surprised=surprised,
        noteworthy=folded.noteworthy or surprised,
    )


def _departed(before: RecordStatus, after: RecordStatus) -> ServerStatus | None:
    """Give what a server said before that is at another place now, and was somewhere before."""
    pairs = zip(before.servers, after.servers, strict=False)
    return next((old for old, new in pairs if old.position not in {None, new.position}), None)


def _fold(  # noqa: C901  # nearly every observation comes through here: calls would cost more than they clear up
    record: RecordStatus, memory: RecordMemory, observation: Observation, context: Context, *, believing: bool = False
) -> Folded:
    """Fold an observation; `believing`, an answer that leads to neither side is taken for what it says."""
    index = _index_of(observation.server, context.servers)
    if index is None:
        return Folded(record, memory)
    if len(record.servers) != len(context.servers) or record.servers[index].server is not context.servers[index]:
        record, memory = align(record, memory, context)
    before, own, outcome, book = record.servers[index], memory.servers[index], observation.outcome, context.book
    if record.cache is not None or context.cache is not None:
        context = context.through(record.cache)
    known = before.response is outcome and own.version == book.version
    answer_class, failure, held = before.answer_class, None, False
    if not known or answer_class is None or record.cache is not None:
        held = isinstance(outcome, Response) and is_held(before.server, outcome)
        answer_class, failure = _classified(Remembered(record, memory), index, observation, context, held=held)
    class_index = _CLASS_INDEX[answer_class]
    answers = (*record.answers[:class_index], record.answers[class_index] + 1, *record.answers[class_index + 1 :])
    position = POSITIONS[answer_class]
    if position is None or not isinstance(outcome, Response):
        return _fold_no_evidence(record._replace(answers=answers), memory, (index, failure), observation, context)
    if held or record.cache is not None:
        noted = note(record, memory, index, position, observation)
        if noted is None:
            return _fold_read_again(record, memory, index, observation, context)
        record, memory = noted
        context = context.through(record.cache)
    if position is Position.FOREIGN and not believing:
        memory, ask = doubt(memory, outcome, observation.at, context)
        if not is_believed(memory.elsewhere, context):
            return Folded(record._replace(answers=answers), memory, doubted=ask, noteworthy=ask)
    elif (memory.elsewhere.last is not None and not believing) or memory.contested:
        memory = deny(memory, index, observation.at.monotonic, context)
    alias = record.alias if known else is_alias(outcome, observation.question, book)
    stays = known or before.position is position
    said = (
        before.repeated(answer_class, observation.at, outcome)
        if stays
        else _gone_over(before, answer_class, observation.at, outcome, drawn=memory.drawn)
    )
    after = record.repeated((*record.servers[:index], said, *record.servers[index + 1 :]), answers, alias)
    if stays and own.segment == record.transitions and _is_calm(record, memory, position):  # like the one before
        if own.version != book.version:
            memory = _with_server(memory, index, own._replace(version=book.version))
        noteworthy = before.failures > 0 or before.answer_class is not answer_class
        return _made(Folded, (after, memory, None, False, False, noteworthy, None))
    grown = grow(before, own, position, record, book.version)
    existed = _existed(record, before, position, observation, book)
    record = after._replace(existed=existed) if existed is not record.existed else after
    return _fold_evidence(record, memory, _Heard(index, before, grown, position, observation.at), context)


def _is_calm(record: RecordStatus, memory: RecordMemory, position: Position) -> bool:
    """Tell whether a record stands at a position, and nothing but that is to be said of it."""
    return (
        record.disturbed is None
        and record.position is position
        and record.state is CONFIRMED_STATES[position]
        and not memory.fighting
        and not memory.drawn
    )


def _gone_over(
    before: ServerStatus, answer_class: AnswerClass, at: Instant, response: Response, *, drawn: bool
) -> ServerStatus:
    """Give a server's status after an answer that leads to another place than the one before. Draws are no past."""
    past = before.past if drawn else with_spell(before.past, before.answer_class, before.since)
    return ServerStatus(before.server, answer_class, at, at, response, run=1, past=past)


def _classified(
    known: Remembered, number: int, observation: Observation, context: Context, *, held: bool
) -> tuple[AnswerClass, FailureReason | None]:
    """Tell what an answer says; servers of a zone answer alike, so that another one's newest answer may be this one."""
    (record, memory), outcome, version = known, observation.outcome, context.book.version
    if record.cache is None and not held and isinstance(outcome, Response):
        for server, own in zip(record.servers, memory.servers, strict=True):
            said = server.response
            if said is None or own.version != version or server.answer_class is None:
                continue
            if said is outcome or outcome.says_the_same(said):
                return server.answer_class, None
    return classify(outcome, observation.question, record.servers[number].server.role, context.book, held=held)


def _existed(
    record: RecordStatus, before: ServerStatus, position: Position, observation: Observation, book: AddressBook
) -> bool:
    """Tell whether the record has existed: of a type that only a CNAME stood in for, nothing has."""
    question = observation.question
    if position is not Position.ABSENT:
        return record.existed or not is_shadow(observation.outcome, question, book)
    gone = before.response
    return record.existed and not (gone is not None and is_shadow(gone, question, book))


def judge(record: RecordStatus, memory: RecordMemory, at: Instant, context: Context) -> Remembered:
    """Bring the verdict up to `at` without new evidence: settle, end a fight, let evidence grow old."""
    context = context.through(record.cache)
    if record.disturbed is not None and is_settled(record, memory, at, context):
        if not memory.drawn:
            memory = explained_by_change(record, memory)
        record = record._replace(disturbed=None)
        memory = memory._replace(draws_here=0)
        if not memory.drawn:
            memory = end_tally(memory, at.monotonic)
    if memory.fighting and is_quiet(record) and episodes.is_over(record, memory, at, context):
        memory = episodes.end(record, memory, at)
    verdict = decide(record, memory, at, context)
    if verdict is not record.state or record.since is None:
        record = record._replace(state=verdict, since=at)
    return Remembered(record, memory)


def _with_server(memory: RecordMemory, index: int, own: ServerMemory) -> RecordMemory:
    return memory._replace(servers=(*memory.servers[:index], own, *memory.servers[index + 1 :]))


def _index_of(asked: Server, servers: tuple[Server, ...]) -> int | None:
    for index, server in enumerate(servers):
        if server is asked:
            return index
    return servers.index(asked) if asked in servers else None


def _fold_no_evidence(
    record: RecordStatus,
    memory: RecordMemory,
    of: tuple[int, FailureReason | None],
    observation: Observation,
    context: Context,
) -> Folded:
    """An answer that tells no side moves nothing and is no silence; it is remembered, because it may end a verdict."""
    index, failure = of
    if failure is not FailureReason.CONTESTED or not isinstance(observation.outcome, Response):
        return _fold_silence(record, memory, of, observation.at, context)
    if memory.contested >> index & 1:
        return Folded(record, memory)
    noted = memory._replace(contested=memory.contested | 1 << index)
    judged = judge(record, noted, observation.at, context)
    return Folded(judged.record, judged.memory, noteworthy=True)


def _fold_silence(
    record: RecordStatus, memory: RecordMemory, of: tuple[int, FailureReason | None], at: Instant, context: Context
) -> Folded:
    """Silence of the server at some place, for some reason, moves nothing.

    It may complete the first look (every server was heard or failed), and it lets evidence grow old.
    """
    index, failure = of
    server, state = record.servers[index], record.state
    failed = server._replace(failures=server.failures + 1, failure=failure)
    record = record._replace(servers=(*record.servers[:index], failed, *record.servers[index + 1 :]))
    if record.position is None:
        record = confirm_first(record, at, context)
    record, memory = judge(record, memory, at, context)
    # The first silence is told of: it changes how many servers are said to agree, or why nothing is known.
    told = server.failures == 0 and not record.state.is_varying
    return Folded(record, memory, noteworthy=told or record.state is not state)


def _fold_read_again(
    record: RecordStatus, memory: RecordMemory, index: int, observation: Observation, context: Context
) -> Folded:
    """A resolver gives once more what it holds: it lives, and that answer stands; an older one says nothing new."""
    server, state, outcome = record.servers[index], record.state, observation.outcome
    heard = server._replace(failures=0, failure=None)
    until = held_until(server, observation.question)
    if until is not None and isinstance(outcome, Response):
        same = is_read_again(until, outcome, observation.question, observation.at)
        heard = heard._replace(at=observation.at, response=outcome) if same else heard
    record = record._replace(servers=(*record.servers[:index], heard, *record.servers[index + 1 :]))
    record, memory = judge(record, memory, observation.at, context)
    return Folded(record, memory, noteworthy=record.state is not state or server.failures > 0)


def _fold_evidence(record: RecordStatus, memory: RecordMemory, heard: _Heard, context: Context) -> Folded:
    """The slow path: the answer, the state or the memory is not what a calm record's would be."""
    number, before, _, position, at = heard
    was = (record.state, record.position, memory.episode.controllers, memory.episode.likely)
    undisturbed = record.disturbed is None
    explained, took_another = memory.drawn, before.position not in {None, position}
    begins = undisturbed and (
        took_another
        or record.position not in {None, position}  # also where all others say so: a zone's other servers
        or any(other.position is not position for other in voters(record, at, context))
    )
    if begins:
        record = record._replace(disturbed=at)
    follows = heard.grown.segment != memory.servers[number].segment  # the newest transition: it takes back nothing
    memory = _noted(record, memory, heard, context, changes=begins or took_another)
    through_cache = context.cache is not None
    if through_cache and context.declared and (took_another or begins) and not memory.drawn:
        everyone = (1 << len(record.servers)) - 1
        memory = memory._replace(drawn=True, draw_servers=everyone, pool=Pool(counts(record, memory)))
    if took_another and not follows and not through_cache and _is_at_once(before, at):
        memory = count_incoherence(record, memory, number, at.monotonic, context)
    level = memory.level
    counting = record.disturbed is not None or memory.drawn or (memory.fighting and bool(memory.level.jumps))
    if counting and not through_cache:
        memory = tally(record, memory, number, position, at.monotonic, context)
    if memory.drawn:
        memory = _followed(record, memory, number, position)
        memory = note_astray(memory, position, record.servers[number].response, at.monotonic)
    if memory.drawn and through_cache and stay_apart(record):
        memory = without_draws(memory)
    record, memory, transition = confirm(record, memory, position, at, context)
    if through_cache and took_another and not memory.drawn:
        memory = memory._replace(fighting=memory.fighting or alternates(record.servers[number], memory, context))
    moved = transition is not None or memory.level.jumps is not level.jumps or memory.episode.began is None
    if memory.fighting and (moved or episodes.is_open_question(memory, context)):
        memory = episodes.follow(record, memory, at, context)
    record, memory = judge(record, memory, at, context)
    odd = (begins and not explained) or levels.becomes_excited(level, memory.level)
    odd = odd or (explained and is_to_be_asked(record, memory, before, at.monotonic))
    surprised = odd and not through_cache  # a resolver that is asked again reads the same answer out
    told = (record.state, record.position, memory.episode.controllers, memory.episode.likely)
    noteworthy = was != told or _is_told(
        record, memory, settled=record.disturbed is None and not undisturbed, odd=odd or begins or before.failures > 0
    )
    return _made(Folded, (record, memory, transition, surprised, False, noteworthy, before if took_another else None))


def _followed(record: RecordStatus, memory: RecordMemory, number: int, position: Position) -> RecordMemory:
    """Follow the answers while they are drawn: of all servers, or of the one behind which a machine is stuck."""
    stuck = wavering(record, memory)
    if stuck is None:
        return follow_pool(memory, position, record.position)
    return follow_machine(memory, position) if number == stuck else memory


def _noted(
    record: RecordStatus, memory: RecordMemory, heard: _Heard, context: Context, *, changes: bool
) -> RecordMemory:
    """Remember what the answer's server said until now, and when some server last changed its answer."""
    number, before, grown, _, at = heard
    own, changed = memory.servers, at if changes else memory.changed
    if memory.fighting and not has_a_say(before, at, context) and len(voters(record, at, context)) == 1:
        changed = at  # the first to be heard after a while: that while was not quiet
    if own[number] is not grown:
        own = (*own[:number], grown, *own[number + 1 :])
    if own is memory.servers and changed is memory.changed:
        return memory
    return memory.with_answer(own, changed, memory.bin, memory.pool)


def _is_told(record: RecordStatus, memory: RecordMemory, *, settled: bool, odd: bool) -> bool:
    """Tell whether people are told of an answer that changed no verdict.

    Of a record that flaps nothing is said that one answer changes, but that a change has arrived everywhere; and of one
    that is drawn not even that: it settles and is disturbed again for ever. What follows from the answers in the long
    run (shares, findings) is seen when time is let pass, every few seconds.
    """
    return not memory.drawn and (settled or (odd and not record.state.is_varying))


def _is_at_once(before: ServerStatus, at: Instant) -> bool:
    return before.at is not None and at.monotonic - before.at.monotonic <= COHERENCE
