"""Entries as rows: the writing half. Everything here runs in the writer's thread, within its transaction."""

import hashlib
import sqlite3
from collections.abc import Iterable
from typing import Any

from probe.model.clock import HOUR, Instant
from probe.model.effect import EFFECTS, Surprised, TargetsDoubted
from probe.model.effect_text import describe
from probe.model.journal import Checkpoint, TimePassed
from probe.model.observation import Observation
from probe.model.outcome import Outcome, Response
from probe.model.question import Question
from probe.model.server import Server
from probe.store.codec import Codec
from probe.store.sums import of_observation, of_row

ROWS_REMEMBERED = 8_192
"""Outcomes whose number is remembered: as many as one generation of the querier's own memory of answers."""
_UNTOLD = frozenset({Surprised, TargetsDoubted})  # what the engine is asked to do; nobody is told of it


class Rows:
    """Writes entries.

    Args:
        connection: The open file.
        codec: For whatever has no columns of its own.
    """

    def __init__(self, connection: sqlite3.Connection, codec: Codec) -> None:
        self._connection = connection
        self._codec = codec
        self._servers: dict[Server, int] = {}
        # By type and then by name: pairs of them would be a quarter of a kilobyte for each name of a plan.
        self._questions: dict[str, dict[str, int]] = {}
        self._outcomes: dict[Outcome, tuple[int, int]] = {}
        self.last = 0
        """Number of the newest entry."""
        self.newest: Instant | None = None
        """When that happened."""
        self.refresh()

    def refresh(self) -> None:
        """Forget what a transaction that was taken back may have made untrue."""
        self._servers.clear()
        self._questions.clear()
        self._outcomes.clear()
        (self.last,) = self._connection.execute(
            "SELECT max(coalesce((SELECT max(id) FROM observations), 0), coalesce((SELECT max(id) FROM events), 0),"
            " coalesce((SELECT max(id) FROM effects), 0), coalesce((SELECT max(entry) FROM checkpoints), 0))"
        ).fetchone()

    def write(self, entries: Iterable[Any]) -> list[tuple[int, Checkpoint[Any, Any, Any]]]:
        """Write entries in their order; give the checkpoints among them, each with the number that it comes after."""
        observations: list[tuple[object, ...]] = []
        checkpoints = []
        for entry in entries:
            kind = type(entry)
            if kind is Observation:
                question, server, outcome, at, elapsed = entry
                self.last += 1
                self.newest = at
                row = (
                    self.last,
                    at.wall,
                    at.monotonic,
                    int(elapsed * 1e6),
                    self._question(question),
                    self._server(server),
                    self._outcome(outcome, int(at.wall // HOUR)),
                )
                observations.append((*row, of_observation(*row)))
            elif kind is TimePassed:
                self.last += 1
                self.newest = at = entry.at
                place = self._question((entry.domain, ""))
                passed = (self.last, at.wall, at.monotonic, None, place, None, None)
                observations.append((*passed, of_observation(*passed)))
            elif kind is Checkpoint:
                checkpoints.append((self.last, entry))
            elif kind not in _UNTOLD:
                self._rare(entry)
        self._connection.executemany("INSERT INTO observations VALUES (?, ?, ?, ?, ?, ?, ?, ?)", observations)
        return checkpoints

    def _rare(self, entry: Any) -> None:
        body = self._codec.dumps(entry)
        kind = type(entry)
        if kind not in EFFECTS:
            self.newest = entry.until if hasattr(entry, "until") else entry.at
        at = self.newest or Instant(0.0, 0.0)  # an effect was told when the entry before it was folded
        self.last += 1
        if kind in EFFECTS:
            finding = getattr(entry, "finding", None)
            domain = getattr(entry, "domain", "") if finding is None else finding.domain
            code = "" if finding is None else finding.code
            text = describe(entry)
            sentence = "" if text is None else getattr(entry, "sentence", text.words)
            row = (self.last, at.wall, at.monotonic, kind.__name__, domain, code, sentence, body)
            total = of_row(self.last, kind.__name__, body)
            self._connection.execute("INSERT INTO effects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, total))
        else:
            subject = getattr(entry, "name", getattr(entry, "domain", ""))
            event = (self.last, at.wall, at.monotonic, kind.__name__, subject, body)
            total = of_row(self.last, kind.__name__, body)
            self._connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", (*event, total))

    def _question(self, question: Question | tuple[str, str]) -> int:
        name, rdtype = question
        of_type = self._questions.get(rdtype)
        if of_type is None:
            of_type = self._questions[str(rdtype)] = {}
        number = of_type.get(name)
        if number is None:
            row = (name, str(rdtype))
            self._connection.execute("INSERT OR IGNORE INTO questions (name, rdtype) VALUES (?, ?)", row)
            number = of_type[name] = self._number("questions", "name = ? AND rdtype = ?", row)
        return number

    def _server(self, server: Server) -> int:
        number = self._servers.get(server)
        if number is None:
            body = self._codec.dumps(server)
            row = (server.name, server.address, body)
            self._connection.execute(
                "INSERT INTO servers (name, address, body) SELECT :name, :address, :body WHERE NOT EXISTS"
                " (SELECT 1 FROM servers WHERE name = :name AND address = :address AND body = :body)",
                {"name": server.name, "address": server.address, "body": body},
            )
            number = self._servers[server] = self._number("servers", "name = ? AND address = ? AND body = ?", row)
        return number

    def _outcome(self, outcome: Outcome, hour: int) -> int:
        known = self._outcomes.get(outcome)
        if known is not None and known[1] == hour:
            return known[0]
        wire = outcome.wire if isinstance(outcome, Response) and outcome.wire else None
        body = None if wire else self._codec.dumps(outcome)
        digest = digest_of(wire or body or b"")
        self._connection.execute(
            "INSERT INTO outcomes (digest, used, wire, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (digest) DO UPDATE SET used = max(used, excluded.used)",
            (digest, hour, wire, body),
        )
        number = self._number("outcomes", "digest = ?", (digest,))
        if len(self._outcomes) >= ROWS_REMEMBERED:
            self._outcomes.clear()
        self._outcomes[outcome] = number, hour
        return number

    def _number(self, table: str, where: str, row: tuple[object, ...]) -> int:
        """Find the number of a row by what makes it what it is, and sum it up if that has not been done."""
        number, total = self._connection.execute(f"SELECT id, sum FROM {table} WHERE {where}", row).fetchone()  # noqa: S608  # ours
        if total is None:
            self._connection.execute(f"UPDATE {table} SET sum = ? WHERE id = ?", (of_row(number, *row), number))  # noqa: S608  # the same
        return int(number)


def digest_of(content: bytes) -> bytes:
    """Name an outcome by its content."""
    return hashlib.blake2b(content, digest_size=16).digest()
