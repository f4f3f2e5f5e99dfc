"""What a declared routing does, and what it does not: places, with the newest changes between them."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from probe.judge.acceptance.expectation import verdict
from probe.judge.answer.address_book import AddressBook
from probe.judge.findings.failing import dissenting
from probe.judge.routed import is_as_routed, lies_between_sides
from probe.model.check import CheckOutcome
from probe.model.name import DomainName
from probe.model.outcome import FailureReason, NoResponse
from probe.model.plan import Expectation, Routing
from probe.model.question import RecordType
from probe.model.record import Position, RecordState
from probe.model.server import Server
from probe.model.side import Side
from tests.judge.acceptance.test_expectation import routed
from tests.judge.answers import SERVERS, ZONE, at_position, book, context, nodata, observed, without_ipv6
from tests.judge.story import Story
from tests.judge.wording import whole

NEWEST, STANDS_STILL = 4, 300.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


V1, V2, MIXED, ABSENT = Position.V1, Position.V2, Position.MIXED, Position.ABSENT


@pytest.mark.case("D3")
@pytest.mark.parametrize(
    ("routing", "place", "told"),
    [
        (Routing.FAILOVER, V1, True),
        (Routing.LATENCY, V2, True),
        (Routing.GEOLOCATION, MIXED, False),
        (Routing.MULTIVALUE, MIXED, True),
        (Routing.MULTIVALUE, ABSENT, False),
    ],
)
def test_a_place_is_as_routed_where_its_routing_leads(routing: Routing, place: Position, *, told: bool) -> None:
    story = routed(routing)
    story.stand(place, 0, 30)
    assert is_as_routed(story.status) is told


def test_an_absence_counts_until_four_changes_lie_after_it() -> None:
    story = routed(Routing.FAILOVER)
    story.stand(V1, 0, 60)
    story.stand(ABSENT, 70, 190)
    since = 200
    for place in (V2, V1, V2, V1)[:NEWEST]:
        story.stand(place, since, since + 50)
        assert not lies_between_sides(story.status, Routing.FAILOVER)
        since += 60
    story.stand(V2, since, since + 50)
    assert is_as_routed(story.status)


def test_without_a_declaration_nothing_is_as_declared() -> None:
    story = routed(Routing.FAILOVER)
    story.stand(V2, 0, 30)
    bare = story.status._replace(
        domain=type(story.status.domain)(story.status.domain.name, "first", story.status.domain.expectation)
    )
    assert not is_as_routed(bare)


OTHER = DomainName("other.example.com.")

OVER_IPV6 = tuple(replace(one, address=f"2001:db8::{number}") for number, one in enumerate(SERVERS, 1))


def side_by_side(
    routing: Routing | None,
    said: Sequence[Position],
    seconds: float,
    servers: Sequence[Server] = SERVERS,
    *,
    expectation: Expectation = Expectation.V2,
) -> Story:
    """Let each server go on giving its own answer for some seconds, after all have stood on v1 for a while."""
    story = Story(expectation, surroundings=context(*servers))
    story.status = story.status._replace(domain=replace(story.status.domain, routing=routing))
    for second in range(0, 60, 4):
        for server in servers:
            story.hear(observed(at_position(V1), second, server))
        story.wait(second)
    go_on(story, said, 60, 60 + seconds)
    return story


def go_on(story: Story, said: Sequence[Position], since: float, until: float) -> None:
    at = since
    while at <= until:
        for server, position in zip(story.context.servers, said, strict=True):
            story.hear(observed(at_position(position), at, server))
        story.wait(at)
        at += 4


ONE_STAYS = (V2, V2, V2, V1)
NOT_FOR_EVERY_QUESTION = (Routing.FAILOVER, Routing.LATENCY, Routing.GEOLOCATION)


@pytest.mark.parametrize("routing", NOT_FOR_EVERY_QUESTION)
def test_a_server_that_stays_on_the_other_side_is_told_of_though_a_routing_is_declared(routing: Routing) -> None:
    story = side_by_side(routing, ONE_STAYS, 200)
    assert story.status.state is RecordState.DIVIDED
    assert story.codes == set()
    assert is_as_routed(story.status)
    assert f"as its declared {routing.value} routing may do" in story.status.sentence
    go_on(story, ONE_STAYS, 264, 60 + STANDS_STILL + 60)
    assert story.codes == {"server-divided"}
    (finding,) = story.status.findings
    assert (
        finding.sentence
        == "ns-3.awsdns-03.co.uk keeps answering v1 for app.example.com A, unlike the zone's other servers."
    )
    assert f"The declared {routing.value} routing goes by" in whole(finding)
    assert "as its declared" not in story.status.sentence
    assert verdict(story.status).outcome is CheckOutcome.FAIL


def test_servers_that_follow_late_and_stand_together_again_are_as_routed() -> None:
    story = side_by_side(Routing.FAILOVER, ONE_STAYS, STANDS_STILL - 30)
    go_on(story, (V2,) * 4, 334, 700)
    assert story.raised() == []
    assert is_as_routed(story.status)


def test_a_server_that_comes_from_nowhere_has_to_stand_still_as_long() -> None:
    """The time counts from the newest change of any of them: health that goes to and fro leaves servers apart."""
    story = side_by_side(Routing.FAILOVER, ONE_STAYS, 200)
    go_on(story, (V2, V2, V1, V1), 264, 330)
    go_on(story, ONE_STAYS, 334, 400)
    assert story.raised() == []


@pytest.mark.parametrize(
    ("routing", "said", "servers"),
    [
        (Routing.MULTIVALUE, ONE_STAYS, SERVERS),  # may answer each question otherwise
        (Routing.LATENCY, (V2, V2, V1, V1), SERVERS),  # by which of its addresses the probe leaves, half and half
        (Routing.GEOLOCATION, (V2, V2, V1, V1), (*SERVERS[:2], *OVER_IPV6[:2])),  # the probe's IPv6 is elsewhere
        (Routing.GEOLOCATION, (V2, V2, V2, V1), (*SERVERS[:3], OVER_IPV6[0])),
        (Routing.LATENCY, (V2, V1), SERVERS[:2]),  # one against one
    ],
)
def test_what_a_routing_may_explain_is_not_accused(
    routing: Routing, said: Sequence[Position], servers: Sequence[Server]
) -> None:
    story = side_by_side(routing, said, 900, servers)
    assert story.raised() == []
    assert is_as_routed(story.status)


def test_one_server_is_told_of_beside_others_over_both_protocols() -> None:
    story = side_by_side(Routing.LATENCY, (V2, V2, V1, V2, V2, V2), 500, (*SERVERS[:3], *OVER_IPV6[:3]))
    assert story.codes == {"server-divided"}
    (finding,) = story.status.findings
    assert finding.sentence.startswith("ns-2.awsdns-02.org keeps answering v1")


def test_a_server_that_is_silent_about_a_routed_name_alone_is_told_of() -> None:
    story = routed(Routing.LATENCY)
    for second in range(0, 400, 4):
        story.say([at_position(V2)] * 3 + [NoResponse(FailureReason.REFUSED)], second, times=1)
        story.wait(second)
    assert story.codes == {"server-divided"}
    assert "gives no answer for app.example.com" in story.status.findings[0].sentence
    assert is_as_routed(story.status)


def test_a_server_that_stays_behind_for_several_routed_domains_is_told_of_once() -> None:
    story = side_by_side(Routing.FAILOVER, ONE_STAYS, 500)
    other = story.state.with_status(story.status._replace(domain=replace(story.status.domain, name=OTHER)))
    assert [one.server for one in dissenting([(ZONE, story.state), (ZONE, other)])[ZONE]] == [SERVERS[3]]
    early = side_by_side(Routing.FAILOVER, ONE_STAYS, 200)
    other = early.state.with_status(early.status._replace(domain=replace(early.status.domain, name=OTHER)))
    assert dissenting([(ZONE, early.state), (ZONE, other)]) == {}


def over_sides(routing: Routing, known: AddressBook | None = None) -> Story:
    """Make a story of a routed domain, v1's load balancers without IPv6 unless told."""
    story = Story(Expectation.V1, surroundings=context(known=known or without_ipv6(Side.V1)))
    story.status = story.status._replace(domain=replace(story.status.domain, routing=routing))
    return story


def stay(story: Story, a: Position, aaaa: Position, since: float, until: float) -> None:
    """Let all servers answer each family so, as an alias whose load balancer lacks the family: NODATA."""
    at = since
    while at < until:
        for server in SERVERS:
            story.hear(observed(at_position(a), at, server))
            answer = nodata() if aaaa is ABSENT else at_position(aaaa, RecordType.AAAA)
            story.hear(observed(answer, at, server, RecordType.AAAA))
        story.wait(at)
        at += 4


FAILOVERS = ((0, V2, V2), (100, V1, ABSENT), (330, V2, V2), (400, V1, ABSENT), (700, V2, V2), (790, V1, ABSENT))


@pytest.mark.case("D3")
@pytest.mark.parametrize("routing", list(Routing))
def test_a_failover_to_a_side_without_ipv6_is_as_declared(routing: Routing) -> None:
    story = over_sides(routing)
    for (since, a, aaaa), (until, *_) in pairwise((*FAILOVERS, (1100, V1, ABSENT))):
        stay(story, a, aaaa, since, until)
        assert is_as_routed(story.status)
    assert story.raised() == []
    assert verdict(story.status).outcome is CheckOutcome.PASS


@pytest.mark.case("D3")
def test_a_family_that_is_deleted_where_its_side_has_it_contradicts_a_failover() -> None:
    story = over_sides(Routing.FAILOVER)
    stay(story, V2, V2, 0, 60)
    stay(story, V2, ABSENT, 60, 200)
    assert "outage" in story.codes
    assert not is_as_routed(story.status)


@pytest.mark.case("D3")
def test_a_family_that_does_not_come_back_with_a_failover_contradicts_it() -> None:
    story = over_sides(Routing.FAILOVER)
    stay(story, V2, V2, 0, 60)
    stay(story, V1, ABSENT, 60, 200)
    assert is_as_routed(story.status)
    stay(story, V2, ABSENT, 200, 300)
    assert "outage" in story.codes
    assert not is_as_routed(story.status)


@pytest.mark.case("D3")
def test_a_family_that_goes_though_both_sides_have_it_contradicts_a_failover() -> None:
    story = over_sides(Routing.FAILOVER, book())
    stay(story, V2, V2, 0, 60)
    stay(story, V1, ABSENT, 60, 200)
    assert "outage" in story.codes
