"""What witnesses tell of a domain now: of what stood before and of what was read since."""

import pytest

from probe.judge.testimony import ClusterHeard, ZonesHeard, is_news, witnessed_by
from probe.model.external_dns import ExternalDns
from probe.model.name import DomainName
from probe.model.record import Position, Transition
from probe.model.side import Side
from probe.model.testimony import ClusterTestimony, Knowledge, ZoneTestimony
from probe.model.witness import NO_WITNESSES, ClusterReading, ClusterWish, Wanted, Witnessed, Written, WrittenSet
from probe.model.witness_sources import ClusterSource, Route53Source, WitnessSources
from tests.judge.answers import instant
from tests.judge.story import Story

RETELL = 900.0
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

SHOP, API = DomainName("shop.example.com."), DomainName("api.example.com.")
ASKED = frozenset({SHOP, API})
ALL = WitnessSources(v1=ClusterSource(context="a"), v2=ClusterSource(in_cluster=True), route53=Route53Source())
V1_ONLY = WitnessSources(v1=ClusterSource(context="a"))
ZONE_ONLY = WitnessSources(route53=Route53Source())
STOOD = Written(zone=DomainName("example.com."), sets=(WrittenSet("A", ("192.0.2.1",)),))


def wish(side: Side) -> ClusterWish:
    return ClusterWish(side, "ingress/shop/web", ExternalDns("prod"), "dns/external-dns")


def cluster(
    side: Side, knowledge: Knowledge = Knowledge.CURRENT, at: float = 0.0, *, whole: bool = True
) -> ClusterHeard:
    said = ClusterTestimony(side, {SHOP: (wish(side),)}, is_whole=whole)
    return ClusterHeard(side, knowledge, said, instant(at), ASKED)


def zones(knowledge: Knowledge = Knowledge.CURRENT, at: float = 0.0) -> ZonesHeard:
    return ZonesHeard(knowledge, ZoneTestimony({SHOP: STOOD}), instant(at))


def both(at: float = 0.0) -> Witnessed:
    heard = [cluster(side, at=at) for side in Side]
    return witnessed_by(NO_WITNESSES, SHOP, ALL, heard, zones(at=at))


def test_what_was_read_lately_is_told_with_its_time() -> None:
    assert both(5) == Witnessed(
        Wanted(
            tuple(ClusterReading(side, instant(5), is_current=True, is_whole=True) for side in Side),
            tuple(wish(side) for side in Side),
        ),
        STOOD._replace(at=instant(5), is_current=True),
    )


def test_a_domain_that_nobody_wants_or_has_written_is_told_as_such() -> None:
    heard = [cluster(side) for side in Side]
    told = witnessed_by(
        both(), API, ALL, heard, ZonesHeard(Knowledge.CURRENT, ZoneTestimony({API: Written()}), instant(9))
    )
    assert told.wanted is not None
    assert told.wanted.wishes == ()
    assert told.wanted.is_current
    assert told.written == Written(instant(9), is_current=True)


def test_a_domain_that_it_was_not_read_for_has_to_wait() -> None:
    late = DomainName("late.example.com.")
    told = witnessed_by(NO_WITNESSES, late, ALL, [cluster(side) for side in Side], zones())
    assert told == Witnessed(Wanted(tuple(ClusterReading(side) for side in Side)), Written())


@pytest.mark.parametrize("knowledge", [Knowledge.AWAITED, Knowledge.OLD])
def test_an_old_word_stands_with_its_time_and_is_not_current(knowledge: Knowledge) -> None:
    heard = [ClusterHeard(Side.V1, knowledge), cluster(Side.V2, at=60)]
    told = witnessed_by(both(5), SHOP, ALL, heard, ZonesHeard(knowledge))
    assert told.wanted is not None
    assert told.written is not None
    assert told.wanted.reading(Side.V1) == ClusterReading(Side.V1, instant(5), is_current=False, is_whole=True)
    assert told.wanted.reading(Side.V2) == ClusterReading(Side.V2, instant(60), is_current=True, is_whole=True)
    assert [one.side for one in told.wanted.wishes] == [Side.V1, Side.V2]
    assert (told.written.at, told.written.is_current, told.written.sets) == (instant(5), False, STOOD.sets)


def test_a_forgotten_word_is_not_known() -> None:
    heard = [cluster(side, Knowledge.FORGOTTEN) for side in Side]
    told = witnessed_by(both(), SHOP, ALL, heard, zones(Knowledge.FORGOTTEN))
    assert told == Witnessed(Wanted(tuple(ClusterReading(side) for side in Side)), Written())


def test_a_zone_that_could_not_be_read_leaves_what_was_known_of_its_names_old() -> None:
    told = witnessed_by(both(5), SHOP, ALL, [], ZonesHeard(Knowledge.CURRENT, ZoneTestimony({}), instant(60)))
    assert told.written == STOOD._replace(at=instant(5), is_current=False)


def test_who_is_no_witness_any_more_tells_nothing() -> None:
    told = witnessed_by(both(), SHOP, V1_ONLY, [cluster(Side.V1)], None)
    assert told.written is None
    assert told.wanted is not None
    assert [one.side for one in told.wanted.readings] == [Side.V1]
    assert [one.side for one in told.wanted.wishes] == [Side.V1]
    assert witnessed_by(both(), SHOP, ZONE_ONLY, [], zones()).wanted is None
    assert witnessed_by(both(), SHOP, WitnessSources()) == NO_WITNESSES


class Heard(Story):
    """A domain to which witnesses have spoken, and whose record changed at a second."""

    def __init__(self, told: Witnessed, changed: float | None = None) -> None:
        super().__init__()
        status = self.status._replace(witnessed=told)
        if changed is not None:
            (first, *others) = status.records
            moved = first._replace(recent=(Transition(instant(changed), Position.V1, Position.V2, reversal=False),))
            status = status._replace(records=(moved, *others))
        self.state = self.state.with_status(status)


@pytest.mark.parametrize(("later", "news"), [(60, False), (RETELL - 1, False), (RETELL, True)])
def test_what_is_the_same_is_no_news_until_its_time_is_too_old(*, later: float, news: bool) -> None:
    assert is_news(Heard(both(0)).status, both(later)) is news
    assert RETELL == 900


@pytest.mark.parametrize(("changed", "news"), [(None, False), (-1.0, False), (0.0, True), (30.0, True)])
def test_a_zone_that_was_read_after_a_change_is_news_though_it_says_the_same(
    *, changed: float | None, news: bool
) -> None:
    assert is_news(Heard(both(0), changed).status, both(60)) is news


def test_anything_else_is_news() -> None:
    before = both()
    assert is_news(Heard(NO_WITNESSES).status, before)
    assert is_news(Heard(before).status, NO_WITNESSES)
    assert is_news(Heard(before).status, before._replace(written=Written()))
    not_whole = [cluster(side, whole=side is Side.V1) for side in Side]
    assert is_news(Heard(before).status, witnessed_by(before, SHOP, ALL, not_whole, zones()))
