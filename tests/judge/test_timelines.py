"""The record judge and the cadence against simulated worlds, each with seeds of its own."""

import random

import pytest

from probe.model.name import DomainName
from probe.model.outcome import Outcome
from probe.model.plan import Expectation, Probing
from probe.model.question import RecordType
from probe.model.record import Position, RecordState
from tests.judge.answers import SERVERS, at_position, nodata, timeout
from tests.judge.simulator import (
    FAST,
    MEDIUM,
    SLOW,
    Prober,
    Speed,
    World,
    Write,
    probe,
    square,
    states,
    steady,
)

pytestmark = pytest.mark.long

HOUR = 3600.0
CUTOVER = (Write(0, steady(Position.V1)), Write(600, steady(Position.V2)))


@pytest.mark.parametrize("loss", [0.0, 0.2])
def test_a_steady_record_never_changes(loss: float) -> None:
    run = probe([Write(0, steady(Position.V1))], 6 * HOUR, 1, loss=loss, machines=4)
    assert states(run) == [RecordState.V1]
    assert states(run, None) == [RecordState.V1]
    assert run.transitions() == []
    assert run.raised() == set()


def test_a_calm_domain_costs_at_most_twenty_questions_a_minute_and_four_of_them_are_billed() -> None:
    run = probe([Write(0, steady(Position.V1))], 6 * HOUR, 2)
    minutes = 6 * 60
    assert (run.questions + run.txt_questions) / minutes <= 20
    assert run.txt_questions / minutes <= 4


def test_a_family_that_never_existed_is_absent_and_nobody_is_alarmed() -> None:
    run = probe(CUTOVER, 1800, 3, families=[RecordType.A])
    a, aaaa = run.status.records
    assert (a.state, aaaa.state, aaaa.existed) == (RecordState.V2, RecordState.ABSENT, False)
    assert run.status.state is RecordState.V2
    assert run.raised() == set()


@pytest.mark.parametrize("loss", [0.0, 0.1])
def test_a_domain_with_one_family_is_known_all_the_time_after_it_has_moved(loss: float) -> None:
    """A watch takes turns of its own after a change: with them the other family was asked too seldom to be known."""
    for seed in range(12):
        run = probe(CUTOVER, 2400, seed, families=[RecordType.A], loss=loss)
        assert states(run, None) == [RecordState.V1, RecordState.PROPAGATING, RecordState.V2]


def test_a_missing_family_is_asked_seldom_because_its_denial_is_billed_and_the_other_one_in_its_place() -> None:
    run = probe([Write(0, steady(Position.V1))], HOUR, 3, families=[RecordType.A])
    a, aaaa = run.status.records
    assert sum(aaaa.answers) / 60 <= 2
    assert sum(a.answers) == pytest.approx(15 / 8 * HOUR / Probing().interval, rel=0.05)


@pytest.mark.parametrize("speed", [FAST, MEDIUM, SLOW], ids=["fast", "medium", "slow"])
@pytest.mark.parametrize("machines", [1, 4, 8])
def test_a_cutover_propagates_and_ends_at_v2(speed: Speed, machines: int) -> None:
    for seed in range(4):
        run = probe(CUTOVER, 1500, seed, speed=speed, machines=machines)
        assert set(states(run)) == {RecordState.V1, RecordState.PROPAGATING, RecordState.V2}
        assert states(run)[:2] == [RecordState.V1, RecordState.PROPAGATING]
        assert run.status.state is RecordState.V2
        assert run.transitions() == run.transitions(RecordType.AAAA) == [(Position.V1, Position.V2)]
        assert run.raised() == set()


def test_a_cutover_is_seen_within_a_minute_and_a_half() -> None:
    arrived = [probe(CUTOVER, 1500, seed, speed=FAST).first(RecordState.V2) for seed in range(10)]
    assert all(at is not None and at < 690 for at in arrived)


@pytest.mark.parametrize("dwell", [60, 300, 900])
def test_a_rollback_is_a_reversal_and_no_flap(dwell: float) -> None:
    for seed in range(4):
        run = probe([*CUTOVER, Write(600 + dwell, steady(Position.V1))], 3600, seed, speed=MEDIUM, machines=2)
        assert run.transitions() == [(Position.V1, Position.V2), (Position.V2, Position.V1)]
        assert run.status.records[0].reversals == 1
        assert RecordState.FLAPPING not in states(run)
        assert run.status.state is RecordState.V1


def test_a_retry_after_twenty_minutes_is_no_flap() -> None:
    writes = [*CUTOVER, Write(1200, steady(Position.V1)), Write(2400, steady(Position.V2))]
    run = probe(writes, 2 * HOUR, 5, speed=MEDIUM, machines=2)
    assert len(run.transitions()) == 3
    assert RecordState.FLAPPING not in states(run)


@pytest.mark.parametrize("loss", [0.0, 0.2])
@pytest.mark.parametrize("machines", [1, 2])
def test_a_fight_of_a_minute_is_found_with_its_third_change(machines: int, loss: float) -> None:
    for seed in range(6):
        phase = random.Random(seed).uniform(15, 45)
        fight = square(period=60, phase=phase, start=600, end=1500, first=Position.V1, second=Position.V2)
        at = probe(fight, 1500, seed, machines=machines, loss=loss).first(RecordState.FLAPPING)
        assert at is not None
        assert at - 600 <= 1.5 * 60


@pytest.mark.parametrize(("period", "speed"), [(30, FAST), (30, MEDIUM), (180, SLOW), (300, MEDIUM), (600, MEDIUM)])
def test_fights_of_other_periods_are_found_as_well(period: float, speed: Speed) -> None:
    for seed in range(3):
        fight = square(
            period=period, phase=0.4 * period, start=600, end=600 + 8 * period, first=Position.V1, second=Position.V2
        )
        at = probe(fight, 600 + 8 * period, seed, speed=speed).first(RecordState.FLAPPING)
        assert at is not None
        assert at - 600 <= 4 * period


@pytest.mark.parametrize("frozen", [[3], [2, 3]])
def test_a_fight_that_only_some_servers_show_is_found(frozen: list[int]) -> None:
    fight = square(period=60, phase=25, start=600, end=1500, first=Position.V1, second=Position.V2)
    for seed in range(3):
        assert probe(fight, 1500, seed, frozen=frozen).first(RecordState.FLAPPING) is not None


def test_a_fight_stays_one_between_its_changes_and_ends_when_it_is_quiet() -> None:
    fight = square(period=60, phase=25, start=600, end=1200, first=Position.V1, second=Position.V2)
    run = probe(fight, 3000, 4)
    assert states(run).count(RecordState.FLAPPING) == 1
    assert run.status.state is RecordState.V1
    ended = [at for at, state in run.states() if state is RecordState.V1][-1]
    assert 1165 + 300 <= ended <= 1165 + 420  # the newest write is 25 s after the beat of 1140


def test_a_record_that_comes_and_goes_flaps_and_is_an_outage() -> None:
    fight = square(period=60, phase=20, start=600, end=1500, first=Position.V1, second=Position.ABSENT)
    run = probe(fight, 1500, 8)
    assert run.first(RecordState.FLAPPING) is not None
    assert {"flip-flop", "outage"} <= run.raised()
    assert run.status.state is RecordState.FLAPPING


@pytest.mark.parametrize("gap", [20, 60])
def test_a_hand_over_with_a_gap_is_an_outage_and_no_flap(gap: float) -> None:
    writes = [Write(0, steady(Position.V1)), Write(600, steady(Position.ABSENT)), Write(600 + gap, steady(Position.V2))]
    for seed in range(3):
        run = probe(writes, 1800, seed)
        assert RecordState.FLAPPING not in states(run)
        assert run.raised() == {"outage"}
        assert run.status.state is RecordState.V2
        assert run.status.findings == ()


def test_one_stale_server_makes_the_record_divided_and_is_named() -> None:
    for seed in range(3):
        run = probe(CUTOVER, 1800, seed, frozen=[2])
        assert states(run)[-1] is RecordState.DIVIDED
        divided = next(at for at, state in run.states() if state is RecordState.DIVIDED)
        assert divided - 600 > 60
        assert run.transitions() == [(Position.V1, Position.V2)]
        (finding,) = run.status.findings
        assert finding.code == "server-divided"
        assert SERVERS[2].name.rstrip(".") in finding.sentence


def test_losing_every_fifth_answer_changes_nothing_about_a_cutover() -> None:
    for seed in range(4):
        run = probe(CUTOVER, 1800, seed, loss=0.2, speed=MEDIUM, machines=2)
        assert run.transitions() == [(Position.V1, Position.V2)]
        assert run.status.state is RecordState.V2
        assert run.raised() == set()


def test_when_everything_falls_silent_the_domain_becomes_unknown_and_nothing_is_accused() -> None:
    rng = random.Random(9)
    world = World([Write(0, steady(Position.V1))], rng)
    prober = Prober(world, rng, expectation=Expectation.V1)
    prober.go(600)
    world.lose_everything()
    run = prober.resume(1800)
    assert run.status.state is RecordState.UNKNOWN
    assert run.transitions() == []
    assert run.raised() == set()


class _Revived:
    """A move at a minute; one server is silent from half a minute before, and comes back with the old record.

    Args:
        servers: How many there are; the second is that one.
        stale: For how many seconds it answers the old record, from 200 s on.
    """

    def __init__(self, servers: int, stale: float) -> None:
        self.servers, self.stale = servers, stale

    def answer(self, server: int, rdtype: RecordType, at: float, _name: DomainName) -> Outcome | None:
        if rdtype is not RecordType.A:
            return nodata() if rdtype is RecordType.AAAA else None
        if server != 1:
            return at_position(Position.V2 if at >= 60 else Position.V1, rdtype)
        if 30 <= at < 200:
            return timeout()
        return at_position(Position.V2 if at >= 200 + self.stale else Position.V1, rdtype)


@pytest.mark.case("B12")
@pytest.mark.parametrize("servers", [2, 4])
@pytest.mark.parametrize("stale", [5, 12, 30])
def test_a_server_that_comes_back_with_the_old_record_and_catches_up_settles_at_once_and_is_no_fight(
    servers: int, stale: float
) -> None:
    """When it follows between two questions of a second it takes nothing back, and its answers alone are no level."""
    for seed in range(3):
        run = Prober(_Revived(servers, stale), random.Random(seed), servers=SERVERS[:servers]).go(600)
        assert RecordState.FLAPPING not in states(run)
        assert run.raised() <= {"server-failing", "server-divided"}
        assert [after for at, after in run.states(None) if at > 200 + stale + 20] == []
        assert run.status.state is RecordState.V2
