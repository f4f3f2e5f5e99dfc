"""What can be wrong with a journal's file, in sentences that say what to do."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path


class JournalError(Exception):
    """The journal cannot be used; the message is a sentence without its full stop.

    Args:
        sentence: What is wrong, and what to do.
        lasting: Trying again later is of no use.
    """

    def __init__(self, sentence: str, *, lasting: bool = True) -> None:
        super().__init__(sentence)
        self.lasting = lasting


def journal_error(error: sqlite3.Error | OSError | MemoryError, path: Path) -> JournalError:
    """Say what SQLite or the system has against a file."""
    if isinstance(error, MemoryError):
        return JournalError(f"there is no memory left to write {path}: give the probe more", lasting=False)
    if isinstance(error, OSError):
        return JournalError(f"{path} cannot be used ({error.strerror or error}): see to its folder", lasting=False)
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # without the extended part
    if code == sqlite3.SQLITE_CANTOPEN:
        return JournalError(_why_not_opened(path), lasting=False)
    if code in _DAMAGE:
        return damaged(path, str(error))
    sentence = _SENTENCE_OF_SQLITE_CODE.get(code)
    return JournalError(
        sentence(path) if sentence else f"{path} cannot be used ({error}): see to its disk", lasting=False
    )


def damaged(path: Path, what: str) -> JournalError:
    """Say that a file is not what was written."""
    return JournalError(
        f"{path} is damaged ({what}) and is left as it is: move it away, with {path.name}-wal and "
        f"{path.name}-shm if they are there, and restart"
    )


def _why_not_opened(path: Path) -> str:
    if path.is_dir():
        return f"{path} is a folder: name a file in it"
    if not path.parent.is_dir():
        return f"the folder of {path} does not exist: make it"
    if not os.access(path.parent, os.W_OK, effective_ids=True):
        return _not_permitted(path)
    return f"{path} cannot be opened: see to its folder"


def _not_permitted(path: Path) -> str:
    return f"{path} or its folder may not be written to: give the probe the right to"


_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_TOOBIG})
_SENTENCE_OF_SQLITE_CODE: dict[int, Callable[[Path], str]] = {
    sqlite3.SQLITE_FULL: lambda path: f"the disk of {path} is full, or state.size is too small: make room",
    sqlite3.SQLITE_BUSY: lambda path: f"{path} is locked by another program: end that",
    sqlite3.SQLITE_LOCKED: lambda path: f"{path} is locked by another program: end that",
    sqlite3.SQLITE_READONLY: _not_permitted,
    sqlite3.SQLITE_PERM: _not_permitted,
    sqlite3.SQLITE_AUTH: _not_permitted,
}
