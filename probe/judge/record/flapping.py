"""When a series of confirmed transitions is a fight: the rule for `flapping`, and for its end.

One change is a move. A change back is a rollback, or the first half of a fight. The second return to a place that was
left (v1, v2, v1, v2: the third change in a row) is what nobody does on purpose, if it comes quickly: controllers
write every 10 s to 10 min, people and pipelines that retry take longer (median about 15 min). So a fight is two
returns in a chain of changes that follow each other within `LONGEST_DWELL`.

- Only the sides and absence count as places: a record that comes and goes is fought over as well, but an address that
  the book does not know yet (`foreign`) or an answer with both sides' addresses (`mixed`) is no place that a
  controller put back.
- Absence between two different sides (v1, absent, v2) is a hand-over with a gap, and counts as one step from side to
  side.
- Once flapping, a record stays so until nothing changed at any server for `quiet_time`: some of its own longest
  dwells, so that one failed sync (a doubled dwell) or a slow instance does not end it, and never less than five
  default sync intervals.
"""

from typing import NamedTuple

from probe.model.record import Position, Transition

LONGEST_DWELL = 700.0
"""Seconds: the longest sync interval seen is 10 min, plus 60 s of propagation and the time to notice."""

RETURNS = 2
"""Returns in one chain that make a fight."""

QUIET_DWELLS = 4
"""Own longest dwells without a change that end a fight: three syncs in a row would have had to fail (1 % each)."""

SHORTEST_QUIET = 300.0
"""Seconds: five default sync intervals."""

TRANSITIONS_KEPT = 16
"""Transitions that a record remembers: four cycles of a fight, with the changes before them."""


class Chain(NamedTuple):
    """The newest transitions that follow each other within `LONGEST_DWELL`.

    Attributes:
        changes: How many there are.
        returns: How many of them went back to a place that the chain had left.
        longest: The longest dwell between two of them, in seconds.
        started: Monotonic time of the first.
    """

    changes: int
    returns: int
    longest: float
    started: float


def chain(recent: tuple[Transition, ...]) -> Chain:
    """Measure the chain at the end of `recent`."""
    changes, longest, started = 0, 0.0, 0.0
    first = len(recent)
    following: Transition | None = None
    for index in range(len(recent) - 1, -1, -1):
        transition = recent[index]
        if not (transition.before.is_written and transition.after.is_written):
            break
        if following is not None:
            dwell = following.at.monotonic - transition.at.monotonic
            if dwell > LONGEST_DWELL or following.before is not transition.after:
                break
            longest = max(longest, dwell)
        changes, started, first, following = changes + 1, transition.at.monotonic, index, transition
    return Chain(changes, _returns(recent[first:]), longest, started)


def _returns(transitions: tuple[Transition, ...]) -> int:
    if not transitions:
        return 0
    places = [transitions[0].before, *(transition.after for transition in transitions)]
    visited: set[Position] = set()
    returns = 0
    for index, place in enumerate(places):
        if place is Position.ABSENT and 0 < index < len(places) - 1 and places[index - 1] is not places[index + 1]:
            continue  # a hand-over
        returns += place in visited
        visited.add(place)
    return returns


def is_fight(found: Chain) -> bool:
    """Tell whether a chain is a fight."""
    return found.returns >= RETURNS


def quiet_time(found: Chain) -> float:
    """Seconds without any change after which a fight with this chain is over."""
    return max(SHORTEST_QUIET, QUIET_DWELLS * found.longest)
