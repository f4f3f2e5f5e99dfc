"""`cutover-probe config`, from the wheel: nothing of the checkout is needed for it."""

import json
from pathlib import Path

import pytest

from probe.config.json_schema import json_schema
from tests.e2e.command import call
from tests.e2e.installed import ROOT

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("example", ["example.yaml", "minimal.yaml"])
def test_the_shipped_examples_are_good(command: Path, example: str) -> None:
    checked = call(command, "config", "check", ROOT / "config" / example)
    assert checked.status == 0, checked
    assert "domain" in checked.out


def test_a_bad_plan_is_said_with_file_line_and_column(command: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        (ROOT / "config" / "minimal.yaml").read_text(encoding="utf-8").replace("expect: moving", "expect: x")
    )
    checked = call(command, "config", "check", bad)
    assert checked.status == 1
    line = next(
        number
        for number, text in enumerate(bad.read_text(encoding="utf-8").splitlines(), start=1)
        if "expect: x" in text
    )
    assert f"{bad}:{line}:13: " in checked.err
    assert checked.out == ""


def test_the_schema_is_printed_for_editors(command: Path) -> None:
    printed = call(command, "config", "schema")
    assert printed.status == 0
    assert json.loads(printed.out) == json_schema()


def test_the_plan_of_questions_says_what_it_costs(command: Path) -> None:
    shown = call(command, "config", "plan", ROOT / "config" / "example.yaml")
    assert shown.status == 0
    assert "Route 53 bills" in shown.out
    assert "\x1b" not in shown.out
    programs = call(command, "config", "plan", "--output", "json", ROOT / "config" / "example.yaml")
    assert json.loads(programs.out)["domains"] == 13


@pytest.mark.case("E9")
def test_a_plan_to_start_from_and_the_dashboards_come_with_the_wheel(command: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    assert call(command, "config", "init", plan).status == 0
    assert call(command, "config", "check", plan).status == 0
    written = call(command, "config", "dashboards", tmp_path / "grafana")
    assert written.status == 0
    assert len(written.out.splitlines()) == len(list((tmp_path / "grafana").glob("*.json"))) == 3
