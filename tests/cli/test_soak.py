"""A soak over the simulated migration, in virtual time, over real sockets: the same engine as the daemon's."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from probe.cli.commands.confirm import _limits
from probe.cli.selection import narrow
from probe.cli.sign_off import sign_off
from probe.cli.soak import Record, Soaked, SoakLimits, _pause, soak
from probe.config.load import parse
from probe.lab.world import World
from probe.model.check import CheckOutcome
from probe.model.confirmation import Criterion
from probe.model.name import display
from probe.model.plan import Domain, Expectation, Plan
from probe.report.event import Event, EventKind
from probe.report.sign_off import Ending, SignOff
from tests.clock import FakeClock, LoopClock, run_virtual
from tests.plans import plan
from tests.snapshots import NOW, fleet

if TYPE_CHECKING:
    from probe.model.snapshot import Snapshot


class Soaking:
    """One soak of waves of the story, with what was shown and told meanwhile."""

    def __init__(
        self,
        *waves: str,
        limits: SoakLimits,
        expect: Expectation | None = None,
        wait: float = 0.0,
        interrupt_at: float | None = None,
        plan: Callable[[Plan], Plan] = lambda plan: plan,
    ) -> None:
        self.told: list[Event] = []
        self.shown: list[Snapshot] = []
        self._waves = waves
        self._limits = limits
        self._expect = expect
        self._wait = wait
        self._interrupt_at = interrupt_at
        self._plan = plan
        self.soaked: Soaked = run_virtual(self._run)
        self.report: SignOff = sign_off(self.soaked, limits, "a tester")

    def kinds(self, name: str) -> list[EventKind]:
        return [event.kind for event in self.told if event.domain is not None and display(event.domain) == name]

    async def _run(self, clock: LoopClock) -> Soaked:
        interrupted = asyncio.Event()
        async with World(clock, random.Random(5)) as world:
            plan = self._plan(narrow(parse(world.plan_text()), self._waves, ()))
            if self._expect is not None:
                plan = expecting(plan, self._expect)
            await clock.sleep(self._wait)
            if self._interrupt_at is not None:
                asyncio.get_running_loop().call_later(self._interrupt_at, interrupted.set)
            return await soak(
                replace(plan, soak=self._limits.soak),
                clock,
                self._limits,
                show=self.shown.append,
                tell=self.told.append,
                interrupted=interrupted,
                route=world.route,
            )


def obedient(plan: Plan) -> Plan:
    """Leave out the one resolver that serves expired answers."""
    return replace(plan, resolvers=tuple(one for one in plan.resolvers if one.name != "isp"))


def owned_by_default(plan: Plan) -> Plan:
    """Tell the owner id that v1's ExternalDNS for the shop has."""
    return replace(plan, v1=replace(plan.v1, external_dns=replace(plan.v1.external_dns, txt_owner_id="default")))


def expecting(plan: Plan, expectation: Expectation) -> Plan:
    def domain(one: Domain) -> Domain:
        return replace(one, expectation=expectation, weights=None)

    return replace(
        plan,
        waves=tuple(
            replace(wave, expectation=expectation, domains=tuple(map(domain, wave.domains))) for wave in plan.waves
        ),
    )


class NotingClock(FakeClock):
    """Notes for how long it was to sleep, and does not."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def test_unless_told_a_confirmation_may_take_twice_its_soak_and_three_minutes() -> None:
    assert _limits(plan("app.example.com."), 600, None) == SoakLimits(600, 2 * 600 + 3 * 60)


@pytest.mark.parametrize(("seconds", "pause"), [(1, 0.1), (10, 0.5), (3_600, 1.0)])
def test_a_short_soak_is_looked_at_more_often_than_a_long_one(seconds: float, pause: float) -> None:
    clock = NotingClock()
    asyncio.run(_pause(clock, SoakLimits(seconds, 2 * seconds), asyncio.Event()))
    assert clock.slept == [pause]


def test_of_a_domain_two_hundred_events_are_kept_and_those_that_are_not_are_counted() -> None:
    record = Record()
    for number in range(201):
        assert record.forgotten == 0
        record.note(Event(NOW, None, EventKind.FINDING, str(number)))
    assert (record.forgotten, len(record.events), record.events[0].text) == (1, 200, "1")


def test_of_a_domains_outcome_five_hundred_changes_are_kept() -> None:
    soaked = Soaked(NOW, fleet(1))
    (status,) = soaked.snapshot.domains
    for number in range(501):
        outcome = (CheckOutcome.PASS, CheckOutcome.FAIL)[number % 2]
        turned = status._replace(confirmation=status.confirmation._replace(outcome=outcome))
        soaked.look(replace(soaked.snapshot, domains=(turned,)))
    course = soaked.records[status.domain.name].course
    assert (len(course), course[0].outcome, course[-1].outcome) == (500, CheckOutcome.FAIL, CheckOutcome.PASS)


def test_a_wave_that_has_moved_is_confirmed_when_the_soak_is_over() -> None:
    soaking = Soaking("internal-tools", limits=SoakLimits(300, 900))
    assert (soaking.soaked.ending, soaking.report.check.outcome) == (Ending.HELD, CheckOutcome.PASS)
    took = soaking.report.ended.monotonic - soaking.report.began.monotonic
    assert 300 < took < 400
    (wave,) = soaking.report.waves
    assert wave.confirmed
    assert wave.sentence.startswith("Wave internal-tools is confirmed: all 3 domains have held every criterion for 5 ")
    for domain in soaking.report.domains:
        assert {one.name for one in domain.status.confirmation.criteria} == {
            Criterion.AUTHORITATIVE,
            Criterion.RESOLVERS,
            Criterion.OWNERSHIP,
            Criterion.FINDINGS,
            Criterion.WATCHED,
        }
        assert domain.course[-1].outcome is CheckOutcome.PASS
        assert [event.kind for event in domain.events if event.kind in (EventKind.HELD, EventKind.BROKEN)] == [
            EventKind.HELD
        ]


def test_a_wave_that_moves_meanwhile_is_confirmed_once_it_is_there_and_drained() -> None:
    """admin.example.com moves a minute into the story; only then can its clock start."""
    soaking = Soaking(
        "admin",
        limits=SoakLimits(120, 460),
        expect=Expectation.V2,
        plan=lambda plan: obedient(narrow(plan, (), ["admin.example.com"])),
    )
    assert soaking.report.check.outcome is CheckOutcome.PASS, soaking.report.check.sentence
    kinds = soaking.kinds("admin.example.com")
    assert kinds.index(EventKind.TRANSITION) < kinds.index(EventKind.HELD)
    (domain,) = soaking.report.domains
    assert domain.status.confirmation.since is not None
    moved = domain.status.records[0].recent[-1].at.monotonic
    assert domain.status.confirmation.since.monotonic > moved + 59  # an alias lives 60 s in caches


def test_a_fight_breaks_the_soak_and_it_ends_as_soon_as_the_time_cannot_suffice() -> None:
    """shop.example.com stands on v1 until its fight begins after 150 s; no soak of ten minutes has a chance then."""
    soaking = Soaking(
        "front-ends",
        limits=SoakLimits(600, 700),
        expect=Expectation.V1,
        plan=lambda plan: owned_by_default(narrow(plan, (), ["shop.example.com"])),
    )
    assert (soaking.soaked.ending, soaking.report.check.outcome) == (Ending.NO_LONGER_POSSIBLE, CheckOutcome.FAIL)
    (domain,) = soaking.report.domains
    assert domain.status.confirmation.breaks == 1
    assert domain.status.confirmation.broken is not None
    # A resolver that holds the other side may be seen before enough servers are: whatever is asked first.
    assert domain.status.confirmation.broken.criterion in {Criterion.AUTHORITATIVE, Criterion.RESOLVERS}
    took = soaking.report.ended.monotonic - soaking.report.began.monotonic
    assert 140 < took < 240
    assert "what is left of the time is shorter than what is left of the soak" in soaking.report.check.sentence


def test_the_deletion_of_v1s_ingress_breaks_the_soak_and_the_clock_starts_again() -> None:
    """billing.example.com goes away with v1's Ingress and comes back on v2: held to v1 before, it cannot hold again."""
    soaking = Soaking(
        "admin",
        limits=SoakLimits(500, 2_000),
        expect=Expectation.V1,
        plan=lambda plan: narrow(plan, (), ["billing.example.com"]),
        wait=300.0,
        interrupt_at=400.0,
    )
    assert (soaking.soaked.ending, soaking.report.check.outcome) == (Ending.INTERRUPTED, CheckOutcome.FAIL)
    kinds = soaking.kinds("billing.example.com")
    assert EventKind.BROKEN in kinds
    assert EventKind.FINDING in kinds


def test_a_wave_that_is_on_the_other_side_does_not_hold() -> None:
    soaking = Soaking("core-api", limits=SoakLimits(60, 120), expect=Expectation.V2)
    assert (soaking.soaked.ending, soaking.report.check.outcome) == (Ending.NO_LONGER_POSSIBLE, CheckOutcome.FAIL)
    took = soaking.report.ended.monotonic - soaking.report.began.monotonic
    assert 60 <= took < 65
    assert "Wave core-api does not hold: api.example.com (authoritative" in soaking.report.check.sentence


def test_an_interruption_tells_what_was_seen_until_then() -> None:
    soaking = Soaking("internal-tools", limits=SoakLimits(300, 900), interrupt_at=120.0)
    assert (soaking.soaked.ending, soaking.report.check.outcome) == (Ending.INTERRUPTED, CheckOutcome.UNKNOWN)
    (wave,) = soaking.report.waves
    assert 60 < wave.held < 120
    assert "it was interrupted" in soaking.report.check.sentence
