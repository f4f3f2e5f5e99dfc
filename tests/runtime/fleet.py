"""Zones of many domains, each zone with four servers of its own that have a pace: a real engine, in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from probe.model.name import DomainName, parent
from probe.model.outcome import Outcome
from probe.model.plan import Probing
from probe.model.ports import Query
from probe.model.record import RecordState
from probe.model.server import Server
from probe.model.side import Side
from probe.runtime.schedule import LagMeter
from tests.fakes import server
from tests.plans import plan
from tests.runtime.bench import Bench, World, run_engine
from tests.runtime.crowd import PacedAsker

FULL_ZONE = 250
"""Domains whose calm turns fill what four servers have time for."""
_LOOK_EVERY = 1.0


class Lags(LagMeter):
    """Keeps every lag of a calm turn: (when it left, by how many seconds late)."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[tuple[float, float]] = []

    def note(self, lag: float, now: float) -> None:
        super().note(lag, now)
        self.all.append((now, lag))

    def quantile(self, q: float, since: float, until: float) -> float:
        """Give the lag that a part `q` of the turns between two moments did not exceed."""
        lags = sorted(lag for at, lag in self.all if since <= at < until)
        return lags[min(len(lags) - 1, int(len(lags) * q))]


@dataclass
class Fleet:
    """A fleet's servers, its changes, and what came of it.

    Attributes:
        sizes: How many domains each zone has.
        silent: Zones whose servers answer nothing.
        moves: Domains that are on v2 from a second on.
        known: When each domain was first seen to have a verdict, in seconds after the start.
        lags: By how much calm turns were late.
    """

    sizes: Sequence[int]
    silent: frozenset[int] = frozenset()
    moves: dict[str, float] = field(default_factory=dict)
    known: dict[DomainName, float] = field(default_factory=dict)
    lags: Lags = field(default_factory=Lags)

    def names(self, zone: int) -> list[DomainName]:
        """Give the domains of a zone."""
        return [DomainName(f"app-{number}.zone-{zone}.example.com.") for number in range(self.sizes[zone])]

    def servers(self, zone: int) -> tuple[Server, ...]:
        """Give its servers."""
        return tuple(server(100 + 4 * zone + number) for number in range(4))

    def run(self, scenario: Callable[[Bench], Awaitable[None]], probing: Probing | None = None) -> None:
        """Watch it from the start on, and play `scenario` meanwhile."""
        zones = range(len(self.sizes))
        names = [name for zone in zones for name in self.names(zone)]
        world = _FleetWorld(self.moves)
        world.silent = {one for zone in self.silent for one in self.servers(zone)}

        async def watched(bench: Bench) -> None:
            bench.engine._intake.lag = self.lags
            noting = asyncio.create_task(self._note(bench))
            await scenario(bench)
            noting.cancel()

        run_engine(
            plan(*names, probing=probing),
            watched,
            world,
            querier=PacedAsker,
            zones={parent(self.names(zone)[0]): self.servers(zone) for zone in zones},
        )

    async def _note(self, bench: Bench) -> None:
        while True:
            await bench.clock.sleep(_LOOK_EVERY)
            now = bench.clock.now().monotonic
            for status in bench.engine.snapshot().domains:
                if status.state is not RecordState.UNKNOWN:
                    self.known.setdefault(status.domain.name, now)


class _FleetWorld(World):
    def __init__(self, moves: dict[str, float]) -> None:
        super().__init__()
        self._moves = moves

    def __call__(self, ask: Query) -> Outcome:
        moved = self._moves.get(ask.question.name)
        if moved is not None and asyncio.get_running_loop().time() >= moved:
            self.sides[ask.question.name] = Side.V2
        return super().__call__(ask)
