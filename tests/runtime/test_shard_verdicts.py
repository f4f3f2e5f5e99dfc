"""Four processes that share a plan say of each domain what one process says of all of them, in simulated time."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pytest

from probe.judge.polling.shard import part_of, shard_of
from probe.model.domain import DomainStatus
from probe.model.name import DomainName
from probe.model.plan import Plan, Shard
from probe.model.record import RecordState
from probe.model.side import Side
from tests.plans import plan
from tests.runtime.bench import FOUR, Bench, run_engine
from tests.runtime.crowd import FightingWorld, PacedAsker, Write

DOMAINS, SHARDS = 100, 4
NAMES = tuple(f"app-{number}.example.com." for number in range(DOMAINS))
MOVED, FOUGHT, BACK = NAMES[:20], NAMES[20:30], NAMES[30:35]
BEGIN, END = 90.0, 420.0
"""When the first write is made, and when verdicts are compared: long after the last one has reached every server."""
FIGHT_SECONDS = 30.0


class Told(NamedTuple):
    """What a process says of a domain."""

    state: RecordState
    findings: frozenset[str]
    changes: tuple[int, ...]


def _writes() -> dict[str, list[Write]]:
    rng = random.Random(3)

    def write(at: float, side: Side) -> Write:
        return Write(tuple(at + rng.uniform(0.5, 2.5) for _ in FOUR), side)

    moved = {name: [write(BEGIN, Side.V2)] for name in MOVED}
    back = {name: [write(BEGIN, Side.V2), write(BEGIN + 120.0, Side.V1)] for name in BACK}
    turns = range(int((END - BEGIN) / FIGHT_SECONDS))
    fought = {
        name: [write(BEGIN + turn * FIGHT_SECONDS, (Side.V2, Side.V1)[turn % 2]) for turn in turns] for name in FOUGHT
    }
    return {**moved, **back, **fought, **{name: [] for name in NAMES[35:]}}


def _told(status: DomainStatus) -> Told:
    changes = tuple(record.transitions for record in status.records)
    return Told(status.state, frozenset(finding.code for finding in status.findings), changes)


def _watch(watched: Plan, writes: Mapping[str, Sequence[Write]]) -> dict[DomainName, Told]:
    told: dict[DomainName, Told] = {}

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(END)
        told.update({status.domain.name: _told(status) for status in bench.engine.snapshot().domains})

    world = FightingWorld(lambda: asyncio.get_running_loop().time(), writes)
    run_engine(watched, scenario, world, querier=PacedAsker)
    return told


@pytest.fixture(scope="module")
def whole() -> dict[DomainName, Told]:
    """What one process says of all domains."""
    return _watch(plan(*NAMES), _writes())


@pytest.fixture(scope="module")
def parts() -> list[dict[DomainName, Told]]:
    """What each of four processes says of its own."""
    return [_watch(part_of(plan(*NAMES), Shard(ordinal, SHARDS)), _writes()) for ordinal in range(SHARDS)]


def test_four_processes_say_of_each_domain_what_one_says(
    whole: dict[DomainName, Told], parts: list[dict[DomainName, Told]]
) -> None:
    united = {name: told for part in parts for name, told in part.items()}

    assert sum(map(len, parts)) == DOMAINS
    assert united == whole


def test_what_is_compared_holds_moves_fights_and_ways_back(whole: dict[DomainName, Told]) -> None:
    def states(names: Sequence[str]) -> set[RecordState]:
        return {whole[DomainName(name)].state for name in names}

    assert states(MOVED) == {RecordState.V2}
    assert states(FOUGHT) == {RecordState.FLAPPING}
    assert states(BACK) == {RecordState.V1}
    assert {whole[DomainName(name)].changes[0] for name in BACK} == {2}
    assert all(whole[DomainName(name)].findings for name in FOUGHT)


def test_each_shard_has_a_part_of_what_happens() -> None:
    for happening in (MOVED, FOUGHT):
        assert len({shard_of(DomainName(name), SHARDS) for name in happening}) > 1
