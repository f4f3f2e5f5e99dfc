"""What SQLite is told about a journal's file."""

from pathlib import Path

from probe.store.file import open_to_read, open_to_write

BUSY_MS, WAL_LIMIT, PAGE_BYTES = 2_000, 16 << 20, 4096
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


def test_a_file_is_bounded_in_size_in_its_log_and_in_how_long_it_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    connection = open_to_write(path, size=3)

    def told(name: str) -> object:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]

    assert told("page_size") == PAGE_BYTES
    assert told("max_page_count") == 3 * (1 << 20) // PAGE_BYTES
    assert told("journal_size_limit") == WAL_LIMIT
    assert told("busy_timeout") == BUSY_MS
    assert told("auto_vacuum") == 2  # incremental: pages can be given back some at a time
    reader = open_to_read(path)
    assert reader.execute("PRAGMA busy_timeout").fetchone() == (BUSY_MS,)
    reader.close()
    connection.close()
