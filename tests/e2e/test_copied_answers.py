"""A network that sends each answer three times, loses questions, and lets answers and copies overtake each other."""

from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.daemon import Daemon, daemon
from tests.e2e.plans import FAST, OWNERSHIP, V1, V2, plan_file, plan_text, wave
from tests.e2e.scripted import all_scripted
from tests.wire.scriptable_server import Behaviour, ScriptableServer

pytestmark = pytest.mark.e2e

LOSS = 0.3
DELAYS = {"127.0.0.35": 0.0, "127.0.0.36": 0.2, "127.0.0.37": 0.4}
"""Seconds by which each server's answers come late, at the least."""
SPREAD = 0.6
"""Seconds by which each copy is later still: longer than a turn, so that one server's answers overtake each other, and
copies of what was before a move come after it."""
NAMES = tuple(f"n{number}.example.com" for number in range(8))
MOVED = NAMES[::10]
COPIES = 3
UNHURRIED = {**FAST, "timeout": "2s"}
"""A busy machine must not turn an answer into a timeout."""
ROUNDS = 200
"""Copies that are dropped after the changes, before it is looked whether one of them was believed."""


def answering(server: ScriptableServer, *records: str) -> Behaviour:
    return Behaviour(answer=records, copies=COPIES, spread=SPREAD, loss=LOSS, delay=DELAYS[server.address])


def lead(name: str, address: str, servers: list[ScriptableServer]) -> None:
    for server in servers:
        server.script(f"{name}.", answering(server, f"{name}. 60 IN A {address}"), rdtype="A")


def states(running: Daemon) -> dict[str, str]:
    return {one["name"]: one["state"] for one in running.api("domains")["domains"]}


def test_no_copy_is_believed_and_a_move_is_one_change(command: Path, tmp_path: Path) -> None:
    with all_scripted(*DELAYS) as servers:
        for server in servers:
            server.default = Behaviour(rcode="NXDOMAIN", copies=COPIES, spread=SPREAD)
            for name in NAMES:
                server.script(f"{name}.", answering(server), rdtype="AAAA")
                server.script(f"a-{name}.", answering(server, f"a-{name}. 60 IN TXT {OWNERSHIP}"), rdtype="TXT")
        for name in NAMES:
            lead(name, V1, servers)
        overrides = {"example.com": [f"{each.address}:{each.port}" for each in servers]}
        text = plan_text(wave("first", "moving", *NAMES), authoritative={"overrides": overrides}, probing=UNHURRIED)
        with daemon(command, plan_file(tmp_path, text)) as running:

            def dropped(reason: str) -> float:
                return running.scrape().total("cutover_dropped_responses_total", reason=reason)

            right = dict.fromkeys(NAMES, "v1")
            running.wait_for("all are on v1", lambda: states(running) == right)
            for name in MOVED:
                lead(name, V2, servers)
            right |= dict.fromkeys(MOVED, "v2")
            running.wait_for("they are on v2", lambda: states(running) == right)
            most = dropped("duplicate") + ROUNDS
            running.wait_for("more copies came", lambda: dropped("duplicate") > most)

            told = Counter(event["domain"] for event in running.events("transition_confirmed"))
            assert set(told) <= set(MOVED), "no change is told that was not made"
            assert set(told.values()) == {1}
            assert states(running) == right
            assert running.accusations() == []
            assert dropped("mismatched") == 0
