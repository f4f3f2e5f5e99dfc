"""Many domains of one zone in one fight, under shared limits of asking: a real engine over servers that have a pace.

A question that has to wait for its server waits in virtual time, as it would in the querier's lanes. Each write reaches
each server in its own time.
"""

import asyncio
import random
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from probe.model.clock import Clock
from probe.model.effect import FindingRaised, StateChanged, TransitionConfirmed
from probe.model.name import DomainName
from probe.model.observation import Observation
from probe.model.outcome import Outcome
from probe.model.plan import Probing
from probe.model.ports import Query
from probe.model.question import RecordType
from probe.model.record import RecordState
from probe.model.server import Server
from probe.model.side import Side
from probe.wire.transport.pacing import ServerPace
from tests import fakes
from tests.fakes import FakeAsker
from tests.plans import plan
from tests.runtime.bench import FOUR, Bench, World, run_engine

RATE = Probing().queries_per_second
THIRD = 2
_Put: TypeAlias = tuple[float, Query, Callable[[Observation], None]]


class _Lane:
    """What waits for one server: (since when, query, sink); those that yield after all others."""

    def __init__(self) -> None:
        self.queue: deque[_Put] = deque()
        self.yielding: deque[_Put] = deque()
        self.pace = ServerPace(RATE, 0.0)
        self.wake: asyncio.TimerHandle | None = None


class PacedAsker(FakeAsker):
    """Puts no more questions to a server than its pace allows; the others wait for their turn.

    Attributes:
        longest_wait: Seconds that a question has waited at most that yields to none.
    """

    def __init__(self, clock: Clock, world: Callable[[Query], Outcome], elapsed: float = 0.01) -> None:
        super().__init__(clock, world, elapsed)
        self.longest_wait = 0.0
        self._lanes: defaultdict[Server, _Lane] = defaultdict(_Lane)

    def submit(
        self,
        queries: Iterable[Query],
        sink: Callable[[Observation], None],
        *,
        yielding: bool = False,
        gathered: bool = False,
    ) -> None:
        del gathered  # answers come as they come
        now = self.clock.now().monotonic
        for query in queries:
            lane = self._lanes[query.server]
            (lane.yielding if yielding else lane.queue).append((now, query, sink))
            self._serve(lane)

    def waiting(self) -> int:
        return sum(map(self.waiting_for, self._lanes))

    def waiting_for(self, server: Server) -> int:
        lane = self._lanes[server]
        return len(lane.queue) + len(lane.yielding)

    def _serve(self, lane: _Lane) -> None:
        now, loop = self.clock.now().monotonic, asyncio.get_running_loop()
        while lane.queue or lane.yielding:
            take, due = (lane.pace.take, lane.pace.due) if lane.queue else (lane.pace.take_spare, lane.pace.spare_due)
            if not take(now):
                if lane.wake is not None:
                    lane.wake.cancel()
                lane.wake = loop.call_later(due() - now, self._serve, lane)
                return
            if lane.queue:
                self.longest_wait = max(self.longest_wait, now - lane.queue[0][0])
            _, query, sink = (lane.queue or lane.yielding).popleft()
            self.asked.append(fakes.Asked(now, *query))
            loop.call_later(self.elapsed, self._complete, query, sink)


class Write(NamedTuple):
    """A name leads to `side` from `at` seconds on at each of the four servers."""

    at: tuple[float, ...]
    side: Side


class FightingWorld(World):
    """Names whose sides change at each server in its own time; their AAAA does not exist."""

    def __init__(self, clock: Callable[[], float], writes: Mapping[str, Sequence[Write]]) -> None:
        super().__init__()
        self._clock = clock
        self._writes = writes

    def __call__(self, ask: Query) -> Outcome:
        writes = self._writes.get(ask.question.name)
        if writes is None or ask.question.rdtype is RecordType.TXT:
            return super().__call__(ask)
        if ask.question.rdtype is RecordType.AAAA:
            return fakes.nodata()
        now, number = self._clock(), FOUR.index(ask.server)
        side = Side.V1
        for write in writes:
            if write.at[number] <= now:
                side = write.side
        return self._addresses(side, ask.question)


@dataclass
class Crowd:
    """What came of it.

    Attributes:
        delays: For each domain, (called flapping - first change) / (third - first), infinite when it was not.
        findings: (code, name, seconds since the first change) in the order in which they were raised.
        longest_wait: Seconds that a question has waited at most.
    """

    delays: list[float] = field(default_factory=list)
    findings: list[tuple[str, str, float]] = field(default_factory=list)
    transitions: dict[str, list[float]] = field(default_factory=dict)
    longest_wait: float = 0.0
    asked: int = 0


def play(number: int, dwells: tuple[float, float], seconds: float, seed: int = 1, begin: float = 120.0) -> Crowd:
    """Watch `number` domains in one fight with these two dwells for so many seconds after its first change."""
    rng = random.Random(seed)
    names = [f"h{index}.example.com." for index in range(number)]
    writes: dict[str, list[Write]] = {}
    firsts: dict[str, tuple[float, float]] = {}
    for name in names:
        at, off, turn = begin, rng.uniform(0.0, 2.0), 0
        own: list[Write] = []
        while at < begin + seconds:
            base = at + off + rng.uniform(0.5, 2.0)
            own.append(Write(tuple(base + rng.expovariate(1 / 1.0) for _ in FOUR), (Side.V2, Side.V1)[turn % 2]))
            at += dwells[turn % 2]
            turn += 1
        writes[name] = own
        visible = [sorted(write.at)[1] for write in own]
        firsts[name] = (visible[0], visible[2] if len(visible) > THIRD else float("inf"))
    found = Crowd()
    watched = plan(*names)

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(begin + seconds)
        told: dict[str, list[float]] = {}
        for effect in bench.effects:
            if isinstance(effect, TransitionConfirmed) and effect.rdtype is RecordType.A:
                told.setdefault(effect.domain, []).append(effect.transition.at.monotonic)
        raised: dict[DomainName, float] = {}
        for effect in bench.effects:
            if isinstance(effect, FindingRaised):
                found.findings.append((effect.finding.code, effect.finding.domain, effect.at.monotonic - begin))
            elif isinstance(effect, StateChanged) and effect.after is RecordState.FLAPPING:
                raised.setdefault(effect.domain, effect.at.monotonic)
        for name in names:
            first, third = firsts[name]
            alarm = raised.get(DomainName(name))
            found.delays.append((alarm - first) / (third - first) if alarm is not None else float("inf"))
        found.transitions = told
        querier = bench.querier
        assert isinstance(querier, PacedAsker)
        found.longest_wait = querier.longest_wait
        found.asked = sum(asked.at >= begin for asked in querier.asked)

    world = FightingWorld(lambda: asyncio.get_running_loop().time(), writes)
    run_engine(watched, scenario, world, querier=PacedAsker)
    return found
