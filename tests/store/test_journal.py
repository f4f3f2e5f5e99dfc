"""The journal on a real file: what goes in comes back, what cannot be written is counted and said."""

import sqlite3
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from probe.cli.keeping import make_codec, take_up_journal
from probe.model.clock import Instant
from probe.model.effect import Effect
from probe.model.journal import Checkpoint, EntriesLost, Entry
from probe.model.name import DomainName
from probe.model.observation import Observation
from probe.model.outcome import FailureReason, NoResponse
from probe.model.plan import State
from probe.model.question import Question, RecordType
from probe.runtime.replay import Replay
from probe.store import journal as journal_module
from probe.store import tables
from probe.store.reading import JournalReader
from probe.store.rows import Rows
from tests.patience import HANG
from tests.runtime.bench import FOUR
from tests.runtime.tape import Tape
from tests.runtime.test_replay import API, SHOP
from tests.store import stream
from tests.store.journals import opened, read, told, turn, write
from tests.store.test_codec import _by_value


def test_everything_that_is_recorded_comes_back_in_its_order(tape: Tape, tmp_path: Path) -> None:
    journal = write(tmp_path / "journal.db", tape.entries)

    assert told(read(tmp_path / "journal.db")) == told(tape.entries)
    status = journal.status()
    assert status.writing
    assert status.trouble == ""
    assert status.entries == len(tape.entries)
    assert status.dropped == 0
    assert status.size > 10_000
    assert status.written == tape.restored().until


def test_a_journal_is_read_while_it_is_written(tape: Tape, tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = opened(path)
    half = len(tape.entries) // 2
    for entry in tape.entries[:half]:
        journal.record(entry)
    turn(journal)
    with JournalReader(path, make_codec()) as reader:
        for entry in tape.entries[half:]:
            journal.record(entry)
        turn(journal)
        assert told(list(reader.entries())) == told(tape.entries[:half])
    assert told(read(path)) == told(tape.entries)
    journal.start()
    journal.close(HANG)


def test_an_outcome_is_looked_up_once_until_8192_others_were_written() -> None:
    """As many as the querier remembers answers: a calm plan's repeat, and a stranger's do not fill the memory."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    tables.migrate(connection, Path("journal.db"))
    stored: list[str] = []
    rows = Rows(connection, make_codec())
    question = Question(DomainName("app.example.com."), RecordType.A)

    def write_numbered(*numbers: int) -> int:
        stored.clear()
        rows.write(
            Observation(question, FOUR[0], NoResponse(FailureReason.UNREACHABLE, str(number)), Instant(0.0, 0.0), 0.1)
            for number in numbers
        )
        return sum(statement.startswith("INSERT INTO outcomes") for statement in stored)

    connection.set_trace_callback(stored.append)
    assert write_numbered(*range(8192)) == 8192
    assert write_numbered(0, 4096, 8191) == 0
    assert write_numbered(8192, 0) == 2
    connection.close()


def test_people_can_read_the_answers_with_the_sqlite_shell(tape: Tape, tmp_path: Path) -> None:
    write(tmp_path / "journal.db", tape.entries)
    connection = sqlite3.connect(tmp_path / "journal.db")
    rows = connection.execute(
        "SELECT at, name, rdtype, server, milliseconds FROM answers ORDER BY id LIMIT 1"
    ).fetchall()
    sentences = connection.execute("SELECT sentence FROM effects WHERE code = 'fight-same-owner'").fetchall()
    connection.close()
    assert rows[0][0].startswith("2027-01-15T08:00:0")
    assert rows[0][4] == 10.0
    assert "same owner" in sentences[0][0]


def test_a_checkpoint_and_what_came_after_it_are_all_that_was_known(tape: Tape, tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    (checkpoint,) = tape.checkpoints
    journal = opened(path)
    until = checkpoint.at.monotonic
    before = [entry for entry in tape.entries if not _is_after(entry, until)]
    after = tape.entries[len(before) :]
    for entry in before:
        journal.record(entry)
    journal.checkpoint(checkpoint)
    for entry in after:
        journal.record(entry)
    journal.start()
    journal.close(HANG)

    kept = take_up_journal(State(path))

    restored, expected = kept.restored, tape.restored()
    assert restored is not None
    assert _by_value(tuple(restored.states.values())) == _by_value(tuple(expected.states.values()))
    assert restored.book == expected.book
    assert restored.billed == expected.billed
    assert restored.until == expected.until
    assert {name: place.servers for name, place in restored.places.items()} == {SHOP: FOUR, API: FOUR}
    shared = {id(place.servers) for place in restored.places.values()}
    assert len(shared) == 1  # by which questions to one zone's servers are counted together


def _is_after(entry: Entry, monotonic: float) -> bool:
    at = getattr(entry, "at", None)
    return at is not None and at.monotonic > monotonic


def test_the_clock_goes_on_from_the_last_moment_and_never_backwards(tape: Tape, tmp_path: Path) -> None:
    """The tape is of 2027: to this machine's clock that is still to come, as after a clock that was set back."""
    path = tmp_path / "journal.db"
    journal = opened(path)
    for entry in tape.entries:
        journal.record(entry)
    journal.checkpoint(tape.checkpoints[0])
    journal.start()
    journal.close(HANG)

    kept = take_up_journal(State(path))

    assert kept.restored is not None
    now = kept.clock.now()
    assert 0.0 <= now.monotonic - kept.restored.until.monotonic < 60.0


def test_a_full_queue_drops_what_comes_and_says_how_much(
    tape: Tape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "MAX_QUEUE", 100)
    path = tmp_path / "journal.db"
    journal = opened(path)
    for entry in tape.entries[:250]:
        journal.record(entry)
    assert journal.status().dropped == 150
    turn(journal)
    assert not journal.wants_checkpoint(stream.at(0)) or journal._checkpoint_wanted
    journal._checkpoint_wanted = False
    journal.record(tape.entries[250])
    assert journal.wants_checkpoint(stream.at(0))  # what follows makes no sense without all that is known
    turn(journal)

    entries = read(path)
    lost = [entry for entry in entries if isinstance(entry, EntriesLost)]
    assert [entry.lost for entry in lost] == [150]
    assert lost[0].since.monotonic <= lost[0].until.monotonic
    assert journal.status().unwatched[-1].since == lost[0].since
    journal.start()
    journal.close(HANG)


def test_answers_are_kept_for_their_time_and_what_was_told_for_longer(tape: Tape, tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    first = write(path, tape.entries)
    late = 3 * 86_400
    second = opened(path, State(path, observations=3600.0, effects=30 * 86_400.0))
    second.record(
        Observation(Question(stream.SHOP, RecordType.A), FOUR[0], NoResponse(FailureReason.TIMEOUT), stream.at(late), 1)
    )
    for _ in range(6):
        turn(second, 50)

    left = read(path)
    assert first.status().entries > 500
    told_of = [entry for entry in left if isinstance(entry, Effect)]
    assert len([entry for entry in left if isinstance(entry, Observation)]) < 2000
    assert len(told_of) == len([entry for entry in tape.entries if isinstance(entry, Effect) and told([entry])])
    second.start()
    second.close()


def test_an_older_file_is_brought_to_the_newest_version_and_keeps_what_it_has(
    tape: Tape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal.db"
    write(path, tape.entries)
    monkeypatch.setattr(
        tables, "MIGRATIONS", (*tables.MIGRATIONS, "CREATE TABLE notes (text TEXT); ALTER TABLE watches ADD note TEXT;")
    )
    connection = sqlite3.connect(path, isolation_level=None)
    tables.migrate(connection, path, tables.MIGRATIONS)
    assert connection.execute("PRAGMA user_version").fetchone() == (3,)
    assert connection.execute("SELECT note FROM watches").fetchall() == [(None,)]
    connection.close()


def test_a_migration_that_fails_takes_everything_back(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    write(path, [])
    connection = sqlite3.connect(path, isolation_level=None)
    broken = (*tables.MIGRATIONS, "CREATE TABLE notes (text TEXT); CREATE TABLE servers (name TEXT);")
    with pytest.raises(sqlite3.Error):
        tables.migrate(connection, path, broken)
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    assert connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'notes'").fetchone() == (0,)
    connection.close()


def test_what_another_version_knew_of_a_domain_is_forgotten_and_said_to_be(tape: Tape, tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = opened(path)
    for entry in tape.entries:
        journal.record(entry)
    journal.checkpoint(Checkpoint(*tape.checkpoints[0]))
    journal.start()
    journal.close(HANG)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE statuses SET body = x'00' WHERE domain = ?", (SHOP,))
    connection.commit()
    connection.close()

    with capture_logs() as logs:
        kept = take_up_journal(State(path))

    assert kept.restored is not None
    assert sum(kept.restored.states[DomainName(SHOP)].status.records[0].answers) == 0  # nothing false, only nothing
    assert sum(kept.restored.states[DomainName(API)].status.records[0].answers) > 10
    assert any("some domains cannot be read" in log["event"] and log["domains"] == (SHOP,) for log in logs)


def test_a_plan_of_another_version_begins_the_watch_anew_and_the_journal_goes_on(tape: Tape, tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = opened(path)
    journal.record(tape.entries[0])
    journal.checkpoint(tape.checkpoints[0])
    journal.start()
    journal.close(HANG)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE checkpoints SET plan = x'00'")
    connection.commit()
    connection.close()

    with capture_logs() as logs:
        kept = take_up_journal(State(path))

    assert kept.restored is None
    assert kept.journal is not None
    assert kept.journal.status().writing
    assert "the watch begins anew" in logs[0]["event"]


def test_only_the_owner_may_read_a_journal(tmp_path: Path) -> None:
    write(tmp_path / "journal.db", [])
    assert (tmp_path / "journal.db").stat().st_mode & 0o777 == 0o600


def test_a_journal_on_read_only_storage_can_be_replayed(tape: Tape, tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    write(path, tape.entries)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["journal.db", "journal.db.lock"]  # nothing beside it
    replay = Replay()
    for entry in read(path):
        replay.fold(entry)
    assert replay.statuses
