"""How long caches may hold an answer: the record, its CNAME with what is behind it, a denial."""

from probe.judge.answer.ttl import Lifetime, lifetime, negative_ttl, remaining
from probe.model.name import DomainName
from probe.model.outcome import Response, RRset
from probe.model.question import RecordType
from tests.judge.answers import NAME, SOA, V1_BALANCER, addresses, nodata, nxdomain

LOAD_BALANCER_TTL, LONGEST_TTL = 60, 604_800
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

A = RecordType.A
INNER = DomainName("web.example.com.")


def answer(*rrsets: RRset) -> Response:
    return Response("NOERROR", authoritative=True, answer=rrsets)


def test_addresses_are_held_for_their_own_ttl() -> None:
    assert lifetime(addresses(A, "198.51.100.1", ttl=60), NAME, A) == Lifetime(60)


def test_a_cname_to_a_load_balancer_has_the_load_balancers_ttl_on_top() -> None:
    response = answer(RRset(NAME, "CNAME", 300, (V1_BALANCER,)))

    assert lifetime(response, NAME, A) == Lifetime(300, LOAD_BALANCER_TTL)


def test_a_chain_within_the_zone_is_held_for_its_longest_ttl_and_the_addresses_on_top() -> None:
    response = answer(
        RRset(NAME, "CNAME", 300, (INNER,)),
        RRset(INNER, "CNAME", 900, ("other.example.com.",)),
        RRset(DomainName("other.example.com."), "A", 20, ("198.51.100.1",)),
    )

    assert lifetime(response, NAME, A) == Lifetime(900, 20)


def test_a_cname_that_nobody_asked_for_does_not_count() -> None:
    response = answer(
        RRset(NAME, "A", 60, ("198.51.100.1",)), RRset(DomainName("else.example.com."), "CNAME", 9000, (INNER,))
    )

    assert lifetime(response, NAME, A) == Lifetime(60)


def test_a_denial_is_held_for_the_smaller_of_the_soas_ttl_and_its_minimum() -> None:
    assert lifetime(nxdomain(), NAME, A) == Lifetime(900)
    assert negative_ttl(Response("NXDOMAIN", authority=(SOA._replace(ttl=90_000),))) == 86_400
    assert negative_ttl(Response("NXDOMAIN")) == 0
    assert negative_ttl(Response("NXDOMAIN", authority=(SOA._replace(rdata=("garbage",)),))) == 900


def test_a_hostile_ttl_is_cut_to_a_week() -> None:
    for response in (
        addresses(A, "198.51.100.1", ttl=2**31 - 1),
        answer(RRset(NAME, "CNAME", 2**31 - 1, (V1_BALANCER,))),
        Response("NXDOMAIN", authority=(SOA._replace(ttl=2**31 - 1, rdata=("a. b. 1 2 3 4 2147483647",)),)),
    ):
        assert lifetime(response, NAME, A).own == LONGEST_TTL
        assert (remaining(response, NAME, A) or 0) <= LONGEST_TTL


def test_what_a_resolver_has_left_is_its_cnames_ttl_or_the_addresses_or_the_soas() -> None:
    behind = RRset(V1_BALANCER, "A", 59, ("198.51.100.1",))

    assert remaining(answer(RRset(NAME, "CNAME", 12, (V1_BALANCER,)), behind), NAME, A) == 12
    assert remaining(addresses(A, "198.51.100.1", ttl=33), NAME, A) == 33
    assert remaining(nodata(), NAME, A) == 900
    assert remaining(answer(), NAME, A) is None
