"""A recorder that keeps everything in a list, and probes one after the other over one world."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from probe.model.clock import Instant, Wakeup
from probe.model.journal import Checkpoint, Entry, JournalStatus
from probe.model.plan import Plan
from probe.model.side import Side
from probe.runtime.replay import Replay
from probe.runtime.restored import RestoredState
from tests.clock import WALL_AT_ZERO, LoopClock, run_virtual
from tests.runtime.bench import Bench, World


class Tape:
    """What was recorded, in order."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.checkpoints: list[Checkpoint[Any, Any, Any]] = []
        self.wanted = False

    def record(self, entry: Entry) -> None:
        self.entries.append(entry)

    def wants_checkpoint(self, at: Instant) -> bool:
        del at
        return self.wanted

    def checkpoint(self, checkpoint: Checkpoint[Any, Any, Any]) -> None:
        self.checkpoints.append(checkpoint)
        self.wanted = False

    def status(self) -> JournalStatus | None:
        return None

    def restored(self) -> RestoredState:
        """Fold everything."""
        replay = Replay()
        for entry in self.entries:
            replay.fold(entry)
        restored = replay.restored()
        assert restored is not None
        return restored


class Later:
    """A loop's clock that begins later than at zero."""

    def __init__(self, clock: LoopClock, ahead: float) -> None:
        self._clock = clock
        self._ahead = ahead

    def now(self) -> Instant:
        monotonic = self._clock.now().monotonic + self._ahead
        return Instant(WALL_AT_ZERO + monotonic, monotonic)

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)

    def call_later(self, seconds: float, ring: Callable[[], None]) -> Wakeup:
        return self._clock.call_later(seconds, ring)


class Watch(NamedTuple):
    """One process' life: when it began and what it does."""

    begins: float
    scenario: Callable[[Bench], Awaitable[None]]
    plan: Plan | None = None


def live(plan: Plan, tape: Tape, *watches: Watch, world: World | None = None) -> list[Bench]:
    """Let one process after the other watch the same world, each going on with what is on the tape."""
    shared = world or World()
    for domain in plan.domains:
        shared.sides.setdefault(domain.name, Side.V1)
    benches = []
    for number, watch in enumerate(watches):

        async def main(clock: LoopClock, watch: Watch = watch, number: int = number) -> Bench:
            bench = Bench(
                Later(clock, watch.begins),
                watch.plan or plan,
                shared,
                recorder=tape,
                restored=tape.restored() if number else None,
                seed=7 + number,
            )
            bench.engine.start()
            await watch.scenario(bench)
            await bench.tasks.aclose(1.0)
            return bench

        benches.append(run_virtual(main))
    return benches
