"""A daemon that is killed and started again: what it told is still so, and what it did not see is not claimed."""

import json
import random
import signal
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from probe.runtime.clock import SystemClock
from probe.store.journal import FLUSH
from tests.e2e.command import call
from tests.e2e.daemon import END, Daemon, daemon
from tests.e2e.plans import V1, plan_file, plan_text, wave
from tests.e2e.scripted import all_scripted, hold
from tests.wire.scriptable_server import Behaviour, ScriptableServer

pytestmark = pytest.mark.e2e

NAME = "app.example.com"
SERVERS = "127.0.0.21", "127.0.0.22"
KILLS = 5
SAFE_WITHIN = 0.5
"""Seconds after which what was told survives a kill (docs/operations.md) on a machine that has time for it."""


@pytest.fixture
def servers() -> Iterator[list[ScriptableServer]]:
    with all_scripted(*SERVERS) as started:
        hold(NAME, V1, *started)
        yield started


def watched_plan(folder: Path, servers: list[ScriptableServer]) -> Path:
    endpoints = [f"{server.address}:{server.port}" for server in servers]
    text = plan_text(wave("first", "v1", NAME), authoritative={"overrides": {"example.com": endpoints}})
    return plan_file(folder, text)


def since_of(code: str, running: Daemon) -> str:
    (since,) = [finding["since"] for finding in running.domain(NAME)["findings"] if finding["code"] == code]
    return str(since)


def test_what_is_told_waits_for_the_disk_less_than_half_as_long_as_is_promised() -> None:
    assert FLUSH < SAFE_WITHIN / 2


def pause(seconds: float, running: Daemon) -> None:
    """Let the daemon run for so long."""
    assert running.ended_within(seconds) is None


def test_kills_at_random_moments_take_back_nothing_that_was_told(
    command: Path, tmp_path: Path, servers: list[ScriptableServer]
) -> None:
    rng = random.Random(8)
    plan, journal = watched_plan(tmp_path, servers), tmp_path / "journal.db"
    options = ("--state.path", str(journal))
    told = {"answers": 0.0, "transitions": 0.0}
    finding_since = ""
    for life in range(KILLS):
        with daemon(command, plan, tmp_path / f"log-{life}", options=options) as running:
            first = running.wait_until("it is ready", lambda scrape: scrape.total("cutover_ready") == 1)
            assert first.total("cutover_answers_total", domain=NAME) >= told["answers"]
            assert first.total("cutover_transitions_total", domain=NAME) >= told["transitions"]
            assert first.total("cutover_journal_writing") == 1
            if life == 1:
                running.wait_until(
                    "the gap is told", lambda scrape: scrape.total("cutover_journal_unwatched_seconds") > 0
                )
            if life == 2:
                for server in servers:
                    server.script(f"{NAME}.", Behaviour(rcode="NXDOMAIN"), rdtype="A")
                    server.script(f"{NAME}.", Behaviour(rcode="NXDOMAIN"), rdtype="AAAA")
                running.wait_until("it is out", lambda scrape: "outage" in scrape.findings(NAME))
                finding_since = since_of("outage", running)
            if life > 2:
                assert "outage" in first.findings(NAME)
                assert since_of("outage", running) == finding_since
                assert not running.events("finding_raised", code="outage")
            pause(rng.uniform(0.0, 1.0), running)
            scrape = running.scrape()
            told = {
                "answers": scrape.total("cutover_answers_total", domain=NAME),
                "transitions": scrape.total("cutover_transitions_total", domain=NAME),
            }
            scraped = SystemClock().now().wall
            running.wait_for("what it told is safe", partial(running.is_safe, scraped))
            running.send(signal.SIGKILL)
            assert running.ended_within(END) == -signal.SIGKILL

    replayed = call(command, "replay", journal, "--output", "json")
    lines = [json.loads(line) for line in replayed.out.splitlines()]
    assert replayed.status == 2, replayed.err  # an outage is critical
    assert [line["event"] for line in lines].count("watch_begun") == KILLS
    differing = [line for line in lines if line["now"] is not None and line["now"] is not line["then"]]
    assert differing == [], "a replay says something else than was said"
    assert any(line["event"] == "finding_raised" and line["code"] == "outage" for line in lines)


def test_what_is_wrong_with_a_journal_is_said_everywhere_and_the_watch_goes_on(
    command: Path, tmp_path: Path, servers: list[ScriptableServer]
) -> None:
    plan, journal = watched_plan(tmp_path, servers), tmp_path / "journal.db"
    connection = sqlite3.connect(journal)
    connection.execute("CREATE TABLE customers (name TEXT)")
    connection.commit()
    connection.close()
    content = journal.read_bytes()

    with daemon(command, plan, options=("--state.path", str(journal))) as running:
        running.wait_until("it is known", lambda scrape: scrape.state(NAME) == "v1")
        assert running.scrape().total("cutover_journal_writing") == 0
        said = "is a database of another program and is left as it is"
        assert said in running.api("status")["journal"]["trouble"]
        assert said in running.get("/").text
        assert any(
            said in entry["reason"]
            for entry in running.events("the journal is not written: the probe continues in memory")
        )

    assert journal.read_bytes() == content


def test_without_a_path_nothing_is_kept_and_nothing_is_said_of_it(
    command: Path, tmp_path: Path, servers: list[ScriptableServer]
) -> None:
    with daemon(command, watched_plan(tmp_path, servers)) as running:
        running.wait_until("it is known", lambda scrape: scrape.state(NAME) == "v1")
        assert running.scrape().series("cutover_journal_writing") == []
        assert running.api("status")["journal"] is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan.log", "plan.yaml"]


def test_a_demonstration_with_a_journal_is_told_again_by_replay(command: Path, tmp_path: Path) -> None:
    journal = tmp_path / "demo.db"
    shown = call(command, "demo", "--duration", "8", "--speed", "20", "--port", "0", "--state.path", journal)
    assert shown.status == 0, shown.err
    again = call(command, "demo", "--duration", "1", "--port", "0", "--state.path", journal)
    assert again.status == 1
    assert "exists already" in again.err

    told = call(command, "replay", journal)

    # On a machine without time for it eight seconds end before much is known (3).
    assert told.status in (0, 2, 3), told.err
    assert "a watch of" in told.out
    assert "0 only now, 0 only then." in told.out
