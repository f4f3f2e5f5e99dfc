"""Where a domain is expected to be, when that is one side."""

from typing import assert_never

from probe.model.domain import DomainStatus
from probe.model.plan import Expectation
from probe.model.record import Position


def goal(status: DomainStatus) -> Position | None:
    """Give the one side that is expected; None while the domain moves, and where Route 53 chooses between both."""
    if status.domain.routing is not None:
        return None
    match status.domain.expectation:
        case Expectation.V1:
            return Position.V1
        case Expectation.V2:
            return Position.V2
        case Expectation.WEIGHTED:
            weights = status.domain.weights
            if weights is None or 0 not in (weights.v1, weights.v2):
                return None
            return Position.V1 if weights.v2 == 0 else Position.V2
        case Expectation.MOVING:
            return None
        case other:
            assert_never(other)
