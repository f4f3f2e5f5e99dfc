"""One act in one set of phases: the syncs that change something, in the order of their moments, until none does.

A sync over records that stand as they stood at the last one does what that did: nothing. So the play goes from change
to change, and an interval of an hour beside one of ten seconds costs no more than two alike. It ends when no
ExternalDNS would change anything any more, or when the changes have gone on for so long that they do not end.
"""

import math
from collections.abc import Sequence
from itertools import product
from typing import NamedTuple, TypeAlias

from probe.judge.ownership.lookup import Shape
from probe.judge.rehearsal.cast import Player
from probe.judge.rehearsal.rewrite import Rewrite, Wish, rewrite
from probe.judge.rehearsal.stand import Stand
from probe.route53.records import ResourceRecordSet

PHASES = 10
"""Phases of each interval that are played, from its beginning to its end. What happens depends on the order of syncs,
which two phases would give; how long a gap is depends on their distance: ten tell it to a ninth of an interval, and its
longest to a thousandth, because both ends are among them."""

MOST_PLAYS = 100
"""Combinations of phases at most: all of two ExternalDNS. Of three or more each gets as few phases as fit."""

FEWEST_PHASES = 2
"""An interval's beginning and its end: the two that no number of ExternalDNS takes away."""

EDGE = 0.001
"""Share of an interval between an act and the nearest sync: an act at a sync's very moment is before or after it."""

MOST_CHANGES = 16
"""Changes after which they do not end. A clean move is one, a handover two, an A and an AAAA that go apart four; this
many are a fight's eight cycles."""


SyncOver: TypeAlias = tuple[int, frozenset[ResourceRecordSet]]
"""A sync: by which seat, over which records."""


class Seat(NamedTuple):
    """An ExternalDNS in an act, and what its cluster wants."""

    player: Player
    wish: Wish | None


class Written(NamedTuple):
    """A sync that changed something.

    Attributes:
        at: Seconds after the act began.
        player: Who.
        before, after: A host's records.
    """

    at: float
    player: Player
    before: frozenset[ResourceRecordSet]
    after: frozenset[ResourceRecordSet]


class Passage(NamedTuple):
    """An act, played.

    Attributes:
        changes: In their order.
        last: What each ExternalDNS does at its syncs once it is over; in a fight, at its last one.
        end: What stands then.
        forever: Whether the changes do not end.
    """

    changes: tuple[Written, ...]
    last: tuple[tuple[Player, Rewrite], ...]
    end: frozenset[ResourceRecordSet]
    forever: bool


def phases(intervals: Sequence[float]) -> tuple[tuple[float, ...], ...]:
    """Give the moments of everybody's first sync, in seconds after an act, in every combination that is played."""
    if not intervals:
        return ((),)
    count = PHASES
    while count > FEWEST_PHASES and count ** len(intervals) > MOST_PLAYS:
        count -= 1
    shares = [EDGE + (1 - 2 * EDGE) * number / (count - 1) for number in range(count)]
    # Nobody syncs at one moment: each one's phases lie a little after those of the one before it.
    later = [EDGE * place / len(intervals) for place in range(len(intervals))]
    moments = [
        [(share + offset) * interval for share in shares] for interval, offset in zip(intervals, later, strict=True)
    ]
    return tuple(product(*moments)) if count ** len(intervals) <= MOST_PLAYS else tuple(zip(*moments, strict=True))


def play(
    seats: Sequence[Seat],
    stand: Stand,
    start: frozenset[ResourceRecordSet],
    first: Sequence[float],
    known: dict[SyncOver, Rewrite] | None = None,
) -> Passage:
    """Play an act.

    Args:
        seats: Who is there.
        stand: The host.
        start: What stands of it when the act begins.
        first: The moment of each one's first sync.
        known: What their syncs came to in other phases; what comes up here is added.
    """
    known = {} if known is None else known
    records, now, changes = start, 0.0, list[Written]()
    last: dict[Player, Rewrite] = {}

    def rewritten(place: int, before: frozenset[ResourceRecordSet]) -> Rewrite:
        step = known.get((place, before))
        if step is None:
            wish = seats[place].wish
            shape = stand.shape if wish is None else wish.shape
            sync = seats[place].player.sync(prefer_cname=shape is Shape.CNAME)
            step = known[place, before] = rewrite(sync, stand.host, stand.apex, before, wish)
        return step

    while len(changes) < MOST_CHANGES:
        coming = [
            (_next(first[place], seat.player.setup.interval, now), place, step)
            for place, seat in enumerate(seats)
            if (step := rewritten(place, records)).after != records
        ]
        if not coming:
            break
        now, place, step = min(coming, key=lambda one: one[:2])
        last[seats[place].player] = step
        changes.append(Written(now, seats[place].player, records, step.after))
        records = step.after
    forever = len(changes) == MOST_CHANGES
    if not forever:
        last = {seat.player: rewritten(place, records) for place, seat in enumerate(seats)}
    return Passage(tuple(changes), tuple(last.items()), records, forever)


def _next(first: float, interval: float, now: float) -> float:
    if now < first:
        return first
    return first + (math.floor((now - first) / interval) + 1) * interval
