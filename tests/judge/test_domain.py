"""The verdict on a domain from its records, in one word."""

from itertools import pairwise

import pytest

from probe.judge.domain import PRECEDENCE, open_split, relevant, state
from probe.model.plan import Expectation, Weights
from probe.model.question import RecordType
from probe.model.record import Position, RecordState
from tests.judge.answers import (
    SERVERS,
    at_position,
    context,
    instant,
    nodata,
    observed,
)
from tests.judge.story import Story


def test_a_declared_part_that_servers_do_not_have_is_open_until_the_answers_rule_it_out() -> None:
    story = Story(Expectation.WEIGHTED, Weights(50, 50))
    story.say([at_position(Position.V2, RecordType.A)] * 4, 0, rdtypes=[RecordType.A])
    story.say([at_position(Position.V2, RecordType.AAAA)] * 4, 0, rdtypes=[RecordType.AAAA])
    story.wait(1.0)
    assert "all answers so far led to v2 (8 of A, 8 of AAAA), and 8 answers of such weights do so with a chance of" in (
        story.status.sentence
    )
    story.stand(Position.V2, 7.0, 300.0)
    assert "weights-one-sided" in story.codes
    assert "not known yet" not in story.status.sentence
    assert open_split(story.status) is None


@pytest.mark.parametrize("weights", [Weights(0, 1), Weights(1, 0)])
def test_where_one_side_has_no_weight_nothing_is_open(weights: Weights) -> None:
    story = Story(Expectation.WEIGHTED, weights)
    story.stand(Position.V2 if weights.v2 else Position.V1, 0, 60)
    assert open_split(story.status) is None
    assert "not known yet" not in story.status.sentence


def split(story: Story, since: float, until: float) -> None:
    at = since
    while at <= until:
        for server in SERVERS:
            story.hear(observed(at_position(Position.V1, RecordType.A), at, server, RecordType.A))
            story.hear(observed(at_position(Position.V2, RecordType.AAAA), at, server, RecordType.AAAA))
        story.wait(at)
        at += 7.0


def test_families_on_different_sides_are_a_split_after_the_grace_time_only() -> None:
    story = Story()
    story.stand(Position.V1, 0, 300)
    split(story, 301, 350)
    early, codes = story.status.state, story.codes
    assert (early, codes) == (RecordState.PROPAGATING, set())
    split(story, 351, 500)
    assert (story.status.state, story.codes) == (RecordState.DIVIDED, {"family-split"})
    assert "A leads to v1 and AAAA leads to v2" in story.status.findings[0].sentence


def test_a_domain_of_one_family_is_judged_by_it_alone() -> None:
    story = Story(Expectation.V1)
    for at in range(0, 60, 5):
        for server in SERVERS:
            story.hear(observed(at_position(Position.V1), at, server))
            story.hear(observed(nodata(), at, server, RecordType.AAAA))
    a, aaaa = story.status.records
    assert (a.state, aaaa.state) == (RecordState.V1, RecordState.ABSENT)
    assert relevant(story.status) == (a,)
    assert story.status.state is RecordState.V1


def test_the_worst_record_speaks_for_the_domain_and_every_state_has_its_place() -> None:
    assert sorted(PRECEDENCE) == sorted(RecordState)
    status = Story().status
    a, aaaa = status.records
    for worse, better in pairwise(PRECEDENCE):
        if {worse, better} == {RecordState.V1, RecordState.V2}:
            continue  # two sides: divided, or on the way
        for pair in ((worse, better), (better, worse)):
            records = tuple(
                record._replace(state=one, existed=True) for record, one in zip((a, aaaa), pair, strict=True)
            )
            assert state(status._replace(records=records), instant(0), context()) is worse


def test_families_are_split_only_by_what_was_heard_of_both_past_the_grace_time() -> None:
    """AAAA may have moved as well: where most answers are lost nobody has heard of it yet."""
    story = Story()
    story.stand(Position.V1, 0, 120)
    for turn in range(13):
        story.say([at_position(Position.V2, RecordType.A)] * 4, 125.0 + 7.0 * turn, rdtypes=[RecordType.A])
    story.wait(215.0)
    assert [record.state for record in story.status.records] == [RecordState.V2, RecordState.V1]
    told = [story.status.state]
    for rdtype, position in ((RecordType.A, Position.V2), (RecordType.AAAA, Position.V1)):
        story.say([at_position(position, rdtype)] * 4, 216.0, rdtypes=[rdtype])
    story.wait(217.0)
    told.append(story.status.state)
    assert told == [RecordState.PROPAGATING, RecordState.DIVIDED]
