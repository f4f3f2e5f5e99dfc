"""A share that alternates: what is said of it, what is not known of it, and when it is over."""

import random
from dataclasses import replace
from functools import cache

import pytest

from probe.judge.explain import explain
from probe.judge.polling.suspicion import wants_burst
from probe.judge.record.rules import Rule, applied
from probe.model.external_dns import ExternalDns
from probe.model.finding import FactLabel, FindingCode, Severity
from probe.model.plan import Expectation, Routing
from probe.model.question import RecordType
from probe.model.record import Position, RecordState
from probe.model.witness import Witnessed, Written, WrittenSet
from tests.judge.answers import SERVERS, V1_BALANCER, V2_BALANCER, ZONE, at_position, context, instant, nodata, observed
from tests.judge.answers import plan as plan_of
from tests.judge.story import Story

V1, V2 = Position.V1, Position.V2
BEAT_SEEN = 800.0
"""Seconds after which a window of ten minutes is over that began once draws were proven."""


def swing(story: Story, since: float, until: float, low: float, high: float, *, seed: int = 2) -> Story:
    """Let every server answer each second, draws of two weights by turns, as two ExternalDNS write them."""
    rng = random.Random(seed)
    for second in range(int(since), int(until)):
        share = high if second % 60.5 < 27 else low
        for server in SERVERS:
            side = V2 if rng.random() < share else V1
            story.hear(observed(at_position(side), float(second), server, RecordType.A))
        if second % 10 == 0:
            for server in SERVERS:
                story.hear(observed(nodata(), float(second), server, RecordType.AAAA))
            story.wait(second + 0.5)
    return story


@cache
def _swung(*, routing: Routing | None = None) -> Story:
    story = Story()
    domain = story.status.domain
    story.status = story.status._replace(domain=replace(domain, routing=routing))
    return swing(story, 0, BEAT_SEEN, 0.2, 0.4)


def swung(*, routing: Routing | None = None) -> Story:
    """Give a story of its own that has come so far."""
    played, story = _swung(routing=routing), Story()
    story.state, story.effects = played.state, list(played.effects)
    return story


def test_shares_that_alternate_are_told_as_inferred_and_nobody_is_named() -> None:
    story = swung()
    assert story.status.state is RecordState.FLAPPING
    assert story.codes == {FindingCode.FLIP_FLOP}
    (finding,) = story.status.findings
    assert finding.severity is Severity.CRITICAL
    assert finding.inferred
    assert finding.sentence == (
        "app.example.com (A) alternates between shares about every 60 s, and the writer is not known."
    )
    told = {fact.label: fact.text for fact in finding.facts}
    assert told[FactLabel.BEAT] == "About every 60 s, as often as ExternalDNS syncs by the plan"
    assert told[FactLabel.SHARE].endswith("of the newest window's 2,424 answers for A led to v2, on average")
    assert [fact.text for fact in finding.facts if fact.label is FactLabel.CAUSE] == [
        "Not known: two ExternalDNS that write different weights do this",
        "A health check, or a job, that comes round as often does the same",
    ]
    assert told[FactLabel.PROOF].startswith("Inferred from the beat of the answers, as no single change was seen")
    assert told[FactLabel.QUIET] == "It is over after 2 windows of 10 min 5 s without it"
    assert len(finding.evidence) == 1
    assert "2,424 answers for A have a power of" in finding.evidence[0]


def test_the_remedy_reads_before_it_accuses_and_lets_nothing_be_deleted() -> None:
    (finding,) = swung().status.findings
    assert finding.first is not None
    (line,) = finding.first.lines
    assert line.startswith("$ aws route53 list-resource-record-sets --hosted-zone-id ZONE --start-record-name app.")
    policy, identifier = finding.remedy.index("--policy=upsert-only"), finding.remedy.index("in one cluster only")
    assert policy < identifier
    assert "stop" not in finding.remedy


def test_the_state_says_what_it_is_inferred_from() -> None:
    story = swung()
    record, memory = story.state.remembered[0]
    assert applied(record, memory, instant(BEAT_SEEN), story.context) is Rule.BEATING
    assert "flaps: A between shares about every 60 s, inferred from the beat of its answers" in story.status.sentence
    assert story.status.flip_period == 60.5
    told = explain(story.state, instant(BEAT_SEEN), plan_of())
    assert "the share itself rises and falls about as often as ExternalDNS syncs" in told.sentence
    assert "rewritten changes at all servers" not in told.sentence
    assert told.reasons[0].rules[told.reasons[0].applied].state == "flapping"
    assert told.reasons[0].beat is None
    assert any("have a power of" in number for number in told.reasons[0].numbers)


def test_nothing_about_single_answers_is_unexplained_so_that_no_burst_goes_on() -> None:
    assert not wants_burst(swung().state)


def test_draws_of_the_mean_share_are_weights() -> None:
    story = swing(Story(), 0, BEAT_SEEN, 0.3, 0.3)
    assert story.status.state is RecordState.WEIGHTED
    assert story.codes == {FindingCode.WEIGHTS_UNDECLARED}


def test_two_windows_without_the_beat_end_it_and_the_weights_are_told_again() -> None:
    story = swing(swung(), BEAT_SEEN, BEAT_SEEN + 1300, 0.3, 0.3)
    assert story.status.state is RecordState.WEIGHTED
    assert story.codes == {FindingCode.WEIGHTS_UNDECLARED}
    assert story.raised() == ["weights-undeclared", "flip-flop", "weights-undeclared"]


def test_a_beat_that_is_not_measured_any_more_is_not_known() -> None:
    story = swung()
    since = story.state.memory.records[0].periodogram.since
    assert since is not None
    for at, state in ((since + 8800, RecordState.FLAPPING), (since + 9100, RecordState.WEIGHTED)):
        for server in SERVERS:
            story.hear(observed(at_position(V1), at, server, RecordType.A))
        assert story.status.records[0].state is state


def test_a_record_that_moves_away_from_its_weights_has_no_beat() -> None:
    story = swung()
    story.stand(V2, BEAT_SEEN, BEAT_SEEN + 400)
    assert story.status.records[0].state is RecordState.V2
    assert story.state.memory.records[0].periodogram.windows == ()


def test_where_an_interval_is_declared_that_makes_no_such_beat_none_is_looked_for() -> None:
    slow = context()._replace(v1=ExternalDns(interval=300.0))
    story = swing(Story(surroundings=slow), 0, BEAT_SEEN, 0.2, 0.4)
    assert story.status.state is RecordState.WEIGHTED


def test_a_hosted_zone_that_is_read_shows_its_sets_beside_it() -> None:
    story = swung()
    sets = tuple(
        WrittenSet("A", (target,), set_identifier=name, weight=weight)
        for name, target, weight in (("web-v1", V1_BALANCER, 80), ("web-v2", V2_BALANCER, 20))
    )
    written = Written(instant(BEAT_SEEN), is_current=True, zone=ZONE, sets=sets)
    story.status = story.status._replace(witnessed=Witnessed(written=written))
    story.wait(BEAT_SEEN + 1)
    (finding,) = story.status.findings
    assert any('"web-v2" (weight 20)' in line for line in finding.evidence)


@pytest.mark.parametrize("routing", [Routing.FAILOVER, Routing.LATENCY])
def test_where_a_routing_is_declared_route_53_chooses_and_nothing_is_found(routing: Routing) -> None:
    assert swung(routing=routing).codes == set()


def test_it_is_critical_whatever_is_expected() -> None:
    story = swing(Story(Expectation.V1), 0, BEAT_SEEN, 0.2, 0.4)
    assert {finding.code: finding.severity for finding in story.status.findings}[FindingCode.FLIP_FLOP] is (
        Severity.CRITICAL
    )
