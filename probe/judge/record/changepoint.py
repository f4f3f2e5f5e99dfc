"""At which level the answers are shared between the sides, and when that level jumps: fights inside weighted sets.

Where two write weights over each other, or one side a simple record over a weighted set, no answer is a change: the
share itself jumps between two levels. Two sums (Page's CUSUM, 1954) follow the answers' log likelihood under the
present level against a level that lies `LEVEL_SHIFT` higher or lower in log odds; each falls back to zero while the
level stands, and a sum above `JUMP` is a jump. It began when the sum last left zero.

- A jump goes up or down; jumps in one direction count as one, as a ramp makes them.
- Three jumps to and fro within `HASTE` each are a fight: no person gives weights, takes them back and gives them again
  within minutes. With longer dwells, up to that of the slowest controllers, it takes a fourth: a ramp that is drained
  in an emergency and taken up again makes three.
"""

import math
from itertools import pairwise
from typing import NamedTuple

from probe.judge.bernoulli import at_likeliest
from probe.judge.record.bins import Places, renumbered
from probe.judge.record.flapping import HASTY

LEVEL_SHIFT = 2.0
"""Log odds between the present level and those it is held against: from 50 % to 12 or 88 %, from 10 % to 45 %."""

JUMP = 12.0
"""A sum beyond chance: draws of a standing level reach it once in e^12 = 160,000 answers, in a month of calm
turns."""

APART = 6.0
"""Log likelihood ratio beside that by which the answers of the sum and those before it have to be of two levels rather
than
one: a level that few answers have told is not where it is taken to be, and its own correction is no jump."""

EXCITED = 2.2
"""A sum at which it is worth asking at once: in calm turns draws get there once in some minutes, and one round of a
burst tells."""

KNOWN = 8.0
"""Answers by which a level is known well enough to be held against others."""

LEVEL_ANSWERS = 400.0
"""Answers after which a level's counts are halved: it may drift."""

FLOOR = 0.01
"""A level is taken to be this at least, and as far from one: single strays prove no jump."""

HASTE = 240.0
"""Seconds: steps of a ramp are five minutes apart at least."""

SLOW = HASTY
"""Seconds: dwells of slower jumps, as for transitions."""

JUMPS_TO_AND_FRO = 4
"""Jumps to and fro that are a fight, if none took longer than `SLOW`."""

JUMPS_KEPT = 8
"""Jumps that are remembered: their beat tells controllers from health checks."""


class Excursion(NamedTuple):
    """One of the two sums.

    Attributes:
        score: The sum, in natural logarithms of a likelihood ratio.
        since: Monotonic second at which it left zero.
        heard, elsewhere: How many answers since then.
        servers: Bit per server that gave one of those for which the level would have jumped.
    """

    score: float = 0.0
    since: float = 0.0
    heard: float = 0.0
    elsewhere: float = 0.0
    servers: int = 0


class Jump(NamedTuple):
    """The level went up or down, at the monotonic second `at`."""

    at: float
    up: bool


_NO_EXCURSION = Excursion()


class Level(NamedTuple):
    """What is remembered of a record's level.

    Attributes:
        heard, elsewhere: How many answers at the present level; halved when they are more than `LEVEL_ANSWERS`.
        up, down: The two sums.
        jumps: The newest jumps, oldest first, up and down in turn.
    """

    heard: float = 0.0
    elsewhere: float = 0.0
    up: Excursion = _NO_EXCURSION
    down: Excursion = _NO_EXCURSION
    jumps: tuple[Jump, ...] = ()


def follow(  # noqa: PLR0913  # a bin, and how many have to show a jump
    level: Level, heard: float, elsewhere: float, at: float, *, away: int = 0, home: int = 0, quorum: int = 0
) -> Level:
    """Take `heard` more answers in, `elsewhere` of them not at the reference, of the bin that began at second `at`.

    A jump is one that answers of `quorum` servers show: what one server alone says for a while, its late machines among
    it, is no level of the record, however often the others go on to say what they said. So `away` has a bit for each
    server that answered elsewhere, which is what shows a jump up, and `home` for each that answered the reference.
    """
    up = _follow_sum(level, level.up, heard, elsewhere, at, LEVEL_SHIFT, away)
    down = _follow_sum(level, level.down, heard, elsewhere, at, -LEVEL_SHIFT, home)
    higher = up if up.score >= down.score else down
    total, gone = level.heard + heard, level.elsewhere + elsewhere
    if higher.score > JUMP and higher.servers.bit_count() >= quorum:
        if _apart(total - higher.heard, gone - higher.elsewhere, higher) > APART:
            jumps = _with_jump(level.jumps, Jump(higher.since, higher is up))
            return Level(higher.heard, higher.elsewhere, jumps=jumps)
        return Level(total, gone, jumps=level.jumps)
    if total > LEVEL_ANSWERS and not up.score and not down.score:
        total, gone = total / 2, gone / 2
    return Level(total, gone, up, down, level.jumps)


def with_places(level: Level, places: Places) -> Level:
    """Give the level for another row of servers: answers stay answers, but who is gone shows no jump any more."""
    if not level.up.servers and not level.down.servers:  # of a calm record, which has the same level as all others
        return level
    up, down = (one._replace(servers=renumbered(one.servers, places)) for one in (level.up, level.down))
    return level._replace(up=up, down=down)


def is_excited(level: Level) -> bool:
    """Tell whether a jump is suspected."""
    return level.up.score > EXCITED or level.down.score > EXCITED


def becomes_excited(before: Level, after: Level) -> bool:
    """Tell whether a jump is suspected that was not before."""
    return after is not before and is_excited(after) and not is_excited(before)


def newest_jump(level: Level) -> float | None:
    """Give the monotonic second of the newest jump."""
    return level.jumps[-1].at if level.jumps else None


def longest_dwell(level: Level) -> float:
    """Give the longest time between two of the jumps that are remembered, in seconds."""
    return max(_dwells(level), default=0.0)


def is_fought_over(level: Level) -> bool:
    """Tell whether the jumps are a fight's."""
    dwells = _dwells(level)
    hasty = len(dwells) >= 2 and max(dwells[-2:]) < HASTE  # noqa: PLR2004  # between three jumps
    slow = dwells[-(JUMPS_TO_AND_FRO - 1) :]
    return hasty or (len(slow) == JUMPS_TO_AND_FRO - 1 and max(slow) < SLOW)


def _dwells(level: Level) -> list[float]:
    return [after.at - before.at for before, after in pairwise(level.jumps)]


def _follow_sum(  # noqa: PLR0913, PLR0917  # the sum, its level, and whose answers
    level: Level, before: Excursion, heard: float, elsewhere: float, at: float, shift: float, servers: int
) -> Excursion:
    base, away = level.heard - before.heard, level.elsewhere - before.elsewhere
    if base < KNOWN:
        return before._replace(servers=before.servers | servers) if before.score else _NO_EXCURSION
    share = min(max((away + 0.5) / (base + 1.0), FLOOR), 1.0 - FLOOR)
    other = 1.0 / (1.0 + (1.0 - share) / share * math.exp(-shift))
    gain = elsewhere * math.log(other / share) + (heard - elsewhere) * math.log((1.0 - other) / (1.0 - share))
    score = before.score + gain
    if score <= 0.0:
        return _NO_EXCURSION
    since = before.since if before.score else at
    return Excursion(score, since, before.heard + heard, before.elsewhere + elsewhere, before.servers | servers)


def _apart(heard: float, elsewhere: float, excursion: Excursion) -> float:
    here, there = heard - elsewhere, excursion.heard - excursion.elsewhere
    together = at_likeliest(elsewhere + excursion.elsewhere, here + there)
    return at_likeliest(elsewhere, here) + at_likeliest(excursion.elsewhere, there) - together


def _with_jump(jumps: tuple[Jump, ...], jump: Jump) -> tuple[Jump, ...]:
    return jumps if jumps and jumps[-1].up is jump.up else (*jumps, jump)[-JUMPS_KEPT:]
