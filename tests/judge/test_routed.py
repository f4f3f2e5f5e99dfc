"""What a declared routing does, and what it does not: places, with the newest changes between them."""

import pytest

from probe.judge.routed import is_as_routed, lies_between_sides
from probe.model.plan import Routing
from probe.model.record import Position
from tests.judge.acceptance.test_expectation import routed

NEWEST = 4
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


V1, V2, MIXED, ABSENT = Position.V1, Position.V2, Position.MIXED, Position.ABSENT


@pytest.mark.case("D3")
@pytest.mark.parametrize(
    ("routing", "place", "told"),
    [
        (Routing.FAILOVER, V1, True),
        (Routing.LATENCY, V2, True),
        (Routing.GEOLOCATION, MIXED, False),
        (Routing.MULTIVALUE, MIXED, True),
        (Routing.MULTIVALUE, ABSENT, False),
    ],
)
def test_a_place_is_as_routed_where_its_routing_leads(routing: Routing, place: Position, *, told: bool) -> None:
    story = routed(routing)
    story.stand(place, 0, 30)
    assert is_as_routed(story.status) is told


def test_an_absence_counts_until_four_changes_lie_after_it() -> None:
    story = routed(Routing.FAILOVER)
    story.stand(V1, 0, 60)
    story.stand(ABSENT, 70, 190)
    since = 200
    for place in (V2, V1, V2, V1)[:NEWEST]:
        story.stand(place, since, since + 50)
        assert not lies_between_sides(story.status, Routing.FAILOVER)
        since += 60
    story.stand(V2, since, since + 50)
    assert is_as_routed(story.status)


def test_without_a_declaration_nothing_is_as_declared() -> None:
    story = routed(Routing.FAILOVER)
    story.stand(V2, 0, 30)
    bare = story.status._replace(
        domain=type(story.status.domain)(story.status.domain.name, "first", story.status.domain.expectation)
    )
    assert not is_as_routed(bare)
