"""The demonstration with a journal: what is folded again from the file is what was said, wherever it is split."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from probe.cli.assembly import assemble
from probe.cli.keeping import make_codec
from probe.config.load import parse
from probe.lab.world import World
from probe.model.effect import Effect, FindingRaised
from probe.model.journal import Checkpoint, Entry
from probe.model.plan import State
from probe.runtime.replay import Replay
from probe.runtime.restored import RestoredState, restored_from
from probe.store.journal import Journal
from probe.store.reading import JournalReader
from tests.clock import LoopClock, run_virtual
from tests.patience import HANG
from tests.store.test_codec import _by_value

pytestmark = pytest.mark.long

LENGTH = 420.0
"""Seconds: through a move, a hand-over, a weighted split, and into a fight."""
SPLITS = 12


class Kept:
    """One performance, what was said of it, and what its journal holds."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.effects: list[Effect] = []
        run_virtual(self._watch)
        with JournalReader(path, make_codec()) as reader:
            everything = list(reader.entries())
        self.entries = [entry for entry in everything if not isinstance(entry, Effect)]

    async def _watch(self, clock: LoopClock) -> None:
        async with World(clock, random.Random(3), on_scene=lambda _: None) as world:
            plan = parse(world.plan_text())
            self.codec = make_codec()
            journal = Journal(self.path, State(self.path), self.codec)
            journal.open()
            probe = assemble(plan, clock, observers=[self.effects.append], route=world.route, recorder=journal)
            journal.start()
            probe.engine.start()
            await clock.sleep(LENGTH)
            probe.engine.keep()
            await probe.tasks.aclose(1.0)
            await probe.querier.aclose()
            self.last = probe.engine.snapshot()  # not before: answers of this very moment may still be taken in
            journal.close(HANG)
            self.status = journal.status()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept(tmp_path_factory.mktemp("story") / "journal.db")


def test_a_replay_of_the_file_says_the_same_as_was_said_live(kept: Kept) -> None:
    told: list[Effect] = []
    replay = Replay(tell=told.append)
    for entry in kept.entries:
        replay.fold(entry)

    assert kept.status.dropped == 0
    assert kept.codec.unknown == set()  # or something that the judge remembers would not be kept
    assert len(kept.entries) > 2000
    assert any(isinstance(effect, FindingRaised) for effect in kept.effects)
    assert told == kept.effects
    assert _by_value(replay.statuses) == _by_value(kept.last.domains)


def test_split_anywhere_and_resumed_from_bytes_it_says_the_same(kept: Kept) -> None:
    rng = random.Random(11)
    places = sorted(rng.sample(range(10, len(kept.entries)), SPLITS))
    told: list[Effect] = []
    replay = Replay(tell=told.append)
    resumed: list[tuple[int, int, RestoredState]] = []
    for number, entry in enumerate(kept.entries):
        if number in places:
            resumed.append((number, len(told), _through_bytes(replay)))
        replay.fold(entry)
    for number, said, restored in resumed:
        statuses, later = _resumed(restored, kept.entries[number:])
        assert later == told[said:]
        assert _by_value(statuses) == _by_value(replay.statuses)


def _through_bytes(replay: Replay) -> RestoredState:
    restored = replay.restored()
    assert restored is not None
    codec = make_codec()
    written = Checkpoint(
        restored.until,
        restored.plan,
        tuple((state.status, state.memory) for state in restored.states.values()),
        tuple(restored.places.values()),
        restored.book,
        restored.billed,
        restored.vantage,
    )
    return restored_from(codec.loads(codec.dumps(written)), restored.until)


def _resumed(restored: RestoredState, entries: Sequence[Entry]) -> tuple[object, list[Effect]]:
    told: list[Effect] = []
    replay = Replay(tell=told.append)
    replay.go_on_from(restored, restored.until)
    for entry in entries:
        replay.fold(entry)
    return replay.statuses, told
