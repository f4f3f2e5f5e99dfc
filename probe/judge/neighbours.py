"""Other records of the same zone that have just made the same change: evidence that a change is no chance.

The bar that a run of answers has to pass (`likelihood.SURE`) is for a record alone: as unlikely under weights as one in
10^9, because a domain is looked at millions of times. When several hosts of a zone have been confirmed to go from one
place to another within seconds, a writer is at work on that zone, and a record of it that starts to answer the new
place at a quorum of servers needs no such proof. What the lower bar costs: a record that is drawn at 1 to 1 and not yet
known to be has to give eight equal answers within the seconds in which its neighbours change, with 5e-3 for each try,
and three times in turn for a fight; once it is known to be drawn, neighbours count nothing.

Who the writer is, is shared as well: one owner id in two clusters is a fight over all hosts of that owner. A record
that changes to and fro in step with enough neighbours whose fight has its cause already has the same one, unless its
own changes or its own TXT speak against it.
"""

import math

from probe.model.clock import Instant
from probe.model.neighbour import NeighbourTransition
from probe.model.record import Position

NEIGHBOUR_WINDOW = 20.0
"""Seconds for which a neighbour's change counts: servers of one zone follow within some seconds, a cycle of narrow
rounds over 100 domains takes ten, and half a sync interval later the change back is due."""

ENOUGH_NEIGHBOURS = 3
"""Neighbours with the same change: one may be a coincidence, and two the families or aliases of one service."""

REMEMBERED_MOVES = 64
"""Changes that are remembered: more than are needed, and O(1) for a zone of thousands."""

SURE_WITH_NEIGHBOURS = math.log(1e-2)
"""The bar for a run of answers that goes where enough neighbours have just gone."""


SURE_THOUGH_INCOHERENT = math.log(1e-4)
"""The same for a record of which a server took an answer back within a second: perhaps a change that arrived just then,
perhaps a draw. Drawn at 1 to 1, 14 equal answers are needed."""


Neighbours = tuple[NeighbourTransition, ...]
"""The newest confirmed changes of records of the same zone, oldest first."""


def noted(neighbours: Neighbours, move: NeighbourTransition) -> Neighbours:
    """Take a confirmed change in, or what its cause is now; drop what is too old to count."""
    kept = (known for known in neighbours if move.at - known.at <= NEIGHBOUR_WINDOW and known[:3] != move[:3])
    return (*kept, move)[-REMEMBERED_MOVES:]


def are_recent(neighbours: Neighbours, at: Instant) -> bool:
    """Tell whether any of them counts at this moment."""
    return any(at.monotonic - known.at <= NEIGHBOUR_WINDOW for known in neighbours)


def went_along(
    neighbours: Neighbours, before: Position | None, after: Position, at: float, cause: str | None = None
) -> bool:
    """Tell whether enough neighbours have gone from `before` to `after` by second `at`, in a fight of `cause` if any.

    The record's own changes are no others': it is at `before`, so that its newest one was not to `after`.
    """
    if len(neighbours) < ENOUGH_NEIGHBOURS:
        return False
    names = {
        move.name
        for move in neighbours
        if move.before is before
        and move.after is after
        and at - move.at <= NEIGHBOUR_WINDOW
        and (cause is None or move.cause == cause)
    }
    return len(names) >= ENOUGH_NEIGHBOURS
