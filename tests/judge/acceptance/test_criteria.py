"""What has to hold before a domain counts as confirmed: each criterion's word, and the sentence beside it."""

from probe.judge.acceptance.criteria import CRITERIA, judge, newest_evidence, widest_gap
from probe.judge.context import Context
from probe.model.check import CheckOutcome
from probe.model.confirmation import Criterion
from probe.model.domain import DomainStatus
from probe.model.finding import Finding, FindingCode, Severity
from probe.model.plan import Expectation, Probing, Weights
from probe.model.record import Position
from tests.judge.answers import NAME, RESOLVER, SERVERS, at_position, context, instant, observed, timeout
from tests.judge.story import Story

GAP_AT_LEAST, GAP_TURNS, SILENT_TURNS = 10.0, 3, 4
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

Word = tuple[CheckOutcome, str]


def told(status: DomainStatus, at: float, surroundings: Context | None = None) -> dict[Criterion, Word]:
    return {
        Criterion(one.name): (one.outcome, one.sentence)
        for one in judge(status, instant(at), surroundings or context())
    }


def standing(position: Position, expectation: Expectation = Expectation.V2) -> Story:
    """A domain that has stood there for two minutes."""
    story = Story(expectation)
    story.stand(position, 0, 120)
    return story


def test_nothing_is_confirmed_before_anything_was_seen() -> None:
    words = told(Story(Expectation.V2).status, 0)
    assert words[Criterion.AUTHORITATIVE] == (CheckOutcome.UNKNOWN, "No server of its zone is known yet.")
    assert words[Criterion.WATCHED] == (CheckOutcome.UNKNOWN, "Not every record has been answered yet.")
    assert Criterion.SERVICE not in words
    assert Criterion.RESOLVERS not in words


def test_every_server_has_to_answer_the_expected_side() -> None:
    story = standing(Position.V2)
    assert told(story.status, 120)[Criterion.AUTHORITATIVE] == (
        CheckOutcome.PASS,
        "All 4 servers answer v2 for A and AAAA.",
    )
    story.hear(observed(at_position(Position.V1), 121, SERVERS[2]))
    assert told(story.status, 121)[Criterion.AUTHORITATIVE] == (
        CheckOutcome.FAIL,
        "ns-2.awsdns-02.org (192.0.2.52) answers v1 for A.",
    )


def test_a_zone_with_one_server_says_that_it_is_the_only_one() -> None:
    surroundings = context(SERVERS[0])
    story = Story(Expectation.V2, surroundings=surroundings)
    story.stand(Position.V2, 0, 120)
    assert told(story.status, 120, surroundings)[Criterion.AUTHORITATIVE] == (
        CheckOutcome.PASS,
        "The only server answers v2 for A and AAAA.",
    )


def test_a_server_whose_word_has_grown_old_is_unheard_and_not_wrong() -> None:
    story = standing(Position.V2)
    at = 121 + story.context.stale_after
    for server in SERVERS[:3]:
        story.hear(observed(at_position(Position.V2), at, server))
    word = told(story.status, at)[Criterion.AUTHORITATIVE]
    assert word[0] is CheckOutcome.UNKNOWN
    assert word[1].startswith("No valid answer from ns-3.awsdns-03.co.uk (A)")


def test_servers_that_answer_what_no_load_balancer_was_seen_with_are_not_said_to_be_silent() -> None:
    story = standing(Position.V2)
    story.stand(Position.FOREIGN, 122, 421)
    words = {one.name: one.sentence for one in story.status.confirmation.criteria}
    outcomes = {one.name: one.outcome for one in story.status.confirmation.criteria}
    assert words[Criterion.AUTHORITATIVE].startswith("No load balancer was seen with what ns-0.awsdns-00.com (A), ")
    assert words[Criterion.AUTHORITATIVE].endswith(" answered: no side is told by it.")
    assert "No valid answer" not in words[Criterion.AUTHORITATIVE]
    assert words[Criterion.WATCHED].startswith("Answers have told no side since 2026-09-21 14:15:19 UTC (")
    assert outcomes[Criterion.AUTHORITATIVE] is outcomes[Criterion.WATCHED] is CheckOutcome.UNKNOWN
    later = 422 + story.context.stale_after
    for server in SERVERS[:3]:
        story.hear(observed(at_position(Position.FOREIGN), later, server))
    words = {one.name: one.sentence for one in story.status.confirmation.criteria}
    assert words[Criterion.AUTHORITATIVE].startswith("No valid answer from ")
    assert "ns-3.awsdns-03.co.uk (A)" in words[Criterion.AUTHORITATIVE].partition("No load balancer")[0]


def test_what_is_still_moving_has_nothing_to_be_held_to() -> None:
    word = told(standing(Position.V2, Expectation.MOVING).status, 120)[Criterion.AUTHORITATIVE]
    assert word == (
        CheckOutcome.FAIL,
        "The plan expects it to be moving: set the wave's `expect` to `v2` once it has moved.",
    )


def test_declared_weights_are_confirmed_by_the_answers_and_not_by_one_side() -> None:
    story = Story(Expectation.WEIGHTED, Weights(50, 50))
    story.stand(Position.V1, 0, 120)
    word = told(story.status, 120)[Criterion.AUTHORITATIVE]
    assert word[0] is CheckOutcome.FAIL
    assert "but A and AAAA lead to v1 only." in word[1]


def test_an_open_finding_is_named_and_information_stops_nothing() -> None:
    status = standing(Position.V2).status

    def finding(severity: Severity) -> Finding:
        return Finding(FindingCode.OUTAGE, severity, NAME, "It is gone.", "Put it back.", 0.0)

    assert told(status, 120)[Criterion.FINDINGS] == (CheckOutcome.PASS, "No finding is open.")
    for severity in (Severity.CRITICAL, Severity.WARNING):
        assert told(status._replace(findings=(finding(severity),)), 120)[Criterion.FINDINGS] == (
            CheckOutcome.FAIL,
            "outage: It is gone.",
        )
    assert told(status._replace(findings=(finding(Severity.INFO),)), 120)[Criterion.FINDINGS] == (
        CheckOutcome.PASS,
        "Only findings for information are open: outage.",
    )


def test_time_in_which_nobody_answered_is_not_watched() -> None:
    story = standing(Position.V2)
    assert told(story.status, 125)[Criterion.WATCHED] == (
        CheckOutcome.PASS,
        "Answers keep coming, the newest at 2026-09-21 14:15:19 UTC.",
    )
    silent = 119 + SILENT_TURNS * story.context.turn + 1
    assert told(story.status, silent)[Criterion.WATCHED] == (
        CheckOutcome.UNKNOWN,
        "No answer since 2026-09-21 14:15:19 UTC (29 s).",
    )
    story.hear(observed(timeout(), silent))
    assert newest_evidence(story.status) == instant(119)


def test_a_gap_is_as_wide_as_the_cadence_makes_it_however_long_the_soak_is() -> None:
    assert widest_gap(context(probing=Probing(interval=2.0))) == GAP_AT_LEAST
    slow = context(probing=Probing(interval=60.0))
    assert widest_gap(slow) == widest_gap(slow._replace(soak=36_000.0)) == GAP_TURNS * 60.0


def test_a_plan_with_resolvers_waits_for_them() -> None:
    words = told(standing(Position.V2).status, 120, context()._replace(resolvers=(RESOLVER,)))
    assert words[Criterion.RESOLVERS] == (CheckOutcome.UNKNOWN, "Not answered yet:  google.")


def test_every_criterion_has_a_rule() -> None:
    assert list(CRITERIA) == list(Criterion)


def test_what_is_told_of_calm_domains_alike_is_one_sentence_in_all_of_them() -> None:
    one, other = (told(standing(Position.V2).status, 120) for _ in range(2))
    assert one.keys() == other.keys()
    assert all(one[criterion][1] is other[criterion][1] for criterion in one)
