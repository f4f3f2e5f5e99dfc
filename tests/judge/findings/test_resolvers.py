"""Resolvers that lag behind the authoritative servers, and resolvers that deny: when they are told of, and how."""

import pytest

from probe.judge.findings.evidence import Found
from probe.judge.findings.resolvers import negative_cached, resolver_late, resolver_wrong
from probe.model.domain import DomainStatus
from probe.model.finding import FactLabel
from probe.model.plan import Domain, Expectation, Routing
from probe.model.propagation import CachedAnswer
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, RecordStatus
from probe.model.resolver import ResolverStatus, ResolverVerdict
from probe.model.server import Server, ServerRole
from probe.model.side import AnswerClass
from tests.judge.answers import NAME, context, instant

NOW = instant(1_000)
LATE, NEGATIVE = ResolverVerdict.LATE, ResolverVerdict.NEGATIVE
A, AAAA = RecordType.A, RecordType.AAAA
ON_V2 = RecordStatus(A, RecordState.V2, instant(0), Position.V2, existed=True)
V2_TOO = ON_V2._replace(rdtype=AAAA)


def resolver(
    verdict: ResolverVerdict,
    answer_class: AnswerClass = AnswerClass.V1,
    *,
    name: str = "google",
    address: str = "192.0.2.99",
    rdtype: RecordType = A,
    ttl: int | None = 20,
    deadline: float | None = 900.0,
    at: float = 960.0,
    errors: tuple[int, ...] = (),
) -> ResolverStatus:
    return ResolverStatus(
        Server(name, address, role=ServerRole.RESOLVER, group=name),
        rdtype,
        answer_class,
        instant(at),
        ttl=ttl,
        verdict=verdict,
        deadline=None if deadline is None else instant(deadline),
        errors=errors,
    )


def known(*resolvers: ResolverStatus, records: tuple[RecordStatus, ...] = (ON_V2,)) -> DomainStatus:
    return DomainStatus(Domain(NAME, "first", Expectation.V2), records=records, resolvers=resolvers)


def texts(found: Found, label: FactLabel) -> list[str]:
    return [fact.text for fact in found.facts if fact.label is label]


def late(*resolvers: ResolverStatus, records: tuple[RecordStatus, ...] = (ON_V2,)) -> Found:
    found = resolver_late(known(*resolvers, records=records), NOW, context())
    assert found is not None
    return found


def denied(*resolvers: ResolverStatus, held: tuple[CachedAnswer, ...] = ()) -> Found:
    status = known(*resolvers, records=(ON_V2, V2_TOO))._replace(cached_answers=held)
    found = negative_cached(status, NOW, context())
    assert found is not None
    return found


def test_a_late_resolver_is_told_with_what_it_says_what_is_right_and_until_when_a_ttl_allowed_it() -> None:
    found = late(resolver(LATE))
    assert found.sentence == "google still answers v1 for app.example.com, longer than TTLs allow."
    assert found.facts == (
        (FactLabel.ANSWERS, "app.example.com leads to v2 at its authoritative servers"),
        (
            FactLabel.CACHES,
            "google still answers v1 for A, which its TTL allowed until 2026-09-21 14:28:20 UTC (it extends TTLs)",
        ),
    )
    assert found.evidence == (
        (
            "2026-09-21 14:29:20 UTC: google (192.0.2.99) answers v1 for A with a TTL of 20 s left; a TTL allows it "
            "until 2026-09-21 14:28:20 UTC"
        ),
    )
    assert found.severity is None


def test_several_late_resolvers_are_told_by_name_each_with_its_types_and_its_latest_deadline() -> None:
    found = late(
        resolver(LATE, name="quad9", address="192.0.2.9", at=880.0),
        resolver(LATE, rdtype=AAAA, deadline=930.0),
        resolver(LATE, at=880.0),
        records=(ON_V2, V2_TOO),
    )
    assert found.sentence == "google and quad9 still answer v1 for app.example.com, longer than TTLs allow."
    assert texts(found, FactLabel.CACHES) == [
        "google still answers v1 for A and AAAA, which its TTL allowed until 2026-09-21 14:28:50 UTC (it extends TTLs)",
        "quad9 still answers v1 for A, which its TTL allowed until 2026-09-21 14:28:20 UTC",
    ]
    assert [line.split()[3] for line in found.evidence] == ["quad9", "google", "google"]


def test_a_late_resolver_of_a_zone_that_is_seen_through_caches_is_held_to_these() -> None:
    found = late(resolver(LATE), records=(ON_V2._replace(cache=60),))
    assert found.facts[0].text == "app.example.com leads to v2 at its zone's resolvers"


def test_of_a_record_that_is_confirmed_nowhere_either_side_is_right() -> None:
    found = late(resolver(LATE, AnswerClass.NXDOMAIN), records=(ON_V2._replace(position=None),))
    assert found.facts[0].text == "app.example.com leads to either side at its authoritative servers"


@pytest.mark.parametrize(
    ("about", "end"),
    [
        pytest.param(resolver(LATE, ttl=20, at=880), "14:28:20 UTC", id="its TTL ends with the deadline"),
        pytest.param(resolver(LATE, ttl=25, at=880), "14:28:20 UTC", id="five seconds are rounding and a late answer"),
        pytest.param(resolver(LATE, ttl=26, at=880), "14:28:20 UTC (it extends TTLs)", id="more extends it"),
        pytest.param(resolver(LATE, ttl=None, at=960), "14:28:20 UTC", id="it gave no TTL"),
        pytest.param(
            resolver(LATE, ttl=600, errors=(3,)),
            "14:28:20 UTC (it marks the answer as stale: it does not reach the zone's servers)",
            id="stale, whatever its TTL says",
        ),
        pytest.param(resolver(LATE, ttl=20, at=880, errors=(18,)), "14:28:20 UTC", id="another error says nothing"),
    ],
)
def test_why_a_resolver_is_late_is_said_where_its_answer_tells(about: ResolverStatus, end: str) -> None:
    (cause,) = texts(late(about), FactLabel.CACHES)
    assert cause == f"google still answers v1 for A, which its TTL allowed until 2026-09-21 {end}"


def test_a_deadline_and_a_ttl_that_nobody_knows_are_left_out() -> None:
    found = late(resolver(LATE, ttl=None, deadline=None, errors=(3, 22)))
    assert texts(found, FactLabel.CACHES) == [
        "google still answers v1 for A (it marks the answer as stale: it does not reach the zone's servers)"
    ]
    assert found.evidence == (
        "2026-09-21 14:29:20 UTC: google (192.0.2.99) answers v1 for A; Extended DNS Error 3 and 22",
    )


def test_a_denial_is_told_with_what_is_right_until_when_it_may_be_held_and_whom_it_hurts() -> None:
    nothing = CachedAnswer(A, Position.ABSENT, instant(500), 900, instant(1_400))
    shorter = CachedAnswer(AAAA, Position.ABSENT, instant(500), 60, instant(1_400))
    denial = resolver(NEGATIVE, AnswerClass.NXDOMAIN, deadline=1_100)
    found = denied(denial, denial._replace(rdtype=AAAA), held=(nothing, shorter))
    assert found.sentence == "google denies app.example.com (A and AAAA), which its authoritative servers answer."
    assert found.facts == (
        (FactLabel.ANSWERS, "app.example.com leads to v2 at its authoritative servers"),
        (FactLabel.CACHES, "google denies A and AAAA, until 2026-09-21 14:31:40 UTC at the latest"),
        (FactLabel.CACHES, "Negative answers of its zone are cached for up to 15 min"),
        (FactLabel.EFFECT, "Clients that use such a resolver get no address"),
    )
    assert found.evidence[0] == (
        "2026-09-21 14:29:20 UTC: google (192.0.2.99) answers nxdomain for A with a TTL of 20 s left; a TTL allows it "
        "until 2026-09-21 14:31:40 UTC"
    )


def test_several_resolvers_deny_and_one_that_only_waits_is_left_out() -> None:
    found = denied(
        resolver(NEGATIVE, AnswerClass.NODATA),
        resolver(NEGATIVE, AnswerClass.NODATA, name="quad9"),
        resolver(NEGATIVE, AnswerClass.NODATA, name="cloudflare"),
        resolver(ResolverVerdict.WAITING, name="azure"),
    )
    assert found.sentence == ("cloudflare and 2 more deny app.example.com (A), which its authoritative servers answer.")
    assert len(texts(found, FactLabel.CACHES)) == 3  # nobody knows for how long the zone lets denials be held


@pytest.mark.parametrize(
    ("deadline", "errors", "end"),
    [
        pytest.param(
            995.0, (), ", until 2026-09-21 14:29:55 UTC at the latest", id="just over: five seconds are slack"
        ),
        pytest.param(994.9, (), ", which its TTL allowed until 2026-09-21 14:29:54 UTC", id="it is over"),
        pytest.param(None, (), "", id="nobody knows its TTL"),
        pytest.param(None, (15,), " (it marks the name as filtered)", id="blocked"),
        pytest.param(None, (16,), " (it marks the name as filtered)", id="censored"),
        pytest.param(1_100.0, (17,), " (it marks the name as filtered)", id="filtered, for as long as it likes"),
        pytest.param(None, (18,), " (it marks the name as filtered)", id="prohibited"),
        pytest.param(None, (14,), "", id="not ready is no filter"),
        pytest.param(
            1_100.0,
            (19,),
            " (a stale denial: it does not reach the zone's servers), until 2026-09-21 14:31:40 UTC at the latest",
            id="stale",
        ),
    ],
)
def test_why_and_until_when_a_resolver_denies_is_said(
    deadline: float | None, errors: tuple[int, ...], end: str
) -> None:
    found = denied(resolver(NEGATIVE, AnswerClass.NXDOMAIN, deadline=deadline, errors=errors))
    assert texts(found, FactLabel.CACHES)[0] == f"google denies A{end}"


@pytest.mark.parametrize("verdict", list(ResolverVerdict))
def test_only_its_own_verdict_raises_either_finding(verdict: ResolverVerdict) -> None:
    status = known(resolver(verdict))
    assert (resolver_late(status, NOW, context()) is not None) == (verdict is LATE)
    assert (negative_cached(status, NOW, context()) is not None) == (verdict is NEGATIVE)


def wrong(charge: AnswerClass, answer_class: AnswerClass | None = None, values: tuple[str, ...] = ()) -> ResolverStatus:
    told = resolver(ResolverVerdict.WRONG, answer_class or charge, deadline=None)
    return told._replace(since=instant(400.0), longest=60, charge=charge, values=values)


def test_an_answer_that_is_left_over_from_nothing_is_told_with_what_it_leads_to_and_since_when() -> None:
    elsewhere = wrong(AnswerClass.FOREIGN, values=("192.0.2.200", "192.0.2.201"))
    found = resolver_wrong(known(elsewhere), NOW, context())
    assert found is not None
    assert found.sentence == (
        "google answers 192.0.2.200 and 192.0.2.201 for app.example.com, which its authoritative servers do not."
    )
    assert found.facts == (
        (FactLabel.ANSWERS, "app.example.com leads to v2 at its authoritative servers"),
        (
            FactLabel.CACHES,
            (
                "google answers 192.0.2.200 and 192.0.2.201 for A since 2026-09-21 14:20:00 UTC, with TTLs of 60 s at "
                "most: that is too long for an answer that was left in a cache"
            ),
        ),
        (FactLabel.EFFECT, "Clients that use such a resolver are led to 192.0.2.200 and 192.0.2.201"),
    )


def test_of_a_resolver_that_is_wrong_by_turns_the_wrong_answer_is_told_whatever_its_newest_is() -> None:
    found = resolver_wrong(known(wrong(AnswerClass.V1, AnswerClass.V2)), NOW, context())
    assert found is not None
    assert found.sentence == "google answers v1 for app.example.com, which its authoritative servers do not."
    assert texts(found, FactLabel.CACHES) == ["google answers v1 for A by turns"]


@pytest.mark.parametrize("routing", Routing)
def test_a_declared_routing_explains_another_side_and_no_other_place(routing: Routing) -> None:
    routed = Domain(NAME, "first", Expectation.V2, routing=routing)
    other_side, elsewhere = wrong(AnswerClass.V1), wrong(AnswerClass.FOREIGN, values=("192.0.2.200",))
    assert resolver_wrong(known(other_side)._replace(domain=routed), NOW, context()) is None
    assert resolver_wrong(known(elsewhere)._replace(domain=routed), NOW, context()) is not None


def test_a_denial_that_no_server_gave_and_no_cache_can_hold_has_the_advice_for_answers_of_its_own() -> None:
    denial = resolver(NEGATIVE, AnswerClass.NODATA, deadline=None)._replace(
        since=instant(400.0), overdue=2, charge=AnswerClass.NODATA
    )
    found = denied(denial)
    assert texts(found, FactLabel.CACHES)[0] == (
        "google denies A since 2026-09-21 14:20:00 UTC, which is too long for an answer that was left in a cache"
    )
    assert found.advise is not None
    assert denied(denial._replace(overdue=1)).advise is None
    assert denied(denial, held=(CachedAnswer(A, Position.ABSENT, instant(500), 900, instant(1_400)),)).advise is None
