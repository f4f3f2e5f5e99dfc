"""Processes to be killed: each takes a journal up, goes on with the endless watch, and is killed at some moment.

One process imports everything and forks a victim for each line that it reads (a journal's path and a seed). A victim
says what it goes on from, and then, again and again, up to which entry the journal calls what it wrote safe.
"""

import os
import random
import sys
import threading
import time
from pathlib import Path

from probe.cli.keeping import take_up_journal
from probe.judge.answer.address_book import AddressBook
from probe.judge.findings.vantage import Vantage
from probe.judge.state import DomainMemory
from probe.model.journal import Checkpoint
from probe.model.plan import State
from probe.runtime.replay import Replay
from probe.store import journal as journal_module
from tests.patience import HANG
from tests.store import stream


def live(path: Path, seed: int) -> None:
    """Watch, as fast as can be, until killed; one life in ten ends well."""
    rng = random.Random(seed)
    journal_module.FLUSH = rng.choice((0.001, 0.005, 0.02))
    journal_module.ENCODING_PAUSE = 0.001
    journal_module.CHECKPOINT_EVERY = rng.choice((20.0, 200.0, 2000.0))  # of the stream's seconds
    journal_module.MAX_BATCH = rng.choice((7, 100, 5000))
    journal, restored, _ = take_up_journal(State(path, observations=rng.choice((3600.0, 36_000.0))))
    assert journal is not None
    first = stream.number_at(restored.until) + 1 if restored is not None else 0
    since = restored.until if restored is not None else None
    say(f"began {first} {'new' if since is None else stream.number_at(since)} {journal.status().trouble}")
    replay = Replay()
    if restored is not None:
        replay.go_on_from(restored, restored.until)
    for entry in stream.begins(first, since):
        replay.fold(entry)
        journal.record(entry)
    journal.start()
    safe, number = -1, first
    lasts = rng.randrange(500, 3000) if rng.random() < 0.1 else sys.maxsize
    while number < first + lasts:
        entry = stream.entry(number)
        replay.fold(entry)
        journal.record(entry)
        if journal.wants_checkpoint(stream.at(number)):
            journal.checkpoint(checkpoint(replay, number))
        written = journal.status().written
        if written is not None and stream.number_at(written) > safe:
            safe = stream.number_at(written)
            say(f"safe {safe}")
        if number % 20 == 0:
            time.sleep(0.0005)
        number += 1
    journal.close(HANG)
    say(f"safe {number - 1}")
    say("ended")
    threading.Event().wait()  # until killed


def checkpoint(replay: Replay, number: int) -> Checkpoint[DomainMemory, AddressBook, Vantage]:
    """Give all that is known."""
    restored = replay.restored()
    assert restored is not None
    return Checkpoint(
        stream.at(number),
        restored.plan,
        tuple(restored.states.values()),
        tuple(restored.places.values()),
        restored.book,
        restored.billed,
        restored.vantage,
    )


def say(line: str) -> None:
    """Write a line so that it is out before anything else happens."""
    os.write(1, f"{line}\n".encode())


def main() -> None:
    """Fork a victim for each line."""
    for line in sys.stdin:
        path, seed = line.rsplit(" ", 1)
        pid = os.fork()
        if pid == 0:
            try:
                live(Path(path), int(seed))
            finally:
                os._exit(1)
        say(f"pid {pid}")
        os.waitpid(pid, 0)
        say("gone")


if __name__ == "__main__":
    main()
