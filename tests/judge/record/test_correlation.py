import random
from collections.abc import Callable

import pytest

from probe.judge.record.bins import Bin
from probe.judge.record.correlation import (
    Block,
    Correlation,
    alone,
    follow,
    follow_early,
    is_under_way,
    may_be_under_way,
    moves,
    stands_still,
    undecided,
)

BIN, BLOCK, BLOCKS_KEPT, EARLY, ENOUGH_BLOCKS, RESTLESS_BLOCKS = 2.0, 10, 24, 30.0, 4, 7
ALONE_BLOCKS, CHANCE_ALONE = 3, 1e-5
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


SERVERS, ANSWERS = 4, 4
Shares = Callable[[int, random.Random], tuple[float, ...]]
"""The share elsewhere at each server, bin by bin."""


def watched(shares: Shares, blocks: int, seed: int = 1, *, early: int = 0) -> Correlation:
    """Draw so many blocks, and so many bins before them."""
    rng, seen = random.Random(seed), Correlation(0.0)
    for number in range(-early, blocks * BLOCK):
        now = shares(number, rng)
        drawn = tuple(sum(rng.random() < share for _ in range(ANSWERS)) for share in now)
        take = follow if number >= 0 else follow_early
        seen = take(seen, Bin(number, (ANSWERS,) * SERVERS, drawn))
    return seen


def weights(share: float) -> Shares:
    return lambda _number, _rng: (share,) * SERVERS


def in_step(dwell: int) -> Shares:
    return lambda number, _rng: (float(number // dwell % 2),) * SERVERS


def glitches(number: int, _rng: random.Random) -> tuple[float, ...]:
    return (float(number % 30 == 5),) * SERVERS


def stale_machine(_number: int, _rng: random.Random) -> tuple[float, ...]:
    return (0.5, 0.0, 0.0, 0.0)


def one_change(number: int, _rng: random.Random) -> tuple[float, ...]:
    return (float(number >= 3 * BLOCK + 5),) * SERVERS


@pytest.mark.parametrize("share", [0.5, 0.7, 0.9, 0.99, 0.01])
def test_draws_stand_still_nearly_always_and_never_move(share: float) -> None:
    still = [stands_still(watched(weights(share), 6, seed)) for seed in range(40)]
    assert sum(still) >= 38
    assert not any(moves(watched(weights(share), BLOCKS_KEPT, seed)) for seed in range(10))


@pytest.mark.case("B16")
def test_servers_whose_shares_differ_stand_still_and_are_followed_by_machines_one_by_one() -> None:
    seen = watched(lambda _number, _rng: (0.2, 0.4, 0.6, 0.8), 8)
    assert stands_still(seen)
    assert undecided(seen) == 0b1111
    assert is_under_way(seen)


@pytest.mark.case("B16")
@pytest.mark.parametrize("backwards", [False, True])
def test_a_share_that_goes_one_way_within_minutes_is_under_way_in_whichever_direction(*, backwards: bool) -> None:
    def travelling(number: int, _rng: random.Random) -> tuple[float, ...]:
        followed = 0.2 + number * BIN / 300.0
        return (1.0 - followed if backwards else followed,) * SERVERS

    for seed in range(10):
        seen = watched(travelling, ENOUGH_BLOCKS, seed, early=round(EARLY / BIN))
        assert may_be_under_way(seen)
        assert is_under_way(seen)


@pytest.mark.case("B16")
def test_what_was_answered_within_the_grace_time_tells_a_trend_that_is_nearly_over() -> None:
    def slowing(number: int, _rng: random.Random) -> tuple[float, ...]:
        return (0.5 if number < 0 else 0.8,) * SERVERS

    assert not may_be_under_way(watched(slowing, ENOUGH_BLOCKS))
    assert is_under_way(watched(slowing, ENOUGH_BLOCKS, early=round(EARLY / BIN)))


@pytest.mark.case("B16")
@pytest.mark.parametrize("share", [0.5, 0.9, 0.99, 0.01])
def test_draws_of_one_share_are_hardly_ever_held_for_a_change_and_never_called_one(share: float) -> None:
    seen = [watched(weights(share), blocks, seed, early=15) for blocks in (ENOUGH_BLOCKS, 8) for seed in range(50)]
    assert sum(map(may_be_under_way, seen)) <= 2
    assert not any(map(is_under_way, seen))


@pytest.mark.case("B16")
def test_a_server_that_keeps_an_old_record_beside_weights_is_left_out_after_160_s() -> None:
    """A machine that changes within five minutes has a trend by then; sooner the server may still be on its way."""

    def stale(_number: int, _rng: random.Random) -> tuple[float, ...]:
        return (0.0, 0.5, 0.5, 0.5)

    for seed in range(5):
        assert may_be_under_way(watched(stale, 7, seed))
        assert not may_be_under_way(watched(stale, 8, seed))
        assert not is_under_way(watched(stale, 7, seed))


@pytest.mark.case("B16")
@pytest.mark.parametrize(("elsewhere", "trend"), [(23, True), (26, False)])
def test_what_was_answered_early_stands_where_the_middle_of_its_thirty_seconds_was(
    elsewhere: int,
    trend: bool,  # noqa: FBT001  # a parameter of pytest
) -> None:
    """Of 60 answers 23 led elsewhere, then 32 of 40 in each block: 4.68 deviations, where 4.5 are beyond chance.

    With the middle of 15 s they are 4.41. Of 26 they are 4.17, and with the middle of 60 s 4.51.
    """
    later = (Block(0.0, 1.0, 10.0, 1_000.0, 8, (40,), (32,)),) * 4
    assert is_under_way(Correlation(0.0, blocks=later, early_heard=(60,), early_elsewhere=(elsewhere,))) is trend


def test_a_zone_of_one_server_has_no_other_to_be_unlike() -> None:
    single = Correlation(0.0)
    for number in range(ENOUGH_BLOCKS * BLOCK):
        single = follow(single, Bin(number, (ANSWERS,), (number % 2,)))
    assert not may_be_under_way(single)
    assert not may_be_under_way(Correlation(0.0))


def test_too_little_is_neither() -> None:
    assert not stands_still(watched(weights(0.5), ENOUGH_BLOCKS - 1))
    assert not moves(watched(in_step(2), RESTLESS_BLOCKS - 1))


@pytest.mark.parametrize("shares", [in_step(1), in_step(2), in_step(7), glitches], ids=["2 s", "4 s", "14 s", "glitch"])
def test_servers_in_step_move_and_do_not_stand_still(shares: Shares) -> None:
    seen = watched(shares, 9)
    assert moves(seen)
    assert not stands_still(seen)


def test_a_single_change_and_a_stuck_machine_are_no_movement() -> None:
    assert not moves(watched(one_change, 12))
    assert not moves(watched(stale_machine, BLOCKS_KEPT))
    assert undecided(watched(stale_machine, 4)).bit_count() == 1


@pytest.mark.case("K9")
def test_a_stuck_machine_is_told_after_a_minute_and_draws_are_never_taken_for_one() -> None:
    for seed in range(20):
        assert alone(watched(stale_machine, ALONE_BLOCKS - 1, seed)) is None
        assert alone(watched(stale_machine, ALONE_BLOCKS, seed)) == 0
    for share in (0.001, 0.01, 0.5, 0.99):
        assert not [seed for seed in range(50) if alone(watched(weights(share), 12, seed)) is not None]
    assert alone(watched(in_step(7), 12)) is None
    assert alone(watched(one_change, 12)) is None


def one_contradicts(heard: tuple[int, ...], rare: int, *, blocks: int = 3, old: bool = False) -> Correlation:
    none = (0,) * len(heard)
    away = (heard[0] - rare, *heard[1:]) if old else (rare, *none[1:])
    each = Block(0.0, 1.0, 1.0, 1.0, 1, heard, (1, *none[1:]))
    return Correlation(0.0, blocks=(each,) * blocks, heard=heard, elsewhere=away)


@pytest.mark.case("K9")
@pytest.mark.parametrize("old", [False, True])
def test_a_machine_is_stuck_from_a_chance_of_1e_5_on_in_three_blocks_where_two_others_agree(*, old: bool) -> None:
    assert alone(one_contradicts((30, 30, 30, 30), 8, old=old)) is None  # 1.5e-5
    assert alone(one_contradicts((30, 30, 30, 30), 9, old=old)) == 0
    assert alone(one_contradicts((30, 30, 30), 10, old=old)) is None  # 1.7e-5
    assert alone(one_contradicts((30, 30, 30), 11, old=old)) == 0  # 5.6e-6
    assert alone(one_contradicts((30, 30, 30, 30), 9, blocks=2, old=old)) is None
    assert alone(one_contradicts((90, 10), 60, old=old)) is None
    apart = one_contradicts((30, 30, 30, 30), 9)
    assert alone(apart._replace(elsewhere=(9, 30, 0, 0))) is None


def test_what_is_remembered_is_bounded() -> None:
    seen = watched(weights(0.5), 3 * BLOCKS_KEPT)
    assert len(seen.blocks) == BLOCKS_KEPT
    assert len(seen.bins) < BLOCK


def blocks(  # what a block shows
    number: int, covariance: float, *, variance: float = 1.0, scale: float = 10.0, pairs: float = 1_000.0, rare: int = 0
) -> tuple[Block, ...]:
    return (Block(covariance, variance, scale, pairs, rare, (10,), (5,)),) * number


@pytest.mark.parametrize(
    ("seen", "still"),
    [
        (blocks(4, 0.0, pairs=250), True),
        (blocks(4, 0.0, pairs=249), False),
        (blocks(4, 1.29), True),
        (blocks(4, 1.31), False),
        (blocks(4, 1.31, scale=33), True),
        (blocks(4, 1.31, scale=32), False),
    ],
    ids=["1000-pairs", "996-pairs", "2.58-deviations", "2.62-deviations", "correlation-0.0397", "correlation-0.041"],
)
def test_shares_stand_still_by_a_thousand_pairs_below_2_6_deviations_or_a_correlation_of_0_04(
    seen: tuple[Block, ...],
    still: bool,  # noqa: FBT001  # a parameter of pytest
) -> None:
    assert stands_still(Correlation(0.0, blocks=seen)) is still


@pytest.mark.parametrize(
    ("seen", "moving"),
    [
        (blocks(9, 2.28), True),
        (blocks(9, 2.26), False),
        (blocks(9, 3.0, scale=19.9), True),
        (blocks(9, 3.0, scale=20.0), False),
        (blocks(9, 3.0, scale=1_000.0, rare=9), True),
        (blocks(9, 3.0, scale=1_000.0, rare=8), False),
        ((*blocks(6, 0.0), *blocks(3, 1_000.0)), True),
        ((*blocks(7, 0.0), *blocks(2, 1_000.0)), False),
    ],
    ids=[
        "6.03-deviations",
        "5.98-deviations",
        "correlation-0.151",
        "correlation-0.15",
        "63-rare-answers",
        "56-rare-answers",
        "three-restless-blocks",
        "two-restless-blocks",
    ],
)
def test_servers_move_by_six_deviations_in_more_than_two_blocks_and_a_correlation_or_many_answers(
    seen: tuple[Block, ...],
    moving: bool,  # noqa: FBT001  # a parameter of pytest
) -> None:
    assert moves(Correlation(0.0, blocks=seen)) is moving
