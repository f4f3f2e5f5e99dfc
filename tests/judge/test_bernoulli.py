"""Likelihoods of draws: held to sums over all orders, to the rule of succession, and to each other."""

import math
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.judge.bernoulli import JEFFREYS, UNIFORM, at_likeliest, at_share, mixed, of_run

COUNTS = st.integers(0, 500)
SHARES = st.floats(0.001, 0.999)


@pytest.mark.parametrize("prior", [UNIFORM, JEFFREYS])
@pytest.mark.parametrize("draws", [1, 2, 5, 12])
def test_the_likelihoods_of_all_that_can_be_drawn_add_up_to_one(draws: int, prior: float) -> None:
    orders = [math.comb(draws, some) for some in range(draws + 1)]
    mixtures = [orders[some] * math.exp(mixed(some, draws - some, prior)) for some in range(draws + 1)]
    given_share = [orders[some] * math.exp(at_share(0.3, some, draws - some)) for some in range(draws + 1)]

    assert sum(mixtures) == pytest.approx(1.0)
    assert sum(given_share) == pytest.approx(1.0)


@given(COUNTS, COUNTS)
def test_with_a_uniform_share_the_next_draw_follows_the_rule_of_succession(some: int, others: int) -> None:
    step = mixed(some + 1, others, UNIFORM) - mixed(some, others, UNIFORM)
    assert step == pytest.approx(math.log((some + 1) / (some + others + 2)), abs=1e-9)


@given(COUNTS, COUNTS, st.integers(1, 60))
def test_a_run_is_the_product_of_its_draws(some: int, others: int, run: int) -> None:
    one_by_one = sum(math.log((some + length + 1) / (some + others + length + 2)) for length in range(run))
    assert mixed(some + run, others, UNIFORM) - mixed(some, others, UNIFORM) == pytest.approx(one_by_one, abs=1e-8)
    assert of_run(some, some + others, run) == pytest.approx(one_by_one, abs=1e-8)


@given(COUNTS, COUNTS, SHARES)
def test_no_share_tells_draws_better_than_the_likeliest(some: int, others: int, share: float) -> None:
    best = at_likeliest(some, others)
    assert at_share(share, some, others) <= best + 1e-9
    assert mixed(some, others, JEFFREYS) <= best + 1e-9
    if some and others:
        assert at_share(some / (some + others), some, others) == pytest.approx(best)


def test_what_no_draw_can_give_has_no_likelihood() -> None:
    assert at_share(0.0, 1, 5) == at_share(1.0, 5, 1) == -math.inf
    assert at_share(0.0, 0, 5) == at_share(1.0, 5, 0) == 0.0
    assert at_likeliest(0, 0) == at_likeliest(7, 0) == mixed(0, 0, JEFFREYS) == 0.0


@pytest.mark.parametrize(("some", "others"), list(product((3, 40), (0, 7))))
def test_the_finer_prior_makes_extreme_counts_likelier(some: int, others: int) -> None:
    extreme, even = mixed(some + others, 0, JEFFREYS), mixed(some + others, 0, UNIFORM)
    assert extreme > even


def test_more_draws_are_never_likelier_than_fewer() -> None:
    assert all(after < before for before, after in pairwise(mixed(count, 3, UNIFORM) for count in range(100)))
