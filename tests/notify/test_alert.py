"""What is told: the labels of the rules, the finding's own words, and nothing that a chat would obey."""

from dataclasses import replace

import pytest

from probe.judge.findings.catalogue import CATALOGUE, PATIENCE
from probe.model.alert import Patience, alert_name
from probe.model.finding import Finding, Severity
from probe.model.home import RUNBOOK
from probe.model.name import canonical
from probe.model.plan import Expectation, Notify
from probe.model.record import Position
from probe.model.snapshot import Snapshot
from probe.notify.alert import Condition, annotations, conditions
from tests.snapshots import HOSTILE, calm, domain, finding, fleet, migration, snapshot
from tests.telemetry.promtool import BY_NAME

MAX_ANNOTATION = 3_000
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


def _with(finding: Finding) -> Snapshot:
    status = calm(domain("shop.example.com", "wave-2", Expectation.V2), Position.V2)
    return snapshot((status._replace(findings=(finding,)),))


def _finding(code: str = "fight-same-owner", sentence: str = "It flaps.", **more: object) -> Finding:
    entry = CATALOGUE[code]
    finding = Finding(
        entry.code, entry.severity, canonical("shop.example.com"), sentence, entry.remedy, 1_800_000_000.0
    )
    return replace(finding, **more)  # type: ignore[arg-type]  # test code


def _only(of: Snapshot) -> Condition:
    (condition,) = conditions(of, PATIENCE)
    return condition


def test_nothing_is_told_while_all_is_well() -> None:
    assert list(conditions(fleet(3), PATIENCE)) == []


def test_a_finding_has_the_labels_of_the_rule_s_alert() -> None:
    assert dict(_only(_with(_finding())).labels) == {
        "alertname": "CutoverFightSameOwner",
        "severity": "critical",
        "domain": "shop.example.com",
        "wave": "wave-2",
        "code": "fight-same-owner",
    }


def test_every_finding_is_told_under_the_name_of_a_rule() -> None:
    assert {alert_name(code) for code in CATALOGUE} <= set(BY_NAME)


def test_the_page_has_the_finding_s_sentence_what_to_do_and_the_newest_evidence() -> None:
    evidence = tuple(f"09:0{minute}:00 A went from v1 to v2" for minute in range(6))

    told = annotations(_only(_with(_finding(sentence="Both write it.", evidence=evidence))))

    assert told["summary"] == "Both write it."
    lines = told["description"].splitlines()
    assert lines[0] == "shop.example.com (wave wave-2): Both write it."
    assert lines[1] == f"What to do: {CATALOGUE['fight-same-owner'].remedy}"
    assert lines[-1] == "- 09:05:00 A went from v1 to v2"
    assert len(lines) == 6


def test_links_lead_where_the_plan_says_and_are_left_out_where_it_says_nothing() -> None:
    of = _with(_finding())
    linked = replace(
        of, plan=replace(of.plan, external_url="https://c.example.com", runbook_url="https://r.example.com/r")
    )

    assert _only(of).link == ""
    assert "dashboard_url" not in annotations(_only(of))
    assert annotations(_only(of))["runbook_url"] == f"{RUNBOOK}#fight-same-owner"
    assert _only(linked).link == "https://c.example.com/domains/shop.example.com"
    assert annotations(_only(linked))["runbook_url"] == "https://r.example.com/r#fight-same-owner"


def test_labels_of_the_plan_stand_on_every_alert_and_never_in_place_of_its_own() -> None:
    of = migration(blind=True)
    labelled = replace(of, plan=replace(of.plan, notify=Notify(labels=(("cluster", "prod"),))))

    assert {dict(one.labels)["cluster"] for one in conditions(labelled, PATIENCE)} == {"prod"}


@pytest.mark.case("F11", "B14")
def test_failing_servers_are_told_with_their_zone_and_a_late_probe_with_its_vantage() -> None:
    found = (
        finding("probe-behind", ".", "The probe is behind."),
        finding("server-failing", "example.com", "ns-1 does not respond."),
    )
    told = list(conditions(replace(migration(), findings=found), PATIENCE))[:2]

    assert [dict(one.labels) for one in told] == [
        {"alertname": "CutoverProbeBehind", "severity": "warning", "vantage": "eu-central-1"},
        {
            "alertname": "CutoverServerFailing",
            "severity": "warning",
            "vantage": "eu-central-1",
            "hosted_zone": "example.com",
        },
    ]
    assert [one.summary for one in told] == [
        "The probe is behind. Give the probe the CPU that it asks for.",
        "ns-1 does not respond. Ask the server for the zone's SOA from elsewhere.",
    ]


def test_a_blind_vantage_and_a_refused_plan_are_told_like_their_rules_do() -> None:
    told = list(conditions(migration(blind=True, reload_error="plan.yaml:3:1: `waves` is empty"), PATIENCE))[:2]

    assert [dict(one.labels) for one in told] == [
        {"alertname": "CutoverProbeBlind", "severity": "warning", "vantage": "eu-central-1"},
        {"alertname": "CutoverReloadFailed", "severity": "warning", "vantage": "eu-central-1"},
    ]
    assert "plan.yaml:3:1: `waves` is empty" in annotations(told[1])["description"]


def test_they_are_as_patient_as_their_rules() -> None:
    """Or Alertmanager would be told by one of both that the other's alert is over."""
    told = list(conditions(migration(blind=True, reload_error="no"), PATIENCE))[:2]

    assert [one.patience for one in told] == [Patience(60.0, 300.0), Patience(60.0, 0.0)]
    for one in told:
        rule = BY_NAME[dict(one.labels)["alertname"]]
        assert rule["for"] == "1m"
        assert rule.get("keep_firing_for", "0s") == ("5m" if one.patience.keep else "0s")


def test_what_dns_says_can_call_nobody_in_a_chat_and_fill_no_page() -> None:
    sentence = f"The owner is <!channel> {HOSTILE} \x1b[31m \u202e" + "x" * 5_000

    told = annotations(_only(_with(_finding(sentence=sentence))))

    for text in told.values():
        assert len(text) <= MAX_ANNOTATION
        assert not set("<>\x1b\u202e") & set(text)


@pytest.mark.parametrize(("length", "end"), [(MAX_ANNOTATION, "xx"), (MAX_ANNOTATION + 1, "x…")])
def test_a_text_that_a_chat_service_takes_is_whole_and_a_longer_one_says_that_it_is_cut(length: int, end: str) -> None:
    told = annotations(_only(_with(_finding()))._replace(summary="x" * length))

    assert len(told["summary"]) == MAX_ANNOTATION
    assert told["summary"].endswith(end)


def test_a_warning_of_a_code_that_is_critical_as_a_rule_is_told_as_a_warning() -> None:
    assert dict(_only(_with(_finding("stale-owner", severity=Severity.WARNING))).labels)["severity"] == "warning"
