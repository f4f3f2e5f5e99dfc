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
        # What has been written is let go of: what is known by then is something else, and would be there twice.
        self._left = list(reversed(checkpoint.states))
        self._checkpoint = checkpoint._replace(states=())
        self._codec = codec
        self._statuses: list[tuple[str, bytes]] = []

    def go_on(self) -> bool:
        """Write one portion; tell whether all of it is done."""
        for _ in range(min(DOMAINS_AT_A_TIME, len(self._left))):
            status, memory = self._left.pop()
            self._statuses.append((status.domain.name, self._codec.dumps((status, memory))))
        return not self._left

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
