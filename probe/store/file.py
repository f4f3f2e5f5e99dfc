"""Opening the journal's file: one process writes it, others may read it meanwhile."""

import fcntl
import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from probe.store.tables import migrate, version_of
from probe.store.trouble import JournalError, trouble

BUSY_MS = 2_000
"""Milliseconds that a write waits for another program's lock: a reader's checkpoint takes less."""
WAL_LIMIT = 16 << 20
"""Bytes that the write-ahead log is cut to once its content has reached the file."""
PAGE = 4096
"""Bytes of a page, SQLite's default."""


class Lock:
    """Keeps other probes away from a journal, by a lock on a file beside it that goes with the process.

    Not on the file itself: SQLite's own locks are of the kind that any closed descriptor of the process drops.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(f"{path.name}.lock")
        self._descriptor: int | None = None

    def take(self) -> None:
        """Take it.

        Raises:
            JournalError: Another process has it, or it cannot be made.
        """
        if self._descriptor is not None:
            return
        try:
            descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            if self._path.parent.is_dir():
                raise trouble(error, self._path) from error
            raise JournalError(f"the folder of {self._path} does not exist: make it", lasting=False) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise JournalError(
                f"another probe writes to the journal that {self._path} belongs to: end it, or name another file",
                lasting=False,
            ) from None
        except OSError:
            pass  # a file system without locks: better to write without one than not at all
        self._descriptor = descriptor

    def release(self) -> None:
        """Give it back; the file stays, because somebody may wait at it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def open_to_write(path: Path, size: int) -> sqlite3.Connection:
    """Open or make a journal.

    Args:
        path: The file.
        size: Mebibytes that it must not exceed.

    Raises:
        JournalError: It is somebody else's, newer, or damaged.
        sqlite3.Error: It cannot be opened.
    """
    made = not path.exists()
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        if made:
            with suppress(OSError):  # a volume without rights of its own
                path.chmod(0o600)  # one's own names, addresses and owners are nobody else's business
        version_of(connection, path)  # before anything is written into what may be somebody else's
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # takes effect only before the first table
        connection.execute("PRAGMA journal_mode = WAL")
        # A commit survives the process' death in any case; the machine's own (power) may cost the newest seconds,
        # which then count as not watched. FULL would make each commit wait for the disk.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT}")
        connection.execute(f"PRAGMA max_page_count = {size * (1 << 20) // PAGE}")
        migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a journal that somebody may be writing to, without changing anything.

    Raises:
        JournalError: There is none, or it cannot be read.
    """
    if not path.is_file():
        raise JournalError(f"{path} is no file: name a journal, as `state.path` or --state.path did")
    log = path.with_name(f"{path.name}-wal")
    # Without a write-ahead log nothing is in flux; `immutable` then reads from folders that may not be written to.
    immutable = not (log.exists() and log.stat().st_size) and not os.access(path.parent, os.W_OK, effective_ids=True)
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if immutable else ''}", uri=True, isolation_level=None
    )
    try:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        version = version_of(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise trouble(error, path) from error
    except BaseException:
        connection.close()
        raise
    if version == 0:
        connection.close()
        raise JournalError(f"{path} is empty: no probe has written to it")
    return connection
