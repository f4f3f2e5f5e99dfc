"""What can go wrong with a journal's file: it is said, nothing of it is touched, and the probe goes on in memory."""

import os
import resource
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from probe.cli.keeping import make_codec, take_up_journal
from probe.model.journal import EntriesLost, Entry, TimePassed, WatchBegun
from probe.model.observation import Observation
from probe.model.outcome import Response, RRset
from probe.model.plan import State
from probe.model.question import Question, RecordType
from probe.store import file as store_file
from probe.store import journal as journal_module
from probe.store.journal import Journal
from probe.store.journal_error import JournalError
from probe.store.reading import JournalReader
from tests.patience import HANG
from tests.runtime.bench import FOUR
from tests.runtime.tape import Tape
from tests.store import stream
from tests.store.journals import opened, read, told, turn, write

RETRY_TURNS = 150
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


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


LOOP = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n, n FROM c"


def _with(*statements: str) -> Callable[[Path], None]:
    def harm(path: Path) -> None:
        write(path, [*stream.begins(0, None), *(stream.entry(number) for number in range(10))])
        connection = sqlite3.connect(path, isolation_level=None)
        for statement in statements:
            connection.execute(statement)
        connection.close()

    return harm


_endless_trigger = _with(f"CREATE TRIGGER t AFTER INSERT ON observations BEGIN INSERT INTO unsummed {LOOP}; END")
_endless_view = _with("ALTER TABLE watches RENAME TO w", f"CREATE VIEW watches AS {LOOP}")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


TROUBLES = [
    (_newer, "was written by a newer version of this program (format 99, this one knows 2)"),
    (_foreign, "is a database of another program and is left as it is"),
    (_no_database, "is damaged (file is not a database) and is left as it is"),
    (_endless_trigger, "is a database of another program and is left as it is"),
    (_endless_view, "is a database of another program and is left as it is"),
    (_with("DROP TABLE observations"), "is damaged (no such table: observations) and is left as it is"),
    (_pipe, "is no file, or leads to none: name another"),
    (_device, "is no file, or leads to none: name another"),
    (_folder, "is a folder: name a file in it"),
    (_cut, "is damaged (database disk image is malformed) and is left as it is"),
]


@pytest.mark.parametrize(("harm", "said"), TROUBLES)
def test_a_file_that_cannot_be_used_is_left_as_it_is_and_the_probe_goes_on_in_memory(
    harm: Callable[[Path], None], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "journal.db"
    harm(path)
    before = path.read_bytes() if path.is_file() else b""

    with capture_logs() as logs:
        kept = take_up_journal(State(path))

    assert kept.restored is None
    assert kept.journal is not None
    assert said in kept.journal.status().trouble
    assert said in logs[0]["reason"]
    assert logs[0]["log_level"] == "error"
    kept.journal.start()
    for number in range(50):
        kept.journal.record(stream.entry(number))
    kept.journal.close(HANG)
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
    journal.close(HANG)


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
    journal.close(HANG)


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
    journal.close(HANG)


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
    journal.close(HANG)


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
        journal.close(HANG)
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
    journal.close(HANG)


def _different(count: int) -> Iterator[Observation]:
    """Give answers none of which is like another."""
    for number in range(count):
        rrset = RRset(stream.SHOP, "A", 60, (f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",))
        response = Response("NOERROR", authoritative=True, answer=(rrset,), nsid="x" * 100)
        yield Observation(Question(stream.SHOP, RecordType.A), FOUR[0], response, stream.at(number), 0.01)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda _: None, "is no file: name a journal"),
        (_folder, "is no file"),
        (lambda path: path.touch(), "is empty"),
        (_pipe, "is no file"),
        (_device, "is no file"),
        *TROUBLES[:6],
    ],
)
def test_what_is_no_journal_is_not_read(harm: Callable[[Path], None], said: str, tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    harm(path)
    with pytest.raises(JournalError) as caught:
        JournalReader(path, make_codec())
    assert said in str(caught.value)


def test_memory_that_ends_while_the_journal_is_written_is_said_and_it_goes_on_once_there_is_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer's thread lives on: one that died would have left everybody believing that all is written."""
    path = tmp_path / "journal.db"
    journal = opened(path)
    entries = [*stream.begins(0, None), *map(stream.entry, range(1, 301))]
    for entry in entries[:100]:
        journal.record(entry)
    turn(journal)
    write_batch, failures = journal._writer.write, list[int]()

    def fail(batch: Sequence[Entry]) -> None:
        failures.append(len(batch))
        raise MemoryError

    monkeypatch.setattr(journal._writer, "write", fail)
    monkeypatch.setattr(journal_module, "FLUSH", 0.001)
    monkeypatch.setattr(journal_module, "RETRY_TURNS", 2)
    journal.start()
    for entry in entries[100:200]:
        journal.record(entry)
    while len(failures) < 4:  # the entries, and, each time that it is tried again, the mark of what is missing
        journal._closing.wait(0.001)
    assert not journal.status().writing
    assert "there is no memory left to write" in journal.status().trouble
    assert journal._thread.is_alive()

    monkeypatch.setattr(journal._writer, "write", write_batch)
    while not journal.status().writing:
        journal._closing.wait(0.001)
    for entry in entries[200:]:
        journal.record(entry)
    journal.close(HANG)
    kept = read(path)
    assert told([entry for entry in kept if not isinstance(entry, EntriesLost)]) == told(
        [*entries[:100], *entries[200:]]
    )
    assert sum(entry.lost for entry in kept if isinstance(entry, EntriesLost)) == 100


def test_a_value_that_is_longer_than_any_of_ours_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    _with("UPDATE events SET body = zeroblob(17 << 20)")(path)
    with pytest.raises(JournalError, match="is damaged"), JournalReader(path, make_codec()) as reader:
        list(reader.entries())


def _deleted(path: Path) -> None:
    path.unlink()


def _moved(path: Path) -> None:
    path.rename(path.with_name("old.db"))


def _replaced_by_a_copy(path: Path) -> None:
    shutil.copy(path, path.with_name("copy.db"))
    path.with_name("copy.db").replace(path)


def _replaced_by_nothing(path: Path) -> None:
    path.with_name("empty").touch()
    path.with_name("empty").replace(path)


def _gone_with_its_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name("gone"))
    path.parent.mkdir()


@pytest.mark.parametrize(
    "take_away", [_deleted, _moved, _replaced_by_a_copy, _replaced_by_nothing, _gone_with_its_folder]
)
def test_a_file_that_is_taken_away_is_missed_at_once_and_what_is_known_is_written_anew(
    take_away: Callable[[Path], None], tmp_path: Path
) -> None:
    """SQLite writes on into a file that nobody finds any more, and all would be said to be well."""
    path = tmp_path / "folder" / "journal.db"
    path.parent.mkdir()
    journal = opened(path)
    for entry in [*stream.begins(0, None), *(stream.entry(number) for number in range(100))]:
        journal.record(entry)
    turn(journal)
    assert journal.status().writing
    take_away(path)
    for number in range(100, 200):
        journal.record(stream.entry(number))
    turn(journal)
    assert "was deleted, moved or replaced while it was written" in journal.status().trouble
    for number in range(200, 300):
        journal.record(stream.entry(number))
    turn(journal, journal_module.RETRY_TURNS)
    assert journal.status().trouble == ""
    assert journal.wants_checkpoint(stream.at(300))
    journal.record(stream.entry(300))
    turn(journal)
    journal.start()
    journal.close(HANG)

    kept = read(path)
    begun = [number for number, entry in enumerate(kept) if isinstance(entry, WatchBegun)]
    assert told(kept[begun[-1] + 1 :]) == told([stream.entry(300)])
    again = take_up_journal(State(path)).restored
    assert again is not None
    assert again.plan == stream.begins(0, None)[0].plan  # type: ignore[union-attr]  # it is the begin of a watch
