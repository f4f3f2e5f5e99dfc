"""How often an engine wakes up: seldom while all is calm, and at once when something is not."""

import asyncio
from collections import Counter

import pytest

from probe.model.effect import TransitionConfirmed
from probe.model.name import DomainName
from probe.model.question import ADDRESS_TYPES, Question, RecordType
from probe.model.side import Side
from tests import fakes
from tests.clock import VirtualLoop
from tests.plans import plan
from tests.runtime.bench import ADDRESSES, ELB_SERVERS, FOUR, Bench, run_engine

ENGINE_TICK_SECONDS, LONGEST_NAP_SECONDS = 0.05, 0.5
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

SETTLED, MINUTE = 240.0, 60.0
FIFTY = tuple(f"app-{number}.example.com." for number in range(50))


def wake_ups() -> int:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop.waits


def test_fifty_calm_domains_wake_the_loop_up_a_few_times_a_second_and_are_asked_in_batches() -> None:
    """Sixteen questions a second in three batches, whose answers are three more; TXT names and the rest are the others.

    A look every twentieth of a second alone would be twenty, and a wake-up for each turn and each answer another
    twenty. Whoever needs more than this has found a way to sleep less, and should know what for.
    """

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(SETTLED)
        before, begun = wake_ups(), bench.clock.now().monotonic
        await bench.clock.sleep(2 * MINUTE)
        assert (wake_ups() - before) / (2 * MINUTE) <= 6.0
        calm = [
            one
            for one in bench.querier.asked
            if one.at >= begun and one.server not in ELB_SERVERS and one.question.rdtype in ADDRESS_TYPES
        ]
        assert len(calm) / (2 * MINUTE) == pytest.approx(2 * 50 / 7.0, rel=0.05)
        batches = Counter(one.at for one in calm)
        assert len(calm) / len(batches) > 4.0
        by_server = Counter((one.at, one.server) for one in calm)
        assert max(by_server.values()) <= 2  # what its pace lets leave at once
        assert bench.engine.snapshot().schedule.max_lag < 0.001

    run_engine(plan(*FIFTY), scenario)


def test_one_domain_wakes_the_loop_up_for_its_turns_and_to_see_that_it_runs() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(SETTLED)
        before, beats = wake_ups(), bench.beats
        await bench.clock.sleep(MINUTE)
        assert 1 / LONGEST_NAP_SECONDS <= (bench.beats - beats) / MINUTE <= 3.5
        assert (wake_ups() - before) / MINUTE <= 5.0

    run_engine(plan(FIFTY[0]), scenario)


@pytest.mark.parametrize("moment", [0.0, 0.3, 0.61])
def test_a_surprise_wakes_it_up_at_once(moment: float) -> None:
    """Its question is repeated with the very batch of answers, and the first round leaves within a tick.

    Without being woken up the round would wait for the next calm turn of any domain, or for the end of the nap.
    """
    moved = SETTLED + moment

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(moved)
        question = Question(DomainName(FIFTY[0]), RecordType.A)  # two families that change are a round by themselves
        bench.world.special[question] = fakes.answer(question, *ADDRESSES[Side.V2, RecordType.A])
        await bench.clock.sleep(20.0)
        asked = bench.asked(FIFTY[0], moved)
        seen = asked[0].at + bench.querier.elapsed
        repeated = [one for one in asked if one.at == seen]
        assert {one.server for one in repeated} >= {asked[0].server}
        rounds = [one.at for one in asked if one.at >= seen and one.server != asked[0].server]
        assert rounds[0] <= seen + ENGINE_TICK_SECONDS + 1e-6
        assert {one.server for one in asked if one.at <= seen + 2.5} == set(FOUR)
        told = [one for one in bench.effects if isinstance(one, TransitionConfirmed)]
        assert told

    run_engine(plan(FIFTY[0], FIFTY[1]), scenario)


def test_rounds_of_a_burst_come_in_their_own_time_and_not_with_the_calm_turns_of_others() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(SETTLED)
        bench.world.sides[FIFTY[0]] = Side.V2
        await bench.clock.sleep(30.0)
        rounds = {one.at for one in bench.asked(FIFTY[0], SETTLED)}
        calm = {one.at for name in FIFTY[1:] for one in bench.asked(name, SETTLED)}
        assert len(rounds - calm) >= 5

    run_engine(plan(*FIFTY), scenario)


def test_a_first_look_is_taken_as_soon_as_its_servers_are_known() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(SETTLED)
        bench.world.sides["new.example.com."] = Side.V1
        begun = bench.clock.now().monotonic
        await bench.engine.replace(plan(FIFTY[0], "new.example.com."))
        await bench.clock.sleep(2.0)
        first = bench.asked("new.example.com.", begun)[0].at
        assert first - begun <= bench.delegator.elapsed + 0.25 + 2 * bench.querier.elapsed + 2 * ENGINE_TICK_SECONDS

    run_engine(plan(FIFTY[0]), scenario)
