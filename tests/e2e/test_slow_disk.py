"""A daemon whose every write to its journal is slow, by the kernel's own doing: the watch waits for none of them."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from probe.runtime.clock import SystemClock
from tests.e2e.daemon import Daemon, daemon
from tests.e2e.plans import V1, V2, plan_file, plan_text, wave
from tests.e2e.scripted import all_scripted, hold, lead
from tests.patience import HANG
from tests.real import require

pytestmark = pytest.mark.e2e

NAME = "app.example.com"
SECONDS = float(os.environ.get("SLOW_WRITES", "0.2"))
"""That each write takes; what the daemon knows is some thirty of them."""
WRITES = "write,pwrite64,fsync,fdatasync,ftruncate"


@contextmanager
def slow_writes(running: Daemon, journal: Path, log: Path) -> Iterator[None]:
    """Let each system call that writes to the journal's files take `SECONDS`."""
    files = [part for path in (journal, journal.with_name(f"{journal.name}-wal")) for part in ("-P", str(path))]
    delayed = f"inject={WRITES}:delay_enter={SECONDS * 1_000_000:.0f}"
    command = [require("strace"), "-f", "-q", "-o", str(log), "-e", f"trace={WRITES}", "-e", delayed, *files]
    with subprocess.Popen([*command, "-p", str(running.process.pid)], stderr=subprocess.PIPE, text=True) as tracing:
        try:
            running.wait_for("writes are slow", lambda: tracing.poll() is not None or _is_traced(running))
            if tracing.poll() is not None and tracing.stderr is not None:
                pytest.skip(f"processes may not be traced here: {tracing.stderr.read().strip()}")
            yield
        finally:
            tracing.terminate()


def _is_traced(running: Daemon) -> bool:
    try:
        threads = [one / "status" for one in Path(f"/proc/{running.process.pid}/task").iterdir()]
        return not any("TracerPid:\t0\n" in status.read_text(encoding="ascii") for status in threads)
    except OSError:  # one of them has ended meanwhile
        return False


def test_a_disk_on_which_each_write_is_slow_holds_up_nothing_and_loses_nothing(command: Path, tmp_path: Path) -> None:
    journal, writes = tmp_path / "journal.db", tmp_path / "writes"
    options = ("--state.path", str(journal))
    with all_scripted("127.0.0.36") as servers:
        hold(NAME, V1, *servers)
        zone = {"example.com": [f"{server.address}:{server.port}" for server in servers]}
        plan = plan_file(tmp_path, plan_text(wave("a", "moving", NAME), authoritative={"overrides": zone}))
        with daemon(command, plan, tmp_path / "first.log", options=options) as first:
            first.wait_until("it is on v1", lambda scrape: scrape.state(NAME) == "v1")
            with slow_writes(first, journal, writes):
                lead(NAME, V2, *servers)
                first.wait_until("its move is seen", lambda scrape: scrape.state(NAME) == "v2")
                moved = SystemClock().now().wall
                first.wait_for("its move is safe", lambda: first.is_safe(moved), (1 + SECONDS) * HANG)
                told = first.domain(NAME)["records"][0]["recent"]
                first.stop()
                assert first.accusations() == []
                assert first.events("shutting down")
            assert writes.read_text(encoding="utf-8", errors="replace").count("(DELAYED)") > 10
        with daemon(command, plan, tmp_path / "second.log", options=options) as second:
            known = second.domain(NAME)["records"][0]
            assert [one["after"] for one in told] == ["v2"]
            assert known["recent"] == told
            assert second.accusations() == []
