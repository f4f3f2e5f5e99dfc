"""How the daemon begins and ends, and what it says when it cannot begin."""

import signal
import socket
from pathlib import Path

import pytest

from tests.e2e.command import call
from tests.e2e.daemon import daemon
from tests.e2e.plans import plan_file, plan_text, wave
from tests.patience import HANG

pytestmark = pytest.mark.e2e

NOWHERE = {"overrides": {"example.com": ["127.0.0.99:5399"]}}


def plan(folder: Path, listen: str = "127.0.0.1:0") -> Path:
    return plan_file(folder, plan_text(wave("first", "v1", "app.example.com"), authoritative=NOWHERE, listen=listen))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_status_0_when_it_is_told_to(command: Path, tmp_path: Path, number: signal.Signals) -> None:
    with daemon(command, plan(tmp_path), tmp_path / "log") as running:
        assert running.get("/-/healthy").status_code == 200
        running.stop(number)


def test_it_ends_well_while_a_client_keeps_its_connection(command: Path, tmp_path: Path) -> None:
    with daemon(command, plan(tmp_path), tmp_path / "log") as running:
        host, _, port = running.url.removeprefix("http://").rpartition(":")
        with socket.create_connection((host, int(port)), timeout=HANG) as client:
            client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n")  # never finished
            running.stop()


def test_a_port_that_is_taken_is_said_in_a_sentence(command: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = "{}:{}".format(*taken.getsockname())
        ended = call(command, "run", "--config", plan(tmp_path, listen=address))
    assert ended.status == 1
    assert f"HTTP cannot be served on {address}: Address already in use." in ended.err
    assert "Traceback" not in ended.err


def test_a_bad_plan_is_answered_with_all_of_its_mistakes(command: Path, tmp_path: Path) -> None:
    path = plan(tmp_path)
    text = path.read_text(encoding="utf-8")
    text = text.replace("expect: v1", "expect: soon").replace("vantage: e2e", "vantage: [e2e]")
    path.write_text(text.replace("grace: 3s", "grace: 3h"), encoding="utf-8")
    ended = call(command, "run", "--config", path)
    assert ended.status == 1
    assert ended.err.count("plan.yaml:") == 3, ended.err
    assert "Traceback" not in ended.err


def test_a_missing_plan_is_said_in_a_sentence(command: Path, tmp_path: Path) -> None:
    ended = call(command, "run", "--config", tmp_path / "nowhere.yaml")
    assert ended.status == 1
    assert "nowhere.yaml" in ended.err
    assert "Traceback" not in ended.err


def test_a_flag_that_does_not_exist_is_said_with_the_one_that_may_be_meant(command: Path, tmp_path: Path) -> None:
    ended = call(command, "run", "--confg", plan(tmp_path))
    assert ended.status == 1
    assert "--config" in ended.err


def test_the_command_tells_its_version_and_its_commands(command: Path) -> None:
    version = call(command, "--version")
    assert version.status == 0
    assert "cutover-probe" in version.out
    helped = call(command, "--help")
    assert helped.status == 0
    assert all(name in helped.out for name in ("run", "check", "demo", "config"))
