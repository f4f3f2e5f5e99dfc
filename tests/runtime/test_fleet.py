"""The start with as many domains as servers have time for, and what is asked of them from then on."""

import asyncio
from collections import Counter
from itertools import pairwise

import pytest

from probe.judge.polling.cost import ZONE_SERVERS
from probe.model.effect import TransitionConfirmed
from probe.model.plan import Probing
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.runtime import stretch
from tests.clock import LoopClock, VirtualLoop
from tests.runtime.bench import Bench
from tests.runtime.crowd import RATE, PacedAsker
from tests.runtime.fleet import FULL_ZONE, Fleet

STALE_AT_LEAST = 180.0
JITTER = 0.15
CALM_BESIDE_LOOKS = 28.0
LOOK_BACKLOG_SECONDS = 2.0
MOST_STRAIN = 4.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

FIVE_MINUTES = 300.0


@pytest.mark.long
def test_a_full_zone_is_known_within_five_minutes_beside_another_and_no_calm_turn_waits_for_a_look() -> None:
    fleet = Fleet((FULL_ZONE, 50))

    async def scenario(bench: Bench) -> None:
        while not bench.engine.snapshot().ready or bench.engine.progress().looked < FULL_ZONE + 50:
            await bench.clock.sleep(1.0)
        assert bench.clock.now().monotonic < FIVE_MINUTES / 3
        assert isinstance(bench.querier, PacedAsker)
        assert bench.querier.longest_wait < 1.0  # calm turns and bursts do not wait behind looks

    fleet.run(scenario)
    assert max(fleet.known[name] for name in fleet.names(1)) < FIVE_MINUTES / 15


def test_a_small_zone_does_not_wait_for_a_large_one_nor_for_one_whose_servers_are_silent() -> None:
    fleet = Fleet((FULL_ZONE, 30, 5), silent=frozenset({1}))

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(15.0)

    fleet.run(scenario)
    assert max(fleet.known[name] for name in fleet.names(2)) < 6.0
    assert not fleet.known.keys() & set(fleet.names(1))
    assert 30 < len(fleet.known.keys() & set(fleet.names(0))) < FULL_ZONE


def test_a_domain_has_no_calm_turn_before_its_first_look_is_over() -> None:
    """By counts: what is asked before is the look's, in which each name is asked twice at each server."""
    fleet = Fleet((90,))

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(12.0)
        asked = Counter(asked.question for asked in bench.querier.asked if asked.question.rdtype in ADDRESS_TYPES)
        by_name = {name: [asked[question] for question in asked if question.name == name] for name in fleet.names(0)}
        waiting = [name for name in fleet.names(0) if name not in fleet.known]
        assert len(waiting) > 20
        assert {count for name in waiting[5:] for count in by_name[name]} == set()

    fleet.run(scenario)


def test_what_changes_meanwhile_is_followed_as_if_nobody_waited() -> None:
    fleet = Fleet((FULL_ZONE,), moves={"app-0.zone-0.example.com.": 30.0})
    moved = fleet.names(0)[0]

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(65.0)
        assert not bench.engine.snapshot().ready
        (told,) = (
            effect
            for effect in bench.effects
            if isinstance(effect, TransitionConfirmed) and effect.rdtype is RecordType.A
        )
        assert told.domain == moved
        assert told.transition.at.monotonic < 30.0 + CALM_BESIDE_LOOKS * (1 + JITTER) + 1.0  # a turn, and a round

    fleet.run(scenario)


def test_calm_turns_give_way_while_others_of_the_zone_wait_for_their_first_look() -> None:
    fleet = Fleet((FULL_ZONE, 5))

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(70.0)
        assert bench.engine.progress().looked < FULL_ZONE
        full, alone = (len(bench.asked(fleet.names(zone)[0], 10.0)) for zone in (0, 1))
        assert full <= 60.0 / (CALM_BESIDE_LOOKS * (1 - JITTER)) + 1
        assert alone >= 60.0 / (Probing().interval * (1 + JITTER)) - 1

    fleet.run(scenario)


def test_four_turns_beside_looks_hear_all_servers_before_evidence_is_too_old() -> None:
    assert CALM_BESIDE_LOOKS * (1 + JITTER) * ZONE_SERVERS < STALE_AT_LEAST


def test_looks_wait_in_front_of_a_server_for_their_seconds_and_no_longer() -> None:
    fleet = Fleet((FULL_ZONE,))

    async def scenario(bench: Bench) -> None:
        for _ in range(20):
            await bench.clock.sleep(1.0)
            waiting = sum(map(bench.querier.waiting_for, fleet.servers(0)))
            assert 0 < waiting < (LOOK_BACKLOG_SECONDS + 1.0) * 4 * RATE

    fleet.run(scenario)


@pytest.mark.long
def test_in_a_full_zone_calm_turns_leave_when_they_are_due() -> None:
    """Due by chance alone one of a hundred would wait for half a second; at the start all waited for three."""
    fleet = Fleet((FULL_ZONE,))

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(200.0)
        assert bench.engine.snapshot().ready

    fleet.run(scenario)
    assert fleet.lags.quantile(0.99, 170.0, 200.0) <= 0.05
    assert fleet.lags.quantile(0.99, 20.0, 80.0) <= 0.1


async def starve() -> None:
    """Let the loop run for a fifth of the time."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    while True:
        loop.stand_still(0.2)
        await LoopClock(loop).sleep(0.05)


def test_with_too_little_cpu_calm_turns_give_way_and_a_change_is_followed_as_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stretch, "LEAST_FELT", 0.0)  # four domains stand for thousands
    fleet = Fleet((4,), moves={"app-0.zone-0.example.com.": 120.0})
    moved, calm = fleet.names(0)[:2]

    async def scenario(bench: Bench) -> None:
        starving = asyncio.create_task(starve())
        await bench.clock.sleep(60.0)
        asked = len(bench.asked(calm, 60.0))
        await bench.clock.sleep(60.0)
        assert len(bench.asked(calm, 60.0)) - asked <= 60.0 / (Probing().interval * MOST_STRAIN * 0.85) + 1
        await bench.clock.sleep(60.0)
        rounds = bench.asked(moved, 120.0)
        (told,) = (
            effect
            for effect in bench.effects
            if isinstance(effect, TransitionConfirmed)
            if effect.rdtype is RecordType.A
        )
        assert told.transition.at.monotonic < 120.0 + Probing().interval * MOST_STRAIN * 1.15 + 3.0
        after = [one for one in rounds if one.at >= told.transition.at.monotonic]
        assert len(after) >= 30  # the burst's rounds come as often as ever
        starving.cancel()

    fleet.run(scenario)


def test_where_the_plan_asks_often_calm_turns_give_way_by_as_much_and_no_more() -> None:
    often = Probing(interval=1.0)
    fleet = Fleet((60,))

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(15.0)
        assert 0 < bench.engine.progress().looked < 60
        turns = [one.at for one in bench.asked(fleet.names(0)[0]) if one.at > 6.0]
        assert all(later - earlier <= MOST_STRAIN * (1 + JITTER) + 0.5 for earlier, later in pairwise(turns))
        assert len(turns) >= 2

    fleet.run(scenario, often)
