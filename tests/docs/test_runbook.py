"""The runbook and the catalogue of findings hold each other."""

import re
from pathlib import Path

import pytest

from probe.judge.findings.catalogue import CATALOGUE
from probe.telemetry.rules.probe import PROBE_CODES

RUNBOOK = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text(encoding="utf-8")
ENTRIES = dict(re.findall(r"^## (\S+)\n\n(.*?)(?=^## |\Z)", RUNBOOK, re.MULTILINE | re.DOTALL))


def test_the_runbook_has_an_entry_for_each_finding_and_each_alert_and_no_other() -> None:
    assert sorted(ENTRIES) == sorted({*CATALOGUE, *PROBE_CODES})


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_an_entry_begins_with_the_severity_of_its_finding(code: str) -> None:
    assert ENTRIES[code].startswith(f"**{CATALOGUE[code].severity.capitalize()}.**")


@pytest.mark.parametrize("code", sorted({*CATALOGUE, *PROBE_CODES}))
def test_an_entry_begins_with_a_severity_and_says_how_to_be_sure_and_what_to_do(code: str) -> None:
    entry = ENTRIES[code]
    assert re.match(r"\*\*(Critical|Warning|Info)\.\*\* ", entry)
    assert "\nBe sure: " in entry
    assert re.search(r"^Do(, in this order)?:", entry, re.MULTILINE)
