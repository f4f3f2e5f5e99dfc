"""What was told of one domain, out of the journal page by page, newest first: for people who look back over a night."""

import sqlite3
from pathlib import Path
from typing import NamedTuple, cast

from probe.model.effect import Effect
from probe.model.journal import EventsPage, EventsQuery
from probe.model.name import DomainName
from probe.store.codec import Codec, CodecError
from probe.store.file import open_to_read
from probe.store.journal_error import journal_error
from probe.store.sums import Sums, of_row

SHOWN_EVENTS = ("StateChanged", "TransitionConfirmed", "FindingRaised", "FindingCleared", "SoakBroken", "SoakHeld")
"""Kinds of effects that people look back for; what changes arrived where follows from them."""


class _EventRow(NamedTuple):
    number: int
    kind: str
    body: bytes
    total: int | None


def read_events(path: Path, codec: Codec, domain: DomainName, query: EventsQuery) -> EventsPage:
    """Read one page, also while a probe writes the journal. What is damaged or of another version is left out.

    Raises:
        JournalError: There is no journal, or it cannot be read.
    """
    connection = open_to_read(path)
    try:
        sums = Sums(connection)
        rows = [_EventRow(*row) for row in connection.execute(_select(sums), _arguments(domain, query)).fetchall()]
        shown = rows[: query.limit]
        effects = [one for row in shown if (one := _effect(row, codec, sums)) is not None]
    except sqlite3.Error as error:
        raise journal_error(error, path) from error
    finally:
        connection.close()
    return EventsPage(tuple(effects), shown[-1].number if len(rows) > query.limit else None)


def _select(sums: Sums) -> str:
    kinds = ", ".join("?" * len(SHOWN_EVENTS))
    return (
        f"SELECT id, kind, body, {sums.column} FROM effects"  # noqa: S608  # our own words
        f" WHERE domain = ? AND id < ? AND wall BETWEEN ? AND ? AND kind IN ({kinds}) ORDER BY id DESC LIMIT ?"
    )


def _arguments(domain: DomainName, query: EventsQuery) -> tuple[object, ...]:
    before = (1 << 63) - 1 if query.before is None else query.before
    # One more than is shown tells whether there is an older page.
    return (domain, before, query.since, query.until, *SHOWN_EVENTS, query.limit + 1)


def _effect(row: _EventRow, codec: Codec, sums: Sums) -> Effect | None:
    if not sums.holds("effects", row.number, row.total, of_row, row.number, row.kind, row.body):
        return None
    try:
        return cast("Effect", codec.loads(row.body))
    except CodecError:
        return None
