"""Whether changes to and fro come back to a beat: cycles that are as alike as propagation leaves them."""

from collections.abc import Iterator, Sequence
from statistics import median

from probe.model.record import Position

REGULAR = 0.25
"""Share by which cycles and dwells of one side may differ and still be alike: propagation moves each end by seconds."""

REGULAR_AT_LEAST = 5.0
"""Seconds beside that: what propagation does to short dwells."""

ALIKE_DWELLS = 0.75
"""Share of the cycles that have to be alike: a failed sync doubles one now and then, and a fight of which every other
change is missed has no beat that could be told."""

ENOUGH_CYCLES = 2
"""Cycles that are alike before a beat is told of."""


def beat(times: Sequence[float], places: Sequence[Position]) -> float | None:
    """Give the seconds from one change to the next one to the same place; None while they are not alike.

    Args:
        times: When the changes came, in order.
        places: Where each of them led. Of three writers, whose changes go round, every third one leads to one place.
    """
    cycles = list(_cycles(times, places))
    if len(cycles) < ENOUGH_CYCLES:
        return None
    usual = median(cycles)
    alike = sum(is_alike(cycle, usual) for cycle in cycles)
    return usual if alike >= max(ENOUGH_CYCLES, ALIKE_DWELLS * len(cycles)) else None


def _cycles(times: Sequence[float], places: Sequence[Position]) -> Iterator[float]:
    newest: dict[Position, float] = {}
    for time, place in zip(times, places, strict=True):
        if place in newest:
            yield time - newest[place]
        newest[place] = time


def is_alike(one: float, other: float) -> bool:
    """Tell whether two cycles, or two dwells at one place, in seconds, are as alike as propagation leaves them."""
    return abs(one - other) <= max(REGULAR_AT_LEAST, REGULAR * other)
