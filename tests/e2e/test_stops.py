"""A daemon that is stopped with SIGSTOP while its servers go on: what it did not see it neither counts nor holds."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.daemon import Daemon, daemon
from tests.e2e.plans import V1, V2, plan_file, plan_text, wave
from tests.e2e.scripted import all_scripted, hold, lead
from tests.wire.scriptable_server import ScriptableServer

pytestmark = pytest.mark.e2e

NAME = "app.example.com"
SERVERS = "127.0.0.31", "127.0.0.32"
ANSWERS = 20
"""Answers after which the daemon is back at work."""


@pytest.fixture
def servers() -> Iterator[list[ScriptableServer]]:
    with all_scripted(*SERVERS) as started:
        hold(NAME, V1, *started)
        yield started


def confirmation(running: Daemon) -> Any:
    return running.domain(NAME)["confirmation"]


def answers(running: Daemon) -> float:
    return running.scrape().total("cutover_answers_total", domain=NAME)


@pytest.mark.case("F6")
@pytest.mark.parametrize("seconds", [1.0, 8.0])
def test_what_was_done_and_undone_while_it_was_stopped_is_not_counted_nor_held(
    command: Path, tmp_path: Path, servers: list[ScriptableServer], seconds: float
) -> None:
    zone = {"example.com": [f"{server.address}:{server.port}" for server in servers]}
    plan = plan_file(tmp_path, plan_text(wave("first", "v1", NAME), authoritative={"overrides": zone}) + "soak: 1h\n")
    with daemon(command, plan) as running:
        running.wait_until("it is on v1", lambda scrape: scrape.state(NAME) == "v1")
        running.wait_for("the soak has begun", lambda: confirmation(running)["held"] > 2.0)
        before = confirmation(running)
        running.send(signal.SIGSTOP)
        lead(NAME, V2, *servers)
        assert running.ended_within(seconds) is None
        lead(NAME, V1, *servers)
        running.send(signal.SIGCONT)
        seen = answers(running)
        running.wait_for("it is back at work", lambda: answers(running) >= seen + ANSWERS)

        after = confirmation(running)
        assert running.states(NAME) == ["unknown", "v1"]
        assert running.scrape().transitions(NAME) == 0
        assert running.accusations() == []
        if seconds > 5.0:  # from which on it is a time that nobody watched
            assert after["unwatched"] - before["unwatched"] >= seconds
        assert after["breaks"] == before["breaks"]
