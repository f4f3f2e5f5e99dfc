from dataclasses import replace
from ipaddress import ip_network

import pytest

from probe.judge.answer.address_book import (
    AddressBook,
    carry_over,
    fold,
    open_book,
)
from probe.model.clock import Instant
from probe.model.name import DomainName
from probe.model.outcome import Response, RRset
from probe.model.plan import Plan, SidePlan
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.side import Side
from tests.judge.answers import V1_BALANCER, V2_BALANCER, addresses, instant, nodata, nxdomain, plan

MINUTE, TWO_TTLS, DAY = 60, 120, 86_400
"""Seconds, as cases need them: an ALB's addresses have a TTL of a minute, and nodes leave DNS hours before they end."""

BARE = Plan("test", SidePlan(Side.V1, (V1_BALANCER,)), SidePlan(Side.V2, (V2_BALANCER,)), ())


def shown(balancer: DomainName, *rdata: str) -> Response:
    return addresses(RecordType.A, *rdata, name=balancer)


def learn(book: AddressBook, side: Side, seconds: float, *rdata: str) -> AddressBook:
    balancer = V1_BALANCER if side is Side.V1 else V2_BALANCER
    return book.learn(side, balancer, shown(balancer, *rdata), instant(seconds))


def test_an_address_belongs_to_the_side_whose_load_balancer_showed_it() -> None:
    book = learn(learn(open_book(BARE), Side.V1, 0, "192.0.2.1"), Side.V2, 1, "192.0.2.2")
    assert book.side_of("192.0.2.1") is Side.V1
    assert book.side_of("192.0.2.2") is Side.V2
    assert book.side_of("192.0.2.3") is None


def test_answers_are_united_because_each_shows_eight_addresses_at_most() -> None:
    book = open_book(BARE)
    for second in range(4):
        book = learn(book, Side.V1, second, *(f"192.0.2.{8 * second + number}" for number in range(8)))
    assert sum(target.side is Side.V1 for target in book.targets()) == 32


def test_the_version_changes_only_when_something_is_told_differently() -> None:
    first = learn(open_book(BARE), Side.V1, 0, "192.0.2.1")
    again = learn(first, Side.V1, 30, "192.0.2.1")
    more = learn(again, Side.V1, 60, "192.0.2.1", "192.0.2.9")
    assert again.version == first.version
    assert again.learned["192.0.2.1"].last_seen == instant(30)
    assert again.learned["192.0.2.1"].first_seen == instant(0)
    assert more.version > again.version


def test_a_retired_address_is_kept_for_a_day_and_then_forgotten() -> None:
    book = learn(open_book(BARE), Side.V1, 0, "192.0.2.1")
    almost = learn(book, Side.V1, DAY - 1, "192.0.2.2")
    after = learn(almost, Side.V1, DAY + 700, "192.0.2.2")
    gone = learn(after, Side.V1, DAY + 1400, "192.0.2.2")
    assert almost.side_of("192.0.2.1") is Side.V1
    assert gone.side_of("192.0.2.1") is None
    assert gone.version > almost.version


def test_a_node_that_is_shown_no_more_belongs_to_its_side_for_a_day_and_no_longer_than_ten_minutes_beyond() -> None:
    book = learn(open_book(BARE), Side.V1, 0, "192.0.2.1")
    for second in (*range(3_600, DAY + 1, 3_600), DAY + 10 * MINUTE - 1):
        book = learn(book, Side.V1, second, "192.0.2.2")
        assert book.side_of("192.0.2.1") is Side.V1
    assert learn(book, Side.V1, DAY + 10 * MINUTE, "192.0.2.2").side_of("192.0.2.1") is None


def test_a_node_that_is_shown_no_more_is_present_for_five_minutes() -> None:
    book = learn(open_book(BARE), Side.V1, 0, "192.0.2.1")
    assert learn(book, Side.V1, 299, "192.0.2.2").present(Side.V1) == ("192.0.2.1", "192.0.2.2")
    assert learn(book, Side.V1, 300, "192.0.2.2").present(Side.V1) == ("192.0.2.2",)


def test_the_newest_sixteen_moves_between_sides_are_remembered() -> None:
    book = open_book(BARE)
    for turn in range(20):
        book = learn(book, (Side.V1, Side.V2)[turn % 2], turn * TWO_TTLS, "192.0.2.1")
    assert [move.at.monotonic for move in book.moves] == [turn * TWO_TTLS for turn in range(4, 20)]


def test_silence_of_a_load_balancer_retires_nothing() -> None:
    book = learn(open_book(BARE), Side.V1, 0, "192.0.2.1")
    later = learn(book, Side.V2, 3 * DAY, "192.0.2.2")
    assert later.side_of("192.0.2.1") is Side.V1


def test_an_address_that_its_old_side_gave_up_moves_and_the_move_is_noticed() -> None:
    book = learn(open_book(BARE), Side.V1, 0, "192.0.2.1")
    early = learn(book, Side.V2, TWO_TTLS - 1, "192.0.2.1")
    assert early.side_of("192.0.2.1") is None
    moved = learn(book, Side.V2, TWO_TTLS, "192.0.2.1")
    assert moved.side_of("192.0.2.1") is Side.V2
    assert [(move.address, move.before, move.after) for move in moved.moves] == [("192.0.2.1", Side.V1, Side.V2)]
    assert moved.version > book.version


def test_an_address_that_both_sides_show_is_contested_and_leads_to_no_side() -> None:
    book = open_book(BARE)
    for second in range(0, 600, 30):
        book = learn(book, Side.V1, second, "192.0.2.1")
        book = learn(book, Side.V2, second + 1, "192.0.2.1")
    assert book.side_of("192.0.2.1") is None
    assert book.is_contested("192.0.2.1")
    assert book.contested == ("192.0.2.1",)
    assert book.moves == ()


def test_a_name_is_compared_without_case_trailing_dot_and_dualstack() -> None:
    book = open_book(BARE)
    assert book.side_of_name("dualstack.K8S-One.eu-west-1.elb.amazonaws.com") is Side.V1
    assert book.side_of_name("k8s-two.eu-west-1.elb.amazonaws.com.") is Side.V2
    assert book.side_of_name("k8s-three.eu-west-1.elb.amazonaws.com.") is None
    assert fold("dualstack.A.Example") == "a.example."


def test_the_longest_network_decides_and_a_learned_address_goes_before_networks() -> None:
    wide = Plan(
        "test",
        SidePlan(Side.V1, (), (ip_network("10.0.0.0/8"),)),
        SidePlan(Side.V2, (V2_BALANCER,), (ip_network("10.2.0.0/16"), ip_network("2001:db8::/32"))),
        (),
    )
    book = open_book(wide)
    assert book.side_of("10.1.0.1") is Side.V1
    assert book.side_of("10.2.0.1") is Side.V2
    assert book.side_of("2001:db8::5") is Side.V2
    assert book.side_of("not an address") is None
    learned = book.learn(Side.V2, V2_BALANCER, shown(V2_BALANCER, "10.1.0.1"), instant(0))
    assert learned.side_of("10.1.0.1") is Side.V2


def test_an_answer_without_authority_or_with_an_error_teaches_nothing() -> None:
    book = open_book(BARE)
    rrset = RRset(V1_BALANCER, "A", 60, ("192.0.2.1",))
    for response in (Response("NOERROR", answer=(rrset,)), Response("SERVFAIL", authoritative=True, answer=(rrset,))):
        assert book.learn(Side.V1, V1_BALANCER, response, instant(0)) is book


def test_a_record_beside_the_asked_name_teaches_nothing() -> None:
    stray = Response(
        "NOERROR", authoritative=True, answer=(RRset(DomainName("other.example."), "A", 60, ("192.0.2.1",)),)
    )
    assert open_book(BARE).learn(Side.V1, V1_BALANCER, stray, instant(0)).targets() == ()


def test_the_book_is_refreshed_when_every_name_was_answered_since() -> None:
    book = learn(open_book(BARE), Side.V1, 5, "192.0.2.1")
    assert book.refreshed_at is None
    book = learn(book, Side.V2, 6, "192.0.2.2").learn(Side.V2, V2_BALANCER, nodata(), instant(7))
    assert book.refreshed_at == instant(5)
    assert learn(book, Side.V1, 9, "192.0.2.1").refreshed_at == instant(7)


def test_a_name_that_never_showed_an_address_keeps_the_book_from_being_complete() -> None:
    book = learn(open_book(BARE), Side.V1, 5, "192.0.2.1").learn(Side.V2, V2_BALANCER, nodata(), instant(7))
    assert book.refreshed_at is None
    assert book.unseen == (V2_BALANCER,)
    assert learn(book, Side.V2, 9, "192.0.2.2").unseen == ()


def test_a_book_of_networks_only_has_nothing_to_refresh() -> None:
    fixed = Plan("test", SidePlan(Side.V1, (), (ip_network("10.0.0.0/8"),)), SidePlan(Side.V2), ())
    assert not open_book(fixed).can_refresh
    assert open_book(plan()).can_refresh


def test_the_number_of_addresses_is_bounded_and_the_newest_stay() -> None:
    book = open_book(BARE)
    many = [f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}" for number in range(4_096)]
    book = learn(book, Side.V1, 0, *many)
    book = learn(book, Side.V1, 1, "192.0.2.1", "192.0.2.2")
    assert len(book.learned) == 4_096
    assert book.side_of("192.0.2.1") is Side.V1


def test_a_reload_keeps_what_was_learned_of_the_names_that_stay() -> None:
    book = learn(learn(open_book(BARE), Side.V1, 0, "192.0.2.1"), Side.V2, 0, "192.0.2.2")
    other = Plan("test", SidePlan(Side.V1, (V1_BALANCER,)), SidePlan(Side.V2, (DomainName("new.example."),)), ())
    carried = carry_over(book, other)
    assert carried.side_of("192.0.2.1") is Side.V1
    assert carried.side_of("192.0.2.2") is None
    assert carried.version > book.version
    assert carried.refreshed_at is None


def test_targets_carry_when_they_were_seen() -> None:
    book = learn(open_book(plan()), Side.V1, 3, "192.0.2.1")
    fixed, seen = book.targets()[0], book.targets()[-1]
    assert (fixed.first_seen, fixed.last_seen) == (None, None)
    assert isinstance(seen.first_seen, Instant)
    assert (seen.address, seen.source, seen.last_seen) == ("192.0.2.1", V1_BALANCER, instant(3))


def test_the_version_changes_when_an_address_begins_and_ceases_to_be_contested() -> None:
    alone = learn(open_book(BARE), Side.V1, 0, "192.0.2.1")
    contested = learn(alone, Side.V2, 1, "192.0.2.1")
    assert contested.version == alone.version + 1
    assert learn(contested, Side.V2, 30, "192.0.2.1").version == contested.version
    still = learn(contested, Side.V1, 1 + TWO_TTLS - 1, "192.0.2.1")
    assert (still.version, still.side_of("192.0.2.1")) == (contested.version, None)
    ceased = learn(still, Side.V1, 1 + TWO_TTLS, "192.0.2.1")
    assert (ceased.version, ceased.side_of("192.0.2.1")) == (still.version + 1, Side.V1)


def _deny(book: AddressBook, seconds: float, rdtype: RecordType, answer: Response) -> AddressBook:
    return book.learn(Side.V2, V2_BALANCER, answer, instant(seconds), rdtype)


@pytest.mark.parametrize("answer", [nxdomain(), nodata()])
def test_a_name_that_showed_an_address_is_dead_once_it_was_denied_for_a_minute(answer: Response) -> None:
    book = learn(open_book(BARE), Side.V2, 0, "198.51.100.21")
    for second in (30, 60, 90):
        for rdtype in ADDRESS_TYPES:
            book = _deny(book, second, rdtype, answer)
    assert not book.is_dead(V2_BALANCER, instant(30 + MINUTE - 1))
    assert book.is_dead(V2_BALANCER, instant(30 + MINUTE))
    assert book.dead_source("198.51.100.21", instant(100)) == V2_BALANCER
    assert not learn(book, Side.V2, 101, "198.51.100.21").is_dead(V2_BALANCER, instant(400))


def test_a_name_that_never_showed_an_address_is_dead_after_two_denials() -> None:
    once = _deny(open_book(BARE), 0, RecordType.A, nxdomain())
    assert not once.is_dead(V2_BALANCER, instant(0))
    assert _deny(once, 0, RecordType.AAAA, nxdomain()).is_dead(f"dualstack.{V2_BALANCER}", instant(0))


def test_a_load_balancer_without_ipv6_is_not_dead_however_often_that_is_said() -> None:
    book = open_book(BARE)
    for second in range(0, 600, 30):
        book = _deny(learn(book, Side.V2, second, "198.51.100.21"), second, RecordType.AAAA, nodata())
    assert not book.is_dead(V2_BALANCER, instant(600))


def test_no_response_worth_the_name_denies_anything() -> None:
    book = learn(open_book(BARE), Side.V2, 0, "198.51.100.21")
    for second in range(30, 600, 30):
        for rcode in ("SERVFAIL", "REFUSED"):
            book = _deny(book, second, RecordType.A, Response(rcode, authoritative=True))
        book = _deny(book, second, RecordType.A, Response("NXDOMAIN", authoritative=False))
    assert book.denied == {}


def test_what_a_dead_name_showed_last_is_kept_while_it_is_dead() -> None:
    book = learn(open_book(BARE), Side.V2, 0, "198.51.100.21")
    for second in range(600, DAY + 2400, 600):
        for rdtype in ADDRESS_TYPES:
            book = _deny(book, second, rdtype, nxdomain())
    assert book.side_of("198.51.100.21") is Side.V2


def test_a_side_lacks_a_family_that_its_load_balancers_deny_and_never_showed() -> None:
    book = learn(open_book(BARE), Side.V2, 0, "203.0.113.1")
    assert not book.lacks(Side.V2, RecordType.AAAA)  # nobody has asked
    book = book.learn(Side.V2, V2_BALANCER, nodata(), instant(1), RecordType.AAAA)
    assert book.lacks(Side.V2, RecordType.AAAA)
    assert not book.lacks(Side.V2, RecordType.A)
    assert not book.lacks(Side.V1, RecordType.AAAA)
    seen = addresses(RecordType.AAAA, "2001:db8:2::1", name=V2_BALANCER)
    assert not book.learn(Side.V2, V2_BALANCER, seen, instant(2)).lacks(Side.V2, RecordType.AAAA)
    assert not replace(book, networks=((ip_network("2001:db8:2::/48"), Side.V2),)).lacks(Side.V2, RecordType.AAAA)


def test_a_side_whose_load_balancers_lose_a_family_lacks_it_once_they_have_denied_it_for_a_minute() -> None:
    book = learn(learn(open_book(BARE), Side.V2, 0, "203.0.113.1"), Side.V2, 0, "2001:db8:2::1")
    for second in range(30, 121, 30):
        book = learn(book, Side.V2, second, "203.0.113.1")
        assert not book.lacks(Side.V2, RecordType.AAAA) or second > 30
        book = book.learn(Side.V2, V2_BALANCER, nodata(), instant(second), RecordType.AAAA)
        assert book.lacks(Side.V2, RecordType.AAAA) is (second >= 60)
    assert book.side_of("2001:db8:2::1") is Side.V2  # a cache may still hold it


def test_a_side_whose_load_balancers_are_gone_lacks_no_family() -> None:
    book = learn(open_book(BARE), Side.V2, 0, "203.0.113.1")
    for second in (30, 60, 90, 120):
        for rdtype in ADDRESS_TYPES:
            book = _deny(book, second, rdtype, nxdomain())
    assert not any(book.lacks(Side.V2, rdtype) for rdtype in ADDRESS_TYPES)
