"""The pages in a real Chromium."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from probe.model.clock import Instant
from probe.model.snapshot import Snapshot
from probe.web.app import Ports, create_app
from probe.web.server import WebServer
from tests.real import require
from tests.snapshots import NOW, fleet, migration
from tests.web.markup import Page
from tests.web.ports import Far

pytestmark = pytest.mark.real


def browse(snapshots: Iterator[Snapshot], path: str, profile: Path, seconds: int) -> tuple[str, str]:
    """Open a page for some virtual seconds; give what then stands in the document, and what the console says."""
    chromium = require("chromium")
    far = Far()
    server = WebServer(
        create_app(Ports(lambda: next(snapshots), far.expose, lambda: far.reload_status, lambda: 0.0)), "127.0.0.1", 0
    )
    host, port = server.start()
    try:
        run = subprocess.run(
            [
                chromium,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--enable-logging=stderr",
                f"--user-data-dir={profile}",
                f"--virtual-time-budget={seconds * 1000}",
                "--dump-dom",
                f"http://{host}:{port}{path}",
            ],
            capture_output=True,
            check=True,
            timeout=120,
        )
    finally:
        server.stop()
    console = [line for line in run.stderr.decode().splitlines() if "CONSOLE" in line]
    return run.stdout.decode(), "\n".join(console)


def first_then(first: Snapshot, later: Snapshot) -> Iterator[Snapshot]:
    yield first
    while True:
        yield replace(later, at=Instant(NOW.wall + 5, NOW.monotonic + 5))


@pytest.mark.parametrize("path", ["/", "/domains/login.example.com"])
def test_hostile_txt_runs_nothing_and_breaks_no_rule_of_the_policy(path: str, tmp_path: Path) -> None:
    document, console = browse(first_then(migration(), migration()), path, tmp_path, seconds=1)

    assert console == ""
    of = Page(document)
    assert len(of.all("script")) == 1
    assert "<script>alert(1)</script>" in of.text


def test_an_open_page_follows_the_probe_by_itself(tmp_path: Path) -> None:
    document, console = browse(first_then(fleet(2), migration()), "/", tmp_path, seconds=12)

    assert console == ""
    assert "checkout.example.com" in document
    assert "app-0.example.com" not in document
    assert "<title>(5) eu-central-1" in document
