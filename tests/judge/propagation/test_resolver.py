"""Resolvers: their caches, their deadlines, and when they are late. Authority is never theirs."""

import random
from dataclasses import replace
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.judge.propagation.resolver import assess, hear, in_order, weigh
from probe.model.effect import FindingRaised
from probe.model.finding import FindingCode
from probe.model.outcome import ExtendedError, FailureReason, NoResponse, Outcome, Response, RRset
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position, RecordState, RecordStatus, ServerStatus
from probe.model.resolver import ResolverStatus, ResolverVerdict
from probe.model.side import AnswerClass
from tests.judge.answers import (
    ADDRESSES,
    NAME,
    RESOLVER,
    SERVERS,
    V1_BALANCER,
    V2_BALANCER,
    addresses,
    at_position,
    book,
    context,
    instant,
    nxdomain,
    observed,
)
from tests.judge.propagation.caching import PROBING, Cache, Resolver, Truth, Watch
from tests.judge.wording import whole

SLACK = 5.0
KEPT_SPELLS = 24
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

TTL = 60
MOVED = 100.0


def moving(*lags: float, ttl: int = TTL, at: float = MOVED) -> Truth:
    """From v1 to v2 at `at`, each server with its own delay."""
    before = addresses(RecordType.A, *ADDRESSES[Position.V1, RecordType.A], ttl=ttl)
    after = addresses(RecordType.A, *ADDRESSES[Position.V2, RecordType.A], ttl=ttl)
    delays = lags or (0.0, 1.0, 2.0, 3.0)
    return lambda number, now: before if now < at + delays[number] else after


def answered(position: Position, ttl: int, at: float, resolver: ResolverStatus) -> ResolverStatus:
    """Let a resolver answer once."""
    response = Response(
        "NOERROR", answer=(RRset(NAME, "A", ttl, ADDRESSES[position, RecordType.A]),), recursion_available=True
    )
    return hear(resolver, observed(response, at, RESOLVER), AnswerClass(position.value), None)


BLANK = ResolverStatus(RESOLVER, RecordType.A)


def test_answers_that_count_down_to_the_same_moment_are_one_cache() -> None:
    heard = BLANK
    for at, ttl in ((0.0, 60), (10.4, 49), (30.9, 29), (59.2, 0)):
        heard = answered(Position.V1, ttl, at, heard)

    (cache,) = heard.caches
    assert cache.answer_class is AnswerClass.V1
    assert cache.expires.monotonic == pytest.approx(60, abs=1)


def test_a_ttl_that_jumps_up_is_another_cache_and_not_a_change() -> None:
    heard = BLANK
    for at, ttl in ((0.0, 20), (5.0, 55), (10.0, 10), (12.0, 48)):
        heard = answered(Position.V1, ttl, at, heard)

    assert [round(cache.expires.monotonic) for cache in heard.caches] == [20, 60]
    assert heard.since == instant(0)


def test_expiries_within_two_seconds_are_one_cache_and_beyond_them_two() -> None:
    heard = answered(Position.V1, 60, 0.0, BLANK)
    assert len(answered(Position.V1, 57, 5.0, heard).caches) == 1
    assert len(answered(Position.V1, 57, 5.1, heard).caches) == 2


def test_eight_caches_are_kept_and_the_soonest_to_expire_is_dropped() -> None:
    heard = BLANK
    for number in range(10):
        heard = answered(Position.V1, 60 + 10 * number, 0.0, heard)
    assert [cache.expires.monotonic for cache in heard.caches] == [80.0 + 10 * number for number in range(8)]


ON_V2 = RecordStatus(RecordType.A, RecordState.V2, instant(0), Position.V2)
ANSWERED = replace(book(), answered={name: instant(1e6) for name in book().names})
SURROUNDINGS = context(probing=PROBING, known=ANSWERED)
HEARD = tuple(ServerStatus(server, AnswerClass.V2, at=instant(1e6)) for server in SERVERS)
WATCHED = ON_V2._replace(servers=HEARD)


def made_up(position: Position, ttl: int, *times: float, record: RecordStatus = WATCHED) -> int:
    """Give how many of its answers are held against a resolver that says what no server gave."""
    resolver = BLANK
    for at in times:
        resolver = weigh(answered(position, ttl, at, resolver), record, (), SURROUNDINGS)
    return resolver.overdue


@pytest.mark.parametrize(
    ("position", "ttl", "end"),
    [
        pytest.param(Position.V1, 60, 300.0, id="another side: sites may be five minutes late"),
        pytest.param(Position.FOREIGN, 60, 130.0, id="elsewhere: the address book may be late"),
        pytest.param(Position.FOREIGN, 600, 1_200.0, id="twice the longest TTL that came with it"),
        pytest.param(Position.FOREIGN, 604_800, 86_400.0, id="a day at most"),
    ],
)
def test_an_answer_that_no_server_gave_is_held_against_a_resolver_when_no_cache_can_hold_it_any_more(
    position: Position, ttl: int, end: float
) -> None:
    assert made_up(position, ttl, 0.0, end + SLACK) == 0
    assert made_up(position, ttl, 0.0, end + SLACK + 0.1) == 1


def test_what_no_server_gave_is_held_against_nobody_while_fewer_than_two_servers_were_heard() -> None:
    deaf = [server._replace(at=instant(-1)) for server in HEARD]
    assert made_up(Position.V1, 60, 0.0, 400.0, record=ON_V2._replace(servers=(*HEARD[:2], *deaf[2:]))) == 1
    assert made_up(Position.V1, 60, 0.0, 400.0, record=ON_V2._replace(servers=(HEARD[0], *deaf[1:]))) == 0


def test_a_resolver_lives_down_overdue_answers_by_four_good_ones_in_a_row() -> None:
    resolver = answered(Position.V2, 60, 0.0, BLANK)._replace(overdue=2)
    told = []
    for _ in range(4):
        resolver = weigh(resolver, ON_V2, (), SURROUNDINGS)
        told.append(resolver.overdue)
    assert told == [2, 2, 2, 0]


def test_nothing_is_known_of_a_resolver_after_four_turns_without_an_answer() -> None:
    resolver, turn = answered(Position.V2, 60, 0.0, BLANK), PROBING.resolver_interval
    assert assess(resolver, ON_V2, (), instant(4 * turn), PROBING).verdict is ResolverVerdict.CONVERGED
    assert assess(resolver, ON_V2, (), instant(4 * turn + 0.1), PROBING).verdict is ResolverVerdict.UNKNOWN


def test_four_extended_errors_of_an_answer_are_kept() -> None:
    errors = tuple(ExtendedError(code, "") for code in range(6))
    response = Response("NOERROR", answer=(RRset(NAME, "A", 60, ADDRESSES[Position.V1, RecordType.A]),), errors=errors)
    assert hear(BLANK, observed(response, 0.0, RESOLVER), AnswerClass.V1, None).errors == (0, 1, 2, 3)


@given(st.lists(st.tuples(st.sampled_from([Position.V1, Position.V2]), st.integers(0, 3600), st.floats(0, 60))))
def test_caches_are_bounded_never_outlive_their_ttl_and_the_last_of_a_kind_is_kept(
    answers: list[tuple[Position, int, float]],
) -> None:
    heard, now = BLANK, 0.0
    longest: dict[AnswerClass, float] = {}
    for position, ttl, pause in answers:
        now += pause
        heard = answered(position, ttl, now, heard)
        answer_class = AnswerClass(position.value)
        longest[answer_class] = max(longest.get(answer_class, 0.0), now + ttl)
        assert len(heard.caches) <= 8
        held = {cache.answer_class for cache in heard.caches if cache.expires.monotonic > now}
        assert held == {kind for kind, expires in longest.items() if expires > now}
        for kind in held:
            assert max(cache.expires.monotonic for cache in heard.caches if cache.answer_class is kind) == longest[kind]


def test_a_silence_only_says_that_it_is_silent() -> None:
    heard = answered(Position.V1, 30, 0.0, BLANK)

    silent = hear(
        heard, observed(NoResponse(FailureReason.TIMEOUT), 9, RESOLVER), AnswerClass.FAILED, FailureReason.TIMEOUT
    )

    assert silent == heard._replace(failure=FailureReason.TIMEOUT)


def test_a_resolver_waits_until_its_deadline_and_has_converged_then() -> None:
    watch = Watch(moving(), [Resolver([Cache()])], moves=(MOVED,))
    watch.run(MOVED - 1)
    assert watch.resolver().verdict is ResolverVerdict.CONVERGED
    assert watch.resolver().deadline is None
    watch.run(MOVED + 20)
    verdicts = set()
    while watch.now < MOVED + 200:
        watch.run(watch.now + 1)
        one = watch.resolver()
        verdicts.add(one.verdict)
        if one.verdict is ResolverVerdict.WAITING:
            assert one.deadline is not None
            assert one.deadline.monotonic <= MOVED + PROBING.grace + TTL
    assert verdicts <= {ResolverVerdict.UNKNOWN, ResolverVerdict.WAITING, ResolverVerdict.CONVERGED}
    assert watch.resolver().verdict is ResolverVerdict.CONVERGED
    assert not watch.raised


@settings(max_examples=25, deadline=None)
@given(
    caches=st.lists(
        st.builds(Cache, most=st.sampled_from([86_400, 30, 3]), prefetch=st.sampled_from([0.0, 0.1, 0.5])),
        min_size=1,
        max_size=6,
    ),
    ttl=st.sampled_from([1, 5, 60, 300]),
    lags=st.tuples(*[st.floats(0, PROBING.grace)] * 4),
    phase=st.floats(0, 30),
    seed=st.integers(0, 1 << 16),
)
def test_a_resolver_that_obeys_ttls_is_never_late_however_many_caches_it_has(
    caches: list[Cache], ttl: int, lags: tuple[float, ...], phase: float, seed: int
) -> None:
    resolver = Resolver(caches, phase=phase)
    watch = Watch(moving(*lags, ttl=ttl), [resolver], moves=(MOVED,), seed=seed)

    watch.run(MOVED + 2 * PROBING.grace + ttl + 120)

    assert not watch.raised
    assert watch.status.records[0].state is RecordState.V2
    assert watch.resolver().verdict is ResolverVerdict.CONVERGED


@settings(max_examples=15, deadline=None)
@given(phase=st.floats(0, 30), ttl=st.sampled_from([5, 60]), least=st.sampled_from([400, 900]), seed=st.integers(0, 99))
@pytest.mark.long
def test_a_resolver_that_stretches_ttls_is_late_after_the_deadline_and_not_before(
    phase: float, ttl: int, least: int, seed: int
) -> None:
    watch = Watch(moving(ttl=ttl), [Resolver([Cache(least=least)], phase=phase)], moves=(MOVED,), seed=seed)
    end = MOVED + PROBING.grace + ttl
    watch.run(end)
    assert not watch.raised
    held = watch_held_until(watch)

    while watch.now < held - 1 and watch.finding("resolver-late") is None:
        watch.run(watch.now + 1)

    found = watch.finding("resolver-late")
    if held > end + SLACK + 2.4 * PROBING.resolver_interval:  # two questions of its, jittered, fall between
        assert found is not None
        assert watch.now >= end + SLACK
        assert "google still answers v1 for A" in whole(found)
        assert "it extends TTLs" in whole(found)
        assert len(found.evidence) == 1
    watch.run(held + 6 * PROBING.resolver_interval)
    assert watch.finding("resolver-late") is None
    assert watch.resolver().verdict is ResolverVerdict.CONVERGED


def watch_held_until(watch: Watch) -> float:
    """When the only cache of the only resolver drops what it has held since before the move."""
    held = watch.resolvers[0].caches[0].held
    assert held is not None
    return held.at + held.ttl if held.at < MOVED + 4 else MOVED


@pytest.mark.parametrize("says_stale", [True, False])
def test_an_expired_answer_that_is_served_once_while_it_is_renewed_is_nobodys_fault(*, says_stale: bool) -> None:
    # Nobody asked it since before the move: whoever comes first gets the expired answer a last time.
    resolver = Resolver([Cache(stale_for=86_400, says_stale=says_stale)])
    watch = Watch(moving(), [resolver], moves=(MOVED,), queries=lambda now: not MOVED - 5 < now < MOVED + 300)
    watch.run(MOVED + 302)
    assert watch.resolver().answer_class is AnswerClass.V1
    assert watch.resolver().verdict is ResolverVerdict.WAITING

    watch.run(MOVED + 600)

    assert not watch.raised
    assert watch.resolver().verdict is ResolverVerdict.CONVERGED


def test_a_cache_that_never_asks_again_is_late_and_its_ttl_does_not_excuse_it() -> None:
    watch = Watch(moving(), [Resolver([Cache(stuck=True), Cache(), Cache()])], moves=(MOVED,))
    for cache in watch.resolvers[0].caches:
        cache.ask(3.0, lambda: at_position(Position.V1))

    watch.run(1200)

    told = [effect.finding for effect in watch.effects if isinstance(effect, FindingRaised)]
    assert {finding.code for finding in told} == {"resolver-late"}
    assert told[0].sentence == "google still answers v1 for app.example.com, longer than TTLs allow."
    assert told[0].facts[0].text == "app.example.com leads to v2 at its authoritative servers"
    assert told[0].since >= instant(MOVED + PROBING.grace + TTL + SLACK).wall


def test_a_stale_answer_is_told_as_what_the_resolver_says_it_is() -> None:
    watch = Watch(moving(), [Resolver([Cache()])], moves=(MOVED,))
    watch.run(MOVED + PROBING.grace + TTL + 10)
    answer = Response(
        "NOERROR",
        answer=(RRset(NAME, "A", 30, ADDRESSES[Position.V1, RecordType.A]),),
        errors=(ExtendedError(3, "authority unreachable"),),
        recursion_available=True,
    )
    for _ in range(2):
        watch.resolvers[0].answer = lambda *_: answer  # type: ignore[method-assign]  # it cannot reach authority
        watch.run(watch.now + 40)

    found = watch.finding("resolver-late")
    assert found is not None
    assert "(it marks the answer as stale: it does not reach the zone's servers)" in whole(found)
    assert "Extended DNS Error 3" in found.evidence[0]


def test_a_ttl_that_was_lowered_shortly_before_the_change_still_counts() -> None:
    lowered = 80.0
    high = addresses(RecordType.A, *ADDRESSES[Position.V1, RecordType.A], ttl=600)
    low = moving()

    def truth(number: int, now: float) -> Response:
        return high if now < lowered else low(number, now)

    cache = Cache()
    watch = Watch(truth, [Resolver([cache, Cache()])], moves=(MOVED,))
    cache.ask(lowered - 1, lambda: high)  # held until 679: ten minutes after the TTL was lowered

    watch.run(800)

    assert not watch.raised
    assert watch.resolver().verdict is ResolverVerdict.CONVERGED


def test_a_rollback_gives_resolvers_as_long_as_the_change_did() -> None:
    there, back = moving(), moving(at=500)

    def truth(number: int, now: float) -> Response:
        return (
            there(number, now)
            if now < 450
            else Response(
                "NOERROR",
                authoritative=True,
                answer=(
                    back(number, now)
                    .answer[0]
                    ._replace(
                        rdata=ADDRESSES[Position.V2 if now < 500 + number else Position.V1, RecordType.A],
                    ),
                ),
            )
        )

    watch = Watch(truth, [Resolver([Cache(least=400)])], moves=(MOVED, 500))

    watch.run(500 + PROBING.grace + TTL)
    assert watch.status.records[0].position is Position.V1
    assert watch.finding("resolver-late") is None


def test_a_resolver_that_goes_silent_is_never_wrong_and_soon_unknown() -> None:
    watch = Watch(moving(), [Resolver([Cache(least=900)], down=lambda now: now > MOVED + 10)], moves=(MOVED,))

    watch.run(MOVED + 10)
    watch.run(MOVED + 10 + 5 * PROBING.resolver_interval)

    assert not watch.raised
    assert watch.resolver().verdict is ResolverVerdict.UNKNOWN
    assert watch.resolver().failure is FailureReason.REFUSED


def gap(until: float, ttl: int = TTL) -> Truth:
    """v1, then nothing from `MOVED` on, then v2 from `until` on."""
    whole = moving(ttl=ttl)
    return lambda number, now: nxdomain() if MOVED + number <= now < until + number else whole(number, now)


def test_a_denial_that_is_cached_over_a_gap_is_told_with_the_moment_at_which_it_ends() -> None:
    created = MOVED + 90
    cache = Cache()
    watch = Watch(
        gap(created), [Resolver([cache])], moves=(MOVED, created), queries=lambda now: not MOVED <= now < created + 4
    )
    watch.run(MOVED + 30)
    cache.ask(MOVED + 80, nxdomain)  # a user asked for it in the gap

    watch.run(created + 60)

    found = watch.finding("negative-cached")
    assert found is not None
    assert "google denies A, until" in whole(found)
    assert "Caches: Negative answers of its zone are cached for up to 15 min" in whole(found)
    one = watch.resolver()
    assert one.verdict is ResolverVerdict.NEGATIVE
    assert one.deadline is not None
    assert one.deadline.monotonic == pytest.approx(MOVED + 80 + 900, abs=2)
    watch.run(MOVED + 80 + 900 + 60)
    assert watch.finding("negative-cached") is None
    assert watch.resolver().verdict is ResolverVerdict.CONVERGED
    assert "resolver-late" not in watch.raised


def test_a_resolver_that_denies_what_was_never_denied_is_told_with_its_own_reason() -> None:
    watch = Watch(moving(), [Resolver([Cache()])], moves=())
    refusal = Response("NXDOMAIN", errors=(ExtendedError(17, "blocklist"),), recursion_available=True)
    watch.resolvers[0].answer = lambda *_: refusal  # type: ignore[method-assign]  # it filters

    watch.run(90)

    found = watch.finding("negative-cached")
    assert found is not None
    assert "google denies A (it marks the name as filtered)" in whole(found)


def test_one_denial_where_nothing_was_ever_denied_is_not_told() -> None:
    watch = Watch(moving(), [Resolver([Cache()])], moves=())
    answer = watch.resolvers[0].answer
    watch.resolvers[0].answer = (  # type: ignore[method-assign]
        lambda now, truth, draw: nxdomain() if now < 20 else answer(now, truth, draw)
    )

    watch.run(90)

    assert not watch.raised


def test_a_resolver_that_leaves_aaaa_out_is_not_counted() -> None:
    nothing = observed(Response("NOERROR", recursion_available=True), 0.0, RESOLVER)
    leaving_out = hear(ResolverStatus(RESOLVER, RecordType.AAAA), nothing, AnswerClass.NODATA, None)
    record = WATCHED._replace(rdtype=RecordType.AAAA)
    for at in (0.0, 400.0, 800.0):
        leaving_out = weigh(leaving_out._replace(at=instant(at)), record, (), SURROUNDINGS)
        leaving_out = assess(leaving_out, record, (), instant(at), PROBING)
        assert (leaving_out.verdict, leaving_out.overdue) == (ResolverVerdict.UNKNOWN, 0)


def test_a_resolver_that_strips_every_address_is_told_at_its_second_answer_and_later_that_it_is_no_cached_one() -> None:
    watch = Watch(moving(at=1e6), [Resolver([Cache()])], moves=())
    nothing = Response("NOERROR", recursion_available=True)
    watch.resolvers[0].answer = lambda *_: nothing  # type: ignore[method-assign]  # protection against rebinding

    watch.run(3 + 1.15 * PROBING.resolver_interval)
    found = watch.finding("negative-cached")
    assert found is not None
    assert "Caches: google denies A\n" in whole(found)
    watch.run(230)

    found = watch.finding("negative-cached")
    assert found is not None
    assert "google denies A since 2026-09-21 14:13:23 UTC, which is too long for an answer that was left" in whole(
        found
    )
    assert "protection against rebinding" in found.remedy
    assert watch.raised == {"negative-cached"}


def stale(answer: Response) -> Response:
    """Mark an answer as one that has expired (RFC 8767)."""
    return replace(answer, errors=(ExtendedError(3, "authority unreachable"),), recursion_available=True)


def test_a_stale_answer_from_before_the_watch_is_late_and_is_not_said_to_come_out_of_no_cache() -> None:
    watch = Watch(moving(at=1e6), [Resolver([Cache()])], moves=(), surroundings=SURROUNDINGS)
    left = stale(addresses(RecordType.A, "192.0.2.200", ttl=30))
    watch.resolvers[0].answer = lambda *_: left  # type: ignore[method-assign]  # what it held when the watch began
    watch.run(600)
    assert watch.resolver().verdict is ResolverVerdict.LATE
    found = watch.finding("resolver-late")
    assert found is not None
    assert "(it marks the answer as stale: it does not reach the zone's servers)" in whole(found)
    assert watch.raised == {"resolver-late"}


def test_a_stale_denial_from_before_the_watch_is_not_said_to_come_out_of_no_cache() -> None:
    watch = Watch(moving(at=1e6), [Resolver([Cache()])], moves=(), surroundings=SURROUNDINGS)
    left = stale(Response("NXDOMAIN"))
    watch.resolvers[0].answer = lambda *_: left  # type: ignore[method-assign]  # as above
    watch.run(600)
    found = watch.finding("negative-cached")
    assert found is not None
    assert "(a stale denial: it does not reach the zone's servers)" in whole(found)
    assert "too long for an answer" not in whole(found)
    assert "protection against rebinding" not in found.remedy


def test_a_resolver_that_answers_what_no_server_gave_is_told_after_twice_its_ttl_and_lives_it_down() -> None:
    watch = Watch(moving(at=1e6), [Resolver([Cache()])], moves=(), surroundings=SURROUNDINGS)
    truth, lie = watch.resolvers[0].answer, addresses(RecordType.A, "192.0.2.200", ttl=90)
    watch.resolvers[0].answer = (  # type: ignore[method-assign]  # it rewrites for six minutes
        lambda now, *more: lie if now < 360 else truth(now, *more)
    )
    watch.run(180)
    assert not watch.raised
    watch.run(260)

    found = watch.finding("resolver-wrong")
    assert found is not None
    assert watch.resolver().verdict is ResolverVerdict.WRONG
    assert found.sentence == "google answers 192.0.2.200 for app.example.com, which its authoritative servers do not."
    assert "with TTLs of 90 s at most: that is too long for an answer that was left in a cache" in whole(found)
    watch.run(360 + 6 * PROBING.resolver_interval)
    assert watch.finding("resolver-wrong") is None
    assert watch.raised == {"resolver-wrong"}


@pytest.mark.parametrize("seed", range(12))
def test_what_many_caches_have_from_before_the_watch_began_is_never_held_against_them(seed: int) -> None:
    draw = random.Random(seed)
    caches = [Cache() for _ in range(12)]
    for cache in caches:
        cache.ask(-draw.uniform(0, 600), lambda: addresses(RecordType.A, "192.0.2.200", ttl=600))
    watch = Watch(moving(at=1e6), [Resolver(caches)], moves=(), seed=seed, surroundings=SURROUNDINGS)

    watch.run(900)

    assert not watch.raised


def test_a_load_balancers_names_that_are_not_answered_leave_open_whether_an_address_is_foreign() -> None:
    watch = Watch(moving(at=1e6), [Resolver([Cache()])], moves=())
    assert watch.surroundings.book.refreshed_at is None
    lie = addresses(RecordType.A, "192.0.2.200")
    watch.resolvers[0].answer = lambda *_: lie  # type: ignore[method-assign]

    watch.run(400)

    assert not watch.raised


def test_a_resolvers_old_answer_from_before_the_watch_began_is_not_held_against_it() -> None:
    watch = Watch(moving(at=-1000.0), [Resolver([Cache(least=900)])], moves=())
    watch.resolvers[0].caches[0].ask(-5.0, lambda: at_position(Position.V1))

    watch.run(600)

    assert not watch.raised
    one = watch.resolver()
    assert one.verdict is ResolverVerdict.WAITING
    assert one.deadline is not None
    assert one.deadline.monotonic == pytest.approx(895, abs=2)


def cname(balancer: str, ttl: int) -> Response:
    return Response("NOERROR", authoritative=True, answer=(RRset(NAME, "CNAME", ttl, (balancer,)),))


def test_behind_a_cname_its_own_ttl_counts_and_not_that_of_the_addresses() -> None:
    answer = Response(
        "NOERROR",
        recursion_available=True,
        answer=(
            RRset(NAME, "CNAME", 200, (V1_BALANCER,)),
            RRset(V1_BALANCER, "A", 17, ADDRESSES[Position.V1, RecordType.A]),
        ),
    )

    heard = hear(BLANK, observed(answer, 0, RESOLVER), AnswerClass.V1, None)

    assert heard.ttl == 200
    assert heard.caches[0].expires == instant(200)
    assert V2_BALANCER != V1_BALANCER


def test_the_scope_of_a_client_subnet_is_kept() -> None:
    answer = Response("NOERROR", answer=addresses(RecordType.A, "203.0.113.1").answer, client_subnet_scope=24)

    assert hear(BLANK, observed(answer, 0, RESOLVER), AnswerClass.V2, None).scope == 24


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*Position, None]),
            st.integers(0, 4000),
            st.sampled_from([(), (ExtendedError(3, ""),), (ExtendedError(17, ""),)]),
        ),
        min_size=1,
        max_size=40,
    ),
    st.integers(0, 99),
)
@pytest.mark.long
def test_whatever_resolvers_say_the_record_is_what_the_authoritative_servers_say(
    answers: list[tuple[Position | None, int, tuple[ExtendedError, ...]]], seed: int
) -> None:
    def says(now: float) -> Outcome:
        position, ttl, errors = answers[int(now) % len(answers)]
        if position is None:
            return NoResponse(FailureReason.SERVFAIL)
        told = nxdomain() if position is Position.ABSENT else at_position(position)
        answer = tuple(rrset._replace(ttl=ttl) for rrset in told.answer)
        return Response(told.rcode, answer=answer, authority=told.authority, errors=errors, recursion_available=True)

    truth = moving()
    alone = Watch(truth, [], moves=(MOVED,), seed=seed)
    beside = Watch(truth, [Resolver([Cache()])], moves=(MOVED,), seed=seed)
    beside.resolvers[0].answer = lambda now, *_: says(now)  # type: ignore[method-assign]  # it says anything
    for watch in (alone, beside):
        watch.run(MOVED + 250)
        watch.let_pass(watch.now)  # traces are sampled when a domain is judged, which a resolver's word may bring about

    assert beside.status.records == alone.status.records
    assert (beside.status.state, beside.status.since) == (alone.status.state, alone.status.since)
    assert beside.status.cached_answers == alone.status.cached_answers
    assert beside.raised - {"resolver-late", "resolver-wrong", "negative-cached"} == alone.raised
    one = beside.resolver()
    assert one.at is None or all(cache.expires.monotonic >= one.at.monotonic for cache in one.caches)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(1, 500), max_size=6), st.integers(0, 99))
@pytest.mark.long
def test_a_watch_that_goes_on_with_values_read_anew_says_the_same(breaks: list[int], seed: int) -> None:
    """Nothing hangs on which object a value is: a journal gives equal ones, not the same."""
    truth = gap(MOVED + 60)

    def watch() -> Watch:
        kinds = [Resolver([Cache(least=400)], "min"), Resolver([Cache(), Cache()], "two", phase=7)]
        return Watch(
            truth, kinds, moves=(MOVED, MOVED + 60), seed=seed, queries=lambda now: not MOVED <= now < MOVED + 64
        )

    whole, broken = watch(), watch()
    whole.run(500)
    for second in sorted(breaks):
        broken.run(second)
        broken.status = copied(broken.status)
    broken.run(500)

    assert broken.raised == whole.raised
    assert broken.status.resolvers == whole.status.resolvers
    assert (broken.status.drain, broken.status.cached_answers) == (whole.status.drain, whole.status.cached_answers)
    assert broken.status.convergences == whole.status.convergences


T = TypeVar("T")


def copied(value: T) -> T:
    """Copy records and times, and leave words and responses, which are compared by identity, as they are."""
    if isinstance(value, tuple):
        parts = [copied(part) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return value


def test_resolvers_stand_in_the_plans_order_whoever_answered_first() -> None:
    servers = tuple(replace(RESOLVER, name=name, address=f"192.0.2.{last}") for last, name in ((1, "b"), (2, "a")))
    heard = [ResolverStatus(server, rdtype) for server in reversed(servers) for rdtype in reversed(ADDRESS_TYPES)]

    ordered = in_order(tuple(heard), servers)

    assert [(one.server.name, one.rdtype) for one in ordered] == [
        ("b", RecordType.A),
        ("b", RecordType.AAAA),
        ("a", RecordType.A),
        ("a", RecordType.AAAA),
    ]


def test_a_weighted_record_is_right_on_either_side() -> None:
    draw = random.Random(3)
    sides = [at_position(Position.V1), at_position(Position.V2)]
    watch = Watch(lambda *_: draw.choice(sides), [Resolver([Cache(), Cache(), Cache()])], moves=(0.0, 120.0))

    watch.run(400)

    assert watch.status.records[0].state is RecordState.WEIGHTED
    assert watch.resolver().verdict is ResolverVerdict.CONVERGED
    assert not {FindingCode.RESOLVER_LATE, FindingCode.RESOLVER_WRONG, FindingCode.NEGATIVE_CACHED} & watch.raised


def test_what_a_resolver_said_before_is_kept_in_order_and_bounded() -> None:
    heard = BLANK
    for turn in range(3 * KEPT_SPELLS):
        heard = answered((Position.V1, Position.V2)[turn // 2 % 2], 60, 30.0 * turn, heard)

    assert heard.answer_class is not None
    assert heard.since == instant(30.0 * (3 * KEPT_SPELLS - 2))
    assert len(heard.past) == KEPT_SPELLS
    assert [spell.since for spell in heard.past][-2:] == [
        instant(60.0 * turn) for turn in (KEPT_SPELLS * 3 // 2 - 3, KEPT_SPELLS * 3 // 2 - 2)
    ]
    assert (
        hear(heard, observed(NoResponse(FailureReason.TIMEOUT), 9_000.0, RESOLVER), AnswerClass.FAILED, None).past
        == heard.past
    )
