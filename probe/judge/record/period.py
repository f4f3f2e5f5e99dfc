"""The beat of an episode of flapping: how often, who holds the record for how long, and when it flips next.

An ExternalDNS writes on its own interval and never because of what another one wrote. Two of them therefore flip a
record on a constant phase: one cycle is the interval, and each side's dwell is its phase against the other. Where the
changes have no beat, none is told. Nothing is foretold before they prove two controllers: two cycles of people or of
health checks are as alike by chance, and the next one is not.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from probe.judge.record import episode
from probe.judge.record.beat import REGULAR, REGULAR_AT_LEAST, beat, is_alike
from probe.judge.record.episode import Quiet
from probe.judge.record.flapping import ordered, written
from probe.judge.record.state import Remembered, beats_alone
from probe.model.record import Position, RecordState, Transition
from probe.model.side import Side


class Rhythm(NamedTuple):
    """What the changes of one record's episode show.

    Attributes:
        period: Median seconds from a change to a place to the next change to the same place; None without a beat.
        shares: Each place's share of the time, by its median dwell; empty without a beat.
        next_at: Wall time (seconds) of the next change, if the beat is two controllers' and the dwells at the present
            place were alike. It may be over: ask `due`.
    """

    period: float | None = None
    shares: tuple[tuple[Position, float], ...] = ()
    next_at: float | None = None

    def due(self, now: float) -> float | None:
        """Give the next change that is foretold, if it is still to come at wall second `now`."""
        return self.next_at if self.next_at is not None and self.next_at > now else None


def rhythm(one: Remembered) -> Rhythm:
    """Measure the changes that belong to the record's present episode."""
    newest = changes(one)
    times = ordered(newest)
    period = beat(times, [change.after for change in newest])
    if period is None:
        return Rhythm()  # too few, too irregular, or too fast for single changes to be confirmed
    dwells: dict[Position, list[float]] = {}
    for transition, (at, until) in zip(newest, pairwise(times), strict=False):
        dwells.setdefault(transition.after, []).append(until - at)
    usual = {place: median(own) for place, own in dwells.items()}
    total = sum(usual.values())
    shares = tuple((place, dwell / total) for place, dwell in usual.items()) if total else ()
    last = newest[-1]
    is_proven = one.memory.episode.controllers
    return Rhythm(period, shares, _foretold(last, dwells.get(last.after, [])) if is_proven else None)


def changes(one: Remembered) -> tuple[Transition, ...]:
    """Give the remembered transitions of the record's present episode."""
    count = episode.chain(one.record, one.memory).changes
    return written(one.record.recent)[-count:] if count else ()


def places_of(flapping: Iterable[Remembered]) -> frozenset[Position]:
    """Give the places between which flapping records go, by what is kept of their changes."""
    return frozenset(place for one in flapping for change in changes(one) for place in (change.before, change.after))


def keeps_returning(one: Remembered, place: Position) -> bool:
    """Tell whether a record flaps, and has been at a place in the present episode, whether or not it is there now."""
    return one.record.state is RecordState.FLAPPING and any(change.after is place for change in changes(one))


def comes_back(one: Remembered, place: Position, now: float) -> bool:
    """Tell whether it goes on to return there at the monotonic second `now`: it has not stayed away for longer yet."""
    return keeps_returning(one, place) and resting((one,), now) is None


def resting(flapping: Sequence[Remembered], now: float) -> Quiet | None:
    """Give the rest of records that flap, when at the monotonic second `now` it is longer than their own dwells."""
    rests = [(episode.quiet(*one), episode.chain(*one)) for one in flapping]
    known = [(rest, own.longest) for rest, own in rests if rest is not None]
    if not known:
        return None
    newest, over = max(rest.newest for rest, _ in known), max(rest.over for rest, _ in known)
    usual = max(longest for _, longest in known)
    late = now - newest > usual + max(REGULAR_AT_LEAST, REGULAR * usual)
    return Quiet(newest, over) if late else None


def has_third_writer(flapping: Iterable[Remembered]) -> bool:
    """Tell whether flapping records go to both sides and elsewhere: two writers lead to two places."""
    places = places_of(flapping)
    return Position.FOREIGN in places and {place.side for place in places if place.is_side} == set(Side)


def flip_period(remembered: Sequence[Remembered]) -> float | None:
    """Give a domain's period in seconds: that of its flapping record with the most changes, or of its shares' beat."""
    flapping = [one for one in remembered if one.record.state is RecordState.FLAPPING]
    changing = [one for one in flapping if not beats_alone(*one)]
    if flapping and not changing:
        return flapping[0].memory.periodogram.cycle
    return rhythm(max(changing, key=lambda one: len(changes(one)))).period if changing else None


def _foretold(last: Transition, dwells: list[float]) -> float | None:
    if not dwells:
        return None
    usual = median(dwells)
    if not all(is_alike(dwell, usual) for dwell in dwells):
        return None
    return last.at.wall + usual
