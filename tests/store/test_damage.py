# ruff: noqa: S608  # the statements are the harm that is done
"""Bits that flip on disk, and journals with two names: nothing is invented, and what is left out is said."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from probe.cli.keeping import make_codec, take_up_journal
from probe.model.effect import FindingRaised
from probe.model.plan import State
from probe.model.record import RecordState
from probe.runtime.restored import RestoredState
from probe.store.journal_error import JournalError
from probe.store.reading import JournalReader
from tests.patience import HANG
from tests.runtime.tape import Tape
from tests.runtime.test_replay import SHOP
from tests.store.journals import as_first_format, opened, read, told, write

FLIPS = int(os.environ.get("JOURNAL_FLIPS", "60"))
"""docs/security.md has the long run."""
PAGES = int(os.environ.get("JOURNAL_PAGES", "12"))
"""Likewise."""
PAGE = 4096
HOLDER = """
import sys, fcntl
from pathlib import Path
from probe.store.file import Lock
lock = Lock(Path(sys.argv[1]))
lock.take()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def journal(tape: Tape, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("damage") / "journal.db"
    write(path, tape.entries)
    return path


def harmed(journal: Path, path: Path, statement: str) -> Path:
    shutil.copy(journal, path)
    connection = sqlite3.connect(path)
    assert connection.execute(statement).rowcount == 1
    connection.commit()
    connection.close()
    return path


def observation(name: str) -> str:
    return f"(SELECT {name} FROM observations WHERE server IS NOT NULL ORDER BY id LIMIT 1 OFFSET 40)"


@pytest.mark.case("F10")
@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE observations SET outcome = outcome + 1 WHERE id = {observation('id')}",
        f"UPDATE observations SET server = server + 1 WHERE id = {observation('id')}",
        f"UPDATE observations SET wall = wall + 64 WHERE id = {observation('id')}",
        f"UPDATE observations SET question = 'x' WHERE id = {observation('id')}",
        f"UPDATE observations SET sum = NULL WHERE id = {observation('id')}",
        f"UPDATE outcomes SET body = x'00' WHERE id = {observation('outcome')}",
        f"UPDATE servers SET id = 999 WHERE id = {observation('server')}",
        f"UPDATE questions SET name = replace(name, 'a', 'c') WHERE id = {observation('question')}",
        "UPDATE effects SET kind = 'FindingRaised' || kind WHERE id = (SELECT max(id) FROM effects)",
        "UPDATE events SET body = x'00' WHERE id = (SELECT max(id) FROM events)",
    ],
)
def test_a_row_that_is_not_as_it_was_written_is_left_out_and_counted(
    statement: str, journal: Path, tmp_path: Path
) -> None:
    whole = told(read(journal))
    with JournalReader(harmed(journal, tmp_path / "journal.db", statement), make_codec()) as reader:
        left = told(list(reader.entries()))
        assert reader.left_out >= 1 or "servers" in statement  # a server that is not there is no damaged row
    assert len(left) < len(whole)
    assert [entry for entry in left if entry not in whole] == []


@pytest.mark.case("F10")
def test_flipped_bits_invent_nothing(journal: Path, tmp_path: Path) -> None:
    """Anywhere in the file: SQLite refuses it, or rows are left out and counted, or it did not matter."""
    whole = [repr(entry) for entry in told(read(journal))]
    known = set(whole)
    content = journal.read_bytes()
    rng = random.Random(14)
    path = tmp_path / "journal.db"
    refused = counted = 0
    for _ in range(FLIPS):
        at = rng.randrange(100, len(content))
        path.write_bytes(content[:at] + bytes([content[at] ^ 1 << rng.randrange(8)]) + content[at + 1 :])
        try:
            with JournalReader(path, make_codec()) as reader:
                left = [repr(entry) for entry in told(list(reader.entries()))]
        except JournalError:
            refused += 1
            continue
        assert set(left) <= known, at
        counted += reader.left_out > 0
    assert counted > FLIPS // 20
    assert refused + counted <= FLIPS


def assert_known_was_so(restored: RestoredState | None, tape: Tape) -> None:
    """See that a probe that goes on tells of no finding, change, side or held second that there was not."""
    if restored is None:
        return
    truth = tape.restored().states
    raised = {(one.finding.domain, one.finding.code) for one in tape.entries if isinstance(one, FindingRaised)}
    sides = {RecordState.UNKNOWN, RecordState.V1, RecordState.V2, RecordState.PROPAGATING, RecordState.FLAPPING}
    for name, (status, _) in restored.states.items():
        was = truth[name].status
        assert {(finding.domain, finding.code) for finding in status.findings} <= raised
        assert all(now.transitions <= then.transitions for now, then in zip(status.records, was.records, strict=True))
        assert status.state in (sides if name == SHOP else {RecordState.UNKNOWN, RecordState.V1})
        assert status.confirmation.held <= was.confirmation.held


@pytest.mark.case("F10")
def test_what_a_probe_that_goes_on_with_flipped_bits_knows_was_so(tape: Tape, journal: Path, tmp_path: Path) -> None:
    """Rows that are left out are answers that did not come: they may hide a finding, and never make one."""
    content = journal.read_bytes()
    rng = random.Random(15)
    differing = 0
    for number in range(max(FLIPS // 6, 10)):
        path = tmp_path / f"{number}.db"
        damaged = bytearray(content)
        for _ in range(20):
            damaged[rng.randrange(4 * PAGE, len(content))] ^= 1 << rng.randrange(8)
        path.write_bytes(damaged)
        kept = take_up_journal(State(path))
        assert_known_was_so(kept.restored, tape)
        differing += kept.restored is None or kept.restored.states != tape.restored().states
        assert kept.journal is not None
        kept.journal.start()
        kept.journal.close(HANG)
    assert differing > 0


@pytest.mark.case("F10")
def test_lost_pages_invent_nothing_and_what_goes_on_from_the_file_knows_no_more_than_was_seen(
    tape: Tape, tmp_path: Path
) -> None:
    """A page of zeros, of noise, or as it was before the newest write, which the disk said it had done; or no end."""
    path, older = tmp_path / "journal.db", tmp_path / "older.db"
    write(path, tape.entries[: len(tape.entries) // 2])
    shutil.copy(path, older)
    write(path, tape.entries[len(tape.entries) // 2 :])
    content, before = path.read_bytes(), older.read_bytes()
    known = {repr(entry) for entry in told(read(path))}
    until = tape.restored().until
    rng = random.Random(41)
    harmed_path = tmp_path / "harmed.db"
    refused = left_out = 0
    for _ in range(PAGES):
        at = PAGE * rng.randrange(1, len(content) // PAGE)
        page = rng.choice((bytes(PAGE), rng.randbytes(PAGE), before[at : at + PAGE], None))
        harmed_path.write_bytes(content[:at] if page is None else content[:at] + page + content[at + PAGE :])
        try:
            with JournalReader(harmed_path, make_codec()) as reader:
                left = {repr(entry) for entry in told(list(reader.entries()))}
        except JournalError:
            refused += 1
        else:
            assert left <= known, at
            left_out += left < known
        kept = take_up_journal(State(harmed_path))
        assert kept.restored is None or kept.restored.until <= until, at
        assert_known_was_so(kept.restored, tape)
        assert kept.journal is not None
        kept.journal.start()
        kept.journal.close(HANG)
    assert refused > 0
    assert refused + left_out > PAGES // 2


@pytest.mark.case("F10")
def test_a_probe_that_goes_on_says_what_it_left_out(journal: Path, tmp_path: Path) -> None:
    statement = f"UPDATE observations SET outcome = outcome + 1 WHERE id = {observation('id')}"
    path = harmed(journal, tmp_path / "journal.db", statement)
    with capture_logs() as logs:
        kept = take_up_journal(State(path))
        assert kept.journal is not None
        kept.journal.start()
        kept.journal.close(HANG)
    assert [log["rows"] for log in logs if "rows of the journal are damaged" in log["event"]] == [1]


@pytest.mark.case("F10")
def test_a_watch_that_ends_in_another_year_neither_sets_the_clock_nor_removes_what_is_kept(
    journal: Path, tmp_path: Path
) -> None:
    path = harmed(journal, tmp_path / "journal.db", "UPDATE watches SET until_wall = until_wall * 2 WHERE id = 1")
    kept = take_up_journal(State(path))
    assert kept.restored is None
    assert kept.journal is not None
    kept.journal.start()
    kept.journal.close(HANG)
    assert len(read(path)) == len(read(journal))


def test_a_file_from_before_the_sums_is_read_and_goes_on(journal: Path, tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    as_first_format(journal, path)

    assert told(read(path)) == told(read(journal))
    before = read(path)
    kept = opened(path)
    kept.start()
    kept.close()
    assert told(read(path))[: len(before)] == told(before)
    with JournalReader(path, make_codec()) as reader:
        list(reader.entries())
        assert reader.left_out == 0


@pytest.mark.case("F9")
@pytest.mark.parametrize("link", [os.link, os.symlink], ids=["hard link", "symbolic link"])
@pytest.mark.parametrize("folder", [".", "other"])
def test_one_probe_writes_a_journal_whatever_its_name(link: object, folder: str, journal: Path, tmp_path: Path) -> None:
    path = tmp_path / "one.db"
    shutil.copy(journal, path)
    (tmp_path / "other").mkdir()
    second = tmp_path / folder / "two.db"
    assert callable(link)
    link(path, second)
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, path], stdin=-1, stdout=-1)
    assert holder.stdin is not None
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == b"held\n"
        status = opened(second).status()
        assert not status.writing
        assert "another probe writes to" in status.trouble
        assert "by this or another name" in status.trouble
    finally:
        holder.stdin.close()
        holder.wait(HANG)
        holder.stdout.close()
    after = opened(second)
    assert after.status().writing
    after.start()
    after.close()


@pytest.mark.case("F9")
def test_a_file_that_was_put_in_the_place_of_a_journal_is_locked_as_well(journal: Path, tmp_path: Path) -> None:
    path, other = tmp_path / "one.db", tmp_path / "two.db"
    shutil.copy(journal, path)
    first = opened(path)
    path.rename(other)
    shutil.copy(other, path)
    first._writer._lock.take()
    assert not opened(tmp_path / "one.db").status().writing
    first._writer.end()
