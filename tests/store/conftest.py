"""A watch that was recorded once for all tests of what becomes of it."""

import pytest

from tests.plans import plan
from tests.runtime.bench import FOUR, RESOLVER, Bench
from tests.runtime.tape import Tape, Watch, live
from tests.runtime.test_replay import API, SHOP, a_fight


@pytest.fixture(scope="module")
def tape() -> Tape:
    tape = Tape()

    async def scenario(bench: Bench) -> None:
        await a_fight(bench)
        tape.wanted = True
        await bench.clock.sleep(2)
        bench.world.silent.add(FOUR[1])
        await bench.clock.sleep(30)

    live(plan(SHOP, API, resolvers=(RESOLVER,)), tape, Watch(0.0, scenario))
    return tape
