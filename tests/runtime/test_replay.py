"""What was written down says again what was said live; and a watch that goes on knows what the one before knew."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probe.model.effect import Effect, FindingCleared, FindingRaised, StateChanged
from probe.model.external_dns import ExternalDns
from probe.model.journal import CalmTurnsStretched, EntriesLost, Entry, SurroundingsKept, WatchBegun
from probe.model.name import DomainName
from probe.model.outcome import NoResponse, Outcome
from probe.model.plan import Expectation, Plan, Probing, Step
from probe.model.ports import Query
from probe.model.question import Question, RecordType
from probe.model.record import RecordState
from probe.model.server import Server
from probe.model.side import Side
from probe.runtime import stretch
from probe.runtime.replay import Replay
from probe.runtime.restored import restored_from
from probe.runtime.stretch import Load
from tests import fakes
from tests.clock import VirtualLoop
from tests.fakes import server
from tests.plans import plan
from tests.runtime.bench import ELB_SERVERS, ELB_ZONE, FOUR, RESOLVER, ZONE, Bench, World
from tests.runtime.tape import Tape, Watch, live

MOST_STRAIN = 4.0
SHORTEST_QUIET = 300.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

SHOP, API = "shop.example.com.", "api.example.com."
MINUTE = 60.0


async def fight(bench: Bench, rounds: int = 4) -> None:
    for _ in range(rounds):
        bench.world.sides[SHOP] = Side.V2
        await bench.clock.sleep(25)
        bench.world.sides[SHOP] = Side.V1
        await bench.clock.sleep(35)


async def a_fight(bench: Bench) -> None:
    await bench.clock.sleep(3 * MINUTE)
    await fight(bench)


async def an_outage_that_heals(bench: Bench) -> None:
    await bench.clock.sleep(2 * MINUTE)
    side = bench.world.sides.pop(SHOP)
    await bench.clock.sleep(2 * MINUTE)
    bench.world.sides[SHOP] = side
    await bench.clock.sleep(2 * MINUTE)


async def blindness(bench: Bench) -> None:
    await bench.clock.sleep(2 * MINUTE)
    bench.world.everything_is_silent = True
    await bench.clock.sleep(5 * MINUTE)
    bench.world.everything_is_silent = False
    await bench.clock.sleep(2 * MINUTE)


async def other_servers(bench: Bench) -> None:
    await bench.clock.sleep(2 * MINUTE)
    bench.world.silent |= set(FOUR)
    new = tuple(server(number) for number in range(5, 9))
    bench.delegator.zones = {ZONE: new, ELB_ZONE: ELB_SERVERS}
    await bench.clock.sleep(10 * MINUTE)
    bench.world.sides[SHOP] = Side.V2
    await bench.clock.sleep(3 * MINUTE)


async def a_load_balancer_that_grows(bench: Bench) -> None:
    await bench.clock.sleep(2 * MINUTE)
    for rdtype, address in ((RecordType.A, "192.0.2.200"), (RecordType.AAAA, "2001:db8:9::1")):
        question = Question(DomainName(SHOP), rdtype)
        bench.world.special[question] = fakes.answer(question, address)
    await bench.clock.sleep(6 * MINUTE)


async def a_stopped_process(bench: Bench) -> None:
    await bench.clock.sleep(2 * MINUTE)
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop.stand_still(40.0)
    await bench.clock.sleep(2 * MINUTE)


async def other_plans(bench: Bench) -> None:
    await bench.clock.sleep(2 * MINUTE)
    await bench.engine.replace(plan(SHOP, API, expectation=Expectation.V2, digest="b"))
    await bench.clock.sleep(4 * MINUTE)
    await bench.engine.replace(plan("new.example.com.", SHOP, expectation=Expectation.V1, digest="c"))
    bench.world.sides["new.example.com."] = Side.V2
    await bench.clock.sleep(4 * MINUTE)


async def a_schedule(bench: Bench) -> None:
    at = bench.clock.now().wall
    steps = (Step(None, Expectation.V1), Step(at + 3 * MINUTE, Expectation.V2))
    dated = plan(SHOP, API, expectation=Expectation.V1, digest="d")
    waves = tuple(
        replace(
            wave,
            schedule=steps,
            upcoming=steps[1],
            domains=tuple(replace(domain, schedule=steps, upcoming=steps[1]) for domain in wave.domains),
        )
        for wave in dated.waves
    )
    await bench.engine.replace(replace(dated, waves=waves))
    await bench.clock.sleep(8 * MINUTE)


STORIES = (
    a_fight,
    an_outage_that_heals,
    blindness,
    a_stopped_process,
    other_servers,
    a_load_balancer_that_grows,
    other_plans,
    a_schedule,
)


def folded(tape: Tape) -> tuple[Replay, list[Effect]]:
    told: list[Effect] = []
    replay = Replay(tell=told.append)
    for entry in tape.entries:
        replay.fold(entry)
    return replay, told


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_replay_says_exactly_what_was_said_live(story: Callable[[Bench], object]) -> None:
    tape = Tape()

    (bench,) = live(plan(SHOP, API, resolvers=(RESOLVER,)), tape, Watch(0.0, story))  # type: ignore[arg-type]  # it is awaitable
    replay, told = folded(tape)

    assert len([effect for effect in told if isinstance(effect, StateChanged | FindingRaised)]) >= 4
    assert told == bench.effects
    assert replay.statuses == bench.engine.snapshot().domains
    assert replay.restored().billed == bench.engine.snapshot().billed  # type: ignore[union-attr]  # something is known


def test_a_replay_over_a_restart_says_what_both_processes_said() -> None:
    tape = Tape()

    first, second = live(plan(SHOP, API), tape, Watch(0.0, a_fight), Watch(480.0, a_fight))
    replay, told = folded(tape)

    assert told == first.effects + second.effects
    assert replay.statuses == second.engine.snapshot().domains


def test_counts_transitions_and_findings_go_on_after_a_restart() -> None:
    async def watched(bench: Bench) -> None:
        await bench.clock.sleep(30)
        assert bench.status(SHOP).state is RecordState.FLAPPING
        await fight(bench, 1)

    tape = Tape()
    first, second = live(plan(SHOP, API), tape, Watch(0.0, a_fight), Watch(460.0, watched))

    before, after = first.status(SHOP), second.status(SHOP)
    assert [finding.code for finding in after.findings] == [finding.code for finding in before.findings]
    assert [finding.since for finding in after.findings] == [finding.since for finding in before.findings]
    assert not [effect for effect in second.effects if isinstance(effect, FindingRaised | FindingCleared)]
    for was, now in zip(before.records, after.records, strict=True):
        assert now.transitions == was.transitions + 2
        assert all(later >= earlier for earlier, later in zip(was.answers, now.answers, strict=True))
    assert (
        dict(second.engine.snapshot().billed)[DomainName(ZONE)] > dict(first.engine.snapshot().billed)[DomainName(ZONE)]
    )


def test_the_time_that_nobody_watched_does_not_make_a_fight_quiet() -> None:
    """The fight has ended, but nobody saw it end: the quiet time is counted from the new watch on."""
    quiet: list[float] = []

    async def after_the_gap(bench: Bench) -> None:
        begun = bench.clock.now().monotonic
        while bench.status(SHOP).state is RecordState.FLAPPING:
            await bench.clock.sleep(5)
        quiet.append(bench.clock.now().monotonic - begun)

    tape = Tape()
    live(plan(SHOP, API), tape, Watch(0.0, a_fight), Watch(420.0 + 170.0, after_the_gap))

    assert quiet[0] > SHORTEST_QUIET


def test_a_fight_that_ended_long_ago_is_not_said_to_go_on_for_ever_after_a_long_gap() -> None:
    async def after_the_gap(bench: Bench) -> None:
        await bench.clock.sleep(SHORTEST_QUIET + 2 * MINUTE)

    tape = Tape()
    _, second = live(plan(SHOP, API), tape, Watch(0.0, a_fight), Watch(40_000.0, after_the_gap))

    assert second.status(SHOP).state is RecordState.V1
    assert not second.status(SHOP).findings
    assert [type(effect) for effect in second.effects if not isinstance(effect, StateChanged)] == [FindingCleared]


def test_what_was_last_seen_is_no_fresh_evidence_when_nobody_answers_after_the_gap() -> None:
    async def calm(bench: Bench) -> None:
        await bench.clock.sleep(2 * MINUTE)

    async def silent(bench: Bench) -> None:
        bench.world.everything_is_silent = True
        await bench.clock.sleep(90)

    tape = Tape()
    _, second = live(plan(SHOP, API), tape, Watch(0.0, calm), Watch(1_000.0, silent))

    assert second.status(SHOP).state is RecordState.UNKNOWN


def test_a_restart_while_servers_differ_waits_for_watched_agreement_before_it_calls_that_settled() -> None:
    async def begins_to_move(bench: Bench) -> None:
        await bench.clock.sleep(2 * MINUTE)
        bench.world.sides[SHOP] = Side.V2
        await bench.clock.sleep(8)
        assert bench.status(SHOP).state is RecordState.PROPAGATING

    async def goes_on(bench: Bench) -> None:
        await bench.clock.sleep(4)
        assert bench.status(SHOP).state is RecordState.PROPAGATING
        await bench.clock.sleep(MINUTE)
        assert bench.status(SHOP).state is RecordState.V2

    live(plan(SHOP), Tape(), Watch(0.0, begins_to_move), Watch(180.0, goes_on))


def test_a_changed_plan_is_taken_over_at_the_restart() -> None:
    async def calm(bench: Bench) -> None:
        await bench.clock.sleep(3 * MINUTE)

    tape = Tape()
    moved = plan(SHOP, "new.example.com.", expectation=Expectation.V2)
    first, second = live(
        plan(SHOP, API, expectation=Expectation.V1), tape, Watch(0.0, calm), Watch(400.0, calm, plan=moved)
    )

    assert [status.domain.name for status in second.engine.snapshot().domains] == [SHOP, "new.example.com."]
    assert second.status(SHOP).domain.expectation is Expectation.V2
    assert second.status(SHOP).expected_since.monotonic >= 400.0  # type: ignore[union-attr]  # it was judged
    assert sum(second.status(SHOP).records[0].answers) > sum(first.status(SHOP).records[0].answers)
    _, told = folded(tape)
    assert told == first.effects + second.effects


def test_servers_of_before_that_the_first_walk_does_not_hear_stay_watched_after_a_restart() -> None:
    async def calm(bench: Bench) -> None:
        await bench.clock.sleep(MINUTE)

    async def walks_hear_half(bench: Bench) -> None:
        bench.delegator.silent = FOUR[2:]
        await bench.clock.sleep(MINUTE)
        assert [status.server for status in bench.status(SHOP).records[0].servers] == list(FOUR)

    _, second = live(plan(SHOP), Tape(), Watch(0.0, calm), Watch(180.0, walks_hear_half))
    assert second.delegator.walked


def test_servers_of_before_are_asked_at_once_after_a_restart() -> None:
    async def calm(bench: Bench) -> None:
        await bench.clock.sleep(MINUTE)

    async def walks_take_long(bench: Bench) -> None:
        bench.delegator.elapsed = 600.0
        await bench.clock.sleep(30)
        assert bench.engine.snapshot().ready

    live(plan(SHOP, API), Tape(), Watch(0.0, calm), Watch(100.0, walks_take_long), world=World())


def test_a_checkpoint_stands_for_everything_before_it() -> None:
    tape = Tape()

    async def scenario(bench: Bench) -> None:
        await a_fight(bench)
        tape.wanted = True
        before = len(tape.entries)
        await bench.clock.sleep(1.5)
        assert tape.checkpoints
        assert tape.checkpoints[0].plan.digest == ""
        assert len(tape.entries) >= before

    live(plan(SHOP, API), tape, Watch(0.0, scenario))

    replay = Replay()
    for entry in tape.entries:
        replay.fold(entry)
        restored = replay.restored()
        if restored is not None and tuple(restored.states.values()) == tape.checkpoints[0].states:
            break
    else:
        pytest.fail("the checkpoint is no moment of the fold")


async def the_servers_have_no_time(bench: Bench) -> None:
    await bench.clock.sleep(MINUTE)
    await bench.engine.replace(soaking(Probing(queries_per_second=0.1)))
    await bench.clock.sleep(2 * MINUTE)
    await bench.engine.replace(soaking(Probing(queries_per_second=0.05)))
    await bench.clock.sleep(2 * MINUTE)


async def this_process_has_no_time(bench: Bench) -> None:
    """Calm turns give way, come back, and give way again, as they do where the CPU is taken."""
    await bench.clock.sleep(MINUTE)
    for _ in range(3):
        load_of(bench).strain = MOST_STRAIN
        for name in (SHOP, API):
            bench.world.special |= dict.fromkeys(both_of(name), fakes.TIMEOUT)
            await bench.clock.sleep(40)
            bench.world.special.clear()
            await bench.clock.sleep(25)


async def it_is_behind_as_well(bench: Bench) -> None:
    await this_process_has_no_time(bench)
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    for _ in range(20):
        loop.stand_still(2.25)
        await bench.clock.sleep(0.25)
    bench.world.sides[SHOP] = Side.V2
    await bench.clock.sleep(MINUTE)


async def others_wait_for_their_first_look(bench: Bench) -> None:
    """As at the start of every watch; where the CPU is taken they wait for long, and calm turns give way to them."""
    waiting = 0

    def waiting_for(server: Server) -> int:
        del server
        return waiting

    bench.querier.waiting_for = waiting_for  # type: ignore[method-assign]  # whose servers have no room for a while
    await bench.clock.sleep(MINUTE)
    waiting = 1_000
    bench.world.sides["new.example.com."] = Side.V1
    await bench.engine.replace(soaking(None, SHOP, API, "new.example.com."))
    await bench.clock.sleep(3 * MINUTE)
    waiting = 0
    await bench.clock.sleep(MINUTE)


SLOW_STORIES = (
    the_servers_have_no_time,
    this_process_has_no_time,
    it_is_behind_as_well,
    others_wait_for_their_first_look,
)


def soaking(probing: Probing | None = None, *names: str) -> Plan:
    """A soak of half a minute, which a gap ends."""
    digest = f"{probing}{names}"
    written = plan(*(names or (SHOP, API)), expectation=Expectation.V1, probing=probing, digest=digest)
    return replace(written, soak=MINUTE / 2, v1=replace(written.v1, external_dns=ExternalDns("prod")))


def load_of(bench: Bench) -> Load:
    return bench.engine._turns.load


def both_of(name: str) -> list[Question]:
    return [Question(DomainName(name), rdtype) for rdtype in (RecordType.A, RecordType.AAAA)]


@pytest.mark.parametrize("story", SLOW_STORIES, ids=lambda story: story.__name__)
def test_what_calm_turns_that_give_way_led_to_is_said_again(story: Callable[[Bench], Awaitable[None]]) -> None:
    """How far they gave way is among the entries: without it soaks are broken that went on, for lack of answers."""
    tape = Tape()

    (bench,) = live(soaking(), tape, Watch(0.0, story))
    replay, told = folded(tape)

    assert any(isinstance(entry, CalmTurnsStretched) for entry in tape.entries)
    assert told == bench.effects
    assert replay.statuses == bench.engine.snapshot().domains

    other, said = folded_entries([one for one in tape.entries if not isinstance(one, CalmTurnsStretched)])
    assert (said, other.statuses) != (told, replay.statuses)  # or the story would prove nothing


def test_a_watch_that_is_not_stretched_writes_nothing_of_it_down() -> None:
    tape = Tape()
    live(soaking(), tape, Watch(0.0, a_fight))
    assert not [entry for entry in tape.entries if isinstance(entry, CalmTurnsStretched)]


HOSTS = tuple(f"h{number}.example.com." for number in range(8))


class LossyWorld(World):
    """Loses a share of the questions."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self.rng = rng
        self.loss = 0.0

    def __call__(self, ask: Query) -> Outcome:
        return fakes.TIMEOUT if self.rng.random() < self.loss else super().__call__(ask)


@pytest.mark.long
@settings(max_examples=4, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 1_000_000))
def test_a_starved_watch_is_said_again_word_by_word_and_gone_on_with_from_any_checkpoint(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """A process that the kernel does not let run, lost answers, moves of hosts, each for some seconds, at random."""
    monkeypatch.setattr(stretch, "LEAST_FELT", 0.1)  # so few hosts would not give way, and more say no more
    rng = random.Random(seed)
    world = LossyWorld(random.Random(seed))
    tape = Tape()
    marks: list[int] = []

    async def starve(bench: Bench) -> None:
        runs, stops = rng.choice([(0.1, 0.9), (0.25, 0.7), (0.1, 2.25), (0.3, 6.0)])
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        for _ in range(round(rng.uniform(8, 20) / (runs + stops))):
            await bench.clock.sleep(runs)
            loop.stand_still(stops)

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(20)
        await starve(bench)
        for _ in range(4):
            world.loss = rng.choice([0.0, 0.3, 0.6])
            for host in rng.sample(HOSTS, rng.choice([0, 2, 5])):
                world.sides[host] = rng.choice([Side.V1, Side.V2])
            await bench.clock.sleep(rng.uniform(1, 15))
            bench.engine.keep()
            marks.append(next(number for number in range(len(tape.entries), 0, -1) if not is_beside(tape, number)))
            await starve(bench)
        await bench.clock.sleep(5)

    written = plan(*HOSTS, expectation=Expectation.V1, probing=Probing(interval=4.0))
    written = replace(written, soak=20.0, v1=replace(written.v1, external_dns=ExternalDns("prod")))
    (bench,) = live(written, tape, Watch(0.0, scenario), world=world)
    replay, told = folded(tape)

    assert told == bench.effects
    assert replay.statuses == bench.engine.snapshot().domains
    for checkpoint, mark in zip(tape.checkpoints, marks, strict=True):
        later = Replay()
        later.go_on_from(restored_from(checkpoint, checkpoint.at), checkpoint.at)
        for entry in tape.entries[mark:]:
            later.fold(entry)
        assert later.statuses == bench.engine.snapshot().domains


def is_beside(tape: Tape, number: int) -> bool:
    """Tell whether the entry before this place stands behind a checkpoint, as a part of it."""
    return isinstance(tape.entries[number - 1], SurroundingsKept)


def test_what_a_checkpoint_cannot_hold_stands_behind_it() -> None:
    """A probe that is behind holds nothing: nor does one that goes on with what it knew, before that is told anew."""
    tape = Tape()

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(2 * MINUTE)
        load_of(bench).strain = MOST_STRAIN
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        for _ in range(8):
            loop.stand_still(2.25)
            await bench.clock.sleep(0.25)
        bench.engine.keep()
        bench.world.sides[SHOP] = Side.V2
        await bench.clock.sleep(4)

    (bench,) = live(soaking(), tape, Watch(0.0, scenario))
    (place,) = (number for number, entry in enumerate(tape.entries) if isinstance(entry, SurroundingsKept))
    kept = tape.entries[place]
    assert isinstance(kept, SurroundingsKept)
    assert kept.behind is not None
    assert dict(kept.stretches)[DomainName(ZONE)] == pytest.approx(MOST_STRAIN, rel=0.5)
    (checkpoint,) = tape.checkpoints
    restored = restored_from(checkpoint, checkpoint.at)

    def gone_on(entries: list[Entry]) -> Replay:
        replay = Replay()
        replay.go_on_from(restored, checkpoint.at)
        for entry in entries:
            replay.fold(entry)
        return replay

    assert gone_on(tape.entries[place:]).statuses == bench.engine.snapshot().domains
    assert gone_on(tape.entries[place + 1 :]).statuses != bench.engine.snapshot().domains


def test_with_other_settings_the_same_answers_are_judged_by_those() -> None:
    tape = Tape()
    live(plan(SHOP, API, expectation=Expectation.MOVING), tape, Watch(0.0, a_fight))
    strict = plan(SHOP, expectation=Expectation.V2)
    told: list[Effect] = []

    replay = Replay(plan=strict, tell=told.append)
    for entry in tape.entries:
        replay.fold(entry)

    raised = {effect.finding.code for effect in told if isinstance(effect, FindingRaised)}
    assert {status.domain.name for status in replay.statuses} == {SHOP}
    assert "laggard" in raised


def test_a_longer_grace_time_delays_what_is_said_of_divided_servers() -> None:
    async def one_stays_behind(bench: Bench) -> None:
        await bench.clock.sleep(2 * MINUTE)
        bench.world.stuck = FOUR[0]
        bench.world.sides[SHOP] = Side.V2
        await bench.clock.sleep(5 * MINUTE)

    tape = Tape()
    live(plan(SHOP), tape, Watch(0.0, one_stays_behind))

    def divided_at(grace: float) -> list[float]:
        told: list[Effect] = []
        replay = Replay(plan=plan(SHOP, probing=Probing(grace=grace)), tell=told.append)
        for entry in tape.entries:
            replay.fold(entry)
        return [
            effect.at.monotonic
            for effect in told
            if isinstance(effect, StateChanged) and effect.rdtype is None and effect.after is RecordState.DIVIDED
        ]

    assert divided_at(60.0)[0] > 180.0
    assert divided_at(150.0)[0] > divided_at(60.0)[0] + 60.0


def test_entries_that_were_lost_count_as_a_time_that_nobody_watched() -> None:
    tape = Tape()
    live(plan(SHOP), tape, Watch(0.0, a_fight))
    begun = next(entry for entry in tape.entries if isinstance(entry, WatchBegun))
    middle = len(tape.entries) // 2
    at = tape.restored().until
    cut = [*tape.entries[:middle], EntriesLost(middle, begun.at, at)]

    replay = Replay()
    for entry in cut:
        replay.fold(entry)

    restored = replay.restored()
    assert restored is not None
    (state,) = restored.states.values()
    assert replay.until == at
    assert all(record.changed == at for record in state.memory.records if record.changed)


def test_what_a_journal_without_its_beginning_holds_is_judged_by_the_plan_that_is_left() -> None:
    tape = Tape()
    first, second = live(plan(SHOP), tape, Watch(0.0, a_fight), Watch(480.0, a_fight))
    begins = next(number for number, entry in enumerate(tape.entries) if isinstance(entry, WatchBegun) and number)
    servers = [entry for entry in tape.entries[:begins] if type(entry).__name__ == "ServersFound"]

    replay, told = folded_entries([*servers, *tape.entries[begins:]])

    assert first.effects
    assert replay.statuses[0].state is second.status(SHOP).state
    assert [e.finding.code for e in told if isinstance(e, FindingRaised)] == ["flip-flop", "fight-same-owner"]


def folded_entries(entries: list[object]) -> tuple[Replay, list[Effect]]:
    tape = Tape()
    tape.entries = entries  # type: ignore[assignment]  # a part of another tape
    return folded(tape)


def test_a_restart_while_this_vantage_is_blind_accuses_no_server_when_it_sees_again() -> None:
    async def goes_blind(bench: Bench) -> None:
        await bench.clock.sleep(2 * MINUTE)
        bench.world.everything_is_silent = True
        await bench.clock.sleep(50)

    async def sees_again(bench: Bench) -> None:
        await bench.clock.sleep(20)
        assert bench.engine.snapshot().blind
        bench.world.everything_is_silent = False
        await bench.clock.sleep(MINUTE)

    tape = Tape()
    first, second = live(plan(SHOP, API), tape, Watch(0.0, goes_blind), Watch(200.0, sees_again))

    raised = [effect.finding.code for effect in second.effects if isinstance(effect, FindingRaised)]
    assert set(raised) <= {"probe-blind"}
    assert second.status(SHOP).state is RecordState.V1
    assert [effect.finding.code for effect in first.effects if isinstance(effect, FindingRaised)] == ["probe-blind"]
    _, told = folded(tape)
    assert told == first.effects + second.effects


def test_silences_while_blind_are_silences_in_a_replay_as_well() -> None:
    tape = Tape()
    live(plan(SHOP), tape, Watch(0.0, blindness))
    assert any(isinstance(getattr(entry, "outcome", None), NoResponse) for entry in tape.entries)
    _, told = folded(tape)
    assert "probe-blind" in {effect.finding.code for effect in told if isinstance(effect, FindingRaised)}


@pytest.mark.parametrize("gap", [5.0, 300.0])
def test_a_soak_goes_on_after_a_restart_and_the_gap_is_not_held(gap: float) -> None:
    """Also a gap that would be none between two answers."""
    soaking = plan(SHOP, expectation=Expectation.V1)
    soaking = replace(soaking, soak=1200.0, v1=replace(soaking.v1, external_dns=ExternalDns("prod")))

    async def ten_minutes(bench: Bench) -> None:
        await bench.clock.sleep(10 * MINUTE)

    tape = Tape()
    first, second = live(soaking, tape, Watch(0.0, ten_minutes), Watch(600.0 + gap, ten_minutes))

    before, after = first.status(SHOP).confirmation, second.status(SHOP).confirmation
    assert before.held > 500.0
    assert after.since == before.since
    assert after.unwatched >= gap
    assert 1200.0 + gap - 70.0 < after.held + after.unwatched <= 1200.0 + gap  # it is read every half minute
    assert not after.confirmed


@pytest.mark.parametrize("story", [blindness, other_servers, other_plans], ids=lambda story: story.__name__)
def test_split_anywhere_and_gone_on_from_what_was_known_it_says_the_same(story: Callable[[Bench], object]) -> None:
    tape = Tape()
    (bench,) = live(plan(SHOP, API, resolvers=(RESOLVER,)), tape, Watch(0.0, story))  # type: ignore[arg-type]  # it is awaitable
    told: list[Effect] = []
    replay = Replay(tell=told.append)
    for number, entry in enumerate(tape.entries):
        if number and number % (len(tape.entries) // 15) == 0:
            restored = replay.restored()
            assert restored is not None
            later: list[Effect] = []
            other = Replay(tell=later.append)
            other.go_on_from(restored, restored.until)
            for following in tape.entries[number:]:
                other.fold(following)
            assert of_domains([*told, *later]) == of_domains(bench.effects)
        replay.fold(entry)


def of_domains(effects: list[Effect]) -> list[Effect]:
    """Leave out what is about the vantage: each process tells of its own blindness."""
    return [effect for effect in effects if getattr(getattr(effect, "finding", None), "domain", "") != "."]


def test_a_restart_takes_no_finding_back_before_it_has_looked() -> None:
    """The evidence is old, and answers take seconds: time passes for the domain before the first of them."""

    async def outage(bench: Bench) -> None:
        await bench.clock.sleep(2 * MINUTE)
        del bench.world.sides[SHOP]
        await bench.clock.sleep(2 * MINUTE)
        assert "outage" in {finding.code for finding in bench.status(SHOP).findings}

    async def slow_answers(bench: Bench) -> None:
        bench.querier.elapsed = 8.0
        await bench.clock.sleep(40)

    _, second = live(plan(SHOP), Tape(), Watch(0.0, outage), Watch(1_000.0, slow_answers))

    assert [effect.finding.code for effect in second.effects if isinstance(effect, FindingCleared)] == []
    assert "outage" in {finding.code for finding in second.status(SHOP).findings}


def test_what_an_earlier_process_said_stands_for_a_minute_without_an_answer() -> None:
    """Then it is as old as it is: the state is unknown."""

    async def watched(bench: Bench) -> None:
        await bench.clock.sleep(2 * MINUTE)

    async def no_answer(bench: Bench) -> None:
        bench.querier.elapsed = 10 * MINUTE
        began = bench.clock.now().monotonic
        while bench.status(SHOP).state is RecordState.V1:
            await bench.clock.sleep(0.5)
        assert bench.status(SHOP).state is RecordState.UNKNOWN
        assert MINUTE <= bench.clock.now().monotonic - began <= MINUTE + 35

    live(plan(SHOP), Tape(), Watch(0.0, watched), Watch(1_000.0, no_answer))
