"""The rules file: complete, present, and nothing in it that does not exist."""

import re
from collections.abc import Iterator
from typing import Any

import promql_parser
import pytest
import yaml

from probe.judge.findings.catalogue import CATALOGUE
from probe.model.advice import always
from probe.model.alert import SOON, alert_name
from probe.model.finding import CatalogueEntry, FindingCode, Link, Severity
from probe.model.first_step import FirstStep
from probe.telemetry.families import FAMILIES
from probe.telemetry.rules.probe import PROBE_CODES
from probe.telemetry.rules.rule import duration
from probe.telemetry.rules.rules_file import rules_text
from tests.telemetry.promtool import BY_NAME, DOCUMENT, RULES

ALERTS = tuple(BY_NAME)
RECORDED = {rule["record"]: rule["expr"] for group in DOCUMENT["groups"] for rule in group["rules"] if "record" in rule}
EXPORTED = {family.name for family in FAMILIES}
PAGES = {
    "fight-same-owner",
    "fight-mutual-migration",
    "fight-version-mix",
    "fight-delete-create",
    "flip-flop",
    "outage",
    "reverted",
    "foreign-target",
    "family-split",
    "premature",
    "service-failing",
}


def _queries(rule: dict[str, Any]) -> Iterator[str]:
    """Every expression of a rule: its own, and those in its templates with a domain put in."""
    yield rule["expr"]
    for template in rule.get("annotations", {}).values():
        for quoted in re.findall(r"(?:query|printf) `([^`]*)`", template):
            yield quoted.replace("%q", '"www.example.com"')


QUERIES = sorted({query for group in DOCUMENT["groups"] for rule in group["rules"] for query in _queries(rule)})


def test_the_file_in_the_chart_is_the_present_one() -> None:
    assert RULES.read_text(encoding="utf-8") == rules_text(CATALOGUE.values()), "write it anew: make rules"


def test_every_finding_has_an_alert_and_every_alert_a_finding_or_a_concern_of_the_probe() -> None:
    assert sorted(ALERTS) == sorted({alert_name(code) for code in (*CATALOGUE, *PROBE_CODES)})


@pytest.mark.parametrize("code", sorted(PAGES))
def test_what_must_wake_somebody_is_critical_in_the_catalogue(code: str) -> None:
    assert CATALOGUE[code].severity is Severity.CRITICAL


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_what_happens_in_one_sentence_and_then_what_to_do(name: str) -> None:
    annotations = BY_NAME[name]["annotations"]

    assert annotations["summary"].removesuffix("{{ end }}").endswith(".")
    assert "\n" not in annotations["summary"]
    assert "\nWhat to do: " in annotations["description"]
    assert set(annotations) == {"summary", "description", "runbook_url", "dashboard_url"}
    assert set(BY_NAME[name]["labels"]) == {"severity"}


@pytest.mark.parametrize("name", ALERTS)
def test_a_link_leads_to_the_runbook_entry_of_the_alert(name: str) -> None:
    anchor = BY_NAME[name]["annotations"]["runbook_url"].rpartition("#")[2]

    assert alert_name(anchor) == name


@pytest.mark.parametrize("query", QUERIES)
def test_every_expression_is_promql_over_series_that_exist(query: str) -> None:
    promql_parser.parse(query)  # or it raises

    for name in re.findall(r"\b(?:domain:|wave:|group:)?cutover_\w+(?::\w+)?", query):
        assert name in EXPORTED or name in RECORDED


@pytest.mark.parametrize("query", QUERIES)
def test_changes_are_never_summed_over_replicas_or_vantages(query: str) -> None:
    if re.search(r"cutover_(transitions|reversals|finding|domain_state|record_state)", query):
        assert not re.search(r"\b(sum|avg)\b", query)


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_series_are_named_level_metric_operation(name: str) -> None:
    assert re.fullmatch(r"[a-z]+:cutover_\w+:\w+", name)


def test_the_alert_for_a_finding_is_as_patient_as_the_model_says() -> None:
    for code, entry in CATALOGUE.items():
        if code in PROBE_CODES:
            continue
        rule, meant = BY_NAME[alert_name(code)], entry.patience
        assert rule.get("for", "0s") == duration(meant.pending)
        assert rule["keep_firing_for"] == duration(meant.keep)


def test_a_flapping_finding_does_not_make_the_alert_flap() -> None:
    for name, rule in BY_NAME.items():
        if "Fight" in name or "FlipFlop" in name:
            assert "for" not in rule
            assert rule["keep_firing_for"] == "10m"


def test_a_new_finding_gets_its_alert_by_itself_and_its_text_is_quoted_safely() -> None:
    entry = CatalogueEntry(
        FindingCode.UNOWNED,
        Severity.WARNING,
        Link.WRITTEN,
        'It says "no": \\ #1 {oops}.',
        always(FirstStep("Do nothing."), ""),
        SOON,
    )

    (rule,) = [
        rule
        for group in yaml.safe_load(rules_text([entry]))["groups"]
        for rule in group["rules"]
        if rule.get("alert") == "CutoverUnowned"
    ]

    assert rule["annotations"]["summary"] == '{{ $labels.domain }}: It says "no": \\ #1 {oops}. Do nothing.'
    assert rule["for"] == "5m"


@pytest.mark.parametrize(("seconds", "text"), [(0, "0s"), (45, "45s"), (90, "90s"), (600, "10m"), (7200, "2h")])
def test_durations_are_written_as_prometheus_does(seconds: float, text: str) -> None:
    assert duration(seconds) == text
