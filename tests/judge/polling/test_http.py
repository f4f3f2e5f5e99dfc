import random
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.judge.answer.address_book import AddressBook, open_book
from probe.judge.polling.http import addresses, connectable, delay, turn_plan
from probe.judge.review import initial
from probe.judge.service import falters, fold
from probe.model.domain import DomainStatus
from probe.model.external_dns import TxtRegistry
from probe.model.name import DomainName
from probe.model.outcome import Response, RRset
from probe.model.plan import Authoritative, Domain, Expectation, HttpCheck, Plan, SidePlan
from probe.model.question import RecordType
from probe.model.record import Position
from probe.model.service import ServiceFailure, ServiceStatus
from probe.model.side import Side
from tests.judge.answers import NAME, V1_BALANCER, V2_BALANCER, instant, plan
from tests.judge.services import V2_ADDRESSES, checked
from tests.judge.story import Story

MAX_CHECKED_ADDRESSES, PRESENT_FOR, RECHECK, FAILURES = 6, 300.0, 10.0, 3
CHECKS_PER_SECOND = 30.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


def balanced() -> Plan:
    """A plan whose sides are told by load balancers alone."""
    return replace(plan(), v1=SidePlan(Side.V1, (V1_BALANCER,)), v2=SidePlan(Side.V2, (V2_BALANCER,)))


def shown(book: AddressBook, at: float, *rdata: str, name: DomainName = V2_BALANCER) -> AddressBook:
    for rdtype in (RecordType.A, RecordType.AAAA):
        family = tuple(one for one in rdata if (":" in one) is (rdtype is RecordType.AAAA))
        answer = (RRset(name, rdtype.value, 60, family),) if family else ()
        book = book.learn(Side.V2, name, Response("NOERROR", authoritative=True, answer=answer), instant(at))
    return book


def status() -> DomainStatus:
    (domain,) = plan().domains
    return initial(replace(domain, http=HttpCheck()), (TxtRegistry(),)).status


def known(book: AddressBook, of: Plan | None = None, side: Side = Side.V2) -> tuple[str, ...]:
    return addresses(side, book, of or balanced(), status())


def test_the_addresses_that_a_load_balancer_shows_are_checked_and_only_for_its_own_side() -> None:
    book = shown(open_book(balanced()), 0, "203.0.113.1", "203.0.113.2", "2001:db8:2::1")
    assert known(book) == ("2001:db8:2::1", "203.0.113.1", "203.0.113.2")
    assert known(book, side=Side.V1) == ()


def test_an_address_that_is_not_shown_any_more_is_not_checked_but_silence_ends_nothing() -> None:
    book = shown(open_book(balanced()), 0, "203.0.113.1", "203.0.113.2")
    assert known(shown(book, PRESENT_FOR - 1, "203.0.113.2")) == ("203.0.113.1", "203.0.113.2")
    assert known(shown(book, PRESENT_FOR + 1, "203.0.113.2")) == ("203.0.113.2",)


def test_a_family_that_the_plan_turns_off_is_not_connected_to() -> None:
    book = shown(open_book(balanced()), 0, "203.0.113.1", "2001:db8:2::1")
    assert known(book, replace(balanced(), authoritative=Authoritative(ipv6=False))) == ("203.0.113.1",)
    assert known(book, replace(balanced(), authoritative=Authoritative(ipv4=False))) == ("2001:db8:2::1",)


def test_many_addresses_are_bounded_and_neither_family_hides_the_other() -> None:
    many = [f"203.0.113.{number}" for number in range(1, 40)]
    book = shown(open_book(balanced()), 0, *many, "2001:db8:2::1")
    assert len(known(book)) == MAX_CHECKED_ADDRESSES
    assert "2001:db8:2::1" in known(book)
    both = shown(book, 1, *many, *(f"2001:db8:2::{number}" for number in range(1, 30)))
    assert sum(":" in one for one in known(both)) == MAX_CHECKED_ADDRESSES // 2


def test_addresses_of_the_plan_are_checked_and_of_a_network_those_that_answers_show() -> None:
    networks = (ip_network("203.0.113.0/24"), ip_network("192.0.2.7/32"))
    given = replace(plan(), v2=SidePlan(Side.V2, networks=networks))
    story = Story()
    assert addresses(Side.V2, open_book(given), given, story.status) == ("192.0.2.7",)
    story.stand(Position.V2, 0, 30)
    assert addresses(Side.V2, open_book(given), given, story.status) == ("192.0.2.7", "203.0.113.1", "203.0.113.2")
    assert addresses(Side.V1, open_book(given), given, story.status) == ()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "::1",
        "::",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:203.0.113.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::1",
        "2001::1",
    ],
)
def test_what_points_at_the_probes_own_host_is_connected_to_only_if_the_plan_names_it(address: str) -> None:
    assert known(shown(open_book(balanced()), 0, address)) == ()
    assert connectable(address, ()) is None
    assert connectable(address, (ip_network(address),)) is not None


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.0.1",
        "169.254.170.2",
        "fe80::1",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
    ],
)
def test_metadata_and_link_local_addresses_are_never_connected_to(address: str) -> None:
    assert known(shown(open_book(balanced()), 0, address)) == ()
    assert connectable(address, (ip_network(address),)) is None


def test_private_addresses_are_those_of_internal_load_balancers() -> None:
    for address in ("10.0.0.7", "172.16.3.4", "192.168.1.1", "fd12:3456::1", "100.64.0.1"):
        assert connectable(address, ()) is not None


@given(st.text(max_size=40))
def test_text_that_is_no_address_is_not_connected_to(text: str) -> None:
    found = connectable(text, ())
    assert found is None or str(found) == str(ip_address(text))


def served(*failures: ServiceFailure | None, address: str = V2_ADDRESSES[0]) -> ServiceStatus:
    service = ServiceStatus(Side.V2)
    for turn, failure in enumerate(failures):
        service = fold(service, checked(turn, failure, address=address), V2_ADDRESSES, cut_off=False)
    return service


def test_a_calm_service_is_asked_at_one_address_in_turn_and_otherwise_at_all() -> None:
    new = served(None)
    assert turn_plan(new, V2_ADDRESSES, 0) == V2_ADDRESSES  # the other one was never asked
    calm = fold(new, checked(5, address=V2_ADDRESSES[1]), V2_ADDRESSES, cut_off=False)
    assert [turn_plan(calm, V2_ADDRESSES, turn) for turn in range(3)] == [
        (V2_ADDRESSES[0],),
        (V2_ADDRESSES[1],),
        (V2_ADDRESSES[0],),
    ]
    failing = fold(calm, checked(9, ServiceFailure.STATUS), V2_ADDRESSES, cut_off=False)
    assert turn_plan(failing, V2_ADDRESSES, 0) == V2_ADDRESSES
    assert turn_plan(calm, (), 0) == ()


def test_what_waits_for_a_confirmation_is_asked_again_soon_and_what_is_confirmed_as_seldom_as_the_rest() -> None:
    def wait(*failures: ServiceFailure | None) -> float:
        services = (ServiceStatus(Side.V1), served(*failures))
        return delay(status()._replace(services=services), ((), V2_ADDRESSES[:1]), 60.0, 0.5)

    assert wait(None) == 60.0
    assert wait(ServiceFailure.STATUS) == RECHECK
    assert wait(*[ServiceFailure.STATUS] * FAILURES) == 60.0
    assert wait(*[ServiceFailure.STATUS] * FAILURES, None) == RECHECK


def test_nodes_of_three_zones_are_checked_by_both_families() -> None:
    shown_now = (
        *(f"203.0.113.{number}" for number in range(1, 9)),
        *(f"2001:db8:2::{number}" for number in range(1, 9)),
    )
    checked_now = known(shown(open_book(balanced()), 0, *shown_now))
    assert (sum("." in one for one in checked_now), sum(":" in one for one in checked_now)) == (3, 3)


def test_three_failures_are_twenty_seconds_of_failing_and_checks_do_not_fall_into_step() -> None:
    services = (ServiceStatus(Side.V1), served(ServiceFailure.STATUS))
    waits = [delay(status()._replace(services=services), ((), V2_ADDRESSES[:1]), 60.0, u) for u in (0.0, 0.5, 1.0)]
    assert waits == pytest.approx([8.5, 10.0, 11.5])


def test_nine_hundred_domains_with_two_sides_have_a_check_a_minute() -> None:
    assert CHECKS_PER_SECOND * 60 == 900 * 2


def first_told(
    seed: int, ends: Callable[[float, random.Random], ServiceFailure | None], seconds: float
) -> float | None:
    """Check v2's two addresses as the policy has it, and give when one of them is first seen to falter or to fail."""
    draw, present, turn = random.Random(seed), V2_ADDRESSES, 0
    at, service = draw.uniform(0, 60), ServiceStatus(Side.V2)
    while at < seconds:
        for address in turn_plan(service, present, turn):
            service = fold(service, checked(at, ends(at, draw), address=address), present, cut_off=False)
        if any(one.failing or falters(one) for one in service.addresses):
            return at
        status = DomainStatus(Domain(NAME, "first", Expectation.V2), services=(service,))
        at, turn = at + delay(status, (present,), 60.0, draw.random()), turn + 1
    return None


def test_what_fails_for_a_third_of_each_minute_is_told_within_minutes_and_a_lost_check_in_a_hundred_is_not() -> None:
    told = [first_told(seed, lambda at, _: ServiceFailure.STATUS if at % 60 < 20 else None, 3600) for seed in range(40)]
    assert sum(one is not None for one in told) >= 36
    assert sorted(one or 3600 for one in told)[20] < 600
    lost = [
        first_told(seed, lambda _, draw: ServiceFailure.TIMEOUT if draw.random() < 0.01 else None, 86_400)
        for seed in range(20)
    ]
    assert lost.count(None) >= 19
