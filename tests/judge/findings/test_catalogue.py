"""The declarations: none is missing, and each is whole."""

import pytest

from probe.judge.findings.catalogue import CATALOGUE, PATIENCE
from probe.judge.findings.flap_cause import CAUSES
from probe.judge.findings.hazard import HAZARDS
from probe.judge.findings.vantage import ABOUT_NO_DOMAIN
from probe.model.finding import FindingCode, Link, Severity


def test_every_code_is_declared_once_and_nothing_else_is() -> None:
    assert list(CATALOGUE) == list(FindingCode)
    assert PATIENCE.keys() == CATALOGUE.keys()


def test_only_what_one_verdict_decides_between_has_no_rule_of_its_own() -> None:
    assert {code for code, one in CATALOGUE.items() if one.rule is None} == {
        *CAUSES,
        FindingCode.FLIP_FLOP,
        *ABOUT_NO_DOMAIN,
    }


def test_critical_findings_come_first_so_that_the_worst_speaks_for_a_domain() -> None:
    order = [Severity.CRITICAL, Severity.WARNING, Severity.INFO]
    places = [order.index(one.severity) for code, one in CATALOGUE.items() if code not in ABOUT_NO_DOMAIN]
    assert places == sorted(places)


@pytest.mark.parametrize("code", FindingCode)
def test_a_critical_finding_breaks_a_soak_and_blocks_preflight_and_decommission(code: FindingCode) -> None:
    declared = CATALOGUE[code]
    loudest = Severity.CRITICAL
    assert loudest.reaches(declared.breaks_soak)
    assert loudest.reaches(declared.blocks_preflight)
    assert loudest.reaches(declared.blocks_decommission)


def test_hazards_of_ownership_stand_on_what_is_written() -> None:
    assert {CATALOGUE[code].link for code in HAZARDS} == {Link.WRITTEN}


@pytest.mark.parametrize(
    ("severity", "least", "reaches"),
    [
        (Severity.CRITICAL, Severity.WARNING, True),
        (Severity.WARNING, Severity.WARNING, True),
        (Severity.INFO, Severity.WARNING, False),
        (Severity.WARNING, Severity.CRITICAL, False),
        (Severity.CRITICAL, None, False),
    ],
)
def test_a_severity_reaches_what_is_no_louder(severity: Severity, least: Severity | None, *, reaches: bool) -> None:
    assert severity.reaches(least) is reaches
