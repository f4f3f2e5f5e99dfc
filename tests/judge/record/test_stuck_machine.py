"""A machine that is stuck behind one server's address, and when its answers say that it was mended."""

import random

import pytest

from probe.judge.polling import burst, cadence
from probe.judge.polling.burst import PollState, burst_round, surprise
from probe.judge.polling.crowd import Crowd
from probe.judge.record.state import Pool, Remembered, without_memory
from probe.judge.record.stuck_machine import enough, follow, is_to_be_asked, may_be_mended
from probe.judge.state import forgotten
from probe.model.plan import Probing
from probe.model.ports import Query
from probe.model.question import Question, RecordType
from probe.model.record import Position, RecordState, RecordStatus, ServerStatus
from probe.model.side import AnswerClass
from tests.judge.answers import NAME, SERVERS, instant
from tests.judge.polling.test_suspicion import status
from tests.judge.simulator import FAST, Prober, Speed, World, Write, steady
from tests.judge.wording import whole
from tests.scenarios.matrix import FULL

CALM_PACE = 20.0
ROUNDS_FOR_ONE = 2
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

STUCK = 3
MENDED = 1000.0


def divided(run: int, *, share: float = 0.25, position: Position = Position.V2, at: float = 0.0) -> Remembered:
    """Give a record whose last server answered v1 to this share of 160 questions, and then so many equal ones."""
    away = round(160 * share)
    heard = ServerStatus(SERVERS[STUCK], AnswerClass.V2, instant(at), instant(0))
    servers = (*(ServerStatus(one, AnswerClass.V2, instant(at), instant(0)) for one in SERVERS[:STUCK]), heard)
    record = RecordStatus(RecordType.A, RecordState.DIVIDED, instant(0), Position.V2, servers=servers)
    pool = Pool((160 - away, away, 0, 0, 0) if position is Position.V1 else (away, 160 - away, 0, 0, 0), position, run)
    return Remembered(record, without_memory(record)._replace(drawn=True, draw_servers=1 << STUCK, pool=pool))


@pytest.mark.parametrize("position", [Position.V1, Position.V2])
@pytest.mark.parametrize(("share", "needed"), [(0.5, 35), (0.25, 93), (0.125, 254)])
def test_equal_answers_end_it_when_the_share_of_the_stuck_machine_leaves_them_a_chance_of_one_in_a_billion(
    share: float, needed: int, position: Position
) -> None:
    """The share is known by 160 answers only: one of exactly a half would take 30, a quarter 73, an eighth 156."""
    _, memory = divided(0, share=share, position=position)
    assert enough(memory, position) == needed
    for _ in range(needed - 1):
        memory = follow(memory, position)
        assert memory.drawn
    assert not follow(memory, position).drawn


def test_what_is_needed_is_known_before_the_first_answer_is_counted_and_not_where_nothing_else_was_seen() -> None:
    _, memory = divided(0)
    just_found = memory._replace(pool=Pool((40, 120, 0, 0, 0)))
    assert (enough(just_found, Position.V2), enough(memory, Position.V2)) == (93, 93)
    assert enough(memory._replace(pool=Pool((0, 160, 0, 0, 0))), Position.V2) is None


def test_an_answer_of_the_stuck_machine_begins_the_count_anew() -> None:
    _, memory = divided(90)
    memory = follow(follow(memory, Position.V1), Position.V2)
    assert memory.drawn
    assert memory.pool.run == 1
    assert sum(memory.pool.before) == 160 + 90 + 1


@pytest.mark.parametrize(("share", "few"), [(0.5, 1), (0.25, 3), (0.125, 7)])
def test_a_run_that_the_machine_explains_in_two_of_three_times_is_no_reason_to_ask_on(share: float, few: int) -> None:
    assert not may_be_mended(*divided(few, share=share))
    assert may_be_mended(*divided(few + 1, share=share))


def test_what_is_drawn_at_several_servers_is_no_machine() -> None:
    record, memory = divided(90)
    assert not may_be_mended(record, memory._replace(draw_servers=0b1100))
    assert not may_be_mended(record._replace(state=RecordState.WEIGHTED), memory)


def test_asking_on_begins_by_an_answer_of_a_calm_pace_of_that_server_alone() -> None:
    record, memory = divided(4)
    asked, other = record.servers[STUCK], record.servers[0]
    long_ago, now = instant(0).monotonic, instant(CALM_PACE).monotonic
    assert not is_to_be_asked(record, memory, asked, now)
    assert is_to_be_asked(record, memory, asked, now + 0.1)
    assert not is_to_be_asked(record, memory, other, now + 0.1)
    assert not is_to_be_asked(record, memory, asked._replace(at=None), long_ago + 99)
    assert not is_to_be_asked(*divided(3), asked, now + 0.1)


def test_one_round_in_two_asks_that_server_and_nobody_else() -> None:
    record, memory = divided(4)
    known = forgotten(status(record))
    known = known._replace(memory=known.memory._replace(records=(memory, *known.memory.records[1:])))
    question = Question(NAME, RecordType.A)
    rounds = [cadence.burst_plan(known, SERVERS, number) for number in range(4)]
    assert rounds == [(Query(SERVERS[STUCK], question),), (), (Query(SERVERS[STUCK], question),), ()]
    asking = surprise(burst_begun(), known, SERVERS, (SERVERS[STUCK], question), 100.0).asking
    asked = [
        burst_round(asking._replace(rounds=number), known, SERVERS, Probing(), at=100.0, u=0.5) for number in (2, 3)
    ]
    assert [len(step.queries) for step in asked] == [1, 0]


def test_a_hundred_domains_ask_that_server_no_more_than_its_part() -> None:
    record, memory = divided(4)
    known = forgotten(status(record))
    known = known._replace(memory=known.memory._replace(records=(memory, *known.memory.records[1:])))
    crowd = Crowd(100, 56.0, scout=False)  # at four servers of 20 a second, of which bursts may take 14
    asked = [
        burst_round(
            burst_begun()._replace(rounds=number), known, SERVERS, Probing(), at=100.0, u=0.5, crowd=crowd
        ).queries
        for number in range(1, 31)
    ]
    assert sum(map(len, asked)) == 2  # both families of each are 200 questions in 15 rounds


def burst_begun() -> PollState:
    return burst.begin(0, 0.0)


def _world(seed: int, machines: int, *, mended: float, speed: Speed = FAST) -> Prober:
    """A move that one machine behind the last server's address learns of at `mended` seconds, or never."""
    rng = random.Random(seed)
    writes = [Write(0.0, steady(Position.V1)), Write(100.0, steady(Position.V2))]
    world = World(writes, rng, machines=machines, speed=speed)
    world._arrivals[STUCK][0][1] = mended
    return Prober(world, rng)


@pytest.mark.long
@pytest.mark.parametrize(("machines", "within"), [(2, 150), (4, 300), (8, 900)])
def test_a_machine_that_is_mended_divides_nothing_any_more_minutes_later(machines: int, within: float) -> None:
    """Before, it took 12, 27 and more than 60 minutes, by calm turns at all servers."""
    for seed in range(3):
        prober = _world(seed, machines, mended=MENDED)
        run = prober.go(MENDED)
        assert run.status.state is RecordState.DIVIDED
        run = prober.resume(MENDED + within)
        assert run.status.state is RecordState.V2
        assert not run.status.findings
        assert prober.resume(MENDED + within + 600).states(None)[-1][1] is RecordState.V2
        assert {state for at, state in run.states(None) if at > MENDED} == {RecordState.V2}


@pytest.mark.long
@pytest.mark.parametrize("machines", [2, 8, 16] if FULL else [2, 16])
def test_a_machine_that_stays_stuck_divides_for_as_long(machines: int) -> None:
    run = _world(machines, machines, mended=float("inf")).go(2 * 3600.0)
    at = next(effect_at for effect_at, state in run.states(None) if state is RecordState.DIVIDED)
    assert at < 900
    assert [state for when, state in run.states(None) if when > at] == []
    (finding,) = run.status.findings
    assert "equal answers in a row would tell that it answers as one" in whole(finding)


@pytest.mark.long
@pytest.mark.parametrize("seed", [0, 5])
def test_machines_that_were_late_beside_it_do_not_count_for_its_share(seed: int) -> None:
    """Half of the first minutes' answers were old: by them 35 equal ones would end what one in eight goes on with."""
    run = _world(seed, 8, mended=float("inf"), speed=Speed(0.0, 1.0, 80.0, 240.0)).go(3600.0)
    divided = [at for at, state in run.states(None) if state is RecordState.DIVIDED and at > 400]
    assert divided
    assert [state for at, state in run.states(None) if at > divided[0]] == []


@pytest.mark.long
@pytest.mark.parametrize("seed", [0, 1, 4, 6, 8])
def test_a_machine_that_is_stuck_after_a_slow_change_is_no_weights(seed: int) -> None:
    """Others contradicted themselves while the change reached their machines: what one does afterwards is its own."""
    run = _world(seed, 8, mended=float("inf"), speed=Speed(0.0, 1.0, 80.0, 240.0)).go(1200.0)
    assert RecordState.WEIGHTED not in {state for _, state in run.states(None)}
    assert "weights-undeclared" not in run.raised()
