"""Reading single responses on the way down."""

import pytest

from probe.model.name import DomainName, canonical
from probe.model.outcome import FailureReason, NoResponse, Outcome, Response, RRset
from probe.model.question import RecordType
from probe.wire.delegation.reply import AddressAnswer, DelegationReply, StepKind, read_addresses, read_step
from tests.wire.delegation.world import names

MAX_NAME_SERVERS = 13
MAX_SERVER_ADDRESSES = 4
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

COM, EXAMPLE, WWW = names("com", "example.com", "www.example.com")
SOA_DATA = ("ns.invalid. hostmaster.invalid. 1 7200 900 1209600 300",)


def rrset(owner: DomainName, kind: str, *rdata: str) -> RRset:
    return RRset(owner, kind, 300, rdata)


def soa(owner: str) -> tuple[RRset, ...]:
    return (rrset(canonical(owner), "SOA", *SOA_DATA),)


REFERRAL = Response(
    "NOERROR",
    authority=(rrset(EXAMPLE, "NS", "ns2.example.com.", "ns1.example.com."),),
    additional=(
        rrset(canonical("ns1.example.com"), "A", "192.0.2.1"),
        rrset(canonical("ns1.example.com"), "AAAA", "2001:db8::1"),
        rrset(canonical("other.example.com"), "A", "192.0.2.66"),
    ),
)


def test_a_referral_gives_the_cut_its_servers_and_their_glue() -> None:
    assert read_step(REFERRAL, EXAMPLE, COM) == DelegationReply(
        StepKind.CUT,
        EXAMPLE,
        names("ns1.example.com", "ns2.example.com"),
        ((canonical("ns1.example.com"), ("192.0.2.1", "2001:db8::1")),),
    )


def test_a_referral_may_lead_to_a_cut_above_the_name() -> None:
    step = read_step(REFERRAL, WWW, COM)
    assert step is not None
    assert step.cut == EXAMPLE


@pytest.mark.parametrize("zone", ["example.com", "www.example.com", "org", "shop.com"])
def test_a_referral_that_does_not_lead_down_is_of_no_use(zone: str) -> None:
    assert read_step(REFERRAL, canonical(f"www.{zone}"), canonical(zone)) is None


def test_an_answer_with_the_name_servers_comes_from_below_the_cut() -> None:
    response = Response("NOERROR", authoritative=True, answer=(rrset(EXAMPLE, "NS", "ns1.example.com."),))
    step = read_step(response, EXAMPLE, COM)
    assert step == DelegationReply(StepKind.CUT, EXAMPLE, names("ns1.example.com"), hosted=True)


@pytest.mark.parametrize(
    "outcome",
    [
        NoResponse(FailureReason.TIMEOUT),
        NoResponse(FailureReason.SERVFAIL),
        Response("REFUSED"),
        Response("SERVFAIL", authoritative=True, authority=soa("example.com")),
        Response("FORMERR"),
        Response("NOERROR"),
        Response("NOERROR", authority=soa("example.com")),
        Response("NXDOMAIN", authority=soa("example.com")),
        Response("NOERROR", authoritative=True),
        Response("NXDOMAIN", authoritative=True),
        Response("NOERROR", authoritative=True, authority=soa("com")),
        Response("NXDOMAIN", authoritative=True, authority=soa("example.org")),
        Response("NOERROR", authority=(RRset(DomainName("."), "NS", 300, ("a.root-servers.net.",)),)),
    ],
)
def test_what_a_lame_or_broken_server_sends_is_of_no_use(outcome: Outcome) -> None:
    assert read_step(outcome, WWW, EXAMPLE) is None


def test_nodata_and_a_cname_mean_that_there_is_no_cut() -> None:
    nodata = Response("NOERROR", authoritative=True, authority=soa("example.com"))
    alias = Response("NOERROR", authoritative=True, answer=(rrset(WWW, "CNAME", "elsewhere.example.org."),))
    assert read_step(nodata, WWW, EXAMPLE) == read_step(alias, WWW, EXAMPLE) == DelegationReply(StepKind.WITHIN)


def test_nxdomain_is_a_denial() -> None:
    response = Response("NXDOMAIN", authoritative=True, authority=soa("example.com"))
    assert read_step(response, WWW, EXAMPLE) == DelegationReply(StepKind.DENIED)


@pytest.mark.parametrize("rcode", ["NOERROR", "NXDOMAIN"])
def test_a_denial_by_a_deeper_zone_tells_of_that_zone(rcode: str) -> None:
    response = Response(rcode, authoritative=True, authority=soa("example.com"))
    assert read_step(response, WWW, COM) == DelegationReply(StepKind.DEEPER, EXAMPLE)


def test_a_recursive_server_is_followed_without_authority() -> None:
    response = Response("NXDOMAIN", recursion_available=True, authority=soa("example.com"))
    assert read_step(response, WWW, EXAMPLE) == DelegationReply(StepKind.DENIED)


def test_name_servers_and_glue_are_bounded() -> None:
    targets = tuple(f"ns{number:03}.example.com." for number in range(300))
    glue = rrset(canonical("ns000.example.com"), "A", *(f"192.0.2.{number}" for number in range(200)))
    response = Response("NOERROR", authority=(rrset(EXAMPLE, "NS", *targets),), additional=(glue,))
    step = read_step(response, EXAMPLE, COM)
    assert step is not None
    assert step.ns == targets[:MAX_NAME_SERVERS]
    assert len(step.glue[0][1]) == MAX_SERVER_ADDRESSES


NS1 = canonical("ns1.example.com")


def test_addresses_are_read_from_an_authoritative_answer() -> None:
    answer = (rrset(NS1, "A", "192.0.2.1", "192.0.2.2"), rrset(WWW, "A", "192.0.2.3"))
    response = Response("NOERROR", authoritative=True, answer=answer)
    assert read_addresses(response, NS1, RecordType.A, EXAMPLE) == AddressAnswer(("192.0.2.1", "192.0.2.2"))


def test_a_denial_of_addresses_is_an_answer_too() -> None:
    for rcode in ("NOERROR", "NXDOMAIN"):
        response = Response(rcode, authoritative=True, authority=soa("example.com"))
        assert read_addresses(response, NS1, RecordType.A, EXAMPLE) == AddressAnswer(())


def test_an_alias_is_seen_and_its_target_not_taken() -> None:
    answer = (rrset(NS1, "CNAME", "www.example.com."), rrset(WWW, "A", "192.0.2.3"))
    response = Response("NOERROR", authoritative=True, answer=answer)
    assert read_addresses(response, NS1, RecordType.A, EXAMPLE) == AddressAnswer((), alias=True)


@pytest.mark.parametrize(
    "outcome",
    [
        NoResponse(FailureReason.TIMEOUT),
        Response("REFUSED"),
        Response("NOERROR", answer=(rrset(NS1, "A", "192.0.2.1"),)),
        Response("NOERROR", authoritative=True),
        Response("NOERROR", authoritative=True, authority=soa("com")),
        Response("NOERROR", authoritative=True, answer=(rrset(WWW, "A", "192.0.2.1"),), authority=soa("example.com")),
    ],
)
def test_a_server_that_does_not_speak_for_the_name_gives_no_addresses(outcome: Outcome) -> None:
    assert read_addresses(outcome, NS1, RecordType.A, EXAMPLE) is None
