"""Which rows are played at which sync interval, with which loss, how often.

All combinations of all rows take half an hour. The sample takes each row at three of the four intervals, another one
being left out from row to row, and turns the losses from row to row and interval to interval: every row meets every
loss, and every interval does. Its seeds are drawn from the combination, so that no two plays have a phase, a jitter
or names in common.
"""

import os
from typing import NamedTuple
from zlib import crc32

from tests.scenarios.rows import ROWS, Row

INTERVALS = (10.0, 60.0, 180.0, 600.0)
LOSSES = (0.0, 0.02, 0.2)
SEEDS = 3
"""Plays of each combination in the full matrix."""

FULL = os.environ.get("SCENARIOS") == "full"
"""`make scenarios` sets it."""


class Play(NamedTuple):
    """One run of one row."""

    row: Row
    interval: float
    loss: float
    seed: int
    again: bool = True
    """The timeline is folded a second time."""

    def __str__(self) -> str:
        return f"{self.row}-{self.interval:g}s-{self.loss:.0%}-{self.seed}"


def _play(row: Row, interval: float, loss: float, number: int) -> Play:
    return Play(row, interval, loss, crc32(f"{ROWS.index(row)} {interval} {loss} {number}".encode()))


def full() -> list[Play]:
    """Give every combination."""
    return [
        _play(row, interval, loss, number)
        for row in ROWS
        for interval in INTERVALS
        for loss in LOSSES
        for number in range(SEEDS)
    ]


def sample() -> list[Play]:
    """Give every row at three intervals, with one loss each; one of the three timelines is folded again."""
    return [
        _play(row, interval, LOSSES[(number + turn) % len(LOSSES)], 0)._replace(again=turn == number % len(LOSSES))
        for number, row in enumerate(ROWS)
        for turn, interval in enumerate(one for place, one in enumerate(INTERVALS) if place != number % len(INTERVALS))
    ]


PLAYS = full() if FULL else sample()
