"""The drain clock: when no cache that obeys TTLs can lead to v1 any more."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.judge.review import adopt
from probe.model.external_dns import TxtRegistry
from probe.model.outcome import Response, RRset
from probe.model.plan import Expectation, Weights
from probe.model.propagation import Drain
from probe.model.question import RecordType
from probe.model.record import Position, RecordState
from probe.model.side import AnswerClass
from tests.judge.answers import (
    ADDRESSES,
    NAME,
    V1_BALANCER,
    V2_BALANCER,
    ZONE,
    addresses,
    at_position,
    instant,
    nxdomain,
    plan,
)
from tests.judge.propagation.caching import PROBING, Cache, Resolver, Truth, Watch

LOAD_BALANCER_TTL = 60
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

MOVED = 100.0


def positions(*spells: tuple[float, Position], ttl: int = 60) -> Truth:
    """Each position from its second on, at every server at once."""

    def truth(_number: int, now: float) -> Response:
        position = [position for since, position in spells if since <= now][-1]
        return (
            nxdomain()
            if position is Position.ABSENT
            else addresses(RecordType.A, *ADDRESSES[position, RecordType.A], ttl=ttl)
        )

    return truth


def drained(watch: Watch) -> Drain:
    assert watch.status.drain is not None
    return watch.status.drain


def test_while_v1_is_answered_nothing_drains() -> None:
    watch = Watch(positions((0, Position.V1)), [])
    watch.run(MOVED)

    assert watch.status.drain is None


def test_nothing_drains_while_a_declared_part_of_v1_is_not_ruled_out_and_it_counts_as_given_until_then() -> None:
    watch = Watch(positions((0, Position.V1), (MOVED, Position.V2)), [], moves=(MOVED,))
    watch.run(MOVED + 300)
    assert watch.status.drain is not None
    split = plan(Expectation.WEIGHTED, Weights(5, 95)).domains[0]
    watch.state = adopt(watch.state, split, (TxtRegistry(),), ZONE)
    watch.run(MOVED + 600)
    assert watch.status.state is RecordState.V2
    assert watch.status.drain is None

    watch.state = adopt(watch.state, plan(Expectation.V2).domains[0], (TxtRegistry(),), ZONE)
    watch.run(MOVED + 605)

    drain = drained(watch)
    assert drain.last_v1 is not None
    assert drain.last_v1.monotonic == pytest.approx(MOVED + 600, abs=6)


def test_it_runs_from_the_last_v1_answer_for_the_ttl_and_grants_servers_the_grace_time() -> None:
    watch = Watch(positions((0, Position.V1), (MOVED, Position.V2)), [], moves=(MOVED,))
    watch.run(MOVED + 60)

    drain = drained(watch)
    assert drain.last_v1 is not None
    assert MOVED - 7 <= drain.last_v1.monotonic <= MOVED  # it was asked every seven seconds
    assert drain.deadline is not None
    assert drain.deadline.monotonic == pytest.approx(MOVED + PROBING.grace + 60, abs=3)
    assert drain.deadline.wall - drain.deadline.monotonic == instant(0).wall
    assert drain.ttl == 60
    watch.run(MOVED + 500)
    assert drained(watch) == drain


def test_a_server_that_is_slower_than_the_grace_time_holds_it_up() -> None:
    late = MOVED + 100

    def truth(number: int, now: float) -> Response:
        return at_position(Position.V1 if now < (late if number == 3 else MOVED) else Position.V2)

    watch = Watch(truth, [], moves=(MOVED,))
    watch.run(late)
    assert watch.status.drain is None

    watch.run(late + 60)

    deadline = drained(watch).deadline
    assert deadline is not None
    assert deadline.monotonic == pytest.approx(late + 60, abs=3)


def test_behind_a_cname_the_load_balancers_ttl_is_chained() -> None:
    def truth(_number: int, now: float) -> Response:
        balancer = V1_BALANCER if now < MOVED else V2_BALANCER
        return Response("NOERROR", authoritative=True, answer=(RRset(NAME, "CNAME", 300, (balancer,)),))

    watch = Watch(truth, [], moves=(MOVED,))
    watch.run(MOVED + 60)

    drain = drained(watch)
    assert drain.deadline is not None
    assert drain.deadline.monotonic == pytest.approx(MOVED + PROBING.grace + 300 + LOAD_BALANCER_TTL, abs=3)
    assert drain.ttl == 300 + LOAD_BALANCER_TTL


def test_a_ttl_that_was_lowered_just_before_counts_as_it_was() -> None:
    low = positions((0, Position.V1), (MOVED, Position.V2))
    high = at_position(Position.V1)
    high = Response("NOERROR", authoritative=True, answer=(high.answer[0]._replace(ttl=600),))
    watch = Watch(lambda number, now: high if now < 60 else low(number, now), [], moves=(MOVED,))
    watch.run(MOVED + 60)

    deadline = drained(watch).deadline
    assert deadline is not None
    assert 60 + 600 - 8 <= deadline.monotonic <= 60 + 600 + 35


def test_a_ttl_that_was_lowered_long_before_does_not_count() -> None:
    low = positions((0, Position.V1), (1000, Position.V2))
    high = Response("NOERROR", authoritative=True, answer=(at_position(Position.V1).answer[0]._replace(ttl=600),))
    watch = Watch(lambda number, now: high if now < 60 else low(number, now), [], moves=(1000,))
    watch.run(1060)

    drain = drained(watch)
    assert drain.deadline is not None
    assert drain.deadline.monotonic == pytest.approx(1000 + PROBING.grace + 60, abs=3)
    assert drain.ttl == 60


def test_after_a_gap_it_runs_until_no_cache_may_hold_the_denial() -> None:
    created = MOVED + 100
    watch = Watch(
        positions((0, Position.V1), (MOVED, Position.ABSENT), (created, Position.V2)), [], moves=(MOVED, created)
    )
    watch.run(created - 5)
    in_the_gap = drained(watch).deadline
    assert in_the_gap is not None
    assert in_the_gap.monotonic == pytest.approx(MOVED + PROBING.grace + 60, abs=3)

    watch.run(created + 60)

    deadline = drained(watch).deadline
    assert deadline is not None
    assert deadline.monotonic == pytest.approx(created + PROBING.grace + 900, abs=3)


def test_a_rollback_stops_it_and_the_next_move_begins_it_anew() -> None:
    watch = Watch(
        positions((0, Position.V1), (MOVED, Position.V2), (2000, Position.V1), (4000, Position.V2)),
        [],
        moves=(MOVED, 2000, 4000),
    )
    watch.run(1990)
    assert watch.status.drain is not None
    watch.run(2050)
    assert watch.status.drain is None
    watch.run(4060)

    deadline = drained(watch).deadline
    assert deadline is not None
    assert deadline.monotonic == pytest.approx(4000 + PROBING.grace + 60, abs=3)


def test_a_domain_that_was_never_seen_on_v1_has_no_deadline() -> None:
    watch = Watch(positions((0, Position.V2)), [])
    watch.run(60)

    assert watch.status.drain == Drain(None, None, None)


def test_what_resolvers_hold_of_v1_stands_beside_it() -> None:
    watch = Watch(positions((0, Position.V2)), [Resolver([Cache(least=900)]), Resolver([Cache()], name="quad9")])
    watch.resolvers[0].caches[0].ask(-5.0, lambda: at_position(Position.V1))
    watch.run(100)

    drain = drained(watch)
    assert drain.holding == 1
    assert drain.held_until is not None
    assert drain.held_until.monotonic == pytest.approx(895, abs=2)
    watch.run(1000)
    assert drained(watch) == Drain(None, None, None)


@settings(max_examples=25, deadline=None)
@given(
    caches=st.integers(1, 5),
    ttls=st.lists(st.sampled_from([1, 30, 60, 300]), min_size=1, max_size=3),
    lags=st.tuples(*[st.floats(0, PROBING.grace)] * 4),
    seed=st.integers(0, 1 << 16),
)
@pytest.mark.long
def test_no_cache_that_obeys_ttls_answers_v1_after_the_deadline(
    caches: int, ttls: list[int], lags: tuple[float, ...], seed: int
) -> None:
    """Users fill the caches at any second, from any server; the deadline holds, and is no later than it must be."""

    def truth(number: int, now: float) -> Response:
        position = Position.V1 if now < MOVED + lags[number] else Position.V2
        ttl = ttls[min(int(now / MOVED * len(ttls)), len(ttls) - 1)]
        return addresses(RecordType.A, *ADDRESSES[position, RecordType.A], ttl=ttl)

    users = [Cache() for _ in range(caches)]
    draw = random.Random(seed)
    watch = Watch(truth, [], moves=(MOVED,), seed=seed)
    last_v1 = 0.0
    while watch.now < MOVED + 3 * PROBING.grace + max(ttls):
        watch.run(watch.now + 1)
        for cache in users:
            if draw.random() < 0.5:
                answer = cache.ask(watch.now, lambda: truth(draw.randrange(4), watch.now))
                if answer.answer[0].rdata == ADDRESSES[Position.V1, RecordType.A]:
                    last_v1 = watch.now

    assert watch.status.records[0].state is RecordState.V2
    drain = drained(watch)
    assert drain.deadline is not None
    assert last_v1 <= drain.deadline.monotonic <= MOVED + 2 * PROBING.grace + max(ttls)
    assert watch.status.records[0].servers[0].answer_class is AnswerClass.V2
