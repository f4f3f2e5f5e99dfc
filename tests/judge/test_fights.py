"""What holds of fights whatever their times are: one change makes none, an end is an end, and order proves nothing."""

import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from probe.judge.context import Context
from probe.model.effect import FindingRaised
from probe.model.finding import Severity
from probe.model.plan import Expectation
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position, RecordState
from probe.model.server import Server
from tests.judge.answers import SERVERS, at_position, context, observed
from tests.judge.ownership.owned import CAUSES, Owned, Txts, owned
from tests.judge.simulator import Prober, World, Write, weighted

V1, V2 = Position.V1, Position.V2
ROUND = 2.0
"""Seconds from one answer of a server to its next one: a burst asks each of them four times as often."""
SHORTEST_DWELL = 32
"""Seconds of a dwell in which one server alone gives enough answers to rule luck out: sixteen after sixteen others are
1 / C(33, 16) = 9e-10, below the bar of 1e-9 (`likelihood.SURE`); fifteen after fifteen are 3e-9."""
TXT_EVERY = 5
"""Rounds from one answer of a TXT name to its next one."""
BEGIN = 200.0

Changes = Sequence[tuple[float, Position]]
"""Since when the record leads where, in the order of time."""

EIGHT = tuple(Server(f"ns-{number // 2}.awsdns-00.net.", f"192.0.2.{50 + number}") for number in range(8))
SAID_OF = {Position.ABSENT: {"outage"}, Position.FOREIGN: {"foreign-target"}, Position.MIXED: {"mixed-target"}}
"""What a single change to a place may raise, beside nothing."""

written = st.sampled_from(list(Position))
owners = st.sampled_from(["default", "eks-v1", "eks-v2"])
sides = st.sampled_from([V1, V2])
lags = st.lists(st.floats(0, 50), min_size=len(SERVERS), max_size=len(SERVERS))


def place(changes: Changes, at: float) -> Position:
    return [position for since, position in changes if since <= max(at, 0.0)][-1]


def believing(servers: int) -> Context:
    """Make surroundings of so many servers, in which no load balancer has to be asked about a foreign answer."""
    surroundings = context(*EIGHT[:servers])
    book = surroundings.book
    return surroundings._replace(book=type(book)({}, book.networks))


def told(  # what changes when, beside which owners, seen how late and in which order, and where
    changes: Changes,
    until: float,
    txts: Callable[[float], Txts],
    behind: Sequence[float],
    order: Sequence[int],
    *,
    servers: Sequence[Server] = SERVERS,
    aaaa_later: float = 0.0,
    expectation: Expectation = Expectation.MOVING,
) -> Owned:
    """Let each server answer as the record was `behind` seconds ago, in each round in this order.

    AAAA may be written later than A, as where two controllers or two batches write them.
    """
    story = Owned(believing(len(servers)) if servers is not SERVERS else None, expectation)
    turn = 0
    while story.at < until:
        if turn % TXT_EVERY == 0:
            story.tell(txts(story.at))
        for number in order:
            for rdtype in ADDRESS_TYPES:
                later = aaaa_later if rdtype is RecordType.AAAA else 0.0
                answer = at_position(place(changes, story.at - behind[number] - later), rdtype)
                story.story.hear(observed(answer, story.at, servers[number], rdtype))
        story.story.wait(story.at)
        story.at += ROUND
        turn += 1
    return story


def critical(story: Owned) -> list[str]:
    return [
        effect.finding.code
        for effect in story.story.effects
        if isinstance(effect, FindingRaised) and effect.finding.severity is Severity.CRITICAL
    ]


@settings(max_examples=15, deadline=None)
@given(lags, st.permutations(range(len(SERVERS))), owners, owners, st.floats(-30, 30))
@pytest.mark.long
def test_a_single_change_never_makes_a_fight(
    behind: list[float], order: list[int], before: str, after: str, apart: float
) -> None:
    def txts(at: float) -> Txts:
        return owned(after if at > BEGIN + apart else before)

    story = told([(0.0, V1), (BEGIN, V2)], 420, txts, behind, order)
    assert not CAUSES & set(story.raised())
    assert critical(story) == []
    assert [record.state for record in story.story.status.records] == [RecordState.V2] * 2


@pytest.mark.long
@settings(max_examples=20, deadline=None)
@given(written, written, st.integers(1, 8), st.data())
def test_a_single_change_from_any_place_to_any_other_never_makes_a_fight_at_one_to_eight_servers(
    before: Position, after: Position, servers: int, data: st.DataObject
) -> None:
    behind = data.draw(st.lists(st.floats(0, 50), min_size=servers, max_size=servers))
    order = data.draw(st.permutations(range(servers)))
    changes = [(0.0, before), (BEGIN, after)]
    story = told(changes, 420, lambda _at: owned("default"), behind, order, servers=EIGHT[:servers])
    assert not CAUSES & set(story.raised())
    assert set(critical(story)) <= SAID_OF.get(before, set()) | SAID_OF.get(after, set())
    assert all(record.transitions <= 1 for record in story.story.status.records)


@settings(max_examples=10, deadline=None)
@given(lags, written, written, st.floats(0, 40), st.sampled_from(Expectation))
def test_a_single_change_of_each_of_two_records_never_makes_a_fight_whatever_is_expected_and_whichever_comes_later(
    behind: list[float], before: Position, after: Position, later: float, expectation: Expectation
) -> None:
    changes = [(0.0, before), (BEGIN, after)]
    story = told(
        changes, 420, lambda _at: owned("default"), behind, range(4), aaaa_later=later, expectation=expectation
    )
    assert not CAUSES & set(story.raised())
    assert all(record.transitions <= 1 for record in story.story.status.records)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 2), st.integers(2, 4), st.integers(2, 8), st.integers(20, 110), st.integers(0, 10_000))
def test_of_one_change_or_a_rollback_no_more_is_confirmed_than_was_written_whatever_machines_answer(
    changes: int, machines: int, servers: int, dwell: int, seed: int
) -> None:
    rng = random.Random(seed)
    written = [(BEGIN + dwell * number, (V2, V1)[number]) for number in range(changes)]
    arrivals = [_arrivals(rng, at, servers * machines) for at, _ in written]
    story = Owned(believing(servers))
    while story.at < BEGIN + 300:
        story.tell(owned("default"))
        for _ in range(TXT_EVERY):
            for number in range(servers):
                machine = number * machines + rng.randrange(machines)
                heard = [to for (_, to), at in zip(written, arrivals, strict=True) if at[machine] <= story.at]
                story.story.hear(observed(at_position([V1, *heard][-1]), story.at, EIGHT[number]))
            story.at += ROUND
        story.story.wait(story.at)
    assert story.story.status.records[0].transitions <= changes
    assert not CAUSES & set(story.raised())


def _arrivals(rng: random.Random, at: float, machines: int) -> list[float]:
    """Draw when each machine has a slow write: U(5, 20) s for all together, and Exp(15 s) of its own, 60 s at most."""
    together = rng.uniform(5, 20)
    return [at + min(60.0, together + rng.expovariate(1 / 15)) for _ in range(machines)]


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 9), st.integers(0, 9), st.integers(1, 8), st.integers(0, 10_000))
def test_weights_that_are_changed_once_never_make_a_fight(one: int, other: int, servers: int, seed: int) -> None:
    rng = random.Random(seed)
    writes = [Write(0.0, weighted(one / 10)), Write(300.0, weighted(other / 10))]
    asking = Prober(World(writes, rng, servers=servers), rng, servers=EIGHT[:servers])
    assert not CAUSES & asking.go(900).raised()


@pytest.mark.long
@settings(max_examples=4, deadline=None)
@given(st.sampled_from([V1, V2]), st.booleans(), st.integers(1, 8), st.integers(SHORTEST_DWELL, 45))
@example(stays=V1, third=False, servers=1, dwell=SHORTEST_DWELL)
def test_a_writer_that_is_stopped_raises_nothing_new_and_one_change_and_back_is_no_next_fight(
    stays: Position,
    third: bool,  # noqa: FBT001  # hypothesis gives it
    servers: int,
    dwell: int,
) -> None:
    goes = Position.FOREIGN if third else V1 if stays is V2 else V2
    over = BEGIN + 10 * dwell
    later = over + 500
    fought = [(BEGIN + dwell * number, (goes, stays)[number % 2]) for number in range(10)]
    changes = [(0.0, stays), *fought, (later, goes), (later + 60, stays)]
    story = told(
        changes, later + 120, lambda _at: owned("default"), [0.0] * servers, range(servers), servers=EIGHT[:servers]
    )
    raised = [effect for effect in story.story.effects if isinstance(effect, FindingRaised)]
    assert CAUSES & {effect.finding.code for effect in raised if effect.at.monotonic < over}
    new = {effect.finding.code for effect in raised if effect.at.monotonic > over + dwell}
    assert new <= SAID_OF.get(goes, set())
    assert story.story.status.state is not RecordState.FLAPPING


@settings(max_examples=4, deadline=None)
@given(st.integers(15, 60), st.integers(15, 60), st.integers(20, 80), st.integers(1, 2))
@pytest.mark.long
def test_after_the_end_the_next_fight_needs_its_own_evidence(one: int, other: int, dwell: int, changes: int) -> None:
    story = Owned()
    mine = owned("default")
    story.stand(V1, 200, mine)
    for _ in range(4):
        story.stand(V2, one, mine)
        story.stand(V1, other, mine)
    for _ in range(60):
        story.stand(V1, 60, mine)
        if not CAUSES & story.story.codes:
            break
    assert not CAUSES & story.story.codes
    before = story.causes()
    for number in range(changes):
        story.stand((V2, V1)[number % 2], dwell, mine)
    assert story.causes() == before
    assert story.story.status.state is not RecordState.FLAPPING


@pytest.mark.parametrize("dwell", [25, 30])
@pytest.mark.long
def test_a_fight_of_weights_that_leaves_a_rare_side_behind_is_over_half_an_hour_later(dwell: int) -> None:
    """Each answer of the rare side is a disturbance that settles: none lasts as long as proves draws after a fight."""
    fought = [Write(300.0 + dwell * number, weighted((0.9, 0.1)[number % 2])) for number in range(12)]
    over = fought[-1].at
    rng = random.Random(0)
    run = Prober(World([Write(0.0, weighted(0.1)), *fought], rng), rng).go(over + 2700.0)
    assert CAUSES & run.raised()
    (flapping,) = (at for at, state in run.states() if state is RecordState.FLAPPING)
    ended = next(at for at, state in run.states() if at > flapping and state is RecordState.WEIGHTED)
    assert over + 300.0 < ended < over + 2700.0
    assert run.status.state is RecordState.WEIGHTED
    assert not CAUSES & {finding.code for finding in run.status.findings}


@settings(max_examples=5, deadline=None)
@given(
    behind=st.lists(st.floats(0, 10), min_size=len(SERVERS), max_size=len(SERVERS)),
    order=st.permutations(range(len(SERVERS))),
    mutual=st.booleans(),
    has_weights=st.booleans(),
)
@pytest.mark.long
def test_the_order_of_servers_within_the_grace_time_does_not_change_a_cause(
    behind: list[float], order: list[int], *, mutual: bool, has_weights: bool
) -> None:
    changes = [(0.0, V1), *((BEGIN + 30 * number, (V2, V1)[number % 2]) for number in range(12))]

    def txts(at: float) -> Txts:
        return owned(f"eks-{place(changes, at)}" if mutual else "default")

    expectation = Expectation.WEIGHTED if has_weights else Expectation.MOVING
    causes = [
        told(changes, BEGIN + 300, txts, seconds, turns, expectation=expectation).causes()[-1:]
        for seconds, turns in (
            (behind, range(len(SERVERS))),
            (behind, order),
            ([behind[1], behind[0], *behind[2:]], range(len(SERVERS))),
        )
    ]
    told_apart = mutual and not has_weights  # each weighted set has a TXT of its own: an owner that alternates is drawn
    expected = "fight-mutual-migration" if told_apart else "flip-flop" if mutual else "fight-same-owner"
    assert causes == [[expected]] * 3
