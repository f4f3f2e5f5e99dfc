"""Two controllers and one zone: when each writes, given what it reads.

A controller syncs on a fixed interval that a ticker of one second lengthens by up to a second each time. It reads the
zone, and writes when it does not find its own content there; the write lands some tenths of a second later. One sync in
a hundred fails.
"""

import heapq
import random
from typing import NamedTuple

from tests.detection.zone import Change, Content

TICKER = 1.0
"""Seconds: an ExternalDNS looks once a second whether its next run is due."""

FAILING = 0.01
"""Share of syncs that fail."""

_LANDING_MEDIAN_LOG, _LANDING_SIGMA = -0.3567, 0.6  # lognormal with a median of 0.7 s


class Controller(NamedTuple):
    """What it wants, how often it looks, and when it looks first."""

    wants: Content
    period: float
    first: float


def fight(rng: random.Random, stands: Content, controllers: tuple[Controller, ...], until: float) -> list[Change]:
    """Give what is written until `until`, beginning with what stands."""
    changes = [Change(0.0, stands)]
    pending: list[Change] = []
    syncs = [(controller.first, number) for number, controller in enumerate(controllers)]
    heapq.heapify(syncs)
    while syncs and syncs[0][0] < until:
        now, number = heapq.heappop(syncs)
        controller = controllers[number]
        while pending and pending[0].at <= now:
            changes.append(pending.pop(0))
        if changes[-1].content != controller.wants and rng.random() >= FAILING:
            pending.append(Change(now + landing(rng), controller.wants))
            pending.sort(key=lambda change: change.at)
        heapq.heappush(syncs, (now + controller.period + TICKER * rng.random(), number))
    return _real([*changes, *pending])


def glitches(
    rng: random.Random, contents: tuple[Content, Content], period: float, start: float, until: float
) -> list[Change]:
    """Give a fight in which the second content is overwritten by the first within seconds each time."""
    stands, glitch = contents
    changes = [Change(0.0, stands)]
    now = start
    while now < until:
        if rng.random() >= FAILING:
            begins = now + landing(rng)
            changes += [Change(begins, glitch), Change(begins + rng.uniform(0.5, 5.0), stands)]
        now += period + TICKER * rng.random()
    return changes


def landing(rng: random.Random) -> float:
    """Seconds from a sync's read to its write."""
    return rng.lognormvariate(_LANDING_MEDIAN_LOG, _LANDING_SIGMA)


def _real(changes: list[Change]) -> list[Change]:
    """Leave out writes of what stands already."""
    kept = changes[:1]
    for change in changes[1:]:
        if change.content != kept[-1].content:
            kept.append(change)
    return kept
