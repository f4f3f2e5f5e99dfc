"""The writing side of a journal: one file, one connection, transactions. It belongs to one thread at a time."""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from probe.model.clock import Instant
from probe.model.journal import Checkpoint
from probe.model.plan import State
from probe.store.checkpoints import Encoding
from probe.store.codec import Codec
from probe.store.file import Lock, open_to_write
from probe.store.journal_error import JournalError
from probe.store.reading import Past, read_past, watched_until
from probe.store.retention import prune
from probe.store.rows import Rows
from probe.store.sums import Sums, of_row


class Writer:
    """Writes batches of entries.

    Args:
        path: The file.
        keep: How much of it is kept.
        codec: Writes values as bytes.
    """

    def __init__(self, path: Path, keep: State, codec: Codec) -> None:
        self._path = path
        self._keep = keep
        self._codec = codec
        self._lock = Lock(path)
        self._connection = sqlite3.connect(":memory:")
        self._rows: Rows | None = None
        self._watch: int | None = None
        self._since: Instant | None = None

    @property
    def newest(self) -> Instant | None:
        """When the newest entry that was written happened."""
        return None if self._rows is None else self._rows.newest

    def open(self) -> bool:
        """Open the file, anew if it was open; tell whether it is another one than before.

        Raises:
            JournalError: It must not be written.
            sqlite3.Error, OSError: It cannot be.
        """
        self.drop()
        if is_another := self._lock.take():
            self._watch = self._since = None  # which is a row of the one before
        self._connection = open_to_write(self._path, self._keep.size)
        self._rows = Rows(self._connection, self._codec)
        return is_another

    def look(self) -> None:
        """See whether the file is still where it was opened: SQLite writes on into one that was moved or deleted.

        Raises:
            JournalError: Nobody would find there what is written.
        """
        if not self._lock.is_in_place:
            raise JournalError(
                f"{self._path} was deleted, moved or replaced while it was written: what is known is written there "
                "anew, in half a minute",
                lasting=False,
            )

    def past(self) -> Past | None:
        """Read what a probe can go on with.

        Raises:
            sqlite3.Error: The file is damaged.
        """
        return read_past(self._connection, self._codec, self._path)

    def write(self, batch: Sequence[Any]) -> list[tuple[int, Checkpoint[Any, Any, Any]]]:
        """Write entries in one transaction; give the checkpoints among them, each with the entry that it comes after.

        Raises:
            sqlite3.Error: They could not be written.
        """
        rows = self._rows
        assert rows is not None  # noqa: S101  # whoever calls has opened it: for the type checker
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            checkpoints = rows.write(batch)
            if rows.newest is not None:
                self._mark(rows.newest)
            self._connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # some errors have taken the transaction back already
                self._connection.execute("ROLLBACK")
            rows.refresh()
            raise
        return checkpoints

    def commit(self, encoding: Encoding) -> None:
        """Write a checkpoint in one transaction.

        Raises:
            sqlite3.Error: It could not be written.
        """
        self._connection.execute("BEGIN IMMEDIATE")
        with self._connection:
            encoding.commit(self._connection)

    def prune(self) -> bool:
        """Remove one portion of what is too old or too much; tell whether there is more.

        Raises:
            sqlite3.Error: It could not.
        """
        newest = self.newest or watched_until(self._connection, Sums(self._connection))
        if newest is None or not prune(self._connection, self._keep, newest.wall):
            return False
        if self._rows is not None:
            self._rows.refresh()  # what it remembers may be gone
        return True

    def size(self) -> int:
        """Tell how many bytes the file and its write-ahead log have."""
        total = 0
        for file in (self._path, self._path.with_name(f"{self._path.name}-wal")):
            with suppress(OSError):
                total += file.stat().st_size
        return total

    def end(self) -> None:
        """Say that the watch ended well, and close.

        Raises:
            sqlite3.Error: It could not be said.
        """
        try:
            if self._watch is not None:
                self._connection.execute("UPDATE watches SET ended = 1 WHERE id = ?", (self._watch,))
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            self.drop()
            self._lock.release()

    def drop(self) -> None:
        """Let go of the file, whatever state it is in."""
        with suppress(sqlite3.Error):
            self._connection.close()
        self._rows = None

    def _mark(self, until: Instant) -> None:
        """Say until when this process has watched."""
        if self._watch is None or self._since is None:
            self._since = until
            self._watch = self._connection.execute(
                "INSERT INTO watches (since_wall, since_monotonic, until_wall, until_monotonic, ended)"
                " VALUES (?, ?, ?, ?, 0)",
                (*until, *until),
            ).lastrowid
        self._connection.execute(
            "UPDATE watches SET until_wall = ?, until_monotonic = ?, sum = ? WHERE id = ?",
            (*until, of_row(self._watch, *self._since, *until), self._watch),
        )
