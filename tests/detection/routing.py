"""What Route 53's own routing does to answers: failover, health checks, edited weights, sites that are late.

Ownership stands all the time: each weighted set's would be drawn with it, so that one owner keeps all of them.
"""

import random
from collections.abc import Callable
from dataclasses import replace

from probe.model.plan import Expectation, Weights
from probe.model.record import Position
from tests.detection import zone
from tests.detection.legit import BEFORE, FLIPS, cutover, event, owned
from tests.detection.timeline import Timeline
from tests.detection.zone import Change, Plumbing, split
from tests.judge.simulator import Speed

V1, V2 = Position.V1, Position.V2

HEALTH_DWELL = (60.0, 360.0)
"""Seconds for which a health check that flaps says the same."""

EDIT_DWELL = (120.0, 1800.0)
"""Seconds between two edits of weights by hand."""

LATE_SITES = Speed(5.0, 20.0, 90.0, latest=300.0)
"""Every site of every server up to five minutes late."""


def _flapping_health(rng: random.Random, well: zone.Content, failed: zone.Content) -> list[Change]:
    now = rng.uniform(*BEFORE)
    changes = [Change(0.0, well)]
    for number in range(rng.randint(3, 10)):
        changes.append(Change(now, failed if number % 2 == 0 else well))
        now += rng.uniform(*HEALTH_DWELL)
    return changes


def failover(rng: random.Random) -> Timeline:
    """Draw failover routing whose health check flaps."""
    return replace(owned(event(rng, _flapping_health(rng, zone.at(V1), zone.at(V2)))), allowed=FLIPS)


def weighted_health(rng: random.Random) -> Timeline:
    """Draw a weighted record of which one side's health check flaps."""
    share = rng.choice((0.2, 0.3, 0.5, 0.7))
    weights = Weights(round(100 * (1 - share)), round(100 * share))
    changes = _flapping_health(rng, split(share), zone.at(V1))
    return replace(owned(event(rng, changes)), allowed=FLIPS, expectation=Expectation.WEIGHTED, weights=weights)


def edited_weights(rng: random.Random) -> Timeline:
    """Draw weights that somebody edits again and again."""
    now = rng.uniform(*BEFORE)
    changes = [Change(0.0, split(rng.uniform(0.1, 0.9)))]
    for _ in range(rng.randint(3, 8)):
        changes.append(Change(now, split(rng.choice((0.1, 0.3, 0.5, 0.7, 0.9)))))
        now += rng.uniform(*EDIT_DWELL)
    return replace(owned(event(rng, changes)), allowed=FLIPS)


def late_sites(rng: random.Random) -> Timeline:
    """Draw a move that reaches each site up to five minutes late."""
    timeline = replace(cutover(rng), settles=False)
    return replace(timeline, plumbing=Plumbing(LATE_SITES, rng.choice((4, 8))))


EVENTS: dict[str, Callable[[random.Random], Timeline]] = {
    "failover, health flaps": failover,
    "weighted, health flaps": weighted_health,
    "weights edited by hand": edited_weights,
    "sites 5 min late": late_sites,
}
"""Name to drawing."""
