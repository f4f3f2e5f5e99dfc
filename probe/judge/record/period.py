"""The beat of a fight: how often, who holds the record for how long, and when it flips next.

An ExternalDNS writes on its own interval and never because of what another one wrote. Two of them therefore flip a
record on a constant phase: one cycle is the interval, and each side's dwell is its phase against the other.
"""

from itertools import accumulate
from statistics import median
from typing import NamedTuple

from probe.judge.record import flapping
from probe.model.domain import DomainStatus
from probe.model.record import Position, RecordState, RecordStatus, Transition

REGULAR = 0.25
"""Share by which dwells of one side may differ and still have a next one foretold: propagation moves each end of a
dwell by seconds, a failed sync doubles it."""

REGULAR_AT_LEAST = 10.0
"""Seconds beside that: what propagation does to short dwells."""


class Rhythm(NamedTuple):
    """What the newest changes of one record show.

    Attributes:
        period: Median seconds from a change to a place to the next change to the same place; None before two of them.
        shares: Each place's share of the time, by its median dwell; empty before a whole cycle.
        next_at: Wall time (seconds) of the next change, if the dwells at the present place were alike.
    """

    period: float | None = None
    shares: tuple[tuple[Position, float], ...] = ()
    next_at: float | None = None


def rhythm(record: RecordStatus) -> Rhythm:
    """Measure the changes that belong to the record's present fight."""
    newest = changes(record)
    if not newest:
        return Rhythm()  # it flaps too fast for single changes to be confirmed
    times = list(accumulate((transition.at.monotonic for transition in newest), max))  # writes overtake each other
    cycles: list[float] = []
    dwells: dict[Position, list[float]] = {}
    reached: dict[Position, float] = {}
    for transition, at, until in zip(newest, times, (*times[1:], None), strict=True):
        if transition.after in reached:
            cycles.append(at - reached[transition.after])
        reached[transition.after] = at
        if until is not None:
            dwells.setdefault(transition.after, []).append(until - at)
    if not cycles:
        return Rhythm()
    usual = {place: median(own) for place, own in dwells.items()}
    total = sum(usual.values())
    shares = tuple((place, dwell / total) for place, dwell in usual.items()) if total else ()
    last = newest[-1]
    return Rhythm(median(cycles), shares, _foretold(last, dwells.get(last.after, [])))


def changes(record: RecordStatus) -> tuple[Transition, ...]:
    """Give the newest transitions that follow each other as a fight's do."""
    count = flapping.chain(record.recent).changes
    return record.recent[-count:] if count else ()


def flip_period(status: DomainStatus) -> float | None:
    """Give the domain's period in seconds: that of its flapping record with the most changes to measure."""
    if status.state is not RecordState.FLAPPING:
        return None
    flapping = [record for record in status.records if record.state is RecordState.FLAPPING]
    return rhythm(max(flapping, key=lambda record: len(record.recent))).period if flapping else None


def _foretold(last: Transition, dwells: list[float]) -> float | None:
    if not dwells:
        return None
    usual = median(dwells)
    if max(dwells) - min(dwells) > max(REGULAR_AT_LEAST, REGULAR * usual):
        return None
    return last.at.wall + usual
