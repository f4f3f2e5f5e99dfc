"""Limits as a container has them: a control group of the kernel's, version 2 or 1, of our own making.

Skipped with a word where none may be made: that takes root's rights, which no package gives.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path("/sys/fs/cgroup")
PERIOD = 100_000
"""Microseconds over which a share of a core is reckoned: Kubernetes' own."""


class ControlGroup(NamedTuple):
    """One group for one controller.

    Attributes:
        folder: Where the kernel shows it.
        is_unified: Version 2, where the same things have other names.
    """

    folder: Path
    is_unified: bool

    def add(self, pid: int) -> None:
        """Put a process into it. What it has by then is charged to where it was."""
        self._write("cgroup.procs", str(pid))

    def limit_cpu(self, cores: float | None) -> None:
        """Give it so much of a core, or all that there is."""
        quota = None if cores is None else round(cores * PERIOD)
        if self.is_unified:
            self._write("cpu.max", f"{quota or 'max'} {PERIOD}")
        else:
            self._write("cpu.cfs_period_us", str(PERIOD))
            self._write("cpu.cfs_quota_us", str(quota or -1))

    def limit_memory(self, octets: int) -> None:
        """Kill a process of it that wants more."""
        self._write("memory.max" if self.is_unified else "memory.limit_in_bytes", str(octets))

    @property
    def throttled(self) -> int:
        """Periods in which it had to stand still."""
        told = dict(line.split() for line in (self.folder / "cpu.stat").read_text(encoding="ascii").splitlines())
        return int(told["nr_throttled"])

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="ascii")


@contextlib.contextmanager
def control_group(controller: str) -> Iterator[ControlGroup]:
    """Make one for a controller (`cpu`, `memory`); whoever is in it has to be gone when the block ends."""
    try:
        group = _made(controller)
    except OSError as error:
        pytest.skip(f"no control group for {controller} can be made here ({error.strerror}): no limit can be tried")
    try:
        yield group
    finally:
        group.folder.rmdir()


def _made(controller: str) -> ControlGroup:
    name = f"cutover-probe-test-{os.getpid()}"
    controllers = ROOT / "cgroup.controllers"
    if not controllers.exists():
        group = ControlGroup(ROOT / controller / name, is_unified=False)
    else:
        (ROOT / "cgroup.subtree_control").write_text(f"+{controller}", encoding="ascii")
        group = ControlGroup(ROOT / name, is_unified=True)
    group.folder.mkdir()
    return group
