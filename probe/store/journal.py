"""The journal as the running probe knows it: entries go in, a thread of its own writes them, nobody waits.

On the event loop an entry costs its place in a queue. The thread takes what has come every `FLUSH` seconds and commits
it in one transaction: what was counted or confirmed is safe from the process' death within half a second. A checkpoint
(all that is known: a reference to each frozen value) stands in the queue like an entry; its parts are written as bytes
in portions, between which entries have their turn, and then committed as one.

When the file cannot be written the probe goes on in memory: entries are counted and let go, the trouble is said (log,
metric, page), and what waiting may mend is tried again. Once it can be written again the gap is written down, and a
checkpoint follows, so that nobody mistakes what is kept for all that happened.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

from probe.model.clock import Instant
from probe.model.journal import Checkpoint, EntriesLost, Entry, JournalStatus, PlanTaken, Unwatched, WatchBegun
from probe.model.plan import State
from probe.store.checkpoints import Encoding
from probe.store.codec import Codec
from probe.store.journal_error import JournalError, journal_error
from probe.store.reading import MAX_UNWATCHED, Past
from probe.store.writer import Writer

FLUSH = 0.2
"""Seconds between two commits: each costs a millisecond, and a kill at the worst moment so much of what was seen."""
MAX_QUEUE = 100_000
"""Entries that may wait: half a minute of what one core asks, at some 300 bytes each."""
MAX_BATCH = 5_000
"""Entries in one transaction: a tenth of a second."""
CHECKPOINT_EVERY = 60.0
"""Seconds between two checkpoints: what must be folded again after a kill is a minute's entries, in a second or two."""
CHECKPOINT_PER_DOMAIN = 0.02
"""Seconds more for each domain: writing one takes 0.4 ms, which makes a fiftieth of a core at the most."""
ENCODING_PAUSE = 0.01
"""Seconds between two portions of a checkpoint, in which probing has the interpreter to itself."""
RETRY_TURNS = 150
"""Turns of the writer (half a minute) between two tries to write again: room on a disk is made by people."""
PRUNE_TURNS = 50
"""Turns of the writer (ten seconds) between two looks at what is too old."""
LAST_COMMITS_SECONDS = 8.0
"""Seconds that the last commits get at the end, within the 30 of Kubernetes."""


class Journal:
    """Writes what happens; a `probe.model.ports.Recorder`.

    Args:
        path: The file.
        keep: How much of it is kept.
        codec: Writes values as bytes.
    """

    def __init__(self, path: Path, keep: State, codec: Codec) -> None:
        self._path = path
        self._codec = codec
        self._log = structlog.get_logger("probe.store")
        self._writer = Writer(path, keep, codec)
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._closing = threading.Event()
        self._queue: deque[Any] = deque()
        self._past: Past | None = None
        # What the event loop writes:
        self._overflow: EntriesLost | None = None
        self._overflown = 0
        self._checkpoint_due = float("-inf")
        # What the writer's thread writes, and anybody may read:
        self._trouble: JournalError | None = None
        self._encoding: Encoding | None = None
        self._checkpoint_wanted = True
        self._plan: WatchBegun | PlanTaken | None = None
        self._begun = False
        self._lost: EntriesLost | None = None
        self._entries = 0
        self._dropped = 0
        self._size = 0
        self._written: Instant | None = None
        self._unwatched: tuple[Unwatched, ...] = ()

    def open(self) -> Past | None:
        """Open the file and read what a probe can go on with. Never raises: what is wrong is in the status."""
        try:
            self._writer.open()
            past = self._writer.past()
        except (sqlite3.Error, OSError, JournalError) as error:
            self.give_up(error)
            return None
        if past is not None:
            self._unwatched = past.unwatched
            self._past = past
            if past.illegible:
                self._log.warning(
                    "this version cannot read the state in the journal: the watch begins anew, and the journal is "
                    "continued",
                    path=str(self._path),
                    reason=past.illegible,
                )
            if past.forgotten:
                self._log.warning(
                    "what was known of some domains cannot be read by this version: they begin anew",
                    path=str(self._path),
                    domains=past.forgotten,
                )
        return past

    def start(self) -> None:
        """Begin to write."""
        if self._past is not None and self._past.sums.left_out:  # what was to be read has been read by now
            self._log.warning(
                "rows of the journal are damaged: they were left out, and what they said is not known",
                path=str(self._path),
                rows=self._past.sums.left_out,
            )
        self._past = None
        self._thread.start()

    def record(self, entry: Entry) -> None:
        """Take one entry. On the event loop."""
        if len(self._queue) >= MAX_QUEUE:
            self._overflow = _one_more(self._overflow, entry)
            self._overflown += 1
            return
        if self._overflow is not None:
            self._queue.append(self._overflow)
            self._overflow = None
            self._checkpoint_wanted = True
        self._queue.append(entry)

    def wants_checkpoint(self, at: Instant) -> bool:
        """Tell whether it is time for a checkpoint. On the event loop."""
        return (
            self._trouble is None
            and self._encoding is None
            and (self._checkpoint_wanted or at.monotonic >= self._checkpoint_due)
        )

    def checkpoint(self, checkpoint: Checkpoint[Any, Any, Any]) -> None:
        """Take all that is known. On the event loop."""
        self._checkpoint_wanted = False
        pause = CHECKPOINT_EVERY + CHECKPOINT_PER_DOMAIN * len(checkpoint.states)
        self._checkpoint_due = checkpoint.at.monotonic + pause
        self._queue.append(checkpoint)

    def status(self) -> JournalStatus:
        """Tell how it fares. For any thread."""
        problem = self._trouble
        return JournalStatus(
            path=str(self._path),
            writing=problem is None,
            trouble=""
            if problem is None
            else f"The journal is not written, a restart would lose what is seen: {problem}.",
            entries=self._entries,
            dropped=self._dropped + self._overflown,
            size=self._size,
            written=self._written,
            unwatched=self._unwatched,
        )

    def give_up(self, error: Exception) -> None:
        """Go on in memory, because of this."""
        problem = (
            journal_error(error, self._path) if isinstance(error, (sqlite3.Error, OSError, MemoryError)) else error
        )
        if not isinstance(problem, JournalError):
            problem = JournalError(f"{self._path} cannot be written ({problem}): this is a mistake in the program")
        if str(problem) != str(self._trouble):
            self._log.error(
                "the journal is not written: the probe continues in memory",
                reason=f"{problem}.",
                tried_again=not problem.lasting,
            )
        self._trouble = problem
        self._encoding = None
        self._writer.drop()

    def close(self, within: float = LAST_COMMITS_SECONDS) -> None:
        """Write what is left and end, within some seconds. Blocks: not on the event loop."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(within)
            if self._thread.is_alive():
                self._log.warning("the journal did not end in time", path=str(self._path), bound_seconds=within)

    # From here on everything runs in the writer's thread.

    def _run(self) -> None:
        turn = 0
        while not self._closing.is_set():
            self._closing.wait(FLUSH if self._encoding is None else ENCODING_PAUSE)
            turn += self._encoding is None
            try:
                self._take_turn(turn)
            except (sqlite3.Error, OSError, JournalError, MemoryError) as error:
                self.give_up(error)
        while (self._queue or self._encoding is not None) and self._trouble is None:
            try:
                self._write()
            except (sqlite3.Error, MemoryError) as error:
                self.give_up(error)
        with suppress(sqlite3.Error):
            self._writer.end()

    def _take_turn(self, turn: int) -> None:
        if self._trouble is not None:
            self._let_go()
            if self._trouble.lasting or turn % RETRY_TURNS:
                return
            if self._writer.open():
                self._begun = False
            while self._writer.prune():  # or a file that is as large as it may be would stay so
                pass
            self._resume_writing()
        self._writer.look()
        self._write()
        if turn % PRUNE_TURNS == 0 and self._encoding is None:
            while self._writer.prune() and len(self._queue) < MAX_BATCH:
                pass
        if self._encoding is None:
            self._size = self._writer.size()

    def _write(self) -> None:
        """Write what has come, and one portion of a checkpoint that is on its way."""
        batch = self._take()
        if batch:
            try:
                checkpoints = self._writer.write(batch)
            except BaseException:
                self._lose(batch)
                raise
            self._note(batch)
            for entry, checkpoint in checkpoints:
                self._encoding = Encoding(entry, checkpoint, self._codec)
        if self._encoding is not None and self._encoding.go_on():
            self._writer.commit(self._encoding)
            self._encoding = None

    def _take(self) -> list[Any]:
        queue = self._queue
        return [queue.popleft() for _ in range(min(len(queue), MAX_BATCH))]

    def _note(self, batch: Sequence[Any]) -> None:
        """Keep count of what is safe by now."""
        self._entries += len(batch)
        self._written = self._writer.newest
        for entry in batch:
            if isinstance(entry, (WatchBegun, PlanTaken)):
                self._plan = entry
                self._begun = True
            if isinstance(entry, EntriesLost):
                self._tell_unwatched(Unwatched(entry.since, entry.until))
            elif isinstance(entry, WatchBegun) and entry.unwatched_since is not None:
                self._tell_unwatched(Unwatched(entry.unwatched_since, entry.at))

    def _tell_unwatched(self, gap: Unwatched) -> None:
        self._unwatched = (*self._unwatched, gap)[-MAX_UNWATCHED:]

    def _let_go(self) -> None:
        """Make room in the queue while nothing can be written."""
        while batch := self._take():
            self._lose(batch)

    def _lose(self, batch: Sequence[Any]) -> None:
        for entry in batch:
            if isinstance(entry, (WatchBegun, PlanTaken)):
                self._plan = entry
            if isinstance(entry, Checkpoint):
                self._checkpoint_wanted = True
            else:
                self._lost = _one_more(self._lost, entry)
                self._dropped += 1

    def _resume_writing(self) -> None:
        """Say what is missing, and have all that is known written: the file can be written again."""
        lost, entries = self._lost, list[Entry]()
        if not self._begun and self._plan is not None:  # what the file held was not gone on with
            entries.append(WatchBegun(self._plan.plan, self._plan.at if lost is None else lost.until, None))
        elif lost is not None:
            entries.append(lost)
        self._writer.write(entries)
        self._lost = None  # and not before: where this fails as well, it is still missing
        self._note(entries)
        self._trouble = None
        self._checkpoint_wanted = True
        self._log.info("the journal is written again", path=str(self._path), lost=self._dropped)


def _one_more(lost: EntriesLost | None, entry: Any) -> EntriesLost:
    """Count one more entry that could not be written."""
    number = entry.lost if isinstance(entry, EntriesLost) else 1
    at = getattr(entry, "at", None)
    since, until = (entry.since, entry.until) if isinstance(entry, EntriesLost) else (at, at)
    if lost is None:
        nowhere = Instant(0.0, 0.0)
        return EntriesLost(number, since or nowhere, until or nowhere)
    return EntriesLost(lost.lost + number, lost.since, until or lost.until)
