"""One act in one set of phases: the syncs that change something, in the order of their moments, until none does.

A sync over records that stand as they stood at the last one does what that did: nothing. So the play goes from change
to change, and an interval of an hour beside one of ten seconds costs no more than two alike. It ends when no
ExternalDNS would change anything any more, or when the changes have gone on for so long that they do not end.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
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

WAYS_KEPT = 256
"""Answers kept of the ways through all phases: hosts whose records differ mostly go the same ones. 20 KB each."""


class Seat(NamedTuple):
    """An ExternalDNS in an act, and what its cluster wants."""

    player: Player
    wish: Wish | None


class Sync(NamedTuple):
    """A sync that changed something.

    Attributes:
        player: Who.
        before, after: A host's records.
    """

    player: Player
    before: frozenset[ResourceRecordSet]
    after: frozenset[ResourceRecordSet]


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """What happens in an act, without when: all phases in which the same syncs follow each other go along it.

    Attributes:
        steps: The syncs that change something, in their order.
        last: What each ExternalDNS does at its syncs once it is over; in a fight, at its last one.
        end: What stands then.
        forever: Whether the changes do not end.
    """

    steps: tuple[Sync, ...]
    last: tuple[tuple[Player, Rewrite], ...]
    end: frozenset[ResourceRecordSet]
    forever: bool

    @property
    def begin(self) -> frozenset[ResourceRecordSet]:
        """What stands before."""
        return self.steps[0].before if self.steps else self.end


Moments: TypeAlias = tuple[float, ...]
"""Of each step of a track, in seconds after the act."""


class Passage(NamedTuple):
    """A track of an act, and every play that goes along it.

    Attributes:
        track: What happens.
        plays: When: for each set of phases in which it goes so.
    """

    track: Track
    plays: tuple[Moments, ...]


def phases(intervals: Sequence[float]) -> tuple[Moments, ...]:
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


class Syncs:
    """An act for one host: what each sync over each state of its records comes to, asked of the model once.

    A play is then a walk over numbers, so that a hundred phases cost little more than one.

    Args:
        seats: Who is there.
        stand: The host.
    """

    def __init__(self, seats: Sequence[Seat], stand: Stand) -> None:
        self._seats = seats
        self._stand = stand
        self._intervals = tuple(seat.player.setup.interval for seat in seats)
        shapes = [stand.shape if seat.wish is None else seat.wish.shape for seat in seats]
        self._syncs = [
            seat.player.sync(prefer_cname=shape is Shape.CNAME) for seat, shape in zip(seats, shapes, strict=True)
        ]
        self._states: list[frozenset[ResourceRecordSet]] = []
        self._numbers: dict[frozenset[ResourceRecordSet], int] = {}
        self._after: list[tuple[int, ...] | None] = []
        self._rewrites: list[list[Rewrite]] = []

    def play(self, start: frozenset[ResourceRecordSet], firsts: tuple[Moments, ...]) -> tuple[Passage, ...]:
        """Play the act.

        Args:
            start: What stands of the host when it begins.
            firsts: The moments of everybody's first sync, for each play.
        """
        order = self._reachable(self._number(start))
        places = {number: place for place, number in enumerate(order)}
        rows = tuple(tuple(places[after] for after in self._row(number)) for number in order)
        return tuple(Passage(self._track(order[0], path), plays) for path, plays in ways(rows, self._intervals, firsts))

    def _reachable(self, begin: int) -> list[int]:
        """Give the states that some order of syncs leads to, in the order in which they are found."""
        found = {begin: None}
        for number in (order := [begin]):
            new = [one for one in dict.fromkeys(self._row(number)) if one not in found]
            found |= dict.fromkeys(new)
            order += new
        return order

    def _number(self, records: frozenset[ResourceRecordSet]) -> int:
        number = self._numbers.get(records)
        if number is None:
            number = self._numbers[records] = len(self._states)
            self._states.append(records)
            self._after.append(None)
            self._rewrites.append([])
        return number

    def _row(self, state: int) -> tuple[int, ...]:
        """Give the state to which each seat's sync leads from one; the same one where it changes nothing."""
        known = self._after[state]
        if known is None:
            stand, before = self._stand, self._states[state]
            rewrites = [
                rewrite(sync, stand.host, stand.apex, before, seat.wish)
                for seat, sync in zip(self._seats, self._syncs, strict=True)
            ]
            self._rewrites[state] = rewrites
            known = self._after[state] = tuple(self._number(one.after) for one in rewrites)
        return known

    def _track(self, state: int, path: tuple[int, ...]) -> Track:
        steps = []
        last: dict[Player, Rewrite] = {}
        for place in path:
            after, player = self._row(state)[place], self._seats[place].player
            steps.append(Sync(player, self._states[state], self._states[after]))
            last[player] = self._rewrites[state][place]
            state = after
        forever = len(path) == MOST_CHANGES
        if not forever:
            last = dict(zip((seat.player for seat in self._seats), self._rewrites[state], strict=True))
        return Track(tuple(steps), tuple(last.items()), self._states[state], forever)


@lru_cache(maxsize=WAYS_KEPT)
def ways(
    rows: tuple[tuple[int, ...], ...], intervals: tuple[float, ...], firsts: tuple[Moments, ...]
) -> tuple[tuple[tuple[int, ...], tuple[Moments, ...]], ...]:
    """Give each order of syncs in which the first of some states is left, as seats, with every play that goes so.

    Args:
        rows: For each state, the one to which each seat's sync leads.
        intervals: Of each seat, in seconds.
        firsts: The moments of everybody's first sync, for each play.
    """
    found: dict[tuple[int, ...], list[Moments]] = {}
    for first in firsts:
        path, moments = _walk(rows, intervals, first)
        found.setdefault(path, []).append(moments)
    return tuple((path, tuple(plays)) for path, plays in found.items())


def _walk(
    rows: tuple[tuple[int, ...], ...], intervals: tuple[float, ...], first: Moments
) -> tuple[tuple[int, ...], Moments]:
    state = 0
    now = 0.0
    path: list[int] = []
    moments: list[float] = []
    while len(path) < MOST_CHANGES:
        after = rows[state]
        coming = [
            (_next(first[place], intervals[place], now), place) for place, then in enumerate(after) if then != state
        ]
        if not coming:
            break
        now, place = min(coming)
        state = after[place]
        path.append(place)
        moments.append(now)
    return tuple(path), tuple(moments)


def _next(first: float, interval: float, now: float) -> float:
    if now < first:
        return first
    return first + (math.floor((now - first) / interval) + 1) * interval
