"""The compose file and what it mounts: each is read by what will read it."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft7Validator

from probe import __version__
from probe.cli.main import root
from probe.config.load import parse
from tests.chart.rendered import read
from tests.patience import HANG
from tests.real import require

FOLDER = Path(__file__).parents[2] / "deploy" / "compose"
(COMPOSE,) = read((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
SCHEMA = json.loads((Path(__file__).parent / "data" / "compose-spec.json").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def _mounts(service: str) -> dict[str, str]:
    """Where each path of the host, or each volume, stands in a service."""
    return {word.split(":")[0]: word.split(":")[1] for word in SERVICES[service].get("volumes", [])}


def test_it_is_a_compose_file() -> None:
    validator = Draft7Validator(SCHEMA)
    assert [error.message for error in validator.iter_errors(COMPOSE)] == []
    assert list(validator.iter_errors({"services": {"probe": {"imagee": "x"}}}))


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_mounted_exists_and_nobody_else_reaches_it(service: str) -> None:
    for source in _mounts(service):
        assert (FOLDER / source).exists() if source.startswith(".") else source in COMPOSE["volumes"], source
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[service]["ports"])
    assert SERVICES[service]["cap_drop"] == ["ALL"]


def test_the_probe_has_every_option_that_it_is_given_and_a_plan_that_it_takes() -> None:
    command, *options = SERVICES["probe"]["command"]
    told = CliRunner().invoke(root, [command, "--help"]).output
    for option in options:
        assert re.search(rf"(?<!\S){re.escape(option.partition('=')[0])}(?![\w-])", told), option
    plan = parse((FOLDER / "plan" / "plan.yaml").read_text(encoding="utf-8"))
    assert plan.external_url == "http://localhost:9953"
    assert SERVICES["probe"]["image"] == f"cutover-probe:{__version__}"


def test_prometheus_scrapes_the_name_that_the_probe_answers_to() -> None:
    config = yaml.safe_load((FOLDER / "prometheus.yaml").read_text(encoding="utf-8"))
    (job,) = config["scrape_configs"]
    (target,) = job["static_configs"][0]["targets"]
    host, _, port = target.partition(":")
    assert host in SERVICES
    assert f"--web.allowed-host={host}" in SERVICES[host]["command"]
    assert f"127.0.0.1:{port}:{port}" in SERVICES[host]["ports"]
    (alertmanager,) = config["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"]
    assert alertmanager.partition(":")[0] in SERVICES


@pytest.mark.real
def test_promtool_takes_the_scrape_and_the_rules(tmp_path: Path) -> None:
    for source, target in _mounts("prometheus").items():
        if source.startswith("."):
            there = tmp_path / target.removeprefix("/etc/prometheus/")
            there.parent.mkdir(exist_ok=True)
            shutil.copy(FOLDER / source, there)
    command = [require("promtool"), "check", "config", str(tmp_path / "prometheus.yml")]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANG)
    assert finished.returncode == 0, finished.stderr
    assert re.search(r"SUCCESS: \d\d+ rules found", finished.stdout)


@pytest.mark.real
def test_amtool_takes_the_routes_and_they_are_those_of_the_document() -> None:
    path = FOLDER / "alertmanager.yaml"
    command = [require("amtool"), "check-config", str(path)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANG)
    assert "SUCCESS" in finished.stdout
    document = (FOLDER.parents[1] / "docs" / "alerts.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```yaml\n(route:.*?)^```", document, re.MULTILINE | re.DOTALL)
    assert yaml.safe_load(path.read_text(encoding="utf-8")) == yaml.safe_load(shown)


def test_grafana_finds_prometheus_and_the_dashboards() -> None:
    (source,) = yaml.safe_load((FOLDER / "grafana/datasources/prometheus.yaml").read_text(encoding="utf-8"))[
        "datasources"
    ]
    assert source["url"] == "http://prometheus:9090"
    (provider,) = yaml.safe_load((FOLDER / "grafana/dashboards/cutover-probe.yaml").read_text(encoding="utf-8"))[
        "providers"
    ]
    (folder,) = (source for source, target in _mounts("grafana").items() if target == provider["options"]["path"])
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (FOLDER / folder / Path(home).name).is_file()
