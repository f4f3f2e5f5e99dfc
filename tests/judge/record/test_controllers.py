"""The beat of two controllers is told from people, pipelines and health checks, by change times alone."""

import math
import random
from collections.abc import Callable
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.judge.record.controllers import dwells_of, evidence, is_proven

ALARM, CHANGES_OF_A_BEAT, PROVEN, PROVEN_WITH_WITNESS = 6.0, 4, 9.0, 5.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


DRAWS = 1000


def alarmed_at(
    dwells: list[float], interval: float = 60.0, bar: float = PROVEN, *, faster: float | None = None
) -> int | None:
    """Give the number of the change at which controllers are named."""
    times = [0.0, *accumulate(dwells)]
    counts = range(1, len(times) + 1)
    return next((count for count in counts if is_proven(times[:count], interval, bar, faster=faster)), None)


def alarms(draw: Callable[[random.Random], list[float]], interval: float = 60.0) -> int:
    """Give in how many of `DRAWS` series of dwells controllers are named."""
    rng = random.Random(1)
    return sum(alarmed_at(draw(rng), interval) is not None for _ in range(DRAWS))


@pytest.mark.parametrize("phase", [20.0, 25.0, 32.0])
def test_two_declared_intervals_of_a_minute_are_told_at_the_fourth_change_with_neighbours_at_the_third(
    phase: float,
) -> None:
    dwells = [phase, 60.5 - phase] * 3
    assert alarmed_at(dwells) == 4
    assert alarmed_at(dwells, bar=PROVEN_WITH_WITNESS) == 3


@pytest.mark.case("B7", "B8b")
@pytest.mark.parametrize("dwells", [(8.0, 12.0), (9.0, 11.0), (13.0, 17.0), (6.0, 9.0)])
@pytest.mark.parametrize("seed", range(5))
def test_quick_fights_of_an_interval_that_is_not_declared_are_told_by_the_eighth_change(
    dwells: tuple[float, float], seed: int
) -> None:
    rng = random.Random(seed)
    written = accumulate((dwells[number % 2] for number in range(9)), initial=0.0)
    found = alarmed_at([after - before for before, after in pairwise(at + rng.uniform(0.0, 2.0) for at in written)])
    assert found is not None
    assert found <= 8


@pytest.mark.parametrize("dwells", [[12, 35, 18, 22, 9, 30], [6, 14, 31, 8, 19, 11, 25], [15, 8, 40, 10, 13, 28]])
def test_a_program_without_a_beat_names_nobody_however_quick_it_is(dwells: list[float]) -> None:
    assert alarmed_at(dwells) is None


@pytest.mark.parametrize("failed", [2, 3, 4])
def test_a_sync_that_fails_costs_a_change_or_two_and_not_the_fight(failed: int) -> None:
    dwells = [30.0, 30.5] * 4
    dwells[failed] += 60.5
    found = alarmed_at(dwells)
    assert found is not None
    assert found <= 7


@pytest.mark.case("B3")
@pytest.mark.parametrize("dwells", [(450.0, 450.5), (32.0, 28.5), (1300.0, 500.0)])
def test_one_cycle_is_no_beat_unless_neighbours_are_in_step(dwells: tuple[float, float]) -> None:
    times = [0.0, *accumulate(dwells)]
    assert len(times) < CHANGES_OF_A_BEAT
    assert not is_proven(times, sum(dwells), PROVEN)
    assert is_proven(times, sum(dwells), PROVEN_WITH_WITNESS - 3.0)


def test_no_dwell_is_shorter_than_what_can_be_told_apart() -> None:
    assert dwells_of([0.0, 0.0, 5.0]) == [0.5, 5.0]


@pytest.mark.case("A8")
@pytest.mark.parametrize("interval", [60.0, 900.0, 1800.0, 3600.0])
@pytest.mark.parametrize(
    "dwells", [(450.0, 450.0), (750.0, 150.0), (200.0, 700.0), (1000.0, 800.0), (3000.0, 600.0), (1800.0, 1800.0)]
)
def test_slow_fights_are_told_by_the_fifth_change_declared_or_not(dwells: tuple[float, float], interval: float) -> None:
    found = alarmed_at([dwells[0], dwells[1] + 0.5] * 3, interval)
    assert found is not None
    assert found <= 5


def test_an_interval_that_nobody_would_set_takes_one_change_more() -> None:
    assert alarmed_at([450.0, 450.5] * 4) == 4
    assert alarmed_at([400.0, 320.5] * 4) == 5


@pytest.mark.parametrize("seed", range(20))
def test_two_unlike_intervals_keep_the_beat_of_the_slower_one(seed: int) -> None:
    rng = random.Random(seed)
    replies = [rng.uniform(2.0, 58.0) for _ in range(4)]
    dwells = [part for reply in replies for part in (reply, 300.5 + rng.uniform(-1.0, 1.0) - reply)]
    found = alarmed_at(dwells)
    assert found is not None
    assert found <= 8


@pytest.mark.case("A8")
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(("declared", "alarm", "cause"), [(3600.0, 4, 5), (60.0, 5, 7)])
def test_one_that_replies_within_its_minute_tells_of_one_that_syncs_once_an_hour(
    seed: int, declared: float, alarm: int, cause: int
) -> None:
    rng = random.Random(seed)
    replies = [rng.uniform(2.0, 58.0) for _ in range(4)]
    dwells = [part for reply in replies for part in (reply, 3600.5 + rng.uniform(-1.0, 1.0) - reply)]
    told = [alarmed_at(dwells, declared, bar, faster=60.0) for bar in (ALARM, PROVEN)]
    assert told[0] is not None
    assert told[1] is not None
    assert told[0] <= alarm
    assert told[1] <= cause


@pytest.mark.case("A8")
@pytest.mark.parametrize("first", [900.0, 1800.0, 2700.0])
@pytest.mark.parametrize(("declared", "most"), [(3600.0, 4), (60.0, 5)])
def test_where_the_faster_one_begins_the_first_dwell_is_no_cycle_and_tells_little(
    first: float, declared: float, most: int
) -> None:
    told = alarmed_at([first, *[20.0, 3580.5] * 3], declared, ALARM, faster=60.0)
    assert told is not None
    assert 3 < told <= most


def test_the_reply_of_a_faster_one_is_no_evidence_where_nobody_is_declared_to_be_faster() -> None:
    times = [0.0, *accumulate([30.0, 3570.5, 40.0, 3560.5])]
    assert evidence(times, 3600.0, faster=60.0) > evidence(times, 3600.0) + 3.0
    assert evidence(times, 3600.0, faster=3600.0) == evidence(times, 3600.0)


@pytest.mark.parametrize("faster", [None, 60.0])
@pytest.mark.parametrize("interval", [60.0, 300.0, 3600.0])
def test_a_record_that_is_elsewhere_for_less_than_a_minute_now_and_then_names_hardly_anybody(
    interval: float, faster: float | None
) -> None:
    """Short dwells at one place and long ones at the other are no beat: a cycle has to come back."""
    rng = random.Random(1)
    named = 0
    for _ in range(DRAWS // 5):
        dwells = [dwell for _ in range(4) for dwell in (rng.uniform(5.0, 60.0), rng.lognormvariate(7.5, 1.0))]
        named += alarmed_at(dwells, interval, faster=faster) is not None
    assert named <= 4


@pytest.mark.case("B3", "B3b")
@pytest.mark.parametrize(
    "dwells",
    [
        [46, 110, 60, 80, 40, 95],
        [135, 205],
        [300, 135, 205],
        [130, 70, 95, 160, 55, 85],
        [240, 300, 90, 600],
        [20, 75, 200],
    ],
)
def test_dwells_of_people_failover_and_pipelines_name_nobody(dwells: list[float]) -> None:
    assert alarmed_at(dwells) is None


def _in_haste(rng: random.Random) -> list[float]:
    times = sorted(rng.uniform(0.0, 1200.0) for _ in range(rng.randint(3, 6)))
    return [after - before for before, after in pairwise(times)]


@pytest.mark.case("B3", "B4")
@pytest.mark.parametrize(
    ("draw", "most"),
    [
        (lambda rng: [rng.lognormvariate(math.log(900.0), 1.0) for _ in range(2)], 0),
        (lambda rng: [rng.lognormvariate(math.log(600.0), 1.0) for _ in range(2)], 0),
        (lambda rng: [rng.lognormvariate(math.log(900.0), 1.0) for _ in range(4)], 0),
        (lambda rng: [rng.lognormvariate(math.log(600.0), 0.8) for _ in range(rng.randint(2, 4))], 0),
        (lambda rng: [rng.uniform(60.0, 360.0) for _ in range(rng.randint(2, 9))], 0),
        (lambda rng: [rng.uniform(120.0, 1800.0) for _ in range(6)], 0),
        (_in_haste, 0),
    ],
    ids=["retry", "quick retry", "five changes", "pipeline", "health check", "weights by hand", "people in haste"],
)
def test_none_of_a_thousand_look_alikes_has_a_beat(draw: Callable[[random.Random], list[float]], most: int) -> None:
    assert alarms(draw) <= most


def _flips(dwell: Callable[[random.Random], float]) -> Callable[[random.Random], list[float]]:
    """Give the dwells of sixteen flips that are seen up to two seconds late."""

    def draw(rng: random.Random) -> list[float]:
        written = accumulate((dwell(rng) for _ in range(15)), initial=0.0)
        return [after - before for before, after in pairwise(sorted(at + rng.uniform(0.0, 2.0) for at in written))]

    return draw


def _each_minute(rng: random.Random) -> list[float]:
    return [
        after - before for before, after in pairwise(60.0 * number + rng.uniform(0.0, 20.0) for number in range(16))
    ]


def _each_five_minutes(rng: random.Random) -> list[float]:
    written = (300.0 * number + rng.uniform(0.0, 20.0) for number in range(16))
    return [after - before for before, after in pairwise(sorted(at + rng.uniform(0.0, 2.0) for at in written))]


@pytest.mark.parametrize(
    ("draw", "most"),
    [
        (_flips(lambda rng: rng.uniform(5.0, 40.0)), 4),
        (_flips(lambda rng: rng.uniform(10.0, 30.0)), 4),
        (_flips(lambda rng: rng.uniform(20.0, 90.0)), 4),
        (_flips(lambda rng: rng.expovariate(1.0 / 20.0)), 4),
        (_flips(lambda rng: 3.0 * 40.0 ** rng.random()), 4),
        (_flips(lambda rng: 10.0 * 6.0 ** rng.random()), 6),
        (_flips(lambda rng: 20.0 + rng.uniform(0.0, 20.0)), 12),
        (_flips(lambda rng: 30.0 + rng.uniform(0.0, 15.0)), 2),
        (_flips(lambda rng: 60.0 + rng.uniform(0.0, 5.0)), 6),
        (_each_minute, 8),
        (_each_five_minutes, 2),
    ],
    ids=[
        "5 to 40 s",
        "10 to 30 s",
        "20 to 90 s",
        "20 s",
        "3 to 120 s",
        "10 to 60 s",
        "20 s and a pause",
        "30 s and a pause",
        "a timer of 60 s",
        "cron",
        "cron, five minutes",
    ],
)
def test_a_program_that_flips_at_random_or_on_a_loose_timer_is_hardly_ever_two_controllers(
    draw: Callable[[random.Random], list[float]], most: int
) -> None:
    """How many of 4,000 are stands in docs/detection.md."""
    rng = random.Random("nothing was tuned on this")
    assert sum(alarmed_at(draw(rng)) is not None for _ in range(DRAWS // 10)) <= most


def _fight(rng: random.Random, interval: float) -> list[float]:
    """Give the dwells of two controllers of one interval, whose tickers lengthen it by up to a second each time."""
    margin = min(10.0, interval / 4.0) + 2.0
    syncs = [0.0, rng.uniform(margin, interval - margin)]
    written = []
    for number in range(12):
        written.append(syncs[number % 2] + rng.lognormvariate(math.log(0.7), 0.6))
        syncs[number % 2] += interval + rng.random()
    return [after - before for before, after in pairwise(sorted(at + rng.uniform(0.0, 2.0) for at in written))]


@pytest.mark.parametrize(
    ("interval", "declared", "change", "least"),
    [
        (60.0, 60.0, 5, 88),
        (60.0, 60.0, 6, 95),
        (20.0, 60.0, 6, 65),
        (20.0, 60.0, 8, 90),
        (300.0, 60.0, 6, 93),
        (900.0, 900.0, 5, 97),
        (600.0, 60.0, 8, 93),
        (600.0, 600.0, 6, 93),
    ],
)
def test_what_is_weighed_against_programs_at_random_costs_few_fights_a_change(
    interval: float, declared: float, change: int, least: int
) -> None:
    """Ten times the weight of programs at random, and thirty fights of a hundred need one change more."""
    rng = random.Random("nothing was tuned on this")
    found = [alarmed_at(_fight(rng, interval)[: change - 1], declared) for _ in range(DRAWS // 10)]
    assert sum(each is not None for each in found) >= least


def test_a_burst_of_changes_within_a_second_is_no_interval() -> None:
    assert evidence([0.0, *accumulate([0.5] * 6)], 60.0) < 0.0


@given(st.lists(st.floats(0, 10_000), max_size=2), st.sampled_from([10.0, 60.0, 900.0, 3600.0]))
def test_a_single_change_proves_nothing_nor_does_one_way_back(times: list[float], interval: float) -> None:
    assert evidence(sorted(times), interval) == 0.0


@given(st.lists(st.floats(0, 10_000), min_size=1, max_size=15), st.floats(10, 3600))
def test_evidence_is_a_number_whatever_the_dwells_are(dwells: list[float], interval: float) -> None:
    assert math.isfinite(evidence([0.0, *accumulate(dwells)], interval))


def test_where_only_declared_intervals_count_another_beat_proves_nothing() -> None:
    times = [0.0, *accumulate([120.0] * 8)]
    assert evidence(times, 60.0) > PROVEN
    assert evidence(times, 60.0, any_interval=False) < 0.0


@pytest.mark.parametrize(
    ("dwells", "interval", "faster", "told"),
    [
        pytest.param([30, 30.5] * 3, 60.0, None, 17.54, id="on the declared beat"),
        pytest.param([30, 30.5, 30, 91, 30, 30.5], 60.0, None, 23.66, id="one sync in a hundred fails"),
        pytest.param([30, 45, 30, 20, 30, 30.5], 60.0, None, 11.02, id="slow propagation moves a change by 20 s"),
        pytest.param([20, 3580.5] * 3, 3600.0, None, 37.46, id="the reply of one that nobody said is faster"),
        pytest.param([20, 3580.5] * 3, 3600.0, 60.0, 36.94, id="the reply of one that is declared to be faster"),
        pytest.param([8, 12] * 4, 60.0, None, 22.05, id="quicker than people, with a beat"),
        pytest.param([12, 35, 18, 22, 9, 30], 60.0, None, 1.32, id="a program without a beat"),
        pytest.param([5, 70, 9, 31, 6, 80], 60.0, None, -3.12, id="one that waits in two ways, at random"),
        pytest.param([60, 75, 70, 66, 80, 62], 60.0, None, 2.37, id="a loose timer"),
        pytest.param([450, 460, 440, 455], 60.0, None, 5.08, id="a timer"),
        pytest.param([300, 310, 290, 305], 60.0, None, -0.21, id="a job of cron"),
        pytest.param([20, 280.5, 45, 255.5, 10, 290.5], 60.0, None, 21.69, id="replies at any time"),
        pytest.param([900, 1500, 700, 2000], 60.0, None, -1.5, id="people"),
        pytest.param([400, 320.5] * 3, 60.0, None, 21.86, id="an interval that nobody would set"),
        pytest.param([1800, 1960] * 2, 60.0, None, 6.39, id="slower than once an hour"),
        pytest.param([1800, 1890.5] * 2, 60.0, None, 11.99, id="once an hour and a propagation"),
    ],
)
def test_each_kind_of_dwell_is_worth_what_its_weight_says(
    dwells: list[float], interval: float, faster: float | None, told: float
) -> None:
    """In natural logarithms: a weight that is moved by a factor of two moves a row by a tenth to three."""
    assert evidence([0.0, *accumulate(dwells)], interval, faster=faster) == pytest.approx(told, abs=0.05)


def test_changes_at_one_moment_are_taken_to_be_half_a_second_apart() -> None:
    assert dwells_of([0.0, 0.0]) == [0.5]


def test_a_single_cycle_names_nobody_however_well_it_meets_the_declared_intervals() -> None:
    times = [0.0, 20.0, 3600.5]
    assert evidence(times, 3600.0, faster=60.0) > PROVEN
    assert not is_proven(times, 3600.0, PROVEN, faster=60.0)
    assert is_proven(times, 3600.0, PROVEN_WITH_WITNESS, faster=60.0)
