"""Where HTTPS fails and the name leads: what is told of it, and how a check is said in words."""

import pytest

from probe.judge.findings.evidence import Found
from probe.judge.findings.http import evidence, failing, failure_words, service_failing, sides_led_to
from probe.model.domain import DomainStatus
from probe.model.finding import FactLabel
from probe.model.plan import Domain, Expectation
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, RecordStatus
from probe.model.service import ServiceAddress, ServiceFailure, ServiceState, ServiceStatus
from probe.model.side import Side
from tests.judge.answers import NAME, context, instant
from tests.judge.services import PRESENT, checked

BOTH = frozenset(Side)
WORDS = {
    ServiceFailure.REFUSED: "refuses the connection (a detail)",
    ServiceFailure.UNREACHABLE: "cannot be reached (a detail)",
    ServiceFailure.TIMEOUT: "does not connect in time (a detail)",
    ServiceFailure.SLOW: "connects, but does not answer in time (a detail)",
    ServiceFailure.NAME_MISMATCH: "has a certificate for other names (a detail)",
    ServiceFailure.EXPIRED: "has a certificate that is not valid at this time (a detail)",
    ServiceFailure.UNTRUSTED: "has a certificate that no trusted authority issued (a detail)",
    ServiceFailure.HANDSHAKE: "fails in the TLS handshake (a detail)",
    ServiceFailure.PROTOCOL: "does not speak HTTP (a detail)",
    ServiceFailure.STATUS: "answers with a status that the plan does not accept (a detail)",
    ServiceFailure.IDENTITY: "answers with the identity header of the other cluster (a detail)",
}


def address(
    side: Side, last: int, failure: ServiceFailure | None = None, status: int | None = 200, since: float = 30.0
) -> ServiceAddress:
    check = checked(60.0 + last, failure, side=side, address=PRESENT[side][last], status=status)
    return ServiceAddress(check, 3, failure is not None, instant(since))


def service(side: Side, *addresses: ServiceAddress) -> ServiceStatus:
    down = any(one.failing for one in addresses)
    return ServiceStatus(side, ServiceState.DOWN if down else ServiceState.UP, instant(30), addresses)


def standing(
    position: Position | None, state: RecordState | None = None, rdtype: RecordType = RecordType.A
) -> RecordStatus:
    states = {Position.V1: RecordState.V1, Position.V2: RecordState.V2, Position.ABSENT: RecordState.ABSENT}
    return RecordStatus(rdtype, state or states[position or Position.ABSENT], instant(0), position, existed=True)


def found(*services: ServiceStatus, records: tuple[RecordStatus, ...] = (standing(Position.V2),)) -> Found | None:
    domain = Domain(NAME, "first", Expectation.MOVING)
    return service_failing(DomainStatus(domain, records=records, services=services), instant(90), context())


def test_a_failure_where_the_name_leads_is_told_with_its_address_its_reason_and_since_when() -> None:
    down = service(
        Side.V2, address(Side.V2, 0, ServiceFailure.STATUS, 503), address(Side.V2, 1, ServiceFailure.REFUSED)
    )
    told = found(service(Side.V1, address(Side.V1, 0)), down)
    assert told is not None
    assert told.sentence == "HTTPS of app.example.com fails on v2 (2 of 2 addresses), where it leads."
    assert told.facts == (
        (FactLabel.CAUSE, "203.0.113.1 on v2 answers with a status that the plan does not accept (a detail)"),
    )
    assert told.evidence == (
        (
            "2026-09-21 14:14:20 UTC: 203.0.113.1 on v2 answers with a status that the plan does not accept "
            "(a detail), status 503, certificate until 2027-01-15 08:00:00 UTC (since 2026-09-21 14:13:50 UTC)"
        ),
        (
            "2026-09-21 14:14:21 UTC: 203.0.113.2 on v2 refuses the connection (a detail), certificate until "
            "2027-01-15 08:00:00 UTC (since 2026-09-21 14:13:50 UTC)"
        ),
    )
    assert told.severity is None


def test_what_works_beside_what_fails_is_counted_and_is_no_evidence() -> None:
    told = found(service(Side.V2, address(Side.V2, 0), address(Side.V2, 1, ServiceFailure.TIMEOUT)))
    assert told is not None
    assert told.sentence == "HTTPS of app.example.com fails on v2 (1 of 2 addresses), where it leads."
    assert told.facts == ((FactLabel.CAUSE, "203.0.113.2 on v2 does not connect in time (a detail)"),)
    assert len(told.evidence) == 1


def test_both_sides_are_told_where_the_name_leads_to_both() -> None:
    sides = [service(side, address(side, 0, ServiceFailure.SLOW)) for side in Side]
    told = found(*sides, records=(standing(Position.V1, RecordState.WEIGHTED),))
    assert told is not None
    assert told.sentence == (
        "HTTPS of app.example.com fails on v1 (1 of 1 address) and v2 (1 of 1 address), where it leads."
    )
    assert [fact.text.split(maxsplit=1)[0] for fact in told.facts] == ["198.51.100.1", "203.0.113.1"]


@pytest.mark.parametrize(
    ("services", "records"),
    [
        pytest.param((), (standing(Position.V2),), id="no check is asked for"),
        pytest.param((ServiceStatus(Side.V2),), (standing(Position.V2),), id="nothing is known yet"),
        pytest.param((service(Side.V2, address(Side.V2, 0)),), (standing(Position.V2),), id="it works"),
        pytest.param(
            (service(Side.V1, address(Side.V1, 0, ServiceFailure.STATUS)),),
            (standing(Position.V2),),
            id="it fails where nobody is led",
        ),
        pytest.param(
            (service(Side.V1, address(Side.V1, 0, ServiceFailure.STATUS)),),
            (standing(Position.ABSENT),),
            id="the name leads nowhere",
        ),
    ],
)
def test_next_door_there_is_no_finding(services: tuple[ServiceStatus, ...], records: tuple[RecordStatus, ...]) -> None:
    assert found(*services, records=records) is None


@pytest.mark.parametrize(
    ("records", "sides"),
    [
        ((standing(Position.V1),), {Side.V1}),
        ((standing(Position.V2),), {Side.V2}),
        ((standing(Position.V1), standing(Position.V2, rdtype=RecordType.AAAA)), BOTH),
        ((standing(Position.V2, RecordState.WEIGHTED),), BOTH),
        ((standing(Position.V1, RecordState.FLAPPING),), BOTH),
        ((standing(Position.V1, RecordState.PROPAGATING),), BOTH),
        ((standing(Position.MIXED, RecordState.UNKNOWN),), BOTH),
        ((standing(Position.FOREIGN, RecordState.FOREIGN),), set()),
        ((standing(None, RecordState.UNKNOWN),), set()),
        (
            (standing(Position.V2), RecordStatus(RecordType.AAAA, RecordState.ABSENT, position=Position.ABSENT)),
            {Side.V2},
        ),
    ],
)
def test_clients_are_led_to_the_side_of_a_record_that_stands_and_to_both_of_one_that_does_not(
    records: tuple[RecordStatus, ...], sides: set[Side]
) -> None:
    assert sides_led_to(DomainStatus(Domain(NAME, "first", Expectation.MOVING), records=records)) == sides


@pytest.mark.parametrize("failure", list(ServiceFailure))
def test_each_failure_has_its_words(failure: ServiceFailure) -> None:
    assert failure_words(checked(0, failure)) == WORDS[failure]
    assert failure_words(checked(0, failure)._replace(detail="")) == WORDS[failure].removesuffix(" (a detail)")


def test_a_check_that_ends_well_is_said_too_and_what_it_did_not_bring_is_left_out() -> None:
    works = address(Side.V1, 0)
    assert evidence(works) == (
        "2026-09-21 14:14:20 UTC: 198.51.100.1 on v1 works, status 200, certificate until 2027-01-15 08:00:00 UTC "
        "(since 2026-09-21 14:13:50 UTC)"
    )
    bare = works._replace(check=works.check._replace(status=None, certificate=None))
    assert evidence(bare) == "2026-09-21 14:14:20 UTC: 198.51.100.1 on v1 works (since 2026-09-21 14:13:50 UTC)"


def test_an_address_fails_once_that_is_confirmed_whatever_its_newest_check_brought() -> None:
    confirmed = address(Side.V2, 0)._replace(failing=True)
    suspected = address(Side.V2, 1, ServiceFailure.STATUS)._replace(failing=False)
    assert failing(service(Side.V2, confirmed, suspected)) == (confirmed,)
