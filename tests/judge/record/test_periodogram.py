"""A line in the answers' periodogram: what proves a beat, what is noise, and when a beat is over."""

import random
from collections.abc import Callable

import pytest

from probe.judge.record import periodogram
from probe.judge.record.bins import Bin
from probe.judge.record.periodogram import (
    NO_PERIODOGRAM,
    Periodogram,
    WindowPower,
    WindowSums,
    follow,
    is_beating,
    is_proven,
)

MINUTE, BIN = 60.0, 2.0
SERVERS = 4
WINDOW = 605.0
"""Seconds of a window for an interval of a minute: ten cycles, each longer by the ticker's half second."""

Share = Callable[[float, int], float]
"""Which share of a server's answers leads elsewhere at a second."""


def heard(share: Share, seconds: float, *, seed: int = 1, asks: int = 2, interval: float = MINUTE) -> list[Periodogram]:
    """Give what is known after each bin of answers: `asks` of each server in one."""
    rng, known, told = random.Random(seed), NO_PERIODOGRAM, []
    for number in range(int(seconds / BIN)):
        away = tuple(sum(rng.random() < share(number * BIN, server) for _ in range(asks)) for server in range(SERVERS))
        known = follow(known, Bin(number, (asks,) * SERVERS, away), interval)
        told.append(known)
    return told


def proven_after(told: list[Periodogram]) -> int | None:
    """Give after how many windows a beat was proven."""
    first = next((known for known in told if known.since is not None), None)
    return None if first is None else len(first.windows)


def by_turns(low: float, high: float, dwell: float, *, period: float = 60.5, until: float = float("inf")) -> Share:
    """Two weights by turns, the higher one for `dwell` seconds of each period."""
    return lambda at, _server: high if at < until and at % period < dwell else low


def test_weights_by_turns_are_a_beat_within_a_window() -> None:
    told = heard(by_turns(0.2, 0.4, 30.0), WINDOW + 2 * BIN)
    assert proven_after(told) == 1
    assert told[-1].since == pytest.approx(WINDOW, abs=BIN)
    assert is_beating(told[-1], WINDOW)


@pytest.mark.parametrize("seed", range(3))
def test_a_short_turn_is_a_beat_within_three(seed: int) -> None:
    after = proven_after(heard(by_turns(0.2, 0.4, 10.0), 3 * WINDOW + 6 * BIN, seed=seed))
    assert after is not None


@pytest.mark.parametrize("share", [0.03, 0.3, 0.5, 0.97])
def test_draws_of_one_share_are_none(share: float) -> None:
    told = heard(lambda _at, _server: share, 12 * WINDOW, seed=int(100 * share))
    assert proven_after(told) is None
    assert len(told[-1].windows) == 3
    assert max(window.power for known in told for window in known.windows) < 12  # of 24,000 answers


def test_a_share_that_jumps_without_a_beat_is_noise_at_all_frequencies() -> None:
    rng = random.Random(4)
    ends, at = [0.0], 0.0
    while at < 12 * WINDOW:
        at += rng.uniform(30, 90)
        ends.append(at)

    def share(now: float, _server: int) -> float:
        return 0.5 if sum(end <= now for end in ends) % 2 else 0.0

    told = heard(share, 12 * WINDOW)
    assert proven_after(told) is None
    windows = {window for known in told for window in known.windows}
    assert max(window.power for window in windows) > 15  # so that the power alone would have been one
    assert min(window.noise for window in windows) > 5


def test_steps_once_a_minute_are_no_line() -> None:
    shares = [random.Random(minute).uniform(0.1, 0.6) for minute in range(200)]
    told = heard(lambda at, _server: shares[int(at // 60.5)], 12 * WINDOW)
    assert proven_after(told) is None


def test_what_one_server_says_alone_is_no_beat_of_the_record() -> None:
    told = heard(lambda at, server: 0.9 if server == 2 and at % 60.5 < 30 else 0.3, 4 * WINDOW)
    assert told[-1].windows[-1].power > 15
    assert told[-1].windows[-1].least < 7.5
    assert proven_after(told) is None


def test_a_server_that_always_says_the_same_takes_no_beat_away() -> None:
    told = heard(lambda at, server: 0.0 if server == 2 else 0.4 if at % 60.5 < 30 else 0.2, WINDOW + 2 * BIN)
    assert proven_after(told) == 1


def test_a_beat_of_another_interval_is_none_of_the_declared_one() -> None:
    assert proven_after(heard(by_turns(0.2, 0.4, 20.0, period=45.5), 3 * WINDOW + 6 * BIN)) is None
    assert proven_after(heard(by_turns(0.2, 0.4, 20.0, period=45.5), 3 * WINDOW, interval=45.0)) == 1


def test_two_windows_without_it_end_a_beat() -> None:
    told = heard(by_turns(0.2, 0.4, 30.0, until=WINDOW), 3 * WINDOW + 8 * BIN)
    beating = [known.since is not None for known in told]
    assert beating.count(True) * BIN == pytest.approx(2 * WINDOW, abs=8 * BIN)
    assert not beating[-1]
    assert told[-1].windows == ()


def power(amount: float, *, least: float | None = None, noise: float = 1.0, ended: float = 0.0) -> WindowPower:
    return WindowPower(ended, amount, amount if least is None else least, noise, 2400, 700)


@pytest.mark.parametrize(
    ("windows", "proves"),
    [
        # Of draws each of these bars is passed once in three million.
        ([power(16.0)], True),
        ([power(14.0)], False),
        ([power(9.5)] * 2, True),
        ([power(8.5)] * 2, False),
        ([power(7.2)] * 3, True),
        ([power(6.5)] * 3, False),
        ([power(1.0), power(1.0), power(16.0)], True),
        ([power(31.0, noise=2.0)], True),
        ([power(29.0, noise=2.0)], False),
        ([power(40.0, least=8.0)], True),
        ([power(40.0, least=7.0)], False),
        ([], False),
    ],
)
def test_a_power_proves_a_beat_that_draws_have_once_in_three_million(
    windows: list[WindowPower], *, proves: bool
) -> None:
    assert is_proven(tuple(windows)) is proves


def measured(known: Periodogram, amount: float, *, answers: int = 2400, elsewhere: int = 720) -> Periodogram:
    """Let a window end of which two servers' answers have some power at the beat, and none beside it."""
    began = known.windows[-1].ended if known.windows else 0.0
    own = (amount * elsewhere * (1 - elsewhere / answers)) ** 0.5 / 2
    nothing = (0.0,) * (2 * len(periodogram.OTHERS))
    sums = WindowSums(
        began, (answers // 2,) * 2, (elsewhere // 2,) * 2, (0.0,) * 4, (own, 0.0, own, 0.0), nothing, nothing
    )
    known = known._replace(cycle=60.5, sums=sums)
    return follow(known, Bin(int((began + WINDOW) // BIN) + 1, (0, 0), (0, 0)), MINUTE)


def test_a_beat_is_kept_by_less_than_proves_it_and_over_after_two_windows_without() -> None:
    beating = measured(NO_PERIODOGRAM, 20.0)
    assert beating.since == pytest.approx(WINDOW)
    kept = measured(measured(beating, 7.0), 7.0)
    assert (kept.since, kept.without) == (beating.since, 0)
    once = measured(kept, 5.0)
    assert (once.since, once.without) == (beating.since, 1)
    assert measured(once, 7.0).without == 0
    over = measured(once, 5.0)
    assert (over.since, over.windows) == (None, ())


def test_what_was_measured_two_and_a_half_hours_ago_is_not_known_any_more() -> None:
    beating = measured(NO_PERIODOGRAM, 20.0)
    assert is_beating(beating, WINDOW + 8000)
    assert not is_beating(beating, WINDOW + 10_000)
    slight = measured(NO_PERIODOGRAM, 10.0)
    (window,) = slight.windows
    assert measured(slight, 10.0).since is not None
    old = slight._replace(windows=(window._replace(ended=0.0),), sums=None)
    late = old._replace(windows=(window._replace(ended=-10_000.0),))
    assert measured(late._replace(windows=()), 10.0).since is None
    sums = WindowSums(0.0, (1200,) * 2, (360,) * 2, (0.0,) * 4, (35.0, 0.0) * 2, *((0.0,) * 38,) * 2)
    for before, proven in ((old, True), (late, False)):
        after = follow(before._replace(sums=sums), Bin(304, (0, 0), (0, 0)), MINUTE)
        assert (after.since is not None) is proven


@pytest.mark.parametrize(
    ("answers", "elsewhere", "is_measured"),
    [(1100, 330, True), (900, 300, False), (2400, 22, True), (2400, 18, False), (2400, 2382, False)],
)
def test_a_window_of_too_few_answers_says_nothing(answers: int, elsewhere: int, *, is_measured: bool) -> None:
    assert bool(measured(NO_PERIODOGRAM, 20.0, answers=answers, elsewhere=elsewhere).windows) is is_measured


def test_answers_as_few_as_calm_turns_bring_do_not_count() -> None:
    assert follow(NO_PERIODOGRAM, Bin(0, (1, 1, 1, 0), (0,) * SERVERS), MINUTE).sums is None
    assert follow(NO_PERIODOGRAM, Bin(0, (1, 1, 1, 1), (0,) * SERVERS), MINUTE).sums is not None


def test_other_servers_begin_a_window_anew_and_another_interval_forgets_all() -> None:
    beating = measured(NO_PERIODOGRAM, 20.0)
    four = follow(beating, Bin(400, (2,) * 4, (1,) * 4), MINUTE)
    assert four.sums is not None
    three = follow(four, Bin(401, (2,) * 3, (1,) * 3), MINUTE)
    assert three.sums is not None
    assert three.sums.heard == (2,) * 3
    assert three.since == beating.since
    other = follow(three, Bin(402, (2,) * 3, (1,) * 3), 30.0)
    assert (other.cycle, other.windows, other.since) == (30.5, (), None)


def test_the_beat_of_an_interval_is_looked_for_where_a_window_of_it_is_short_enough() -> None:
    assert [periodogram.cycle_of(interval) for interval in (19.0, 20.0, 60.0, 120.0, 121.0)] == [
        None,
        20.5,
        60.5,
        120.5,
        None,
    ]
    assert periodogram.window_of(60.0) == WINDOW
    assert periodogram.window_of(300.0) is None
    assert follow(NO_PERIODOGRAM, Bin(0, (2,) * 4, (1,) * 4), 300.0) == NO_PERIODOGRAM
