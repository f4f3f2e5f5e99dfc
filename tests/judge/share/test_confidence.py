"""The evidence about a share of v2, held to what it promises: by simulation where that is a probability."""

import math
import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.judge.share.confidence import against, band, declared_share, interval, judged, least_against, needed
from probe.model.plan import Weights
from probe.model.share import ShareVerdict

ALPHA, INTERVAL_SURE, LEAST = 1e-4, math.log(1e4), 0.001
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

COUNTS = st.integers(0, 20_000)
SHARES = st.floats(0.001, 0.999)


def draws(share: float, answers: int, seed: int) -> Iterator[tuple[int, int]]:
    """Count the draws of one record, answer by answer."""
    rng = random.Random(seed)
    v2 = 0
    for total in range(1, answers + 1):
        v2 += rng.random() < share
        yield total - v2, v2


@pytest.mark.parametrize("share", [0.5, 0.1, 0.01])
@pytest.mark.long
def test_looking_after_every_answer_excludes_the_true_share_no_more_often_than_promised(share: float) -> None:
    alpha, runs, answers = 0.05, 600, 600
    wrong = sum(
        any(against(share, *seen) >= math.log(1 / alpha) for seen in draws(share, answers, n)) for n in range(runs)
    )
    assert wrong <= alpha * runs + 2 * math.sqrt(alpha * runs)
    # Looking once a time at 95 % after every answer would have been wrong far more often than one time in twenty.
    naive = sum(any(_is_excluded_by_one_look(share, *seen) for seen in draws(share, answers, n)) for n in range(runs))
    assert naive > 3 * alpha * runs


def _is_excluded_by_one_look(share: float, v1: int, v2: int) -> bool:
    total = v1 + v2
    return total >= 30 and abs(v2 / total - share) > 1.96 * math.sqrt(share * (1 - share) / total)


def test_at_its_own_level_a_share_that_stands_is_never_called_off_in_a_thousand_records() -> None:
    assert not any(against(0.1, *seen) >= INTERVAL_SURE for n in range(1000) for seen in draws(0.1, 400, n))
    assert pytest.approx(math.log(1 / ALPHA)) == INTERVAL_SURE


@pytest.mark.parametrize(("true", "declared", "most"), [(0.31, 0.1, 250), (0.6, 0.5, 2500), (0.05, 0.01, 900)])
def test_a_wrong_share_is_found_in_so_many_answers(true: float, declared: float, most: int) -> None:
    for seed in range(20):
        assert any(judged(declared, *seen) is ShareVerdict.OFF for seen in draws(true, most, seed))


def test_the_right_share_is_confirmed_in_about_as_many_answers_as_foretold() -> None:
    foretold = needed(0.1, 0, 0)
    at = [
        next(v1 + v2 for v1, v2 in draws(0.1, 4 * foretold, seed) if judged(0.1, v1, v2) is ShareVerdict.AS_DECLARED)
        for seed in range(20)
    ]
    assert foretold / 2 < sorted(at)[10] < 2 * foretold


@given(COUNTS, COUNTS, SHARES)
def test_a_share_is_in_the_interval_exactly_when_there_is_too_little_evidence_against_it(
    v1: int, v2: int, share: float
) -> None:
    found = interval(v1, v2)
    evidence = against(share, v1, v2)
    if abs(evidence - INTERVAL_SURE) > 1e-3:
        assert (found.lower <= share <= found.upper) == (evidence < INTERVAL_SURE)


@given(COUNTS, COUNTS, SHARES)
def test_a_share_is_as_declared_exactly_when_the_whole_interval_counts_as_it(v1: int, v2: int, declared: float) -> None:
    found, near = interval(v1, v2), band(declared)
    told = judged(declared, v1, v2)
    if told is not ShareVerdict.OFF and min(abs(found.lower - near.lower), abs(found.upper - near.upper)) > 1e-7:
        assert (told is ShareVerdict.AS_DECLARED) == (near.lower <= found.lower and found.upper <= near.upper)


@given(COUNTS, COUNTS)
def test_the_interval_holds_what_was_seen_and_swaps_with_the_sides(v1: int, v2: int) -> None:
    found, mirrored = interval(v1, v2), interval(v2, v1)
    assert 0 <= found.lower <= (v2 / (v1 + v2) if v1 + v2 else 0.5) <= found.upper <= 1
    assert (mirrored.lower, mirrored.upper) == pytest.approx((1 - found.upper, 1 - found.lower), abs=1e-6)


@given(st.integers(1, 20_000), COUNTS, SHARES, SHARES)
def test_no_share_of_an_interval_has_less_evidence_against_it_than_the_least(
    v1: int, v2: int, one: float, other: float
) -> None:
    shares = interval(v1, v2)._replace(lower=min(one, other), upper=max(one, other))
    least = least_against(shares, v1, v2)
    assert all(least <= against(share, v1, v2) + 1e-9 for share in (one, other, (one + other) / 2))


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 3000), st.integers(0, 3000))
def test_what_is_foretold_decides(v1_weight: int, v2_weight: int, v1: int, v2: int) -> None:
    if not v1_weight + v2_weight:
        return
    declared = declared_share(Weights(v1_weight, v2_weight))
    more = needed(declared, v1, v2)
    assert more <= 60_000
    if more == 0:
        assert judged(declared, v1, v2) is not ShareVerdict.OPEN
    else:
        assert judged(declared, v1, v2) is ShareVerdict.OPEN


def test_a_share_at_the_edge_of_what_counts_as_declared_is_decided_by_so_many_answers() -> None:
    assert needed(0.5, 400_000, 600_000 - 1) == 0  # off: so many answers know the declared half from its edge
    low = band(0.001).upper
    assert needed(0.001, round(1e6 * (1 - low)), round(1e6 * low)) == 0


@pytest.mark.parametrize("declared", [LEAST, 1 / 256, 0.5, 255 / 256, 1 - LEAST])
def test_every_share_is_decided_within_sixty_thousand_answers(declared: float) -> None:
    """So nobody waits without an end in sight, and no bound is needed for how far it is foretold."""
    near = band(declared)
    shares = [0.0, declared, (near.lower + declared) / 2, near.lower, near.upper, (near.upper + declared) / 2, 1.0]
    most = max(needed(declared, n * (1 - share), n * share) for share in shares for n in (0, 10, 100, 1_000, 10_000))
    assert most <= 60_000


def test_the_declared_share_has_a_neighbourhood_that_ends_before_the_next_step() -> None:
    assert band(0.5) == (0.4, 0.6)
    assert band(0.1) == pytest.approx((1 / 28, 0.2))
    assert band(0.01) == pytest.approx((1 / 298, 3 / 102))
    assert band(0.9) == pytest.approx((0.8, 27 / 28))
    assert band(LEAST) == pytest.approx((0.0, 3 / 1_002))
    assert band(1 - LEAST) == pytest.approx((999 / 1_002, 1.0))


def test_a_share_is_off_as_soon_as_there_is_so_much_evidence_against_the_declared_one() -> None:
    evidence = against(0.5, 20, 60)
    assert judged(0.5, 20, 60, evidence) is ShareVerdict.OFF
    assert judged(0.5, 20, 60, math.nextafter(evidence, math.inf)) is ShareVerdict.OPEN


def test_a_share_is_as_declared_once_both_ends_of_what_counts_as_it_are_excluded() -> None:
    low, high = against(0.4, 505, 495), against(0.6, 505, 495)
    assert low < high
    assert judged(0.5, 505, 495, low - 1e-9) is ShareVerdict.AS_DECLARED
    assert judged(0.5, 505, 495, low + 1e-9) is ShareVerdict.OPEN
    assert judged(0.5, 495, 505, low - 1e-9) is ShareVerdict.AS_DECLARED
    assert judged(0.5, 495, 505, low + 1e-9) is ShareVerdict.OPEN


@pytest.mark.parametrize("declared", [LEAST, 0.5, 1 - LEAST])
def test_before_the_first_answer_nothing_is_said(declared: float) -> None:
    assert judged(declared, 0, 0) is ShareVerdict.OPEN
    assert needed(declared, 0, 0) > 0


@pytest.mark.parametrize(
    ("v1", "v2", "nearest"), [(80, 20, 0.4), (20, 80, 0.6), (50, 50, 0.5), (60, 40, 0.4), (40, 60, 0.6)]
)
def test_of_an_interval_the_share_nearest_to_what_was_seen_has_least_against_it(
    v1: int, v2: int, nearest: float
) -> None:
    assert least_against(band(0.5), v1, v2) == against(nearest, v1, v2)


@pytest.mark.parametrize(
    ("declared", "v1", "v2", "more"),
    [(0.5, 0, 0, 624), (0.1, 0, 0, 340), (0.1, 90, 10, 238), (0.5, 60, 40, 648), (0.01, 500, 0, 912)],
)
def test_how_many_answers_are_foretold_is_right_to_a_sixty_fourth(declared: float, v1: int, v2: int, more: int) -> None:
    assert needed(declared, v1, v2) == pytest.approx(more, rel=1 / 64)


def test_one_stray_answer_is_no_proof_against_a_weight_of_zero() -> None:
    declared = declared_share(Weights(255, 0))
    assert judged(declared, 500, 1) is not ShareVerdict.OFF
    assert judged(declared, 500, 8) is ShareVerdict.OFF
    assert judged(declared, 8000, 0) is ShareVerdict.AS_DECLARED
    assert judged(1 - declared, 0, 8000) is ShareVerdict.AS_DECLARED


def test_the_evidence_is_the_beta_mixtures_and_grows_without_bound_against_what_cannot_be() -> None:
    # B(2.5, 1.5) / B(0.5, 0.5) / (0.5^3) by hand: B(2.5, 1.5) = pi / 16.
    assert against(0.5, 1, 2) == pytest.approx(math.log(8 / 16))
    assert against(0.0, 1, 2) == math.inf
    assert against(1.0, 1, 2) == math.inf
    assert interval(0, 0) == (0.0, 1.0)
    assert (interval(0, 50).upper, interval(50, 0).lower) == (1.0, 0.0)


def test_one_migration_in_five_with_a_thousand_weighted_domains_sees_one_false_warning() -> None:
    assert pytest.approx(0.2) == 2000 * ALPHA
    assert math.exp(-INTERVAL_SURE) == pytest.approx(ALPHA)


def test_a_declared_weight_of_zero_is_tested_as_one_in_a_thousand() -> None:
    assert (declared_share(Weights(1, 0)), declared_share(Weights(0, 1))) == (0.001, 0.999)


def test_the_next_answers_are_foretold_as_if_ten_had_come_as_declared() -> None:
    # 10 answers at a quarter and ten foretold at a half: the next ones come at three eighths.
    share = 3 / 8
    more = needed(0.5, 7.5, 2.5)
    assert judged(0.5, 7.5 + more * (1 - share), 2.5 + more * share) is not ShareVerdict.OPEN
    early = more * 63 // 64 - 1
    assert judged(0.5, 7.5 + early * (1 - share), 2.5 + early * share) is ShareVerdict.OPEN


def test_an_interval_is_exact_to_a_hundred_millionth() -> None:
    found = interval(50, 50)
    assert 0.5 - found.lower == pytest.approx(found.upper - 0.5, abs=1e-8)
    assert against(found.lower, 50, 50) == pytest.approx(INTERVAL_SURE, abs=1e-5)
