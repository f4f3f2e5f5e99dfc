"""A network that sends each answer three times, loses a third of the questions and lets answers overtake each other."""

from pathlib import Path

import pytest

from tests.e2e.daemon import daemon
from tests.e2e.plans import FAST, OWNERSHIP, V1, V2, plan_file, plan_text, wave
from tests.e2e.scripted import all_scripted
from tests.wire.scriptable_server import Behaviour, ScriptableServer

pytestmark = pytest.mark.e2e

DELAYS = {"127.0.0.35": 0.0, "127.0.0.36": 0.2, "127.0.0.37": 0.4}
"""Seconds by which each server's answers come late: longer than a turn, so that one server's overtake another's."""
NAMES = tuple(f"n{number}.example.com" for number in range(8))
MOVED = NAMES[0]
COPIES = 3
LOSS = 0.3
UNHURRIED = {**FAST, "timeout": "2s"}
"""A busy machine must not turn an answer into a timeout."""
ROUNDS = 200
"""Copies that are dropped after a change, before it is looked whether one of them was believed."""


def answering(server: ScriptableServer, *records: str) -> Behaviour:
    return Behaviour(answer=records, copies=COPIES, loss=LOSS, delay=DELAYS[server.address])


def lead(name: str, address: str, servers: list[ScriptableServer]) -> None:
    for server in servers:
        server.script(f"{name}.", answering(server, f"{name}. 60 IN A {address}"), rdtype="A")


def test_no_copy_is_believed_and_a_move_is_one_change(command: Path, tmp_path: Path) -> None:
    with all_scripted(*DELAYS) as servers:
        for server in servers:
            server.default = Behaviour(rcode="NXDOMAIN", copies=COPIES)
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

            for name in NAMES:
                running.wait_until(f"{name} is on v1", lambda scrape, name=name: scrape.state(name) == "v1")  # type: ignore[misc]  # mypy infers no lambda with a default
            lead(MOVED, V2, servers)
            running.wait_until("it is on v2", lambda scrape: scrape.state(MOVED) == "v2")
            most = dropped("duplicate") + ROUNDS
            running.wait_for("more copies came", lambda: dropped("duplicate") > most)

            scrape = running.scrape()
            assert {name: scrape.transitions(name) for name in NAMES} == {name: int(name == MOVED) for name in NAMES}
            assert {scrape.state(name) for name in NAMES if name != MOVED} == {"v1"}
            assert running.accusations() == []
            assert dropped("mismatched") == 0
