"""How much is kept: by time, and by the size of the file. The oldest gives way, a portion at a time."""

import sqlite3

from probe.model.clock import HOUR
from probe.model.plan import State

ROWS_AT_A_TIME = 2_000
"""Rows removed at a time: some ten milliseconds, after which what waits to be written has its turn."""
FREED = 500
"""Pages given back to the file system at a time."""
FULL = 0.9
"""Part of the size from which on the oldest gives way: the rest is room for what comes in until it has."""


def prune(connection: sqlite3.Connection, keep: State, now: float) -> bool:
    """Remove one portion of what is too old or too much; tell whether there is more.

    Args:
        connection: The open file, in no transaction.
        keep: The bounds.
        now: Wall time (seconds) of the newest entry.
    """
    crowded = _is_crowded(connection, keep.size)
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        more = _remove_oldest(connection, "observations", now - keep.observations, force=crowded)
        if not more and crowded:  # there is nothing more to take of them: what was told of gives way as well
            more = _remove_oldest(connection, "effects", now - keep.effects, force=True)
        else:
            more |= _remove_oldest(connection, "effects", now - keep.effects, force=False)
        if more:
            _remove_unneeded(connection, now, crowded=crowded)
    connection.executescript(f"PRAGMA incremental_vacuum({FREED})")  # `execute` would take its first step, one page
    return more


def _is_crowded(connection: sqlite3.Connection, size: int) -> bool:
    pages, free, page = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return bool((pages - free) * page > FULL * size * (1 << 20))


def _remove_oldest(connection: sqlite3.Connection, table: str, before: float, *, force: bool) -> bool:
    """Remove one portion of the oldest rows of a table, of what is older or of anything; tell whether it did."""
    first = connection.execute(f"SELECT id, wall FROM {table} ORDER BY id LIMIT 1").fetchone()  # noqa: S608  # our tables
    if first is None:
        return False
    if first[1] >= before and not force:
        return False
    portion = ROWS_AT_A_TIME
    if force:  # a twentieth at the most: what has to give way is little, and the newest is what is wanted
        (last,) = connection.execute(f"SELECT max(id) FROM {table}").fetchone()  # noqa: S608  # the same
        portion = max(1, min(ROWS_AT_A_TIME, (last - first[0]) // 20))
    end = connection.execute(
        f"SELECT id, wall FROM {table} ORDER BY id LIMIT 1 OFFSET {portion}"  # noqa: S608  # the same
    ).fetchone()
    if end is None or (end[1] >= before and not force):
        return False
    connection.execute(f"DELETE FROM {table} WHERE id < ?", (end[0],))  # noqa: S608  # the same
    return True


def _remove_unneeded(connection: sqlite3.Connection, now: float, *, crowded: bool) -> None:
    """Remove what no kept observation needs: outcomes, and events before it but for the plan and servers in force."""
    oldest = connection.execute("SELECT id, wall FROM observations ORDER BY id LIMIT 1").fetchone()
    entry, wall = oldest or (0, now)
    hour = int(wall // HOUR)
    if crowded and hour >= int(now // HOUR):  # not even an hour fits: the mark does not tell what is still needed
        connection.execute("DELETE FROM outcomes WHERE id NOT IN (SELECT outcome FROM observations WHERE outcome > 0)")
    else:
        connection.execute("DELETE FROM outcomes WHERE used < ?", (hour,))
    connection.execute(
        "DELETE FROM events WHERE id < :entry"
        " AND id NOT IN (SELECT max(id) FROM events WHERE id < :entry AND kind IN ('WatchBegun', 'PlanTaken'))"
        " AND id NOT IN (SELECT max(id) FROM events WHERE id < :entry AND kind = 'ServersFound' GROUP BY subject)",
        {"entry": entry},
    )
