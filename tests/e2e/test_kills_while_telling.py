"""A daemon that is killed before, while and after it tells a webhook: what holds is told once by each life."""

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from probe.runtime.clock import SystemClock
from tests.e2e.daemon import END, Daemon, daemon
from tests.e2e.plans import V1, plan_file, plan_text, wave
from tests.e2e.scripted import all_scripted, hold
from tests.handled_http import Handler, handled
from tests.wire.scriptable_server import Behaviour, ScriptableServer

pytestmark = pytest.mark.e2e

NAME = "app.example.com"
ANSWERS = 20
"""Answers, and so some looks of the notifier, in which nothing is told a second time."""


class Hook:
    """A webhook that remembers what it was told, and can be made to do something before it says that it has it."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.before: Callable[[], object] = bool
        self.status = 200

    def outages(self) -> list[Any]:
        """Give what it was told of an outage."""
        return [one for post in self.told for one in post["alerts"] if one["labels"]["alertname"] == "CutoverOutage"]


@contextmanager
def listening(hook: Hook) -> Iterator[str]:
    class Telling(Handler):
        def requested(self) -> None:
            told = json.loads(self.content())
            status = hook.status
            if status == 200:
                hook.told.append(told)
            hook.before()
            self.respond(status)

    with handled(Telling) as url:
        yield f"{url}/"


def plan_of(folder: Path, servers: list[ScriptableServer], url: str) -> Path:
    zone = {"example.com": [f"{server.address}:{server.port}" for server in servers]}
    text = plan_text(wave("first", "v1", NAME), authoritative={"overrides": zone})
    return plan_file(folder, text + yaml.safe_dump({"notify": {"webhooks": [{"name": "night", "url": url}]}}))


def fail(servers: list[ScriptableServer]) -> None:
    for server in servers:
        for rdtype in ("A", "AAAA"):
            server.script(f"{NAME}.", Behaviour(rcode="NXDOMAIN"), rdtype=rdtype)


def kill(running: Daemon) -> None:
    running.send(signal.SIGKILL)
    assert running.ended_within(END) == -signal.SIGKILL


def answers(running: Daemon) -> float:
    return running.scrape().total("cutover_answers_total", domain=NAME)


def told_once(running: Daemon, hook: Hook, before: int) -> None:
    """Wait until the outage is told by this life, and see that it is told once."""
    running.wait_until("it is told", lambda scrape: scrape.total("cutover_notifications_total") >= 1)
    enough = answers(running) + ANSWERS
    running.wait_for("the notifier has looked again and again", lambda: answers(running) >= enough)
    assert len(hook.outages()) == before + 1


def make_safe(running: Daemon) -> None:
    now = SystemClock().now().wall
    running.wait_for("what it knows is safe", lambda: running.is_safe(now))


@pytest.mark.parametrize("moment", ["before", "while", "after"])
def test_what_holds_is_told_once_by_each_life_and_is_the_same(command: Path, tmp_path: Path, moment: str) -> None:
    hook = Hook()
    options = ("--state.path", str(tmp_path / "journal.db"))
    with all_scripted("127.0.0.34", "127.0.0.35") as servers, listening(hook) as url:
        hold(NAME, V1, *servers)
        plan = plan_of(tmp_path, servers, url)
        with daemon(command, plan, tmp_path / "first", options=options) as running:
            running.wait_until("it is on v1", lambda scrape: scrape.state(NAME) == "v1")
            if moment == "before":
                hook.status = 503  # it takes nothing: what is known is in the journal and nowhere else
            if moment == "while":
                hook.before = lambda: running.send(signal.SIGKILL)  # told, and never said to be
            fail(servers)
            if moment == "while":
                assert running.ended_within(END) == -signal.SIGKILL
            else:
                running.wait_until("it is out", lambda scrape: "outage" in scrape.findings(NAME))
                if moment == "after":
                    told_once(running, hook, 0)
                make_safe(running)
                kill(running)
        assert len(hook.outages()) == (moment != "before")
        hook.status, hook.before = 200, bool
        begun = len(hook.outages())
        with daemon(command, plan, tmp_path / "second", options=options) as running:
            told_once(running, hook, begun)
            make_safe(running)
            kill(running)
        with daemon(command, plan, tmp_path / "third", options=options) as running:
            told_once(running, hook, begun + 1)
    beginnings = [one["startsAt"] for one in hook.outages()]
    assert len(set(beginnings if moment == "after" else beginnings[begun:])) == 1, "a life knows another outage"
    assert {one["status"] for one in hook.outages()} == {"firing"}
