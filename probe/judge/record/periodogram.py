"""Whether the share of a weighted record rises and falls with the beat of two controllers: a line in its periodogram.

Where two write weights over each other that lie near together (20 % against 40 %), no answer is a change and no jump of
the level is large enough for `probe.judge.record.changepoint`. What remains is the beat: a slower controller finds the
other one's weights at each of its syncs, so that the share comes round once in its interval, which a ticker of one
second lengthens by half a second on average.

The power of n answers at a frequency f (A. Schuster, 1898), with m of them elsewhere,

    P(f) = |sum of (answer - m / n) * e^(-2 pi i f t)|^2 / (m (1 - m / n)),

is above x with e^-x where answers are draws of one share, at whatever moments they were asked for. Windows of `CYCLES`
cycles are measured one by one; of the newest ones that are known the powers are added up, which neither the ticker nor
the time between two windows disturbs. That of K windows is above x with e^-x (1 + x + .. + x^(K-1) / (K-1)!).

Answers that are no draws of one share are no beat yet: weights that are edited, health checks that come and go and
ramps are noise at all frequencies. So the power has to be as high above the mean of the other frequencies as it has to
be above 1. And it has to be there without any one server: what one of them says by itself, its late machines among it,
is no beat of the record.

What has the same line, and is not told from two controllers by it: a health check, or a job, that takes its turns with
the declared interval. So a beat says that the share alternates, and not who does it.

Only bins count that hold as many answers as a window of denser questions brings (`probe.judge.polling.sampling`): calm
turns would take half a day, and cost as much of the judge's time as they do.
"""

import cmath
import math
from collections.abc import Sequence
from typing import NamedTuple

from probe.judge.record.bins import BIN, Bin, PerServer

CYCLES = 10
"""Cycles of a window: ten minutes for the default interval. The ticker moves the beat of an ExternalDNS by half a
second a cycle at most from what is expected, 30 degrees in so many; twice as many would lose a quarter of the power."""

TICKER = 0.5
"""Seconds by which a ticker of one second lengthens an interval on average."""

SHORTEST_BEAT, LONGEST_BEAT = 20.0, 120.0
"""Seconds: the beat of intervals between these is looked for. Quicker ones are blurred by propagation, which takes
seconds, and windows of slower ones would take more than 20 minutes, in which people's edits look like a beat."""

OTHERS = (4, 5, 6, 7, 8, 12, 13, 14, 15, 16, 17, 18, 22, 23, 24, 25, 26, 27, 28)
"""The other frequencies, in cycles of a window: lower ones are what a single change leaves, and those near the beat's
ten and near its multiples are the beat's own."""

BEAT_PROVEN = (15.0, 18.0, 20.5)
"""Power of one, two and three windows together that proves a beat: of draws one in three million is above it. 20 %
against 40 % has 41, 34 and 11 in one window by the median, for dwells of 30, 20 and 10 s (docs/detection.md)."""

WITHOUT_ANY = 0.5
"""Part of it that has to be left without any one server: of four that beat, three quarters are."""

KEEPS_BEAT = 6.0
"""Power of a window that keeps a beat which is proven: of draws one in 400 is above it, and of a beat of 10 s against
50 s one in twelve below."""

WITHOUT_BEAT = 2
"""Windows without a beat in a row that end it: of the slightest beats one window in twelve shows none."""

DENSE = 4
"""Answers of a bin that counts: half of what a window of denser questions puts there. Calm turns bring one at most."""

ENOUGH_IN_WINDOW = 1000
"""Answers of a window that is measured: with half of them lost, and beats that so few show are found in two."""

RARE = 20
"""Of them at least so many at either place: of fewer each moves the power by a twentieth, and it is no e^-x."""

BEAT_FORGOTTEN = 9000.0
"""Seconds after which a window says nothing more: two and a half hours hold three windows that are an hour apart, and a
beat that could not be measured for so long is not known any more."""


class WindowSums(NamedTuple):
    """The answers of a window that is being measured, as sums.

    Attributes:
        began: Monotonic second at which it did.
        heard, elsewhere: Answers of each server, and how many of them not at the reference.
        turns, turns_elsewhere: Of each server cosine and sine of the beat's phase, summed over the same.
        others, others_elsewhere: Of all servers the same at each other frequency.
    """

    began: float
    heard: PerServer
    elsewhere: PerServer
    turns: tuple[float, ...]
    turns_elsewhere: tuple[float, ...]
    others: tuple[float, ...]
    others_elsewhere: tuple[float, ...]


class WindowPower(NamedTuple):
    """What a window that is over has shown.

    Attributes:
        ended: Monotonic second of its end.
        power: That at the beat, a ratio: 1 is the mean of draws.
        least: The same ratio without the server without which it is least.
        noise: The mean ratio at the other frequencies; 1 at least.
        answers, elsewhere: How many there were, and how many of them not at the reference.
    """

    ended: float
    power: float
    least: float
    noise: float
    answers: int
    elsewhere: int


class Periodogram(NamedTuple):
    """What is remembered of a record's beat.

    Attributes:
        cycle: Seconds of a cycle of the beat that is looked for; None where none is.
        sums: The window that is being measured; None before there is one.
        windows: The newest ones that were, oldest first.
        since: Monotonic second of the end of the window that proved a beat; None while none is.
        without: Windows without a beat in a row since.
    """

    cycle: float | None = None
    sums: WindowSums | None = None
    windows: tuple[WindowPower, ...] = ()
    since: float | None = None
    without: int = 0


NO_PERIODOGRAM = Periodogram()

_NONE = (0.0,) * (2 * len(OTHERS))


def cycle_of(interval: float) -> float | None:
    """Give the seconds of a cycle of the beat of a declared interval; None where it is not looked for."""
    return interval + TICKER if SHORTEST_BEAT <= interval <= LONGEST_BEAT else None


def window_of(interval: float) -> float | None:
    """Give the seconds of a window for a declared interval; None where no beat is looked for."""
    cycle = cycle_of(interval)
    return None if cycle is None else CYCLES * cycle


def is_beating(known: Periodogram, now: float) -> bool:
    """Tell whether a beat is proven, and was measured lately, at the monotonic second `now`."""
    return known.since is not None and bool(known.windows) and now - known.windows[-1].ended <= BEAT_FORGOTTEN


def follow(known: Periodogram, closed: Bin, interval: float) -> Periodogram:
    """Take the answers of a bin in, where the slower controller's interval is declared to be so many seconds."""
    began, cycle = closed.number * BIN, cycle_of(interval)
    if cycle != known.cycle:  # another interval is declared
        known = Periodogram(cycle)
    if cycle is None:
        return known
    if known.sums is not None and began >= known.sums.began + CYCLES * cycle:
        known = _measured(known, known.sums, cycle)
    if sum(closed.heard) < DENSE:
        return known
    sums = known.sums
    if sums is None or len(sums.heard) != len(closed.heard):
        servers = len(closed.heard)
        none, nothing = (0,) * servers, (0.0,) * (2 * servers)
        sums = WindowSums(began, none, none, nothing, nothing, _NONE, _NONE)
    return known._replace(sums=_with(sums, closed, cycle))


def power_of(windows: Sequence[WindowPower]) -> float:
    """Give the power of some windows together, as a ratio to what is noise in them."""
    return sum(one.power for one in windows) / _noise(windows)


def is_proven(windows: Sequence[WindowPower]) -> bool:
    """Tell whether the newest one, two or three of some windows prove a beat."""
    for count, bar in enumerate(BEAT_PROVEN, start=1):
        newest = windows[-count:]
        if len(newest) < count:
            return False
        least = sum(one.least for one in newest) / _noise(newest)
        if power_of(newest) > bar and least > WITHOUT_ANY * bar:
            return True
    return False


def _with(sums: WindowSums, closed: Bin, cycle: float) -> WindowSums:
    heard, elsewhere = closed.heard, closed.elsewhere
    middle = (closed.number + 0.5) * BIN - sums.began
    step = cmath.exp(-2j * math.pi * middle / (CYCLES * cycle))
    beat = step**CYCLES
    turns = _added(sums.turns, [part * count for count in heard for part in (beat.real, beat.imag)])
    away = _added(sums.turns_elsewhere, [part * count for count in elsewhere for part in (beat.real, beat.imag)])
    parts = [part for cycles in OTHERS for turn in (step**cycles,) for part in (turn.real, turn.imag)]
    total, total_away = sum(heard), sum(elsewhere)
    return WindowSums(
        sums.began,
        tuple(map(int.__add__, sums.heard, heard)),
        tuple(map(int.__add__, sums.elsewhere, elsewhere)),
        turns,
        away,
        tuple([before + total * part for before, part in zip(sums.others, parts, strict=True)]),
        tuple([before + total_away * part for before, part in zip(sums.others_elsewhere, parts, strict=True)]),
    )


def _added(before: tuple[float, ...], more: list[float]) -> tuple[float, ...]:
    return tuple([one + other for one, other in zip(before, more, strict=True)])


def _measured(known: Periodogram, sums: WindowSums, cycle: float) -> Periodogram:
    """Put what a window has shown to those before it, if its answers are enough to show anything."""
    ended = sums.began + CYCLES * cycle
    answers, elsewhere = sum(sums.heard), sum(sums.elsewhere)
    if answers < ENOUGH_IN_WINDOW or not RARE <= elsewhere <= answers - RARE:
        return known._replace(sums=None)
    window = _window(sums, ended, answers, elsewhere)
    fresh = [one for one in known.windows if ended - one.ended <= BEAT_FORGOTTEN]
    windows = (*fresh, window)[-len(BEAT_PROVEN) :]
    if known.since is None:
        return Periodogram(cycle, None, windows, ended if is_proven(windows) else None)
    without = known.without + 1 if power_of((window,)) < KEEPS_BEAT else 0  # by itself: those before it had the beat
    if without >= WITHOUT_BEAT:
        return Periodogram(cycle)
    return Periodogram(cycle, None, windows, known.since, without)


def _window(sums: WindowSums, ended: float, answers: int, elsewhere: int) -> WindowPower:
    residuals, spreads = [], []
    for number, (heard, away) in enumerate(zip(sums.heard, sums.elsewhere, strict=True)):
        share = away / heard if heard else 0.0
        own, all_of_it = sums.turns_elsewhere[2 * number :], sums.turns[2 * number :]
        residuals.append(complex(own[0] - share * all_of_it[0], own[1] - share * all_of_it[1]))
        spreads.append(away * (1.0 - share))
    whole, spread = sum(residuals), sum(spreads)
    power = _power(whole, spread)
    apart = [
        _power(whole - own, spread - its)
        for own, its, heard in zip(residuals, spreads, sums.heard, strict=True)
        if heard and heard < answers
    ]
    share = elsewhere / answers
    others = [
        (away - share * every) / math.sqrt(elsewhere * (1.0 - share))
        for away, every in zip(sums.others_elsewhere, sums.others, strict=True)
    ]
    powers = [cosine**2 + sine**2 for cosine, sine in zip(others[::2], others[1::2], strict=True)]
    noise = max(1.0, sum(powers) / len(powers))
    return WindowPower(ended, power, min(apart, default=power), noise, answers, elsewhere)


def _power(residual: complex, spread: float) -> float:
    return abs(residual) ** 2 / spread if spread > 0.0 else 0.0


def _noise(windows: Sequence[WindowPower]) -> float:
    return sum(one.noise for one in windows) / len(windows)
