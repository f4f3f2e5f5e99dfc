"""The oldest gives way a portion at a time, so that what waits to be written has its turn."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from probe.model.plan import State
from probe.store.file import open_to_write
from probe.store.retention import prune

ROWS_AT_A_TIME, FREED, FULL = 2_000, 500, 0.9
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

DAY = 86_400.0


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = open_to_write(tmp_path / "journal.db", 64)
    yield opened
    opened.close()


def fill(connection: sqlite3.Connection, rows: int, wall: float = 0.0) -> None:
    """Write so many observations of time that passed."""
    connection.executemany(
        "INSERT INTO observations (wall, monotonic, question) VALUES (?, ?, 1)",
        [(wall + number / rows, number) for number in range(rows)],
    )


def count(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM observations").fetchone()[0])


def free(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA freelist_count").fetchone()[0])


def test_what_is_too_old_is_removed_some_rows_at_a_time(connection: sqlite3.Connection) -> None:
    fill(connection, 2 * ROWS_AT_A_TIME + 500)
    keep = State(observations=60.0)
    assert prune(connection, keep, DAY)
    assert count(connection) == ROWS_AT_A_TIME + 500
    assert prune(connection, keep, DAY)
    assert count(connection) == 500


def test_pages_are_given_back_some_at_a_time(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE ballast (content BLOB)")
    connection.execute("INSERT INTO ballast VALUES (zeroblob(?))", (4096 * 3 * FREED,))
    connection.execute("DROP TABLE ballast")
    before = free(connection)
    assert before > 2 * FREED
    prune(connection, State(), DAY)
    assert before - free(connection) == FREED


@pytest.mark.parametrize(("part", "gives_way"), [(FULL - 0.05, False), (FULL + 0.05, True)])
def test_the_oldest_gives_way_before_the_file_is_full(
    part: float,
    gives_way: bool,  # noqa: FBT001  # a parameter of pytest
    connection: sqlite3.Connection,
) -> None:
    fill(connection, 1_000, DAY)
    connection.execute("CREATE TABLE ballast (content BLOB)")
    size = 16
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute("INSERT INTO ballast VALUES (zeroblob(?))", (int(part * size * (1 << 20)) - pages * 4096,))
    prune(connection, State(size=size), DAY)
    assert (count(connection) < 1_000) is gives_way
