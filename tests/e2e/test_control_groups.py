"""A daemon in a container's limits: a tenth of a core, and memory of which the kernel gives no more."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.responder import responders
from tests.e2e.control_groups import control_group
from tests.e2e.daemon import daemon
from tests.e2e.plans import V1, V2, plan_file, plan_text, wave
from tests.e2e.scripted import all_scripted, hold, lead
from tests.e2e.test_memory_limits import MANY, MIB, SOME, see_that_it_is_whole, watched
from tests.patience import HANG
from tests.wire.scriptable_server import ScriptableServer

pytestmark = [pytest.mark.e2e, pytest.mark.long]

NAME = "app.example.com"
SERVERS = "127.0.0.33", "127.0.0.34"
TENTH = 0.1
OTHERS = 300
"""Domains that keep it busy beside: at the fastest pace they take several tenths of a core."""
STANDSTILLS = 50
"""Periods of a tenth of a second in which it had to wait for its next share: five seconds at the least."""
GIVES_WAY = "this process has too little CPU for the plan: calm turns give way"
LITTLE = 4 * MIB
"""Bytes that it gets beyond what it has: a thousand domains' first looks want some tens of MiB. They are more than in
tests/e2e/test_memory_limits.py: a group's limit counts cached pages of files, and the kernel's own, as well."""


@pytest.fixture
def servers() -> Iterator[list[ScriptableServer]]:
    with all_scripted(*SERVERS) as started:
        hold(NAME, V1, *started)
        yield started


def test_with_a_tenth_of_a_core_nobody_is_accused_and_what_moved_is_told(
    command: Path, tmp_path: Path, servers: list[ScriptableServer]
) -> None:
    others = [f"n{number}.example.org" for number in range(OTHERS)]
    with control_group("cpu") as group, responders(8) as ports:
        overrides = {
            "example.com": [f"{server.address}:{server.port}" for server in servers],
            "example.org": [f"127.0.0.1:{port}" for port in ports],
        }
        waves = wave("first", "moving", NAME), wave("busy", "v1", *others)
        plan = plan_file(tmp_path, plan_text(*waves, authoritative={"overrides": overrides}))
        with daemon(command, plan) as running:
            running.wait_until("it is ready", lambda scrape: scrape.total("cutover_ready") == 1)
            running.wait_for(
                "all are on v1", lambda: {one["state"] for one in running.api("domains")["domains"]} == {"v1"}
            )
            group.add(running.process.pid)
            group.limit_cpu(TENTH)
            running.wait_for(
                "it was held back, or has given way before",
                lambda: group.throttled > STANDSTILLS or bool(running.events(GIVES_WAY)),
            )
            lead(NAME, V2, *servers)
            most = group.throttled + STANDSTILLS
            running.wait_for(
                "it was held back after the move, or has told of it",  # calm turns give way until its share is enough
                lambda: group.throttled > most or bool(running.events("transition_confirmed")),
            )
            group.limit_cpu(None)
            running.wait_until("it is on v2", lambda scrape: scrape.state(NAME) == "v2")

            assert running.scrape().transitions(NAME) == 1
            assert running.accusations() == []
            changed = {event["domain"] for event in running.events("transition_confirmed")}
            assert changed == {NAME}


def test_whom_the_kernel_kills_for_its_memory_has_a_whole_journal(command: Path, tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    options = ("--state.path", str(journal))
    with control_group("memory") as group, responders(8) as ports:
        plan = watched(tmp_path, MANY, ports)
        with daemon(command, plan, tmp_path / "first.log", options=options) as running:
            running.wait_for("some of it is safe", lambda: running.api("status")["journal"]["entries"] > SOME)
            group.limit_memory(LITTLE)
            group.add(running.process.pid)
            assert running.ended_within(HANG) == -signal.SIGKILL
            assert running.accusations() == []

        see_that_it_is_whole(journal, command, plan)
