import math

import pytest

from probe.judge.neighbours import Neighbours, are_recent, noted, went_along
from probe.model.clock import Instant
from probe.model.name import DomainName
from probe.model.neighbour import NeighbourTransition
from probe.model.record import Position

ENOUGH_NEIGHBOURS, NEIGHBOUR_WINDOW, REMEMBERED_MOVES = 3, 20.0, 64
SURE_WITH_NEIGHBOURS = math.log(1e-2)
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

V1, V2 = Position.V1, Position.V2


def moves(count: int, at: float = 0.0, before: Position = V1, after: Position = V2) -> Neighbours:
    known: Neighbours = ()
    for number in range(count):
        known = noted(known, NeighbourTransition(DomainName(f"h{number}.example.com."), before, after, at))
    return known


def test_enough_others_that_went_the_same_way_lately_count() -> None:
    assert went_along(moves(ENOUGH_NEIGHBOURS), V1, V2, NEIGHBOUR_WINDOW)
    assert not went_along(moves(ENOUGH_NEIGHBOURS), V1, V2, NEIGHBOUR_WINDOW + 0.1)
    assert not went_along(moves(ENOUGH_NEIGHBOURS - 1), V1, V2, 0.0)


@pytest.mark.parametrize(("before", "after"), [(V2, V1), (V1, Position.ABSENT), (Position.ABSENT, V2), (None, V2)])
def test_others_that_went_elsewhere_do_not(before: Position | None, after: Position) -> None:
    assert not went_along(moves(ENOUGH_NEIGHBOURS), before, after, 0.0)


def test_one_domain_that_goes_often_is_one_neighbour() -> None:
    known: Neighbours = ()
    for second in range(ENOUGH_NEIGHBOURS):
        known = noted(known, NeighbourTransition(DomainName("h.example.com."), V1, V2, float(second)))
    assert not went_along(known, V1, V2, 3.0)


def test_a_neighbour_counts_for_a_cause_once_its_own_is_named() -> None:
    known = moves(ENOUGH_NEIGHBOURS)
    assert not went_along(known, V1, V2, 1.0, "fight-same-owner")
    for number in range(ENOUGH_NEIGHBOURS):
        known = noted(
            known, NeighbourTransition(DomainName(f"h{number}.example.com."), V1, V2, 0.0, "fight-same-owner")
        )
    assert len(known) == ENOUGH_NEIGHBOURS
    assert went_along(known, V1, V2, 1.0, "fight-same-owner")
    assert not went_along(known, V1, V2, 1.0, "fight-mutual-migration")
    assert went_along(known, V1, V2, 1.0)


def test_what_is_remembered_is_bounded() -> None:
    known = moves(10 * REMEMBERED_MOVES)
    assert len(known) == REMEMBERED_MOVES
    assert len(noted(known, NeighbourTransition(DomainName("late.example.com."), V1, V2, 2 * NEIGHBOUR_WINDOW))) == 1


def test_the_bar_with_neighbours_asks_for_a_quorum_twice_after_a_dwell_of_narrow_rounds() -> None:
    from probe.judge.record.likelihood import NO_COUNTS, counted, run_likelihood  # noqa: PLC0415  # only this test needs it

    def run(steady: int, changed: int) -> float:
        return run_likelihood(counted(NO_COUNTS, 0, steady), 1, changed)

    assert 2 * run(3, 2) < SURE_WITH_NEIGHBOURS  # three old answers and two new ones at each of two servers
    assert run(3, 2) > SURE_WITH_NEIGHBOURS  # at one of them only


def test_changes_count_for_twenty_seconds_and_are_not_worth_keeping_beyond() -> None:
    change = NeighbourTransition(DomainName("a.example.com."), V1, V2, 100.0)
    old = change._replace(at=50.0)

    assert are_recent((old, change), Instant(0.0, 100.0 + NEIGHBOUR_WINDOW))
    assert not are_recent((old, change), Instant(0.0, 100.1 + NEIGHBOUR_WINDOW))
    assert not are_recent((), Instant(0.0, 100.0))
