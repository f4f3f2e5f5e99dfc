"""The workflows lint, and do what the project's own commands do."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.patience import HANG
from tests.real import require

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
EXAMPLE = ROOT / "docs" / "examples" / "gate-github-actions.yaml"


def _read(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506  # text alone
    return read


@pytest.mark.real
@pytest.mark.parametrize("path", [*WORKFLOWS, EXAMPLE], ids=lambda path: path.name)
def test_the_linter_finds_no_fault(path: Path) -> None:
    command = [require("actionlint"), "-no-color", "-shellcheck=", "-pyflakes=", str(path)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANG)
    assert finished.returncode == 0, finished.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_job_may_write_only_what_it_says_and_nothing_is_interpolated_into_a_shell(path: Path) -> None:
    workflow = _read(path)
    assert workflow["permissions"] in ("", {}, {"contents": "read"})
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), step
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] == "false"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_target_that_a_workflow_makes_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)", path.read_text(encoding="utf-8"))) <= targets


def test_every_python_that_the_package_names_is_tried() -> None:
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["classifiers"]
    named = [word for word in (line.rpartition(" :: ")[2] for line in classifiers) if re.fullmatch(r"3\.\d+", word)]
    assert _read(ROOT / ".github/workflows/check.yml")["jobs"]["quick"]["strategy"]["matrix"]["python"] == named


def test_a_release_is_built_for_both_architectures_with_sbom_provenance_and_signatures() -> None:
    jobs = _read(ROOT / ".github/workflows/release.yml")["jobs"]
    (build,) = (step["with"] for step in jobs["image"]["steps"] if "build-push" in step.get("uses", ""))
    assert build["platforms"] == "linux/amd64,linux/arm64"
    assert (build["sbom"], build["provenance"]) == ("true", "mode=max")
    for name in ("image", "chart"):
        assert any("cosign sign" in step.get("run", "") for step in jobs[name]["steps"])
    assert jobs["index"]["permissions"] == {"id-token": "write"}
    assert not any("password" in step.get("with", {}) for step in jobs["index"]["steps"])
