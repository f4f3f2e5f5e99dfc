"""Whether a domain is as its wave expects."""

from dataclasses import replace

import pytest

from probe.judge.acceptance.expectation import verdict
from probe.model.check import CheckOutcome
from probe.model.plan import Expectation, Routing, Weights
from probe.model.question import RecordType
from probe.model.record import Position, RecordState
from tests.judge.answers import at_position
from tests.judge.story import Story


def test_a_weight_of_zero_makes_one_side_the_declared_state() -> None:
    story = Story(Expectation.WEIGHTED, Weights(0, 255))
    story.stand(Position.V2, 0, 120)
    assert verdict(story.status).outcome is CheckOutcome.PASS
    assert story.codes == set()


EXPECTED = {
    Expectation.V1: {RecordState.V1},
    Expectation.V2: {RecordState.V2},
    Expectation.MOVING: {RecordState.V1, RecordState.V2, RecordState.PROPAGATING},
    Expectation.WEIGHTED: set(),  # a split holds when enough answers say so
}


@pytest.mark.parametrize("expectation", list(Expectation))
@pytest.mark.parametrize("state", list(RecordState))
def test_each_expectation_holds_in_its_states_and_nothing_holds_by_ignorance(
    expectation: Expectation, state: RecordState
) -> None:
    status = Story(expectation, Weights(1, 1)).status._replace(state=state)
    told = verdict(status).outcome
    if state in EXPECTED[expectation]:
        assert told is CheckOutcome.PASS
    else:
        open_states = {RecordState.UNKNOWN, RecordState.PROPAGATING}
        if expectation is Expectation.WEIGHTED:
            open_states |= {RecordState.V1, RecordState.V2, RecordState.WEIGHTED}
        assert told is (CheckOutcome.UNKNOWN if state in open_states else CheckOutcome.FAIL)


def routed(routing: Routing, expectation: Expectation = Expectation.V2) -> Story:
    story = Story(expectation)
    story.state = story.state.with_status(
        story.status._replace(domain=replace(story.status.domain, routing=routing)),
    )
    return story


@pytest.mark.case("D3")
@pytest.mark.parametrize("routing", list(Routing))
def test_either_side_and_changes_between_them_hold_under_a_declared_routing(routing: Routing) -> None:
    story = routed(routing)
    story.stand(Position.V1, 0, 60)
    assert verdict(story.status).outcome is CheckOutcome.PASS
    for cycle in range(4):
        story.stand(Position.V2, 70 + 120 * cycle, 120 + 120 * cycle)
        story.stand(Position.V1, 130 + 120 * cycle, 180 + 120 * cycle)
    assert story.status.state is RecordState.FLAPPING
    assert verdict(story.status).outcome is CheckOutcome.PASS
    assert "changes sides: " in story.status.sentence
    assert f"as its declared {routing.value} routing may do" in story.status.sentence
    assert f"expected v2 by {routing.value} routing" in story.status.sentence
    assert story.codes == set()


@pytest.mark.case("D3")
@pytest.mark.parametrize("elsewhere", [Position.ABSENT, Position.MIXED])
def test_what_no_failover_does_fails_under_one(elsewhere: Position) -> None:
    story = routed(Routing.FAILOVER)
    story.stand(Position.V2, 0, 60)
    story.stand(elsewhere, 70, 200)
    assert verdict(story.status).outcome is CheckOutcome.FAIL
    assert "as its declared" not in story.status.sentence


@pytest.mark.case("D3")
def test_multivalue_answers_with_both_sides_at_once_hold() -> None:
    story = routed(Routing.MULTIVALUE)
    story.stand(Position.MIXED, 0, 60)
    assert verdict(story.status).outcome is CheckOutcome.PASS
    assert "as its declared multivalue routing may do" in story.status.sentence


@pytest.mark.case("D3")
def test_a_routed_name_that_never_led_anywhere_does_not_hold() -> None:
    story = routed(Routing.LATENCY)
    story.stand(Position.ABSENT, 0, 60)
    assert verdict(story.status).outcome is CheckOutcome.FAIL


@pytest.mark.parametrize("routing", [None, *Routing])
@pytest.mark.parametrize("elsewhere", [Position.ABSENT, Position.MIXED])
def test_a_change_on_its_way_to_elsewhere_holds_nothing_though_changes_between_the_sides_do(
    elsewhere: Position, routing: Routing | None
) -> None:
    story = Story(Expectation.MOVING)
    story.status = story.status._replace(domain=replace(story.status.domain, routing=routing))
    story.stand(Position.V1, 0, 60)
    for second in (67.0, 70.0):
        story.say([at_position(elsewhere)] + [at_position(Position.V1)] * 3, second, rdtypes=[RecordType.A])
        story.wait(second + 1)
    assert story.status.state is RecordState.PROPAGATING
    between = routing is Routing.MULTIVALUE and elsewhere is Position.MIXED
    assert verdict(story.status).outcome is (CheckOutcome.PASS if between else CheckOutcome.UNKNOWN)


def test_a_record_that_is_being_created_does_not_hold_until_every_server_has_it() -> None:
    story = Story(Expectation.MOVING)
    story.stand(Position.ABSENT, 0, 60)
    for second in (67.0, 70.0):
        story.say([at_position(Position.V1)] + [at_position(Position.ABSENT)] * 3, second, rdtypes=[RecordType.A])
        story.wait(second + 1)
    assert story.status.state is RecordState.PROPAGATING
    assert verdict(story.status).outcome is CheckOutcome.UNKNOWN
    story.stand(Position.V1, 80, 140)
    assert verdict(story.status).outcome is CheckOutcome.PASS
