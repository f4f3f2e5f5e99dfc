"""docs/alerts.md says what the rules do, and its Alertmanager configuration is one."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from probe.config.load import parse
from probe.judge.findings.catalogue import CATALOGUE
from probe.notify.alert_group import GROUP_BY, GROUP_INTERVAL, GROUP_WAIT, REPEAT_INTERVAL
from tests.patience import HANG
from tests.real import require
from tests.real_monitoring import alertmanager
from tests.telemetry.promtool import BY_NAME, RULES

PLAN = Path(__file__).parents[2] / "config" / "minimal.yaml"
TEXT = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text(encoding="utf-8")


def test_the_table_names_every_alert_with_its_severity_and_patience() -> None:
    documented = re.findall(
        r"^\| \[`(\w+)`\]\(runbook\.md#([\w-]+)\) \| (\w+) \| ([\w ]+) \| (\w*) \|$", TEXT, re.MULTILINE
    )

    expected = []
    for name, rule in BY_NAME.items():
        code = rule["annotations"]["runbook_url"].rpartition("#")[2]
        own = rule["labels"]["severity"]
        severity = CATALOGUE[code].severity.value if "{{" in own else own
        expected.append((name, code, severity, rule.get("for", "at once"), rule.get("keep_firing_for", "")))
    assert documented == expected


@pytest.mark.real
def test_prometheus_takes_the_rules() -> None:
    done = subprocess.run(
        [require("promtool"), "check", "rules", str(RULES)], capture_output=True, check=False, timeout=HANG
    )

    assert done.returncode == 0, done.stderr.decode()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The documented configuration of Alertmanager, in a file; its receivers are at a port where nobody listens."""
    (text,) = re.findall(r"^```yaml\n(route:.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    path = tmp_path / "alertmanager.yml"
    path.write_text(re.sub(r"http://\w+\.example\.com", "http://127.0.0.1:9", text), encoding="utf-8")
    return path


def _amtool(*arguments: str) -> str:
    done = subprocess.run([require("amtool"), *arguments], capture_output=True, text=True, check=False, timeout=HANG)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.real
def test_alertmanager_takes_the_configuration(config: Path) -> None:
    assert "SUCCESS" in _amtool("check-config", str(config))


@pytest.mark.real
@pytest.mark.parametrize(
    ("alert", "severity", "receiver"),
    [
        ("CutoverFightSameOwner", "critical", "night"),
        ("CutoverProbeAbsent", "critical", "night"),
        ("CutoverServerDivided", "warning", "day"),
        ("CutoverDefaultOwner", "info", "nobody"),
    ],
)
def test_each_severity_reaches_whom_it_is_for(config: Path, alert: str, severity: str, receiver: str) -> None:
    labels = (f"alertname={alert}", f"severity={severity}")
    assert _amtool("config", "routes", "test", f"--config.file={config}", *labels).strip() == receiver


@pytest.mark.real
def test_a_fight_silences_what_it_brings_with_it_and_nothing_of_other_domains(config: Path) -> None:
    def alert(name: str, severity: str, **labels: str) -> dict[str, dict[str, str]]:
        return {"labels": {"alertname": name, "severity": severity, **labels}}

    fought = {"domain": "shop.example.com", "wave": "front-ends"}
    other = {"domain": "www.example.com", "wave": "front-ends"}
    alerts = [
        alert("CutoverFightDeleteCreate", "critical", **fought),
        alert("CutoverOutage", "critical", **fought),
        alert("CutoverResolverLate", "warning", **fought),
        alert("CutoverOutage", "critical", **other),
        alert("CutoverProbeBlind", "warning", vantage="seoul"),
    ]
    with alertmanager("", config=yaml.safe_load(config.read_text(encoding="utf-8"))) as service:
        assert service.http.post(f"{service.url}/api/v2/alerts", json=alerts).is_success
        service.wait_for("all of them are there", lambda: len(service.alerts()) == len(alerts), HANG)
        silent = {
            (one["labels"]["alertname"], one["labels"].get("domain"))
            for one in service.alerts()
            if one["status"]["inhibitedBy"]
        }
    assert silent == {("CutoverOutage", "shop.example.com"), ("CutoverResolverLate", "shop.example.com")}


def test_webhooks_are_told_in_the_groups_of_the_documented_route() -> None:
    (text,) = re.findall(r"^```yaml\n(route:.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    route = yaml.safe_load(text)["route"]

    assert tuple(route["group_by"]) == GROUP_BY
    assert (route["group_wait"], route["group_interval"], route["repeat_interval"]) == (
        f"{GROUP_WAIT:g}s",
        f"{GROUP_INTERVAL / 60:g}m",
        f"{REPEAT_INTERVAL / 3600:g}h",
    )
    assert route["routes"][0]["group_wait"] == "0s"  # what is critical does not wait


def test_the_documented_webhooks_are_a_plan(tmp_path: Path) -> None:
    (text,) = re.findall(r"^```yaml\n(notify:\n  webhooks:.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    for name, content in (("slack-url", "https://hooks.example.com/services/T0/B0/x"), ("pager-token", "token")):
        (tmp_path / name).write_text(content)
    plan = PLAN.read_text(encoding="utf-8") + text.replace("/run/secrets/", f"{tmp_path}/")

    assert [one.name for one in parse(plan).notify.webhooks] == ["night-channel", "pager"]
