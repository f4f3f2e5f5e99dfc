"""A declared routing explains what happens between the sides, and nothing else."""

from dataclasses import replace

import pytest

from probe.judge.findings.declared import is_declared
from probe.model.plan import Expectation, Routing
from probe.model.record import Position
from tests.judge.ownership.owned import Owned, owned

V1, V2, MIXED, FOREIGN, ABSENT = Position.V1, Position.V2, Position.MIXED, Position.FOREIGN, Position.ABSENT


def routed(routing: Routing | None, expectation: Expectation = Expectation.V2) -> Owned:
    told = Owned(expectation=expectation)
    status = told.story.status
    told.story.status = status._replace(domain=replace(status.domain, routing=routing))
    return told


@pytest.mark.case("D3")
@pytest.mark.parametrize("routing", list(Routing))
def test_changes_between_the_sides_are_not_accused(routing: Routing) -> None:
    told = routed(routing)
    for _ in range(4):
        told.stand(V2, 40, owned("prod"))
        told.stand(V1, 20, owned("prod"))
    assert told.raised() == []


@pytest.mark.case("D3")
def test_without_a_declaration_they_are() -> None:
    told = routed(None)
    for _ in range(4):
        told.stand(V2, 40, owned("prod"))
        told.stand(V1, 20, owned("prod"))
    assert told.causes()


@pytest.mark.case("D3")
def test_absence_contradicts_the_declaration_and_is_accused() -> None:
    told = routed(Routing.FAILOVER)
    told.stand(V2, 60, owned("prod"))
    told.stand(ABSENT, 200, owned("prod"))
    assert "outage" in told.raised()


@pytest.mark.case("D3")
@pytest.mark.parametrize(
    ("routing", "position", "code", "declared"),
    [
        (Routing.FAILOVER, V1, "flip-flop", True),
        (Routing.FAILOVER, FOREIGN, "flip-flop", False),  # a third party is nobody's failover
        (Routing.FAILOVER, MIXED, "mixed-target", False),
        (Routing.MULTIVALUE, MIXED, "mixed-target", True),
        (Routing.MULTIVALUE, V1, "service-failing", False),
    ],
)
def test_a_routing_explains_only_what_it_does(
    routing: Routing, position: Position, code: str, *, declared: bool
) -> None:
    told = routed(routing)
    told.stand(V2, 60, owned("prod"))
    status = told.story.status
    status = status._replace(records=tuple(record._replace(position=position) for record in status.records))
    assert is_declared(code, status) is declared
