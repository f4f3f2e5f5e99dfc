"""What is judged of some domains alone is what the whole journal says of them: every finding, transition and state."""

import asyncio
import json
import random
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probe.cli.keeping import make_codec
from probe.cli.main import root
from probe.model.clock import Instant
from probe.model.effect import FindingCleared, FindingRaised, TransitionConfirmed
from probe.model.name import DomainName, canonical, is_within
from probe.model.observation import Glimpse, Observation
from probe.model.outcome import Outcome, Response
from probe.model.plan import Expectation, HttpCheck, Plan, Wave, Weights
from probe.model.ports import Query
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position, Transition
from probe.model.server import ServerRole
from probe.model.side import Side
from probe.runtime.bystanders import Bystanders
from probe.runtime.replay import Replay
from probe.store.reading import JournalReader
from probe.wire.transport.reader import read
from tests.clock import VirtualLoop
from tests.fakes import TIMEOUT, server
from tests.plans import plan
from tests.runtime.bench import ELB_SERVERS, ELB_ZONE, FOUR, RESOLVER, ZONE, Bench, World
from tests.runtime.tape import Tape, Watch, live
from tests.snapshots import finding
from tests.store.journals import write

MINUTE = 60.0
OTHER_ZONE = "example.org."
OTHER_SERVERS = tuple(server(number, "org.") for number in range(21, 25))
HOSTS = tuple(f"h{number}.{ZONE}" for number in range(4))
OTHERS = tuple(f"h{number}.{OTHER_ZONE}" for number in range(2))
DRAWN = f"drawn.{ZONE}"
NAMES = (*HOSTS, DRAWN, *OTHERS)


class MessageWorld(World):
    """Answers with real messages, as the journal keeps them; a resolver's TTL is another one each time."""

    def __init__(self, seed: int = 1) -> None:
        super().__init__()
        self.rng = random.Random(seed)
        self.loss = 0.0
        self.stuck_for: set[str] = set()
        self._parsed: dict[bytes, Outcome] = {}

    def __call__(self, ask: Query) -> Outcome:
        if self.loss and self.rng.random() < self.loss:
            return TIMEOUT
        name = ask.question.name
        outcome: Outcome
        if name == DRAWN:
            self.sides[DRAWN] = self.rng.choice(tuple(Side))
        if ask.server in (FOUR[0], OTHER_SERVERS[0]) and name in self.stuck_for:
            outcome = self._addresses(Side.V1, ask.question)
        else:
            outcome = super().__call__(ask)
        return self._message(ask, outcome) if isinstance(outcome, Response) else outcome

    def _message(self, ask: Query, outcome: Response) -> Outcome:
        resolver = ask.server.role is ServerRole.RESOLVER
        message = dns.message.make_response(dns.message.make_query(ask.question.name, ask.question.rdtype.value, id=0))
        message.set_rcode(dns.rcode.from_text(outcome.rcode))
        message.flags |= dns.flags.RA if resolver else dns.flags.AA
        for rrset in outcome.answer:
            ttl = self.rng.randrange(60) if resolver else rrset.ttl
            message.answer.append(dns.rrset.from_text_list(rrset.name, ttl, "IN", rrset.rdtype, list(rrset.rdata)))
        wire = message.to_wire()
        return self._parsed.setdefault(wire, read(wire))


def the_plan(*, first: Expectation = Expectation.MOVING, digest: str = "") -> Plan:
    """Two waves over two zones: one domain is drawn by weights, one has HTTPS."""
    base = plan(*NAMES, resolvers=(RESOLVER,), digest=digest)
    domains = {domain.name: replace(domain, expectation=first) for domain in base.domains}
    drawn = replace(domains[DomainName(DRAWN)], expectation=Expectation.WEIGHTED, weights=Weights(1, 1), wave="second")
    secure = replace(domains[DomainName(HOSTS[1])], http=HttpCheck())
    others = [replace(domains[DomainName(name)], wave="second") for name in OTHERS]
    hosts = [secure if name == HOSTS[1] else domains[DomainName(name)] for name in HOSTS]
    waves = (Wave("first", first, tuple(hosts)), Wave("second", Expectation.MOVING, (drawn, *others)))
    return replace(base, waves=waves)


Story = Callable[[Bench], Awaitable[None]]


async def begin(bench: Bench, seconds: float = 2 * MINUTE) -> None:
    bench.delegator.zones = {ZONE: FOUR, OTHER_ZONE: OTHER_SERVERS, ELB_ZONE: ELB_SERVERS}
    await bench.clock.sleep(seconds)


def world_of(bench: Bench) -> MessageWorld:
    assert isinstance(bench.world, MessageWorld)
    return bench.world


async def turn(bench: Bench, names: tuple[str, ...], side: Side, seconds: float) -> None:
    for name in names:
        bench.world.sides[name] = side
    await bench.clock.sleep(seconds)


async def a_fight_of_all_hosts(bench: Bench) -> None:
    await begin(bench)
    for _ in range(3):
        await turn(bench, HOSTS, Side.V2, 25)
        await turn(bench, HOSTS, Side.V1, 35)


async def a_move_of_both_zones(bench: Bench) -> None:
    await begin(bench)
    await turn(bench, (*HOSTS, *OTHERS), Side.V2, 4 * MINUTE)
    await turn(bench, HOSTS[:2], Side.V1, 3 * MINUTE)


async def a_server_that_keeps_the_old_zone(bench: Bench) -> None:
    await begin(bench)
    world_of(bench).stuck_for |= {*HOSTS[:3], OTHERS[0]}
    await turn(bench, (*HOSTS, *OTHERS), Side.V2, 8 * MINUTE)
    world_of(bench).stuck_for.clear()
    await bench.clock.sleep(2 * MINUTE)


async def a_server_that_is_silent_and_a_zone_that_is_not_seen(bench: Bench) -> None:
    await begin(bench)
    bench.world.silent |= {FOUR[2], *OTHER_SERVERS}
    await bench.clock.sleep(6 * MINUTE)
    bench.world.silent.clear()
    await turn(bench, OTHERS, Side.V2, 3 * MINUTE)


async def blindness_and_a_gap(bench: Bench) -> None:
    await begin(bench)
    bench.world.everything_is_silent = True
    await bench.clock.sleep(3 * MINUTE)
    bench.world.everything_is_silent = False
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop.stand_still(40.0)
    await turn(bench, HOSTS, Side.V2, 3 * MINUTE)


async def half_of_all_questions_are_lost(bench: Bench) -> None:
    await begin(bench)
    world_of(bench).loss = 0.5
    await turn(bench, HOSTS[:2], Side.V2, 3 * MINUTE)
    bench.world.silent |= {FOUR[1]}
    await bench.clock.sleep(5 * MINUTE)


async def other_plans(bench: Bench) -> None:
    await begin(bench)
    await bench.engine.replace(the_plan(first=Expectation.V2, digest="b"))
    await turn(bench, HOSTS[1:], Side.V2, 5 * MINUTE)
    later = the_plan(first=Expectation.V2, digest="c")
    fewer = tuple(replace(wave, domains=wave.domains[1:]) for wave in later.waves)
    await bench.engine.replace(replace(later, waves=fewer))
    await turn(bench, OTHERS, Side.V2, 4 * MINUTE)


STORIES: tuple[Story, ...] = (
    a_fight_of_all_hosts,
    a_move_of_both_zones,
    a_server_that_keeps_the_old_zone,
    a_server_that_is_silent_and_a_zone_that_is_not_seen,
    blindness_and_a_gap,
    half_of_all_questions_are_lost,
    other_plans,
)


def watched(path: Path, *stories: Story, seed: int = 1) -> Path:
    """Write the journal of one process after the other."""
    tape = Tape()
    watches = [Watch(number * 1_500.0, story) for number, story in enumerate(stories)]
    live(the_plan(), tape, *watches, world=MessageWorld(seed))
    write(path, tape.entries)
    return path


@pytest.fixture(scope="module")
def journal_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Story], Path]:
    """Give the journal of a story, which is lived once for all tests that read it."""

    @cache
    def journal(story: Story) -> Path:
        return watched(tmp_path_factory.mktemp("story") / "journal.db", story)

    return journal


def lines(*arguments: str | Path) -> list[dict[str, Any]]:
    result = CliRunner().invoke(root, ["replay", *map(str, arguments), "--output", "json"], standalone_mode=False)
    assert result.exception is None, result.exception
    return [json.loads(line) for line in result.stdout.splitlines()]


def about(said: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    """Leave of what is said what is about these domains, their zones and waves, the vantage and the watch itself."""
    waves = {domain.wave for domain in the_plan().domains if domain.name in names}

    def concerns(subject: str | None) -> bool:
        if subject is None or subject in waves:
            return True
        return canonical(subject) in names or (
            canonical(subject) not in NAMES and any(is_within(DomainName(name), canonical(subject)) for name in names)
        )

    return [line for line in said if concerns(line["domain"])]


def assert_narrow_is_whole(path: Path, *names: str) -> list[dict[str, Any]]:
    whole = lines(path)
    assert all(line["now"] and line["then"] for line in whole if line["now"] is not None)
    for name in names:
        assert lines(path, "--domain", name) == about(whole, name)
    return whole


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_one_domain_alone_is_judged_as_among_all(story: Story, journal_of: Callable[[Story], Path]) -> None:
    whole = assert_narrow_is_whole(journal_of(story), HOSTS[0], OTHERS[0])

    assert len([line for line in whole if line["event"] == "state_changed"]) > len(NAMES)


def test_a_wave_alone_is_judged_as_among_all_over_a_restart(tmp_path: Path) -> None:
    async def goes_on(bench: Bench) -> None:
        await begin(bench, 30)
        await turn(bench, (*HOSTS, DRAWN), Side.V2, 90)

    path = watched(tmp_path / "journal.db", a_fight_of_all_hosts, goes_on)
    whole = assert_narrow_is_whole(path, HOSTS[1])

    assert lines(path, "--wave", "second") == about(whole, DRAWN, *OTHERS)


async def a_move(bench: Bench) -> None:
    names = tuple(world_of(bench).rng.sample(NAMES, 4))
    await turn(bench, names, world_of(bench).rng.choice(tuple(Side)), 40)


async def a_deletion(bench: Bench) -> None:
    name = world_of(bench).rng.choice(HOSTS)
    side = bench.world.sides.pop(name, Side.V1)
    await bench.clock.sleep(30)
    bench.world.sides[name] = side


async def lost_questions(bench: Bench) -> None:
    world_of(bench).loss = 0.4
    await bench.clock.sleep(MINUTE)
    world_of(bench).loss = 0.0


async def silence(bench: Bench) -> None:
    bench.world.silent ^= {world_of(bench).rng.choice((*FOUR, *OTHER_SERVERS))}
    await bench.clock.sleep(MINUTE)


async def an_old_zone(bench: Bench) -> None:
    world_of(bench).stuck_for ^= set(world_of(bench).rng.sample(NAMES, 3))
    await bench.clock.sleep(MINUTE)


async def a_pause(bench: Bench) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop.stand_still(world_of(bench).rng.uniform(2.0, 30.0))
    await bench.clock.sleep(20)


async def slower_calm_turns(bench: Bench) -> None:
    rate = world_of(bench).rng.choice((0.5, 1.0, 20.0))
    now = the_plan(digest=str(rate))
    await bench.engine.replace(replace(now, probing=replace(now.probing, queries_per_second=rate)))
    await bench.clock.sleep(20)


DEEDS: tuple[Story, ...] = (a_move, a_deletion, lost_questions, silence, an_old_zone, a_pause, slower_calm_turns)


@settings(max_examples=4, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 1_000), st.lists(st.sampled_from(DEEDS), min_size=4, max_size=7), st.sampled_from(NAMES))
def test_any_domain_alone_is_judged_as_among_all_whatever_happens(
    tmp_path_factory: pytest.TempPathFactory, seed: int, deeds: list[Story], name: str
) -> None:
    async def night(bench: Bench) -> None:
        await begin(bench, MINUTE)
        for deed in deeds:
            await deed(bench)

    assert_narrow_is_whole(watched(tmp_path_factory.mktemp("any") / "journal.db", night, seed=seed), name)


def test_of_bystanders_no_message_is_read_that_shows_no_more_than_that_its_server_answers(
    journal_of: Callable[[Story], Path],
) -> None:
    path = journal_of(a_move_of_both_zones)
    entries = []
    replay = Replay(narrow=lambda plan: replace(plan, waves=plan.waves[1:]))
    with JournalReader(path, make_codec()) as reader:
        for entry in reader.needed(replay.is_bystander):
            replay.fold(entry)
            entries.append(entry)

    assert replay.bystanders == len(HOSTS)
    questions = {one.question for one in entries if isinstance(one, Observation)}
    asked = {str(question.name) for question in questions if question.rdtype in ADDRESS_TYPES}
    assert not asked & set(HOSTS)
    assert {*OTHERS, DRAWN} <= asked
    glimpsed = [one for one in entries if isinstance(one, Glimpse)]
    assert {one.server for one in glimpsed} == {*FOUR, RESOLVER}
    assert not any(one.outcome.answer for one in glimpsed)


def test_what_concerns_a_bystander_alone_is_left_out_and_its_changes_are_not(
    journal_of: Callable[[Story], Path],
) -> None:
    path = journal_of(a_move_of_both_zones)
    with JournalReader(path, make_codec()) as reader:
        whole = [type(entry).__name__ for entry in reader.entries()]
    with JournalReader(path, make_codec()) as reader:
        narrow = [type(entry).__name__ for entry in reader.needed(lambda name: name in NAMES)]

    for kind in ("ServiceFolded", "StateChanged", "Converged"):
        assert kind in whole
        assert kind not in narrow
    for kind in ("TransitionConfirmed", "ServersFound", "TimePassed", "WatchBegun"):
        assert whole.count(kind) == narrow.count(kind) > 0


def test_a_damaged_answer_of_a_bystander_is_left_out_and_counted_once(tmp_path: Path) -> None:
    path = watched(tmp_path / "journal.db", begin)
    connection = sqlite3.connect(path, isolation_level=None)
    number, wire = connection.execute(
        "SELECT r.id, r.wire FROM outcomes r JOIN observations o ON o.outcome = r.id JOIN questions q"
        " ON q.id = o.question WHERE q.name = ? AND q.rdtype = 'A' LIMIT 1",
        (HOSTS[0],),
    ).fetchone()
    connection.execute("UPDATE outcomes SET wire = ? WHERE id = ?", (bytes([*wire[:-1], wire[-1] ^ 1]), number))
    connection.close()

    def answers(bystander: Callable[[DomainName], bool]) -> tuple[int, int]:
        with JournalReader(path, make_codec()) as reader:
            read_or_seen = [one for one in reader.needed(bystander) if isinstance(one, (Observation, Glimpse))]
            return len(read_or_seen), reader.left_out

    whole = answers(lambda _: False)
    assert whole[1] == 1
    assert answers(lambda name: name == HOSTS[0]) == whole


def test_of_two_causes_that_are_open_the_first_of_the_status_counts_whichever_was_raised_first() -> None:
    whole, at = the_plan(), Instant(1_000, 1_000)
    bystanders = Bystanders()
    bystanders.replace(whole, replace(whole, waves=whole.waves[1:]), at)
    change = Transition(at, Position.V1, Position.V2, reversal=False)
    mix, same_owner = (finding(code, HOSTS[0], "") for code in ("fight-version-mix", "fight-same-owner"))

    def causes(*told: FindingRaised | FindingCleared) -> list[str | None]:
        for effect in (*told, TransitionConfirmed(DomainName(HOSTS[0]), RecordType.A, change)):
            bystanders.hear(effect)
        return list(dict.fromkeys(move.cause for _, move in bystanders.changes(at)))

    assert causes() == [None]
    assert causes(FindingRaised(mix, at), FindingRaised(same_owner, at)) == ["fight-same-owner"]
    assert causes(FindingCleared(same_owner, at)) == ["fight-version-mix"]
