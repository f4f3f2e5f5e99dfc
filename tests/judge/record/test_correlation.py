import random
from collections.abc import Callable

import pytest

from probe.judge.record.bins import Bin
from probe.judge.record.correlation import (
    BLOCK,
    BLOCKS_KEPT,
    ENOUGH_BLOCKS,
    RESTLESS_BLOCKS,
    Correlation,
    follow,
    moves,
    stands_still,
    undecided,
)

SERVERS, ANSWERS = 4, 4
Shares = Callable[[int, random.Random], tuple[float, ...]]
"""The share elsewhere at each server, bin by bin."""


def watched(shares: Shares, blocks: int, seed: int = 1) -> Correlation:
    rng, seen = random.Random(seed), Correlation(0.0)
    for number in range(blocks * BLOCK):
        now = shares(number, rng)
        drawn = tuple(sum(rng.random() < share for _ in range(ANSWERS)) for share in now)
        seen = follow(seen, Bin(number, (ANSWERS,) * SERVERS, drawn))
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


def test_servers_whose_shares_differ_are_draws_as_well() -> None:
    seen = watched(lambda _number, _rng: (0.2, 0.4, 0.6, 0.8), 8)
    assert stands_still(seen)
    assert undecided(seen) == 0b1111


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


def test_what_is_remembered_is_bounded() -> None:
    seen = watched(weights(0.5), 3 * BLOCKS_KEPT)
    assert len(seen.blocks) == BLOCKS_KEPT
    assert len(seen.bins) < BLOCK
