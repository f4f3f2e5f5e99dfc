"""Weights that nobody declared, looked at by the whole engine: who has a window, and what it leaves to others."""

import asyncio
import random
from collections.abc import Callable
from itertools import pairwise

from probe.model.effect import FindingRaised
from probe.model.outcome import Outcome
from probe.model.plan import Probing
from probe.model.ports import Query
from probe.model.question import RecordType
from probe.model.side import Side
from tests import fakes
from tests.plans import plan
from tests.runtime.bench import Bench, World, run_engine
from tests.runtime.crowd import PacedAsker

DRAWN = tuple(f"drawn-{number}.example.com." for number in range(4))
CALM, FOUGHT = "calm.example.com.", "fought.example.com."
SLOW_SERVERS = Probing(queries_per_second=8.0)
"""Two windows at once: half of what bursts may ask at four servers is 11 questions a second, and a window is four."""

FIGHT = 400.0
SECONDS = 900.0


class WeightedWorld(World):
    """Names of which two ExternalDNS write the weights by turns, one that stands, and one that is fought over later."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self._rng = random.Random(3)

    def __call__(self, ask: Query) -> Outcome:
        name, now = ask.question.name, self._clock()
        if ask.question.rdtype is RecordType.TXT or name not in {*DRAWN, CALM, FOUGHT}:
            return super().__call__(ask)
        if ask.question.rdtype is RecordType.AAAA:
            return fakes.nodata()
        if name in DRAWN:
            share = 0.4 if now % 60.5 < 29 else 0.2
            return self._addresses(Side.V2 if self._rng.random() < share else Side.V1, ask.question)
        away = name == FOUGHT and now > FIGHT and (now - FIGHT) % 60.5 < 29
        return self._addresses(Side.V2 if away else Side.V1, ask.question)


def test_windows_take_turns_and_leave_calm_turns_and_a_fight_their_questions() -> None:
    asked: dict[str, list[float]] = {name: [] for name in (*DRAWN, CALM)}
    raised: list[tuple[str, str, float]] = []

    at_once: list[int] = []

    async def scenario(bench: Bench) -> None:
        while bench.clock.now().monotonic < SECONDS:
            await bench.clock.sleep(1.0)
            at_once.append(sum(len(room.sampled) for room in bench.engine._turns._samplers._by_servers.values()))
        querier = bench.querier
        assert isinstance(querier, PacedAsker)
        assert querier.longest_wait < 2.0  # of all questions that do not yield
        for one in querier.asked:
            if one.question.name in asked and one.question.rdtype is RecordType.A:
                asked[one.question.name].append(one.at)
        raised.extend(
            (effect.finding.code, effect.finding.domain, effect.at.monotonic)
            for effect in bench.effects
            if isinstance(effect, FindingRaised)
        )

    world = WeightedWorld(lambda: asyncio.get_running_loop().time())
    run_engine(plan(*DRAWN, CALM, FOUGHT, probing=SLOW_SERVERS), scenario, world, querier=PacedAsker)

    def is_dense(name: str, minute: int) -> bool:
        return sum(60 * minute <= at < 60 * (minute + 1) for at in asked[name]) > 150

    assert max(at_once) == 2
    assert any(is_dense(name, 14) for name in DRAWN)
    pauses = [after - before for before, after in pairwise(asked[CALM]) if before > 100]
    assert max(pauses) < 1.5 * SLOW_SERVERS.interval
    told = {(code, name) for code, name, _ in raised}
    assert {("weights-undeclared", name) for name in DRAWN} <= told
    assert sum(("flip-flop", name) in told for name in DRAWN) >= 2
    fought = min(at for code, name, at in raised if name == FOUGHT)
    assert fought < FIGHT + 95  # the third change comes after 60 s
