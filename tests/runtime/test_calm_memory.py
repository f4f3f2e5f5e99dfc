"""What a calm domain weighs: objects that it has for itself, by walking from its state; equal ones are shared."""

import gc
from collections.abc import Iterable
from enum import Enum
from types import FunctionType, ModuleType

from probe.judge.record.state import RecordMemory
from probe.model.external_dns import ExternalDns
from tests.plans import plan
from tests.runtime.bench import Bench, run_engine

CALM = 240.0
DOMAINS = tuple(f"app-{number}.example.com." for number in range(50))


def reached(begin: Iterable[object]) -> list[object]:
    """Give every object that can be reached, but for what belongs to no domain: types, functions and words."""
    waiting, seen = list(begin), dict[int, object]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, (type, Enum, FunctionType, ModuleType)):
            continue
        seen[id(one)] = one
        waiting += gc.get_referents(one)
    return list(seen.values())


def test_calm_domains_share_what_is_remembered_of_their_records_and_what_the_plan_says_of_them() -> None:
    """Twelve memories of a hundred records, and five objects of a domain: 29 when each record had its own."""

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(CALM)
        watched = tuple(bench.engine._intake.watched_domains)
        remembered = reached(one.state.memory for one in watched)
        assert sum(isinstance(one, RecordMemory) for one in remembered) <= 20
        assert len(remembered) <= 5.2 * len(watched)
        setups = reached([bench.engine._intake._setups])
        assert sum(isinstance(one, ExternalDns) for one in setups) <= 2

    run_engine(plan(*DOMAINS), scenario)


def test_a_calm_domain_has_few_objects_for_itself() -> None:
    """153, two thirds of them moments and numbers; it had 184 when nothing was shared."""

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(CALM)
        watched = tuple(bench.engine._intake.watched_domains)
        half, all_of_them = (len(reached(one.state for one in some)) for some in (watched[::2], watched))
        assert (all_of_them - half) / (len(watched) / 2) <= 160

    run_engine(plan(*DOMAINS), scenario)
