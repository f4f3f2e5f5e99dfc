"""Changing records the way their owners do: RFC 2136 updates, sent by the programs that BIND and Knot ship for it."""

import subprocess

from tests.patience import HANG
from tests.real import require
from tests.real_servers import RealServer

TTL = 5


def point(server: RealServer, name: str, *addresses: str, zone: str, ttl: int = TTL) -> None:
    """Let `name` lead to these IPv4 addresses and nowhere else, in one update."""
    added = [f"update add {name}. {ttl} A {address}" for address in addresses]
    _send(server, zone, [f"update delete {name}. A", *added])


def delete(server: RealServer, name: str, *, zone: str) -> None:
    """Delete every record of `name`."""
    _send(server, zone, [f"update delete {name}."])


def change(server: RealServer, *lines: str, zone: str) -> None:
    """Send these `update ...` lines as one update."""
    _send(server, zone, list(lines))


def _send(server: RealServer, zone: str, lines: list[str]) -> None:
    program = "knsupdate" if server.program == "knotd" else "nsupdate"
    script = [f"server {server.address} {server.port}", f"zone {zone}.", *lines, "send"]
    done = subprocess.run(
        [require(program), "-v"],  # over TCP
        input="\n".join(script) + "\n",
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
    )
    assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"
    assert "failed" not in done.stdout + done.stderr, f"{program}: {done.stdout}{done.stderr}"
