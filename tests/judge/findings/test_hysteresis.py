"""How long a finding has to stand before it is raised, and to be gone before it is cleared."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from probe.judge.findings import diagnose as module
from probe.judge.findings.catalogue import CATALOGUE
from probe.judge.findings.declaration import UNDECIDED, Verdict
from probe.judge.findings.diagnose import diagnose
from probe.judge.findings.evidence import Found
from probe.judge.state import forgotten
from probe.model.domain import DomainStatus
from probe.model.finding import FindingCode, Link
from probe.model.plan import Domain, Expectation
from probe.model.record import RecordState
from tests.judge.answers import NAME, context, instant

CODE = FindingCode.FOREIGN_TARGET


class World:
    """A domain with one finding, whose rule says what the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, when_unknown: bool = False) -> None:
        self.holds: Verdict = None
        self.status = DomainStatus(Domain(NAME, "one", Expectation.V2), RecordState.V2)
        declared = replace(
            CATALOGUE[CODE],
            rule=lambda _status, _at, _context: self.holds,
            pending=lambda _probing: 30.0,
            keep=lambda _probing: 60.0,
            when_unknown=when_unknown,
        )
        monkeypatch.setattr(module, "CATALOGUE", MappingProxyType({CODE: declared}))

    def look(self, at: float, holds: Verdict, state: RecordState = RecordState.V2) -> list[str]:
        self.holds = holds
        findings, awaited = diagnose(forgotten(self.status._replace(state=state)), instant(at), context())
        self.status = self.status._replace(findings=findings, awaited=awaited)
        return [finding.sentence for finding in findings]


YES = Found("It is wrong.")


def test_it_is_raised_once_it_has_held_for_the_declared_time(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch)
    assert world.look(0, YES) == []
    assert world.look(29.9, YES) == []
    assert world.look(30, YES) == ["It is wrong."]
    assert world.status.findings[0].since == instant(30).wall
    assert world.status.awaited == ()


def test_a_break_begins_the_wait_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch)
    world.look(0, YES)
    world.look(20, None)
    assert world.look(40, YES) == []
    assert world.look(69, YES) == []
    assert world.look(70, YES) == ["It is wrong."]


def test_it_is_cleared_once_it_has_been_gone_for_the_declared_time(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch)
    world.look(0, YES)
    world.look(30, YES)
    assert world.look(40, None) == ["It is wrong."]
    assert world.look(99, None) == ["It is wrong."]
    assert world.look(100, None) == []


def test_one_that_comes_back_while_it_is_kept_is_the_same_one(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch)
    world.look(0, YES)
    world.look(30, YES)
    world.look(40, None)
    assert world.look(50, Found("It is wrong again.")) == ["It is wrong again."]
    assert world.status.findings[0].since == instant(30).wall
    assert world.look(99, None) == ["It is wrong again."]


def test_a_rule_that_cannot_tell_keeps_what_is_open_and_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch)
    assert world.look(0, UNDECIDED) == []
    world.look(10, YES)
    world.look(40, YES)
    assert world.look(500, UNDECIDED) == ["It is wrong."]


def test_while_a_domain_is_unknown_nothing_is_raised_or_cleared_and_no_wait_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(monkeypatch)
    world.look(0, YES)
    assert world.look(100, YES, RecordState.UNKNOWN) == []
    assert world.look(110, YES) == []
    assert world.look(140, YES) == ["It is wrong."]
    assert world.look(500, None, RecordState.UNKNOWN) == ["It is wrong."]


def test_what_is_declared_to_hold_while_unknown_is_asked_then_too(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch, when_unknown=True)
    world.look(0, YES, RecordState.UNKNOWN)
    assert world.look(30, YES, RecordState.UNKNOWN) == ["It is wrong."]


def test_a_finding_says_on_which_link_it_stands_and_whether_its_cause_is_inferred(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(monkeypatch)
    world.look(0, YES)
    world.look(30, YES)
    assert (world.status.findings[0].link, world.status.findings[0].inferred) == (Link.SERVED, False)
    world.look(40, YES._replace(inferred=True))
    assert world.status.findings[0].inferred is True
