"""A daemon that is stopped with SIGSTOP while its servers go on: what it did not see it neither counts nor holds."""

import os
import signal
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from probe.runtime.clock import SystemClock
from tests.e2e.daemon import Daemon, daemon
from tests.e2e.plans import V1, V2, plan_file, plan_text, wave
from tests.e2e.scripted import all_scripted, hold, lead, wait_until_answered
from tests.wire.scriptable_server import ScriptableServer

pytestmark = pytest.mark.e2e

STOPS = tuple(float(one) for one in os.environ.get("DAEMON_STOPS", "1,8").split(","))
"""Seconds; docs/operations.md has the run with up to ten minutes."""
NAME, MOVED = "app.example.com", "moved.example.com"
SERVERS = "127.0.0.31", "127.0.0.32"
ANSWERS = 20
"""Answers after which the daemon is back at work."""
UNWATCHED_FROM = 5.0
"""Seconds of a stop from which on it is a time that nobody watched."""
OLD_FROM = 180.0
"""Seconds of a stop from which on what was known is too old: until it has looked again it says so."""
ROUNDING = 0.1
"""Seconds by which the API rounds two times and a length at most."""


@pytest.fixture
def servers() -> Iterator[list[ScriptableServer]]:
    with all_scripted(*SERVERS) as started:
        for name in (NAME, MOVED):
            hold(name, V1, *started)
        yield started


def confirmation(running: Daemon, name: str = NAME) -> Any:
    return running.domain(name)["confirmation"]


def answers(running: Daemon) -> float:
    return running.scrape().total("cutover_answers_total", domain=NAME)


@pytest.mark.case("F6")
@pytest.mark.parametrize("seconds", STOPS)
def test_what_was_done_and_undone_while_it_was_stopped_is_not_counted_nor_held(
    command: Path, tmp_path: Path, servers: list[ScriptableServer], seconds: float
) -> None:
    """One name leads there and back meanwhile, another moves and stays."""
    zone = {"example.com": [f"{server.address}:{server.port}" for server in servers]}
    waves = wave("first", "v1", NAME), wave("second", "moving", MOVED)
    plan = plan_file(tmp_path, plan_text(*waves, authoritative={"overrides": zone}) + "soak: 1h\n")
    with daemon(command, plan) as running:
        for name in (NAME, MOVED):
            running.wait_until(f"{name} is on v1", lambda scrape, name=name: scrape.state(name) == "v1")  # type: ignore[misc]  # mypy infers no lambda with a default
        running.wait_for("the soak has begun", lambda: confirmation(running)["held"] > 2.0)
        before = confirmation(running)
        running.suspend()
        wait_until_answered(*servers)  # what was on its way is told as it was: seen, and not what this is about
        lead(NAME, V2, *servers)
        lead(MOVED, V2, *servers)
        assert running.ended_within(seconds) is None
        lead(NAME, V1, *servers)
        running.send(signal.SIGCONT)
        seen = answers(running)
        running.wait_for("it is back at work", lambda: answers(running) >= seen + ANSWERS)
        running.wait_until("what moved is told", lambda scrape: scrape.state(MOVED) == "v2")

        after, now = confirmation(running), SystemClock().now().wall
        assert running.states(NAME) == ["unknown", "v1"] * (2 if seconds > OLD_FROM else 1)
        assert {name: running.scrape().transitions(name) for name in (NAME, MOVED)} == {NAME: 0, MOVED: 1}
        assert running.accusations() == []
        if seconds > UNWATCHED_FROM:
            assert after["unwatched"] - before["unwatched"] >= seconds
            since = datetime.fromisoformat(after["since"]).timestamp()
            assert after["held"] <= now - since - seconds + ROUNDING
        assert after["breaks"] == before["breaks"]
