"""Disks as they are on a bad night: full, mounted read-only, slow. Each test has a small file system of its own."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.config.plans import ROOT
from tests.patience import HANG
from tests.real import require
from tests.store import stream
from tests.store.journals import opened, read, told


def on_a_disk(folder: Path, *command: str) -> Any:
    """Let `tests.store.disk` do something on a file system of 2 MiB that only it sees, and give what it says."""
    user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    mount = f"mount -t tmpfs -o size=2m none {folder} || exit 77"
    done = subprocess.run(
        [require("unshare"), "--mount", *user, "sh", "-c", f'{mount}; exec "$@"', "sh", *_python(folder, command)],
        cwd=ROOT,
        capture_output=True,
        timeout=HANG,
        check=False,
    )
    if done.returncode == 77 or b"unshare failed" in done.stderr:
        pytest.skip(f"file systems may not be mounted here: {done.stderr.decode().strip()}")
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout.splitlines()[-1])  # after the log


def _python(folder: Path, command: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "tests.store.disk", str(folder), *command]


def test_a_disk_that_is_full_for_a_while_costs_that_while_and_it_is_said(tmp_path: Path) -> None:
    said = on_a_disk(tmp_path, "full")
    assert "journal.db is full, or state.size is too small: make room" in said["trouble"]
    assert said["dropped"] == 1000
    assert said["lost"] == [1000]
    assert said["moments"] == [*range(1, 201), *range(1201, 1301)]


def test_a_disk_that_is_mounted_read_only_is_said_to_be_and_what_is_on_it_is_read(tmp_path: Path) -> None:
    said = on_a_disk(tmp_path, "read-only")
    assert "Read-only file system" in said["trouble"] or "readonly" in said["trouble"]
    assert said["moments"] == [*range(1, 201)]
    assert said["after"] == [*range(1, 201), *range(401, 501)]  # it was mounted for writing again
    assert said["lost"] == [200]


def test_a_slow_disk_keeps_nobody_waiting_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that takes as long as one likes: entries and readers come and go meanwhile, and are written after it."""
    path = tmp_path / "journal.db"
    journal = opened(path)
    begun, may_end = threading.Event(), threading.Event()
    write = journal._writer.write

    def slowly(batch: Sequence[Any]) -> Any:
        begun.set()
        assert may_end.wait(HANG)
        return write(batch)

    monkeypatch.setattr(journal._writer, "write", slowly)
    entries = [*stream.begins(0, None), *map(stream.entry, range(1, 2001))]
    journal.record(entries[0])
    journal.start()
    assert begun.wait(HANG)
    for entry in entries[1:]:
        journal.record(entry)
    stuck = journal.status()
    assert (stuck.writing, stuck.dropped, stuck.written) == (True, 0, None)  # nothing is called safe that is not
    may_end.set()
    journal.close(HANG)
    assert journal.status().dropped == 0
    assert told(read(path)) == told(entries)
