"""What each machine of each name server serves at each moment, as writes reach it in their own time.

A write reaches a machine after a base that all share and a lag of the machine's own, a minute later at the most. One
address of a name server is several machines; each question meets one of them at random.
"""

import random
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from probe.model.record import Position
from tests.judge.simulator import FAST, MEDIUM, SLOW, Speed

_T = TypeVar("_T")

SERVERS = 4
_SPEEDS = ((FAST, 70), (MEDIUM, 25), (SLOW, 5))  # percent of runs
_MACHINES = ((1, 40), (2, 20), (4, 20), (8, 20))


class Content(NamedTuple):
    """What stands in the zone: the record, by the sides' shares, and what its ownership TXT names hold, by kind."""

    shares: tuple[tuple[Position, float], ...]
    txt: tuple[tuple[str, str], ...] = ()

    def draw(self, rng: random.Random) -> Position:
        """Give what one answer says."""
        if len(self.shares) == 1:
            return self.shares[0][0]
        (one, share), (other, _) = self.shares
        return one if rng.random() < share else other


def at(position: Position, *txt: tuple[str, str]) -> Content:
    """Make a simple record."""
    return Content(((position, 1.0),), txt)


def split(v2_share: float) -> Content:
    """Make a weighted record."""
    return Content(((Position.V2, v2_share), (Position.V1, 1.0 - v2_share)))


class Change(NamedTuple):
    """The zone holds `content` from `at` seconds on."""

    at: float
    content: Content


class Plumbing(NamedTuple):
    """How writes travel, and what is stuck.

    Attributes:
        speed: How fast they are.
        machines: How many stand behind each address.
        stale_servers: Servers that stay at the first content for ever.
        stale_machines: Machines (server, number) that do.
    """

    speed: Speed = FAST
    machines: int = 1
    stale_servers: frozenset[int] = frozenset()
    stale_machines: frozenset[tuple[int, int]] = frozenset()


def usual_plumbing(rng: random.Random) -> Plumbing:
    """Draw the plumbing of a run as detection.md sets it out."""
    return Plumbing(_drawn(rng, _SPEEDS), _drawn(rng, _MACHINES))


def _drawn(rng: random.Random, choices: Sequence[tuple[_T, int]]) -> _T:
    return rng.choices([choice for choice, _ in choices], [share for _, share in choices])[0]


class Zone:
    """The servers.

    Args:
        changes: What is written, in the order of time; the first is what stands at the beginning.
        plumbing: How it travels.
        rng: Draws the arrivals.
    """

    def __init__(self, changes: Sequence[Change], plumbing: Plumbing, rng: random.Random) -> None:
        self.machines = plumbing.machines
        self._changes = changes
        self._first_seen: list[float] = []
        arrivals: list[list[tuple[float, int]]] = [[] for _ in range(SERVERS * plumbing.machines)]
        for number, change in enumerate(changes):
            lags = plumbing.speed.arrivals(rng, len(arrivals)) if number else [0.0] * len(arrivals)
            reached = []
            for place, machine in enumerate(arrivals):
                server, own = divmod(place, plumbing.machines)
                stuck = server in plumbing.stale_servers or (server, own) in plumbing.stale_machines
                if number and stuck:
                    continue
                machine.append((change.at + lags[place], number))
                reached.append(change.at + lags[place])
            self._first_seen.append(min(reached))
        self._serving = [_newest_wins(machine) for machine in arrivals]

    def content(self, server: int, machine: int, now: float) -> Content:
        """Give what one machine serves."""
        times, numbers = self._serving[server * self.machines + machine]
        return self._changes[numbers[bisect_right(times, now) - 1]].content

    def first_seen(self, number: int) -> float:
        """Give when the change of this number reaches the first machine: from then on it can be seen."""
        return self._first_seen[number]


def _newest_wins(arrivals: list[tuple[float, int]]) -> tuple[list[float], list[int]]:
    """Give when a machine serves another change: one that is overtaken by a later one is never served."""
    times: list[float] = []
    numbers: list[int] = []
    for when, number in sorted(arrivals):
        if not numbers or number > numbers[-1]:
            times.append(when)
            numbers.append(number)
    return times, numbers
