"""One act in one set of phases: the syncs that change something, in the order of their moments, until none does.

A sync over records that stand as they stood at the last one does what that did: nothing. So the play goes from change
to change, and an interval of an hour beside one of ten seconds costs no more than two alike. It ends when no
ExternalDNS would change anything any more, or when the changes have gone on for so long that they do not end.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

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
    """What happens in an act, without when: phases in which the same syncs follow each other have one track.

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


class Passage(NamedTuple):
    """An act, played in one set of phases: a track, and the moment of each of its steps in seconds."""

    track: Track
    moments: tuple[float, ...]


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
        self._states: list[frozenset[ResourceRecordSet]] = []
        self._numbers: dict[frozenset[ResourceRecordSet], int] = {}
        self._after: list[list[int]] = []
        self._rewrites: list[list[Rewrite]] = []
        self._changing: list[list[tuple[int, float]] | None] = []
        self._tracks: dict[tuple[int, tuple[int, ...]], Track] = {}

    def play(self, start: frozenset[ResourceRecordSet], first: Sequence[float]) -> Passage:
        """Play the act.

        Args:
            start: What stands of the host when it begins.
            first: The moment of each one's first sync.
        """
        begin = state = self._number(start)
        now = 0.0
        path: list[int] = []
        moments: list[float] = []
        while len(path) < MOST_CHANGES:
            coming = [(_next(first[place], interval, now), place) for place, interval in self._changers(state)]
            if not coming:
                break
            now, place = min(coming)
            state = self._after[state][place]
            path.append(place)
            moments.append(now)
        key = (begin, tuple(path))
        if key not in self._tracks:
            self._tracks[key] = self._track(*key)
        return Passage(self._tracks[key], tuple(moments))

    def _number(self, records: frozenset[ResourceRecordSet]) -> int:
        number = self._numbers.get(records)
        if number is None:
            number = self._numbers[records] = len(self._states)
            self._states.append(records)
            self._after.append([])
            self._rewrites.append([])
            self._changing.append(None)
        return number

    def _changers(self, state: int) -> list[tuple[int, float]]:
        """Give the seats whose syncs change a state, each with its interval."""
        known = self._changing[state]
        if known is None:
            rewrites = [self._rewritten(seat, self._states[state]) for seat in self._seats]
            self._rewrites[state] = rewrites
            self._after[state] = [self._number(one.after) for one in rewrites]
            intervals = [seat.player.setup.interval for seat in self._seats]
            known = [one for one, after in zip(enumerate(intervals), self._after[state], strict=True) if after != state]
            self._changing[state] = known
        return known

    def _rewritten(self, seat: Seat, before: frozenset[ResourceRecordSet]) -> Rewrite:
        shape = self._stand.shape if seat.wish is None else seat.wish.shape
        sync = seat.player.sync(prefer_cname=shape is Shape.CNAME)
        return rewrite(sync, self._stand.host, self._stand.apex, before, seat.wish)

    def _track(self, begin: int, path: tuple[int, ...]) -> Track:
        state = begin
        steps = []
        last: dict[Player, Rewrite] = {}
        for place in path:
            after, player = self._after[state][place], self._seats[place].player
            steps.append(Sync(player, self._states[state], self._states[after]))
            last[player] = self._rewrites[state][place]
            state = after
        forever = len(path) == MOST_CHANGES
        if not forever:
            last = dict(zip((seat.player for seat in self._seats), self._rewrites[state], strict=True))
        return Track(tuple(steps), tuple(last.items()), self._states[state], forever)


def _next(first: float, interval: float, now: float) -> float:
    if now < first:
        return first
    return first + (math.floor((now - first) / interval) + 1) * interval
