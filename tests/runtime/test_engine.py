import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any
from unittest.mock import ANY

import pytest
from structlog.testing import capture_logs

from probe.judge.ownership.wildcard import label
from probe.judge.polling import burst, suspicion
from probe.judge.review import review
from probe.judge.state import forgotten
from probe.model.check import CheckOutcome
from probe.model.clock import Instant
from probe.model.effect import ExpectationChanged, FindingCleared, FindingRaised, TransitionConfirmed
from probe.model.external_dns import ExternalDns
from probe.model.name import DomainName
from probe.model.observation import Observation
from probe.model.outcome import FailureReason, NoResponse, Outcome, Response
from probe.model.plan import Authoritative, Endpoint, Expectation, Probing, Step
from probe.model.ports import Query
from probe.model.question import ADDRESS_TYPES, Question, RecordType
from probe.model.record import RecordState
from probe.model.server import ServerRole, ZoneView
from probe.model.side import Side
from probe.model.snapshot import ReloadStatus, Snapshot
from probe.model.traffic import Traffic
from probe.runtime import intake
from probe.runtime.due_queries import Due
from probe.runtime.settling import Progress
from probe.runtime.watched import WatchedDomain
from tests import fakes
from tests.clock import WALL_AT_ZERO, VirtualLoop
from tests.fakes import FakeAsker, server
from tests.plans import V1_NAME, V2_NAME, plan
from tests.runtime.bench import ELB_SERVERS, ELB_ZONE, FOUR, RESOLVER, ZONE, Bench, World, run_engine

TOGETHER = 15.0
FIRST_LOOK_SECONDS = 10.0
REASKS = 3
STOOD_STILL = 5.0
EXPIRED_TOGETHER = 16
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

SHOP = "shop.example.com."
API = "api.example.com."
MINUTE = 60.0


def test_a_domain_is_known_a_few_seconds_after_the_start() -> None:
    async def scenario(bench: Bench) -> None:
        assert not bench.engine.snapshot().ready
        await bench.clock.sleep(10)
        snapshot = bench.engine.snapshot()
        assert snapshot.ready
        assert {status.state for status in snapshot.domains} == {RecordState.V1}
        assert [status.domain.name for status in snapshot.domains] == [SHOP, API]
        assert len(snapshot.targets) == 6
        assert {delegation.zone for delegation in snapshot.delegations} == {ZONE, ELB_ZONE}
        assert not any(isinstance(effect, FindingRaised) for effect in bench.effects)

    run_engine(plan(SHOP, API), scenario)


def test_a_calm_domain_is_asked_as_often_as_the_plan_says_at_all_servers_alike() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        begun = bench.clock.now().monotonic
        await bench.clock.sleep(30 * MINUTE)
        asked = bench.asked(SHOP, begun)
        per_minute = len(asked) / 30
        assert per_minute == pytest.approx(60 / Probing().interval, rel=0.05)
        servers = Counter(question.server for question in asked)
        assert set(servers) == set(FOUR)
        assert max(servers.values()) - min(servers.values()) <= 1
        assert len({round(later.at - earlier.at, 2) for earlier, later in pairwise(asked)}) >= 3
        for beat in (Probing().interval, 10.0, 30.0, MINUTE):  # in step with none of them
            phases = sorted(one.at % beat for one in asked)
            assert max(later - earlier for earlier, later in pairwise([0.0, *phases, beat])) < 3.0

    run_engine(plan(SHOP), scenario)


def test_txt_names_are_asked_seldom_and_each_question_is_counted_as_billed() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        begun = bench.clock.now().monotonic
        billed_before = dict(bench.engine.snapshot().billed)[DomainName(ZONE)]
        await bench.clock.sleep(20 * MINUTE)
        txt = [asked for asked in bench.querier.asked if asked.question.rdtype is RecordType.TXT and asked.at >= begun]
        names = Counter(asked.question.name for asked in txt)
        assert len(names) == 4
        assert set(names.values()) <= {9, 10, 11}
        assert dict(bench.engine.snapshot().billed)[DomainName(ZONE)] - billed_before == len(txt)

    run_engine(plan(SHOP), scenario)


def test_a_surprise_is_asked_again_at_once_and_then_at_every_server_until_it_is_settled() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        begun = bench.clock.now().monotonic
        bench.world.sides[SHOP] = Side.V2
        await bench.clock.sleep(12)
        asked = bench.asked(SHOP, begun, ADDRESS_TYPES)
        first = asked[0]
        again = [
            question
            for question in asked
            if question.server == first.server and question.question == first.question and question.at <= first.at + 0.1
        ]
        assert len(again) >= 1 + REASKS
        within = [question for question in asked if question.at <= first.at + 1]
        assert {question.server for question in within} == set(FOUR)
        assert any(isinstance(effect, TransitionConfirmed) for effect in bench.effects)
        assert [asked.question.rdtype for asked in bench.querier.asked if first.at < asked.at < first.at + 1].count(
            RecordType.TXT
        ) >= 4
        await bench.clock.sleep(suspicion.WATCHED + MINUTE)
        assert bench.status(SHOP).state is RecordState.V2
        quiet = bench.clock.now().monotonic
        await bench.clock.sleep(5 * MINUTE)
        assert len(bench.asked(SHOP, quiet)) / 5 == pytest.approx(60 / Probing().interval, rel=0.1)

    run_engine(plan(SHOP, API), scenario)


def test_only_the_surprising_domain_bursts() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        begun = bench.clock.now().monotonic
        bench.world.sides[SHOP] = Side.V2
        await bench.clock.sleep(MINUTE)
        assert len(bench.asked(API, begun)) <= 10 < len(bench.asked(SHOP, begun))

    run_engine(plan(SHOP, API), scenario)


def test_a_fight_is_called_flapping() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        for _ in range(4):
            bench.world.sides[SHOP] = Side.V2
            await bench.clock.sleep(25)
            bench.world.sides[SHOP] = Side.V1
            await bench.clock.sleep(35)
        assert bench.status(SHOP).state is RecordState.FLAPPING
        assert bench.status(API).state is RecordState.V1
        raised = [effect.finding for effect in bench.effects if isinstance(effect, FindingRaised)]
        told = [(finding.domain, finding.code) for finding in raised]
        assert told == [(SHOP, "flip-flop"), (SHOP, "fight-same-owner")]

    run_engine(plan(SHOP, API), scenario)


def test_domains_wait_for_the_load_balancers_addresses_but_not_for_ever() -> None:
    world = World()
    world.load_balancers_answer = False

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(FIRST_LOOK_SECONDS - 1)
        assert not bench.asked(SHOP)
        await bench.clock.sleep(1.5)
        assert bench.asked(SHOP)
        await bench.clock.sleep(13.5)
        assert bench.engine.snapshot().ready
        bench.world.load_balancers_answer = True
        await bench.clock.sleep(2 * MINUTE)
        assert bench.status(SHOP).state is RecordState.V1

    run_engine(plan(SHOP), scenario, world)


def test_an_address_of_nobody_has_the_load_balancers_asked_again_at_once() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE + 3)  # else the load balancers' own turn comes together with the domain's
        grown = ("198.51.100.77",)
        for name in (SHOP, V1_NAME):
            question = Question(DomainName(name), RecordType.A)
            bench.world.special[question] = fakes.answer(question, *grown)
        await bench.clock.sleep(8)
        (first, *_) = bench.asked(SHOP, bench.clock.now().monotonic - 8)
        assert any(first.at < asked.at < first.at + 0.2 for asked in bench.asked(V1_NAME))
        await bench.clock.sleep(20)
        assert bench.status(SHOP).state is RecordState.V1

    run_engine(plan(SHOP), scenario)


def test_a_zone_whose_servers_all_fall_silent_is_walked_again_and_its_new_servers_are_asked() -> None:
    new = tuple(server(number, "org.") for number in range(21, 25))

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        bench.world.silent.update(FOUR)
        bench.delegator.zones[ZONE] = new
        await bench.clock.sleep(3 * MINUTE)
        assert ZONE in bench.delegator.forgotten
        begun = bench.clock.now().monotonic
        await bench.clock.sleep(MINUTE)
        assert {asked.server for asked in bench.asked(SHOP, begun)} == set(new)
        assert bench.status(SHOP).state is RecordState.V1

    run_engine(plan(SHOP), scenario)


def test_a_load_balancers_zone_whose_servers_all_fall_silent_is_walked_again() -> None:
    """Without it its addresses would be those of the start for ever, and new ones foreign."""
    new = tuple(server(number, "org.") for number in range(21, 23))

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        bench.world.silent.update(ELB_SERVERS)
        bench.delegator.zones[ELB_ZONE] = new
        await bench.clock.sleep(3 * MINUTE)
        begun = bench.clock.now().monotonic
        await bench.clock.sleep(2 * MINUTE)
        assert {asked.server for asked in bench.asked(V1_NAME, begun)} <= set(new)
        assert bench.asked(V1_NAME, begun)

    run_engine(plan(SHOP), scenario)


def test_load_balancers_that_no_server_answers_are_told_of_and_accuse_no_domain() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        assert bench.engine.snapshot().silent_targets == ()
        bench.world.silent.update(ELB_SERVERS)
        await bench.clock.sleep(5 * MINUTE)
        snapshot = bench.engine.snapshot()
        assert [one.name for one in snapshot.silent_targets] == [V1_NAME, V2_NAME]
        assert (bench.status(SHOP).state, bench.status(SHOP).findings) == (RecordState.V1, ())
        assert not snapshot.blind
        bench.world.silent.difference_update(ELB_SERVERS)
        await bench.clock.sleep(2 * MINUTE)
        assert bench.engine.snapshot().silent_targets == ()

    run_engine(plan(SHOP), scenario)


def test_what_a_blind_vantage_does_not_hear_of_load_balancers_is_not_told_of_them() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        bench.world.everything_is_silent = True
        await bench.clock.sleep(10 * MINUTE)
        assert bench.engine.snapshot().blind
        assert bench.engine.snapshot().silent_targets == ()

    run_engine(plan(SHOP), scenario)


def test_a_zone_is_walked_again_for_one_lame_server_of_four() -> None:
    """Its delegation may have left it: the server that stands there instead is asked within minutes, not in an hour."""
    new = server(25, "org.")

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        bench.world.refusing[FOUR[3]] = Response("REFUSED")
        bench.delegator.zones[ZONE] = (*FOUR[:3], new)
        await bench.clock.sleep(3 * MINUTE)
        begun = bench.clock.now().monotonic
        await bench.clock.sleep(2 * MINUTE)
        assert {asked.server for asked in bench.asked(SHOP, begun)} == {*FOUR[:3], new}

    run_engine(plan(SHOP), scenario)


def test_a_vanished_zone_keeps_its_last_servers_asked() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        bench.world.silent.update(FOUR)
        bench.delegator.zones[ZONE] = ()
        await bench.clock.sleep(10 * MINUTE)
        assert bench.asked(SHOP, bench.clock.now().monotonic - MINUTE)
        assert bench.status(SHOP).state is RecordState.UNKNOWN
        bench.world.silent.clear()
        await bench.clock.sleep(MINUTE)
        assert bench.status(SHOP).state is RecordState.V1

    run_engine(plan(SHOP), scenario)


class Mute(FakeAsker):
    """Nothing is ever answered, not even by silence: as for a domain whose turn has not come."""

    def submit(
        self,
        queries: Iterable[Query],
        sink: Callable[[Observation], None],
        *,
        yielding: bool = False,
        gathered: bool = False,
    ) -> None:
        del queries, sink, yielding, gathered


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often time was let pass for each domain."""
    counts: Counter[str] = Counter()
    expire = intake.Intake.expire

    def counted(self: intake.Intake, watched_domain: WatchedDomain, now: Instant) -> None:
        counts[watched_domain.name] += 1
        expire(self, watched_domain, now)

    monkeypatch.setattr(intake.Intake, "expire", counted)
    return counts


def test_time_is_not_let_pass_every_few_seconds_for_domains_that_wait_for_their_first_look(
    passed: Counter[str],
) -> None:
    """By counts: a fold of 0.3 ms every 5 s for each of 10,000 domains is what kept them waiting."""
    names = [f"n{number}.example.com." for number in range(20)]

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        assert set(passed) == set(names)
        assert max(passed.values()) <= 2  # before its servers were found, and with them

    run_engine(plan(*names), scenario, querier=Mute)


def test_time_is_let_pass_as_seldom_for_a_steady_domain_with_an_open_finding_as_for_any_other(
    passed: Counter[str],
) -> None:
    """By counts: every 5 s it took six tenths of the CPU where all domains of a plan lack a TXT name, as they may."""

    async def scenario(bench: Bench) -> None:
        bench.world.sides[SHOP] = Side.V2
        await bench.clock.sleep(5 * MINUTE)
        passed.clear()
        await bench.clock.sleep(10 * MINUTE)
        assert [finding.code for finding in bench.status(SHOP).findings] == ["premature"]
        assert 600 / 33 <= passed[SHOP] <= 600 / 27 + 1  # every half minute, spread by a tenth

    run_engine(plan(SHOP, expectation=Expectation.V1), scenario)


def test_where_time_passes_for_many_at_once_questions_leave_before_and_answers_are_taken_in_between(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With 10,000 domains it passes for 60 at some moments: a fortieth of a second in which nothing else went on."""
    names = tuple(f"app-{number}.example.com." for number in range(2 * EXPIRED_TOGETHER + 8))
    told: list[tuple[str, int]] = []

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(MINUTE)
        engine, loop = bench.engine, asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        due, submit = engine._turns.due, bench.querier.submit
        waiting = list(engine._intake.watched_domains)

        def all_at_once(now: float) -> Due:
            planned = due(now)
            planned.expiring[:] = waiting
            planned.calm.append(Query(FOUR[0], Question(DomainName(names[0]), RecordType.A)))
            waiting.clear()
            return planned

        def asked(*queries: Any, **how: Any) -> None:
            told.append(("asked", loop.turns))
            submit(*queries, **how)

        monkeypatch.setattr(engine._turns, "due", all_at_once)
        monkeypatch.setattr(bench.querier, "submit", asked)
        monkeypatch.setattr(engine._intake, "expire", lambda *_: told.append(("passed", loop.turns)))
        await bench.clock.sleep(2.0)

    run_engine(plan(*names), scenario)
    assert told[0][0] == "asked"
    passed = Counter(turn for word, turn in told if word == "passed")
    assert list(passed.values()) == [EXPIRED_TOGETHER, EXPIRED_TOGETHER, 8]


def test_what_is_due_does_not_wait_until_time_was_let_pass_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """10,000 domains at their start were asked 45 s late where it did; and none waits for more than a few looks."""
    names = tuple(f"app-{number}.example.com." for number in range(100))
    told: list[str] = []

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(MINUTE)
        engine, loop = bench.engine, asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        waiting, due = list(engine._intake.watched_domains), engine._turns.due

        def all_at_once(now: float) -> Due:
            planned = due(now)
            planned.expiring[:] = waiting
            waiting.clear()
            return planned

        def slowly(*_: object) -> None:
            told.append("passed")
            loop._virtual.elapsed += 0.04  # on a machine that has too much to do

        monkeypatch.setattr(engine._turns, "due", all_at_once)
        monkeypatch.setattr(engine._intake, "expire", slowly)
        monkeypatch.setattr(engine, "_beat", lambda: told.append(" "))
        await bench.clock.sleep(10.0)

    run_engine(plan(*names), scenario)
    portions = [portion.count("passed") for portion in "".join(told).split() if portion]
    assert portions == [25, 18, EXPIRED_TOGETHER, EXPIRED_TOGETHER, EXPIRED_TOGETHER, 9]


def test_a_finding_that_begins_to_wait_is_raised_within_six_seconds_of_its_time() -> None:
    """Although time had last been let pass for a calm domain, which is done every half minute."""

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        bench.world.refused[FOUR[0], SHOP] = Response("SERVFAIL")
        began = None
        while not bench.status(SHOP).findings:
            await bench.clock.sleep(0.5)
            waits = bench.status(SHOP).awaited
            began = began or (waits[0].since.monotonic if waits else None)
        assert began is not None
        assert bench.status(SHOP).findings[0].code == "server-divided"
        assert bench.clock.now().monotonic - began <= TOGETHER + 6.0

    run_engine(plan(SHOP), scenario)


class FallsMute(FakeAsker):
    """From a minute on nothing is answered any more, not even by silence."""

    def submit(
        self,
        queries: Iterable[Query],
        sink: Callable[[Observation], None],
        *,
        yielding: bool = False,
        gathered: bool = False,
    ) -> None:
        if self.clock.now().monotonic < MINUTE:
            super().submit(queries, sink, yielding=yielding, gathered=gathered)


def test_no_turn_is_planned_that_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """By counts: a turn that would only queue behind the one before costs nothing."""
    planned: Counter[str] = Counter()
    for kind in ("calm_turn", "txt_turn"):
        plan_turn = getattr(burst, kind)

        def counted(*given: Any, kind: str = kind, plan_turn: Callable[..., Any] = plan_turn, **named: Any) -> Any:
            planned[kind] += 1
            return plan_turn(*given, **named)

        monkeypatch.setattr(burst, kind, counted)

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(MINUTE)
        assert planned["calm_turn"] >= 6
        planned.clear()
        await bench.clock.sleep(10 * MINUTE)
        assert planned == {"calm_turn": 1, "txt_turn": 1}

    run_engine(plan(SHOP), scenario, querier=FallsMute)


def test_domains_without_any_server_do_not_keep_the_daemon_from_being_ready() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(2 * MINUTE)
        snapshot = bench.engine.snapshot()
        assert snapshot.ready
        assert snapshot.schedule.last_pass is not None
        assert bench.status("lost.example.net.").state is RecordState.UNKNOWN
        assert any(delegation.zone is None for delegation in snapshot.delegations)
        assert bench.engine.progress() == Progress(total=2, looked=2, settled=2)

    run_engine(plan(SHOP, "lost.example.net."), scenario)


def test_a_probe_that_reaches_nothing_is_blind_accuses_nobody_and_walks_nothing_anew() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        assert not bench.engine.snapshot().blind
        walked = len(bench.delegator.walked)
        bench.world.everything_is_silent = True
        await bench.clock.sleep(10 * MINUTE)
        assert bench.engine.snapshot().blind
        assert bench.status(SHOP).state is RecordState.UNKNOWN  # its evidence has grown old
        assert len(bench.delegator.walked) <= walked + 6  # twice for each name, before it was clear; then no more
        bench.world.everything_is_silent = False
        await bench.clock.sleep(10)
        assert not bench.engine.snapshot().blind
        raised = [effect.finding.code for effect in bench.effects if isinstance(effect, FindingRaised)]
        cleared = [effect.finding.code for effect in bench.effects if isinstance(effect, FindingCleared)]
        assert raised == cleared == ["probe-blind"]
        begun = bench.clock.now().monotonic
        await bench.clock.sleep(MINUTE)
        assert bench.asked(V1_NAME, begun)
        assert bench.status(SHOP).state is RecordState.V1

    run_engine(plan(SHOP), scenario)


def test_resolvers_are_asked_about_what_exists_and_never_about_what_does_not() -> None:
    async def scenario(bench: Bench) -> None:
        bench.world.special = {Question(DomainName(API), rdtype): fakes.nxdomain() for rdtype in ADDRESS_TYPES}
        await bench.clock.sleep(5 * MINUTE)
        asked = [question for question in bench.querier.asked if question.server.role is ServerRole.RESOLVER]
        assert {question.question.name for question in asked} == {SHOP}
        assert 18 <= len(asked) <= 26
        assert {resolver.rdtype for resolver in bench.status(SHOP).resolvers} == set(ADDRESS_TYPES)

    run_engine(plan(SHOP, API, resolvers=(RESOLVER,)), scenario)


def test_owners_in_another_view_are_asked_at_the_resolver_that_sees_it_and_cost_nothing() -> None:
    inside = replace(RESOLVER, name="vpc", address="10.0.0.2", sees=ZoneView.PRIVATE)

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(2)
        (owner,) = {one.owner for txt in bench.status(SHOP).other_txts for one in txt.owners}
        assert owner == "prod"  # by the first look already
        await bench.clock.sleep(MINUTE)
        begun, billed_before = bench.clock.now().monotonic, bench.engine.snapshot().billed
        await bench.clock.sleep(5 * MINUTE)
        there = [one for one in bench.querier.asked if one.server == inside]
        owners = [one for one in there if one.question.name == f"a-{SHOP}"]
        assert {one.question.rdtype for one in owners} == {RecordType.TXT}
        assert 2 <= len(owners) <= 7  # once in a TTL
        assert len([one for one in there if one.question.rdtype is RecordType.A]) >= 9  # and its turns go on
        txt = [one for one in bench.querier.asked if one.question.rdtype is RecordType.TXT and one.at >= begun]
        billed = dict(bench.engine.snapshot().billed)[DomainName(ZONE)] - dict(billed_before)[DomainName(ZONE)]
        assert billed == len([one for one in txt if one.server.role is ServerRole.AUTHORITATIVE]) < len(txt)
        await bench.engine.replace(plan(SHOP))
        assert bench.status(SHOP).other_txts == ()

    run_engine(plan(SHOP, resolvers=(inside,)), scenario)


def test_load_balancers_that_a_reload_gives_to_the_other_side_are_looked_up_at_once_and_on() -> None:
    """Their servers are the same, and nobody tells of them again: each domain was elsewhere until they changed."""

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        before = bench.status(SHOP).state
        one = plan(SHOP)
        await bench.engine.replace(
            replace(
                one,
                v1=replace(one.v1, load_balancers=one.v2.load_balancers),
                v2=replace(one.v2, load_balancers=one.v1.load_balancers),
            )
        )
        begun = bench.clock.now().monotonic
        await bench.clock.sleep(2 * MINUTE)
        for name in (V1_NAME, V2_NAME):
            asked = [ask.at for ask in bench.asked(name, begun)]
            assert asked[0] - begun < 1.0
            assert asked[-1] - begun > MINUTE
        assert {before, bench.status(SHOP).state} == {RecordState.V1, RecordState.V2}
        assert not bench.status(SHOP).findings

    run_engine(plan(SHOP), scenario)


def test_a_reload_keeps_what_is_known_drops_what_is_gone_and_looks_at_what_is_new() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        before = bench.status(SHOP)
        new = "new.example.com."
        bench.world.sides[new] = Side.V2
        await bench.engine.replace(plan(new, SHOP, expectation=Expectation.V2))
        after = bench.status(SHOP)
        assert after.records == before.records
        assert after.domain.expectation is Expectation.V2
        begun = bench.clock.now().monotonic
        await bench.clock.sleep(MINUTE)
        snapshot = bench.engine.snapshot()
        assert [status.domain.name for status in snapshot.domains] == [new, SHOP]
        assert snapshot.ready
        assert bench.status(new).state is RecordState.V2
        assert not bench.asked(API, begun + 0.1)
        assert len(bench.asked(SHOP, begun)) <= 12  # once, not twice as often as before
        await bench.clock.sleep(10 * MINUTE)
        assert any(finding.code == "laggard" for finding in bench.status(SHOP).findings)

    run_engine(plan(SHOP, API, expectation=Expectation.V1), scenario)


def test_a_reload_passes_on_limits_and_another_way_of_walking_only_when_they_changed() -> None:
    faster = Probing(queries_per_second=50.0)
    elsewhere = Authoritative(start=(Endpoint("192.0.2.99"),))

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(MINUTE)
        await bench.engine.replace(plan(SHOP))
        assert not bench.limits
        assert len(bench.delegators) == 1
        await bench.engine.replace(plan(SHOP, probing=faster, authoritative=elsewhere))
        assert [one.probing for one in bench.limits] == [faster]
        await bench.engine.replace(plan(SHOP, API, probing=faster, authoritative=elsewhere))
        assert [len(one.domains) for one in bench.limits] == [1, 2]  # more of them answer, and more is remembered
        assert bench.delegators[1:] == [elsewhere]
        assert bench.status(SHOP).state is RecordState.V1

    run_engine(plan(SHOP), scenario)


def test_of_a_domain_that_has_left_the_plan_since_a_snapshot_only_its_status_is_known() -> None:
    """Pages explain what a snapshot shows, in a thread of their own, while a plan may be taken over."""

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(MINUTE)
        shop, api = bench.status(SHOP), bench.status(API)
        assert bench.engine.state_of(api) != forgotten(api)
        await bench.engine.replace(plan(SHOP))
        assert bench.engine.state_of(api) == forgotten(api)
        assert bench.engine.state_of(shop) != forgotten(shop)

    run_engine(plan(SHOP, API), scenario)


def test_another_expectation_holds_at_once() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(MINUTE)
        assert not bench.status(SHOP).findings
        bench.world.sides[SHOP] = Side.V2
        await bench.clock.sleep(10 * MINUTE)
        assert "premature" in {finding.code for finding in bench.status(SHOP).findings}
        await bench.engine.replace(plan(SHOP, expectation=Expectation.V2))
        assert not bench.status(SHOP).findings
        assert bench.status(SHOP).sentence.endswith("; expected v2.")
        assert isinstance(bench.effects[-1], FindingCleared)

    run_engine(plan(SHOP, expectation=Expectation.V1), scenario)


def test_a_domain_of_which_a_new_plan_says_nothing_new_is_not_touched() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(MINUTE)
        before = bench.status(SHOP)
        await bench.engine.replace(plan(SHOP, "new.example.com."))
        assert bench.status(SHOP) is before

    run_engine(plan(SHOP), scenario)


def test_resolvers_that_left_the_plan_leave_the_status() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(MINUTE)
        assert bench.status(SHOP).resolvers
        await bench.engine.replace(plan(SHOP))
        assert not bench.status(SHOP).resolvers

    run_engine(plan(SHOP, resolvers=(RESOLVER,)), scenario)


def test_an_answer_of_a_resolver_that_left_the_plan_meanwhile_does_not_bring_it_back() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(MINUTE)
        begun = bench.clock.now().monotonic
        bench.querier.elapsed = MINUTE
        await bench.clock.sleep(0.9 * MINUTE)
        assert [asked for asked in bench.querier.asked if asked.server == RESOLVER and asked.at > begun]
        await bench.engine.replace(plan(SHOP))
        await bench.clock.sleep(2 * MINUTE)
        assert not bench.status(SHOP).resolvers

    run_engine(plan(SHOP, resolvers=(RESOLVER,)), scenario)


def test_a_plan_that_cannot_be_taken_over_changes_nothing() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(MINUTE)
        before = bench.engine.snapshot()
        broken = replace(plan(SHOP, API), waves=(None,))  # type: ignore[arg-type]  # no plan file can say this
        with pytest.raises(AttributeError):
            await bench.engine.replace(broken)
        after = bench.engine.snapshot()
        assert (after.plan, after.domains) == (before.plan, before.domains)
        begun = bench.clock.now().monotonic
        await bench.clock.sleep(MINUTE)
        assert bench.asked(SHOP, begun)

    run_engine(plan(SHOP), scenario)


def test_snapshots_from_another_thread_are_whole_while_plans_change() -> None:
    wide = plan(*(f"host-{number}.example.com." for number in range(300)))
    narrow = plan(SHOP)
    sizes: set[tuple[int, int]] = set()
    stop = threading.Event()

    def read(bench: Bench) -> None:
        while not stop.is_set():
            snapshot: Snapshot = bench.engine.snapshot()
            sizes.add((len(snapshot.plan.domains), len(snapshot.domains)))

    async def scenario(bench: Bench) -> None:
        reader = asyncio.get_running_loop().run_in_executor(None, read, bench)
        for _ in range(50):
            await bench.engine.replace(narrow)
            await bench.engine.replace(wide)
        stop.set()
        await reader

    run_engine(wide, scenario)
    assert sizes <= {(1, 1), (300, 300)}


def test_a_mistake_of_the_judge_costs_one_observation_and_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(*arguments: object) -> object:
        observation = arguments[1]
        assert isinstance(observation, Observation)
        if observation.question.name == SHOP:
            raise ZeroDivisionError
        return review(*arguments)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(intake, "review", faulty)

    async def scenario(bench: Bench) -> None:
        with capture_logs() as logs:
            await bench.clock.sleep(MINUTE)
        assert bench.status(API).state is RecordState.V1
        assert bench.status(SHOP).state is RecordState.UNKNOWN
        assert [entry["domain"] for entry in logs if entry["log_level"] == "error"] == [SHOP]

    run_engine(plan(SHOP, API), scenario)


def test_what_is_scheduled_leaves_when_it_is_due_and_the_loop_beats() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        schedule = bench.engine.snapshot().schedule
        assert schedule.max_lag <= 0.001
        assert schedule.last_pass is not None
        assert bench.clock.now().monotonic - schedule.last_pass.monotonic < 10
        for _ in range(20):
            before = bench.beats
            await bench.clock.sleep(0.51)
            assert bench.beats > before

    run_engine(plan(SHOP, API), scenario)


def test_what_the_querier_counts_is_read_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []

    async def scenario(bench: Bench) -> None:
        traffic = bench.querier.traffic

        def counted() -> tuple[Traffic, ...]:
            looks.append(bench.clock.now().monotonic)
            return traffic()

        monkeypatch.setattr(bench.querier, "traffic", counted)
        await bench.clock.sleep(10)

    run_engine(plan(SHOP), scenario)
    assert len(looks) >= 9
    pauses = [later - earlier for earlier, later in pairwise(looks)]
    assert 0.75 <= min(pauses) <= max(pauses) <= 1.051


def test_more_domains_than_the_servers_have_time_for_are_asked_less_often_and_that_is_said() -> None:
    names = [f"host-{number}.example.com." for number in range(300)]
    slow = Probing(queries_per_second=2.0)

    async def scenario(bench: Bench) -> None:
        with capture_logs() as logs:
            await bench.clock.sleep(10 * MINUTE)
        begun = bench.clock.now().monotonic
        await bench.clock.sleep(10 * MINUTE)
        asked = [question for question in bench.querier.asked if question.at >= begun and question.server in FOUR]
        assert len(asked) / 600 <= 4 * slow.queries_per_second
        assert sum("calm turns are stretched" in entry["event"] for entry in logs) == 1

    run_engine(plan(*names, probing=slow), scenario)


def test_the_newest_reload_is_shown() -> None:
    async def scenario(bench: Bench) -> None:
        status = ReloadStatus(successful=False, at=bench.clock.now(), error="line 1")
        bench.engine.reloaded(status)
        await bench.engine.replace(plan(SHOP))
        assert bench.engine.snapshot().reload == status

    run_engine(plan(SHOP), scenario)


def test_a_step_of_the_schedule_is_taken_over_at_its_moment_without_a_reload() -> None:
    at = WALL_AT_ZERO + 10 * MINUTE
    steps = (Step(None, Expectation.V1), Step(at, Expectation.V2))
    written = plan(SHOP, API, expectation=Expectation.V1)
    (wave,) = written.waves
    dated = tuple(replace(domain, schedule=steps, upcoming=steps[1]) for domain in wave.domains)
    written = replace(written, waves=(replace(wave, domains=dated, schedule=steps, upcoming=steps[1]),))

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(9.9 * MINUTE)
        before = bench.status(SHOP)
        assert before.domain.expectation is Expectation.V1
        await bench.clock.sleep(0.1 * MINUTE + 1)
        snapshot, after = bench.engine.snapshot(), bench.status(SHOP)
        assert (snapshot.plan.waves[0].expectation, snapshot.plan.waves[0].upcoming) == (Expectation.V2, None)
        assert after.domain.expectation is Expectation.V2
        assert [record.since for record in after.records] == [record.since for record in before.records]
        assert "expected v2." in after.sentence
        assert [effect for effect in bench.effects if isinstance(effect, ExpectationChanged)] == [
            ExpectationChanged("first", Expectation.V1, Expectation.V2, ANY)
        ]
        assert not after.findings  # a step accuses nobody at once
        await bench.clock.sleep(1.5 * MINUTE)
        assert not bench.status(SHOP).findings
        await bench.clock.sleep(MINUTE)
        assert [finding.code for finding in bench.status(SHOP).findings] == ["laggard"]
        await bench.engine.replace(
            written
        )  # the file again, as it was written: what is expected is a matter of the time
        assert bench.status(SHOP).domain.expectation is Expectation.V2
        assert bench.status(SHOP).findings

    run_engine(written, scenario)


def test_a_short_soak_is_over_when_it_is_over_and_a_longer_one_of_a_new_plan_goes_on() -> None:
    written = plan(SHOP, API, expectation=Expectation.V1)
    owned = replace(written.v1, external_dns=ExternalDns("prod"))  # as the bench's world has it
    short = replace(written, v1=owned, soak=10.0)

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(9.0)
        (wave,) = bench.engine.snapshot().waves
        assert (wave.confirmed, wave.total) == (False, 2)
        await bench.clock.sleep(13.0)
        (wave,) = bench.engine.snapshot().waves
        assert (wave.confirmed, wave.outcome) == (True, CheckOutcome.PASS)
        assert [type(effect).__name__ for effect in bench.effects].count("SoakHeld") == 2
        held = wave.held
        await bench.engine.replace(replace(short, soak=600.0, digest="other"))
        await bench.clock.sleep(MINUTE)
        (wave,) = bench.engine.snapshot().waves
        assert not wave.confirmed  # what was held before counts, and is not enough any more
        assert wave.held > held + 20.0
        bench.world.sides[API] = Side.V2
        await bench.clock.sleep(MINUTE)
        (wave,) = bench.engine.snapshot().waves
        assert (wave.outcome, wave.since, wave.held) == (CheckOutcome.FAIL, None, 0.0)
        assert "api.example.com (authoritative" in wave.sentence

    run_engine(short, scenario)


@pytest.mark.case("F6")
@pytest.mark.parametrize("stopped", [8.0, 15.0, 40.0])
def test_time_in_which_the_process_was_stopped_is_never_held(stopped: float) -> None:
    """15 s are less than two calm turns: no answer is missed by it, and all the same nobody watched."""
    written = plan(SHOP, API, expectation=Expectation.V1)
    owned = replace(written, v1=replace(written.v1, external_dns=ExternalDns("prod")), soak=120.0)

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(MINUTE)
        bench.engine.conclude()
        before = bench.status(SHOP).confirmation
        assert before.unwatched == 0.0
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.stand_still(stopped)
        await bench.clock.sleep(MINUTE)
        bench.engine.conclude()
        after = bench.status(SHOP).confirmation
        assert after.unwatched >= stopped
        assert after.held <= before.held + MINUTE + Probing().interval

    run_engine(owned, scenario)


@pytest.mark.case("F6")
def test_a_pause_of_less_than_a_turn_stops_no_soak() -> None:
    written = plan(SHOP, expectation=Expectation.V1)
    owned = replace(written, v1=replace(written.v1, external_dns=ExternalDns("prod")), soak=120.0)

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(MINUTE)
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.stand_still(STOOD_STILL - 1)
        await bench.clock.sleep(MINUTE)
        assert bench.status(SHOP).confirmation.unwatched == 0.0

    run_engine(owned, scenario)


@pytest.mark.case("F6")
@pytest.mark.parametrize("servers", [1, 2, 4])
@pytest.mark.parametrize("interval", [0.5, 3.0, 7.0, 20.0])
def test_a_watch_without_a_gap_holds_all_of_its_time_however_seldom_a_domain_is_judged(
    servers: int, interval: float
) -> None:
    written = plan(SHOP, expectation=Expectation.V1, probing=Probing(interval=interval))
    owned = replace(written, v1=replace(written.v1, external_dns=ExternalDns("prod")), soak=1_800.0)

    async def scenario(bench: Bench) -> None:
        bench.delegator.zones[DomainName(ZONE)] = FOUR[:servers]
        await bench.clock.sleep(12 * MINUTE)
        confirmation = bench.status(SHOP).confirmation
        assert (confirmation.unwatched, confirmation.breaks) == (0.0, 0)
        assert confirmation.held > 9 * MINUTE

    run_engine(owned, scenario)


@pytest.mark.case("F11")
def test_one_silent_server_of_four_is_one_finding_for_twenty_domains() -> None:
    names = [f"n{number}.example.com." for number in range(20)]

    async def scenario(bench: Bench) -> None:
        bench.world.silent = {FOUR[3]}
        await bench.clock.sleep(10 * MINUTE)
        raised = [effect.finding for effect in bench.effects if isinstance(effect, FindingRaised)]
        assert [(finding.code.value, finding.domain) for finding in raised] == [("server-failing", ZONE)]
        assert FOUR[3].address in raised[0].sentence
        assert any(fact.text.startswith("20 domains of the plan: ") for fact in raised[0].facts)
        assert bench.engine.snapshot().findings[0].code is raised[0].code
        bench.world.silent = set()
        await bench.clock.sleep(MINUTE)
        assert bench.engine.snapshot().findings == ()

    run_engine(plan(*names), scenario)


@pytest.mark.case("F11", "F1")
@pytest.mark.parametrize("begins", [0, 5 * MINUTE])
@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize(
    "outcome",
    [Response("REFUSED"), Response("SERVFAIL"), NoResponse(FailureReason.LAME), NoResponse(FailureReason.MALFORMED)],
)
def test_one_server_that_refuses_everything_is_one_finding_within_two_minutes(
    begins: float, count: int, outcome: Outcome
) -> None:
    names = [f"n{number}.example.com." for number in range(count)]

    async def scenario(bench: Bench) -> None:
        if begins:
            await bench.clock.sleep(begins)
        bench.world.refusing[FOUR[3]] = outcome
        await bench.clock.sleep(2 * MINUTE)
        told = [(finding.code.value, finding.domain) for finding in bench.engine.snapshot().findings]
        assert told == [("server-failing", ZONE)]
        await bench.clock.sleep(5 * MINUTE)
        raised = [effect.finding.code.value for effect in bench.effects if isinstance(effect, FindingRaised)]
        assert raised == ["server-failing"]

    run_engine(plan(*names), scenario)


@pytest.mark.case("F11")
def test_a_server_that_refuses_one_name_and_answers_another_is_told_of_at_that_name_from_the_beginning() -> None:
    async def scenario(bench: Bench) -> None:
        bench.world.refused = {(FOUR[3], SHOP): Response("REFUSED")}
        await bench.clock.sleep(5 * MINUTE)
        raised = [effect.finding for effect in bench.effects if isinstance(effect, FindingRaised)]
        assert [(finding.code.value, finding.domain) for finding in raised] == [("server-divided", SHOP)]

    run_engine(plan(SHOP, API), scenario)


@pytest.mark.case("F11")
def test_one_stale_server_is_one_finding_for_all_the_domains_that_it_is_wrong_about() -> None:
    names = [f"n{number}.example.com." for number in range(8)]

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        bench.world.stuck = FOUR[3]
        for name in names[:6]:
            bench.world.sides[name] = Side.V2
        await bench.clock.sleep(5 * MINUTE)
        raised = [effect.finding for effect in bench.effects if isinstance(effect, FindingRaised)]
        assert [(finding.code.value, finding.domain) for finding in raised] == [("server-failing", ZONE)]
        (found,) = bench.engine.snapshot().findings
        assert "keeps answering differently from the other servers of example.com for 6 domains" in found.sentence
        assert len(found.evidence) == 1
        assert {bench.status(name).state for name in names[:6]} == {RecordState.DIVIDED}
        bench.world.stuck = None
        await bench.clock.sleep(3 * MINUTE)
        assert bench.engine.snapshot().findings == ()

    run_engine(plan(*names), scenario)


@pytest.mark.case("F11")
def test_what_a_server_says_of_one_domain_alone_is_that_domains_finding() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        bench.world.stuck = FOUR[3]
        bench.world.sides[SHOP] = Side.V2
        await bench.clock.sleep(5 * MINUTE)
        raised = [effect.finding for effect in bench.effects if isinstance(effect, FindingRaised)]
        assert [(finding.code.value, finding.domain) for finding in raised] == [("server-divided", SHOP)]

    run_engine(plan(SHOP, API), scenario)


@pytest.mark.case("F4")
def test_a_zone_of_which_every_server_is_silent_is_not_seen_though_load_balancers_and_resolvers_answer() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        bench.world.silent = set(FOUR)
        await bench.clock.sleep(3 * MINUTE)
        assert not bench.engine.snapshot().blind
        (found,) = bench.engine.snapshot().findings
        assert found.code.value == "probe-blind"
        assert "example.com" in found.sentence
        bench.world.silent = set()
        await bench.clock.sleep(MINUTE)
        raised = [effect.finding.code.value for effect in bench.effects if isinstance(effect, FindingRaised)]
        assert raised == ["probe-blind"]

    run_engine(plan(SHOP, resolvers=(RESOLVER,)), scenario)


@pytest.mark.case("B14")
@pytest.mark.parametrize("awake", [0.3, 1.0])
def test_time_outs_in_whose_waiting_time_the_probe_stood_still_count_against_no_server(awake: float) -> None:
    async def scenario(bench: Bench) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        await bench.clock.sleep(5 * MINUTE)
        bench.querier.elapsed = Probing().timeout
        bench.world.silent = {FOUR[3]}
        for _ in range(30):
            await bench.clock.sleep(awake)
            loop.stand_still(2.5)
        servers = [server for record in bench.status(SHOP).records for server in record.servers]
        assert {server.failures for server in servers} == {0}
        assert [finding.code.value for finding in bench.engine.snapshot().findings] == ["probe-behind"]
        assert bench.status(SHOP).findings == ()

    run_engine(plan(SHOP), scenario)


@pytest.mark.case("B14")
def test_the_same_time_outs_count_once_the_probe_runs_in_time() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        bench.querier.elapsed = Probing().timeout
        bench.world.silent = {FOUR[3]}
        await bench.clock.sleep(2 * MINUTE)
        failing = {
            server.server for record in bench.status(SHOP).records for server in record.servers if server.failures
        }
        assert failing == {FOUR[3]}

    run_engine(plan(SHOP), scenario)


@pytest.mark.case("B15")
def test_the_owner_of_a_wildcard_reaches_every_domain_that_it_covers() -> None:
    world = World()
    for name in (SHOP, API):
        mark = label(DomainName(name))
        for beside in (f"{mark}.{ZONE}", f"{mark}.{name}"):
            question = Question(DomainName(beside), RecordType.A)
            world.special[question] = fakes.answer(question, "192.0.2.11")

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(5 * MINUTE)
        for name in (SHOP, API):
            assert 'by a wildcard (*.example.com or one above it, owner "prod")' in bench.status(name).sentence
        asked = [one for one in bench.querier.asked if one.question.name == f"a-*.{ZONE}"]
        assert 1 <= len(asked) <= 4

    run_engine(plan(SHOP, API), scenario, world)
