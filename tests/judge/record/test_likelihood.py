import math
import random
from itertools import product

import pytest

from probe.judge.record.likelihood import INDEX, NO_COUNTS, counted, run_likelihood, together
from probe.model.record import Position

ANSWERS_COUNTED, SURE, SURE_AGAINST_DRAWS = 1024, math.log(1e-09), math.log(1e-15)
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


V1, V2 = INDEX[Position.V1], INDEX[Position.V2]


def likelihood(before: int, run: int) -> float:
    """Probability of `run` answers v2 after `before` answers v1."""
    return math.exp(run_likelihood(counted(NO_COUNTS, V1, before), V2, run))


@pytest.mark.parametrize(("before", "run"), list(product((1, 5, 30, 1000), (1, 2, 3, 6))))
def test_a_run_after_a_steady_past_is_as_unlikely_as_the_binomial_says(before: int, run: int) -> None:
    # The first answer's probability has n + 2 in the denominator: 1 / C(n + k + 1, k), the module's table.
    assert likelihood(before, run) == pytest.approx(1 / math.comb(before + run + 1, run))


@pytest.mark.parametrize(("v1", "v2"), [(1, 0), (30, 0), (400, 400), (17, 1000), (1000, 17)])
def test_a_run_is_as_likely_as_its_answers_one_by_one(v1: int, v2: int) -> None:
    counts, run = (v1, v2, 0, 0, 0), 60
    one_by_one = sum(math.log((v2 + length + 1) / (v1 + v2 + length + 2)) for length in range(run))
    assert run_likelihood(counts, V2, run) == pytest.approx(one_by_one, abs=1e-9)


def test_an_answer_that_was_never_contradicted_proves_nothing() -> None:
    assert run_likelihood(counted(NO_COUNTS, V1, 500), V1, 3) == 0.0
    assert run_likelihood(NO_COUNTS, V1, 1) == 0.0


def test_half_and_half_needs_thirty_equal_answers() -> None:
    counts = counted(counted(NO_COUNTS, V1, 400), V2, 400)
    needed = next(run for run in range(100) if run_likelihood(counts, V2, run) < SURE)
    assert 28 <= needed <= 33


def test_the_memory_of_answers_is_bounded_and_keeps_the_share() -> None:
    counts = NO_COUNTS
    for number in range(10_000):
        counts = counted(counts, V2 if number % 4 == 0 else V1)
        assert sum(counts) <= ANSWERS_COUNTED
    assert counts[V2] / sum(counts) == pytest.approx(0.25, abs=0.03)
    assert sum(counted(NO_COUNTS, V1, 10_000_000)) <= ANSWERS_COUNTED


@pytest.mark.parametrize("bar", [SURE, SURE_AGAINST_DRAWS])
@pytest.mark.parametrize("servers", [5, 8, 16])
def test_the_runs_of_more_servers_together_have_to_be_longer_for_the_same_chance(bar: float, servers: int) -> None:
    rng = random.Random(servers)
    assert [together(bar, few) for few in range(1, 5)] == [bar] * 4
    assert together(bar, servers + 1) < together(bar, servers) < bar
    # The chance itself is far too small to be seen: at a bar of which it is not, the two are as likely.
    low = -12.0
    chances = []
    for count, limit in ((4, low), (servers, together(low, servers))):
        sums = (sum(-rng.expovariate(1.0) for _ in range(count)) for _ in range(40_000))
        chances.append(sum(value < limit for value in sums) / 40_000)
    assert chances[1] == pytest.approx(chances[0], rel=0.5, abs=1e-3)
    assert together(SURE, 8) == pytest.approx(-28.5, abs=0.1)
