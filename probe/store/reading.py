"""A journal's content as values again: for a probe that goes on with it, and for whoever judges it anew."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.journal import Checkpoint, EntriesLost, Entry, Unwatched, WatchInterrupted
from probe.model.name import DomainName
from probe.model.observation import Glimpse
from probe.store.codec import Codec, CodecError
from probe.store.entries import Bystander, read_entries, read_needed
from probe.store.file import open_to_read
from probe.store.journal_error import JournalError, damaged, journal_error
from probe.store.sums import Sums, of_row

MAX_UNWATCHED = 32
"""Unwatched times that are told of: a probe that was restarted more often in a night has other troubles."""


Read = TypeVar("Read")


class Past(NamedTuple):
    """What a journal holds for a probe that goes on with it.

    Attributes:
        until: When it last watched.
        checkpoint: What was known then or somewhat earlier; None when there is none, or none that is legible.
        entries: What happened after the checkpoint, in order; to be taken before the journal starts.
        illegible: Why there is no checkpoint although there should be one; empty otherwise.
        forgotten: Domains of which it is not legible what was known.
        unwatched: The newest times without a watch before `until`, oldest first.
        sums: Counts the damaged rows that are left out of `entries`, as these are taken.
    """

    until: Instant
    checkpoint: Checkpoint[Any, Any, Any] | None
    entries: Iterator[Entry]
    illegible: str
    forgotten: tuple[DomainName, ...]
    unwatched: tuple[Unwatched, ...]
    sums: Sums


def read_past(connection: sqlite3.Connection, codec: Codec, path: Path) -> Past | None:
    """Read what a probe can go on with; None when nobody has watched yet.

    Raises:
        sqlite3.Error: The file is damaged.
    """
    sums = Sums(connection)
    last = watched_until(connection, sums)
    if last is None:
        return None
    row = connection.execute(
        f"SELECT entry, at, plan, places, book, billed, vantage, {sums.column} FROM checkpoints"  # noqa: S608  # our own word
    ).fetchone()
    checkpoint, illegible, entry = None, "", 0
    forgotten: list[DomainName] = []
    if row is not None and not sums.holds("checkpoints", 1, row[-1], of_row, *row[:2]):
        illegible = "it is damaged"
    elif row is not None:
        entry, at, plan, places, book, billed, vantage, _ = row
        states, forgotten = _read_states(connection, codec)
        try:
            loaded = codec.loads(at), codec.loads(plan), states, codec.loads(places)
            checkpoint = Checkpoint(*loaded, _read_own(codec, book), codec.loads(billed), _read_own(codec, vantage))
        except CodecError as error:
            illegible = str(error)
    entries = _told_of_trouble(read_entries(connection, codec, sums, entry), path)
    unwatched = read_unwatched(connection, codec, sums)
    return Past(last, checkpoint, entries, illegible, tuple(forgotten), unwatched, sums)


def _read_states(
    connection: sqlite3.Connection, codec: Codec
) -> tuple[tuple[tuple[DomainStatus, Any], ...], list[DomainName]]:
    states, forgotten = [], []
    for domain, body in connection.execute("SELECT domain, body FROM statuses ORDER BY rowid"):
        try:
            status, memory = codec.loads(body)
            states.append((status, memory))
        except (CodecError, ValueError):
            forgotten.append(DomainName(domain))
    return tuple(states), forgotten


def _read_own(codec: Codec, blob: bytes) -> Any:
    """Read a value of the judge's own; without it the judge begins anew there, and knows again within seconds."""
    try:
        return codec.loads(blob)
    except CodecError:
        return None


def watched_until(connection: sqlite3.Connection, sums: Sums) -> Instant | None:
    """Read when the newest watch that is legible was last known to go on; None when there is none."""
    newest = _watches(connection, sums)[-1:]
    return newest[0][1] if newest else None


def _watches(connection: sqlite3.Connection, sums: Sums) -> list[tuple[Instant, Instant]]:
    """Read from when until when the newest processes watched, oldest first."""
    rows = connection.execute(
        f"SELECT id, since_wall, since_monotonic, until_wall, until_monotonic, {sums.column} FROM watches"  # noqa: S608  # our own word
        " ORDER BY id DESC LIMIT ?",
        (MAX_UNWATCHED,),
    ).fetchall()[::-1]
    return [
        (Instant(*row[1:3]), Instant(*row[3:5]))
        for row in rows
        if sums.holds("watches", row[0], row[5], of_row, *row[:5])
    ]


def read_unwatched(connection: sqlite3.Connection, codec: Codec, sums: Sums) -> tuple[Unwatched, ...]:
    """Read the newest times without a watch, between two watches or within one, oldest first."""
    gaps = [Unwatched(before[1], after[0]) for before, after in pairwise(_watches(connection, sums))]
    lost = connection.execute(
        "SELECT body FROM events WHERE kind IN (?, ?) ORDER BY id DESC LIMIT ?",
        (EntriesLost.__name__, WatchInterrupted.__name__, MAX_UNWATCHED),
    )
    for (body,) in lost:
        with suppress(CodecError):
            one = codec.loads(body)
            gaps.append(Unwatched(one.since, one.until))
    return tuple(sorted(gaps, key=lambda gap: gap.until.wall)[-MAX_UNWATCHED:])


def _told_of_trouble(entries: Iterator[tuple[int, Read]], path: Path) -> Iterator[Read]:
    with _damage_told(path):
        for _, entry in entries:
            yield entry


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    """Say what SQLite complains of in the words for a journal."""
    try:
        yield
    except sqlite3.Error as error:
        raise journal_error(error, path) from error
    except UnicodeDecodeError as error:  # in what SQLite complains of
        raise damaged(path, "what is wrong with it is illegible") from error


class JournalReader:
    """A journal that is only read, also while a probe writes it.

    Args:
        path: The journal's file.
        codec: Reads the values in it.

    Raises:
        JournalError: There is none, or it cannot be read.
    """

    def __init__(self, path: Path, codec: Codec) -> None:
        self._path = path
        self._codec = codec
        self._connection = open_to_read(path)
        try:
            with _damage_told(path):
                self._sums = Sums(self._connection)
                self._connection.execute("BEGIN")
                newest: tuple[int, Any] | None = self._connection.execute(
                    "SELECT id, wall FROM observations ORDER BY id DESC LIMIT 1"
                ).fetchone()
                # From this first reading on it is one state of the file, whatever is written meanwhile.
        except JournalError:
            self._connection.close()
            raise
        self._last, wall = newest or (0, 0.0)
        self._until = wall if isinstance(wall, float) else 0.0  # its row may be damaged

    @property
    def last(self) -> int:
        """The number of the newest observation, by which progress is told."""
        return self._last

    @property
    def until(self) -> float:
        """When it ends: the wall time of the newest observation, in seconds since the epoch; 0 without one."""
        return self._until

    @property
    def left_out(self) -> int:
        """How many damaged rows were left out of what has been read."""
        return self._sums.left_out

    def entries(self) -> Iterator[Entry]:
        """Give everything that it holds, in order.

        Raises:
            JournalError: It is damaged.
        """
        return _told_of_trouble(read_entries(self._connection, self._codec, self._sums), self._path)

    def needed(self, bystander: Bystander) -> Iterator[Entry | Glimpse]:
        """Give the same, but of bystanders no more than what the verdicts on all others need.

        Raises:
            JournalError: It is damaged.
        """
        return _told_of_trouble(read_needed(self._connection, self._codec, self._sums, bystander), self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
