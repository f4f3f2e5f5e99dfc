"""Whether a domain is as its wave expects."""

import pytest

from probe.judge.acceptance.expectation import verdict
from probe.model.check import CheckOutcome
from probe.model.plan import Expectation, Weights
from probe.model.record import Position, RecordState
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
