"""What is advised about ownership: tests/remedies plays it."""

from probe.judge.advice.of_owners import foreign_owner, unowned_in_place
from probe.model.advice import Situation
from probe.model.plan import Expectation


def test_an_unowned_host_is_not_moved_before_its_wave() -> None:
    assert "once its wave moves" in unowned_in_place(Situation(Expectation.V1)).then
    assert "once its wave moves" not in unowned_in_place(Situation(Expectation.V2)).then


def test_an_owner_of_nobodys_gives_way_to_the_side_that_is_expected() -> None:
    said = {one: foreign_owner(Situation(one)).then for one in (Expectation.V1, Expectation.V2, Expectation.MOVING)}
    assert "give the ExternalDNS of v1 --policy=upsert-only, and write the id that it has" in said[Expectation.V1]
    assert "give the ExternalDNS of v2 --policy" in said[Expectation.V2]
    assert "of the side that is to have the host --policy" in said[Expectation.MOVING]
