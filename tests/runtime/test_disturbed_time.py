"""Stopped, suspended, set to another hour: what is known afterwards is compared with what the servers really did.

Time that nobody watched is never held, no change is counted that was not seen, and nobody is accused of our absence.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from probe.model.clock import Instant, Wakeup
from probe.model.confirmation import Confirmation
from probe.model.effect import FindingRaised, TransitionConfirmed
from probe.model.external_dns import ExternalDns
from probe.model.name import ROOT
from probe.model.plan import Expectation, Plan, Probing
from probe.model.record import RecordState
from probe.model.side import Side
from tests.clock import WALL_AT_ZERO, LoopClock, VirtualLoop, run_virtual
from tests.plans import plan
from tests.runtime.bench import FOUR, RESOLVER, Bench, World

STOOD_STILL = 5.0
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

SHOP, API = "shop.example.com.", "api.example.com."
MINUTE, HOUR = 60.0, 3600.0
STOPS = (1.0, 4.0, 8.0, 30.0, 150.0, 600.0)
"""Seconds: from less than a calm turn to ten minutes."""
SUMMER_TIME_ENDS = 1_792_976_400.0
"""2026-10-25 01:00 UTC: in Berlin the hour from two to three comes a second time."""
SUMMER_TIME_BEGINS = 1_774_746_000.0
"""2026-03-29 01:00 UTC: in Berlin there is no hour from two to three."""
TENTH = (0.25, 2.25)
"""Seconds that a loop runs and does not, in turns: a tenth of a core, taken away for longer than any question waits.
What Linux' quota takes (90 ms of each 100) is shorter than a time-out, and makes questions leave late."""
OF_THE_PROBE = {"probe-behind", "probe-blind"}


class HandedClock:
    """A loop's clock whose wall a test sets: `time.time()` as people, NTP and a machine's sleep make it."""

    def __init__(self, clock: LoopClock, wall_at_zero: float = WALL_AT_ZERO) -> None:
        self._clock = clock
        self.wall_at_zero = wall_at_zero

    def now(self) -> Instant:
        monotonic = self._clock.now().monotonic
        return Instant(self.wall_at_zero + monotonic, monotonic)

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)

    def call_later(self, seconds: float, ring: Callable[[], None]) -> Wakeup:
        return self._clock.call_later(seconds, ring)


def watched(soak: float = 2 * HOUR) -> Plan:
    written = plan(SHOP, API, expectation=Expectation.V1, resolvers=(RESOLVER,))
    return replace(written, v1=replace(written.v1, external_dns=ExternalDns("prod")), soak=soak)


def live(
    scenario: Callable[[Bench, HandedClock], Awaitable[None]],
    wall_at_zero: float = WALL_AT_ZERO,
    soak: float = 2 * HOUR,
) -> Bench:
    async def main(clock: LoopClock) -> Bench:
        handed = HandedClock(clock, wall_at_zero)
        bench = Bench(handed, watched(soak), World())
        bench.world.sides = {SHOP: Side.V1, API: Side.V1}
        bench.engine.start()
        await scenario(bench, handed)
        await bench.tasks.aclose(1.0)
        return bench

    return run_virtual(main)


def held(bench: Bench) -> Confirmation:
    bench.engine.conclude()
    return bench.status(API).confirmation


def accused(bench: Bench) -> set[tuple[str, str]]:
    """Give what was said of whom, but for what the probe said of itself."""
    found = [effect.finding for effect in bench.effects if isinstance(effect, FindingRaised)]
    return {(str(one.domain), one.code.value) for one in found} - {(str(ROOT), code) for code in OF_THE_PROBE}


def stop(seconds: float) -> None:
    """Stop the process: SIGSTOP, a debugger, a starved node. Both scales run on."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop.stand_still(seconds)


def suspend(clock: HandedClock, seconds: float) -> None:
    """Put the machine to sleep: Linux' CLOCK_MONOTONIC stands still, and the wall's clock is right when it wakes."""
    clock.wall_at_zero += seconds


GAPS: dict[str, Callable[[HandedClock, float], None]] = {
    "stopped": lambda _, seconds: stop(seconds),
    "suspended": suspend,
}


@pytest.mark.long
@pytest.mark.case("F6")
@pytest.mark.parametrize("kind", GAPS)
@pytest.mark.parametrize("seconds", STOPS)
def test_after_a_gap_the_present_is_told_and_nothing_of_the_gap_is_invented_or_held(kind: str, seconds: float) -> None:
    """One domain moves in the gap and stays. What another did and undid meanwhile nobody saw: it is not held either."""

    async def scenario(bench: Bench, clock: HandedClock) -> None:
        await bench.clock.sleep(3 * MINUTE)
        before = held(bench)
        assert before.held > 2 * MINUTE
        GAPS[kind](clock, seconds)
        bench.world.sides[SHOP] = Side.V2
        await bench.clock.sleep(3 * MINUTE)
        after = held(bench)
        assert (bench.status(SHOP).state, bench.status(API).state) == (RecordState.V2, RecordState.V1)
        assert {effect.domain for effect in bench.effects if isinstance(effect, TransitionConfirmed)} == {SHOP}
        assert after.breaks == 0
        assert after.held <= before.held + 3 * MINUTE + 2 * Probing().interval
        if seconds > STOOD_STILL:
            assert after.unwatched > 0.0
            assert after.held + after.unwatched >= before.held + 3 * MINUTE - 2 * Probing().interval
        if seconds > STOOD_STILL and kind == "stopped":
            assert after.unwatched >= seconds

    assert accused(live(scenario)) == {(SHOP, "premature")}  # which is what is true


@pytest.mark.case("F6")
def test_a_soak_that_is_shorter_than_the_sleep_of_a_laptop_begins_anew() -> None:
    """An hour's sleep in a soak of half an hour: what is confirmed afterwards was watched for half an hour."""

    async def scenario(bench: Bench, clock: HandedClock) -> None:
        await bench.clock.sleep(3 * MINUTE)
        suspend(clock, HOUR)
        woken = bench.clock.now()
        await bench.clock.sleep(25 * MINUTE)
        assert not held(bench).confirmed
        await bench.clock.sleep(10 * MINUTE)
        confirmation = held(bench)
        assert confirmation.confirmed_at is not None
        assert confirmation.confirmed_at.monotonic - woken.monotonic >= 30 * MINUTE - 3 * MINUTE

    assert accused(live(scenario, soak=30 * MINUTE)) == set()


async def starve(bench: Bench, seconds: float) -> None:
    """Give the process a tenth of its time."""
    runs, stops = TENTH
    for _ in range(round(seconds / (runs + stops))):
        await bench.clock.sleep(runs)
        stop(stops)


@pytest.mark.long
@pytest.mark.case("B14")
@pytest.mark.parametrize("silent", [False, True], ids=["all servers answer", "one server is silent"])
def test_a_tenth_of_a_core_accuses_nobody_confirms_nothing_unseen_and_says_so(silent: bool) -> None:  # noqa: FBT001  # a case
    """One domain moves there and back unseen between two turns, one moves and stays: that one is told at last."""

    async def scenario(bench: Bench, _: HandedClock) -> None:
        await bench.clock.sleep(3 * MINUTE)
        before = held(bench)
        bench.querier.elapsed = Probing().timeout
        if silent:
            bench.world.silent = {FOUR[3]}
        await starve(bench, MINUTE)
        assert "probe-behind" in {finding.code.value for finding in bench.engine.snapshot().findings}
        runs, stops = TENTH
        await bench.clock.sleep(runs)
        bench.world.sides[API] = Side.V2
        stop(stops)
        bench.world.sides[API] = Side.V1
        bench.world.sides[SHOP] = Side.V2
        await starve(bench, 5 * MINUTE)
        after = held(bench)
        assert not after.confirmed
        assert after.held <= before.held + MINUTE
        assert after.breaks == 0
        assert [record.transitions for record in bench.status(API).records] == [0, 0]
        assert bench.status(API).state is RecordState.V1

        bench.querier.elapsed = 0.01
        bench.world.silent = set()
        await bench.clock.sleep(3 * MINUTE)
        assert (bench.status(SHOP).state, bench.status(API).state) == (RecordState.V2, RecordState.V1)
        assert bench.engine.snapshot().findings == ()

    bench = live(scenario)
    assert accused(bench) <= {(SHOP, "premature"), (SHOP, "stale-owner")}  # v1's ExternalDNS still owns it: so it is
    assert {effect.domain for effect in bench.effects if isinstance(effect, TransitionConfirmed)} == {SHOP}


@pytest.mark.parametrize("seconds", [-HOUR, -2.0, 2.0, HOUR], ids=lambda seconds: f"{seconds:+.0f} s")
def test_a_step_of_the_wall_clock_is_no_event_of_the_servers(seconds: float) -> None:
    """A step ahead looks like a sleep: the soak's clock stops for a moment. A step back is nothing."""

    async def scenario(bench: Bench, clock: HandedClock) -> None:
        await bench.clock.sleep(3 * MINUTE)
        before = held(bench)
        clock.wall_at_zero += seconds
        await bench.clock.sleep(3 * MINUTE)
        after = held(bench)
        assert after.breaks == 0
        assert before.held + 3 * MINUTE - 30.0 <= after.held <= before.held + 3 * MINUTE + 2 * Probing().interval
        assert {bench.status(name).state for name in (SHOP, API)} == {RecordState.V1}
        bench.world.sides[SHOP] = Side.V2
        await bench.clock.sleep(2 * MINUTE)
        assert [record.transitions for record in bench.status(SHOP).records] == [1, 1]
        assert bench.status(SHOP).since is not None

    assert {name for name, _ in accused(live(scenario))} == {SHOP}


@pytest.mark.parametrize("begins", [SUMMER_TIME_ENDS, SUMMER_TIME_BEGINS], ids=["it ends", "it begins"])
def test_summer_time_changes_nothing(begins: float, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(zone: str) -> list[str]:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

        async def scenario(bench: Bench, _: HandedClock) -> None:
            await bench.clock.sleep(90.0)
            bench.world.sides[SHOP] = Side.V2
            await bench.clock.sleep(90.0)

        return [repr(effect) for effect in live(scenario, begins - 60.0).effects]

    try:
        universal, german = told("UTC"), told("Europe/Berlin")
    finally:
        monkeypatch.undo()
        time.tzset()
    assert german == universal
    assert any("TransitionConfirmed" in effect for effect in universal)
