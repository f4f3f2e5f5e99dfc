"""The record's answers in small steps of time: what levels and steadiness are computed from.

A bin holds what each server answered within `BIN` seconds: how often, and how often elsewhere than at a reference. It
is judged when it is closed, by the first answer after it, so that the order of the answers within it does not matter.
"""

from typing import NamedTuple, TypeAlias

BIN = 2.0
"""Seconds: a round of a burst or two, and short against what writes take to reach all machines."""

FAIR = 2
"""Answers of one server that a bin's level counts at most: a server that contradicts itself is asked more often, and
must not outvote those that agree."""

_made = tuple.__new__

PerServer: TypeAlias = tuple[int, ...]

Places: TypeAlias = tuple[int | None, ...]
"""For each server of a new row its number in the old one, None if it was not there."""


class Bin(NamedTuple):
    """Answers of one bin.

    Attributes:
        number: Which, counted from the beginning of the monotonic scale.
        heard: Answers of each server.
        elsewhere: How many of them were not at the reference.
    """

    number: int
    heard: PerServer
    elsewhere: PerServer


def empty(at: float, servers: int) -> Bin:
    """Begin the bin that holds monotonic second `at`."""
    none = (0,) * servers
    return Bin(int(at // BIN), none, none)


def counted(into: Bin, server: int, *, elsewhere: bool) -> Bin:
    """Count one answer of a server."""
    number, heard, away = into
    heard = _more(heard, server)
    return _made(Bin, (number, heard, _more(away, server) if elsewhere else away))


def fair(closed: Bin) -> tuple[float, float]:
    """Give how many answers a bin holds and how many of them elsewhere, no server counted more than `FAIR` times."""
    heard = elsewhere = 0.0
    for total, away in zip(closed.heard, closed.elsewhere, strict=True):
        if total:
            weight = min(total, FAIR)
            heard += weight
            elsewhere += away * weight / total
    return heard, elsewhere


def renumbered(bits: int, places: Places) -> int:
    """Give a bit per server for another row of servers: those that stay keep theirs, new ones have none."""
    return sum(1 << new for new, old in enumerate(places) if old is not None and bits >> old & 1)


def _more(counts: PerServer, server: int) -> PerServer:
    return (*counts[:server], counts[server] + 1, *counts[server + 1 :])
