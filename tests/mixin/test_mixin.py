"""The mixin: its files are the present ones, and jsonnet makes the chart's rules and dashboards of it."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from dashboards.write import texts

from probe.judge.findings.catalogue import CATALOGUE
from probe.telemetry.rules.rules_file import rules_text
from tests.patience import HANG
from tests.real import require

MIXIN = Path(__file__).parents[2] / "deploy" / "mixin"
RULES = rules_text(CATALOGUE.values())
GROUPS = yaml.safe_load(RULES)["groups"]
README = (MIXIN / "README.md").read_text(encoding="utf-8")
ALL = "{rules: mixin.prometheusRules.groups, alerts: mixin.prometheusAlerts.groups, boards: mixin.grafanaDashboards}"


def jsonnet(config: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Render everything with this configuration."""
    text = f"local mixin = (import 'mixin.libsonnet') {{ _config+:: {config} }};\n{ALL}"
    (folder / "night.jsonnet").write_text(text, encoding="utf-8")
    command = [require("jsonnet"), "-J", str(MIXIN), str(folder / "night.jsonnet")]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANG)


def rendered(config: str, folder: Path) -> dict[str, Any]:
    finished = jsonnet(config, folder)
    assert finished.returncode == 0, finished.stderr
    made: dict[str, Any] = json.loads(finished.stdout)
    return made


def of_kind(groups: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [rule for group in groups for rule in group["rules"] if kind in rule]


def test_its_rules_are_the_present_ones() -> None:
    assert (MIXIN / "rules.yaml").read_text(encoding="utf-8") == RULES, "write them anew: make rules"


@pytest.mark.real
def test_jsonnet_makes_the_charts_rules_and_dashboards(tmp_path: Path) -> None:
    made = rendered("{}", tmp_path)

    assert of_kind(made["rules"], "record") == of_kind(GROUPS, "record")
    assert of_kind(made["alerts"], "alert") == of_kind(GROUPS, "alert")
    assert made["boards"] == {name: json.loads(text) for name, text in texts().items()}


@pytest.mark.real
def test_prometheus_takes_what_it_makes(tmp_path: Path) -> None:
    made = rendered("{labels: {team: 'dns'}}", tmp_path)
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"groups": made["rules"] + made["alerts"]}), encoding="utf-8")

    finished = subprocess.run(
        [require("promtool"), "check", "rules", str(file)], capture_output=True, text=True, check=False
    )

    assert finished.returncode == 0, finished.stdout + finished.stderr


@pytest.mark.real
def test_what_the_readme_sets_is_set(tmp_path: Path) -> None:
    (config,) = re.findall(r"_config\+:: (\{.*?\n  \}),\n", README, re.DOTALL)
    made = rendered(config, tmp_path)

    alerts = of_kind(made["alerts"], "alert")
    assert {rule["alert"] for rule in of_kind(GROUPS, "alert")} - {rule["alert"] for rule in alerts} == {
        "CutoverCertificateEnds"
    }
    assert all(rule["labels"]["team"] == "dns" and rule["labels"]["severity"] for rule in alerts)
    assert all("team" not in rule.get("labels", {}) for rule in of_kind(made["rules"], "record"))
    assert all(board["tags"] == ["cutover-probe", "dns", "night"] for board in made["boards"].values())


@pytest.mark.real
@pytest.mark.parametrize(
    ("config", "word"),
    [
        ("{disabled: ['CutoverNothing']}", "no such alert: CutoverNothing"),
        ("{labels: {severity: 'info'}}", "labels must not set severity"),
    ],
)
def test_what_would_silence_by_mistake_is_refused(config: str, word: str, tmp_path: Path) -> None:
    finished = jsonnet(config, tmp_path)

    assert finished.returncode != 0
    assert word in finished.stderr
