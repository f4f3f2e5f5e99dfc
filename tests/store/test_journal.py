"""The journal on a real file: what goes in comes back, what cannot be written is counted and said."""

import os
import resource
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from probe.cli.keeping import make_codec, take_up_journal
from probe.model.effect import Effect
from probe.model.journal import Checkpoint, EntriesLost, Entry, TimePassed, WatchBegun
from probe.model.name import DomainName
from probe.model.observation import Observation
from probe.model.outcome import FailureReason, Response, RRset, Silence
from probe.model.plan import State
from probe.model.question import Question, RecordType
from probe.runtime.replay import Replay
from probe.store import file as store_file
from probe.store import journal as journal_module
from probe.store import tables
from probe.store.journal import MAX_QUEUE, RETRY_TURNS, Journal
from probe.store.reading import JournalReader
from probe.store.trouble import JournalError
from tests.plans import plan
from tests.runtime.bench import FOUR, RESOLVER, Bench
from tests.runtime.tape import Tape, Watch, live
from tests.runtime.test_replay import API, SHOP, a_fight
from tests.store import stream
from tests.store.test_codec import _by_value

KEEP = State()


def opened(path: Path, keep: State = KEEP) -> Journal:
    journal = Journal(path, keep, make_codec())
    journal.open()
    return journal


def turn(journal: Journal, number: int = 1) -> None:
    """Let the writer have a turn, in this thread."""
    try:
        journal._take_turn(number)
    except (sqlite3.Error, OSError, JournalError) as error:
        journal.give_up(error)


def write(path: Path, entries: list[Entry], keep: State = KEEP) -> Journal:
    """Write entries as one process does that ends well."""
    journal = opened(path, keep)
    for entry in entries:
        journal.record(entry)
    journal.start()
    journal.close()
    return journal


def read(path: Path) -> list[Entry]:
    with JournalReader(path, make_codec()) as reader:
        return list(reader.entries())


def told(entries: list[Entry]) -> list[object]:
    """Leave what is written of entries, by value."""
    untold = ("Surprised", "TargetsDoubted")
    return [_by_value(entry) for entry in entries if type(entry).__name__ not in untold]


@pytest.fixture(scope="module")
def tape() -> Tape:
    tape = Tape()

    async def scenario(bench: Bench) -> None:
        await a_fight(bench)
        tape.wanted = True
        await bench.clock.sleep(2)
        bench.world.silent.add(FOUR[1])
        await bench.clock.sleep(30)

    live(plan(SHOP, API, resolvers=(RESOLVER,)), tape, Watch(0.0, scenario))
    return tape


def test_everything_that_is_recorded_comes_back_in_its_order(tape: Tape, tmp_path: Path) -> None:
    journal = write(tmp_path / "journal.db", tape.entries)

    assert told(read(tmp_path / "journal.db")) == told(tape.entries)
    status = journal.status()
    assert status.writing
    assert status.trouble == ""
    assert status.entries == len(tape.entries)
    assert status.dropped == 0
    assert status.size > 10_000
    assert status.written == tape.known().until


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
    journal.close()


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
    journal.close()

    kept = take_up_journal(State(path))

    known, expected = kept.known, tape.known()
    assert known is not None
    assert _by_value(tuple(known.statuses.values())) == _by_value(tuple(expected.statuses.values()))
    assert known.book == expected.book
    assert known.billed == expected.billed
    assert known.until == expected.until
    assert {name: place.servers for name, place in known.places.items()} == {SHOP: FOUR, API: FOUR}
    shared = {id(place.servers) for place in known.places.values()}
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
    journal.close()

    kept = take_up_journal(State(path))

    assert kept.known is not None
    now = kept.clock.now()
    assert 0.0 <= now.monotonic - kept.known.until.monotonic < 60.0


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
    assert MAX_QUEUE >= 100_000
    journal.start()
    journal.close()


# --- what can be wrong with a file ---


def _newer(path: Path) -> None:
    write(path, [])
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


def _foreign(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE customers (name TEXT)")
    connection.commit()
    connection.close()


def _no_database(path: Path) -> None:
    path.write_bytes(b"vantage: seoul\n" * 1000)


def _folder(path: Path) -> None:
    path.mkdir()


def _cut(path: Path) -> None:
    write(path, [*stream.begins(0, None), *(stream.entry(number) for number in range(1000))])
    content = path.read_bytes()
    path.write_bytes(content[:1024] + b"\xff" * 8192 + content[9216:])


TROUBLES = [
    (_newer, "was written by a newer version of this program (format 99, this one knows 1)"),
    (_foreign, "is a database of another program and is left as it is"),
    (_no_database, "is damaged (file is not a database) and is left as it is"),
    (_folder, "is a folder: name a file in it"),
    (_cut, "is damaged (database disk image is malformed) and is left as it is"),
]


@pytest.mark.parametrize(("harm", "said"), TROUBLES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_file_that_cannot_be_used_is_left_as_it_is_and_the_probe_goes_on_in_memory(
    harm: Callable[[Path], None], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "journal.db"
    harm(path)
    before = path.read_bytes() if path.is_file() else b""

    with capture_logs() as logs:
        kept = take_up_journal(State(path))

    assert kept.known is None
    assert kept.journal is not None
    assert said in kept.journal.status().trouble
    assert said in logs[0]["reason"]
    assert logs[0]["log_level"] == "error"
    kept.journal.start()
    for number in range(50):
        kept.journal.record(stream.entry(number))
    kept.journal.close()
    assert not kept.journal.status().writing
    assert not kept.journal.wants_checkpoint(stream.at(0))
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    journal = opened(tmp_path / "no" / "journal.db")
    assert "does not exist: make it" in journal.status().trouble


def test_a_journal_that_another_probe_writes_is_left_to_that_until_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    first = opened(path)
    first.record(*stream.begins(0, None)[:1])
    turn(first)
    second = opened(path)
    assert "another probe writes to the journal" in second.status().trouble
    for entry in stream.begins(5, None):
        second.record(entry)
    turn(second, RETRY_TURNS)
    assert "another probe" in second.status().trouble
    assert second.status().dropped == 2

    first.start()
    first.close()
    for number in range(5, 30):
        second.record(stream.entry(number))
    turn(second, RETRY_TURNS)

    assert second.status().writing
    entries = read(path)
    assert [entry.unwatched_since for entry in entries if isinstance(entry, WatchBegun)] == [None, None]
    second.start()
    second.close()


def test_a_lock_of_another_program_is_waited_for_and_then_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_file, "BUSY_MS", 20)
    path = tmp_path / "journal.db"
    journal = opened(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    journal.record(stream.entry(1))
    turn(journal)
    assert "is locked by another program" in journal.status().trouble
    other.execute("ROLLBACK")
    other.close()
    turn(journal, RETRY_TURNS)
    assert journal.status().writing
    assert journal.status().dropped == 1
    assert [entry.lost for entry in read(path) if isinstance(entry, EntriesLost)] == [1]
    assert journal.wants_checkpoint(stream.at(0))
    journal.start()
    journal.close()


def test_a_file_that_is_damaged_under_way_ends_the_writing_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = opened(path)
    for number in range(2000):
        journal.record(stream.entry(number))
    turn(journal)
    journal._writer._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    content = bytearray(path.read_bytes())
    content[100:] = b"\xaa" * (len(content) - 100)
    path.write_bytes(content)
    journal._writer._connection.execute("PRAGMA shrink_memory")
    for number in range(2000, 4000):
        journal.record(stream.entry(number))
    turn(journal)
    assert "damaged" in journal.status().trouble
    assert journal.status().dropped == 2000
    turn(journal, RETRY_TURNS)
    assert not journal.status().writing  # damage does not mend by waiting


def test_what_is_left_after_giving_way_within_an_hour_is_still_whole(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = opened(path, State(path, size=1))
    for entry in stream.begins(0, None):
        journal.record(entry)
    for number, one in enumerate(_different(12_000)):
        journal.record(one._replace(at=stream.at(number / 20)))  # ten minutes in all
        if number % 250 == 0:
            turn(journal, 50)
    for _ in range(3):
        turn(journal, 50)

    assert journal.status().writing
    assert journal.status().dropped == 0
    kept = [entry for entry in read(path) if isinstance(entry, Observation)]
    assert 500 < len(kept) < 12_000
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM observations").fetchone() == (len(kept),)  # each with its evidence
    connection.close()
    assert [entry.at.monotonic for entry in kept] == sorted(entry.at.monotonic for entry in kept)
    journal.start()
    journal.close()


def test_a_file_that_may_not_grow_lets_the_oldest_give_way_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    keep = State(path, size=1)
    journal = opened(path, keep)
    for entry in stream.begins(0, None):
        journal.record(entry)
    troubles = set()
    for number, entry in enumerate(_different(12_000)):
        journal.record(entry)
        if number % 250 == 0:
            turn(journal, RETRY_TURNS if number % 1000 == 0 else 50)
            troubles.add(journal.status().trouble)
    for _ in range(3):
        turn(journal, RETRY_TURNS)

    assert journal.status().writing
    assert path.stat().st_size <= 1 << 20
    kept = [entry for entry in read(path) if isinstance(entry, Observation)]
    assert 500 < len(kept) < 12_000
    assert kept[-1].at.monotonic > 11_000 * stream.PACE
    assert isinstance(read(path)[0], WatchBegun)  # the plan by which what is left can be judged
    journal.start()
    journal.close()


def test_a_disk_that_is_full_for_a_while_costs_only_that_while(tmp_path: Path) -> None:
    """The process may write no file beyond a size: to SQLite it is a disk that takes no more."""
    path = tmp_path / "journal.db"
    journal = opened(path)
    for entry in stream.begins(0, None):
        journal.record(entry)
    play_into(journal, 1, 500)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.with_name("journal.db-wal").stat().st_size, hard))
    try:
        play_into(journal, 501, 1500)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not journal.status().writing
    assert "journal.db" in journal.status().trouble
    assert journal.status().dropped == 1000
    play_into(journal, 1501, 1600)
    assert journal.status().dropped == 1100

    turn(journal, RETRY_TURNS)
    assert journal.status().writing
    assert journal.wants_checkpoint(stream.at(1600))
    play_into(journal, 1601, 1700)

    entries = read(path)
    lost = [entry for entry in entries if isinstance(entry, EntriesLost)]
    assert [entry.lost for entry in lost] == [1100]
    moments = [stream.number_at(entry.at) for entry in entries if isinstance(entry, Observation | TimePassed)]
    assert moments == [*range(1, 501), *range(1601, 1701)]
    assert stream.number_at(lost[0].until) == 1600
    journal.start()
    journal.close()


def play_into(journal: Journal, first: int, last: int) -> None:
    for number in range(first, last + 1):
        journal.record(stream.entry(number))
    turn(journal)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up its rights for a while")
def test_a_folder_that_may_not_be_written_to_is_said_to_be_one(tape: Tape) -> None:
    folder = Path(tempfile.mkdtemp())
    path = folder / "journal.db"
    write(path, tape.entries)
    folder.chmod(0o755)
    path.chmod(0o644)
    os.seteuid(65534)  # nobody
    try:
        journal = opened(path)
        assert not journal.status().writing
        assert "Permission denied" in journal.status().trouble
        assert told(read(path)) == told(tape.entries)  # and yet it can be replayed
        journal.start()
        journal.close()
    finally:
        os.seteuid(0)
        shutil.rmtree(folder)


def test_a_full_file_is_said_to_be_full_and_what_it_holds_stays_whole(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = opened(path, State(path, size=1))
    entries = list(_different(5000))
    for entry in entries[:4900]:
        journal.record(entry)
    turn(journal)
    assert "is full, or state.size is too small: make room" in journal.status().trouble
    assert journal.status().dropped == 4900
    assert read(path) == []
    journal.close()


def _different(count: int) -> Iterator[Observation]:
    """Give answers none of which is like another."""
    for number in range(count):
        rrset = RRset(stream.SHOP, "A", 60, (f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",))
        response = Response("NOERROR", authoritative=True, answer=(rrset,), nsid="x" * 100)
        yield Observation(Question(stream.SHOP, RecordType.A), FOUR[0], response, stream.at(number), 0.01)


def test_answers_are_kept_for_their_time_and_what_was_told_for_longer(tape: Tape, tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    first = write(path, tape.entries)
    late = 3 * 86_400
    second = opened(path, State(path, observations=3600.0, effects=30 * 86_400.0))
    second.record(
        Observation(Question(stream.SHOP, RecordType.A), FOUR[0], Silence(FailureReason.TIMEOUT), stream.at(late), 1)
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
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    assert connection.execute("SELECT note FROM watches").fetchall() == [(None,)]
    connection.close()


def test_a_migration_that_fails_takes_everything_back(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    write(path, [])
    connection = sqlite3.connect(path, isolation_level=None)
    broken = (*tables.MIGRATIONS, "CREATE TABLE notes (text TEXT); CREATE TABLE servers (name TEXT);")
    with pytest.raises(sqlite3.Error):
        tables.migrate(connection, path, broken)
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'notes'").fetchone() == (0,)
    connection.close()


def test_what_another_version_knew_of_a_domain_is_forgotten_and_said_to_be(tape: Tape, tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = opened(path)
    for entry in tape.entries:
        journal.record(entry)
    journal.checkpoint(Checkpoint(*tape.checkpoints[0]))
    journal.start()
    journal.close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE statuses SET body = x'00' WHERE domain = ?", (SHOP,))
    connection.commit()
    connection.close()

    with capture_logs() as logs:
        kept = take_up_journal(State(path))

    assert kept.known is not None
    assert sum(kept.known.statuses[DomainName(SHOP)].records[0].answers) == 0  # nothing false, only nothing
    assert sum(kept.known.statuses[DomainName(API)].records[0].answers) > 10
    assert any("some domains cannot be read" in log["event"] and log["domains"] == (SHOP,) for log in logs)


def test_a_plan_of_another_version_begins_the_watch_anew_and_the_journal_goes_on(tape: Tape, tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = opened(path)
    journal.record(tape.entries[0])
    journal.checkpoint(tape.checkpoints[0])
    journal.start()
    journal.close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE checkpoints SET plan = x'00'")
    connection.commit()
    connection.close()

    with capture_logs() as logs:
        kept = take_up_journal(State(path))

    assert kept.known is None
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


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda _: None, "is no file: name a journal"),
        (_folder, "is no file"),
        (lambda path: path.touch(), "is empty"),
        *TROUBLES[:3],
    ],
)
def test_what_is_no_journal_is_not_read(harm: Callable[[Path], None], said: str, tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    harm(path)
    with pytest.raises(JournalError) as caught:
        JournalReader(path, make_codec())
    assert said in str(caught.value)
