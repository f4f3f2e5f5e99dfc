"""The example of docs/discover.md is run: its clusters and its zone give what the page shows."""

import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from probe.cli.main import root
from probe.config.load import parse
from probe.inventory.reading.api_server import RESOURCES
from probe.inventory.reading.permissions import cluster_role, iam_policy
from probe.inventory.reading.route53_api import MAX_CHECKS, MAX_TRIES, REQUEST_SECONDS, THROTTLED_WAIT
from probe.inventory.reading.zone_transfer import MOST_OCTETS, MOST_RECORDS, TRANSFER_SECONDS
from probe.inventory.wanted.sources import WAVE
from probe.inventory.written.health import HEALTHY_SHARE

PAGE = (Path(__file__).parents[2] / "docs" / "discover.md").read_text(encoding="utf-8")
BLOCKS = {
    match[1]: match[2] for match in re.finditer(r"^```\w+\n[#;] ([\w.]+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
}


@pytest.fixture
def result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Result:
    for name in ("v1.yaml", "v2.yaml", "zone.db"):
        # the page's first line names the file, and counts as one
        (tmp_path / name).write_text(f"{';' if name == 'zone.db' else '#'} {name}\n{BLOCKS[name]}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    command = ["discover", "--v1", "manifests:v1.yaml", "--v2", "manifests:v2.yaml", "--zone", "zone.db"]
    return CliRunner().invoke(root, command, standalone_mode=False)


def test_what_it_says_is_what_the_page_shows(result: Result) -> None:
    said = [line for line in result.stderr.splitlines() if not line.startswith("warning: 2 hosts are wanted by both")]
    shown = BLOCKS["said"].splitlines()
    assert [line for line in shown if line not in said] == []


def test_the_plan_is_what_the_page_shows(result: Result) -> None:
    assert len(parse(result.stdout).domains) == 4
    lines = result.stdout.splitlines()
    positions = [lines.index(line) for line in BLOCKS["plan.yaml"].splitlines()]
    assert positions[0] < positions[-1]


def test_the_role_is_what_is_listed_and_no_more() -> None:
    rules = yaml.safe_load(BLOCKS["ClusterRole.yaml"])["rules"]
    assert {verb for rule in rules for verb in rule["verbs"]} == {"list", "watch"}
    allowed = [(group, kind) for rule in rules for group in rule["apiGroups"] for kind in rule["resources"]]
    assert sorted(allowed) == sorted((resource.group, resource.plural) for resource in RESOURCES)


def test_what_is_printed_is_what_the_page_shows() -> None:
    assert BLOCKS["ClusterRole.yaml"] == cluster_role()
    assert f"```json\n{iam_policy()}```" in PAGE


def test_the_bounds_of_the_page_are_those_of_the_code() -> None:
    waits = sum(THROTTLED_WAIT * 2**number for number in range(MAX_TRIES - 1))
    assert f"asked again up to five times, at growing intervals that\nare drawn by lot ({waits:.0f} s together" in PAGE
    assert (REQUEST_SECONDS, MAX_TRIES - 1, MAX_CHECKS) == (0.5, 5, 200)
    assert f"more than {HEALTHY_SHARE:.0%} of".replace("%", " %") in PAGE
    most = f"ends at {MOST_OCTETS // 1024 // 1024} MiB, {MOST_RECORDS:,} records or {TRANSFER_SECONDS:.0f} s"
    assert most in PAGE


def test_the_page_names_the_label_of_waves() -> None:
    assert f"`{WAVE}: NAME`" in PAGE
