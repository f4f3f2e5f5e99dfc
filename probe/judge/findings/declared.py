"""What a declared routing explains: Route 53 itself chooses between the sides, and nobody is accused of its choice.

Only what happens between the sides is explained. A name that is absent, that leads elsewhere, or whose service fails
contradicts the declaration as it would any other.
"""

from collections.abc import Mapping

from probe.model.domain import DomainStatus
from probe.model.plan import Routing
from probe.model.record import Position, RecordStatus

_BETWEEN_SIDES = frozenset(
    {
        "fight-same-owner",
        "fight-mutual-migration",
        "fight-version-mix",
        "flip-flop",
        "reverted",
        "premature",
        "laggard",
        "family-split",
        "server-divided",
        "resolver-late",
        "weights-undeclared",
    }
)
"""Findings that say no more than that the sides take turns, or that the other side answers."""

_EXPLAINED: Mapping[Routing, frozenset[str]] = {
    Routing.FAILOVER: _BETWEEN_SIDES,  # health decides, and may change its mind at any moment
    Routing.LATENCY: _BETWEEN_SIDES,  # who asks decides: resolvers elsewhere see the other side for ever
    Routing.GEOLOCATION: _BETWEEN_SIDES,
    Routing.MULTIVALUE: _BETWEEN_SIDES | {"mixed-target"},  # addresses of both sides stand in one answer
}
_NEWEST_TRANSITIONS = 4
"""Transitions that tell between which places a record moves: two cycles."""


def is_declared(code: str, status: DomainStatus) -> bool:
    """Tell whether the declared routing of a domain explains a finding."""
    routing = status.domain.routing
    if routing is None or code not in _EXPLAINED[routing]:
        return False
    mixed = routing is Routing.MULTIVALUE
    return all(
        place.is_side or (mixed and place is Position.MIXED) for record in status.records for place in _places(record)
    )


def _places(record: RecordStatus) -> frozenset[Position]:
    """Give where a record leads and has led; a family that a name never had leads nowhere."""
    places = {place for change in record.recent[-_NEWEST_TRANSITIONS:] for place in (change.before, change.after)}
    if record.position is not None and (record.position is not Position.ABSENT or places):
        places.add(record.position)
    return frozenset(places)
