"""HTTPS checks by the engine, over fakes, in virtual time."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from probe.judge.review import review_service
from probe.judge.state import DomainState
from probe.model.effect import FindingCleared, FindingRaised
from probe.model.name import DomainName
from probe.model.plan import HttpCheck, Plan, Probing, Wave
from probe.model.ports import ServiceQuery
from probe.model.record import RecordState
from probe.model.service import ServiceFailure, ServiceState
from probe.model.side import Side
from probe.runtime import intake
from tests.plans import plan
from tests.runtime.bench import ADDRESSES, Bench, run_engine

FAILURES = 3
CHECKS_PER_SECOND = 30.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


SHOP, API = "shop.example.com.", "api.example.com."
MINUTE = 60.0
OWN = {side: {one for (of, _), known in ADDRESSES.items() if of is side for one in known} for side in Side}


def checked_plan(*names: str, probing: Probing | None = None, http: HttpCheck | None = None) -> Plan:
    """A plan whose domains have a check."""
    bare = plan(*names, probing=probing)
    (wave,) = bare.waves
    domains = tuple(replace(domain, http=http or HttpCheck()) for domain in wave.domains)
    return replace(bare, waves=(Wave(wave.name, wave.expectation, domains),))


def codes(bench: Bench) -> list[str]:
    return [effect.finding.code for effect in bench.effects if isinstance(effect, FindingRaised)]


def test_both_sides_are_checked_at_their_own_addresses_and_nowhere_else() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(10 * MINUTE)
        asked = {side: {ask.address for _, ask in bench.checker.made if ask.side is side} for side in Side}
        assert asked == OWN
        assert {ask.domain for _, ask in bench.checker.made} == {SHOP}
        assert [service.state for service in bench.status(SHOP).services] == [ServiceState.UP] * 2
        assert codes(bench) == []

    run_engine(checked_plan(SHOP), scenario)


def test_domains_without_a_check_are_not_connected_to() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        assert bench.checker.made == []
        assert bench.status(SHOP).services == ()

    run_engine(plan(SHOP), scenario)


def test_a_calm_service_is_asked_once_an_interval_on_each_side() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        begun = len(bench.checker.made)
        await bench.clock.sleep(60 * MINUTE)
        made = bench.checker.made[begun:]
        sides = Counter(ask.side for _, ask in made)
        assert sides[Side.V1] == sides[Side.V2] == pytest.approx(60, abs=3)
        per_address = Counter(ask.address for _, ask in made)
        assert max(per_address.values()) - min(per_address.values()) <= 1
        assert len({round(at % 60, 1) for at, _ in made}) > 30  # never on one beat

    run_engine(checked_plan(SHOP), scenario)


def test_a_failure_where_the_name_leads_is_found_within_half_a_minute_of_its_first_sign_and_cleared() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        bench.checker.service = lambda ask: ServiceFailure.STATUS if ask.side is Side.V1 else None
        begun = bench.clock.now().monotonic
        await bench.clock.sleep(2 * MINUTE)
        (raised,) = (effect for effect in bench.effects if isinstance(effect, FindingRaised))
        assert raised.finding.code == "service-failing"
        first = next(at for at, ask in bench.checker.made if at >= begun and ask.side is Side.V1)
        assert raised.at.monotonic - first < 30
        bench.checker.service = lambda _: None
        await bench.clock.sleep(2 * MINUTE)
        assert [type(effect) for effect in bench.effects[-2:]].count(FindingCleared) == 1
        assert not bench.status(SHOP).findings

    run_engine(checked_plan(SHOP), scenario)


def test_a_mistake_of_the_judge_over_a_check_costs_that_domains_checks_alone_and_is_said_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The loop that would otherwise end with it is that of the whole watch."""

    def faulty(state: DomainState, *arguments: Any, **named: Any) -> object:
        if state.status.domain.name == SHOP:
            raise ZeroDivisionError
        return review_service(state, *arguments, **named)

    monkeypatch.setattr(intake, "review_service", faulty)

    async def scenario(bench: Bench) -> None:
        with capture_logs() as logs:
            await bench.clock.sleep(5 * MINUTE)
        assert [entry["domain"] for entry in logs if entry["log_level"] == "error"] == [SHOP]
        assert bench.status(SHOP).state is RecordState.V1
        assert [service.state for service in bench.status(API).services] == [ServiceState.UP] * 2
        begun = bench.clock.now().monotonic
        await bench.clock.sleep(MINUTE)
        assert bench.asked(SHOP, begun)

    run_engine(checked_plan(SHOP, API), scenario)


def test_a_single_loss_is_no_finding() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        losses = 0

        def lossy(_: ServiceQuery) -> ServiceFailure | None:
            nonlocal losses
            losses += 1
            return ServiceFailure.TIMEOUT if losses % 5 == 0 else None

        bench.checker.service = lossy
        await bench.clock.sleep(60 * MINUTE)
        assert losses > 100
        assert codes(bench) == []
        assert bench.status(SHOP).services[0].state is ServiceState.UP

    run_engine(checked_plan(SHOP), scenario)


def test_a_vantage_without_https_accuses_nobody_and_says_that_it_does_not_know() -> None:
    async def scenario(bench: Bench) -> None:
        bench.checker.service = lambda _: ServiceFailure.TIMEOUT
        await bench.clock.sleep(20 * MINUTE)
        assert codes(bench) == []
        assert [service.state for service in bench.status(SHOP).services] == [ServiceState.UNKNOWN] * 2
        bench.checker.service = lambda _: None
        await bench.clock.sleep(3 * MINUTE)
        bench.checker.service = lambda _: ServiceFailure.REFUSED  # and when it is cut off later
        await bench.clock.sleep(20 * MINUTE)
        assert codes(bench) == []
        assert [service.state for service in bench.status(SHOP).services] == [ServiceState.UNKNOWN] * 2

    run_engine(checked_plan(SHOP, API), scenario)


def test_a_vantage_without_ipv6_goes_by_ipv4() -> None:
    async def scenario(bench: Bench) -> None:
        bench.checker.service = lambda ask: ServiceFailure.UNREACHABLE if ":" in ask.address else None
        await bench.clock.sleep(10 * MINUTE)
        assert codes(bench) == []
        assert [service.state for service in bench.status(SHOP).services] == [ServiceState.UP] * 2

    run_engine(checked_plan(SHOP), scenario)


def test_a_vantage_that_is_blind_accuses_nobody() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        bench.world.everything_is_silent = True
        await bench.clock.sleep(45)
        bench.checker.service = lambda ask: ServiceFailure.TIMEOUT if ask.side is Side.V1 else None
        await bench.clock.sleep(10 * MINUTE)
        assert "service-failing" not in codes(bench)

    run_engine(checked_plan(SHOP), scenario)


def test_a_dead_side_is_found_although_nothing_there_connects() -> None:
    async def scenario(bench: Bench) -> None:
        bench.checker.service = lambda ask: ServiceFailure.REFUSED if ask.side is Side.V1 else None
        await bench.clock.sleep(5 * MINUTE)
        assert codes(bench) == ["service-failing"]

    run_engine(checked_plan(SHOP), scenario)


def test_many_domains_share_a_bounded_rate_and_each_has_its_turn() -> None:
    names = [f"d{number}.example.com." for number in range(400)]

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(1.5 * MINUTE)
        begun, at = len(bench.checker.made), bench.clock.now().monotonic
        await bench.clock.sleep(MINUTE)
        seconds = bench.clock.now().monotonic - at
        made = bench.checker.made[begun:]
        assert CHECKS_PER_SECOND * 0.9 < len(made) / seconds <= CHECKS_PER_SECOND * 1.05
        assert len({ask.domain for _, ask in made}) == len(names)

    run_engine(checked_plan(*names, probing=Probing(interval=30, txt_interval=3600, service_interval=10)), scenario)


def test_a_reload_brings_changes_and_ends_checks_and_reads_certificates_anew() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(3 * MINUTE)
        forgotten = bench.checker.forgotten
        await bench.engine.replace(checked_plan(SHOP, API, http=HttpCheck("/other")))
        assert bench.checker.forgotten == forgotten + 1
        begun = len(bench.checker.made)
        await bench.clock.sleep(3 * MINUTE)
        made = bench.checker.made[begun:]
        assert {(ask.domain, ask.http.path) for _, ask in made} == {(SHOP, "/other"), (API, "/other")}
        await bench.engine.replace(plan(SHOP, API))
        await bench.clock.sleep(MINUTE)
        begun = len(bench.checker.made)
        await bench.clock.sleep(5 * MINUTE)
        assert len(bench.checker.made) == begun
        assert bench.status(SHOP).services == ()
        await bench.engine.replace(checked_plan(SHOP))
        await bench.clock.sleep(MINUTE)
        assert {ask.domain for _, ask in bench.checker.made[begun:]} == {SHOP}

    run_engine(checked_plan(SHOP), scenario)


def test_a_first_look_is_settled_only_when_the_services_are_known() -> None:
    async def scenario(bench: Bench) -> None:
        bench.checker.service = lambda ask: ServiceFailure.STATUS if ask.side is Side.V2 else None
        seconds = 0.0
        while bench.engine.progress().settled == 0:
            await bench.clock.sleep(0.5)
            seconds += 0.5
        (service,) = (one for one in bench.status(SHOP).services if one.side is Side.V2)
        assert service.state is ServiceState.DOWN
        assert all(address.repeats >= FAILURES for address in service.addresses)
        assert seconds < MINUTE

    run_engine(checked_plan(SHOP), scenario)


def test_load_balancers_without_addresses_leave_services_unknown_and_do_not_hold_a_look_up() -> None:
    async def scenario(bench: Bench) -> None:
        bench.world.load_balancers_answer = False
        await bench.clock.sleep(30)
        assert bench.engine.progress().settled == 1
        assert bench.checker.made == []
        assert [service.state for service in bench.status(SHOP).services] == [ServiceState.UNKNOWN] * 2

    run_engine(checked_plan(SHOP), scenario)


def test_domain_names_reach_the_checker_as_the_plan_has_them() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(MINUTE)
        assert {ask.domain for _, ask in bench.checker.made} == {DomainName(SHOP)}

    run_engine(checked_plan(SHOP), scenario)
