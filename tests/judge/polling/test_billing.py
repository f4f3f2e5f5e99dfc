import pytest

from probe.judge.answer.address_book import AddressBook
from probe.judge.answer.alias import is_alias
from probe.judge.polling import billing
from probe.model.observation import Observation
from probe.model.outcome import FailureReason, NoResponse, Outcome, Response, RRset
from probe.model.plan import Plan, SidePlan
from probe.model.question import Question, RecordType
from probe.model.record import Position
from probe.model.server import Server
from probe.model.side import Side
from tests.judge.answers import (
    NAME,
    RESOLVER,
    SERVERS,
    V1_BALANCER,
    addresses,
    book,
    instant,
    nodata,
    nxdomain,
    observed,
)
from tests.judge.caches import VPC, held

LEARNED = book().learn(Side.V1, V1_BALANCER, addresses(RecordType.A, "198.51.100.1", name=V1_BALANCER), instant(0))


def asked(outcome: Outcome, server: Server = SERVERS[0], rdtype: RecordType = RecordType.A) -> Observation:
    return Observation(Question(NAME, rdtype), server, outcome, instant(0), 0.01)


def is_billed(observation: Observation, known: AddressBook) -> bool:
    """As the engine asks: with what the record judge makes of the answer."""
    outcome = observation.outcome
    alias = is_alias(outcome, observation.question, known) if isinstance(outcome, Response) else None
    return billing.is_billed(observation, alias)


def test_an_alias_to_a_load_balancer_is_free() -> None:
    assert not is_billed(asked(addresses(RecordType.A, "198.51.100.1")), LEARNED)


@pytest.mark.parametrize(
    "outcome",
    [
        nodata(),
        nxdomain(),
        addresses(RecordType.A, "192.0.2.200"),
        Response("NOERROR", authoritative=True, answer=(RRset(NAME, "CNAME", 60, (V1_BALANCER,)),)),
    ],
)
def test_denials_cnames_and_plain_records_are_billed(outcome: Outcome) -> None:
    assert is_billed(asked(outcome), LEARNED)


def test_txt_is_always_billed() -> None:
    assert is_billed(asked(nodata(), rdtype=RecordType.TXT), LEARNED)


def test_an_address_known_from_networks_only_counts_as_billed() -> None:
    assert is_billed(asked(addresses(RecordType.A, "198.51.100.9")), LEARNED)


def test_silence_refusals_and_resolvers_cost_nothing() -> None:
    assert not is_billed(observed(NoResponse(FailureReason.TIMEOUT), 0), LEARNED)
    assert not is_billed(asked(Response("REFUSED")), LEARNED)
    assert not is_billed(asked(nodata(), RESOLVER), LEARNED)


def test_a_plan_without_load_balancers_has_no_known_alias() -> None:
    assert is_billed(asked(addresses(RecordType.A, "198.51.100.1")), book())
    assert Plan("v", SidePlan(Side.V1), SidePlan(Side.V2), ()).domains == ()


def test_what_a_resolver_answers_out_of_its_cache_is_not_billed() -> None:
    assert not billing.is_billed(asked(held(Position.V1, 60), VPC), None)
    assert not billing.is_billed(asked(held(Position.V1, 60), VPC, RecordType.TXT), None)
