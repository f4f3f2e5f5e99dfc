"""Calling the installed command as a user's shell does."""

import os
import pty
import subprocess
from pathlib import Path
from typing import NamedTuple

LONGEST = 180.0
"""Seconds after which a call counts as hanging: many times what any of them takes, on however busy a machine."""


class Called(NamedTuple):
    """How a call ended, and what it wrote."""

    status: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    """Give what a login shell would: nothing of the tests' own settings, so that only the wheel's code is found."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", **more}


def call(command: Path, *arguments: str | Path, **more_environment: str) -> Called:
    """Run the command to its end, with nobody at its terminal."""
    done = subprocess.run(
        [command, *arguments],
        cwd=command.parent,
        env=environment(**more_environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    return Called(done.returncode, done.stdout, done.stderr)


def call_on_a_terminal(command: Path, *arguments: str) -> tuple[int, str]:
    """Run the command with its output on a terminal of its own; give its status, and everything that it wrote."""
    reader, terminal = pty.openpty()
    with subprocess.Popen(
        [command, *arguments],
        env=environment(TERM="xterm-256color", COLUMNS="160", LINES="40"),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    ) as process:
        os.close(terminal)
        written = bytearray()
        while piece := _read(reader):
            written += piece
        os.close(reader)
        return process.wait(LONGEST), written.decode()


def _read(terminal: int) -> bytes:
    """Read what is there; nothing once the other end is closed, which Linux tells as an error."""
    try:
        return os.read(terminal, 65_536)
    except OSError:
        return b""
