"""What is said of a family that is gone where its side's load balancers have no address of it."""

import random

from probe.judge.answer.address_book import AddressBook
from probe.model.effect import FindingRaised
from probe.model.finding import FindingCode, Severity
from probe.model.plan import Expectation, Weights
from probe.model.question import RecordType
from probe.model.record import Position, RecordState
from probe.model.side import Side
from tests.judge.answers import (
    ADDRESSES,
    SERVERS,
    V2_BALANCER,
    addresses,
    at_position,
    context,
    instant,
    nodata,
    observed,
    without_ipv6,
)
from tests.judge.story import Story

V1, V2, ABSENT = Position.V1, Position.V2, Position.ABSENT


def answer(story: Story, second: float, a: Position, aaaa: Position) -> None:
    for server in SERVERS:
        story.hear(observed(at_position(a), second, server))
        told = nodata() if aaaa is ABSENT else at_position(aaaa, RecordType.AAAA)
        story.hear(observed(told, second, server, RecordType.AAAA))
    story.wait(second)


def looked_up(known: AddressBook, second: float, *, has_ipv6: bool) -> AddressBook:
    """Let v2's load balancer be looked up, which has IPv4 and perhaps IPv6."""
    shown = addresses(RecordType.A, *ADDRESSES[V2, RecordType.A], name=V2_BALANCER)
    known = known.learn(Side.V2, V2_BALANCER, shown, instant(second), RecordType.A)
    six = addresses(RecordType.AAAA, *ADDRESSES[V2, RecordType.AAAA], name=V2_BALANCER) if has_ipv6 else nodata()
    return known.learn(Side.V2, V2_BALANCER, six, instant(second), RecordType.AAAA)


def test_a_load_balancer_that_loses_ipv6_without_a_move_is_the_cause_of_a_warning() -> None:
    """Until it has been looked up without IPv6 for a minute, nothing tells it from a record that was deleted."""
    story = Story(Expectation.V2, surroundings=context(known=without_ipv6(Side.V1)))
    for second in range(0, 400, 5):
        if second % 30 == 0:
            story.context = context(known=looked_up(story.context.book, second, has_ipv6=second < 200))
        answer(story, second, V2, V2 if second < 200 else ABSENT)
        if second == 205:
            assert [one.severity for one in story.status.findings] == [Severity.CRITICAL]
        if second >= 300:
            (found,) = story.status.findings
            assert (found.code, found.severity) == (FindingCode.OUTAGE, Severity.WARNING)
            assert "v2's load balancers have no such address" in found.sentence
            assert "Create the record again" not in found.remedy
    assert story.status.state is RecordState.V2
    for second in range(400, 500, 5):
        story.context = context(known=looked_up(story.context.book, second, has_ipv6=True))
        answer(story, second, V2, V2)
    assert story.codes == set()


def test_the_family_that_is_seen_first_on_the_way_to_a_side_without_ipv6_or_back_is_no_critical_outage() -> None:
    story = Story(Expectation.MOVING, surroundings=context(known=without_ipv6(Side.V1)))
    for since, until, a, aaaa in ((0, 60, V2, V2), (60, 66, V2, ABSENT), (66, 300, V1, ABSENT), (300, 306, V2, ABSENT)):
        for second in range(since, until, 2):
            for number, server in enumerate(SERVERS):  # one server is ahead of the others by some seconds
                ahead = V1 if (since, number) == (60, 0) else a
                story.hear(observed(at_position(ahead), second, server))
                told = nodata() if aaaa is ABSENT else at_position(aaaa, RecordType.AAAA)
                story.hear(observed(told, second, server, RecordType.AAAA))
            story.wait(second)
    raised = [one.finding for one in story.effects if isinstance(one, FindingRaised)]
    assert [(one.code, one.severity) for one in raised] == [(FindingCode.OUTAGE, Severity.WARNING)]
    for second in range(306, 420, 2):
        answer(story, second, V2, ABSENT)
    assert [one.severity for one in story.status.findings if one.code is FindingCode.OUTAGE] == [Severity.CRITICAL]


def draw(story: Story, since: int, until: int, aaaa: Position) -> None:
    """Let the servers draw v1 and v2 for A, and v2 and another place for AAAA."""
    rng = random.Random(since + 7)
    for second in range(since, until, 3):
        for server in SERVERS * 2:
            story.hear(observed(at_position(V1 if rng.random() < 0.5 else V2), second, server))
            lead = aaaa if rng.random() < 0.5 else V2
            told = nodata() if lead is ABSENT else at_position(lead, RecordType.AAAA)
            story.hear(observed(told, second, server, RecordType.AAAA))
        story.wait(second)


def test_draws_of_a_family_that_one_side_lacks_are_a_warning_for_half_an_hour_and_no_one_sided_weights() -> None:
    story = Story(Expectation.WEIGHTED, Weights(50, 50), surroundings=context(known=without_ipv6(Side.V1)))
    draw(story, 0, 600, ABSENT)
    (found,) = story.status.findings
    assert (found.code, found.severity) == (FindingCode.OUTAGE, Severity.WARNING)
    assert found.sentence == ("Some draws of app.example.com answer no AAAA: v1's load balancers have no such address.")
    draw(story, 600, 2500, ABSENT)
    assert story.codes == set()


def test_draws_of_a_family_that_both_sides_have_are_an_outage() -> None:
    story = Story(Expectation.WEIGHTED, Weights(50, 50))
    draw(story, 0, 600, ABSENT)
    (found,) = (one for one in story.status.findings if one.code is FindingCode.OUTAGE)
    assert found.severity is Severity.CRITICAL
    assert "weights-one-sided" not in story.codes
