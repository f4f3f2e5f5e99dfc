"""Opening the journal's file: one process writes it, others may read it meanwhile."""

import fcntl
import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from probe.store.journal_error import JournalError, journal_error
from probe.store.tables import migrate, version_of

BUSY_MS = 2_000
"""Milliseconds that a write waits for another program's lock: a reader's checkpoint takes less."""
WAL_LIMIT = 16 << 20
"""Bytes that the write-ahead log is cut to once its content has reached the file."""
LONGEST_VALUE = 16 << 20
"""Bytes of one text or blob: hundreds of times what a plan of 10,000 domains takes, packed. SQLite's own bound is a
billion, which a damaged length may say."""
PAGE_BYTES = 4096
"""Bytes of a page, SQLite's default."""


class Lock:
    """Keeps other probes away from a journal, by whatever name they have it, with locks that go with the process.

    One is on a file beside the journal: programs of before know only that. One is on the journal's own inode, which a
    hard link or a symbolic link has as well. SQLite's own locks are of another kind (fcntl, where this is flock), but
    any descriptor of the file that the process closes drops them: it is closed only after SQLite has let go.

    Args:
        path: The journal's file.
    """

    def __init__(self, path: Path) -> None:
        self._journal = path
        self._path = path.with_name(f"{path.name}.lock")
        self._descriptor: int | None = None
        self._own: int | None = None
        self._moved = False  # the file that was locked is no more, and no other one is yet

    def take(self) -> bool:
        """Take it, before the journal is opened; the journal is made when it is not there.

        Returns:
            Whether it is another file than the one that was locked before, which somebody has put in its place.

        Raises:
            JournalError: Another process has it, or it cannot be made.
            OSError: The journal cannot be opened.
        """
        if self._descriptor is None:
            self._take_beside()
        try:
            return self._take_inode()
        except BaseException:
            self.release()
            raise

    @property
    def is_in_place(self) -> bool:
        """Whether the file that is locked is still the one of its name; also where none could be."""
        return self._own is None or self._is_same(self._own)

    def _take_inode(self) -> bool:
        if self._own is not None:
            if self._is_same(self._own):
                return False
            os.close(self._own)
            self._own = None
            self._moved = True
        if self._journal.is_dir():
            return self._moved  # SQLite says so in its own words
        if self._journal.exists() and not self._journal.is_file():  # a pipe, /dev/zero: SQLite would write beside it
            raise JournalError(f"{self._journal} is no file, or leads to none: name another")
        try:
            descriptor = os.open(self._journal, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError:
            return self._moved  # the same
        _lock(descriptor, f"{self._journal}, by this or another name")
        self._own = descriptor
        moved, self._moved = self._moved, False
        return moved

    def _is_same(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self._journal.stat())
        except OSError:
            return False

    def _take_beside(self) -> None:
        try:
            descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            if self._path.parent.is_dir():
                raise journal_error(error, self._path) from error
            raise JournalError(f"the folder of {self._path} does not exist: make it", lasting=False) from error
        _lock(descriptor, f"the journal that {self._path} belongs to")
        self._descriptor = descriptor

    def release(self) -> None:
        """Give it back, after the journal has been closed; the file beside stays, because somebody may wait at it."""
        for descriptor in (self._own, self._descriptor):
            if descriptor is not None:
                os.close(descriptor)
        self._own = self._descriptor = None


def _lock(descriptor: int, what: str) -> None:
    """Lock an open file for as long as it stays open.

    Raises:
        JournalError: Another process has it; the file is closed then.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise JournalError(f"another probe writes to {what}: end it, or name another file", lasting=False) from None
    except OSError:
        pass  # a file system without locks: better to write without one than not at all


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
        _bound(connection)
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
        connection.execute(f"PRAGMA max_page_count = {size * (1 << 20) // PAGE_BYTES}")
        migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _bound(connection: sqlite3.Connection) -> None:
    """Take a file for what it is: whoever has made it may have put anything into it."""
    connection.text_factory = lenient
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)


def lenient(text: bytes) -> str:
    """Read a text that may be damaged: its row's sum tells, and one bad byte must not end the reading."""
    return text.decode("utf-8", "surrogateescape")


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
        _bound(connection)
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        version = version_of(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise journal_error(error, path) from error
    except BaseException:
        connection.close()
        raise
    if version == 0:
        connection.close()
        raise JournalError(f"{path} is empty: no probe has written to it")
    return connection
