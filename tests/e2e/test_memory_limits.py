"""A daemon with little memory: with enough of it it lives, and when it ends the daemon says so and dies, and no more.

The limit is that of private memory (RLIMIT_DATA), which fails an allocation. A container's limit kills instead, without
a word: tests/e2e/test_control_groups.py.
"""

import json
import os
import resource
from pathlib import Path

import pytest

from probe.cli.errors import OUT_OF_MEMORY, OUT_OF_THREADS
from tests.bench.contestant import names
from tests.bench.responder import ADDRESS, responders
from tests.e2e.command import call
from tests.e2e.daemon import daemon
from tests.e2e.plans import FAST, plan_file, plan_text, wave
from tests.patience import HANG

pytestmark = pytest.mark.e2e

DOMAINS = int(os.environ.get("MEMORY_DOMAINS", "40"))
"""docs/operations.md has the run with a thousand."""
MIB = 1 << 20
LIMIT = 256 * MIB
"""Bytes: two and a half times what a thousand domains took when this was measured, 98 MiB (docs/benchmarks.md)."""
LITTLE = MIB
"""Bytes that it gets beyond what it has: a thousand domains' first looks want some tens of MiB."""
MANY, SOME = 1000, 500
"""Domains, and entries of the journal: first looks at so many make thousands, so that memory still grows then."""
LAST_WORDS = OUT_OF_MEMORY.decode(), OUT_OF_THREADS.decode()
SLOWLY = {**FAST, "interval": "10s", "txt_interval": "60s", "burst_interval": "1s", "timeout": "2s"}


def watched(folder: Path, domains: int, ports: list[int]) -> Path:
    zone = {"example.com": [f"127.0.0.1:{port}" for port in ports]}
    first = wave("first", "v1", *(name.rstrip(".") for name in names(domains)))
    sides = {"v1": {"addresses": [f"{ADDRESS}/32"]}, "v2": {"addresses": ["198.51.100.0/24"]}}
    return plan_file(folder, plan_text(first, authoritative={"overrides": zone}, sides=sides, probing=SLOWLY))


def see_that_it_is_whole(journal: Path, command: Path, plan: Path) -> None:
    """Have a journal replayed, which says what was said, and resumed from, without an error."""
    replayed = call(command, "replay", journal, "--output", "json")
    assert replayed.status != 1, replayed.err
    lines = [json.loads(line) for line in replayed.out.splitlines()]
    assert [line for line in lines if line["now"] is not None and line["now"] is not line["then"]] == []
    with daemon(command, plan, journal.with_suffix(".log"), options=("--state.path", str(journal))) as running:
        assert running.events("resuming from the journal")
        assert running.api("status")["journal"]["trouble"] == ""
        assert not running.events(level="error")


def private_memory(pid: int) -> int:
    """Give what the kernel counts against RLIMIT_DATA, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmData:"))


def test_with_256_mib_it_sees_every_domain_and_nothing_is_missing(command: Path, tmp_path: Path) -> None:
    with (
        responders(2) as ports,
        daemon(command, watched(tmp_path, DOMAINS, ports), options=("--state.path", str(tmp_path / "j.db"))) as running,
    ):
        resource.prlimit(running.process.pid, resource.RLIMIT_DATA, (LIMIT, LIMIT))
        running.wait_until("it is ready", lambda scrape: scrape.total("cutover_ready") == 1, within=HANG + DOMAINS)
        states = {domain["state"] for domain in running.api("domains")["domains"]}
        assert states == {"v1"}
        assert running.scrape().total("cutover_journal_writing") == 1
        assert running.scrape().total("cutover_journal_dropped_entries_total") == 0


def test_memory_that_ends_is_said_and_the_journal_comes_back_whole(command: Path, tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    options = ("--state.path", str(journal))
    with responders(8) as ports:
        plan = watched(tmp_path, MANY, ports)
        with daemon(command, plan, tmp_path / "first.log", options=options) as running:
            running.wait_for("some of it is safe", lambda: running.api("status")["journal"]["entries"] > SOME)
            most = private_memory(running.process.pid) + LITTLE
            resource.prlimit(running.process.pid, resource.RLIMIT_DATA, (most, most))
            assert running.ended_within(HANG) == 1
            written = running.text
            last_word = next((one for one in LAST_WORDS if written.endswith(one)), "")
            if last_word:  # the log had no room left
                running.log.write_text(written.removesuffix(last_word), encoding="utf-8")
            said = {event["event"] for event in running.events(level="critical")}
            words = {"memory has ended: ending, give the probe more", "ending because a task died"}
            assert said & words or last_word
            assert not running.events("the judge failed over an observation")
            assert running.accusations() == []

        see_that_it_is_whole(journal, command, plan)
