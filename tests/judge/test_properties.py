"""What holds of the fold whatever the answers are."""

from collections.abc import Sequence
from typing import NamedTuple
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from probe.judge.answer.classify import classify
from probe.judge.record import fold as records
from probe.judge.review import expire, initial, repeat, review
from probe.judge.state import DomainState
from probe.model.effect import Effect, TransitionConfirmed
from probe.model.external_dns import TxtRegistry
from probe.model.name import canonical
from probe.model.observation import Observation
from probe.model.outcome import FailureReason, NoResponse, Response, RRset
from probe.model.question import ADDRESS_TYPES, Question, RecordType
from probe.model.record import Position, RecordState
from probe.model.server import ServerRole
from tests.judge.answers import ADDRESSES, NAME, SERVERS, ZONE, at_position, context, instant, plan

CONTEXT = context()
DOMAIN = plan().domains[0]
RESPONSES = {(position, rdtype): at_position(position, rdtype) for position in Position for rdtype in ADDRESS_TYPES}
SETTINGS = settings(max_examples=30, deadline=None)

positions = st.sampled_from(Position)
numbers = st.integers(0, 3)
pauses = st.floats(0, 100)
silences = st.sampled_from(FailureReason).map(NoResponse)


class Form(NamedTuple):
    """What stands there, as this machine says it; None says the very response."""

    machine: str | None


again = st.one_of(st.sampled_from((None, "m1", "m2")).map(Form), positions, silences)


def begin() -> DomainState:
    return initial(DOMAIN, (TxtRegistry(),), ZONE)


def fold(observations: Sequence[Observation], state: DomainState | None = None) -> tuple[DomainState, list[Effect]]:
    state = state or begin()
    effects: list[Effect] = []
    for observation in observations:
        state, told = review(state, observation, CONTEXT)
        effects += told
    return state, effects


@st.composite
def timelines(draw: st.DrawFn, *, silent: bool = True) -> list[Observation]:
    outcomes = st.one_of(positions, silences) if silent else positions
    at = 0.0
    observations = []
    for _ in range(draw(st.integers(0, 30))):
        at += draw(pauses)
        rdtype = draw(st.sampled_from(ADDRESS_TYPES))
        drawn = draw(outcomes)
        outcome = RESPONSES[drawn, rdtype] if isinstance(drawn, Position) else drawn
        observations.append(Observation(Question(NAME, rdtype), SERVERS[draw(numbers)], outcome, instant(at), 0.01))
    return observations


@SETTINGS
@given(timelines(), st.lists(st.tuples(numbers, silences, pauses), max_size=60))
def test_silence_never_makes_a_transition(
    before: list[Observation], quiet: list[tuple[int, NoResponse, float]]
) -> None:
    state, _ = fold(before)
    at = before[-1].at.monotonic if before else 0.0
    positions_before = [record.position for record in state.status.records]
    for number, silence, pause in quiet:
        at += pause
        for rdtype in ADDRESS_TYPES:
            observation = Observation(Question(NAME, rdtype), SERVERS[number], silence, instant(at), 2.0)
            state, effects = review(state, observation, CONTEXT)
            assert not [effect for effect in effects if isinstance(effect, TransitionConfirmed)]
    for record, position in zip(state.status.records, positions_before, strict=True):
        assert record.position in (position, *Position) if position is None else record.position is position


@SETTINGS
@given(positions, st.lists(st.tuples(numbers, pauses), min_size=1, max_size=120))
def test_a_constant_answer_never_flips(position: Position, turns: list[tuple[int, float]]) -> None:
    at = 0.0
    observations = []
    for number, pause in turns:
        at += pause
        observations.append(
            Observation(
                Question(NAME, RecordType.A), SERVERS[number], RESPONSES[position, RecordType.A], instant(at), 0.01
            )
        )
    state, _ = fold(observations)
    assert state.status.records[0].transitions == 0
    assert state.status.records[0].disturbed is None
    assert state.status.records[0].state not in {RecordState.FLAPPING, RecordState.PROPAGATING, RecordState.WEIGHTED}


@SETTINGS
@given(
    positions.filter(lambda position: position not in {Position.FOREIGN, Position.MIXED}),
    st.lists(st.tuples(numbers, st.sampled_from(ADDRESS_TYPES), again, st.floats(0, 20)), min_size=1, max_size=40),
)
def test_an_answer_that_says_the_same_again_is_folded_as_one_that_is_looked_at_anew(
    stands: Position, turns: list[tuple[int, RecordType, Form | Position | NoResponse, float]]
) -> None:
    def heard(number: int, rdtype: RecordType, said: Form | Position | NoResponse, at: float) -> Observation:
        outcome: Response | NoResponse
        if isinstance(said, Form):
            outcome = RESPONSES[stands, rdtype]
            outcome = outcome if said.machine is None else outcome.in_form(said.machine, said.machine.encode())
        elif isinstance(said, NoResponse):
            outcome = said
        else:
            outcome = RESPONSES[said, rdtype]
        return Observation(Question(NAME, rdtype), SERVERS[number], outcome, instant(at), 0.01)

    everywhere = [(number, rdtype) for number in range(4) for rdtype in ADDRESS_TYPES]
    state, _ = fold([heard(*one, stands, 20.0 * turn) for turn in range(3) for one in everywhere])
    at, calm = 60.0, True
    for number, rdtype, said, pause in turns:
        at += pause
        observation = heard(number, rdtype, said, at)
        repeated = repeat(state, observation, CONTEXT.servers, CONTEXT.book)
        calm = calm and isinstance(said, Form)
        assert repeated is not None or not calm
        with patch.object(records, "repeat", lambda *_: None):
            anew, effects = review(state, observation, CONTEXT)
        if repeated is not None:
            assert repeated == anew
            assert effects == ()
        state = anew


@SETTINGS
@given(timelines(), st.data())
def test_splitting_a_journal_anywhere_and_resuming_gives_the_same(
    observations: list[Observation], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(observations)))
    first, effects = fold(observations[:cut])
    resumed, more = fold(observations[cut:], first)
    whole, all_effects = fold(observations)
    assert resumed == whole
    assert effects + more == all_effects


@SETTINGS
@given(
    positions,
    st.integers(2, 30),
    st.lists(positions, min_size=4, max_size=4),
    st.lists(st.permutations(range(4)), min_size=4, max_size=4),
)
def test_simultaneous_answers_commute(
    first: Position, calm: int, said: list[Position], orders: list[Sequence[int]]
) -> None:
    def together(at: float, words: Sequence[Position], order: Sequence[int]) -> list[Observation]:
        return [
            Observation(
                Question(NAME, RecordType.A), SERVERS[number], RESPONSES[words[number], RecordType.A], instant(at), 0.01
            )
            for number in order
        ]

    before, _ = fold([item for turn in range(calm) for item in together(turn * 28.0, [first] * 4, range(4))])
    ends = [
        fold([item for repeat, order in enumerate(two) for item in together(1000.0 + repeat, said, order)], before)[0]
        for two in (orders[:2], orders[2:])
    ]
    one, other = (expire(end, instant(1001.0), CONTEXT)[0].status for end in ends)
    for left, right in zip(one.records, other.records, strict=True):
        assert (left.state, left.position, left.transitions, left.recent) == (
            right.state,
            right.position,
            right.transitions,
            right.recent,
        )
    assert (one.state, one.sentence, one.findings) == (other.state, other.sentence, other.findings)


@SETTINGS
@given(
    st.sampled_from([position for position in Position if position is not Position.ABSENT]),
    st.integers(0, 86_400),
    st.randoms(use_true_random=False),
)
def test_order_case_and_ttl_of_an_rrset_do_not_matter(position: Position, ttl: int, random: object) -> None:
    rdata = list(ADDRESSES[position, RecordType.A])
    random.shuffle(rdata)  # type: ignore[attr-defined]  # hypothesis hands a random.Random
    other = Response("NOERROR", authoritative=True, answer=(RRset(canonical(NAME.upper()), "A", ttl, tuple(rdata)),))
    question = Question(NAME, RecordType.A)
    told = [
        classify(response, question, ServerRole.AUTHORITATIVE, CONTEXT.book)
        for response in (other, RESPONSES[position, RecordType.A])
    ]
    assert told[0] == told[1]


@SETTINGS
@given(timelines(), st.lists(pauses, max_size=20))
def test_time_alone_makes_no_transition_and_ends_in_unknown(
    observations: list[Observation], ticks: list[float]
) -> None:
    state, _ = fold(observations)
    at = observations[-1].at.monotonic if observations else 0.0
    for pause in (*ticks, 10_000.0):
        at += pause
        state, effects = expire(state, instant(at), CONTEXT)
        assert not [effect for effect in effects if isinstance(effect, TransitionConfirmed)]
    assert {record.state for record in state.status.records} == {RecordState.UNKNOWN}
    again, effects = expire(state, instant(at), CONTEXT)
    assert again == state
    assert effects == ()


@SETTINGS
@given(timelines(silent=False))
def test_every_answer_is_counted_once(observations: list[Observation]) -> None:
    state, _ = fold(observations)
    assert sum(sum(record.answers) for record in state.status.records) == len(observations)


@SETTINGS
@given(timelines())
def test_what_is_said_is_consistent(observations: list[Observation]) -> None:
    state, _ = fold(observations)
    for record in state.status.records:
        assert record.transitions >= record.reversals
        assert len(record.recent) == min(record.transitions, 16)
        assert [server.server for server in record.servers] in ([], list(SERVERS))
    assert state.status.sentence.endswith(".")
    assert len({finding.code for finding in state.status.findings}) == len(state.status.findings)
