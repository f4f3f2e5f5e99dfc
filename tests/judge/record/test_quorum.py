"""The living decide: how many servers have to agree, where some of them are dead or there is only one."""

import random
from collections.abc import Collection

import pytest

from probe.judge.acceptance.expectation import verdict
from probe.judge.record.state import is_dead, quorum
from probe.model.check import CheckOutcome
from probe.model.name import DomainName
from probe.model.outcome import FailureReason, NoResponse, Outcome
from probe.model.plan import Expectation, Weights
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position, RecordState, RecordStatus, ServerStatus
from probe.model.server import Server
from tests.judge.answers import NAME, SERVERS, at_position, context, instant, observed, timeout
from tests.judge.simulator import MEDIUM, Prober, Run, World, Write, probe, square, steady, weighted
from tests.judge.story import Story

GIVEN_UP, QUORUM = 4, 2
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


V1, V2 = Position.V1, Position.V2
CUTOVER = (Write(0, steady(V1)), Write(300, steady(V2)))


class PartlyDead(World):
    """Some servers never answer, from `since` on."""

    dead: Collection[int] = ()
    since = 0.0
    silence: NoResponse = timeout()

    def answer(self, server: int, rdtype: RecordType, at: float, name: DomainName = NAME) -> Outcome | None:
        known = super().answer(server, rdtype, at, name)
        return self.silence if known is not None and server in self.dead and at >= self.since else known


def run(writes: Collection[Write], seconds: float, *, servers: int, dead: Collection[int] = (), seed: int = 1) -> Run:
    return prober(writes, servers=servers, dead=dead, seed=seed).go(seconds)


def prober(writes: Collection[Write], *, servers: int, dead: Collection[int] = (), seed: int = 1) -> Prober:
    rng = random.Random(seed)
    world = PartlyDead(writes, rng, servers=servers)
    world.dead = dead
    return Prober(world, rng, servers=SERVERS[:servers])


@pytest.mark.case("B12", "F5")
@pytest.mark.parametrize(
    ("servers", "dead"), [(2, [1]), (4, [1, 2, 3]), (4, [0, 1]), (1, [])], ids=["1of2", "1of4", "2of4", "1of1"]
)
def test_the_living_servers_decide_where_the_others_are_dead_from_the_start(servers: int, dead: list[int]) -> None:
    told = run(CUTOVER, 700, servers=servers, dead=dead)
    first = told.first(RecordState.V1)
    assert first is not None
    assert first < 150
    for rdtype in ADDRESS_TYPES:
        assert told.transitions(rdtype) == [(V1, V2)]
    moved = told.first(RecordState.V2)
    assert moved is not None
    assert moved < 390
    assert told.status.state is RecordState.V2


@pytest.mark.case("B12")
@pytest.mark.parametrize("reason", [FailureReason.REFUSED, FailureReason.LAME, FailureReason.SERVFAIL])
def test_a_server_that_only_refuses_is_waited_for_no_more_than_a_silent_one(reason: FailureReason) -> None:
    rng = random.Random(2)
    world = PartlyDead(CUTOVER, rng, servers=2)
    world.dead, world.silence = (1,), NoResponse(reason)
    told = Prober(world, rng, servers=SERVERS[:2]).go(700)
    assert told.transitions() == [(V1, V2)]
    assert told.status.state is RecordState.V2
    assert told.status.sentence.startswith("app.example.com leads to v2 at 1 of 2 servers")


@pytest.mark.case("B12")
def test_a_dead_server_that_comes_to_life_with_an_old_answer_divides_and_moves_nothing_back() -> None:
    story = Story(surroundings=context(*SERVERS[:2]))
    for turn in range(80):
        for rdtype in ADDRESS_TYPES:
            story.hear(observed(at_position(V2, rdtype), 5.0 * turn, SERVERS[0], rdtype))
            late = timeout() if turn < 40 else at_position(V1, rdtype)
            story.hear(observed(late, 5.0 * turn + 0.1, SERVERS[1], rdtype))
        story.wait(5.0 * turn + 1)
        if turn == 39:
            assert story.status.state is RecordState.V2
    assert all(record.transitions == 0 for record in story.status.records)
    assert story.status.state is RecordState.DIVIDED
    assert "server-divided" in story.codes


@pytest.mark.case("F5")
def test_what_the_only_living_server_says_does_not_grow_old_of_a_family_that_never_existed_either() -> None:
    rng = random.Random(4)
    world = PartlyDead([Write(0, steady(V1))], rng, families=[RecordType.A])
    world.dead = (1, 2, 3)
    told = Prober(world, rng).go(1800)
    assert [state for at, state in told.states(None) if at > 150] == []
    assert told.status.state is RecordState.V1


@pytest.mark.case("F5")
def test_servers_that_die_later_leave_the_word_to_the_one_that_lives() -> None:
    rng = random.Random(3)
    world = PartlyDead(CUTOVER, rng)
    world.dead, world.since = (0, 1, 2), 100.0
    told = Prober(world, rng).go(900)
    assert told.transitions() == [(V1, V2)]
    assert told.status.state is RecordState.V2


@pytest.mark.case("F5")
def test_the_one_that_lives_does_not_decide_against_those_that_fell_silent_just_now() -> None:
    story = Story()
    story.stand(V1, 0, 60)
    story.say([at_position(V2), timeout(), timeout(), timeout()], 61, times=10, rdtypes=[RecordType.A])
    assert story.status.records[0].position is V1
    assert story.status.records[0].state is RecordState.PROPAGATING


def test_a_server_is_dead_after_so_many_silences_and_a_grace_time_without_an_answer() -> None:
    surroundings = context()
    grace = surroundings.probing.grace
    silent = ServerStatus(SERVERS[0], at=instant(0), failures=GIVEN_UP, failure=FailureReason.TIMEOUT)
    assert not is_dead(silent, grace, surroundings)
    assert is_dead(silent, grace + 0.1, surroundings)
    assert is_dead(silent._replace(at=None), 0.0, surroundings)
    assert not is_dead(silent._replace(at=None, failures=GIVEN_UP - 1), 0.0, surroundings)


def test_a_quorum_is_two_or_all_that_live_and_never_nobody() -> None:
    surroundings = context()
    dead = [ServerStatus(server, failures=GIVEN_UP) for server in SERVERS]
    living = [ServerStatus(server) for server in SERVERS]
    for count, needed in ((0, 1), (1, 1), (2, QUORUM), (4, QUORUM)):
        record = RecordStatus(RecordType.A, servers=(*living[:count], *dead[count:]))
        assert quorum(record, 100.0, surroundings) == needed


@pytest.mark.case("B10")
@pytest.mark.parametrize("servers", [1, 2, 4])
@pytest.mark.long
def test_a_fight_ends_with_one_server_as_with_four(servers: int) -> None:
    fight = square(period=20, phase=9, start=100, end=300, first=V1, second=V2)
    told = run(fight, 800, servers=servers)
    assert told.first(RecordState.FLAPPING) is not None
    assert told.status.state is RecordState.V1
    ended = next(at for at, state in reversed(told.states()) if state is RecordState.V1)
    assert ended < 300 + 360


@pytest.mark.case("B10")
def test_a_fight_ends_though_all_servers_but_one_died_in_it() -> None:
    rng = random.Random(5)
    world = PartlyDead(square(period=20, phase=9, start=100, end=300, first=V1, second=V2), rng)
    world.dead, world.since = (1, 2, 3), 250.0
    told = Prober(world, rng).go(900)
    assert told.status.state is RecordState.V1


@pytest.mark.case("B10")
@pytest.mark.parametrize(("servers", "dead"), [(1, []), (4, [0, 2, 3])], ids=["1of1", "1of4"])
@pytest.mark.parametrize("seed", range(4))
def test_an_even_split_is_recognised_at_one_server_in_the_time_that_four_take(
    servers: int, dead: list[int], seed: int
) -> None:
    told = run([Write(0, weighted(0.5))], 400, servers=servers, dead=dead, seed=seed)
    at = told.first(RecordState.WEIGHTED)
    assert at is not None
    assert at <= 180


@pytest.mark.case("B10")
def test_the_sentence_of_one_server_that_changes_speaks_of_no_others() -> None:
    story = Story(Expectation.WEIGHTED, Weights(50, 50), context(SERVERS[0]))
    for at, position in ((0, V1), (30, V1), (60, V1), (61, V2)):
        for rdtype in ADDRESS_TYPES:
            story.hear(observed(at_position(position, rdtype), at, rdtype=rdtype))
            story.hear(observed(at_position(position, rdtype), at + 0.1, rdtype=rdtype))
    assert story.status.state is RecordState.PROPAGATING
    assert story.status.sentence.startswith(
        "app.example.com is changing: A v1 until now, v2 at its only server, AAAA v1 until now, v2 at its only server"
    )


@pytest.mark.case("D6")
@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (FailureReason.REFUSED, "192.0.2.50 refused the query: it does not serve the zone, or not to this vantage"),
        (FailureReason.LAME, "192.0.2.50 answered without authority: a resolver, or a middlebox"),
        (FailureReason.TIMEOUT, "192.0.2.50 did not respond in time"),
    ],
)
def test_where_no_server_answers_it_is_said_what_came_instead(reason: FailureReason, words: str) -> None:
    story = Story(surroundings=context(SERVERS[0]))
    for rdtype in ADDRESS_TYPES:
        story.hear(observed(NoResponse(reason), 1, rdtype=rdtype))
    assert f"no server answers with authority ({words}" in story.status.sentence


@pytest.mark.case("D6")
def test_servers_that_fail_in_different_ways_are_told_apart() -> None:
    story = Story()
    failures = [NoResponse(FailureReason.REFUSED), timeout(), timeout(), NoResponse(FailureReason.LAME)]
    story.say(failures, 0)
    assert "(192.0.2.51 and 192.0.2.52 did not respond in time; 192.0.2.50 refused" in story.status.sentence
    assert "192.0.2.53 answered without authority" in story.status.sentence


@pytest.mark.case("D6")
def test_an_intercepting_resolver_at_every_address_is_named_as_that_at_all_of_them() -> None:
    story = Story()
    story.say([NoResponse(FailureReason.LAME)] * 4, 0)
    assert story.status.state is RecordState.UNKNOWN
    assert all(server.address in story.status.sentence for server in SERVERS)
    assert "intercepts port 53, answers there instead of the zone's server" in story.status.sentence


@pytest.mark.case("D6")
def test_what_came_instead_is_said_no_longer_once_a_server_answers() -> None:
    story = Story()
    story.say([NoResponse(FailureReason.REFUSED)] * 4, 0)
    assert "refused the query" in story.status.sentence
    story.stand(V1, 10, 60)
    assert story.status.state is RecordState.V1
    assert "refused" not in story.status.sentence


@pytest.mark.case("B10")
def test_declared_weights_that_are_not_proven_yet_tell_how_many_answers_are_missing() -> None:
    rng = random.Random(2)
    world = PartlyDead([Write(0, weighted(0.5))], rng, servers=1)
    asked = Prober(world, rng, servers=SERVERS[:1], expectation=Expectation.WEIGHTED, weights=Weights(50, 50))
    told = asked.go(90)
    assert told.status.state is RecordState.PROPAGATING
    assert "answers more will tell whether that is the declared share" in verdict(told.status).sentence


EIGHT = tuple(Server(f"ns-{number // 2}.awsdns-00.net.", f"192.0.2.{50 + number}") for number in range(8))


@pytest.mark.case("B2")
@pytest.mark.parametrize("seed", [1014, 1016, 1058])
def test_draws_at_eight_addresses_make_no_change_that_nobody_wrote_and_are_told_in_the_time_of_four(seed: int) -> None:
    rng = random.Random(seed)
    world = World([Write(0, weighted(0.34))], rng, servers=8)
    told = Prober(world, rng, expectation=Expectation.WEIGHTED, weights=Weights(66, 34), servers=EIGHT).go(185)
    assert told.transitions() == told.transitions(RecordType.AAAA) == []
    assert told.status.state is RecordState.WEIGHTED


class Stale(World):
    """Some servers keep to what the record was before weights were written, and draw nothing."""

    stale: Collection[int] = ()

    def answer(self, server: int, rdtype: RecordType, at: float, name: DomainName = NAME) -> Outcome | None:
        known = super().answer(server, rdtype, at, name)
        return at_position(V1, rdtype) if known is not None and server in self.stale else known


def drawn_beside(stale: Collection[int], share: float, expectation: Expectation, weights: Weights | None) -> Run:
    rng = random.Random(3)
    world = Stale([Write(0, steady(V1)), Write(300, weighted(share))], rng)
    world.stale = stale
    return Prober(world, rng, expectation=expectation, weights=weights).go(1200)


@pytest.mark.case("A4")
@pytest.mark.parametrize("share", [0.5, 0.1])
@pytest.mark.parametrize("expectation", [Expectation.V1, Expectation.V2])
@pytest.mark.long
def test_weights_beside_a_server_that_keeps_an_old_record_are_weights_and_the_server_is_named(
    expectation: Expectation, share: float
) -> None:
    told = drawn_beside((3,), share, expectation, None)
    at = told.first(RecordState.WEIGHTED)
    assert at is not None
    assert at < 300 + 360
    findings = {finding.code.value: finding.sentence for finding in told.status.findings}
    assert set(findings) == {"weights-undeclared", "server-divided"}
    assert findings["server-divided"] == (
        "ns-3.awsdns-03.co.uk keeps answering v1 for app.example.com (A and AAAA), which others split by weights."
    )
    assert verdict(told.status).outcome is CheckOutcome.FAIL


@pytest.mark.parametrize(("seed", "until"), [(3, 2900.0), (4, 4200.0)])
def test_the_steps_of_a_ramp_accuse_no_server(seed: int, until: float) -> None:
    """Its run is as long as the new share makes it: what others drew before the step is no measure of it."""
    steps = [Write(0, steady(V1)), *(Write(900.0 * n, weighted(x)) for n, x in enumerate((0.1, 0.5, 0.9, 0.99), 1))]
    run = probe(steps, until, seed, speed=MEDIUM, machines=2)
    assert run.first(RecordState.WEIGHTED) is not None
    assert "server-divided" not in run.raised()


def test_declared_weights_that_a_stale_server_bends_are_off_and_it_is_said_whose_answers_never_change() -> None:
    told = drawn_beside((1, 3), 0.5, Expectation.WEIGHTED, Weights(50, 50))
    findings = {finding.code.value: finding for finding in told.status.findings}
    assert set(findings) == {"weights-off", "server-divided"}
    assert [fact.text for fact in findings["weights-off"].facts][-2:] == [
        "ns-1.awsdns-01.net always gives the same answer",
        "ns-3.awsdns-03.co.uk always gives the same answer",
    ]
    assert findings["server-divided"].sentence == ("2 name servers disagree with the others about app.example.com.")
    assert verdict(told.status).outcome is CheckOutcome.FAIL


@pytest.mark.parametrize(("before", "after"), [(0.5, 0.0), (0.02, 0.1), (0.3, 1.0)])
@pytest.mark.long
def test_no_server_is_accused_of_luck_or_of_weights_that_change(before: float, after: float) -> None:
    rng = random.Random(4)
    world = World([Write(0, weighted(before)), Write(900, weighted(after))], rng, machines=2)
    told = Prober(world, rng, expectation=Expectation.WEIGHTED, weights=Weights(50, 50)).go(2400)
    assert "server-divided" not in told.raised()
