"""Criteria, and the clock that runs while all of them are seen to pass."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.judge.acceptance.criteria import gaps, newest_evidence, widest_gap
from probe.judge.acceptance.soak import confirm, interrupted, soak_changes
from probe.judge.context import Context
from probe.judge.resume import resume
from probe.judge.review import adopt, initial, review_service
from probe.judge.state import forgotten
from probe.model.check import CheckOutcome
from probe.model.clock import Instant
from probe.model.confirmation import Confirmation, Criterion
from probe.model.domain import DomainStatus
from probe.model.effect import SoakBroken, SoakHeld
from probe.model.external_dns import ExternalDns, TxtRegistry
from probe.model.finding import Finding, FindingCode, Severity
from probe.model.outcome import FailureReason
from probe.model.plan import Expectation, HttpCheck, Probing, Weights
from probe.model.propagation import Drain
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, RecordStatus, ServerStatus
from probe.model.resolver import ResolverStatus, ResolverVerdict
from probe.model.service import ServiceFailure
from probe.model.side import AnswerClass, Side
from tests.judge.answers import NAME, RESOLVER, SERVERS, ZONE, at_position, context, instant, observed, plan, timeout
from tests.judge.ownership.owned import NEW, Owned, owned, with_versions
from tests.judge.services import PRESENT, checked

SOAK = 300.0
V2_OWNER = owned("v2", "a", "aaaa")


def soaking(expectation: Expectation = Expectation.V2, soak: float = SOAK) -> Owned:
    """A domain whose two ExternalDNS have owners of their own, and a soak of five minutes."""
    return Owned(with_versions(NEW, NEW)._replace(soak=soak), expectation)


def standing(told: Owned, criterion: Criterion) -> tuple[CheckOutcome, str] | None:
    found = [one for one in told.story.status.confirmation.criteria if one.name == criterion]
    return (found[0].outcome, found[0].sentence) if found else None


def soak_effects(told: Owned) -> list[str]:
    return [type(effect).__name__ for effect in told.story.effects if isinstance(effect, SoakBroken | SoakHeld)]


def test_a_domain_that_stands_where_it_should_is_confirmed_after_the_soak_and_not_before() -> None:
    told = soaking()
    told.stand(Position.V2, SOAK - 20, V2_OWNER)
    before = told.story.status.confirmation
    assert before.outcome is CheckOutcome.PASS, before.criteria
    assert not before.confirmed
    told.stand(Position.V2, 60, V2_OWNER)
    after = told.story.status.confirmation
    assert after.confirmed
    assert after.since is not None
    assert after.confirmed_at is not None
    assert SOAK <= after.confirmed_at.monotonic - after.since.monotonic <= SOAK + 5
    assert after.unwatched == 0
    assert soak_effects(told) == ["SoakHeld"]


def test_every_criterion_says_what_it_saw() -> None:
    told = soaking()
    told.stand(Position.V2, 60, V2_OWNER)
    assert [(one.name, one.sentence) for one in told.story.status.confirmation.criteria] == [
        ("authoritative", "All 4 servers answer v2 for A and AAAA."),
        ("ownership", '"v2" owns it, at a-app.example.com and aaaa-app.example.com.'),
        ("findings", "No finding is open."),
        ("watched", "Answers keep coming, the newest at 2026-09-21 14:14:18 UTC."),
    ]


def test_a_fight_breaks_the_soak_and_the_clock_starts_again_from_nothing() -> None:
    told = soaking()
    told.stand(Position.V2, 200, V2_OWNER)
    told.stand(Position.V1, 60, V2_OWNER)
    broken = told.story.status.confirmation
    assert (broken.outcome, broken.since, broken.held, broken.breaks) == (CheckOutcome.FAIL, None, 0.0, 1)
    assert broken.broken is not None
    assert broken.broken.criterion is Criterion.AUTHORITATIVE
    assert "answers v1 for A" in broken.broken.sentence
    told.stand(Position.V2, SOAK - 20, V2_OWNER)
    again = told.story.status.confirmation
    assert not again.confirmed
    assert again.broken == broken.broken
    assert soak_effects(told) == ["SoakBroken"]


def test_the_deletion_of_v1s_records_breaks_a_confirmed_domain() -> None:
    told = soaking()
    told.stand(Position.V2, SOAK + 60, V2_OWNER)
    assert told.story.status.confirmation.confirmed
    told.stand(Position.ABSENT, 20, {})
    assert not told.story.status.confirmation.confirmed
    assert told.story.status.confirmation.broken is not None
    assert soak_effects(told) == ["SoakHeld", "SoakBroken"]


def test_one_server_that_says_otherwise_is_enough() -> None:
    told = soaking()
    told.stand(Position.V2, 60, V2_OWNER)
    told.story.hear(observed(at_position(Position.V1), told.at, SERVERS[3]))
    assert standing(told, Criterion.AUTHORITATIVE) == (
        CheckOutcome.FAIL,
        "ns-3.awsdns-03.co.uk (192.0.2.53) answers v1 for A.",
    )
    assert told.story.status.confirmation.breaks == 1


def test_time_in_which_nobody_answers_is_unwatched_and_breaks_nothing() -> None:
    told = soaking()
    told.stand(Position.V2, 100, V2_OWNER)
    held = told.story.status.confirmation.held
    for _ in range(20):
        told.at += 10
        told.story.hear(observed(timeout(), told.at))
        told.story.wait(told.at)
    silent = told.story.status.confirmation
    assert silent.outcome is CheckOutcome.UNKNOWN
    assert silent.held == held
    told.stand(Position.V2, 100, V2_OWNER)
    after = told.story.status.confirmation
    assert (after.breaks, after.since) == (0, silent.since)
    assert 180 < after.unwatched < 220
    assert 180 < after.held < 200


@pytest.mark.case("F6")
@pytest.mark.parametrize(("soak", "gap"), [(60.0, 40.0), (90.0, 40.0), (3_600.0, 150.0), (3_600.0, 360.0)])
def test_a_gap_between_two_answers_is_not_held_however_long_the_soak_is(soak: float, gap: float) -> None:
    told = soaking(soak=soak)
    told.stand(Position.V2, 50, V2_OWNER)
    before = told.story.status.confirmation
    told.at += gap
    told.stand(Position.V2, 40, V2_OWNER)
    after = told.story.status.confirmation
    assert after.unwatched == pytest.approx(gap + 2, abs=2)  # answers come every two seconds
    assert after.held == pytest.approx(before.held + 40, abs=4)
    assert after.breaks == (gap > soak)


@pytest.mark.case("F6")
def test_a_lost_answer_is_no_gap_and_two_lost_ones_are() -> None:
    turn = Probing().interval
    assert 2 * turn * 1.15 + 2 < widest_gap(AROUND) <= 3 * turn


@pytest.mark.case("F6")
def test_where_servers_have_no_time_for_the_interval_the_longer_turn_counts() -> None:
    assert widest_gap(AROUND._replace(stretch=5.0)) == 5 * widest_gap(AROUND)


@pytest.mark.case("F6")
def test_a_gap_is_seen_by_when_each_server_last_answered_although_nobody_judged_meanwhile() -> None:
    """A calm domain is judged twice a minute: the newest answer alone says nothing of those before it."""

    def record(moments: Sequence[float], rdtype: RecordType) -> RecordStatus:
        status = next(one for one in READY.records if one.rdtype is rdtype)
        pairs = zip(status.servers, moments, strict=True)
        return status._replace(servers=tuple(server._replace(at=instant(at)) for server, at in pairs))

    def lost(a: Sequence[float], aaaa: Sequence[float]) -> float:
        records = (record(a, RecordType.A), record(aaaa, RecordType.AAAA))
        return gaps(READY._replace(records=records), 1_000.0, 1_060.0, 21.0)

    regular = (1_000.0, 1_020.0, 1_040.0, 1_060.0)
    assert lost(regular, regular) == 0.0
    assert lost((990.0, 1_000.0, 1_059.0, 1_060.0), regular) == 59.0
    assert lost((1_000.0, 1_030.0, 1_045.0, 1_060.0), (1_000.0, 1_015.0, 1_030.0, 1_060.0)) == 60.0
    assert lost((1_000.0, 1_030.0, 1_045.0, 1_060.0), (1_000.0, 1_020.0, 1_050.0, 1_060.0)) == 50.0


@pytest.mark.case("F6")
def test_a_watch_that_stood_still_holds_nothing_until_answers_come_again() -> None:
    told = soaking()
    told.stand(Position.V2, 100, V2_OWNER)
    before = told.story.status.confirmation
    before_gap = told.story.status
    told.at += 15.0  # shorter than the widest gap: only that it stood still is a reason
    stopped = before_gap._replace(confirmation=interrupted(before_gap, instant(told.at), SOAK))
    assert not list(soak_changes(before_gap, stopped, instant(told.at)))
    told.story.state = told.story.state.with_status(stopped)
    told.story.wait(told.at)  # judged before anybody has answered again: the gap is not forgotten by it
    told.stand(Position.V2, 40, V2_OWNER)
    after = told.story.status.confirmation
    assert after.unwatched == pytest.approx(17, abs=2)
    assert after.held == pytest.approx(before.held + 40, abs=4)
    assert after.since == before.since


@pytest.mark.case("F6")
def test_standing_still_for_longer_than_the_soak_breaks_it_and_is_told() -> None:
    told = soaking()
    told.stand(Position.V2, SOAK + 30, V2_OWNER)
    before, at = told.story.status, instant(told.at + SOAK + 10)
    after = interrupted(before, at, SOAK)
    effects = soak_changes(before, before._replace(confirmation=after), at)
    assert (after.confirmed, after.held, after.since, after.breaks) == (False, 0.0, None, 1)
    assert [type(effect) for effect in effects] == [SoakBroken]


def test_a_soak_that_fails_is_not_made_unknown_by_standing_still() -> None:
    failing = READY._replace(confirmation=Confirmation((), CheckOutcome.FAIL))
    assert interrupted(failing, instant(5_000.0), SOAK) == failing.confirmation


def test_a_gap_longer_than_the_soak_begins_anew() -> None:
    told = soaking()
    told.stand(Position.V2, SOAK + 30, V2_OWNER)
    told.at += SOAK + 30
    told.stand(Position.V2, 60, V2_OWNER)
    after = told.story.status.confirmation
    assert after.broken is not None
    assert after.broken.criterion is Criterion.WATCHED
    assert "The domain was not watched for 5 min 3" in after.broken.sentence
    assert not after.confirmed
    assert after.held < 61
    assert soak_effects(told) == ["SoakHeld", "SoakBroken"]


def test_a_stale_owner_keeps_a_domain_from_being_confirmed() -> None:
    told = soaking()
    told.stand(Position.V2, 400, owned("v1", "a", "aaaa"))
    assert standing(told, Criterion.OWNERSHIP) is not None
    assert told.story.status.confirmation.since is None
    assert standing(told, Criterion.OWNERSHIP)[0] is CheckOutcome.FAIL  # type: ignore[index]  # seen above


def test_an_owner_that_is_neither_sides_is_named() -> None:
    told = soaking()
    told.stand(Position.V2, 60, owned("someone", "a", "aaaa"))
    assert standing(told, Criterion.OWNERSHIP) == (CheckOutcome.FAIL, told.finding("foreign-owner").sentence)


def test_an_owner_that_is_to_be_taken_over_from_and_still_is_one_is_named() -> None:
    surroundings = with_versions(NEW, NEW)
    told = Owned(surroundings._replace(v2=ExternalDns("v2", "someone", version=NEW)), Expectation.V2)
    told.stand(Position.V2, 60, owned("someone", "a", "aaaa"))
    assert standing(told, Criterion.OWNERSHIP) == (
        CheckOutcome.FAIL,
        'a-app.example.com and aaaa-app.example.com name "someone", but v2\'s ExternalDNS is "v2".',
    )


def test_a_plan_that_tells_nothing_of_the_external_dns_takes_any_single_owner() -> None:
    told = Owned(context()._replace(soak=SOAK), Expectation.V2)
    told.stand(Position.V2, 60, owned("prod", "a", "aaaa"))
    assert standing(told, Criterion.OWNERSHIP) == (
        CheckOutcome.PASS,
        '"prod" owns it, at a-app.example.com and aaaa-app.example.com.',
    )


def test_txt_names_that_were_not_asked_leave_ownership_unknown() -> None:
    told = soaking()
    told.stand_without_txt(Position.V2, 60)
    word = standing(told, Criterion.OWNERSHIP)
    assert word is not None
    assert word[0] is CheckOutcome.UNKNOWN
    assert told.story.status.confirmation.since is None


def test_what_is_still_moving_is_not_confirmed_and_told_why() -> None:
    told = soaking(Expectation.MOVING)
    told.stand(Position.V2, 60, V2_OWNER)
    word = standing(told, Criterion.AUTHORITATIVE)
    why = "The plan expects it to be moving: set the wave's `expect` to `v2` once it has moved."
    assert word == (CheckOutcome.FAIL, why)
    assert soak_effects(told) == []


def test_another_expectation_is_another_soak_and_no_break() -> None:
    told = soaking()
    told.stand(Position.V2, SOAK + 30, V2_OWNER)
    told.story.state = adopt(told.story.state, plan(Expectation.V1).domains[0], (TxtRegistry(),), ZONE)
    assert told.story.status.confirmation == Confirmation()


def test_a_change_of_the_plan_that_expects_the_same_keeps_the_clock() -> None:
    told = soaking()
    told.stand(Position.V2, 100, V2_OWNER)
    kept = told.story.status.confirmation
    told.story.state = adopt(told.story.state, plan(Expectation.V2).domains[0], (TxtRegistry(),), ZONE)
    assert told.story.status.confirmation == kept


def test_a_service_that_fails_breaks_the_soak_and_an_unchecked_one_stops_it() -> None:
    domain = replace(plan(Expectation.V2).domains[0], http=HttpCheck())
    told = soaking()
    told.story.state = initial(domain, (TxtRegistry(),), ZONE)
    told.stand(Position.V2, 30, V2_OWNER)
    assert standing(told, Criterion.SERVICE) == (CheckOutcome.UNKNOWN, "HTTPS on v2 has not been seen to work or fail.")

    def check(failure: ServiceFailure | None) -> None:
        for address in PRESENT[Side.V2]:
            told.story.state, effects = review_service(
                told.story.state,
                checked(told.at, failure, address=address),
                told.story.context,
                PRESENT,
                cut_off=False,
            )
            told.story.effects += effects

    check(None)
    told.stand(Position.V2, 30, V2_OWNER)
    assert standing(told, Criterion.SERVICE) == (CheckOutcome.PASS, "HTTPS works on v2 at all 2 addresses.")
    for _ in range(3):
        check(ServiceFailure.EXPIRED)
    word = standing(told, Criterion.SERVICE)
    assert word is not None
    assert word[0] is CheckOutcome.FAIL
    assert "203.0.113.1 (expired)" in word[1]
    assert soak_effects(told) == ["SoakBroken"]


WEIGHTED_OWNER = owned("v2", "a", "aaaa")


def test_a_weight_of_zero_expects_the_other_side_alone() -> None:
    told = soaking(Expectation.WEIGHTED)
    domain = plan(Expectation.WEIGHTED, Weights(0, 100)).domains[0]
    told.story.state = initial(domain, (TxtRegistry(),), ZONE)
    told.stand(Position.V2, 60, WEIGHTED_OWNER)
    assert standing(told, Criterion.AUTHORITATIVE) == (CheckOutcome.PASS, "All 4 servers answer v2 for A and AAAA.")


# The rules alone, over statuses made by hand: what they may say does not depend on how it came about.


def ready(at: float = 1000.0) -> DomainStatus:
    """A domain that passes everything at `at`."""
    told = soaking()
    told.at = at - 60
    told.stand(Position.V2, 60, V2_OWNER)
    assert told.story.status.confirmation.outcome is CheckOutcome.PASS
    return told.story.status


def judged(status: DomainStatus, at: float = 1000.0, **surroundings: object) -> dict[str, tuple[CheckOutcome, str]]:
    around = with_versions(NEW, NEW)._replace(soak=SOAK, **surroundings)  # type: ignore[arg-type]  # a test's keywords
    confirmation = confirm(status, instant(at), around)
    return {one.name: (one.outcome, one.sentence) for one in confirmation.criteria}


def heard(verdict: ResolverVerdict, failure: FailureReason | None = None) -> ResolverStatus:
    return ResolverStatus(RESOLVER, RecordType.A, AnswerClass.V2, instant(990), verdict=verdict, failure=failure)


@pytest.mark.parametrize(
    ("verdict", "failure", "word", "sentence"),
    [
        (ResolverVerdict.CONVERGED, None, CheckOutcome.PASS, "1 resolver converged (google)."),
        (ResolverVerdict.WAITING, None, CheckOutcome.FAIL, "Not converged: google (A: waiting)."),
        (ResolverVerdict.LATE, None, CheckOutcome.FAIL, "Not converged: google (A: late)."),
        (ResolverVerdict.NEGATIVE, None, CheckOutcome.FAIL, "Not converged: google (A: negative)."),
        (ResolverVerdict.UNKNOWN, None, CheckOutcome.UNKNOWN, "Not answered yet:  google."),
        (ResolverVerdict.UNKNOWN, FailureReason.TIMEOUT, CheckOutcome.UNKNOWN, "No resolver answers (google)."),
    ],
)
def test_resolvers_have_to_have_converged(
    verdict: ResolverVerdict,
    failure: FailureReason | None,
    word: CheckOutcome,
    sentence: str,
) -> None:
    status = ready()._replace(resolvers=(heard(verdict, failure),))
    assert judged(status, resolvers=(RESOLVER,))[Criterion.RESOLVERS] == (word, sentence)


def test_a_resolver_that_is_down_is_not_counted_while_another_one_answers() -> None:
    other = replace(RESOLVER, name="quad9", address="192.0.2.98", group="quad9")
    status = ready()._replace(
        resolvers=(
            heard(ResolverVerdict.CONVERGED),
            heard(ResolverVerdict.UNKNOWN, FailureReason.TIMEOUT)._replace(server=other),
        )
    )
    assert judged(status, resolvers=(RESOLVER, other))[Criterion.RESOLVERS] == (
        CheckOutcome.PASS,
        "1 resolver converged (google); silent, and so not counted: quad9.",
    )


def test_a_plan_without_resolvers_has_no_such_criterion_but_the_drain_clock_counts() -> None:
    assert Criterion.RESOLVERS not in judged(ready())
    draining = ready()._replace(drain=Drain(instant(900), instant(1090), 60))
    assert judged(draining)[Criterion.RESOLVERS] == (
        CheckOutcome.FAIL,
        "Caches that were not queried may lead to v1 until 2026-09-21 14:31:30 UTC (90 s more).",
    )
    assert judged(draining, 1091)[Criterion.RESOLVERS][0] is CheckOutcome.PASS


def finding(severity: Severity) -> Finding:
    return Finding(FindingCode.LAGGARD, severity, NAME, "It is late.", "Hurry.", 0.0)


severities = st.lists(st.sampled_from(Severity), max_size=3)


@given(severities, severities)
def test_adding_a_finding_never_confirms(before: list[Severity], more: list[Severity]) -> None:
    def word(severities: Sequence[Severity]) -> CheckOutcome:
        status = READY._replace(findings=tuple(map(finding, severities)))
        return judged(status)[Criterion.FINDINGS][0]

    if word(before) is CheckOutcome.FAIL:
        assert word([*before, *more]) is CheckOutcome.FAIL
    assert word(before) is (CheckOutcome.PASS if set(before) <= {Severity.INFO} else CheckOutcome.FAIL)


READY = ready()


def moments(status: DomainStatus, at: float, position: Position) -> DomainStatus:
    """The same domain as it would be at another moment: every server has just answered."""
    word = AnswerClass.V2 if position is Position.V2 else AnswerClass.V1

    def server(one: ServerStatus) -> ServerStatus:
        return one._replace(at=instant(at), answer_class=word)

    def record(one: RecordStatus) -> RecordStatus:
        return one._replace(
            state=RecordState(position.value), position=position, servers=tuple(map(server, one.servers))
        )

    return status._replace(records=tuple(map(record, status.records)))


AROUND: Context = with_versions(NEW, NEW)._replace(soak=SOAK, probing=Probing())


@st.composite
def courses(draw: st.DrawFn) -> list[tuple[float, bool, bool]]:
    """Moments with a pause before each, whether servers answered, and whether they answered v2."""
    steps = st.tuples(st.floats(0.1, 400.0), st.booleans(), st.sampled_from([True, True, True, False]))
    return draw(st.lists(steps, max_size=40))


@settings(deadline=None)
@given(courses())
def test_what_is_held_never_exceeds_what_was_watched_and_a_break_starts_again(
    course: list[tuple[float, bool, bool]],
) -> None:
    status, now, watched = READY._replace(confirmation=Confirmation()), 1000.0, 0.0
    begun = newest_evidence(status)
    assert begun is not None
    newest = begun.monotonic
    for pause, answered, right in course:
        now += pause
        if answered:
            since = status.confirmation.since
            seen_from = newest if since is None else max(newest, since.monotonic)
            watched += now - seen_from if now - seen_from <= widest_gap(AROUND) else 0.0
            newest = now
            status = moments(status, now, Position.V2 if right else Position.V1)
        before = status.confirmation
        after = confirm(status, instant(now), AROUND)
        previous, status = status, status._replace(confirmation=after)
        effects = list(soak_changes(previous, status, instant(now)))
        assert after.held <= watched + 1e-6
        assert after.held <= (now - after.since.monotonic if after.since is not None else 0.0) + 1e-6
        assert after.confirmed == (after.held >= SOAK)
        if after.outcome is CheckOutcome.FAIL:
            assert (after.since, after.held, after.confirmed) == (None, 0.0, False)
        if any(isinstance(effect, SoakBroken) for effect in effects):
            assert before.since is not None
            assert after.breaks == before.breaks + 1
            assert after.held == 0.0
        else:
            assert after.held >= before.held or before.since is None


@given(st.floats(1.0, 1_000_000.0))
def test_another_boots_clock_adds_nothing(back: float) -> None:
    running = Confirmation((), CheckOutcome.PASS, instant(2_000_000.0), 100.0, 0.0, instant(2_000_000.0 + back))
    after = confirm(READY._replace(confirmation=running), instant(1000.0), AROUND)
    assert after.held == 100.0
    assert after.until == Instant(*instant(1000.0))


def test_a_restart_goes_on_where_the_clock_stood_and_counts_nothing_of_the_time_between() -> None:
    told = soaking()
    told.stand(Position.V2, 200, V2_OWNER)
    before = told.story.status.confirmation
    told.at += 40.0  # shorter than what an answer may take to come: only the restart itself is the gap
    told.story.state = resume(told.story.state, instant(told.at), SOAK)
    again = told.story.status.confirmation
    assert (again.outcome, again.since, again.held) == (CheckOutcome.UNKNOWN, before.since, before.held)
    told.stand(Position.V2, 60, V2_OWNER)
    after = told.story.status.confirmation
    assert after.held == pytest.approx(before.held + 58, abs=4)
    assert after.unwatched == pytest.approx(42, abs=4)
    assert after.breaks == 0


def test_a_restart_after_longer_than_the_soak_begins_anew_and_confirms_nothing() -> None:
    told = soaking()
    told.stand(Position.V2, SOAK + 60, V2_OWNER)
    assert told.story.status.confirmation.confirmed
    told.at += SOAK + 10
    again = resume(told.story.state, instant(told.at), SOAK).status.confirmation
    assert (again.confirmed, again.held, again.since, again.breaks) == (False, 0.0, None, 1)
    assert again.broken is not None
    assert again.broken.criterion is Criterion.WATCHED


def test_what_never_held_has_nothing_to_go_on_with() -> None:
    fresh = forgotten(READY._replace(confirmation=Confirmation()))
    assert resume(fresh, instant(2_000), SOAK).status.confirmation == Confirmation()


@pytest.mark.case("B14")
def test_a_probe_that_is_behind_confirms_nothing_new_and_takes_nothing_back() -> None:
    told = soaking(soak=300.0)
    told.stand(Position.V2, 200, owned("v2"))
    in_time, held = told.story.context, told.story.status.confirmation.held
    told.story.context = in_time._replace(behind=True)
    told.stand(Position.V2, 400, owned("v2"))
    behind = told.story.status.confirmation
    assert behind.outcome is CheckOutcome.UNKNOWN
    assert behind.held <= held + 10
    assert not behind.confirmed
    told.story.context = in_time
    told.stand(Position.V2, 300, owned("v2"))
    assert told.story.status.confirmation.confirmed
    told.story.context = in_time._replace(behind=True)
    told.stand(Position.V2, 60, owned("v2"))
    assert told.story.status.confirmation.confirmed
