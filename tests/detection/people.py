"""People and pipelines that write a record to and fro: no ExternalDNS fights here, whatever it looks like.

Dwells are drawn from distributions, not from one point: a retry takes about a quarter of an hour, a person who tries
things out takes some minutes. Ownership stands all the time, as
ExternalDNS once wrote it: it is no evidence that an ExternalDNS writes now.
"""

import math
import random
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from tests.detection.legit import FLIPS, event, moves, owned
from tests.detection.timeline import Timeline

SHORTEST = 20.0
"""Seconds: nobody writes, looks and writes back in less."""

TWENTY_MINUTES = 1200.0


def _dwell(rng: random.Random, median: float, sigma: float) -> float:
    return max(SHORTEST, rng.lognormvariate(math.log(median), sigma))


def retries(rng: random.Random) -> Timeline:
    """Draw three changes with dwells as a pipeline that retries has them."""
    return replace(owned(event(rng, moves(rng, [_dwell(rng, 900.0, 1.0) for _ in range(2)]))), allowed=FLIPS)


def pipelines(rng: random.Random) -> Timeline:
    """Draw three to five changes, ten minutes apart by the median."""
    return replace(
        owned(event(rng, moves(rng, [_dwell(rng, 600.0, 0.8) for _ in range(rng.randint(2, 4))]))), allowed=FLIPS
    )


def people(rng: random.Random) -> Timeline:
    """Draw three to six flips by hand within twenty minutes."""
    times = sorted(rng.uniform(0.0, TWENTY_MINUTES) for _ in range(rng.randint(3, 6)))
    pauses = [max(SHORTEST, later - earlier) for earlier, later in pairwise(times)]
    return replace(owned(event(rng, moves(rng, pauses))), allowed=FLIPS)


EVENTS: dict[str, Callable[[random.Random], Timeline]] = {
    "retries, drawn": retries,
    "pipelines": pipelines,
    "people": people,
}
"""Name to drawing."""
