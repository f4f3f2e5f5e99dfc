"""One look at DNS in the place of a zone."""

import pytest

from probe.inventory.proposal.seen import position_of, seen_positions
from probe.model.domain import DomainStatus
from probe.model.name import DomainName
from probe.model.plan import Domain, Expectation
from probe.model.record import Position, RecordState


@pytest.mark.parametrize("state", list(RecordState))
def test_a_steady_side_is_that_side_and_the_unknown_is_nothing(state: RecordState) -> None:
    place = position_of(state)
    assert (place is None) is (state is RecordState.UNKNOWN)
    assert (place in {Position.V1, Position.V2}) is state.is_side
    assert (place is Position.MIXED) is (state in {*RecordState} - _PLAIN)


_PLAIN = {
    RecordState.V1,
    RecordState.V2,
    RecordState.ABSENT,
    RecordState.FOREIGN,
    RecordState.UNKNOWN,
}


def test_what_a_look_could_not_tell_is_left_out() -> None:
    statuses = [
        DomainStatus(Domain(DomainName(name), "first", Expectation.V1), state)
        for name, state in (("a.example.com.", RecordState.V2), ("b.example.com.", RecordState.UNKNOWN))
    ]
    assert seen_positions(statuses) == {"a.example.com.": Position.V2}
