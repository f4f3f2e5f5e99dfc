"""The verdict on a domain in one sentence, state by state."""

import random
import re
from dataclasses import replace

import pytest

from probe.judge.acceptance.expectation import verdict
from probe.judge.domain_text import sentence
from probe.judge.review import adopt
from probe.model.check import CheckOutcome
from probe.model.external_dns import TxtRegistry
from probe.model.plan import Expectation, Step, Weights
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position, RecordState
from probe.model.server import Server
from probe.model.share import Share
from tests.judge.answers import (
    SERVERS,
    ZONE,
    at_position,
    context,
    instant,
    nodata,
    observed,
    plan,
    timeout,
)
from tests.judge.simulator import Prober, World, Write, probe, square, weighted
from tests.judge.story import Story


def test_the_sentence_counts_a_server_out_with_its_first_silence() -> None:
    story = Story()
    story.stand(Position.V1, 0, 60)
    assert "at all 4 servers" in story.status.sentence
    story.hear(observed(timeout(), 61, SERVERS[0], RecordType.A))
    assert "at 3 of 4 servers" in story.status.sentence


@pytest.mark.parametrize(
    ("servers", "words"),
    [
        (SERVERS[:1], "by the last answer of its only server, which did not answer the newest question for A, since"),
        (SERVERS, "by the last answers of its 4 servers, none of which answered the newest question for A, since"),
    ],
)
def test_a_domain_whose_servers_were_silent_last_leads_where_they_said_before(
    servers: tuple[Server, ...], words: str
) -> None:
    story = Story(surroundings=context(*servers))
    for at in (0, 7, 14):
        for server in servers:
            for rdtype in ADDRESS_TYPES:
                story.hear(observed(at_position(Position.V1, rdtype), at, server, rdtype))
    for server in servers:
        story.hear(observed(timeout(), 21, server, RecordType.A))
    assert f"app.example.com leads to v1 {words}" in story.status.sentence


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
    assert verdict(story.status).outcome is CheckOutcome.PASS


@pytest.mark.parametrize("share", [Weights(5, 95), Weights(10, 90), Weights(1, 99)], ids=str)
def test_a_declared_part_that_servers_have_not_shown_is_said_to_be_open(share: Weights) -> None:
    rng = random.Random(3)
    draws = World([Write(0.0, weighted(share.v2_share))], rng)
    prober = Prober(draws, rng, expectation=Expectation.WEIGHTED, weights=share)
    prober.go(1.0)
    said = {RecordState.V1: 0, RecordState.V2: 0}
    for second in range(5, 300, 5):
        status = prober.resume(float(second)).status
        if status.state in said:
            said[status.state] += 1
            assert f"whether v1 has its declared {share.v1}% is not known yet" in status.sentence
            assert verdict(status).outcome is CheckOutcome.UNKNOWN
        elif status.state is RecordState.PROPAGATING:
            assert "; draws by its declared weights look so as well; expected weighted" in status.sentence
        assert status.drain is None
    assert said[RecordState.V1] == 0
    assert share.v1 >= 10 or said[RecordState.V2]


def test_the_sentence_says_what_will_be_expected_next() -> None:
    domain = replace(
        plan(Expectation.V1).domains[0], upcoming=Step(1_796_122_800.0, Expectation.WEIGHTED, Weights(9, 1))
    )
    story = Story(Expectation.V1)
    story.state = adopt(story.state, domain, (TxtRegistry(),), ZONE)
    story.stand(Position.V1, 0, 10)
    assert story.status.sentence.endswith(
        "; expected v1 until 2026-12-01 11:00:00 UTC, then weighted 9 (v1) to 1 (v2)."
    )


def test_each_state_is_said_in_its_own_words() -> None:
    """What people read on the page, word by word: a sentence that is reworded here is reworded on purpose."""
    story = Story(Expectation.V2)
    told = [story.status.sentence]
    story.stand(Position.V1, 0, 120)
    told.append(story.status.sentence)
    story.hear(observed(at_position(Position.V2), 121, SERVERS[1]))
    told.append(story.status.sentence)
    story.stand(Position.ABSENT, 122, 200, 2.0)
    told.append(story.status.sentence)
    story.stand(Position.V2, 201, 300, 2.0)
    story.wait(300 + story.context.stale_after + 1)
    told.append(story.status.sentence)
    assert [one.removeprefix("app.example.com ").removesuffix("; expected v2.") for one in told] == [
        "is not known: no server was asked yet",
        "leads to v1 at all 4 servers since 2026-09-21 14:13:27 UTC",
        "is changing, servers differ: A v1 (not at 1 of 4 servers), AAAA v1 since 2026-09-21 14:15:21 UTC",
        "no longer exists at all 4 servers since 2026-09-21 14:15:32 UTC",
        "is not known: too few servers have answered lately since 2026-09-21 14:21:21 UTC",
    ]


def test_a_name_that_appears_is_never_said_to_be_gone() -> None:
    story = Story(Expectation.V2)
    story.stand(Position.ABSENT, 0, 120)
    assert "app.example.com does not exist at all 4 servers" in story.status.sentence
    story.hear(observed(at_position(Position.V2), 121, SERVERS[1]))
    assert "is changing, servers differ: A nothing (not at 1 of 4 servers)" in story.status.sentence
    story.stand(Position.V2, 122, 200, 2.0)
    story.stand(Position.ABSENT, 201, 240, 2.0)
    assert "app.example.com no longer exists at all 4 servers" in story.status.sentence


def test_a_name_that_lost_one_family_is_not_said_to_be_gone() -> None:
    """It had both, and goes on with A: half of its clients may not notice, and nobody is to look for a deleted name."""
    story = Story(Expectation.V2)
    story.stand(Position.V2, 0, 120)
    for second in range(121, 240, 2):
        for server in SERVERS:
            story.hear(observed(at_position(Position.V2), second, server))
            story.hear(observed(at_position(Position.ABSENT, RecordType.AAAA), second, server, RecordType.AAAA))
    assert "app.example.com no longer has AAAA at all 4 servers (A v2) since" in story.status.sentence


WORDS = {
    RecordState.V1: "leads to v1 at all 4 servers",
    RecordState.V2: "leads to v2 at all 4 servers",
    RecordState.PROPAGATING: "is settling, servers agree: A v1, AAAA v1",
    RecordState.WEIGHTED: "is split by weighted routing: its share is not known yet",
    RecordState.FLAPPING: "flaps: A changes faster than its servers follow, "
    "AAAA changes faster than its servers follow",
    RecordState.DIVIDED: "is divided: A v1, AAAA v1",
    RecordState.ABSENT: "does not exist at all 4 servers",
    RecordState.FOREIGN: "leads to an address of neither side at all 4 servers",
    RecordState.UNKNOWN: "is not known: too few servers have answered lately",
}


@pytest.mark.parametrize("one", RecordState)
def test_each_state_has_words_of_its_own(one: RecordState) -> None:
    story = Story()
    story.stand(Position.V1, 0, 60)
    changed = story.status._replace(
        state=one, records=tuple(record._replace(state=one) for record in story.status.records)
    )
    assert sentence(story.state.with_status(changed), instant(60), context()) == (
        f"app.example.com {WORDS[one]} since 2026-09-21 14:13:27 UTC; it is moving, expected on either side."
    )


@pytest.mark.case("D5", "K3")
def test_of_a_domain_that_is_drawn_only_records_that_exist_have_a_share() -> None:
    story = Story(Expectation.WEIGHTED, Weights(50, 50))
    for turn in range(60):
        side = Position.V1 if turn % 3 else Position.V2
        story.say([at_position(side, RecordType.A)] * 4, 2.0 * turn, rdtypes=[RecordType.A])
        story.say([nodata()] * 4, 2.0 * turn, rdtypes=[RecordType.AAAA])
    drawn = story.status.records[0]._replace(state=RecordState.WEIGHTED)
    changed = story.status._replace(
        state=RecordState.WEIGHTED,
        records=(drawn, *story.status.records[1:]),
        shares=(Share(RecordType.A, v1=3, v2=1), Share(RecordType.AAAA)),
    )
    told = sentence(story.state.with_status(changed), instant(120), context())
    assert "A leads to v2 in 25%" in told
    assert "AAAA" not in told


def test_a_fight_is_told_with_its_places_its_count_and_its_newest_change() -> None:
    fight = square(period=60, phase=25, start=600, end=1200, first=Position.V1, second=Position.V2)
    run = probe(fight, 1190, 4)
    assert re.fullmatch(
        r"app\.example\.com flaps: A between v[12] and v[12] \(\d+ changes, the newest at 2026-09-21 14:3\d:\d\d UTC\)"
        r", AAAA between .* UTC\) since 2026-09-21 14:\d\d:\d\d UTC; it is moving, expected on either side\.",
        run.status.sentence,
    )
