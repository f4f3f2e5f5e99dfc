"""The table of rules by which a record gets its state."""

from probe.judge.record.rules import is_settled
from probe.model.plan import Expectation
from probe.model.question import ADDRESS_TYPES
from probe.model.record import Position, RecordState
from tests.judge.answers import SERVERS, at_position, instant, observed
from tests.judge.story import Story


def test_evidence_grows_old_and_becomes_unknown_while_findings_stay() -> None:
    story = Story(Expectation.V1)
    story.stand(Position.V2, 0, 120)
    assert story.codes == {"premature"}
    story.wait(120 + story.context.stale_after + 1)
    assert story.status.state is RecordState.UNKNOWN
    assert story.codes == {"premature"}
    assert "too few servers have answered lately" in story.status.sentence


def test_servers_that_all_say_the_same_stand_against_nobody_while_their_change_waits_to_be_confirmed() -> None:
    """Few answers were heard before a move and after it: so few could be draws, and all of them tell of it."""
    story = Story()
    story.stand(Position.V1, 0, 14)
    for at, server in ((40.0, 0), (95.0, 1), (96.0, 2), (97.0, 3), (108.5, 1), (109.0, 2), (109.5, 3), (110.0, 0)):
        for rdtype in ADDRESS_TYPES:
            story.hear(observed(at_position(Position.V2, rdtype), at, SERVERS[server], rdtype))
    story.wait(110.5)
    for record in story.status.records:
        assert {server.position for server in record.servers} == {Position.V2}
        assert record.transitions == 0
    assert story.status.state is RecordState.PROPAGATING


def test_a_change_has_settled_when_nothing_changed_for_ten_seconds() -> None:
    story = Story()
    story.stand(Position.V1, 0, 120)
    for turn in range(20):
        story.say([at_position(Position.V2)] * 4, 121.0 + turn, rdtypes=ADDRESS_TYPES[:1])
    record, memory = story.state.remembered[0]
    assert memory.changed is not None
    assert record.position is Position.V2
    since = memory.changed.monotonic
    assert not is_settled(record, memory, instant(since + 9.9), story.context)
    assert is_settled(record, memory, instant(since + 10), story.context)
