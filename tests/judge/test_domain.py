"""The verdict on a domain from its records, in one word and one sentence."""

from dataclasses import replace

from probe.judge.acceptance.expectation import Holding, verdict
from probe.judge.review import adopt
from probe.model.plan import Expectation, Step, TxtRegistry, Weights
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position, RecordState
from tests.judge.answers import (
    SERVERS,
    ZONE,
    at_position,
    observed,
    plan,
    timeout,
)
from tests.judge.story import Story


def test_the_sentence_counts_a_server_out_with_its_first_silence() -> None:
    story = Story()
    story.stand(Position.V1, 0, 60)
    assert "at all 4 servers" in story.status.sentence
    story.hear(observed(timeout(), 61, SERVERS[0], RecordType.A))
    assert "at 3 of 4 servers" in story.status.sentence


def test_a_first_look_to_which_nobody_answers_says_so_at_once() -> None:
    story = Story()
    story.say([timeout()] * 4, 0, times=1)
    assert "no server answers" in story.status.sentence


def test_one_look_at_all_servers_gives_a_verdict_in_one_sentence() -> None:
    story = Story(Expectation.V2)
    for rdtype in ADDRESS_TYPES:
        story.say([at_position(Position.V2, rdtype)] * 4, 0, rdtypes=[rdtype])
    assert story.status.sentence == (
        "app.example.com leads to v2 at all 4 servers since 2026-09-21 14:13:20 UTC; expected v2."
    )
    assert verdict(story.status).holding is Holding.HOLDS


def test_the_sentence_says_what_will_be_expected_next() -> None:
    domain = replace(
        plan(Expectation.V1).domains[0], upcoming=Step(1_796_122_800.0, Expectation.WEIGHTED, Weights(9, 1))
    )
    story = Story(Expectation.V1)
    story.status = adopt(story.status, domain, TxtRegistry(), ZONE)
    story.stand(Position.V1, 0, 10)
    assert story.status.sentence.endswith(
        "; expected v1 until 2026-12-01 11:00:00 UTC, then weighted 9 (v1) to 1 (v2)."
    )


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
