"""A sum in every row, so that a bit that flipped on disk leaves its row out instead of inventing an answer.

SQLite notices damage to its own structure, not to what rows hold. Bodies have zlib's checksum; numbers, times and names
have none, and a number that says which server answered what is all that a verdict needs to go wrong. A row's own
number goes into its sum, or one row could pass for another.
"""

import sqlite3
from collections.abc import Callable
from struct import Struct, error
from zlib import crc32

SINCE = 2
"""The version of the file from which on there are sums; rows from before it have none, and are taken as they are."""

_OBSERVATION = Struct("<qddqqqq")
_NOTHING = -1


def of_observation(  # noqa: PLR0913, PLR0917  # the columns
    number: int, wall: float, monotonic: float, elapsed: int | None, question: int, server: int | None,
    outcome: int | None,
) -> int:  # fmt: skip
    """Sum up an observation: as a struct, because there are thousands a second."""
    return crc32(
        _OBSERVATION.pack(
            number,
            wall,
            monotonic,
            _NOTHING if elapsed is None else elapsed,
            question,
            _NOTHING if server is None else server,
            _NOTHING if outcome is None else outcome,
        )
    )


def of_row(*columns: object) -> int:
    """Sum up any other row."""
    return crc32(repr(columns).encode("utf-8", "surrogatepass"))


class Sums:
    """Checks rows as they are read, and counts those that fail.

    Args:
        connection: The open file.

    Attributes:
        column: What to select as the sum.
        left_out: Rows that failed so far.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        self.column = "sum" if version >= SINCE else "NULL"
        self.left_out = 0
        self._before: dict[str, int] = {}
        if version >= SINCE:
            self._before = dict(connection.execute("SELECT name, last FROM unsummed").fetchall())
        self._summed = version >= SINCE

    def holds(self, table: str, number: int, total: object, of: Callable[..., int], *columns: object) -> bool:
        """Tell whether a row is as it was written.

        Args:
            table: Its table.
            number: Its own number.
            total: The sum that it came with.
            of: Makes the sum of the columns.
            columns: Those that are in it, `number` first.
        """
        if not self._summed or (total is None and number <= self._before.get(table, 0)):
            return True
        try:
            if total == of(*columns):
                return True
        except (error, TypeError, OverflowError):  # a column has become something else
            pass
        self.left_out += 1
        return False
