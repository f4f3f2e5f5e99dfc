"""Where hosts lead by one look at DNS, where no zone was given."""

from collections.abc import Iterable, Mapping
from typing import assert_never

from probe.model.domain import DomainStatus
from probe.model.name import DomainName
from probe.model.record import Position, RecordState


def seen_positions(statuses: Iterable[DomainStatus]) -> Mapping[DomainName, Position]:
    """Give where each domain leads; what a look could not tell is left out."""
    found = ((status.domain.name, position_of(status.state)) for status in statuses)
    return {name: position for name, position in found if position is not None}


def position_of(state: RecordState) -> Position | None:
    """Give the place that a state is; None where it tells none."""
    match state:
        case RecordState.V1 | RecordState.V2:
            return state.side
        case RecordState.WEIGHTED | RecordState.PROPAGATING | RecordState.FLAPPING | RecordState.DIVIDED:
            return Position.MIXED
        case RecordState.ABSENT:
            return Position.ABSENT
        case RecordState.FOREIGN:
            return Position.FOREIGN
        case RecordState.UNKNOWN:
            return None
        case _:
            assert_never(state)
