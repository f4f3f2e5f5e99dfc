"""No sign-off over an open finding: a soak, a wave's gate, a decommission, code by code at its declared severity."""

import pytest

from probe.judge.acceptance.decommission import decommission
from probe.judge.acceptance.soak import confirm
from probe.judge.acceptance.waves import wave_status
from probe.judge.findings.catalogue import CATALOGUE
from probe.judge.findings.vantage import ABOUT_NO_DOMAIN
from probe.model.check import CheckOutcome
from probe.model.decommission import Precondition
from probe.model.finding import Finding, FindingCode, Severity
from probe.model.plan import Expectation, Wave
from probe.model.record import Position
from tests.judge.acceptance.test_decommission import Moved
from tests.judge.answers import NAME, instant
from tests.judge.ownership.owned import NEW, Owned, owned, with_versions

ABOUT_A_DOMAIN = sorted(set(FindingCode) - ABOUT_NO_DOMAIN)
NO_MORE_THAN_INFORMATION = {FindingCode.DEFAULT_OWNER}


def finding(code: FindingCode) -> Finding:
    declared = CATALOGUE[code]
    return Finding(code, declared.severity, NAME, "It is wrong.", declared.remedy, 0.0)


@pytest.fixture(scope="module")
def moved() -> Moved:
    """A domain of which v1 may go: confirmed, with nothing open."""
    told = Moved()
    told.story.context = told.story.context._replace(soak=120.0)
    told.move(owned("v1"), owned("v2"))
    assert told.story.status.confirmation.confirmed
    assert told.verdict().outcome is CheckOutcome.PASS
    return told


@pytest.fixture(scope="module")
def rolled_back() -> Owned:
    """A domain of which the rollback is confirmed."""
    back = Owned(with_versions(NEW, NEW)._replace(soak=120.0), Expectation.V1)
    back.stand(Position.V1, 300, owned("v1"))
    assert back.story.status.confirmation.confirmed
    return back


def test_only_what_is_for_information_is_not_in_the_way() -> None:
    assert {code for code in FindingCode if CATALOGUE[code].severity is Severity.INFO} == NO_MORE_THAN_INFORMATION


@pytest.mark.parametrize("code", ABOUT_A_DOMAIN)
def test_neither_confirm_nor_gate_says_yes_while_a_finding_is_open(
    code: FindingCode, moved: Moved, rolled_back: Owned
) -> None:
    for told in (moved, rolled_back):
        at = instant(told.at)
        status = told.story.status._replace(findings=(finding(code),))
        confirmation = confirm(status, at, told.story.context)
        confirmed = code in NO_MORE_THAN_INFORMATION
        assert confirmation.confirmed is confirmed
        assert confirmation.outcome is (CheckOutcome.PASS if confirmed else CheckOutcome.FAIL)
        wave = Wave("first", status.domain.expectation, (status.domain,))
        assert wave_status(wave, [status._replace(confirmation=confirmation)], 120.0).confirmed is confirmed


@pytest.mark.parametrize("code", ABOUT_A_DOMAIN)
def test_decommission_says_no_while_a_finding_is_open(code: FindingCode, moved: Moved) -> None:
    status = moved.story.status._replace(findings=(finding(code),))
    verdict = decommission(status, instant(moved.at), moved.story.context)
    assert verdict is not None
    expected = CheckOutcome.PASS if code in NO_MORE_THAN_INFORMATION else CheckOutcome.FAIL
    assert verdict.outcome is expected
    (clear,) = [one for one in verdict.checks if one.name == Precondition.CLEAR.value]
    assert clear.outcome is expected
