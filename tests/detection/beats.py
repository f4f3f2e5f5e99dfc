"""`python -m tests.detection.beats`: what has a beat in the periodogram of its answers, and what only looks so.

Shares that move in some way are answered by draws, eight in two seconds as a window of denser questions brings, for
three windows; `probe.judge.record.periodogram` follows the answers alone, without a judge. docs/detection.md has what
was seen.
"""

import random
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import count
from typing import NamedTuple

import click
from rich.console import Console
from rich.table import Table

from probe.judge.record.bins import BIN, Bin
from probe.judge.record.periodogram import NO_PERIODOGRAM, Periodogram, follow, window_of
from tests.detection.controllers import TICKER, landing

SERVERS, ASKS, WINDOWS = 4, 2, 3
MINUTE = 60.0
MARGIN = 1800.0
"""Seconds for which shares have moved before the first window."""


class Level(NamedTuple):
    """From `at` seconds on a share of the answers leads elsewhere."""

    at: float
    share: float


Levels = Iterator[Level]


def draws(rng: random.Random) -> Levels:
    """Draw one share that stands."""
    yield Level(-MARGIN, rng.uniform(0.03, 0.97))


def edits(rng: random.Random) -> Levels:
    """Draw weights that are edited every 2 to 30 min."""
    yield from _levels(rng, lambda: rng.choice((0.1, 0.3, 0.5, 0.7, 0.9)), lambda: rng.uniform(120, 1800))


def health(shortest: float, longest: float, *, beside: float = 0.0) -> Callable[[random.Random], Levels]:
    """Draw a share and another one by turns, each for as long as it comes."""

    def drawn(rng: random.Random) -> Levels:
        shares = (rng.choice((0.2, 0.3, 0.5, 0.7)) if not beside else 0.2, beside)
        turn = count()
        return _levels(rng, lambda: shares[next(turn) % 2], lambda: rng.uniform(shortest, longest))

    return drawn


def ramp(rng: random.Random) -> Levels:
    """Draw a pipeline that takes a step a minute, from 5 to 95 %."""
    step, at, share = rng.choice((0.02, 0.05, 0.1)), rng.uniform(-600, 900), 0.05
    yield Level(-MARGIN, share)
    while share < 0.95:
        share = min(0.95, share + step)
        yield Level(at, share)
        at += MINUTE


def redrawn(rng: random.Random) -> Levels:
    """Draw a controller that sets another weight once a minute, as load goes."""
    return _levels(rng, lambda: rng.uniform(0.1, 0.6), lambda: MINUTE)


def fight(shorter: float, low: float = 0.2, high: float = 0.4) -> Callable[[random.Random], Levels]:
    """Draw two ExternalDNS that write one weight over the other, the shorter dwell for so many seconds."""

    def drawn(rng: random.Random) -> Levels:
        first = -MARGIN + rng.uniform(0, MINUTE)
        writes = []
        for begin, share in ((first, high), (first + shorter, low)):
            at = begin
            while at < MARGIN + WINDOWS * (window_of(MINUTE) or 0.0):
                if rng.random() >= 0.01:
                    writes.append(Level(at + landing(rng), share))
                at += MINUTE + TICKER * rng.random()
        yield from sorted(writes)

    return drawn


def _levels(rng: random.Random, share: Callable[[], float], dwell: Callable[[], float]) -> Levels:
    at = -MARGIN * rng.random()
    while True:
        yield Level(at, share())
        at += dwell()


KINDS: dict[str, Callable[[random.Random], Levels]] = {
    "draws of one share": draws,
    "weights edited every 2 to 30 min": edits,
    "health checks that flap every 1 to 6 min": health(60, 360),
    "health checks that flap every 30 to 90 s": health(30, 90),
    "20 % and 40 % by turns of 15 to 90 s": health(15, 90, beside=0.4),
    "a ramp in steps of a minute": ramp,
    "another weight each minute": redrawn,
    "20 % and 40 % by turns of 20 to 40 s": health(20, 40, beside=0.4),
    "two ExternalDNS, 30 and 30 s": fight(30),
    "two ExternalDNS, 20 and 40 s": fight(20),
    "two ExternalDNS, 10 and 50 s": fight(10),
    "20 % against 30 %, 30 and 30 s": fight(30, 0.2, 0.3),
    "5 % against 15 %, 30 and 30 s": fight(30, 0.05, 0.15),
}
"""Name to drawing; from `20 to 40 s` on the share does take turns about once a minute."""


def play(kind: str, number: int) -> Periodogram:
    """Give what is known after three windows, or after the one that proved a beat."""
    rng = random.Random(f"beats/{kind}/{number}")
    length = WINDOWS * (window_of(MINUTE) or 0.0)
    levels: list[Level] = []
    for level in KINDS[kind](rng):
        if level.at > length + MARGIN:
            break
        levels.append(level)
    times = [level.at for level in levels]
    known, bins = NO_PERIODOGRAM, count()
    while len(known.windows) < WINDOWS and known.since is None:
        at = next(bins)
        share = levels[max(0, bisect_right(times, at * BIN) - 1)].share
        away = tuple(sum(rng.random() < share for _ in range(ASKS)) for _ in range(SERVERS))
        known = follow(known, Bin(at, (ASKS,) * SERVERS, away), MINUTE)
    return known


@click.command(help=__doc__)
@click.option("--series", default=300, help="Series of three windows of each kind.")
@click.option("--kind", "kinds", multiple=True, help="Play only this kind (may be given several times).")
def main(*, series: int, kinds: tuple[str, ...]) -> None:
    """Play them, and print the table."""
    table = Table("the share", "series", "beat in 1 window", "in 2", "in 3", "power in the first: median", "most")
    for kind in kinds or KINDS:
        played = [play(kind, number) for number in range(series)]
        after = [len(known.windows) for known in played if known.since is not None]
        first = sorted(known.windows[0].power / known.windows[0].noise for known in played)
        found = [str(sum(windows <= within for windows in after)) for within in range(1, WINDOWS + 1)]
        table.add_row(kind, str(series), *found, f"{first[len(first) // 2]:.1f}", f"{first[-1]:.1f}")
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
