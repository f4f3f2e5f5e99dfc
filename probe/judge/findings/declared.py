"""What a declared routing explains: Route 53 itself chooses between the sides, and nobody is accused of its choice.

Only what happens between the sides is explained. A name that is absent, that leads elsewhere, or whose service fails
contradicts the declaration as it would any other. What a declared routing explains of servers that stand against
each other is told by `probe.judge.routed`, server by server.
"""

from collections.abc import Mapping

from probe.judge.routed import explaining
from probe.model.domain import DomainStatus
from probe.model.plan import Routing

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


def is_declared(code: str, status: DomainStatus) -> bool:
    """Tell whether the declared routing of a domain explains a finding."""
    routing = explaining(status)
    return routing is not None and code in _EXPLAINED[routing]
