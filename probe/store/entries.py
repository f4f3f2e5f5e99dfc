"""A journal's entries, in the order in which they were folded: all of them, or what the verdict on some domains needs.

What costs is parsing messages: a resolver's answer is another one with every second of its TTL. Of an answer about a
domain that nobody asks about, all that matters is that its server gave it, and its header says so (`Glimpse`).
"""

import heapq
import sqlite3
from collections.abc import Callable, Iterator
from struct import Struct
from typing import Any, NamedTuple, TypeAlias, cast

from probe.model.clock import Instant
from probe.model.effect import Converged, SoakBroken, SoakHeld, StateChanged
from probe.model.journal import Entry, ServiceFolded, TimePassed, WitnessHeard
from probe.model.name import DomainName
from probe.model.observation import Glimpse, Observation
from probe.model.outcome import Outcome, Response
from probe.model.question import ADDRESS_TYPES, Question, RecordType
from probe.model.server import Server
from probe.store.codec import Codec, CodecError
from probe.store.rows import ROWS_REMEMBERED, digest_of
from probe.store.sums import Sums, of_observation, of_row

Bystander: TypeAlias = Callable[[DomainName], bool]
"""Tells whether a name is a domain that is not to be judged. It may change its mind from one entry to the next."""

GLIMPSES_REMEMBERED = 1 << 18
"""Outcomes of which it is remembered what their headers say: some 25 MB; all that resolvers answer about 350 domains
with a TTL of a minute and three addresses in any order."""

_HEADER = Struct("!HHHH")  # id, flags, and the numbers of questions and of answers (RFC 1035 section 4.1.1)
_AA, _RA, _RCODE_BITS = 0x0400, 0x0080, 0x000F

_OF_ONE_DOMAIN = frozenset(
    kind.__name__ for kind in (ServiceFolded, WitnessHeard, StateChanged, Converged, SoakBroken, SoakHeld)
)
"""Events and effects that concern nobody but their domain. A change and a cause concern neighbours, found servers those
who fail."""


class _Rare(NamedTuple):
    """A row of events or effects."""

    number: int
    table: str
    kind: str
    about: str
    body: bytes
    total: object


def read_entries(
    connection: sqlite3.Connection, codec: Codec, sums: Sums, after: int = 0
) -> Iterator[tuple[int, Entry]]:
    """Read all entries behind a number, in order, each with its own.

    Events and effects that are of another version, observations whose evidence is gone, and what is damaged are left
    out; `sums` counts the last.
    """
    # Where nobody is a bystander nothing is only glimpsed at.
    return cast("Iterator[tuple[int, Entry]]", read_needed(connection, codec, sums, lambda _: False, after))


def read_needed(
    connection: sqlite3.Connection, codec: Codec, sums: Sums, bystander: Bystander, after: int = 0
) -> Iterator[tuple[int, Entry | Glimpse]]:
    """Read the same, but of bystanders no more than their neighbours' verdicts need.

    Answers for their addresses are only glimpsed at; what concerns them alone is left out.
    """
    reading = _RowReading(connection, codec, sums, bystander)
    rare = heapq.merge(
        reading.rare("events", "subject", after), reading.rare("effects", "domain", after), key=lambda row: row.number
    )
    pending = next(rare, None)
    for row in reading.observations(after):
        while pending is not None and pending.number < row[0]:
            # Read only now: whoever takes the entries may know other bystanders since the one before.
            if (entry := reading.read_rare(pending)) is not None:
                yield pending.number, entry
            pending = next(rare, None)
        if (observed := reading.read_observation(*row)) is not None:
            yield row[0], observed
    while pending is not None:
        if (entry := reading.read_rare(pending)) is not None:
            yield pending.number, entry
        pending = next(rare, None)


class _RowReading:
    """Rows on their way to values."""

    def __init__(self, connection: sqlite3.Connection, codec: Codec, sums: Sums, bystander: Bystander) -> None:
        self._connection = connection
        self._codec = codec
        self._sums = sums
        self._bystander = bystander
        self._names: dict[int, DomainName] = {}
        self._questions: dict[int, Question] = {}
        self._servers: dict[int, Server | None] = {}
        self._outcomes: dict[int, Outcome | None] = {}
        self._glimpses: dict[int, Response | None] = {}
        self._headers: dict[int, Response] = {}

    def rare(self, table: str, about: str, after: int) -> Iterator[_Rare]:
        """Give the rows of a table of bodies, as they stand there."""
        for number, kind, whom, body, total in self._connection.execute(
            f"SELECT id, kind, {about}, body, {self._sums.column} FROM {table} WHERE id > ? ORDER BY id",  # noqa: S608  # our own tables' names
            (after,),
        ):
            yield _Rare(number, table, kind, whom, body, total)

    def observations(self, after: int) -> Iterator[tuple[Any, ...]]:
        """Give the rows of observations, as they stand there."""
        self._read_questions()
        return self._connection.execute(
            f"SELECT id, wall, monotonic, elapsed, question, server, outcome, {self._sums.column} FROM observations"  # noqa: S608  # our own word
            " WHERE id > ? ORDER BY id",
            (after,),
        )

    def read_rare(self, row: _Rare) -> Any:
        """Read an event or an effect; None where it is left out."""
        number, table, kind, about, body, total = row
        if kind in _OF_ONE_DOMAIN and self._bystander(DomainName(about)):
            return None
        if not self._sums.holds(table, number, total, of_row, number, kind, body):
            return None
        try:
            return self._codec.loads(body)
        except CodecError:
            return None

    def read_observation(  # noqa: PLR0913, PLR0917  # the columns
        self, number: int, wall: float, monotonic: float, elapsed: int, asked: int, who: int | None, what: int,
        total: object,
    ) -> Observation | TimePassed | Glimpse | None:  # fmt: skip
        """Read a row; None where it is left out."""
        row = (number, wall, monotonic, elapsed, asked, who, what)
        if not self._sums.holds("observations", number, total, of_observation, *row):
            return None
        name, at = self._names.get(asked), Instant(wall, monotonic)
        if name is None:
            return None  # its question was damaged, and counted
        if who is None:
            return TimePassed(name, at)
        if who not in self._servers:
            self._servers[who] = self._read_server(who)
        server, question = self._servers[who], self._questions[asked]
        if server is None:
            return None
        if question.rdtype in ADDRESS_TYPES and self._bystander(name) and (seen := self._glimpse(what)) is not None:
            return Glimpse(server, seen, at)
        outcome = self._outcome(what)
        return None if outcome is None else Observation(question, server, outcome, at, elapsed / 1e6)

    def _outcome(self, number: int) -> Outcome | None:
        if number not in self._outcomes:
            if len(self._outcomes) >= ROWS_REMEMBERED:
                self._outcomes.clear()
            self._outcomes[number] = self._read_outcome(number)
        return self._outcomes[number]

    def _glimpse(self, number: int) -> Response | None:
        """Read what the header of an answer says; None where it takes more to know what was answered."""
        if number not in self._glimpses:
            if len(self._glimpses) >= GLIMPSES_REMEMBERED:
                self._glimpses.clear()
            self._glimpses[number] = self._read_glimpse(number)
        return self._glimpses[number]

    def _read_glimpse(self, number: int) -> Response | None:
        """Look at a header.

        A message without records may have an error code whose larger part stands further behind (RFC 6891 section
        6.1.3): it is read as a whole.
        """
        row = self._connection.execute(
            f"SELECT id, wire, {self._sums.column} FROM outcomes WHERE id = ?",  # noqa: S608  # our own word
            (number,),
        ).fetchone()
        if row is None or not isinstance(row[1], bytes) or len(row[1]) < _HEADER.size:
            return None
        own, wire, total = row
        _, flags, _, answers = _HEADER.unpack_from(wire)
        if flags & _RCODE_BITS or not answers:
            return None
        if not self._sums.holds("outcomes", number, total, of_row, own, digest_of(wire)):
            self._outcomes[number] = None  # it is counted, and not to be looked at again
            return None
        known = flags & (_AA | _RA)
        if known not in self._headers:
            self._headers[known] = Response(
                "NOERROR",
                authoritative=bool(flags & _AA),
                recursion_available=bool(flags & _RA),
            )
        return self._headers[known]

    def _read_questions(self) -> None:
        for number, name, rdtype, total in self._connection.execute(
            f"SELECT id, name, rdtype, {self._sums.column} FROM questions"  # noqa: S608  # our own word
        ):
            if self._sums.holds("questions", number, total, of_row, number, name, rdtype):
                self._names[number] = DomainName(name)
                if rdtype:
                    self._questions[number] = Question(self._names[number], RecordType(rdtype))

    def _read_server(self, number: int) -> Server | None:
        row = self._connection.execute(
            f"SELECT id, name, address, body, {self._sums.column} FROM servers WHERE id = ?",  # noqa: S608  # our own word
            (number,),
        ).fetchone()
        if row is None or not self._sums.holds("servers", number, row[-1], of_row, *row[:-1]):
            return None
        try:
            return cast("Server", self._codec.loads(row[3]))
        except CodecError:
            return None

    def _read_outcome(self, number: int) -> Outcome | None:
        row = self._connection.execute(
            f"SELECT id, wire, body, {self._sums.column} FROM outcomes WHERE id = ?",  # noqa: S608  # our own word
            (number,),
        ).fetchone()
        if row is None:
            return None
        own, wire, body, total = row
        if not self._sums.holds("outcomes", number, total, of_row, own, digest_of(wire or body or b"")):
            return None
        try:
            return cast("Outcome", self._codec.loads(body)) if wire is None else self._codec.read_response(wire)
        except CodecError:
            return None
