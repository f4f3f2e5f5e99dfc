"""Checkpoints as bytes, a portion at a time: all domains at once would keep the interpreter from probing."""

import sqlite3
from typing import Any

from probe.model.journal import Checkpoint
from probe.store.codec import Codec
from probe.store.sums import of_row

DOMAINS_AT_A_TIME = 8
"""Domains written at a stretch: some four milliseconds."""


class Encoding:
    """One checkpoint on its way.

    Args:
        entry: Number of the entry that it comes after.
        checkpoint: What is known.
        codec: Writes it.
    """

    def __init__(self, entry: int, checkpoint: Checkpoint[Any, Any, Any], codec: Codec) -> None:
        self._entry = entry
        self._checkpoint = checkpoint
        self._codec = codec
        self._statuses: list[tuple[str, bytes]] = []

    def go_on(self) -> bool:
        """Write one portion; tell whether all of it is done."""
        done = len(self._statuses)
        states = self._checkpoint.states
        self._statuses += [
            (status.domain.name, self._codec.dumps((status, memory)))
            for status, memory in states[done : done + DOMAINS_AT_A_TIME]
        ]
        return len(self._statuses) == len(states)

    def commit(self, connection: sqlite3.Connection) -> None:
        """Put it in the place of the one before it, within the caller's transaction."""
        checkpoint, dumps = self._checkpoint, self._codec.dumps
        at = dumps(checkpoint.at)
        connection.execute(
            "INSERT OR REPLACE INTO checkpoints VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self._entry,
                at,
                dumps(checkpoint.plan),
                dumps(checkpoint.places),
                dumps(checkpoint.book),
                dumps(checkpoint.billed),
                dumps(checkpoint.vantage),
                of_row(self._entry, at),  # the bodies have checksums of their own
            ),
        )
        connection.execute("DELETE FROM statuses")
        connection.executemany("INSERT INTO statuses VALUES (?, ?)", self._statuses)
