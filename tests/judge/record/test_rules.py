"""The table of rules by which a record gets its state."""

from probe.model.plan import Expectation
from probe.model.record import Position, RecordState
from tests.judge.story import Story


def test_evidence_grows_old_and_becomes_unknown_while_findings_stay() -> None:
    story = Story(Expectation.V1)
    story.stand(Position.V2, 0, 120)
    assert story.codes == {"premature"}
    story.wait(120 + story.context.stale_after + 1)
    assert story.status.state is RecordState.UNKNOWN
    assert story.codes == {"premature"}
    assert "too few servers have answered lately" in story.status.sentence
