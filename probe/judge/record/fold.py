"""The record judge: folds one answer of one authoritative server into the verdict on one record.

The theory. What a server answers has three possible sources: a record that stands, a record that is being rewritten
(each machine behind each server changes once, all within the grace time), and weights (each answer is an independent
draw). They are told apart by what a server says against itself:

- An answer repeated within a second comes from the same record unless machines differ, and those differ only while a
  change travels. A server that takes its answer back within a second is *incoherent*; incoherence that goes on for
  longer than the grace time, at two servers, is weights. At one server only it is one of its machines
  (`probe.judge.record.weighted`).
- A run of equal answers is believed when it can be no luck under draws (`probe.judge.record.likelihood` has the
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

from typing import NamedTuple

from probe.judge.answer.address_book import AddressBook
from probe.judge.answer.alias import is_alias
from probe.judge.answer.classify import classify, is_shadow
from probe.judge.answer.held import is_held, is_read_again
from probe.judge.context import Context
from probe.judge.record import changepoint as levels
from probe.judge.record import episode as episodes
from probe.judge.record.fetched import alternates, held_until, is_quiet, note
from probe.judge.record.rules import CONFIRMED_STATES, decide, is_settled
from probe.judge.record.state import RecordMemory, Remembered, ServerMemory, align, counts, has_a_say, voters
from probe.judge.record.transition import confirm, confirm_first, grow
from probe.judge.record.unknown_target import believed, deny, doubt, is_believed, is_on_beat
from probe.judge.record.weighted import COHERENCE, count_incoherence, end_tally, follow_pool, note_astray, tally
from probe.model.clock import Instant
from probe.model.observation import Observation
from probe.model.outcome import FailureReason, Response
from probe.model.record import POSITIONS, Position, RecordStatus, ServerStatus, Transition
from probe.model.server import Server
from probe.model.side import AnswerClass
from probe.model.spell import with_spell

_made = tuple.__new__
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
    """

    record: RecordStatus
    memory: RecordMemory
    transition: Transition | None = None
    surprised: bool = False
    doubted: bool = False
    noteworthy: bool = False


class _Heard(NamedTuple):
    """One answer that is evidence: whose (and what was known of that server before), where it leads, when."""

    number: int
    before: ServerStatus
    position: Position
    at: Instant


def fold(record: RecordStatus, memory: RecordMemory, observation: Observation, context: Context) -> Folded:
    """Fold one observation of an authoritative server into the record it is about.

    An observation of a server that is not among the context's is nobody's: the record comes back as it was.
    """
    folded = _fold(record, memory, observation, context)
    if folded.memory.elsewhere is memory.elsewhere and memory.elsewhere.supposed is None:
        return folded
    return _suppose(Remembered(record, memory), folded, observation, context)


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
        return supposed._replace(memory=memory, noteworthy=True)
    surprised = folded.surprised or supposed.surprised
    return folded._replace(
        memory=folded.memory._replace(elsewhere=known._replace(supposed=both)),
        surprised=surprised,
        noteworthy=folded.noteworthy or surprised,
    )


def _fold(  # noqa: C901  # nearly every observation comes through here: calls would cost more than they clear up
    record: RecordStatus, memory: RecordMemory, observation: Observation, context: Context, *, believing: bool = False
) -> Folded:
    """Fold an observation; `believing`, an answer that leads to neither side is taken for what it says."""
    index = _index_of(observation.server, context.servers)
    if index is None:
        return Folded(record, memory)
    if len(record.servers) != len(context.servers) or record.servers[index].server is not context.servers[index]:
        record, memory = align(record, memory, context)
    context = context.through(record.cache)
    before, own, outcome, book = record.servers[index], memory.servers[index], observation.outcome, context.book
    held = isinstance(outcome, Response) and is_held(before.server, outcome)
    known = before.response is outcome and own.version == book.version
    if known and before.answer_class is not None:
        answer_class, failure = before.answer_class, None
    else:
        answer_class, failure = classify(outcome, observation.question, before.server.role, book, held=held)
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
    calm = (
        record.disturbed is None
        and record.position is position
        and record.state is CONFIRMED_STATES[position]
        and not memory.fighting
        and not memory.drawn
    )
    same = before.answer_class is answer_class
    if calm and (same or before.position is position) and own.segment == record.transitions:  # nearly every observation
        if own.version != book.version:
            memory = _with_server(memory, index, own._replace(version=book.version))
        said = before.repeated(answer_class, observation.at, outcome)
        servers = (*record.servers[:index], said, *record.servers[index + 1 :])
        calmed = record.repeated(servers, answers, alias)
        # As in the model: a tuple in the order of the fields, which takes half as long as their own constructor.
        return _made(Folded, (calmed, memory, None, False, False, before.failures > 0 or not same))
    memory = _with_server(memory, index, grow(before, own, position, record, book.version))
    since = before.since if before.position is position else observation.at
    past = (
        before.past
        if since is before.since or memory.drawn
        else with_spell(before.past, before.answer_class, before.since)
    )
    run = before.run + 1 if before.position is position else 1
    server = ServerStatus(before.server, answer_class, observation.at, since, outcome, run=run, past=past)
    record = record._replace(
        existed=_existed(record, before, position, observation, book),
        servers=(*record.servers[:index], server, *record.servers[index + 1 :]),
        answers=answers,
        alias=alias,
    )
    return _fold_evidence(record, memory, _Heard(index, before, position, observation.at), context)


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
    having_a_say = voters(record, at, context)
    if record.disturbed is not None and is_settled(record, memory, having_a_say, at, context):
        record = record._replace(disturbed=None)
        memory = memory._replace(draws_here=0)
        if not memory.drawn:
            memory = end_tally(memory, at.monotonic)
    if memory.fighting and having_a_say and is_quiet(record) and episodes.is_over(record, memory, having_a_say):
        memory = episodes.end(record, memory, at)
    verdict = decide(record, memory, having_a_say, at, context)
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
    return Folded(record, memory, noteworthy=record.state is not state or server.failures == 0)


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
    before, position, at = heard.before, heard.position, heard.at
    was = (record.state, record.position, record.disturbed is None, memory.episode.controllers)
    explained = memory.drawn
    having_a_say = voters(record, at, context)
    if memory.fighting and len(having_a_say) == 1 and not has_a_say(before, at, context):
        memory = memory._replace(changed=at)  # the first to be heard after a while: that while was not quiet
    took_another = before.position not in (None, position)
    begins = record.disturbed is None and (
        took_another or any(other.position is not position for other in having_a_say)
    )
    if begins:
        record = record._replace(disturbed=at)
    if begins or took_another:
        memory = memory._replace(changed=at)
    through_cache = context.cache is not None
    if through_cache and context.declared and took_another and not memory.drawn:
        everyone = (1 << len(record.servers)) - 1
        memory = memory._replace(drawn=True, draw_servers=everyone, pool=counts(record, memory))
    if took_another and not through_cache and _is_at_once(before, at):
        memory = count_incoherence(record, memory, heard.number, at.monotonic, context)
    jumps = memory.level.jumps
    calm_level = not levels.is_excited(memory.level)
    if (record.disturbed is not None or memory.drawn) and not through_cache:
        memory = tally(record, memory, heard.number, position, at.monotonic, context)
    if memory.drawn:
        memory = follow_pool(memory, position, record.position)
        memory = note_astray(memory, position, record.servers[heard.number].response, at.monotonic)
    record, memory, transition = confirm(record, memory, position, at, context)
    if through_cache and took_another and not memory.drawn:
        memory = memory._replace(fighting=memory.fighting or alternates(record.servers[heard.number], memory, context))
    moved = transition is not None or memory.level.jumps is not jumps or memory.episode.began is None
    if memory.fighting and (moved or episodes.is_open_question(memory, context)):
        memory = episodes.follow(record, memory, at, context)
    record, memory = judge(record, memory, at, context)
    odd = (begins and not explained) or (calm_level and levels.is_excited(memory.level))
    changed = was != (record.state, record.position, record.disturbed is None, memory.episode.controllers)
    surprised = odd and not through_cache  # a resolver that is asked again reads the same answer out
    return Folded(record, memory, transition, surprised, noteworthy=odd or changed or before.failures > 0)


def _is_at_once(before: ServerStatus, at: Instant) -> bool:
    return before.at is not None and at.monotonic - before.at.monotonic <= COHERENCE
