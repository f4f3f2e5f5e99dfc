"""When a series of confirmed transitions is flapping: the rule for its beginning, and for its end.

One change is a move. A change back is a rollback, or the first half of a fight. The second return to a place that was
left (v1, v2, v1, v2: the third change in a row) within `HASTY` is flapping at once, whatever writes it: users are
thrown to and fro, and a person has to look. Slower changes that return twice flap when their beat proves two
controllers (`probe.judge.record.controllers`), and not before. *Who* does it is another question, with evidence of its
own.

- The sides, both of them in one answer (`mixed`: ExternalDNS merges the addresses of two objects into one record),
  absence and an address of neither side (`foreign`, believed by `probe.judge.record.unknown_target`) count as places: a
  record that comes and goes is fought over as well, and so is one that a third party takes.
- A move, and one deletion that the next sync heals (v1, v2, absent, v2: S19), returns once: two syncs of one writer
  have its interval between them, and are no fight.
- Absence, or both at once, between two different sides (v1, absent, v2) is a hand-over with a gap, or with an overlap,
  and counts as one step from side to side.
- A dwell much longer than the cycle after it ends before the flapping begins: a planned move, and then a fight.
- Once flapping, a record stays so until nothing changed at any server for `quiet_time`: some of its own cycles, so that
  one failed sync (a doubled dwell) or a slow instance does not end it, and never less than five default sync intervals.
  Then the episode is over (`probe.judge.record.episode`), and a chain begins anew.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

from probe.judge.record.beat import beat
from probe.judge.record.controllers import LONGEST_INTERVAL
from probe.model.record import Position, Transition

HASTY = 700.0
"""Seconds: two returns with dwells below that are flapping whatever makes them. Pipelines that retry take longer
(median about 15 min), and most controllers write every 10 s to 10 min."""

RETURNS = 2
"""Returns in one chain that are flapping."""

LEAD = 3
"""Cycles that a dwell lasts at least to lie before the episode: a failed sync makes it two."""

QUIET_CYCLES = 3
"""Own cycles without a change that end an episode: three syncs in a row would have had to fail (1 % each)."""

QUIET_DWELLS = 4
"""Own longest dwells that end it where there is no beat: a cycle is two dwells at the most."""

SHORTEST_QUIET = 300.0
"""Seconds: five default sync intervals."""

TRANSITIONS_KEPT = 16
"""Transitions that a record remembers: four cycles of a fight, with the changes before them."""

CHAINS_KEPT = 256
"""Chains that are remembered: a few for each of a hundred domains that are fought over at once; 1 MiB at the most."""


class Chain(NamedTuple):
    """The newest transitions that follow each other without a rest.

    Attributes:
        changes: How many there are, a long dwell before the others left out.
        returns: How many of the newest, with dwells of `HASTY` at most, went back to a place that was left.
        returns_in_all: How many of `changes` did, however long they took.
        longest: The longest dwell between two of the changes, in seconds.
        times: Monotonic seconds of the changes to and fro, in order; a hand-over with a gap is one.
        places: Where each of these led.
    """

    changes: int = 0
    returns: int = 0
    returns_in_all: int = 0
    longest: float = 0.0
    times: tuple[float, ...] = ()
    places: tuple[Position, ...] = ()


@lru_cache(CHAINS_KEPT)
def chain(recent: tuple[Transition, ...]) -> Chain:
    """Measure the chain at the end of `recent`: the transitions of the present episode, or since the last one ended.

    Each verdict on a record that flaps asks for it some ten times, and it changes with the record's transitions only.
    """
    linked = _linked(recent, LONGEST_INTERVAL)
    if not linked:
        return Chain()
    own = linked[_begins(ordered(linked)) :]
    times = ordered(own)
    dwells = [after - before for before, after in pairwise(times)]
    kept = [(time, one.after) for time, one, keep in zip(times, own, _keeps(own), strict=True) if keep]
    returns = _returns(_linked(recent, HASTY)), _returns(own)
    to_and_fro = tuple(time for time, _ in kept), tuple(place for _, place in kept)
    return Chain(len(own), *returns, max(dwells, default=0.0), *to_and_fro)


def written(recent: tuple[Transition, ...]) -> tuple[Transition, ...]:
    """Give the transitions as they were written: a record that a wildcard took the place of was deleted."""
    if not any(transition.uncovered for transition in recent):
        return recent
    own, gone = [], False
    for transition in recent:
        before = Position.ABSENT if gone else transition.before
        gone = transition.uncovered
        own.append(transition._replace(before=before, after=Position.ABSENT if gone else transition.after))
    return tuple(own)


def ordered(transitions: Sequence[Transition]) -> tuple[float, ...]:
    """Give the monotonic seconds of transitions, none before the one that went before it: no dwell is negative."""
    return tuple(accumulate((transition.at.monotonic for transition in transitions), max))


def is_hasty(found: Chain) -> bool:
    """Tell whether a chain is flapping, whatever makes its changes."""
    return found.returns >= RETURNS


def has_returned(found: Chain) -> bool:
    """Tell whether a chain is flapping if its beat is that of two controllers."""
    return found.returns_in_all >= RETURNS


def quiet_time(found: Chain) -> float:
    """Give the seconds without any change after which an episode with this chain is over."""
    period = beat(found.times, found.places)
    own = QUIET_DWELLS * found.longest if period is None else QUIET_CYCLES * period
    return max(SHORTEST_QUIET, own)


def _linked(recent: Sequence[Transition], longest: float) -> tuple[Transition, ...]:
    """Give the newest transitions from place to place, each within `longest` seconds of the one before it."""
    first = len(recent)
    following: Transition | None = None
    for index in range(len(recent) - 1, -1, -1):
        transition = recent[index]
        if following is not None and (
            following.at.monotonic - transition.at.monotonic > longest or following.before is not transition.after
        ):
            break
        first, following = index, transition
    return tuple(recent[first:])


def _begins(times: Sequence[float]) -> int:
    """Give the number of the change that begins the episode: the first after the newest dwell that lies before it."""
    begins = 0
    for number in range(len(times) - 3):
        cycle = times[number + 3] - times[number + 1]
        if times[number + 1] - times[number] > LEAD * cycle:
            begins = number + 1
    return begins


def _keeps(transitions: Sequence[Transition]) -> list[bool]:
    """Tell for each transition whether it is a step to and fro: not the first half of a hand-over."""
    following = [*transitions[1:], None]
    return [
        next_one is None or not transition.after.is_passed or next_one.after is transition.before
        for transition, next_one in zip(transitions, following, strict=True)
    ]


def _returns(transitions: Sequence[Transition]) -> int:
    if not transitions:
        return 0
    places = [transitions[0].before, *(transition.after for transition in transitions)]
    visited: set[Position] = set()
    returns = 0
    for index, place in enumerate(places):
        if place.is_passed and 0 < index < len(places) - 1 and places[index - 1] is not places[index + 1]:
            continue  # a hand-over
        returns += place in visited
        visited.add(place)
    return returns
