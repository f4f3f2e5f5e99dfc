"""What can be tested of the image where nothing builds it (test_build does): lint, its steps, what the chart wants."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from probe import __version__
from tests.image.test_build import why_not
from tests.real import require

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")
INSTRUCTIONS = [
    (word, rest.replace("\\\n", " ").strip())
    for word, rest in re.findall(r"^([A-Z]+) ((?:[^\n]*\\\n)*[^\n]*)", TEXT, re.MULTILINE)
]
VALUES = yaml.safe_load((ROOT / "deploy/helm/cutover-probe/values.yaml").read_text(encoding="utf-8"))


def _of(word: str) -> list[str]:
    return [rest for instruction, rest in INSTRUCTIONS if instruction == word]


@pytest.mark.real
def test_the_linter_finds_no_fault() -> None:
    finished = subprocess.run(
        [require("hadolint"), str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout


@pytest.mark.real
def test_its_steps_make_a_command_that_runs_without_pip_and_without_the_source(tmp_path: Path) -> None:
    """The RUN lines of the build stage, word by word, with their folders put below a temporary one."""
    if why_not() is None:
        pytest.skip("the image itself is built here, by these steps (test_build.py)")
    source = tmp_path / "src"
    source.mkdir()
    for folder in (".requirements", "probe"):
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, source)
    build_stage = TEXT.split("\nFROM ")[1]
    steps = [
        rest.replace("\\\n", " ")
        for word, rest in re.findall(r"^(RUN) ((?:[^\n]*\\\n)*[^\n]*)", build_stage, re.MULTILINE)
    ]
    assert len(steps) == 3
    for step in steps:
        here = re.sub(r"(?<!\S)/build", f"{tmp_path}/build", step).replace("/opt/", f"{tmp_path}/opt/")
        here = here.replace("python -m venv", f"{sys.executable} -m venv")
        finished = subprocess.run(["/bin/sh", "-ec", here], cwd=source, capture_output=True, text=True, check=False)
        assert finished.returncode == 0, finished.stderr
    command = tmp_path / "opt" / "cutover-probe" / "bin" / "cutover-probe"
    told = subprocess.run([command, "--version"], cwd=tmp_path, env={}, capture_output=True, text=True, check=True)
    assert told.stdout == f"cutover-probe {__version__}\n"
    assert not list(command.parent.glob("pip*"))
    opened = subprocess.run(
        [command.parent / "python", "-c", "import cryptography, probe; print(probe.__file__)"],
        cwd=tmp_path, env={}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert opened.stdout.startswith(str(tmp_path / "opt"))


def test_everything_that_is_copied_is_let_through_by_the_ignore_file() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    copied = [word.rstrip("/") for rest in _of("COPY") if not rest.startswith("--from") for word in rest.split()[:-1]]
    assert ignored[0] == "*"
    assert sorted(copied) == sorted(line.removeprefix("!") for line in ignored if line.startswith("!"))


def test_it_runs_as_the_user_on_the_port_and_with_the_file_that_the_chart_expects() -> None:
    assert _of("USER") == [f"{VALUES['podSecurityContext']['runAsUser']}:{VALUES['podSecurityContext']['runAsGroup']}"]
    assert _of("EXPOSE") == [str(VALUES["web"]["port"])]
    assert [json.loads(rest) for rest in _of("ENTRYPOINT")] == [["cutover-probe"]]
    (command,) = (json.loads(rest) for rest in _of("CMD"))
    assert command == [
        "run",
        "--config",
        "/etc/cutover-probe/plan.yaml",
        "--listen",
        f"[::]:{VALUES['web']['port']}",
    ]


def test_its_version_is_the_programs() -> None:
    chart = yaml.safe_load((ROOT / "deploy/helm/cutover-probe/Chart.yaml").read_text(encoding="utf-8"))
    assert f"VERSION={__version__}" in _of("ARG")
    assert chart["appVersion"] == __version__


def test_it_carries_the_labels_of_the_open_container_initiative() -> None:
    labels = set(re.findall(r"org\.opencontainers\.image\.(\w+)=", " ".join(_of("LABEL"))))
    assert labels >= {"title", "description", "licenses", "version", "revision"}
