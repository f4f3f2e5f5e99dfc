"""`cutover-probe demo`: what somebody sees who has nothing but the wheel."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.daemon import Running, running

pytestmark = pytest.mark.e2e


@pytest.fixture
def demo(command: Path, tmp_path: Path) -> Iterator[Running]:
    # At 20 the fight's minute is three seconds, for which a starved machine is behind: it names no cause then.
    arguments: list[str | Path] = [command, "demo", "--speed", "8", "--port", "0"]
    with running(Running, arguments, tmp_path / "log") as started:
        started.find_url()
        yield started


def test_the_demonstration_shows_its_story_on_loopback_and_ends_with_ctrl_c(demo: Running) -> None:
    page = demo.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "admin.example.com" in page.text
    for asset in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text):
        assert demo.get(asset).status_code == 200, asset

    demo.wait_until("the split is weighted", lambda scrape: scrape.state("partners.example.com") == "weighted")
    demo.wait_until("the clean move is on v2", lambda scrape: scrape.state("admin.example.com") == "v2")
    scrape = demo.wait_until("the fight flaps", lambda scrape: scrape.state("shop.example.com") == "flapping")
    assert scrape.transitions("admin.example.com") <= 1  # a slow machine begins to look when it has moved already
    assert scrape.findings("admin.example.com") <= {"resolver-late"}  # the simulated ISP stretches TTLs
    demo.wait_until("its cause is named", lambda scrape: "fight-same-owner" in scrape.findings("shop.example.com"))
    assert "flapping" not in {scrape.state("partners.example.com"), scrape.state("grafana.example.com")}
    assert "A clean move" in demo.text
    assert "A fight" in demo.text
    assert demo.get("/domains/shop.example.com").status_code == 200

    assert _peers(demo.process.pid) <= {"loopback"}
    demo.stop(signal.SIGINT)
    assert "Traceback" not in demo.text


def _peers(pid: int) -> set[str]:
    """Tell where the process' sockets are bound or connected to, by the kernel's own tables."""
    inodes = {
        match.group(1)
        for descriptor in Path(f"/proc/{pid}/fd").iterdir()
        if (match := re.fullmatch(r"socket:\[(\d+)\]", _target(descriptor)))
    }
    found = set()
    for table in ("udp", "udp6", "tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if fields[9] in inodes:
                found |= {_place(fields[1]), _place(fields[2])} - {"none"}
    assert found, "the process has no sockets"
    return found


def _target(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink())
    except FileNotFoundError:  # closed since it was listed
        return ""


def _place(endpoint: str) -> str:
    """Name an address of the kernel's tables: the bytes of each 32-bit word stand in the machine's order."""
    words, _, _port = endpoint.partition(":")
    if set(words) == {"0"}:
        return "none"
    if words.endswith("7F") and len(words) == 8:
        return "loopback"
    return "loopback" if words == "00000000000000000000000001000000" else endpoint
