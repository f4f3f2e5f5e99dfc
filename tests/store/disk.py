"""What a journal does on a disk that is mounted for it: `python -m tests.store.disk FOLDER full|read-only`.

It runs in a mount namespace of its own, and tells in JSON what became of the journal.
"""

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from probe.model.journal import EntriesLost, TimePassed
from probe.model.observation import Observation
from probe.store.journal import RETRY_TURNS, Journal
from tests.patience import HANG
from tests.store import stream
from tests.store.journals import opened, read, turn

_BLOCK = b"\xaa" * 4096


def full(path: Path) -> dict[str, Any]:
    """Fill the disk, play on, and make room."""
    journal = _begun(path)
    ballast = path.with_name("ballast")
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(_BLOCK)
    _play(journal, 201, 1200)
    status = journal.status()
    ballast.unlink()
    turn(journal, RETRY_TURNS)
    _play(journal, 1201, 1300)
    _end(journal)
    return {"trouble": status.trouble, "dropped": status.dropped, "moments": _moments(path), "lost": _lost(path)}


def read_only(path: Path) -> dict[str, Any]:
    """Mount it read-only between two lives, and for writing again in the second."""
    _end(_begun(path))
    _mount(path.parent, "ro")
    journal = opened(path)
    _play(journal, 201, 400)
    trouble, moments = journal.status().trouble, _moments(path)
    _mount(path.parent, "rw")
    turn(journal, RETRY_TURNS)
    _play(journal, 401, 500)
    _end(journal)
    return {"trouble": trouble, "moments": moments, "after": _moments(path), "lost": _lost(path)}


def _begun(path: Path) -> Journal:
    journal = opened(path)
    for entry in stream.begins(0, None):
        journal.record(entry)
    _play(journal, 1, 200)
    return journal


def _play(journal: Journal, first: int, last: int) -> None:
    for number in range(first, last + 1):
        journal.record(stream.entry(number))
    turn(journal)


def _end(journal: Journal) -> None:
    journal.start()
    journal.close(HANG)


def _mount(folder: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", folder], check=True)


def _moments(path: Path) -> list[int]:
    return [stream.number_at(entry.at) for entry in read(path) if isinstance(entry, Observation | TimePassed)]


def _lost(path: Path) -> list[int]:
    return [entry.lost for entry in read(path) if isinstance(entry, EntriesLost)]


if __name__ == "__main__":
    does = {"full": full, "read-only": read_only}[sys.argv[2]]
    click.echo(json.dumps(does(Path(sys.argv[1]) / "journal.db")))
