"""What was told of a domain, out of a real journal, page by page."""

import sqlite3
from pathlib import Path

import pytest

from probe.cli.keeping import make_codec
from probe.model.clock import Instant
from probe.model.effect import FindingRaised, SoakHeld, StateChanged
from probe.model.journal import Entry, EventsPage, EventsQuery, WatchBegun
from probe.model.name import DomainName
from probe.model.record import RecordState
from probe.store.events import read_events
from probe.store.journal_error import JournalError
from tests.plans import plan
from tests.snapshots import finding
from tests.store.journals import write

NAME, OTHER = DomainName("app.example.com."), DomainName("other.example.com.")
EVER = EventsQuery(0.0, 4e9, None, 100)


def at(seconds: float) -> Instant:
    return Instant(1_800_000_000.0 + seconds, seconds)


def held(seconds: float, name: DomainName = NAME) -> list[Entry]:
    """An effect, after an entry that says when it was."""
    return [WatchBegun(plan(NAME), at(seconds), None), SoakHeld(name, at(seconds), seconds)]


def read(path: Path, query: EventsQuery = EVER) -> EventsPage:
    return read_events(path, make_codec(), NAME, query)


def journal(path: Path, *entries: list[Entry]) -> Path:
    write(path / "journal.db", [entry for some in entries for entry in some])
    return path / "journal.db"


@pytest.mark.case("E5")
def test_pages_lead_from_the_newest_to_the_oldest_and_leave_nothing_out(tmp_path: Path) -> None:
    path = journal(tmp_path, *(held(float(number)) for number in range(10)))
    found: list[float] = []
    before: int | None = None
    while True:
        page = read(path, EVER._replace(before=before, limit=4))
        found += [one.held for one in page.effects if isinstance(one, SoakHeld)]
        if page.older is None:
            break
        before = page.older
    assert found == [float(number) for number in reversed(range(10))]


@pytest.mark.case("E5")
def test_only_the_domain_and_only_the_hours_that_are_wanted(tmp_path: Path) -> None:
    path = journal(tmp_path, held(100), held(200, OTHER), held(300), held(400))
    wanted = EVER._replace(since=at(100).wall, until=at(300).wall)
    assert [one.held for one in read(path, wanted).effects if isinstance(one, SoakHeld)] == [300, 100]


def test_findings_are_those_of_their_domain(tmp_path: Path) -> None:
    raised = FindingRaised(finding("outage", NAME, "It is gone."), at(1))
    changed = StateChanged(NAME, None, RecordState.V1, RecordState.V2, at(1), "It moved.")
    path = journal(tmp_path, held(1), [raised, changed])
    assert [type(one) for one in read(path).effects] == [StateChanged, FindingRaised, SoakHeld]


def test_a_damaged_row_is_left_out(tmp_path: Path) -> None:
    path = journal(tmp_path, held(1), held(2))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE effects SET body = x'00' WHERE id = (SELECT max(id) FROM effects)")
    assert [one.held for one in read(path).effects if isinstance(one, SoakHeld)] == [1.0]


def test_no_journal_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(JournalError):
        read(tmp_path / "none.db")
