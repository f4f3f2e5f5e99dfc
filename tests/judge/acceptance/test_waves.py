"""A wave is confirmed while all of its domains are."""

from dataclasses import replace

from probe.judge.acceptance.waves import wave_status, waves
from probe.model.check import Check, CheckOutcome
from probe.model.confirmation import Confirmation, Criterion
from probe.model.domain import DomainStatus
from probe.model.name import DomainName
from probe.model.plan import Expectation
from probe.model.wave import WaveStatus
from tests.judge.answers import instant
from tests.plans import plan

PLAN = replace(plan("a.example.com.", "b.example.com.", expectation=Expectation.V2), soak=600.0)
PASSING = (Check(Criterion.FINDINGS.value, "b.example.com", CheckOutcome.PASS, "No finding is open."),)
LATE = (
    Check(Criterion.AUTHORITATIVE.value, "b.example.com", CheckOutcome.FAIL, "ns-1 answers v1 for A."),
    Check(Criterion.FINDINGS.value, "b.example.com", CheckOutcome.FAIL, "laggard: It is late."),
)


def holding(held: float, since: float = 0.0) -> Confirmation:
    return Confirmation(PASSING, CheckOutcome.PASS, instant(since), held, confirmed=held >= PLAN.soak)


def of(*confirmations: Confirmation) -> WaveStatus:
    pairs = zip(PLAN.domains, confirmations, strict=True)
    statuses = [DomainStatus(domain, confirmation=confirmation) for domain, confirmation in pairs]
    (wave,) = waves(PLAN, statuses)
    return wave


def test_all_domains_at_the_same_moment() -> None:
    wave = of(holding(700, since=10.0), holding(610, since=20.0))
    assert (wave.confirmed, wave.held_by, wave.held, wave.since) == (True, 2, 610, instant(20.0))
    assert wave.sentence == "Wave first is confirmed: all 2 domains have held every criterion for 10 min 10 s."


def test_the_slowest_domain_says_how_much_of_the_soak_is_left() -> None:
    wave = of(holding(700), holding(240))
    assert (wave.confirmed, wave.held_by, wave.held, wave.outcome) == (False, 1, 240, CheckOutcome.PASS)
    assert wave.sentence == (
        "Wave first holds every criterion at its 2 domains, and 6 min of the soak of 10 min are left."
    )


def test_one_domain_that_fails_is_named_with_its_criteria() -> None:
    wave = of(holding(700), Confirmation(LATE, CheckOutcome.FAIL))
    assert (wave.confirmed, wave.since, wave.outcome) == (False, None, CheckOutcome.FAIL)
    assert wave.sentence == (
        "Wave first does not hold: b.example.com (authoritative and findings): ns-1 answers v1 for A."
    )
    both = of(Confirmation(LATE, CheckOutcome.FAIL), Confirmation(LATE, CheckOutcome.FAIL))
    assert both.sentence.endswith("ns-1 answers v1 for A; the same holds for 1 more of its 2 domains.")


def test_what_nobody_has_judged_yet_cannot_be_told() -> None:
    wave = of(holding(700), Confirmation())
    assert (wave.confirmed, wave.outcome) == (False, CheckOutcome.UNKNOWN)
    assert wave.sentence == "Wave first cannot be told: b.example.com has not been judged yet."


def test_a_wave_without_domains_is_never_confirmed() -> None:
    wave = wave_status(PLAN.waves[0], (), PLAN.soak)
    assert (wave.confirmed, wave.outcome, wave.sentence) == (
        False,
        CheckOutcome.UNKNOWN,
        "Wave first has no domain on this shard.",
    )


def test_a_domain_of_a_wave_that_the_plan_no_longer_has_belongs_to_none() -> None:
    gone = replace(PLAN.domains[0], name=DomainName("c.example.com."), wave="gone")
    assert [wave.total for wave in waves(PLAN, [DomainStatus(gone)])] == [0]
