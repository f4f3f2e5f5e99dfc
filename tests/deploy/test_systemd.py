"""The systemd unit: taken by systemd's own tools, hardened, and right about the program that it starts."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from probe.cli.main import root
from tests.patience import HANG
from tests.real import require

UNIT = Path(__file__).parents[2] / "deploy" / "systemd" / "cutover-probe.service"
TEXT = UNIT.read_text(encoding="utf-8")
PROGRAM = "/opt/cutover-probe/bin/cutover-probe"
MAX_EXPOSURE = 2.0
"""Of 10, as `systemd-analyze security` counts: below 2 only what the work itself needs is left (the network)."""


def _analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [require("systemd-analyze"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANG)


@pytest.mark.real
def test_systemd_takes_every_line(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(TEXT.replace(PROGRAM, "/bin/true"), encoding="utf-8")
    finished = _analyze("verify", str(unit))
    assert (finished.returncode, finished.stderr) == (0, "")
    unit.write_text(unit.read_text(encoding="utf-8").replace("ProtectClock", "ProtectClocks"), encoding="utf-8")
    assert "'ProtectClocks'" in _analyze("verify", str(unit)).stderr


@pytest.mark.real
def test_little_is_left_that_an_intruder_could_use() -> None:
    told = _analyze("security", "--offline=true", "--no-pager", str(UNIT)).stdout
    (exposure,) = re.findall(r"Overall exposure level for \S+: ([0-9.]+)", told)
    assert float(exposure) <= MAX_EXPOSURE


@pytest.mark.parametrize("line", re.findall(r"^ExecStart(?:Pre)?=(.*)$", TEXT, re.MULTILINE))
def test_the_program_has_what_the_unit_asks_of_it(line: str) -> None:
    program, *words = shlex.split(line)
    assert program == PROGRAM
    options = [word for word in words if word.startswith("--")]
    path = [word for word in words[:2] if word.isalpha()]
    told = CliRunner().invoke(root, [*path, "--help"])
    assert told.exit_code == 0
    for option in options:
        assert re.search(rf"(?<!\S){re.escape(option)}(?![\w-])", told.output), option


def test_it_writes_where_the_unit_lets_it() -> None:
    (state,) = re.findall(r"^StateDirectory=(.*)$", TEXT, re.MULTILINE)
    assert f"--state.path /var/lib/{state}/journal.db" in TEXT
