from dataclasses import replace

import pytest

from probe.judge.findings.failing import (
    FailingServer,
    WatchedZone,
    ZoneSight,
    accused,
    dissenting,
    failure_facts,
    losses,
    told_dissent,
    unseen,
)
from probe.judge.findings.failing import look as zones_seen
from probe.judge.findings.lateness import Lateness
from probe.judge.findings.vantage import Vantage, findings, is_blind, look, notice
from probe.model.dissent import DissentingServer
from probe.model.name import ROOT, DomainName
from probe.model.outcome import FailureReason, NoResponse, Outcome, Response
from probe.model.question import RecordType
from probe.model.record import Position
from probe.model.server import Server
from tests.judge.answers import RESOLVER, SERVERS, ZONE, at_position, instant, nodata, observed, timeout
from tests.judge.story import Story
from tests.judge.wording import whole

FAILING_AFTER, LOSSES, REFUSALS, REFUSING_AFTER, BLIND_AFTER, BLIND_SILENCES = 180.0, 12, 4, 60.0, 30.0, 5
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


def seen(*outcomes: Outcome, spacing: float = 10.0) -> Vantage:
    vantage = Vantage()
    for number, outcome in enumerate(outcomes):
        vantage = notice(vantage, observed(outcome, spacing * number, SERVERS[number % 4]))
    return vantage


def test_a_vantage_that_hears_nothing_while_it_asks_is_blind() -> None:
    vantage = seen(nodata(), *[timeout()] * BLIND_SILENCES)
    assert not is_blind(vantage, instant(10 + BLIND_AFTER - 1))
    assert is_blind(vantage, instant(10 + BLIND_AFTER))


def test_one_response_of_any_kind_ends_it() -> None:
    vantage = seen(*[timeout()] * 50, Response("REFUSED"))
    assert not is_blind(vantage, instant(10_000))


def test_a_vantage_that_does_not_ask_is_not_blind() -> None:
    assert not is_blind(seen(nodata()), instant(100_000))
    assert not is_blind(Vantage(), instant(100_000))


def test_a_few_losses_are_no_blindness_however_long_ago() -> None:
    assert not is_blind(seen(nodata(), *[timeout()] * (BLIND_SILENCES - 1)), instant(100_000))


def test_malformed_answers_show_that_packets_travel() -> None:
    assert not is_blind(seen(*[NoResponse(FailureReason.MALFORMED)] * 20), instant(100_000))


def test_the_finding_names_the_vantage_and_belongs_to_no_domain() -> None:
    vantage = seen(nodata(), *[timeout()] * 10)
    (found,) = findings("eu-west-1", vantage, Lateness(), {}, instant(200))
    assert found.code == "probe-blind"
    assert found.domain == ROOT
    assert "eu-west-1" in found.sentence
    assert findings("eu-west-1", seen(nodata()), Lateness(), {}, instant(200)) == ()


IN_TIME = Lateness()


class Night:
    """What a vantage sees of one zone, second by second, and what is told of it."""

    def __init__(self, *servers: Server, domains: int = 20) -> None:
        self.servers = servers or SERVERS
        self.zones = {ZONE: WatchedZone(self.servers, domains)}
        self.vantage = Vantage()
        self.at = 0.0

    def hear(self, seconds: float, *outcomes: Outcome, resolver: Outcome | None = None) -> None:
        """Let each server give its outcome every five seconds, the last of them all that are left."""
        until = self.at + seconds
        while self.at < until:
            for number, server in enumerate(self.servers):
                outcome = outcomes[min(number, len(outcomes) - 1)]
                self.vantage = notice(self.vantage, observed(outcome, self.at, server))
            if resolver is not None:
                self.vantage = notice(self.vantage, observed(resolver, self.at, RESOLVER))
            self.vantage = look(self.vantage, self.zones, instant(self.at))
            self.at += 5.0

    def told(self, pace: Lateness = IN_TIME) -> dict[str, str]:
        found = findings("here", self.vantage, pace, self.zones, instant(self.at))
        return {one.code: whole(one) for one in found}


ANSWER = at_position(Position.V1)
SERVFAIL = Response("SERVFAIL")
REFUSED = Response("REFUSED")
LAME = Response("NOERROR")


@pytest.mark.case("F4")
def test_silence_of_every_authoritative_server_is_blindness_though_a_resolver_answers() -> None:
    night = Night()
    night.hear(60, ANSWER, resolver=ANSWER)
    night.hear(25, timeout(), resolver=ANSWER)
    assert night.told() == {}
    night.hear(15, timeout(), resolver=ANSWER)
    assert night.told() == {
        "probe-blind": "The vantage here has no answer from any authoritative server of example.com.\n"
        "Answers: example.com since 2026-09-21 14:14:20 UTC (does not respond)\n"
        "Effect: Where the names of these zones lead is not seen, whatever resolvers still answer"
    }
    night.hear(10, ANSWER, resolver=ANSWER)
    assert night.told() == {}


@pytest.mark.case("F4b")
@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (SERVFAIL, "answers SERVFAIL to every question"),
        (REFUSED, "refuses every question"),
        (LAME, "without authority"),
    ],
)
def test_servers_that_all_answer_without_evidence_leave_the_zone_unseen_and_nobody_is_accused(
    outcome: Outcome, words: str
) -> None:
    night = Night()
    night.hear(60, ANSWER)
    night.hear(900, outcome)
    assert list(night.told()) == ["probe-blind"]
    assert words in night.told()["probe-blind"]


@pytest.mark.case("F4b")
def test_servers_that_fail_each_in_its_own_way_leave_the_zone_as_unseen() -> None:
    night = Night()
    night.hear(60, ANSWER)
    night.hear(60, SERVFAIL, REFUSED, LAME, timeout())
    assert list(night.told()) == ["probe-blind"]
    for words in ("answers SERVFAIL", "refuses every question", "without authority", "does not respond"):
        assert words in night.told()["probe-blind"]


@pytest.mark.case("F4b")
def test_one_server_that_still_answers_keeps_the_zone_seen_and_the_others_are_named() -> None:
    night = Night()
    night.hear(60, ANSWER)
    night.hear(FAILING_AFTER + 10, ANSWER, SERVFAIL)
    (sentence,) = night.told().values()
    assert sentence.count("answers SERVFAIL to every question") == 3
    night.hear(60, SERVFAIL)
    assert list(night.told()) == ["probe-blind"]


@pytest.mark.case("F4")
def test_other_zones_that_are_seen_are_not_named() -> None:
    night = Night()
    other = DomainName("example.net.")
    night.zones[other] = WatchedZone((Server("ns.example.net.", "192.0.2.111"),), 3)
    night.hear(200, timeout(), resolver=ANSWER)
    assert "example.com since" in night.told()["probe-blind"]
    assert "example.net" not in night.told()["probe-blind"]


@pytest.mark.case("F11")
@pytest.mark.parametrize(
    ("outcome", "words", "after"),
    [
        (REFUSED, "refuses every question (REFUSED)", REFUSING_AFTER),
        (LAME, "answers every question without authority (lame)", REFUSING_AFTER),
        (NoResponse(FailureReason.MALFORMED), "sends no valid DNS answer", REFUSING_AFTER),
        (timeout(), "does not respond", FAILING_AFTER),
        (NoResponse(FailureReason.UNREACHABLE), "cannot be reached", FAILING_AFTER),
    ],
)
def test_a_server_that_answers_nothing_is_one_finding_about_its_zone(
    outcome: Outcome, words: str, after: float
) -> None:
    night = Night()
    night.hear(60, ANSWER)
    night.hear(after - 5, outcome, ANSWER)
    assert night.told() == {}
    night.hear(10, outcome, ANSWER)
    found = night.told()
    assert list(found) == ["server-failing"]
    headline, *beneath = found["server-failing"].split("\n")
    assert headline == f"ns-0.awsdns-00.com (192.0.2.50) {words}, while other servers of example.com answer."
    assert beneath[0].startswith(f"Answers: ns-0.awsdns-00.com (192.0.2.50) {words} since 2026-09-21 14:14:20 UTC")
    assert beneath[1:] == [
        "Effect: 20 domains of the plan: clients wait, or get an error, until they ask another server"
    ]
    night.hear(5, ANSWER)
    assert night.told() == {}


@pytest.mark.case("F1", "F11")
@pytest.mark.parametrize(
    ("reason", "failures", "after"),
    [
        (FailureReason.MALFORMED, REFUSALS, REFUSING_AFTER),
        (FailureReason.REFUSED, 100, REFUSING_AFTER),
        (FailureReason.TIMEOUT, 1000, FAILING_AFTER),
    ],
)
def test_what_a_server_says_counts_sooner_than_what_is_lost(reason: FailureReason, failures: int, after: float) -> None:
    failing = FailingServer(SERVERS[0], instant(0), failures, reason, 0 if reason.is_lost else failures)
    zones = Night().zones
    assert accused((), (failing,), zones, instant(after - 1)) == {}
    assert accused((), (failing,), zones, instant(after)) != {}


@pytest.mark.case("F11", "F5")
def test_three_dead_servers_of_four_are_named_in_one_finding() -> None:
    night = Night()
    night.hear(200, ANSWER, timeout())
    (sentence,) = night.told().values()
    assert all(server.address in sentence for server in SERVERS[1:])
    assert SERVERS[0].address not in sentence


@pytest.mark.case("F11")
def test_a_few_losses_of_one_server_accuse_it_of_nothing() -> None:
    night = Night()
    night.hear(600, ANSWER)
    lost = FailingServer(SERVERS[0], instant(0), LOSSES - 1, FailureReason.TIMEOUT)
    assert accused((), (lost,), night.zones, instant(600)) == {}
    assert accused((), (lost._replace(failures=LOSSES),), night.zones, instant(600)) != {}
    refused = FailingServer(SERVERS[0], instant(0), REFUSALS, FailureReason.REFUSED, REFUSALS)
    assert accused((), (refused,), night.zones, instant(600)) != {}
    few = refused._replace(failures=REFUSALS - 1, refusals=REFUSALS - 1)
    assert accused((), (few,), night.zones, instant(600)) == {}


@pytest.mark.case("F11")
def test_a_server_that_is_now_silent_and_now_refuses_is_told_of_without_a_break() -> None:
    night = Night()
    night.hear(60, ANSWER)
    night.hear(REFUSING_AFTER + 10, REFUSED, ANSWER)
    for outcome in (timeout(), SERVFAIL, timeout(), LAME):
        assert list(night.told()) == ["server-failing"]
        night.hear(5, outcome, ANSWER)


@pytest.mark.case("F4")
def test_servers_that_come_back_one_by_one_after_a_blindness_are_not_accused_of_it() -> None:
    night = Night()
    night.hear(60, ANSWER)
    night.hear(900, timeout(), resolver=ANSWER)
    night.hear(30, ANSWER, timeout(), resolver=ANSWER)
    assert night.told() == {}
    night.hear(FAILING_AFTER, ANSWER, timeout(), resolver=ANSWER)
    assert list(night.told()) == ["server-failing"]


@pytest.mark.case("F4")
def test_the_only_server_of_a_zone_is_not_accused_but_the_zone_is_not_seen() -> None:
    night = Night(SERVERS[0])
    night.hear(60, ANSWER, resolver=ANSWER)
    night.hear(300, timeout(), resolver=ANSWER)
    assert list(night.told()) == ["probe-blind"]


@pytest.mark.case("B14")
def test_a_probe_that_is_behind_says_so_first_and_accuses_no_server() -> None:
    night = Night()
    night.hear(300, timeout(), ANSWER)
    assert list(night.told()) == ["server-failing"]
    behind = night.told(Lateness(behind=instant(250), lost=40.0))
    assert behind == {
        "probe-behind": "The probe at here is behind since 2026-09-21 14:17:30 UTC: it raises no finding about "
        "servers and confirms nothing new.\nCause: It did not run for 40 s of the last 60 s"
    }


def test_the_share_of_lost_questions_is_learned_over_some_hundred_of_them() -> None:
    every_other_round: list[Response | NoResponse] = [*[timeout()] * 4, *[nodata()] * 4]
    assert 0.45 < seen(*every_other_round * 125).loss < 0.55
    assert seen(*[nodata()] * 100).loss == 0.0


def test_a_server_that_is_silent_for_good_is_no_sign_of_a_way_that_loses_questions() -> None:
    vantage = Vantage()
    for turn in range(1_000):
        vantage = notice(vantage, observed(timeout(), 4.0 * turn, SERVERS[0]))
        for server in SERVERS[1:]:
            vantage = notice(vantage, observed(nodata(), 4.0 * turn, server))
        assert vantage.loss < 0.06


@pytest.mark.parametrize(("failures", "unseen_since"), [(4, None), (5, 0.0)])
def test_a_zone_of_one_server_counts_as_not_seen_after_five_failures(failures: int, unseen_since: float | None) -> None:
    zones = {ZONE: WatchedZone(SERVERS[:1], 20)}
    failing = (FailingServer(SERVERS[0], instant(0), failures, FailureReason.TIMEOUT),)
    sights = zones_seen((), failing, zones, instant(30))
    assert [one.unseen_since for one in sights] == ([] if unseen_since is None else [instant(unseen_since)])


def test_where_every_question_is_lost_as_many_timeouts_suffice_as_at_95_percent() -> None:
    assert [losses(share) for share in (0.2, 0.4, 0.6, 0.95, 1.0)] == [12, 12, 22, 215, 215]


def test_zones_and_domains_that_are_not_named_are_counted() -> None:
    names = [DomainName(f"{number}.example.") for number in range(6)]
    told = unseen([ZoneSight(name, instant(0)) for name in names], (), {})
    assert [told.count(f"{number}.example since") for number in range(6)] == [1, 1, 1, 0, 0, 0]
    assert told.endswith(" and 3 more")
    dissent = told_dissent(DissentingServer(SERVERS[0], tuple(names), instant(0)))
    assert "for 6 domains (0.example, 1.example, 2.example and 3 more) since" in dissent


def test_four_failing_servers_have_a_line_each_and_the_others_are_counted() -> None:
    servers = [Server(f"ns-{number}.example.", f"192.0.2.{number}") for number in range(6)]
    failing = tuple(FailingServer(server, instant(0), 20, FailureReason.REFUSED, 20) for server in servers)
    lines = [fact.text for fact in failure_facts(failing, (), 3)]
    assert [line.partition(" (")[0] for line in lines[:4]] == [f"ns-{number}.example" for number in range(4)]
    assert lines[4] == "2 more servers fail as well"


def test_a_server_stands_against_the_others_for_two_domains_before_it_is_told_of_the_server() -> None:
    story = Story()
    story.stand(Position.V1, 0, 60)
    for turn in range(60):
        story.say([at_position(Position.V1)] * 3 + [at_position(Position.V2)], 61 + 3.0 * turn, rdtypes=[RecordType.A])
        story.wait(62 + 3.0 * turn)
    one, domain = story.state, story.status.domain
    other = one.with_status(story.status._replace(domain=replace(domain, name=DomainName("api.example.com."))))
    assert dissenting([(ZONE, one)]) == {}
    (found,) = dissenting([(ZONE, one), (ZONE, other)])[ZONE]
    assert (found.server, found.domains) == (SERVERS[3], (domain.name, other.status.domain.name))
