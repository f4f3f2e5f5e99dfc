"""The benchmark measures what it says: its world, its detectors and its arithmetic; and a few runs of each kind."""

import random
from itertools import pairwise

import pytest

from probe.model.record import Position
from tests.detection import baselines, cases, goals, zone
from tests.detection.controllers import Controller, fight, glitches
from tests.detection.run import play
from tests.detection.zone import SERVERS, Change, Plumbing, Zone, split
from tests.judge.simulator import SLOW

V1, V2 = zone.at(Position.V1), zone.at(Position.V2)


def test_a_controller_writes_only_what_it_does_not_find() -> None:
    changes = fight(random.Random(1), V1, (Controller(V1, 60.0, 30.0), Controller(V1, 60.0, 0.0)), 3600.0)
    assert [change.content for change in changes] == [V1]


def test_two_controllers_write_by_turns_on_their_own_phase() -> None:
    changes = fight(random.Random(1), V1, (Controller(V1, 60.0, 120.0), Controller(V2, 60.0, 100.0)), 1200.0)
    assert [change.content for change in changes[:5]] == [V1, V2, V1, V2, V1]
    dwells = [after.at - before.at for before, after in pairwise(changes[1:])]
    assert all(5.0 < dwell < 75.0 for dwell in dwells)


def test_a_glitch_never_lasts_longer_than_five_seconds() -> None:
    changes = glitches(random.Random(1), (V1, V2), 60.0, 10.0, 3600.0)
    ends = [after.at - before.at for before, after in zip(changes[1::2], changes[2::2], strict=True)]
    assert len(ends) > 50
    assert all(0.5 <= dwell <= 5.0 for dwell in ends)


def test_a_write_reaches_every_machine_within_a_minute_and_is_never_taken_back() -> None:
    changes = [Change(0.0, V1), Change(100.0, V2), Change(104.0, V1), Change(200.0, V2)]
    served = Zone(changes, Plumbing(SLOW, machines=4), random.Random(3))
    for server in range(SERVERS):
        for machine in range(4):
            assert served.content(server, machine, 99.9) == V1
            assert served.content(server, machine, 165.0) == V1
            assert served.content(server, machine, 260.1) == V2
    assert 205.0 <= served.first_seen(3) <= 260.0


def test_a_stale_server_stays_where_it_was() -> None:
    served = Zone([Change(0.0, V1), Change(10.0, V2)], Plumbing(stale_servers=frozenset({2})), random.Random(1))
    assert served.content(2, 0, 10_000.0) == V1
    assert served.content(1, 0, 10_000.0) == V2


def test_a_split_is_drawn_by_its_share() -> None:
    rng = random.Random(1)
    assert 650 < sum(split(0.7).draw(rng) is Position.V2 for _ in range(1000)) < 750


STEADY = [(15.0 * number, 1) for number in range(200)]
FLIPPING = [(15.0 * number, 1 + number // 2 % 2) for number in range(200)]


@pytest.mark.parametrize("detector", [baselines.changes, baselines.flap_percentage, baselines.damping])
def test_the_usual_detectors_are_quiet_on_a_steady_value_and_loud_on_one_that_flips(
    detector: baselines.Detector,
) -> None:
    assert detector(STEADY) is None
    assert detector([(0.0, 1), (15.0, 1), *((30.0 + at, 2) for at, _ in STEADY)]) is None
    assert detector(FLIPPING) is not None


def test_the_usual_detectors_alarm_where_their_definitions_say() -> None:
    assert baselines.changes([(0.0, 1), (15.0, 2), (30.0, 1), (45.0, 2)]) == 45.0
    assert baselines.changes([(0.0, 1), (15.0, 2), (30.0, 1), (945.0, 2)]) is None
    assert baselines.damping([(0.0, 1), (15.0, 2), (15.0, 1)]) == 15.0
    assert baselines.damping([(0.0, 1), (15.0, 2), (915.0, 1)]) is None


def test_the_bound_on_false_alarms_is_that_of_poisson() -> None:
    assert goals.most_false_alarms(0, 1000.0) == pytest.approx(2.996 / 1000, rel=1e-3)
    assert goals.most_false_alarms(1, 1000.0) == pytest.approx(4.744 / 1000, rel=1e-3)


@pytest.mark.parametrize("case", cases.FIGHTS)
def test_runs_of_a_fight_are_drawn_with_three_changes_and_an_end(case: str) -> None:
    drawn = [cases.FIGHTS[case](random.Random(seed)) for seed in range(10)]
    scoreable = [timeline.fight for timeline in drawn if timeline.fight is not None and timeline.fight.scoreable]
    assert len(scoreable) >= 2
    assert all(timeline.seconds >= timeline.changes[-1].at for timeline in drawn)


@pytest.mark.parametrize(("case", "interval"), [("300 s", 300.0), ("1800 s", 1800.0)])
def test_half_of_the_plans_declare_the_intervals_of_a_fight(case: str, interval: float) -> None:
    drawn = [cases.FIGHTS[case](random.Random(seed)).external_dns for seed in range(30)]
    declared = [[side.interval for side in sides] for sides in drawn if sides[0].interval != 60.0]
    assert 8 <= len(declared) <= 22
    assert all(intervals == [interval, interval] for intervals in declared)


def test_after_a_planned_move_the_third_change_in_a_row_is_the_second_of_the_fight() -> None:
    fights = [cases.FIGHTS["after a cutover"](random.Random(seed)).fight for seed in range(5)]
    assert [(one.first, one.in_a_row, one.third) for one in fights if one is not None] == [(2, 3, 4)] * 5


@pytest.mark.parametrize("case", ["60 s", "60 s, TXT", "to absence", "slow propagation"])
def test_an_ordinary_fight_is_found(case: str) -> None:
    outcomes = [play(case, number, "test") for number in range(4)]
    assert all(outcome.delay is not None for outcome in outcomes if outcome.scoreable)


@pytest.mark.parametrize("case", sorted(cases.EVENTS.keys() - {"late address book"}))
def test_a_legitimate_change_raises_no_alarm(case: str) -> None:
    assert not play(case, 1, "test").false


@pytest.mark.parametrize("case", cases.DAYS)
def test_an_hour_without_any_change_raises_no_alarm(case: str) -> None:
    assert not play(case, 1, "test", seconds=3600.0).false


def test_a_run_is_the_same_when_it_is_played_again() -> None:
    assert play("mixed periods", 3, "test") == play("mixed periods", 3, "test")
    assert play("mixed periods", 3, "test") != play("mixed periods", 3, "another")


def test_every_goal_is_about_a_case_that_is_played() -> None:
    assert goals.FIGHT_GOALS.keys() <= cases.FIGHTS.keys()
    assert len(cases.CASES) == len(set(cases.CASES))
