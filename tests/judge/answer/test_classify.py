from itertools import pairwise

import pytest

from probe.judge.answer.classify import classify
from probe.model.name import DomainName
from probe.model.outcome import FailureReason, NoResponse, Outcome, Response, RRset
from probe.model.question import Question, RecordType
from probe.model.record import Position
from probe.model.server import ServerRole
from probe.model.side import AnswerClass
from tests.judge.answers import (
    NAME,
    SOA,
    V1_BALANCER,
    V2_BALANCER,
    ZONE,
    addresses,
    at_position,
    book,
    nodata,
    nxdomain,
)

BOOK = book()


def told(outcome: Outcome, role: ServerRole = ServerRole.AUTHORITATIVE) -> tuple[AnswerClass, FailureReason | None]:
    return classify(outcome, Question(NAME, RecordType.A), role, BOOK)


def cname(target: str, *rest: RRset, authority: tuple[RRset, ...] = (), rcode: str = "NOERROR") -> Response:
    return Response(rcode, authoritative=True, answer=(RRset(NAME, "CNAME", 60, (target,)), *rest), authority=authority)


@pytest.mark.parametrize(
    ("position", "answer_class"),
    [
        (Position.V1, AnswerClass.V1),
        (Position.V2, AnswerClass.V2),
        (Position.MIXED, AnswerClass.MIXED),
        (Position.FOREIGN, AnswerClass.FOREIGN),
        (Position.ABSENT, AnswerClass.NXDOMAIN),
    ],
)
def test_addresses_tell_their_side(position: Position, answer_class: AnswerClass) -> None:
    assert told(at_position(position)) == (answer_class, None)


def test_an_unknown_address_beside_known_ones_does_not_matter() -> None:
    assert told(addresses(RecordType.A, "192.0.2.77", "198.51.100.1")) == (AnswerClass.V1, None)


@pytest.mark.parametrize(
    ("target", "answer_class"),
    [
        (V1_BALANCER, AnswerClass.V1),
        (V2_BALANCER, AnswerClass.V2),
        ("dualstack." + V2_BALANCER, AnswerClass.V2),
        ("somewhere.example.net.", AnswerClass.FOREIGN),
    ],
)
def test_a_cname_tells_by_its_name_though_its_addresses_are_not_in_the_message(
    target: str, answer_class: AnswerClass
) -> None:
    assert told(cname(target)) == (answer_class, None)


def test_a_cname_in_the_same_zone_is_followed_to_its_load_balancer_or_addresses() -> None:
    inner = DomainName("inner.example.com.")
    assert told(cname(inner, RRset(inner, "CNAME", 60, (V2_BALANCER,)))) == (AnswerClass.V2, None)
    assert told(cname(inner, RRset(inner, "A", 60, ("198.51.100.1",)))) == (AnswerClass.V1, None)


def test_the_order_of_rrsets_in_the_answer_does_not_matter() -> None:
    inner = DomainName("inner.example.com.")
    chain = (RRset(inner, "A", 60, ("198.51.100.1",)), RRset(NAME, "CNAME", 60, (inner,)))
    assert told(Response("NOERROR", authoritative=True, answer=chain)) == (AnswerClass.V1, None)


def test_a_cname_loop_ends_and_leads_nowhere() -> None:
    other = DomainName("other.example.com.")
    assert told(cname(other, RRset(other, "CNAME", 60, (NAME,)))) == (AnswerClass.FOREIGN, None)
    assert told(cname(NAME)) == (AnswerClass.FOREIGN, None)


def test_a_cname_whose_end_does_not_exist_leads_nowhere() -> None:
    assert told(cname("gone.example.com.", authority=(SOA,), rcode="NXDOMAIN")) == (AnswerClass.NXDOMAIN, None)
    assert told(cname("empty.example.com.", authority=(SOA,))) == (AnswerClass.NODATA, None)


@pytest.mark.case("A1")
@pytest.mark.parametrize("target", [V2_BALANCER, "dualstack." + V2_BALANCER])
def test_a_cname_whose_target_the_zones_server_denies_tells_by_its_name_and_a_resolver_that_denies_it_gives_nothing(
    target: str,
) -> None:
    denied = cname(target, authority=(SOA,), rcode="NXDOMAIN")
    assert told(denied) == (AnswerClass.V2, None)
    assert told(denied, ServerRole.RESOLVER) == (AnswerClass.NXDOMAIN, None)
    inner = DomainName("inner.example.com.")
    chain = cname(inner, RRset(inner, "CNAME", 60, (target,)), authority=(SOA,), rcode="NXDOMAIN")
    assert told(chain) == (AnswerClass.V2, None)


def test_absence_needs_authority() -> None:
    assert told(nodata()) == (AnswerClass.NODATA, None)
    assert told(nxdomain()) == (AnswerClass.NXDOMAIN, None)
    for response in (Response("NXDOMAIN", authority=(SOA,)), Response("NOERROR", authority=(SOA,))):
        assert told(response) == (AnswerClass.FAILED, FailureReason.LAME)


def test_an_answer_without_authority_is_lame_even_with_the_right_addresses() -> None:
    cached = Response("NOERROR", answer=(RRset(NAME, "A", 17, ("198.51.100.1",)),))
    assert told(cached) == (AnswerClass.FAILED, FailureReason.LAME)
    assert told(cached, ServerRole.RESOLVER) == (AnswerClass.V1, None)


def test_a_referral_is_lame_for_both_roles() -> None:
    referral = Response("NOERROR", authority=(RRset(ZONE, "NS", 60, ("ns.example.net.",)),))
    for role in ServerRole:
        assert told(referral, role) == (AnswerClass.FAILED, FailureReason.LAME)


def test_a_resolver_may_deny_without_authority() -> None:
    assert told(Response("NOERROR", authority=(SOA,)), ServerRole.RESOLVER) == (AnswerClass.NODATA, None)
    assert told(Response("NXDOMAIN", authority=(SOA,)), ServerRole.RESOLVER) == (AnswerClass.NXDOMAIN, None)


@pytest.mark.parametrize(
    ("rcode", "reason"),
    [
        ("SERVFAIL", FailureReason.SERVFAIL),
        ("REFUSED", FailureReason.REFUSED),
        ("FORMERR", FailureReason.MALFORMED),
        ("BADVERS", FailureReason.MALFORMED),
    ],
)
def test_other_codes_are_no_evidence(rcode: str, reason: FailureReason) -> None:
    assert told(Response(rcode, authoritative=True)) == (AnswerClass.FAILED, reason)


@pytest.mark.parametrize("reason", list(FailureReason))
def test_silence_keeps_its_reason(reason: FailureReason) -> None:
    assert told(NoResponse(reason)) == (AnswerClass.FAILED, reason)


@pytest.mark.parametrize(("links", "answer_class"), [(8, AnswerClass.V1), (9, AnswerClass.FOREIGN)])
def test_as_many_cnames_are_followed_as_the_strictest_resolvers_follow(links: int, answer_class: AnswerClass) -> None:
    names = (NAME, *(DomainName(f"link-{number}.example.com.") for number in range(links)))
    chain = [RRset(name, "CNAME", 60, (target,)) for name, target in pairwise(names)]
    addressed = RRset(names[-1], "A", 60, ("198.51.100.1",))
    assert told(Response("NOERROR", authoritative=True, answer=(*chain, addressed))) == (answer_class, None)
