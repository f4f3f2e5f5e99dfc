"""Taking a plan over beside probing: in small portions, seen as a whole, with what was answered meanwhile."""

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from probe.model.effect import ExpectationChanged
from probe.model.journal import PlanTaken, TimePassed
from probe.model.name import DomainName
from probe.model.plan import Domain, Expectation, Plan, Step
from probe.model.question import RecordType
from probe.model.side import Side
from probe.runtime import succession
from probe.runtime.due_queries import DueQueries
from probe.runtime.intake import Intake
from probe.runtime.restored import Unrecorded
from probe.runtime.watched import WatchedDomain, WatchedDomains
from tests.clock import WALL_AT_ZERO, LoopClock, run_virtual
from tests.plans import plan
from tests.runtime.bench import Bench, World, run_engine

if TYPE_CHECKING:
    from collections.abc import Callable

PORTION_DOMAINS, JUDGED_TOGETHER = 64, 16
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

BEGUN, MINUTE = 20.0, 60.0
NAMES = tuple(f"app-{number}.example.com." for number in range(4 * PORTION_DOMAINS))
BEFORE, FEWER = plan(*NAMES, expectation=Expectation.V1), plan(*NAMES[:-1], expectation=Expectation.V1)
AFTER = plan(*NAMES, expectation=Expectation.V2)


class Written(Unrecorded):
    """Keeps what is recorded."""

    def __init__(self) -> None:
        self.entries: list[object] = []

    def record(self, entry: object) -> None:
        self.entries.append(entry)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count what is done for one domain."""
    counted: Counter[str] = Counter()

    def counting(of: object, name: str, kind: str) -> None:
        known: Callable[..., object] = getattr(of, name)

        def count(*arguments: object) -> object:
            counted[kind] += 1
            return known(*arguments)

        monkeypatch.setattr(of, name, count)

    counting(WatchedDomains, "add", "domains")
    counting(succession, "adopted", "adopted")
    counting(Intake, "expire", "judged")
    counting(DueQueries, "add", "begun")
    return counted


@pytest.mark.parametrize(
    ("after", "kinds"),
    [
        (FEWER, {"domains"}),
        (AFTER, {"domains", "adopted", "judged"}),
        (plan(*NAMES, *(f"x{n}.example.com." for n in range(200)), expectation=Expectation.V1), {"domains", "begun"}),
    ],
    ids=["one domain less", "another expectation of all", "many domains more"],
)
def test_no_portion_is_of_more_than_a_few_domains(after: Plan, kinds: set[str], steps: Counter[str]) -> None:
    """The longest time in which no question leaves, in domains: all of a plan's were 0.33 s at 10,000."""

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(BEGUN)
        portions: list[Counter[str]] = []
        steps.clear()
        for _ in bench.engine._take_over(after):
            portions.append(Counter(steps))
            steps.clear()
        portions.append(Counter(steps))
        most = {kind: max(portion[kind] for portion in portions) for kind in sum(portions, Counter())}
        assert most.keys() == kinds
        assert most["domains"] <= PORTION_DOMAINS
        assert most.get("adopted", 0) <= PORTION_DOMAINS
        assert most.get("begun", 0) <= PORTION_DOMAINS
        assert most.get("judged", 0) <= JUDGED_TOGETHER
        assert sum(portion["domains"] for portion in portions) == len(after.domains)

    run_engine(BEFORE, scenario)


def test_until_all_is_worked_out_the_plan_before_is_judged_journaled_and_shown() -> None:
    async def main(clock: LoopClock) -> None:
        written = Written()
        bench = Bench(clock, BEFORE, World(), recorder=written)
        bench.world.sides |= dict.fromkeys(NAMES, Side.V1)
        bench.engine.start()
        await clock.sleep(BEGUN)
        begun = len(written.entries)
        shown = set()
        for _ in bench.engine._take_over(AFTER):
            snapshot = bench.engine.snapshot()
            shown.add((snapshot.plan.waves[0].expectation, *{one.domain.expectation for one in snapshot.domains}))
            if snapshot.plan.waves[0].expectation is Expectation.V1:
                assert len(written.entries) == begun
        assert shown == {(Expectation.V1, Expectation.V1), (Expectation.V2, Expectation.V2)}
        kinds = [type(entry) for entry in written.entries[begun:]]
        assert kinds[0] is PlanTaken
        assert kinds.count(TimePassed) == len(NAMES)
        await bench.tasks.aclose(1.0)

    run_virtual(main)


def test_what_is_answered_meanwhile_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A domain whose state was replaced after its portion keeps the new one, under the new plan, in every round."""
    rounds: list[int] = []
    known = succession.Succession._outrun

    def outrun(self: succession.Succession) -> tuple[WatchedDomain, ...]:
        found = known(self)
        rounds.append(len(found))
        return found

    monkeypatch.setattr(succession.Succession, "_outrun", outrun)

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(BEGUN)
        intake = bench.engine._intake
        everybody, answered = tuple(intake.watched_domains), 2 * PORTION_DOMAINS
        for _ in bench.engine._take_over(AFTER):
            for one in everybody[:answered]:
                intake.put(one, one.state.with_status(one.status._replace(sentence="Answered.")))
            if len(rounds) > 1:
                break
        assert rounds[:2] == [answered, PORTION_DOMAINS]  # those of the first portion are answered beside the second

    run_engine(BEFORE, scenario)

    async def to_its_end(bench: Bench) -> None:
        await bench.clock.sleep(BEGUN)
        intake, first = bench.engine._intake, next(iter(bench.engine._intake.watched_domains))
        taking = bench.engine._take_over(AFTER)
        next(taking)
        breaks = first.status.confirmation._replace(breaks=7)
        resolved = first.status.records[0]._replace(reversals=3)
        kept = first.state.with_records((resolved, *first.status.records[1:]), first.state.memory)
        intake.put(first, kept.with_status(kept.status._replace(confirmation=breaks)))
        list(taking)
        after = first.status
        assert (after.domain.expectation, after.records[0].reversals) == (Expectation.V2, 3)
        assert intake.statuses[first.name] is after

    run_engine(BEFORE, to_its_end)


def test_servers_found_meanwhile_are_those_of_the_domain_under_the_new_plan() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(BEGUN)
        watched = bench.engine._intake.watched_domains
        first = next(iter(watched))
        taking = bench.engine._take_over(FEWER)
        next(taking)
        moved = tuple(replace(server, address=f"192.0.2.{number}") for number, server in enumerate(first.servers))
        bench.engine._found(first.name, moved)
        list(taking)
        now = bench.engine._intake.watched_domains
        assert now is not watched
        assert now.named(first.name) is first
        assert first.servers == moved
        assert all(first in now.with_txt(txt.name) for txt in first.status.txts)

    run_engine(BEFORE, scenario)


def test_a_step_that_falls_due_while_a_plan_is_taken_over_does_not_bring_the_old_plan_back() -> None:
    at = WALL_AT_ZERO + 10 * MINUTE
    stages = (Step(None, Expectation.V1), Step(at, Expectation.V2))

    def dated(written: Plan) -> Plan:
        (wave,) = written.waves
        domains = tuple(replace(domain, schedule=stages, upcoming=stages[1]) for domain in wave.domains)
        return replace(written, waves=(replace(wave, domains=domains, schedule=stages, upcoming=stages[1]),))

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(10 * MINUTE - 0.5)
        async with bench.engine._succeeding:  # as another one that is taken over right now
            await bench.clock.sleep(5.0)
            await bench.engine._succeed(dated(FEWER))
        await bench.clock.sleep(5.0)
        snapshot = bench.engine.snapshot()
        assert len(snapshot.domains) == len(snapshot.plan.domains) == len(FEWER.domains)
        assert snapshot.plan.waves[0].expectation is Expectation.V2
        assert not [effect for effect in bench.effects if isinstance(effect, ExpectationChanged)]

    run_engine(dated(BEFORE), scenario)


def test_questions_leave_while_a_plan_is_taken_over() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(BEGUN)
        turns = 0

        async def take_turns() -> None:
            nonlocal turns
            while True:
                turns += 1
                await bench.clock.sleep(0.0)

        bench.tasks.passing("turns", take_turns())
        await bench.engine.replace(FEWER)
        assert turns >= len(NAMES) // PORTION_DOMAINS - 1

    run_engine(BEFORE, scenario)


def test_a_domain_that_the_plan_says_nothing_new_of_is_not_worked_out(steps: Counter[str]) -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(BEGUN)
        steps.clear()
        other = Domain(DomainName(NAMES[0]), "first", Expectation.V2)
        (wave,) = BEFORE.waves
        await bench.engine.replace(replace(BEFORE, waves=(replace(wave, domains=(other, *wave.domains[1:])),)))
        assert (steps["adopted"], steps["judged"]) == (1, 1)
        assert bench.status(NAMES[0]).domain is other
        assert {record.rdtype for record in bench.status(NAMES[0]).records} == {RecordType.A, RecordType.AAAA}

    run_engine(BEFORE, scenario)
