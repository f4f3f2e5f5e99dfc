"""Whether what is seen of a domain is what its declared routing does: Route 53 itself chooses between the sides.

Only what happens between the sides is declared. A name that is absent, or that leads elsewhere, contradicts it.
"""

from probe.model.domain import DomainStatus
from probe.model.plan import Routing
from probe.model.record import Position, RecordStatus

NEWEST = 4
"""Transitions that tell between which places a record moves: two cycles."""

_SIDE_POSITIONS = frozenset(position for position in Position if position.is_side)


def is_as_routed(status: DomainStatus) -> bool:
    """Tell whether a routing is declared, the domain leads somewhere, and all that is seen lies between the sides."""
    routing = status.domain.routing
    if routing is None or not any(record.position in allowed(routing) for record in status.records):
        return False
    return lies_between_sides(status, routing)


def lies_between_sides(status: DomainStatus, routing: Routing) -> bool:
    """Tell whether no record leads, or has lately led, where the routing does not."""
    return all(_places(record) <= allowed(routing) for record in status.records)


def allowed(routing: Routing | None) -> frozenset[Position]:
    """Give the places between which a domain may change: the sides; both in one answer by `multivalue` alone."""
    return _SIDE_POSITIONS | {Position.MIXED} if routing is Routing.MULTIVALUE else _SIDE_POSITIONS


def _places(record: RecordStatus) -> frozenset[Position]:
    """Give where a record leads and has led; a family that a name never had leads nowhere."""
    places = {place for change in record.recent[-NEWEST:] for place in (change.before, change.after)}
    if record.position is not None and (record.position is not Position.ABSENT or places):
        places.add(record.position)
    return frozenset(places)
