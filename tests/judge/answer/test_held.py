"""Which answers out of caches count, and which of them are new evidence."""

import pytest

from probe.judge.answer.address_book import open_book
from probe.judge.answer.classify import classify
from probe.judge.answer.held import held_for, is_fetched, is_held, is_read_again, speaks_for_zone
from probe.model.name import DomainName
from probe.model.outcome import FailureReason, Response, RRset
from probe.model.question import Question, RecordType
from probe.model.record import Position
from probe.model.server import CachedAnswers, Server
from probe.model.side import AnswerClass
from tests.judge.answers import NAME, RESOLVER, SERVERS, SOA, V1_BALANCER, addresses, instant, plan
from tests.judge.caches import COREDNS, VPC, held

ROUNDING = 2.0
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

A = Question(NAME, RecordType.A)


@pytest.mark.case("D5")
def test_a_resolver_that_the_plan_names_for_the_zone_counts_without_authority() -> None:
    answer = held(Position.V1, 60)
    assert is_held(VPC, answer)
    assert speaks_for_zone(VPC, answer)
    told = classify(answer, A, VPC.role, open_book(plan()), held=True)
    assert told == (AnswerClass.V1, None)


@pytest.mark.case("D6")
def test_the_same_answer_in_place_of_a_server_that_a_walk_has_found_is_an_interception() -> None:
    answer = held(Position.V1, 60)
    assert not is_held(SERVERS[0], answer)
    assert not speaks_for_zone(SERVERS[0], answer)
    assert classify(answer, A, SERVERS[0].role, open_book(plan())) == (AnswerClass.FAILED, FailureReason.LAME)


@pytest.mark.case("D5", "D6")
def test_a_referral_of_a_resolver_that_the_plan_names_is_no_denial() -> None:
    away = Response(
        "NOERROR",
        recursion_available=True,
        authority=(RRset(DomainName("com."), "NS", 60, ("a.gtld-servers.net.",)),),
    )
    told = classify(away, A, VPC.role, open_book(plan()), held=True)
    assert told == (AnswerClass.FAILED, FailureReason.LAME)


def test_with_authority_an_overridden_server_is_what_it_always_was() -> None:
    served = addresses(RecordType.A, "198.51.100.1")
    assert not is_held(VPC, served)
    assert speaks_for_zone(VPC, served)
    assert not is_held(RESOLVER, held(Position.V1, 60))


def test_a_declared_resolver_answers_out_of_a_cache_whatever_it_says_of_its_authority() -> None:
    assert is_held(COREDNS, held(Position.V1, 60, authoritative=True))


def test_without_recursion_an_answer_without_authority_stays_lame() -> None:
    assert not speaks_for_zone(VPC, Response("NOERROR", answer=addresses(RecordType.A, "198.51.100.1").answer))


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (held(Position.V1, 60), 60),
        (Response("NOERROR", authority=(SOA,)), 900),
        (Response("NOERROR"), 0),
        (
            Response(
                "NOERROR",
                answer=(
                    RRset(NAME, "CNAME", 300, ("next.example.com.",)),
                    RRset(DomainName("next.example.com."), "CNAME", 40, (V1_BALANCER,)),
                    RRset(V1_BALANCER, "A", 7, ("198.51.100.1",)),
                ),
            ),
            40,
        ),
    ],
    ids=["its TTL", "that of the denial's SOA", "none", "the shortest of the chain, not the addresses behind it"],
)
def test_an_answer_is_held_for(answer: Response, seconds: int) -> None:
    assert held_for(answer, A) == seconds


@pytest.mark.parametrize(
    ("at", "ttl", "fetched", "again"),
    [
        (40.0, 20, False, True),
        (40.4, 20, False, True),  # rounded
        (40.0, 60, True, False),  # jumped up: prefetched, or from another cache
        (61.0, 60, True, False),
        (40.0, 5, False, False),  # an older one, from another cache behind that address
    ],
)
def test_an_answer_is_new_evidence_once(at: float, ttl: int, fetched: bool, again: bool) -> None:  # noqa: FBT001
    answer = held(Position.V1, ttl)
    assert is_fetched(60.0, answer, A, instant(at)) is fetched
    assert is_read_again(60.0, answer, A, instant(at)) is again


def test_the_slack_is_for_rounded_seconds_and_the_way_of_an_answer() -> None:
    assert ROUNDING == 2.0
    assert not is_fetched(60.0, held(Position.V1, 62), A, instant(0.0))
    assert is_fetched(60.0, held(Position.V1, 63), A, instant(0.0))


def test_the_first_answer_is_news_and_a_stale_one_afterwards_never() -> None:
    stale = held(Position.V1, 30, stale=True)
    assert is_fetched(None, stale, A, instant(0.0))
    assert not is_fetched(60.0, stale, A, instant(100.0))


def test_who_may_answer_out_of_a_cache_is_a_closed_set() -> None:
    assert {trust.value for trust in CachedAnswers} == {"refused", "admitted", "always"}
    assert Server("ns", "192.0.2.1").cached is CachedAnswers.REFUSED
