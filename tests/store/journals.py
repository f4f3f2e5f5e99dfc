# ruff: noqa: S608  # our own tables' names
"""Journals on real files: written, turned by hand and read, for tests."""

import sqlite3
from pathlib import Path

from probe.cli.keeping import make_codec
from probe.model.journal import Entry
from probe.model.plan import State
from probe.store import tables
from probe.store.journal import MAX_BATCH, Journal
from probe.store.journal_error import JournalError
from probe.store.reading import JournalReader
from tests.patience import HANG
from tests.store.test_codec import _by_value

KEEP = State()


def opened(path: Path, keep: State = KEEP) -> Journal:
    journal = Journal(path, keep, make_codec())
    journal.open()
    return journal


def turn(journal: Journal, number: int = 1) -> None:
    """Let the writer have a turn, in this thread."""
    try:
        journal._take_turn(number)
    except (sqlite3.Error, OSError, JournalError) as error:
        journal.give_up(error)


def write(path: Path, entries: list[Entry], keep: State = KEEP) -> Journal:
    """Write entries as one process does that ends well, in this thread: how long that takes is no matter."""
    journal = opened(path, keep)
    for start in range(0, len(entries), MAX_BATCH):
        for entry in entries[start : start + MAX_BATCH]:
            journal.record(entry)
        turn(journal)
    journal.start()
    journal.close(HANG)
    return journal


def as_first_format(journal: Path, path: Path) -> None:
    """Write what a journal holds as the first version of this program did."""
    connection = sqlite3.connect(path, isolation_level=None)
    tables.migrate(connection, path, tables.MIGRATIONS[:1])
    connection.execute("ATTACH ? AS new", (str(journal),))
    connection.execute("BEGIN")
    for table in ("questions", "servers", "outcomes", "observations", "events", "effects", "watches"):
        columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
        connection.execute(f"INSERT INTO {table} SELECT {columns} FROM new.{table}")
    connection.execute("COMMIT")
    connection.close()


def read(path: Path) -> list[Entry]:
    with JournalReader(path, make_codec()) as reader:
        return list(reader.entries())


def told(entries: list[Entry]) -> list[object]:
    """Leave what is written of entries, by value."""
    untold = ("Surprised", "TargetsDoubted")
    return [_by_value(entry) for entry in entries if type(entry).__name__ not in untold]
