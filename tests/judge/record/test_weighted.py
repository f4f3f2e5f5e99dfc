"""When answers are draws, and when they no longer are: simulated worlds, each with seeds of its own."""

import itertools
import random

import pytest

from probe.judge.record.changepoint import Jump, Level
from probe.judge.record.state import Episode, without_memory
from probe.judge.record.weighted import count_incoherence
from probe.model.effect import FindingRaised, TransitionConfirmed
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position, RecordState, RecordStatus, ServerStatus, Transition
from tests.judge.answers import SERVERS, context, instant
from tests.judge.simulator import (
    MEDIUM,
    Prober,
    Run,
    Speed,
    World,
    Write,
    probe,
    square,
    states,
    steady,
    weighted,
)
from tests.judge.wording import whole
from tests.scenarios.matrix import FULL

LATEST, LONG_OVER = 300.0, 1800.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

pytestmark = pytest.mark.long

HOUR = 3600.0
SHARES = (0.5, 0.7, 0.9, 0.99, 0.01)
LOSSES = (0.0, 0.2)
MACHINES = (1, 2, 3)

STEADY = list(itertools.product(SHARES, LOSSES, MACHINES))
"""Five hours each, which are two seconds of CPU: `make scenarios` plays all."""

WATCHED = (5 if FULL else 1) * HOUR

SAMPLE = [
    (share, LOSSES[(number + turn) % len(LOSSES)], machines)
    for number, share in enumerate(SHARES)
    for turn, machines in enumerate(MACHINES)
]
"""Every share on every number of machines, with the losses by turns."""


@pytest.mark.parametrize(("share", "loss", "machines"), STEADY if FULL else SAMPLE)
def test_weights_are_called_weighted_and_never_flapping(share: float, loss: float, machines: int) -> None:
    run = probe([Write(0, weighted(share))], WATCHED, machines - 1, loss=loss, machines=machines)
    for rdtype in ADDRESS_TYPES:
        assert not {RecordState.FLAPPING, RecordState.DIVIDED} & set(states(run, rdtype))
    assert "flip-flop" not in run.raised()
    assert run.status.records[0].state is RecordState.WEIGHTED


def test_the_sample_of_steady_weights_has_every_two_together() -> None:
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert {(play[one], play[other]) for play in SAMPLE} == {(play[one], play[other]) for play in STEADY}


@pytest.mark.parametrize("share", [0.5, 0.7])
def test_an_even_split_is_recognised_within_three_minutes(share: float) -> None:
    for seed in range(10):
        at = probe([Write(0, weighted(share))], 400, seed).first(RecordState.WEIGHTED)
        assert at is not None
        assert at <= 180


def test_weights_that_end_are_followed_to_the_side_that_is_left() -> None:
    run = probe([Write(0, weighted(0.5)), Write(1800, steady(Position.V2))], 3 * HOUR, 7)
    assert run.status.state is RecordState.V2
    assert RecordState.FLAPPING not in states(run)


def test_a_ramp_with_an_emergency_drain_is_no_flap() -> None:
    ramp = [0.0, 0.01, 0.1, 0.5, 0.9, 0.0, 0.1, 0.5, 0.9, 0.99, 1.0]
    writes = [
        Write(900.0 * step, weighted(share) if 0 < share < 1 else steady(Position.V2 if share else Position.V1))
        for step, share in enumerate(ramp)
    ]
    for seed in range(4):
        run = probe(writes, 5 * HOUR, seed, speed=MEDIUM, machines=2)
        assert not {RecordState.FLAPPING, RecordState.DIVIDED} & set(states(run))
        assert run.status.state is RecordState.V2


@pytest.mark.parametrize("machines", [1, 2])
def test_a_fight_every_ten_seconds_is_found_though_its_changes_overtake_each_other(machines: int) -> None:
    fight = square(period=10, phase=4, start=600, end=1200, first=Position.V1, second=Position.V2)
    for seed in range(4):
        run = probe(fight, 1200, seed, machines=machines)
        assert run.first(RecordState.FLAPPING) is not None
        assert RecordState.WEIGHTED not in states(run)


@pytest.mark.parametrize("seed", [1, 2, 3] if FULL else [1])
@pytest.mark.parametrize("drawn", [0.5, 0.9])
def test_a_slow_fight_of_a_simple_record_against_weights_is_not_over_while_it_goes_on(drawn: float, seed: int) -> None:
    """Its jumps back to the one side are told by a few answers a minute: the burst is over by then, as all agree."""
    rng, at, fought = random.Random(seed), 900.0, False
    writes, ended = [Write(0.0, weighted(drawn))], 3 * HOUR
    while at < ended:
        writes.append(Write(at, weighted(drawn) if fought else steady(Position.V1)))
        fought, at = not fought, at + rng.uniform(400.0, 690.0)
    prober = Prober(World(writes, rng), rng)
    run = prober.go(ended)
    found = next(at for at, state in run.states() if state is RecordState.FLAPPING)
    assert found < HOUR
    assert run.states()[-1] == (found, RecordState.FLAPPING)
    prober.resume(ended + 1.5 * HOUR)
    assert run.status.state is not RecordState.FLAPPING
    assert "flip-flop" not in {finding.code for finding in run.status.findings}


def test_a_few_answers_in_a_hundred_that_a_slow_fight_leaves_are_weights_after_half_an_hour_without_a_sign_of_it() -> (
    None
):
    """Three cycles of ten minutes are quiet for half an hour, and one answer in twenty-five comes far sooner."""
    rng, ended = random.Random(0), 1900.0
    fight = square(period=600.0, phase=300.0, start=100.0, end=ended, first=Position.V1, second=Position.V2)
    prober = Prober(World([*fight, Write(ended + 50.0, weighted(0.04))], rng, families=[RecordType.A]), rng)
    run = prober.go(ended)
    newest = run.status.records[0].recent[-1].at.monotonic
    prober.resume(newest + LONG_OVER)
    assert run.states()[-1][1] is RecordState.FLAPPING
    prober.resume(newest + 1.75 * LONG_OVER)
    assert run.states()[-1][1] is RecordState.WEIGHTED


@pytest.mark.parametrize("sign", ["change", "jump", "beginning"])
def test_what_answers_say_against_each_other_counts_as_weights_half_an_hour_after_the_newest_sign_of_a_fight(
    sign: str,
) -> None:
    changed = Transition(instant(0.0), Position.V1, Position.V2, reversal=True)
    statuses = tuple(ServerStatus(server) for server in SERVERS)
    record = RecordStatus(RecordType.A, servers=statuses, recent=(changed,) if sign == "change" else ())
    memory = without_memory(record)._replace(
        fighting=True,
        draws=10,
        draw_first=0.0,
        draw_servers=0b11,
        level=Level(jumps=(Jump(0.0, up=True),) if sign == "jump" else ()),
        episode=Episode(1, began=instant(0.0) if sign == "beginning" else None),
    )
    for now, drawn in ((LONG_OVER, False), (LONG_OVER + 0.5, True)):
        assert count_incoherence(record, memory._replace(draw_last=now - 1.0), 0, now, context()).drawn is drawn
    before_any = count_incoherence(record, memory._replace(level=Level(), episode=Episode()), 0, 9000.0, context())
    assert before_any.drawn is (sign == "change")


def _late(seed: int, *, machines: int, latest: float, before: float = 600.0) -> Prober:
    """A move that reaches each machine at its own moment, up to `latest` seconds late."""
    rng = random.Random(seed)
    writes = [Write(0.0, steady(Position.V1)), Write(before, steady(Position.V2))]
    return Prober(World(writes, rng, speed=Speed(5.0, 20.0, latest / 3, latest), machines=machines), rng)


@pytest.mark.case("B16")
@pytest.mark.parametrize(("machines", "latest"), [(8, 300.0), (4, 300.0), (2, 300.0), (8, 400.0)])
def test_a_change_that_reaches_machines_minutes_late_is_propagating_then_divided_and_never_drawn(
    machines: int, latest: float
) -> None:
    for seed in range(3):
        run = _late(seed, machines=machines, latest=latest).go(600 + 2 * latest + 200)
        reached = states(run)
        assert not {RecordState.WEIGHTED, RecordState.FLAPPING} & set(reached)
        assert "weights-undeclared" not in run.raised()
        assert reached[1] is RecordState.PROPAGATING
        assert run.status.state is RecordState.V2
        divided = run.first(RecordState.DIVIDED)
        assert divided is None or divided > 660
        assert run.transitions() == [(Position.V1, Position.V2)]


@pytest.mark.case("B16")
@pytest.mark.parametrize("seed", [2, 20, 28])
def test_servers_that_have_followed_as_a_whole_are_no_stale_ones_beside_weights(seed: int) -> None:
    """Two servers with one late machine each answer half and half; the others have followed, and are not left out."""
    run = _late(seed, machines=2, latest=300.0).go(1400)
    assert RecordState.WEIGHTED not in states(run)
    assert "weights-undeclared" not in run.raised()


@pytest.mark.case("B16")
@pytest.mark.parametrize("seed", [111, 126, 154])
def test_the_last_of_many_late_machines_are_no_weights_though_they_show_one_share_at_every_server(seed: int) -> None:
    """Seven of eight answers have followed, and no share moves within the 80 s that prove draws."""
    run = _late(seed, machines=8, latest=300.0).go(1400)
    assert RecordState.WEIGHTED not in states(run)
    assert "weights-undeclared" not in run.raised()
    assert run.status.state is RecordState.V2


@pytest.mark.case("B16")
@pytest.mark.parametrize("seed", range(3))
def test_weights_after_a_slow_change_are_told_once_its_last_machines_cannot_be_late_any_more(seed: int) -> None:
    rng = random.Random(seed)
    writes = [Write(0.0, steady(Position.V1)), Write(600.0, steady(Position.V2)), Write(760.0, weighted(0.8))]
    run = Prober(World(writes, rng, speed=Speed(5.0, 20.0, 100.0, 180.0), machines=8), rng).go(1500)
    (moved,) = (effect.transition.at.monotonic for effect in _confirmed(run))
    told = run.first(RecordState.WEIGHTED)
    assert told is not None
    assert LATEST < told - moved < 2 * LATEST  # those weights travel as slowly


@pytest.mark.case("A4")
@pytest.mark.parametrize("seed", range(3))
def test_weights_after_a_change_that_reached_everything_at_once_are_told_as_soon_as_any(seed: int) -> None:
    writes = [Write(0.0, steady(Position.V1)), Write(600.0, steady(Position.V2)), Write(615.0, weighted(0.8))]
    run = probe(writes, 1500, seed)
    told = run.first(RecordState.WEIGHTED)
    assert told is not None
    assert told - 615.0 < 180.0


def _confirmed(run: Run) -> list[TransitionConfirmed]:
    moved = [effect for _, effect in run.effects if isinstance(effect, TransitionConfirmed)]
    return [effect for effect in moved if effect.rdtype is RecordType.A]


@pytest.mark.case("B16")
def test_a_watch_that_begins_while_a_change_travels_calls_nothing_drawn() -> None:
    for seed in range(3):
        run = _late(seed, machines=8, latest=300.0, before=1.0).go(900)
        assert RecordState.WEIGHTED not in states(run)
        assert run.status.state is RecordState.V2


@pytest.mark.case("B16")
def test_what_is_under_way_for_long_is_told_of_the_machines_and_of_no_server() -> None:
    seen = 0  # a change that every machine has heard of before there is proof is told of by nothing
    for seed in range(3):
        run = _late(seed, machines=8, latest=300.0).go(1100)
        told = [effect.finding for _, effect in run.effects if isinstance(effect, FindingRaised)]
        for found in told:
            assert found.code == "server-divided"
            assert found.sentence.startswith("A change of app.example.com (A")
            assert found.sentence.endswith(") has not reached every machine of its name servers.")
            assert "answers of one server differ" in whole(found).lower()
        seen += len(told)
    assert seen


def _stale_machine(seed: int, machines: int, *, latest: float = float("inf")) -> Prober:
    """A move that one machine behind the last server's address learns of at `latest` seconds, or never."""
    rng = random.Random(seed)
    world = World([Write(0.0, steady(Position.V1)), Write(100.0, steady(Position.V2))], rng, machines=machines)
    world._arrivals[3][0][1] = latest
    return Prober(world, rng)


@pytest.mark.case("K9")
@pytest.mark.parametrize("machines", [2, 4, 8])
def test_one_machine_that_keeps_the_old_record_is_told_within_five_minutes_and_stays_told(machines: int) -> None:
    for seed in range(3):
        run = _stale_machine(seed, machines).go(1000)
        divided = run.first(RecordState.DIVIDED)
        assert divided is not None
        assert 160 < divided < 400
        assert not {RecordState.WEIGHTED, RecordState.FLAPPING} & set(states(run))
        told = [(at, effect) for at, effect in run.effects if isinstance(effect, FindingRaised)]
        assert [effect.finding.code for _, effect in told] == ["server-divided"]
        (finding,) = run.status.findings
        assert finding.sentence == (
            "ns-3.awsdns-03.co.uk answers v1 and v2 by turns for app.example.com (A and AAAA), unlike the zone's other "
            "servers."
        )
        assert "Cause: Probably one of the machines behind its address keeps another record than the others" in whole(
            finding
        )


@pytest.mark.case("K9")
def test_a_machine_that_follows_within_the_grace_time_is_never_told() -> None:
    for seed in range(10):
        run = _stale_machine(seed, 4, latest=158.0).go(600)
        assert RecordState.DIVIDED not in states(run)
        assert run.status.state is RecordState.V2
