"""The pace of the writer: what waits, what is written at a time, how often it looks, and how long anything may take."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakSet

import pytest

from probe.model.clock import Instant
from probe.model.journal import Checkpoint, TimePassed, WatchBegun
from probe.model.plan import State
from probe.store.checkpoints import Encoding
from probe.store.journal import Journal
from tests.store import stream
from tests.store.journals import opened, turn

if TYPE_CHECKING:
    from probe.store.codec import Codec

FLUSH, ENCODING_PAUSE, LAST_COMMITS_SECONDS = 0.2, 0.01, 8.0
MAX_QUEUE, MAX_BATCH = 100_000, 5_000
CHECKPOINT_EVERY, CHECKPOINT_PER_DOMAIN, DOMAINS_AT_A_TIME = 60.0, 0.02, 8
RETRY_TURNS, PRUNE_TURNS = 150, 50
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

PASSED = TimePassed(stream.SHOP, stream.at(0))


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return opened(tmp_path / "journal.db")


def checkpoint(domains: int, at: Instant) -> Checkpoint[Any, Any, Any]:
    """Give one of so many domains, of which nothing else is known."""
    return Checkpoint(at, stream.PLAN, cast("tuple[Any, ...]", (None,) * domains), (), None, ())


def test_half_a_minute_of_what_one_core_asks_may_wait_and_what_comes_beyond_is_counted(journal: Journal) -> None:
    for _ in range(MAX_QUEUE):
        journal.record(PASSED)
    assert journal.status().dropped == 0
    journal.record(PASSED)
    assert journal.status().dropped == 1


def test_one_transaction_holds_a_tenth_of_a_second(journal: Journal) -> None:
    for _ in range(MAX_BATCH + 1):
        journal.record(PASSED)
    turn(journal)
    assert journal.status().entries == MAX_BATCH
    turn(journal)
    assert journal.status().entries == MAX_BATCH + 1


@pytest.mark.parametrize("domains", [0, 1, 1000, 10_000])
def test_the_next_checkpoint_is_a_minute_away_and_further_the_more_domains_there_are(
    domains: int, journal: Journal
) -> None:
    """A fiftieth of a core at the most goes into them."""
    at = stream.at(0)
    journal.checkpoint(checkpoint(domains, at))
    due = at.monotonic + CHECKPOINT_EVERY + CHECKPOINT_PER_DOMAIN * domains
    assert not journal.wants_checkpoint(Instant(at.wall, due - 0.001))
    assert journal.wants_checkpoint(Instant(at.wall, due))


def test_a_checkpoint_is_made_some_domains_at_a_time_and_lets_go_of_what_is_written() -> None:
    """What is known of the others has changed by then: of 10,000 domains a second state each would be held else."""

    class Status:
        domain = stream.PLAN.domains[0]

    class Counting:
        written = 0

        def dumps(self, _: object) -> bytes:
            self.written += 1
            return b""

    codec = Counting()
    states = tuple((Status(), None) for _ in range(2 * DOMAINS_AT_A_TIME + 1))
    known = checkpoint(0, stream.at(0))._replace(states=cast("tuple[Any, ...]", states))
    encoding = Encoding(1, known, cast("Codec", codec))
    held = WeakSet(status for status, _ in states)
    del states, known
    portions = []
    done = False
    while not done:
        before = codec.written
        done = encoding.go_on()
        portions.append(codec.written - before)
        assert len(held) + codec.written == 2 * DOMAINS_AT_A_TIME + 1
    assert portions == [DOMAINS_AT_A_TIME, DOMAINS_AT_A_TIME, 1]


def test_what_is_full_is_tried_again_every_half_minute(journal: Journal) -> None:
    journal.record(WatchBegun(stream.PLAN, stream.at(0), None))
    journal.give_up(OSError(28, "no space left"))
    for number in range(1, RETRY_TURNS):
        turn(journal, number)
        assert not journal.status().writing
    turn(journal, RETRY_TURNS)
    assert journal.status().writing


def test_what_is_too_old_is_looked_for_every_ten_seconds(tmp_path: Path) -> None:
    journal = opened(tmp_path / "journal.db", State(observations=60.0))
    for number in range(5_000):
        journal.record(TimePassed(stream.SHOP, stream.at(number)))
    turn(journal)

    def kept() -> int:
        (count,) = journal._writer._connection.execute("SELECT count(*) FROM observations").fetchone()
        return int(count)

    for number in range(1, PRUNE_TURNS):
        turn(journal, number)
        assert kept() == 5_000
    turn(journal, PRUNE_TURNS)
    assert kept() < 5_000


class Bell:
    """An event that is set after so many waits, and remembers how long each was to be."""

    def __init__(self, turns: int) -> None:
        self.left = turns
        self.waits: list[float] = []

    def is_set(self) -> bool:
        return self.left <= 0

    def set(self) -> None:
        self.left = 0

    def wait(self, seconds: float) -> None:
        self.left -= 1
        self.waits.append(seconds)


def test_it_commits_five_times_a_second_and_hardly_pauses_between_the_portions_of_a_checkpoint(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    bell = Bell(3)
    monkeypatch.setattr(journal, "_closing", bell)

    def take_turn(_: int) -> None:
        if len(bell.waits) == 1:
            monkeypatch.setattr(journal, "_encoding", object())
        elif len(bell.waits) == 2:
            monkeypatch.setattr(journal, "_encoding", None)

    monkeypatch.setattr(journal, "_take_turn", take_turn)
    journal._run()
    assert bell.waits == [FLUSH, ENCODING_PAUSE, FLUSH]


def test_the_last_commits_get_a_part_of_the_time_that_kubernetes_gives(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Thread:
        joined = 0.0

        def is_alive(self) -> bool:
            return True

        def join(self, seconds: float) -> None:
            self.joined = seconds

    thread = Thread()
    monkeypatch.setattr(journal, "_thread", thread)
    journal.close()
    assert thread.joined == LAST_COMMITS_SECONDS
