"""Killed with SIGKILL at random moments, hundreds of times: nothing that was safe is lost, nothing false is known."""

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from probe.cli.keeping import take_up_journal
from probe.model.plan import State
from probe.runtime.replay import Replay
from probe.runtime.restored import RestoredState
from probe.store.tables import APPLICATION_ID
from tests.config.plans import ROOT
from tests.patience import HANG
from tests.store import stream
from tests.store.journals import as_first_format, opened, read, told, write
from tests.store.test_codec import _by_value

KILLS = int(os.environ.get("JOURNAL_KILLS", "200"))
"""docs/security.md has the long run."""
LONGEST_LIFE = 0.12
"""Seconds from fork to death at the most: opening, taking up, writing, checkpoints and pruning all fall into it. On a
machine on which so little time brings nobody far, lives grow with each such number of kills."""
LONGEST_MIGRATION = 0.04
"""Seconds from fork to death while a file of an older format is opened."""
FAR = 3000
"""Entries that have to be reached, so that something was written, kept and pruned between the kills."""


class Nursery:
    """The process that forks victims."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def line(self) -> str:
        out = self._process.stdout
        assert out is not None
        return out.readline().decode().rstrip("\n")

    def victim(self, path: Path, seed: int, lives: float, *, from_birth: bool) -> list[str]:
        """Let one live for so many seconds, from its birth or since it took the journal up, and give what it said."""
        into = self._process.stdin
        assert into is not None
        into.write(f"{path} {seed}\n".encode())
        into.flush()
        said = []
        while not (line := self.line()).startswith("pid"):
            said.append(line)
        pid = int(line.split()[1])
        while not (from_birth or any(line.startswith("began") for line in said)):
            said.append(self.line())
        try:
            self._process.wait(lives)
        except subprocess.TimeoutExpired:
            os.kill(pid, signal.SIGKILL)
        while (line := self.line()) != "gone":
            said.append(line)
        return said


@contextmanager
def nursery() -> Iterator[Nursery]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.store.nursery"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        yield Nursery(process)
    finally:
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()
        process.wait()


def test_hundreds_of_kills_lose_nothing_that_was_safe_and_leave_nothing_false(tmp_path: Path) -> None:
    rng = random.Random(4)
    path = tmp_path / "journal.db"
    truth = Replay()  # folds what the victims folded, and is never killed
    reached, kills, empty = -1, 0, 0
    with nursery() as victims:
        while kills < KILLS or reached <= FAR or empty >= kills / 4:
            lives = rng.uniform(0.0, LONGEST_LIFE) * (1 + kills // KILLS)
            said = victims.victim(path, rng.randrange(1 << 30), lives, from_birth=kills % 4 == 0)
            kills += 1
            safe = max((int(line.split()[1]) for line in said if line.startswith("safe")), default=-1)
            began = next((line.split(" ", 3) for line in said if line.startswith("began")), None)
            if began is None:  # it died before it had taken anything up
                empty += 1
            else:
                assert began[3] == "", began
                assert int(began[1]) == reached + 1, "it did not go on from where the one before it was"
            kept = take_up_journal(State(path)) if path.exists() else None
            restored = kept.restored if kept is not None else None
            if kept is not None and kept.journal is not None:
                assert kept.journal.status().writing, kept.journal.status().trouble
                kept.journal.start()
                kept.journal.close(HANG)
            if restored is None:
                assert safe == reached == -1, "what was known is forgotten"
                continue
            number = stream.number_at(restored.until)
            assert number >= max(safe, reached), f"safe up to {safe}, but known up to {number}"
            if restored.until != truth.until:  # it wrote something, if only that it began
                assert began is not None
                since = truth.until if began[2] != "new" else None
                for entry in stream.begins(reached + 1, since):
                    truth.fold(entry)
                stream.play(truth, reached + 1, number)
                reached = number
            _assert_same(restored, truth)
    assert path.read_bytes()[68:72] == APPLICATION_ID.to_bytes(4, "big")


def test_kills_while_an_older_file_is_brought_to_the_newest_format_cost_nothing_of_it(tmp_path: Path) -> None:
    rng = random.Random(5)
    newer, older, path = (tmp_path / name for name in ("newer.db", "older.db", "journal.db"))
    write(newer, [*stream.begins(0, None), *map(stream.entry, range(1, 600))])
    as_first_format(newer, older)
    before = told(read(older))
    with nursery() as victims:
        for _ in range(KILLS // 10):
            for leftover in tmp_path.glob("journal.db*"):
                leftover.unlink()
            shutil.copy(older, path)
            victims.victim(path, rng.randrange(1 << 30), rng.uniform(0.0, LONGEST_MIGRATION), from_birth=True)
            journal = opened(path)
            assert journal.status().writing, journal.status().trouble
            journal.start()
            journal.close(HANG)
            assert told(read(path))[: len(before)] == before


def _assert_same(restored: RestoredState, truth: Replay) -> None:
    expected = truth.restored()
    assert expected is not None
    assert _by_value(tuple(restored.states.values())) == _by_value(tuple(expected.states.values()))
    assert restored.book == expected.book
    assert restored.until == expected.until
