"""A change that counts as evidence for other records of its zone (`probe.judge.neighbours`)."""

from typing import NamedTuple

from probe.model.name import DomainName
from probe.model.record import Position


class NeighbourTransition(NamedTuple):
    """One record's confirmed change.

    Attributes:
        name: The domain.
        before, after: From where to where.
        at: The monotonic second of the change.
        cause: What its domain's fight is called; None where that is not named.
    """

    name: DomainName
    before: Position
    after: Position
    at: float
    cause: str | None = None
