"""The commands `config check`, `config schema` and `config plan`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from probe.cli.commands.config import config_group
from probe.config.json_schema import schema_text

_PLAN = """vantage: seoul
sides:
  v1: {load_balancers: [v1.elb.example.net]}
  v2: {load_balancers: [v2.elb.example.net]}
waves:
  - name: first
    expect: moving
    domains: [%s]
"""


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(config_group, arguments)


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(_PLAN % "a.example.com, b.example.com", encoding="utf-8")
    return path


def test_a_good_plan_gets_one_line_on_stdout(plan: Path) -> None:
    result = _run("check", str(plan))
    assert result.exit_code == 0
    assert result.stdout == f"{plan}: 2 domains in 1 wave, no resolvers, vantage seoul\n"
    assert result.stderr == ""


def test_a_bad_plan_gets_its_mistakes_on_stderr_and_exit_code_1(plan: Path) -> None:
    plan.write_text(_PLAN % "a_b.example.com, c.example.com, c.example.com" + "x: 1\n", encoding="utf-8")
    result = _run("check", str(plan))
    assert result.exit_code == 1
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert [line.removeprefix(f"{plan}:").split(":")[0] for line in lines] == ["8", "8", "9"]


def test_what_a_good_plan_probably_does_not_mean_is_a_warning(plan: Path) -> None:
    cyclic = _PLAN % "a.example.com"
    for side, owner, other in (("v1", "a", "b"), ("v2", "b", "a")):
        flags = f"external_dns: {{txt_owner_id: {owner}, migrate_from_txt_owner: {other}}}"
        cyclic = cyclic.replace(f"[{side}.elb.example.net]", f"[{side}.elb.example.net], {flags}")
    plan.write_text(cyclic, encoding="utf-8")
    result = _run("check", str(plan))
    assert result.exit_code == 0
    assert result.stderr.startswith(f"{plan}:3:")
    assert "a warning: the plan is accepted, because it may tell what runs" in result.stderr
    assert result.stdout == f"{plan}: 1 domain in 1 wave, no resolvers, vantage seoul\n"


@pytest.mark.parametrize("command", ["check", "plan"])
def test_a_missing_file_is_a_sentence_and_exit_code_1(command: str) -> None:
    result = _run(command, "/no/such/plan.yaml")
    assert result.exit_code == 1
    assert result.stderr.startswith("/no/such/plan.yaml:1:1: the plan cannot be read")
    assert "Traceback" not in result.stderr


def test_the_schema_is_printed_for_editors() -> None:
    result = _run("schema")
    assert result.exit_code == 0
    assert result.stdout == schema_text()


def test_the_costs_are_a_table_for_people(plan: Path) -> None:
    result = _run("plan", str(plan))
    assert result.exit_code == 0
    for part in ("2 domains", "AAAA", "TXT", "load balancers", "19.1", "one Route 53 zone for all", "USD", "burst"):
        assert part in result.stdout
    assert "Too much" not in result.stdout


def test_the_costs_are_json_for_programs(plan: Path) -> None:
    result = _run("plan", str(plan), "--output", "json")
    assert result.exit_code == 0
    costs = json.loads(result.stdout)
    assert costs["domains"] == 2
    assert costs["per_domain_minute"] == pytest.approx(19.14, abs=0.01)
    assert [group["group"] for group in costs["groups"]] == ["A", "AAAA", "TXT", "resolvers", "load balancers"]
    assert costs["month"]["queries"] == pytest.approx(2 * 2 * 60 * 24 * 30)
    assert "list prices" in costs["prices"]


def test_a_plan_that_asks_more_of_a_server_than_its_limit_is_told_so(plan: Path) -> None:
    content = _PLAN % ", ".join(f"d{index}.example.com" for index in range(50))
    plan.write_text(
        content + "authoritative: {overrides: {example.com: [192.0.2.53]}}\nprobing: {queries_per_second: 10}\n",
        encoding="utf-8",
    )
    result = _run("plan", str(plan))
    assert result.exit_code == 0
    assert "Too much for example.com: calm turns may fill 80% of the limit" in result.stdout
    assert "160%" in result.stdout
    assert "2.0 times as seldom" in result.stdout


@pytest.mark.case("E9")
def test_init_writes_a_commented_plan_that_is_good(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    result = _run("init", str(path))
    assert result.exit_code == 0
    assert f"cutover-probe config check {path}" in result.stdout
    assert path.read_text(encoding="utf-8").count("#") > 10
    assert _run("check", str(path)).stdout == f"{path}: 2 domains in 1 wave, 2 resolvers, vantage office-seoul\n"
    assert _run("init").stdout == path.read_text(encoding="utf-8")


@pytest.mark.case("E9")
def test_init_overwrites_nothing_and_says_so(plan: Path) -> None:
    before = plan.read_text(encoding="utf-8")
    result = _run("init", str(plan))
    assert result.exit_code == 1
    assert result.stderr == f"{plan} is there already, and is left as it is: name another file.\n"
    assert plan.read_text(encoding="utf-8") == before


@pytest.mark.case("E9")
def test_init_where_nothing_can_be_written_is_a_sentence(tmp_path: Path) -> None:
    result = _run("init", str(tmp_path / "no" / "plan.yaml"))
    assert result.exit_code == 1
    assert result.stderr == f"{tmp_path / 'no' / 'plan.yaml'} cannot be written: No such file or directory.\n"


def test_dashboards_are_written_as_the_chart_has_them(tmp_path: Path) -> None:
    result = _run("dashboards", str(tmp_path / "grafana"))
    assert result.exit_code == 0
    chart = Path(__file__).parents[3] / "deploy" / "helm" / "cutover-probe" / "dashboards"
    written = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "grafana").iterdir()}
    assert written == {path.name: path.read_text(encoding="utf-8") for path in chart.glob("*.json")}
    assert result.stdout.splitlines() == [str(tmp_path / "grafana" / name) for name in sorted(written)]
