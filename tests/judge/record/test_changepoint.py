import random

import pytest

from probe.judge.record.changepoint import (
    Excursion,
    Jump,
    Level,
    _with_jump,
    follow,
    is_excited,
    is_fought_over,
    longest_dwell,
    newest_jump,
)

HASTE, JUMP, LEVEL_ANSWERS = 240.0, 12.0, 400
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


def heard(level: Level, share: float, bins: int, at: float, seed: int = 1) -> tuple[Level, float]:
    """Let answers be drawn at a share, so many in each bin of two seconds."""
    rng, answers = random.Random(seed), 8
    for _ in range(bins):
        level = follow(level, answers, sum(rng.random() < share for _ in range(answers)), at)
        at += 2.0
    return level, at


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9, 0.99])
def test_a_level_that_stands_does_not_jump(share: float) -> None:
    for seed in range(5):
        level, _ = heard(Level(), share, 2000, 0.0, seed)
        assert level.jumps == ()


@pytest.mark.parametrize(("before", "after"), [(0.1, 0.9), (0.9, 0.1), (0.0, 0.5), (0.5, 0.0), (0.5, 1.0)])
def test_a_jump_is_seen_within_seconds_and_dated_to_its_beginning(before: float, after: float) -> None:
    level, at = heard(Level(), before, 60, 0.0)
    level, _ = heard(level, after, 8, at, 2)
    (jump,) = level.jumps
    assert jump.up is (after > before)
    assert at <= jump.at <= at + 6


def test_one_stray_answer_at_a_side_that_is_never_seen_is_no_jump_and_not_even_exciting() -> None:
    level, at = heard(Level(), 0.0, 60, 0.0)
    level = follow(level, 1, 1, at)
    assert not level.jumps
    assert not is_excited(level)
    assert level.up.score < JUMP


def test_a_level_that_few_answers_have_told_is_corrected_and_does_not_jump() -> None:
    for share in (0.9, 0.95, 0.1, 0.0):
        for seed in range(20):
            level = follow(Level(), 10.0, 10.0 if share > 0.5 else 0.0, 0.0)
            level, _ = heard(level, share, 200, 2.0, seed)
            assert level.jumps == ()


def test_a_ramp_is_one_jump_whatever_its_steps() -> None:
    level, at = heard(Level(), 0.01, 150, 0.0)
    for seed, share in enumerate((0.1, 0.3, 0.6, 0.9)):
        level, at = heard(level, share, 150, at, seed)
    assert [jump.up for jump in level.jumps] == [True]
    assert not is_fought_over(level)


def jumps(*moments: float) -> Level:
    return Level(jumps=tuple(Jump(at, up=number % 2 == 0) for number, at in enumerate(moments)))


@pytest.mark.parametrize(
    ("moments", "fought"),
    [
        ((0, 30), False),
        ((0, 30, 60), True),
        ((0, 239, 478), True),
        ((0, 240, 480), False),
        ((0, 30, 60 + HASTE), False),
        ((0, 300, 600), False),  # a ramp that is drained and taken up again
        ((0, 300, 600, 900), True),
        ((0, 300, 1100, 1400), False),  # longer than any controller waits
        ((0, 2000, 2030, 2060), True),
    ],
)
def test_jumps_to_and_fro_are_a_fight_when_nobody_does_that_by_hand(moments: tuple[float, ...], fought: bool) -> None:  # noqa: FBT001  # a parameter of pytest
    assert is_fought_over(jumps(*moments)) is fought


def test_jumps_tell_when_the_newest_was_and_how_long_the_longest_dwell_lasted() -> None:
    assert (newest_jump(Level()), longest_dwell(Level())) == (None, 0.0)
    assert (newest_jump(jumps(0, 40, 50)), longest_dwell(jumps(0, 40, 50))) == (50, 40)


def test_a_level_is_excited_above_a_sum_that_draws_reach_once_in_minutes() -> None:
    assert is_excited(Level(up=Excursion(score=2.3)))
    assert not is_excited(Level(up=Excursion(score=2.2)))


def test_the_newest_eight_jumps_are_kept_and_two_in_one_direction_are_one() -> None:
    jumps: tuple[Jump, ...] = ()
    for number in range(10):
        jumps = _with_jump(jumps, Jump(100.0 * number, number % 2 == 0))
    assert [jump.at for jump in jumps] == [200.0 + 100.0 * number for number in range(8)]
    assert _with_jump(jumps, Jump(1_000.0, jumps[-1].up)) == jumps


@pytest.mark.parametrize(
    ("known", "share", "needed"),
    [
        (60, 0.0, 7),  # a side that is never seen: a stray weighs 1.94
        (60, 0.25, 12),
        (60, 0.5, 22),  # an answer that is half of all weighs 0.57
        (12, 0.0, 7),
        (8, 0.0, 8),  # few answers have told the level: it and the sum have to be of two
        (6, 0.0, 15),  # too few to be held against others until it is known
        (4, 0.0, 26),
        (500, 0.5, 22),  # the level's own age does not count
    ],
)
def test_a_jump_takes_so_many_answers_in_a_row_as_the_level_before_it_makes_unlikely(
    known: int, share: float, needed: int
) -> None:
    level = Level()
    for number in range(known):
        level = follow(level, 1, 1 if share and number % round(1 / share) == 0 else 0, float(number))
    for answers in range(1, needed + 1):
        assert level.jumps == ()
        level = follow(level, 1, 1, 1000.0 + answers)
    assert [jump.up for jump in level.jumps] == [True]


@pytest.mark.parametrize(("away", "home", "jumps"), [(0b01, 0b11, 0), (0b11, 0b11, 1), (0b11, 0b01, 1)])
def test_a_level_that_one_server_alone_has_left_is_no_jump_however_often_the_others_say_what_they_said(
    away: int, home: int, jumps: int
) -> None:
    """One server of two that comes back with old data answers elsewhere to half of all questions."""
    level = follow(Level(), 60, 0, 0.0, away=0, home=0b11, quorum=2)
    for number in range(20):
        level = follow(level, 4, 2, 2.0 * number, away=away, home=home, quorum=2)
    assert len(level.jumps) == jumps


def test_a_single_stray_weighs_as_if_one_answer_in_a_hundred_were_elsewhere_whatever_was_seen_before() -> None:
    """Else the first answer elsewhere after a day would be a jump by itself."""
    for answers in (100, 300):
        level = follow(Level(), answers, 0.0, 0.0)
        assert follow(level, 1, 1, 1.0).up.score == pytest.approx(1.94, abs=0.01)


def test_a_level_that_drifts_is_forgotten_by_half_while_nothing_is_suspected() -> None:
    level = follow(Level(), LEVEL_ANSWERS, LEVEL_ANSWERS / 2, 0.0)
    assert level.heard == LEVEL_ANSWERS
    assert follow(level, 2, 1, 1.0).heard == (LEVEL_ANSWERS + 2) / 2
    assert follow(level, 2, 2, 1.0).heard == LEVEL_ANSWERS + 2
