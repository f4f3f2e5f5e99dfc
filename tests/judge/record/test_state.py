"""Another row of servers: what was known of those that stay is kept, and nobody is taken for somebody else."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from probe.judge.record.bins import empty, renumbered
from probe.judge.record.changepoint import Excursion, Level, with_places
from probe.judge.record.state import Elsewhere, RecordMemory, ServerMemory, align, shared
from probe.model.clock import Instant
from probe.model.plan import Expectation, Weights
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, RecordStatus, ServerStatus
from probe.model.server import Server
from tests.judge.answers import SERVERS, at_position, context, timeout
from tests.judge.simulator import Prober, World, Write, states, weighted
from tests.judge.story import Story

DUAL = (*SERVERS, *(replace(server, address=f"2001:db8::{number}") for number, server in enumerate(SERVERS, 1)))
"""Four name servers, each at an address of both families."""

V1 = Position.V1


def aligned(memory: RecordMemory, servers: Sequence[Server]) -> RecordMemory:
    record = RecordStatus(RecordType.A, position=V1, servers=tuple(map(ServerStatus, DUAL)))
    return align(record, memory._replace(servers=(ServerMemory(),) * len(DUAL)), context(*servers)).memory


@pytest.mark.parametrize(
    ("bits", "places", "after"),
    [
        (0b1011, (0, 1, 2, 3), 0b1011),
        (0b1011, (3, 2, 1, 0), 0b1101),
        (0b1011, (1,), 0b1),
        (0b1011, (None, 0, None, 3), 0b1010),
        (0b1011, (), 0),
    ],
)
def test_a_bit_goes_where_its_server_goes(bits: int, places: tuple[int | None, ...], after: int) -> None:
    assert renumbered(bits, places) == after


def test_who_is_gone_shows_no_jump_of_the_level_and_what_was_answered_stays() -> None:
    up = Excursion(3.0, 12.0, 9.0, 4.0, 0b0110)
    assert with_places(Level(100.0, 50.0, up), (1, 3)) == Level(100.0, 50.0, up._replace(servers=0b01))


def test_a_calm_row_has_the_level_of_all_others_whoever_comes_and_goes() -> None:
    memory = RecordMemory()
    after = aligned(memory, DUAL[1:])
    assert after.level is memory.level
    assert after.elsewhere is memory.elsewhere


def test_equal_memories_are_one_object_and_differing_ones_are_left_as_they_are() -> None:
    row = tuple(ServerMemory(told=(number, 0, 0, 0, 0, 0, 0)) for number in range(4))
    one, other = (RecordMemory((*row[:3], ServerMemory(told=(3, 0, 0, 0, 0, 0, 0)))) for _ in range(2))
    assert shared(one) is shared(other)
    moved = [one._replace(changed=Instant(at, at)) for at in (1.0, 2.0)]
    assert [shared(each) for each in moved] == moved
    assert shared(moved[0]).servers is shared(moved[1]).servers
    for doubted in (one._replace(elsewhere=Elsewhere(last=3.0)), one._replace(bin=empty(0.0, 4))):
        assert shared(doubted) is doubted


def test_who_contradicted_and_whose_addresses_are_contested_is_known_in_another_row() -> None:
    memory = RecordMemory(contested=0b11, elsewhere=Elsewhere(denied=0b10000001))
    after = aligned(memory, DUAL[::-1])
    assert after.contested == 0b11000000
    assert after.elsewhere.denied == 0b10000001
    assert aligned(memory, DUAL[1:3]).contested == 0b01


@pytest.mark.parametrize(
    ("drew", "servers", "left"),
    [
        (0b11111111, DUAL[:4], 0b1111),
        (0b11111111, DUAL[4:], 0b1111),
        (0b00010001, DUAL[::-1], 0b10001000),
        (0b00000001, DUAL[:4], 0b0001),
    ],
    ids=["one family", "the other", "another order", "a machine that is stuck"],
)
def test_draws_stay_proven_by_the_servers_that_stay(drew: int, servers: Sequence[Server], left: int) -> None:
    after = aligned(RecordMemory(drawn=True, draws=5, draw_servers=drew), servers)
    assert (after.drawn, after.draws, after.draw_servers) == (True, 5, left)


@pytest.mark.parametrize("drew", [0b11110000, 0b00110001, 0b00010000], ids=["all", "but one", "a machine"])
def test_draws_that_too_few_are_left_of_are_forgotten_and_no_server_is_stuck(drew: int) -> None:
    after = aligned(RecordMemory(drawn=True, draws=5, draw_servers=drew), DUAL[:4])
    assert (after.drawn, after.draws, after.draw_servers) == (False, 0, 0)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("share", [0.3, 0.05])
def test_a_split_stays_a_split_where_a_family_of_addresses_goes_and_comes_back(share: float, seed: int) -> None:
    rng = random.Random(seed)
    split = Weights(round(100 * (1 - share)), round(100 * share))
    world = World([Write(0, weighted(share))], rng, servers=len(DUAL))
    prober = Prober(world, rng, servers=DUAL, expectation=Expectation.WEIGHTED, weights=split)
    prober.go(900)
    assert prober.run.status.state is RecordState.WEIGHTED
    for until, servers in ((1500, DUAL[4:]), (2100, DUAL), (2700, DUAL[2:6]), (3300, DUAL[::-1])):
        prober.delegate_to(servers)
        prober.resume(until)
        assert prober.run.status.state is RecordState.WEIGHTED
    assert not {RecordState.DIVIDED, RecordState.FLAPPING} & set(states(prober.run))
    assert prober.run.raised() == set()


@pytest.mark.parametrize("seed", range(6))
def test_a_split_is_proven_anew_where_a_zone_gets_other_servers_and_none_of_them_is_accused(seed: int) -> None:
    rng = random.Random(seed)
    prober = Prober(
        World([Write(0, weighted(0.3))], rng, servers=len(DUAL)), rng, servers=DUAL, weights=Weights(70, 30)
    )
    prober.delegate_to(DUAL[:4])
    prober.go(900)
    prober.delegate_to(DUAL[4:])
    prober.resume(1800)
    assert prober.run.status.state is RecordState.WEIGHTED
    assert not {RecordState.DIVIDED, RecordState.FLAPPING} & set(states(prober.run))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("replaced", "servers"),
    [(600.5, DUAL[4:]), (602.5, DUAL[4:]), (600.5, DUAL[3:7])],
    ids=["all at once", "all, while some have followed", "all but one"],
)
def test_a_zone_that_gets_other_servers_while_it_moves_has_moved(
    replaced: float, servers: tuple[Server, ...], seed: int
) -> None:
    """As where a zone moves to another hosted zone, in which the record leads to v2 already."""
    rng = random.Random(seed)
    world = World([Write(0, {V1: 1.0}), Write(600, {Position.V2: 1.0})], rng, servers=len(DUAL))
    prober = Prober(world, rng, servers=DUAL, expectation=Expectation.V2)
    prober.delegate_to(DUAL[:4])
    prober.go(replaced)
    prober.delegate_to(servers)
    prober.resume(replaced + 90)
    assert states(prober.run) == [RecordState.V1, RecordState.PROPAGATING, RecordState.V2]
    assert prober.run.transitions() == [(V1, Position.V2)]
    (moved,) = prober.run.status.records[0].recent
    assert 600 < moved.at.monotonic < 620


@pytest.mark.parametrize("seed", range(2))
def test_of_a_zones_other_servers_the_one_is_accused_that_stays_behind_and_not_those_that_moved(seed: int) -> None:
    rng = random.Random(seed)
    world = World([Write(0, {V1: 1.0}), Write(600, {Position.V2: 1.0})], rng, servers=len(DUAL), frozen=(5,))
    prober = Prober(world, rng, servers=DUAL, expectation=Expectation.V2)
    prober.delegate_to(DUAL[:4])
    prober.go(600.5)
    prober.delegate_to(DUAL[4:])
    prober.resume(800)
    status = prober.run.status
    assert [record.position for record in status.records] == [Position.V2, Position.V2]
    (finding,) = (one for one in status.findings if one.code == "server-divided")
    assert finding.sentence.startswith(f"{DUAL[5].name.rstrip('.')} keeps answering v1")


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("stuck", "servers"), [((3,), DUAL[3:7]), ((2, 3), DUAL[2:6])], ids=["all but one", "half of them"]
)
@pytest.mark.parametrize("replaced", [580.5, 600.5], ids=["just before it moves", "just after"])
def test_no_server_that_moved_is_accused_where_a_zone_gets_other_servers_and_those_left_of_before_are_stuck(
    stuck: tuple[int, ...], servers: tuple[Server, ...], replaced: float, seed: int
) -> None:
    """Those that are left may have missed a change, or the new ones may hold what is meant for no user."""
    rng = random.Random(seed)
    world = World([Write(0, {V1: 1.0}), Write(600, {Position.V2: 1.0})], rng, servers=len(DUAL), frozen=stuck)
    prober = Prober(world, rng, servers=DUAL, expectation=Expectation.V2)
    prober.delegate_to(DUAL[:4])
    prober.go(replaced)
    prober.delegate_to(servers)
    prober.resume(900)
    status = prober.run.status
    (found,) = (one for one in status.findings if one.code == "server-divided")
    assert "keeps answering v2" not in " ".join((found.sentence, *(fact.text for fact in found.facts)))
    assert "disagree with the others" not in found.sentence
    if all(record.position is V1 for record in status.records):
        assert found.sentence == (
            "app.example.com (A and AAAA): its authoritative servers stand against each other, and which are wrong is "
            "not known."
        )
        assert found.facts[0].text == "Half of them or more answer otherwise than was confirmed before"


def test_a_server_that_alone_is_left_and_stayed_behind_takes_no_change_back() -> None:
    story = Story()
    story.stand(V1, 0, 60)
    for second in range(61, 150, 2):
        story.say([at_position(Position.V2)] * 3 + [at_position(V1)], second, times=1)
    assert story.status.records[0].position is Position.V2
    for second in range(150, 400, 2):
        story.say([timeout()] * 3 + [at_position(V1)], second, times=1)
        story.wait(second)
    assert story.status.records[0].position is Position.V2
    assert story.status.records[0].transitions == 1
