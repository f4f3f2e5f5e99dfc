"""The commands as processes: how signals, a bad plan and a taken port end them, or do not."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from probe.runtime.clock import SystemClock

BOUND = 180.0
"""Seconds after which a process counts as hanging, on however busy a machine. No test that passes waits for it."""

_PLAN = """vantage: seoul
sides:
  v1: {addresses: [192.0.2.0/24]}
  v2: {addresses: [198.51.100.0/24]}
waves:
  - name: first
    expect: moving
    domains: [%s]
authoritative:
  overrides: {example.com: ["127.0.0.1:%d"]}
listen: "127.0.0.1:0"
"""


class Process:
    """A running command; its log is JSON on standard error."""

    def __init__(self, *arguments: str | Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "probe", *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def log_until(self, event: str) -> dict[str, Any]:
        """Read the log up to an event."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            entry: dict[str, Any] = json.loads(line)
            if entry["event"] == event:
                return entry
        raise AssertionError(f"it ended with {self.process.wait(BOUND)} and never said “{event}”")

    def output_until(self, words: str) -> str:
        """Read standard output up to the line that has these words."""
        assert self.process.stdout is not None
        shown = ""
        for line in self.process.stdout:
            shown += line
            if words in line:
                return shown
        raise AssertionError(f"it ended with {self.process.wait(BOUND)} and never said “{words}”: {shown}")

    def end(self, number: signal.Signals) -> tuple[int, str, str]:
        """Send a signal; give the exit status and the rest of its output."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=BOUND)
        return self.process.returncode, out, err


def got(url: str) -> httpx.Response:
    return httpx.get(url, trust_env=False, timeout=BOUND)


@contextmanager
def started(*arguments: str | Path) -> Iterator[Process]:
    process = Process(*arguments)
    try:
        yield process
    finally:
        process.process.kill()
        process.process.communicate()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that swallows questions."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


@pytest.fixture
def plan(tmp_path: Path, silent_port: int) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(_PLAN % ("a.example.com", silent_port))
    return path


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_daemon_that_is_told_to_end_does_so_with_status_0(plan: Path, number: signal.Signals) -> None:
    with started("run", "--config", plan) as daemon:
        daemon.log_until("watching")
        status, _, err = daemon.end(number)
    assert status == 0
    events = [json.loads(line) for line in err.splitlines()]
    assert [entry["event"] for entry in events][-1] == "ended"
    assert not any("exception" in entry for entry in events)


def test_a_daemon_keeps_its_plan_when_the_new_one_is_bad_and_takes_a_good_one_over(
    plan: Path, silent_port: int
) -> None:
    with started("run", "--config", plan) as daemon:
        url = daemon.log_until("watching")["url"]
        assert got(f"{url}-/healthy").status_code == 200
        plan.write_text("vantage: [")
        daemon.process.send_signal(signal.SIGHUP)
        refused = daemon.log_until("the plan was not loaded: the one in force stays")
        assert f"{plan}:1:" in refused["error"]
        reload = httpx.post(f"{url}-/reload", trust_env=False, timeout=BOUND)
        assert reload.status_code == 500
        assert f"{plan}:1:" in reload.text
        assert "cutover_config_last_reload_successful" in got(f"{url}metrics").text
        plan.write_text(_PLAN % ("a.example.com, b.example.com", silent_port))
        assert httpx.post(f"{url}-/reload", trust_env=False, timeout=BOUND).status_code == 200
        names = {one["name"] for one in got(f"{url}api/v1/domains").json()["domains"]}
        assert names == {"a.example.com", "b.example.com"}
        assert daemon.end(signal.SIGTERM)[0] == 0


def test_a_port_that_is_taken_is_a_failure_in_one_sentence(plan: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with started("run", "--config", plan, "--listen", listen) as daemon:
            _, err = daemon.process.communicate(timeout=BOUND)
    assert daemon.process.returncode == 1
    assert err.splitlines()[-1].startswith(f"HTTP cannot be served on {listen}: ")
    assert "Traceback" not in err


def test_a_look_at_servers_that_never_answer_ends_and_says_so(plan: Path) -> None:
    with started("check", "--config", plan, "--timeout", "0.5") as check:
        _, err = check.process.communicate(timeout=BOUND)
    assert check.process.returncode == 1
    assert err.startswith("No server answered anything.")


def test_the_demonstration_shows_its_page_plays_its_story_and_ends_well() -> None:
    with started("demo", "--port", "0", "--speed", "20") as demo:
        shown = demo.output_until("A clean move.")
        assert shown.index("Ctrl-C ends it") < shown.index("The migration is under way.")
        url = next(word for word in shown.split() if word.startswith("http://"))
        assert got(f"{url}api/v1/status").json()["vantage"] == "lab"
        assert got(url).status_code == 200
        seen: set[str] = set()
        end = SystemClock().now().monotonic + BOUND
        while not {"v1", "v2"} <= seen:  # the story goes on whether or not this machine has time to watch it
            assert SystemClock().now().monotonic < end, seen
            assert demo.process.poll() is None
            seen |= {one["state"] for one in got(f"{url}api/v1/domains").json()["domains"]}
        status, _, err = demo.end(signal.SIGINT)
    assert status == 0
    assert "Traceback" not in err


def test_a_demonstration_can_be_of_limited_length() -> None:
    with started("demo", "--port", "0", "--duration", "0.5") as demo:
        demo.process.communicate(timeout=BOUND)
    assert demo.process.returncode == 0
