"""The journal's tables, and how older files become newer ones.

All entries have their number from one count, so that the order of the fold is the order of their numbers, whatever
table they are in. Questions, servers and outcomes repeat endlessly and have tables of their own: an observation is a
row of some forty bytes. Times are kept on both scales as they were, bit by bit: a fold over them must give the same.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from probe.store.journal_error import JournalError, damaged

APPLICATION_ID = 0x43757450
"""`CutP`, in the file's header (SQLite's `application_id`): anything else is somebody else's database."""

_VIEW = "answers"
_TABLES = frozenset(
    {"servers", "questions", "outcomes", "observations", "events", "effects", "watches", "checkpoints", "statuses"}
)
"""Those that a file has from the first version on."""
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE servers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, address TEXT NOT NULL, body BLOB NOT NULL);
    CREATE TABLE questions (id INTEGER PRIMARY KEY, name TEXT NOT NULL, rdtype TEXT NOT NULL, UNIQUE (name, rdtype));

    -- `used` is the hour of the newest use: what no kept observation needs any more goes by it.
    CREATE TABLE outcomes (
        id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, used INTEGER NOT NULL, wire BLOB, body BLOB
    );

    -- `elapsed` is in microseconds. Without server and outcome it is time that passed for the domain.
    CREATE TABLE observations (
        id INTEGER PRIMARY KEY, wall REAL NOT NULL, monotonic REAL NOT NULL, elapsed INTEGER,
        question INTEGER NOT NULL, server INTEGER, outcome INTEGER
    );
    CREATE TABLE events (
        id INTEGER PRIMARY KEY, wall REAL NOT NULL, monotonic REAL NOT NULL, kind TEXT NOT NULL,
        subject TEXT NOT NULL, body BLOB NOT NULL
    );
    CREATE TABLE effects (
        id INTEGER PRIMARY KEY, wall REAL NOT NULL, monotonic REAL NOT NULL, kind TEXT NOT NULL,
        domain TEXT NOT NULL, code TEXT NOT NULL, sentence TEXT NOT NULL, body BLOB NOT NULL
    );

    -- One row for each process: from when until when it watched, and whether it ended well.
    CREATE TABLE watches (
        id INTEGER PRIMARY KEY, since_wall REAL NOT NULL, since_monotonic REAL NOT NULL,
        until_wall REAL NOT NULL, until_monotonic REAL NOT NULL, ended INTEGER NOT NULL
    );

    -- One row at most: what was known after the entry of this number. What it says of domains is in `statuses`.
    CREATE TABLE checkpoints (
        id INTEGER PRIMARY KEY CHECK (id = 1), entry INTEGER NOT NULL, at BLOB NOT NULL,
        plan BLOB NOT NULL, places BLOB NOT NULL, book BLOB NOT NULL, billed BLOB NOT NULL,
        vantage BLOB NOT NULL
    );
    CREATE TABLE statuses (domain TEXT PRIMARY KEY, body BLOB NOT NULL);

    -- For people with the sqlite3 shell.
    CREATE VIEW answers AS
        SELECT o.id, strftime('%Y-%m-%dT%H:%M:%fZ', o.wall, 'unixepoch') AS at, q.name, q.rdtype,
               s.name AS server, s.address, o.elapsed / 1000.0 AS milliseconds, hex(r.wire) AS wire
        FROM observations o
        JOIN questions q ON q.id = o.question
        JOIN servers s ON s.id = o.server
        JOIN outcomes r ON r.id = o.outcome;
    """,
    """
    -- See probe.store.sums. What was written before has none: `unsummed` says how far that goes.
    ALTER TABLE questions ADD COLUMN sum INTEGER;
    ALTER TABLE servers ADD COLUMN sum INTEGER;
    ALTER TABLE outcomes ADD COLUMN sum INTEGER;
    ALTER TABLE observations ADD COLUMN sum INTEGER;
    ALTER TABLE events ADD COLUMN sum INTEGER;
    ALTER TABLE effects ADD COLUMN sum INTEGER;
    ALTER TABLE watches ADD COLUMN sum INTEGER;
    ALTER TABLE checkpoints ADD COLUMN sum INTEGER;
    CREATE TABLE unsummed (name TEXT PRIMARY KEY, last INTEGER NOT NULL);
    INSERT INTO unsummed SELECT 'questions', coalesce(max(id), 0) FROM questions;
    INSERT INTO unsummed SELECT 'servers', coalesce(max(id), 0) FROM servers;
    INSERT INTO unsummed SELECT 'outcomes', coalesce(max(id), 0) FROM outcomes;
    INSERT INTO unsummed SELECT 'observations', coalesce(max(id), 0) FROM observations;
    INSERT INTO unsummed SELECT 'events', coalesce(max(id), 0) FROM events;
    INSERT INTO unsummed SELECT 'effects', coalesce(max(id), 0) FROM effects;
    INSERT INTO unsummed SELECT 'watches', coalesce(max(id), 0) FROM watches;
    INSERT INTO unsummed SELECT 'checkpoints', coalesce(max(id), 0) FROM checkpoints;
    """,
)
"""What makes version n of n - 1. A released one never changes; a change is one more."""


def version_of(connection: sqlite3.Connection, path: Path, newest: int = len(MIGRATIONS)) -> int:
    """Give the version of a file; 0 for one that is empty.

    Raises:
        JournalError: It is somebody else's, newer than this program, or lacks a table.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    try:
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except UnicodeDecodeError as error:  # SQLite complains of a table, and its name is no text any more
        raise damaged(path, "its tables' names are illegible") from error
    if tables and (application != APPLICATION_ID or _has_more(connection)):
        raise JournalError(f"{path} is a database of another program and is left as it is: name another file")
    if version > newest:
        raise JournalError(
            f"{path} was written by a newer version of this program (format {version}, this one knows {newest}) "
            "and is left as it is: use that version, or name another file"
        )
    if missing := sorted(_TABLES - _tables(connection)) if version else []:
        raise damaged(path, f"no such table: {missing[0]}")
    return int(version)


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}


def _has_more(connection: sqlite3.Connection) -> bool:
    """Tell whether reading or writing would run somebody else's SQL: a trigger, or a view that is called like a table.

    It may never end, and nobody would be told: a thread that waits for it looks like one that writes.
    """
    query = f"SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' OR type = 'view' AND name <> '{_VIEW}'"  # noqa: S608  # our own word
    (found,) = connection.execute(query).fetchone()
    return bool(found)


def migrate(connection: sqlite3.Connection, path: Path, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Bring a file to the newest version, in one transaction.

    Raises:
        JournalError: It is somebody else's, or newer than this program.
        sqlite3.Error: It cannot be read or written.
    """
    before = version_of(connection, path, len(migrations))
    if before == len(migrations):
        return
    steps = "".join(migrations[before:])
    try:
        connection.executescript(
            f"BEGIN IMMEDIATE; {steps} PRAGMA application_id = {APPLICATION_ID}; "
            f"PRAGMA user_version = {len(migrations)}; COMMIT;"
        )
    except sqlite3.Error:
        if connection.in_transaction:
            connection.rollback()
        raise
