"""The examples of a gate are good manifests, and the commands in them do what they are there for."""

import os
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]  # it has no annotations
import pytest
import yaml
from click.testing import CliRunner

from probe.cli.daemon_api import PASSWORD_VARIABLE
from probe.cli.main import root
from probe.config.load import load
from probe.judge.acceptance.waves import waves
from probe.model.plan import Expectation
from probe.model.record import Position
from probe.model.snapshot import Snapshot
from probe.web.web_server import WebServer
from tests.snapshots import calm, domain, snapshot
from tests.web.ports import Far

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
PLAN = """
vantage: test
sides:
  v1: {addresses: [192.0.2.0/24]}
  v2: {addresses: [198.51.100.0/24]}
waves: [{name: internal-tools, expect: v2, domains: [wiki.example.com]}]
"""
KUBERNETES = "1.29"
"""A version that clusters of today still run."""


def manifest(name: str) -> Any:
    return yaml.safe_load((EXAMPLES / name).read_text(encoding="utf-8"))


def wiki(*, confirmed: bool) -> Snapshot:
    """A daemon's present: the wave of the examples, moved long ago or just now."""
    of = snapshot((calm(domain("wiki.example.com", "internal-tools", Expectation.V2), Position.V2),))
    if confirmed:
        return of
    fresh = of.domains[0]._replace(confirmation=of.domains[0].confirmation._replace(held=60.0, confirmed=False))
    return replace(of, domains=(fresh,), waves=waves(of.plan, (fresh,)))


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN, encoding="utf-8")
    return path


@pytest.fixture
def far(plan: Path) -> Far:
    of = wiki(confirmed=True)
    return Far(snapshot=replace(of, plan=replace(of.plan, digest=load(plan).digest)))


@pytest.fixture
def url(far: Far) -> Iterator[str]:
    server = WebServer(far.app(), "127.0.0.1", 0)
    host, port = server.start()
    yield f"http://{host}:{port}"
    server.stop()


def run(words: list[str], url: str, plan: Path) -> tuple[int, str]:
    """Run an example's command as it stands, but for where the daemon is, where the plan is, and how long it waits."""
    there = {"--url": url, "--config": str(plan), "--wait": "0s"}
    arguments = []
    for word in words:
        option, separator, _ = word.partition("=")
        arguments.append(f"{option}={there[option]}" if separator and option in there else word)
    result = CliRunner().invoke(root, arguments, env={**os.environ, PASSWORD_VARIABLE: "secret"})
    return result.exit_code, result.output


def test_the_hook_is_a_good_job() -> None:
    job = manifest("gate-argocd.yaml")
    kubernetes_validate.validate(job, KUBERNETES, strict=True)
    assert job["metadata"]["annotations"]["argocd.argoproj.io/hook"] == "PostSync"


def hook() -> list[str]:
    (container,) = manifest("gate-argocd.yaml")["spec"]["template"]["spec"]["containers"]
    args: list[str] = container["args"]
    return args


def test_the_hooks_command_lets_a_confirmed_wave_pass(url: str, plan: Path) -> None:
    status, told = run(hook(), url, plan)
    assert (status, "Wave internal-tools is confirmed" in told) == (0, True), told


def test_the_hooks_command_holds_a_wave_that_is_not_confirmed(far: Far, url: str, plan: Path) -> None:
    far.snapshot = replace(wiki(confirmed=False), plan=far.snapshot.plan)
    status, told = run(hook(), url, plan)
    assert (status, "29 min of the soak of 30 min are left" in told) == (3, True), told


def test_the_hooks_command_holds_a_wave_by_an_older_plan(url: str, plan: Path) -> None:
    plan.write_text(PLAN + "soak: 1h\n", encoding="utf-8")
    status, told = run(hook(), url, plan)
    assert (status, "has another plan" in told) == (3, True), told


def test_the_hook_has_more_time_than_its_command() -> None:
    spec = manifest("gate-argocd.yaml")["spec"]
    (wait,) = (word for word in hook() if word.startswith("--wait="))
    assert spec["activeDeadlineSeconds"] > 60 * int(wait.removeprefix("--wait=").removesuffix("m"))
    assert spec["backoffLimit"] == 0


def test_the_ci_jobs_command_lets_a_confirmed_wave_pass(url: str, plan: Path) -> None:
    job = manifest("gate-github-actions.yaml")["jobs"]["wave-confirmed"]
    words = shlex.split(job["steps"][0]["run"])[1:]
    joined = [f"{words[0]}"]
    rest = iter(words[1:])
    joined += [f"{word}={next(rest)}" for word in rest]
    status, told = run(joined, url, plan)
    assert (status, '"exit_status": 0' in told) == (0, True), told
    assert list(job["steps"][0]["env"]) == [PASSWORD_VARIABLE]
