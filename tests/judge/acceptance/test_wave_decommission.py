"""When v1 of a wave may go: now, at a time, or what that waits for."""

from dataclasses import replace

import pytest

from probe.judge.acceptance.wave_decommission import wave_decommission
from probe.model.check import Check, CheckOutcome
from probe.model.clock import Instant
from probe.model.decommission import Decommission, Precondition, WaveDecommission
from probe.model.domain import DomainStatus
from probe.model.plan import Expectation
from probe.model.text import moment
from tests.judge.answers import instant
from tests.plans import plan

PLAN = replace(plan("a.example.com.", "b.example.com.", expectation=Expectation.V2))
WAVE = PLAN.waves[0]


def said(outcome: CheckOutcome, precondition: Precondition, sentence: str, at: Instant | None = None) -> Decommission:
    return Decommission(outcome, (Check(precondition.value, "a", outcome, sentence),), at=at)


GOES = said(CheckOutcome.PASS, Precondition.DRAINED, "No cache leads to v1.")
HELD = said(CheckOutcome.FAIL, Precondition.RELEASED, "a-b.example.com names v1's owner.")


def caches(seconds: float) -> Decommission:
    return said(CheckOutcome.FAIL, Precondition.DRAINED, "Caches may lead to v1.", instant(seconds))


def of(*verdicts: Decommission | None) -> WaveDecommission | None:
    pairs = zip(PLAN.domains, verdicts, strict=True)
    return wave_decommission(WAVE, [DomainStatus(domain, decommission=verdict) for domain, verdict in pairs])


@pytest.mark.case("E5")
def test_all_domains_together_may_lose_v1() -> None:
    told = of(GOES, GOES)
    assert told is not None
    assert (told.outcome, told.at) == (CheckOutcome.PASS, None)
    assert told.sentence == "v1 of wave first may go: nothing that the probe can see forbids it at its 2 domains."


@pytest.mark.case("E5")
def test_where_only_caches_are_waited_for_the_last_of_them_gives_the_time() -> None:
    told = of(caches(30), caches(90))
    assert told is not None
    assert told.at == instant(90)
    assert told.sentence == (
        f"v1 of wave first may go at {moment(instant(90))}, if nothing changes: caches of 2 of its 2 domains "
        "may lead to v1 until then."
    )
    one = of(GOES, caches(30))
    assert one is not None
    assert "caches of 1 of its 2 domains" in one.sentence


def test_the_soak_is_waited_for_by_its_name() -> None:
    soak = said(CheckOutcome.UNKNOWN, Precondition.CONFIRMED, "20 min of the soak are left.", instant(1200))
    alone, both = of(GOES, soak), of(caches(30), soak)
    assert alone is not None
    assert both is not None
    assert alone.sentence.endswith("if nothing changes: the soak of 1 of its 2 domains is not over before.")
    assert both.sentence.endswith("2 of its 2 domains wait for caches that may lead to v1, and for the soak.")
    assert alone.at == both.at == instant(1200)


@pytest.mark.case("E5")
def test_what_has_no_time_is_named_and_no_time_stands_beside_it() -> None:
    told = of(caches(30), HELD)
    assert told is not None
    assert (told.outcome, told.at) == (CheckOutcome.FAIL, None)
    assert told.sentence == ("v1 of wave first may not go: b.example.com (released: a-b.example.com names v1's owner).")


def test_what_is_inferred_is_said_to_be() -> None:
    told = of(GOES, said(CheckOutcome.WARN, Precondition.DRAINED, "inferred"))
    assert told is not None
    assert told.outcome is CheckOutcome.WARN
    assert told.sentence.endswith("Of some caches that is inferred.")


def test_what_cannot_be_told_is_no_leave() -> None:
    told = of(GOES, said(CheckOutcome.UNKNOWN, Precondition.WATCHED, "Nothing was answered lately."))
    assert told is not None
    assert told.sentence == (
        "v1 of wave first is not known to be removable: b.example.com (watched: Nothing was answered lately)."
    )


def test_nothing_is_said_of_a_wave_that_is_not_expected_on_v2() -> None:
    pairs = [DomainStatus(domain) for domain in plan("a.example.com.", expectation=Expectation.V1).domains]
    assert wave_decommission(WAVE, pairs) is None


def test_a_domain_that_is_not_judged_yet_is_not_passed_over() -> None:
    told = of(GOES, None)
    assert told is not None
    assert told.outcome is CheckOutcome.UNKNOWN
    assert told.sentence == "v1 of wave first is not known to be removable: b.example.com (not judged yet)."
