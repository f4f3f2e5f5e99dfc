"""A fight between a side with IPv6 and one without: AAAA is gone by turns, and nobody deletes anything."""

import pytest

from probe.judge.findings.turns import home_of
from probe.model.plan import Expectation
from probe.model.record import Position
from probe.model.side import Side
from tests.judge.answers import context, without_ipv6
from tests.judge.ownership.owned import Owned, heritage, owned
from tests.judge.wording import whole

MINE = owned("prod")


def fight(lacking: Side, *, gone: Position = Position.ABSENT) -> Owned:
    """v1 and v2 write by turns; in the turns of the side that lacks IPv6 AAAA answers nothing."""
    told = Owned(context(known=without_ipv6(lacking)), Expectation.MOVING)
    home = next(place for place in Position if place.side is lacking)
    for number in range(7):
        place = (Position.V1, Position.V2)[number % 2]
        told.stand(place, 30 if number else 300, MINE, aaaa=gone if place is home else place)
    return told


@pytest.mark.case("B9")
@pytest.mark.parametrize("lacking", list(Side))
def test_a_fight_in_which_one_side_lacks_ipv6_is_told_by_its_a_and_nobody_is_said_to_delete(lacking: Side) -> None:
    told = fight(lacking)
    assert told.causes() == ["flip-flop", "fight-same-owner"]
    assert told.cause().sentence.startswith('Two ExternalDNS with the same owner id "prod" overwrite app.example.com')
    assert "It comes round every 60 s" in whole(told.cause())
    assert not any(finding.code == "outage" for finding in told.story.status.findings)


@pytest.mark.case("B9")
def test_a_record_that_comes_and_goes_where_the_other_family_does_too_is_deleted() -> None:
    told = Owned(context(known=without_ipv6(Side.V2)))
    told.stand(Position.V1, 300, MINE)
    for _ in range(3):
        told.stand(Position.ABSENT, 30, {})
        told.stand(Position.V1, 30, MINE)
    assert told.causes() == ["fight-delete-create"]


@pytest.mark.case("B9")
def test_an_aaaa_that_comes_and_goes_beside_a_standing_a_is_on_no_side_meanwhile() -> None:
    told = Owned(context(known=without_ipv6(Side.V2)))
    told.stand(Position.V1, 300, MINE)
    for _ in range(3):
        told.stand(Position.V1, 30, {"a": heritage("prod")}, aaaa=Position.ABSENT)
        told.stand(Position.V1, 30, MINE)
    both = told.story.state.remembered
    assert [home_of(one, told.story.status) for one in both] == [None, None]
    assert "outage" in told.raised()
