"""What a person would otherwise use: three usual detectors, over the values that a plain check would give them.

All three watch one number, 1 for v1, 2 for v2, 0 for anything else, from one question to one name server at random:

- Prometheus: scraped every 15 s; `changes(value[15m]) > 2` (a lost answer is a gap, not a change).
- Nagios and Icinga: checked once a minute; the percentage of state changes in the newest 21 checks, newer ones weighing
  more (0.8 to 1.2), against the high threshold of 20 % (Nagios Core, `high_service_flap_threshold`).
- RFC 2439: every change seen at a scrape adds 1000, halved every 15 min; suppressed from 2000 on (section 4.2 with
  the values that routers ship).
"""

import random
from collections import deque
from collections.abc import Callable, Iterator
from typing import TypeAlias

from probe.model.record import Position
from tests.detection.timeline import Timeline
from tests.detection.world import World
from tests.detection.zone import SERVERS

SCRAPE = 15.0
CHECK = 60.0
WINDOW = 900.0
CHANGES = 2
NAGIOS_CHECKS = 21
NAGIOS_HIGH = 0.20
PENALTY, HALF_LIFE, SUPPRESS = 1000.0, 900.0, 2000.0

_VALUE = {Position.V1: 1, Position.V2: 2}

PROMETHEUS, NAGIOS, DAMPING = "changes() > 2", "flap percentage", "RFC 2439"
NAMES = (PROMETHEUS, NAGIOS, DAMPING)

Detector: TypeAlias = Callable[[list[tuple[float, int]]], float | None]
"""Gives the time of the first alarm over timed values."""


def alarms(world: World, timeline: Timeline, rng: random.Random) -> dict[str, float | None]:
    """Give each detector's first alarm in a run."""
    scraped = list(_values(world, timeline.seconds, SCRAPE, rng))
    checked = list(_values(world, timeline.seconds, CHECK, rng))
    return {PROMETHEUS: changes(scraped), NAGIOS: flap_percentage(checked), DAMPING: damping(scraped)}


def _values(world: World, seconds: float, every: float, rng: random.Random) -> Iterator[tuple[float, int]]:
    at = rng.uniform(0.0, every)
    while at < seconds:
        position = world.sample(rng.randrange(SERVERS), at, rng)
        if position is not None:
            yield at, _VALUE.get(position, 0)
        at += every


def changes(values: list[tuple[float, int]]) -> float | None:
    """Give when a window of 15 minutes first holds more than two changes."""
    within: deque[float] = deque()
    before: int | None = None
    for at, value in values:
        if before is not None and value != before:
            within.append(at)
        while within and within[0] < at - WINDOW:
            within.popleft()
        if len(within) > CHANGES:
            return at
        before = value
    return None


def flap_percentage(values: list[tuple[float, int]]) -> float | None:
    """Give when the weighted share of changes in the newest 21 checks first passes the high threshold."""
    newest: deque[int] = deque(maxlen=NAGIOS_CHECKS)
    steps = NAGIOS_CHECKS - 1
    for at, value in values:
        newest.append(value)
        if len(newest) < NAGIOS_CHECKS:
            continue
        weighed = sum(
            (0.8 + 0.4 * place / (steps - 1)) * (newest[place] != newest[place + 1]) for place in range(steps)
        )
        if weighed / steps > NAGIOS_HIGH:
            return at
    return None


def damping(values: list[tuple[float, int]]) -> float | None:
    """Give when the decaying penalty first reaches the limit."""
    penalty, last, before = 0.0, 0.0, None
    for at, value in values:
        if before is not None and value != before:
            penalty = penalty * 0.5 ** ((at - last) / HALF_LIFE) + PENALTY
            last = at
            if penalty >= SUPPRESS:
                return at
        before = value
    return None
