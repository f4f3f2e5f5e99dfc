"""When a record is confirmed for the first time, and when it has moved."""

import math

import pytest

from probe.judge.record.state import RecordMemory
from probe.judge.record.transition import _are_too_few, _bar, _stand_by_it
from probe.model.outcome import Outcome
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position, RecordState, RecordStatus, ServerStatus
from probe.model.side import AnswerClass
from tests.judge.answers import (
    SERVERS,
    at_position,
    context,
    instant,
    nxdomain,
    observed,
    timeout,
)
from tests.judge.story import Story

GIVEN_UP = 4
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


def test_no_verdict_before_every_server_was_heard_or_failed() -> None:
    story = Story()
    answer = at_position(Position.V1)
    for server in SERVERS[:3]:
        for turn in range(5):
            story.hear(observed(answer, turn, server))
    assert story.status.records[0].position is None
    story.hear(observed(timeout(), 6, SERVERS[3]))
    assert story.status.records[0].position is Position.V1


def test_a_single_server_that_answers_confirms_nothing_until_the_silent_ones_count_as_dead() -> None:
    story = Story()
    alone: list[Outcome] = [at_position(Position.V1), timeout(), timeout(), timeout()]
    states: list[RecordState] = []
    for times in (GIVEN_UP - 1, 1):
        story.say(alone, len(states), times=times, rdtypes=[RecordType.A])
        states.append(story.status.records[0].state)
    assert states == [RecordState.UNKNOWN, RecordState.V1]


def test_the_only_server_there_is_confirms_alone() -> None:
    story = Story(surroundings=context(SERVERS[0]))
    for turn in range(2):
        story.hear(observed(at_position(Position.V1), turn))
    assert story.status.records[0].state is RecordState.V1


def test_a_zones_only_server_that_changes_when_it_was_hardly_known_has_moved_and_is_not_divided_from_itself() -> None:
    story = Story(surroundings=context()._replace(servers=SERVERS[:1]))
    for at in (0.0, 0.1):
        for rdtype in ADDRESS_TYPES:
            story.hear(observed(at_position(Position.V1, rdtype), at, SERVERS[0], rdtype))
    grace = story.context.probing.grace
    for step in range(2, int(grace) + 20):
        for rdtype in ADDRESS_TYPES:
            story.hear(observed(at_position(Position.V2, rdtype), step, SERVERS[0], rdtype))
        story.wait(step + 0.1)
        assert story.status.state in {RecordState.PROPAGATING, RecordState.V2}
    assert story.status.state is RecordState.V2
    assert [record.transitions for record in story.status.records] == [1, 1]
    assert story.raised() == []


def test_one_answer_of_each_server_confirms_nothing_and_the_second_one_does() -> None:
    story = Story()
    story.say([at_position(Position.V1)] * 4, 0.0, times=1, rdtypes=[RecordType.A])
    assert story.status.records[0].position is None
    story.say([at_position(Position.V1)] * 4, 1.0, times=1, rdtypes=[RecordType.A])
    assert story.status.records[0].position is Position.V1


def test_witnesses_stand_by_a_change_with_thirty_answers_past_the_grace_time() -> None:
    surroundings = context()
    grace = surroundings.probing.grace
    stood = [ServerStatus(server, since=instant(0), run=15) for server in SERVERS[:2]]
    assert _stand_by_it(stood, instant(grace + 0.1), surroundings)
    assert not _stand_by_it(stood, instant(grace), surroundings)
    assert not _stand_by_it([stood[0], stood[1]._replace(run=14)], instant(grace + 0.1), surroundings)


def _said(story: Story, outcomes: list[Outcome], begin: int, end: int) -> None:
    for second in range(begin, end):
        story.say(outcomes, second, times=1, rdtypes=[RecordType.A])


def _overtaken(story: Story, seconds: int, *, leaves: bool = False) -> list[Position]:
    """Half of the servers go from v1 to v2, the others from v1 to nothing, for so long; perhaps one of v2's goes too.

    Gives where the record went, by what was confirmed.
    """
    v1, v2, gone = at_position(Position.V1), at_position(Position.V2), nxdomain()
    _said(story, [v1] * 4, 0, 20)
    _said(story, [v2, v2, v1, v1], 20, 25)
    _said(story, [v2, v2, gone, gone], 25, 25 + seconds)
    if leaves:
        _said(story, [v2, gone, gone, gone], 25 + seconds, 30 + seconds)
    return [one.after for one in story.status.records[0].recent]


@pytest.mark.case("B2")
def test_what_was_written_before_the_newest_place_and_reaches_slow_servers_after_it_is_no_change() -> None:
    story = Story()
    assert _overtaken(story, 40) == [Position.V2]
    _said(story, [at_position(Position.V2)] * 4, 65, 90)
    assert [one.after for one in story.status.records[0].recent] == [Position.V2]
    assert story.status.records[0].state is RecordState.V2


@pytest.mark.case("B2")
@pytest.mark.parametrize(("seconds", "leaves"), [(20, True), (80, False)], ids=["one follows", "it stays"])
def test_it_is_one_when_a_server_goes_there_from_the_newest_place_or_if_it_stays_beyond_the_grace_time(
    seconds: int, *, leaves: bool
) -> None:
    assert _overtaken(Story(), seconds, leaves=leaves) == [Position.V2, Position.ABSENT]


def test_the_newest_sixteen_transitions_of_a_record_are_kept() -> None:
    story = Story()
    for turn in range(20):
        story.stand((Position.V1, Position.V2)[turn % 2], 100.0 * turn, 100.0 * turn + 80, 10.0)
    record = story.status.records[0]
    assert record.transitions == 19
    assert len(record.recent) == 16


@pytest.mark.parametrize(("run", "drawn", "too_few"), [(49, True, True), (50, True, False), (2, False, False)])
def test_a_record_that_is_drawn_moves_by_fifty_answers_and_another_one_by_two(
    run: int,
    drawn: bool,  # noqa: FBT001  # a parameter of pytest
    too_few: bool,  # noqa: FBT001  # the same
) -> None:
    """At 1 to 1 fifty equal draws are 1e-15."""
    record = RecordStatus(RecordType.A, servers=(ServerStatus(SERVERS[0], AnswerClass.V2, run=run),))
    assert _are_too_few(record, RecordMemory(drawn=drawn), Position.V2) is too_few


def test_one_run_in_a_thousand_million_is_a_change_and_where_draws_are_known_one_in_a_million_of_these() -> None:
    """A flap needs three in a row: 1e-5 false ones in a year of calm turns."""
    record = RecordStatus(RecordType.A, position=Position.V1)
    for drawn, chance in ((False, 1e-9), (True, 1e-15)):
        assert _bar(record, RecordMemory(drawn=drawn), Position.V2, instant(0.0), context()) == math.log(chance)
