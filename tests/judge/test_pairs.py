import random

import pytest

from probe.judge.luck import NOTHING
from probe.judge.memory import Evidence
from probe.judge.pairs import Memorability, count_pair, memorability
from probe.model.question import RecordType
from probe.model.status import Position, RecordStatus, ServerStatus
from tests.judge.answers import SERVERS

START = 60.0


def record(*tables: tuple[int, int, int, int], start: float = START) -> RecordStatus:
    return RecordStatus(
        RecordType.A,
        servers=tuple(
            ServerStatus(server, memory=Evidence(Position.V1, 1, NOTHING, 0.0, 0, 0, table, start))
            for server, table in zip(SERVERS, tables, strict=False)
        ),
    )


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_draws_have_no_memory_whatever_their_share(share: float) -> None:
    rng = random.Random(1)
    servers = []
    for _ in range(4):
        evidence = Evidence(Position.V1, 1, NOTHING, 0.0, 0, 0)
        for _ in range(500):
            first, second = (Position.V1 if rng.random() < share else Position.V2 for _ in range(2))
            evidence = count_pair(evidence._replace(position=second), first, Position.V1, START)
        servers.append(evidence.table)
    told = memorability(record(*servers), START)
    assert told.pairs == 2000
    assert abs(told.z) < 3
    assert abs(told.excess) < 0.15


def test_a_rewritten_record_remembers() -> None:
    told = memorability(record((50, 2, 3, 45), (40, 4, 4, 52)), START)
    assert told.servers == 2
    assert told.excess > 0.8
    assert told.z > 10


def test_servers_that_stand_apart_are_no_memory() -> None:
    assert memorability(record((100, 0, 0, 0), (0, 0, 0, 100)), START) == Memorability(200, 0, 0.0, 0.0)
    stale_beside_draws = record((0, 0, 0, 400), (100, 100, 100, 100), (100, 100, 100, 100))
    assert memorability(stale_beside_draws, START).z == 0.0


def test_only_pairs_of_this_count_are_joined() -> None:
    assert memorability(record((50, 2, 3, 45), start=0.0), START).pairs == 0
    old = Evidence(Position.V2, 1, NOTHING, 0.0, 0, 0, (9, 9, 9, 9), 0.0)
    assert count_pair(old, Position.V1, Position.V1, START).table == (0, 1, 0, 0)
    assert count_pair(old, Position.V2, Position.V1, START).table == (0, 0, 0, 1)
