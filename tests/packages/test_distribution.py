"""What is published: a source archive from which all can be built, tested and read, and what the package says."""

import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest

from probe import __version__
from probe.model.home import HOME

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TRACKED_ELSEWHERE = {".gitignore"}
"""What a repository needs and an archive does not."""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the source archive, below its one folder."""
    into = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", str(into), str(ROOT)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    with tarfile.open(into / f"cutover_probe-{__version__}.tar.gz") as opened:
        read = {member.name: opened.extractfile(member) for member in opened.getmembers() if member.isfile()}
        return {name.partition("/")[2]: file.read() for name, file in read.items() if file is not None}


def test_the_archive_has_all_that_the_repository_has(archive: dict[str, bytes]) -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("This is no checkout: nothing says what belongs to it.")
    tracked = {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}

    assert sorted(tracked - TRACKED_ELSEWHERE - archive.keys()) == []
    assert not [name for name in archive if "__pycache__" in name or name.startswith((".venv", ".git/"))]


def test_what_the_program_needs_at_run_time_is_inside_the_package(archive: dict[str, bytes]) -> None:
    inside = {name for name in archive if name.startswith("probe/cli/files/")}
    assert {"probe/cli/files/start.yaml", "probe/cli/files/dashboards/cutover-overview.json"} <= inside


def test_the_index_shows_pages_and_every_python_that_the_locks_are_for(archive: dict[str, bytes]) -> None:
    told = archive["PKG-INFO"].decode()

    for name, url in PROJECT["urls"].items():
        assert f"Project-URL: {name}, {url}" in told
    for minor in range(11, 15):
        assert f"Classifier: Programming Language :: Python :: 3.{minor}" in told
    assert f"]({HOME}/blob/main/docs/night.md)" in told


def test_the_oldest_dependencies_are_locked_as_the_package_allows_them() -> None:
    """`make lowest` tests with these; `make lock` writes them."""
    locked = (ROOT / ".requirements" / "lowest.txt").read_text(encoding="utf-8")
    allowed = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["encryption"]]

    for line in allowed:
        name, _, version = line.partition(">=")
        name = name.partition("[")[0]
        pinned = next(row for row in locked.splitlines() if row.startswith(f"{name}=="))
        found = pinned.removeprefix(f"{name}==").split()[0]
        assert found == version or found.removesuffix(".0") == version or found.startswith(f"{version}."), pinned


@pytest.mark.parametrize("path", sorted((ROOT / ".requirements").glob("*.txt")), ids=lambda path: path.name)
def test_a_lock_holds_hashes_and_names_no_index(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    pinned = [line for line in text.splitlines() if "==" in line and not line.startswith((" ", "#"))]

    assert pinned
    assert all(line.endswith("\\") for line in pinned)
    assert not [line for line in text.splitlines() if line.startswith("-")], "no option of pip belongs into a lock"
    assert "://" not in text
