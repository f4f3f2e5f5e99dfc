"""The chain from wanted to reached: one mark for each link, and what is said where nobody looks, or not lately."""

from dataclasses import replace

import pytest

from probe.judge.acceptance.chain import chain, explained
from probe.judge.explain import explain
from probe.judge.state import forgotten
from probe.model.domain import DomainStatus
from probe.model.external_dns import ExternalDns
from probe.model.finding import Link
from probe.model.plan import Expectation, HttpCheck, Plan, Weights
from probe.model.question import RecordType
from probe.model.reason import ChainLink, ChainMark
from probe.model.record import RecordState, RecordStatus, ServerStatus
from probe.model.resolver import ResolverStatus, ResolverVerdict
from probe.model.service import ServiceAddress, ServiceCheck, ServiceState, ServiceStatus
from probe.model.side import AnswerClass, Side
from probe.model.witness import ClusterReading, ClusterWish, Wanted, Witnessed, Written, WrittenSet
from tests.judge.answers import NAME, RESOLVER, SERVERS, ZONE, instant, plan
from tests.judge.zones import routed, simple

OLD_WORD = 14400.0
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

YES, NO, UNKNOWN, UNWATCHED = ChainMark
V1_ADDRESS, V2_ADDRESS = "198.51.100.1", "203.0.113.1"
AT = instant(1000.0)
PROD = ExternalDns("prod")


def status(
    state: RecordState = RecordState.V2, expectation: Expectation = Expectation.V2, weights: Weights | None = None
) -> DomainStatus:
    servers = tuple(ServerStatus(server, AnswerClass.V2, instant(990.0)) for server in SERVERS)
    records = (
        RecordStatus(RecordType.A, state, existed=True, servers=servers),
        RecordStatus(RecordType.AAAA, RecordState.ABSENT),
    )
    return DomainStatus(plan(expectation, weights).domains[0], state, records=records)


def wish(side: Side, setup: ExternalDns = PROD, *, stopped: bool = False) -> ClusterWish:
    return ClusterWish(side, f"ingress/shop/{side.value}", setup, "dns/external-dns", stopped, targets=(side.value,))


def wanted(*wishes: ClusterWish, sides: tuple[Side, ...] = tuple(Side), **other: object) -> Wanted:
    reading = ClusterReading(Side.V1, instant(980.0), is_current=True, is_whole=True)._replace(**other)  # type: ignore[arg-type]  # each test names fields of the reading
    return Wanted(tuple(reading._replace(side=side) for side in sides), wishes)


def written(*sets: WrittenSet, **other: object) -> Written:
    return Written(instant(985.0), is_current=True, zone=ZONE, sets=sets)._replace(**other)  # type: ignore[arg-type]  # as above


def look(of: DomainStatus, link: Link, watching: Plan | None = None) -> ChainLink:
    found = chain(of, AT, watching or plan())
    assert [one.link for one in found] == list(Link)
    return next(one for one in found if one.link is link)


def by_clusters(told: Wanted, **other: object) -> ChainLink:
    return look(status(**other)._replace(witnessed=Witnessed(told)), Link.WANTED)  # type: ignore[arg-type]  # as above


def by_zone(told: Written, **other: object) -> ChainLink:
    return look(status(**other)._replace(witnessed=Witnessed(written=told)), Link.WRITTEN)  # type: ignore[arg-type]  # as above


def test_without_witnesses_wanted_and_written_are_not_watched_and_nothing_is_said_of_it() -> None:
    assert chain(status(), AT, plan()) == (
        ChainLink(Link.WANTED, UNWATCHED),
        ChainLink(Link.WRITTEN, UNWATCHED),
        ChainLink(Link.SERVED, YES, "It leads to v2.", instant(990.0)),
        ChainLink(Link.CACHED, UNWATCHED),
        ChainLink(Link.REACHED, UNWATCHED),
    )


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [(Weights(5, 95), "It leads to v2 so far."), (Weights(0, 1), "It leads to v2.")],
)
def test_a_declared_part_that_was_not_seen_yet_is_not_ruled_out(weights: Weights, sentence: str) -> None:
    link = look(status(RecordState.V2, Expectation.WEIGHTED, weights), Link.SERVED)
    assert link.sentence == sentence


def test_an_explanation_has_the_chain_beside_the_reasons() -> None:
    state = forgotten(status())
    told = explained(state, AT, plan())
    assert told.chain == chain(state.status, AT, plan())
    assert told._replace(chain=()) == explain(state, AT, plan())


@pytest.mark.parametrize(
    ("told", "mark", "sentence"),
    [
        (wanted(wish(Side.V2)), YES, "v2 wants it by ingress/shop/v2."),
        (wanted(wish(Side.V2)._replace(by_wildcard=True)), YES, "v2 wants it by ingress/shop/v2 (its wildcard)."),
        (
            wanted(wish(Side.V1, ExternalDns("v1"), stopped=True), wish(Side.V2, ExternalDns("v2"))),
            YES,
            "v1 wants it by ingress/shop/v1 (stopped) and v2 wants it by ingress/shop/v2.",
        ),
        (
            wanted(wish(Side.V1), wish(Side.V2)),
            NO,
            'Both clusters want it, and both ExternalDNS have the owner id "prod".',
        ),
        (wanted(wish(Side.V1)), NO, "No object of v2's cluster wants it."),
        (wanted(wish(Side.V2, stopped=True)), NO, "dns/external-dns of v2 is stopped."),
        (wanted(is_whole=False), UNKNOWN, "Not all of the clusters' objects could be read."),
        (wanted(wish(Side.V2), is_current=False), UNKNOWN, "v2's cluster was not read since 2026-09-21 14:29:40 UTC."),
        (wanted(wish(Side.V2), at=None), UNKNOWN, "v2's cluster was never read."),
        (wanted(wish(Side.V2), at=instant(999.0 - OLD_WORD)), UNKNOWN, "v2's cluster was not read since "),
        (wanted(wish(Side.V1), sides=(Side.V1,)), UNWATCHED, ""),
        (wanted(wish(Side.V2), sides=(Side.V2,)), YES, "v2 wants it by ingress/shop/v2."),
    ],
    ids=[
        "v2 alone",
        "by the wildcard",
        "kept apart",
        "contest",
        "v1 alone",
        "stopped",
        "in part",
        "failing",
        "never",
        "old",
        "v1 is the only witness",
        "v2 is the only witness",
    ],
)  # fmt: skip
def test_what_is_wanted_is_told_of_the_expected_side(told: Wanted, mark: ChainMark, sentence: str) -> None:
    seen = by_clusters(told)
    assert (seen.mark, seen.sentence[: len(sentence)]) == (mark, sentence)


@pytest.mark.parametrize(
    ("expectation", "wishes", "mark"),
    [
        (Expectation.MOVING, (wish(Side.V1),), YES),
        (Expectation.MOVING, (), NO),
        (Expectation.V1, (wish(Side.V1),), YES),
        (Expectation.V1, (wish(Side.V2),), NO),
        (Expectation.WEIGHTED, (wish(Side.V1, ExternalDns("v1")), wish(Side.V2, ExternalDns("v2"))), YES),
        (Expectation.WEIGHTED, (wish(Side.V1),), NO),
    ],
)
def test_who_has_to_want_it_follows_from_what_is_expected(
    expectation: Expectation, wishes: tuple[ClusterWish, ...], mark: ChainMark
) -> None:
    assert by_clusters(wanted(*wishes), expectation=expectation, weights=Weights(1, 1)).mark is mark


@pytest.mark.parametrize(
    ("told", "mark", "sentence"),
    [
        (written(simple(V2_ADDRESS)), YES, "A leads to v2."),
        (written(simple(V1_ADDRESS)), NO, "A leads to v1."),
        (written(routed("a", V1_ADDRESS, 1), routed("b", V2_ADDRESS, 1)), NO, 'A "a" (weight 1) leads to v1 and '),
        (written(simple("192.0.2.200")), UNKNOWN, "A leads to 192.0.2.200."),
        (written(simple(V2_ADDRESS)._replace(health=False)), YES, "A (its health check fails) leads to v2."),
        (written(), NO, "example.com has no record of it."),
        (written(simple(V2_ADDRESS), is_current=False), UNKNOWN, "The hosted zone was not read since 2026-09-21 "),
        (written(simple(V2_ADDRESS), at=None), UNKNOWN, "The hosted zone was never read."),
        (written(simple(V2_ADDRESS), at=instant(999.0 - OLD_WORD)), UNKNOWN, "The hosted zone was not read since "),
        (written(zone=None), UNKNOWN, "No hosted zone that is read holds the name."),
        (written(simple(V2_ADDRESS), is_private=True), UNKNOWN, "What is read is its private zone, and not the one "),
    ],
    ids=[
        "v2",
        "v1",
        "both",
        "elsewhere",
        "unhealthy",
        "nothing",
        "failing",
        "never",
        "old",
        "no zone",
        "the private view",
    ],
)  # fmt: skip
def test_what_is_written_is_compared_with_what_is_expected(told: Written, mark: ChainMark, sentence: str) -> None:
    seen = by_zone(told)
    assert (seen.mark, seen.sentence[: len(sentence)]) == (mark, sentence)


@pytest.mark.parametrize(
    ("weights", "mark"), [((90, 10), YES), ((9, 1), YES), ((10, 90), NO), ((50, 50), NO), ((100, 0), NO)]
)
def test_written_weights_have_to_be_the_declared_ones(weights: tuple[int, int], mark: ChainMark) -> None:
    told = written(routed("a", V1_ADDRESS, weights[0]), routed("b", V2_ADDRESS, weights[1]))
    assert by_zone(told, expectation=Expectation.WEIGHTED, weights=Weights(90, 10)).mark is mark


def test_a_set_of_no_weight_leads_nobody_while_another_one_is_not_seen_to_fail() -> None:
    old, new = routed("a", V1_ADDRESS, 0), routed("b", V2_ADDRESS, 100)
    assert by_zone(written(old, new)).mark is YES
    assert by_zone(written(old, new._replace(health=False))).mark is NO
    assert by_zone(written(old._replace(weight=1), new)).mark is NO
    assert by_zone(written(old, new._replace(weight=0))).mark is NO  # all of them are zero: they share alike
    assert by_zone(written(old, new._replace(rdtype="AAAA"))).mark is NO


def test_a_simple_record_is_not_weighted_as_declared() -> None:
    assert by_zone(written(simple(V2_ADDRESS)), expectation=Expectation.WEIGHTED, weights=Weights(9, 1)).mark is NO


@pytest.mark.parametrize("target", [V1_ADDRESS, V2_ADDRESS])
def test_while_it_moves_either_side_may_be_written(target: str) -> None:
    assert by_zone(written(simple(target)), expectation=Expectation.MOVING).mark is YES


@pytest.mark.parametrize(
    ("state", "mark", "sentence"),
    [
        (RecordState.V2, YES, "It leads to v2."),
        (RecordState.V1, NO, "It leads to v1."),
        (RecordState.FLAPPING, NO, "A is flapping."),
        (RecordState.ABSENT, NO, "It is absent."),
        (RecordState.PROPAGATING, UNKNOWN, "A is propagating."),
        (RecordState.UNKNOWN, UNKNOWN, "Too few servers have answered."),
    ],
)
def test_what_is_served_is_marked_as_check_judges_it(state: RecordState, mark: ChainMark, sentence: str) -> None:
    seen = look(status(state), Link.SERVED)
    assert seen.mark is mark
    assert seen.sentence in {sentence, sentence.replace("A is", "It is")}


def test_families_that_differ_are_named() -> None:
    both = status(RecordState.DIVIDED)
    records = tuple(
        one._replace(state=state, existed=True)
        for one, state in zip(both.records, (RecordState.V2, RecordState.V1), strict=True)
    )
    assert look(both._replace(records=records), Link.SERVED).sentence == "A is v2 and AAAA is v1."


@pytest.mark.parametrize(
    ("answer", "verdict", "mark", "sentence"),
    [
        (AnswerClass.V2, ResolverVerdict.CONVERGED, YES, "1 resolver answers so."),
        (AnswerClass.V1, ResolverVerdict.CONVERGED, NO, "google answers otherwise."),
        (AnswerClass.V1, ResolverVerdict.WAITING, NO, "google answers otherwise."),
        (AnswerClass.V1, ResolverVerdict.LATE, NO, "google answers otherwise."),
        (AnswerClass.NXDOMAIN, ResolverVerdict.NEGATIVE, NO, "google answers otherwise."),
        (AnswerClass.V2, ResolverVerdict.UNKNOWN, UNKNOWN, "No resolver has told it yet."),
    ],
)
def test_what_is_cached_is_what_watched_resolvers_answer(
    answer: AnswerClass, verdict: ResolverVerdict, mark: ChainMark, sentence: str
) -> None:
    heard = ResolverStatus(RESOLVER, RecordType.A, answer, instant(970.0), verdict=verdict)
    watching = replace(plan(), resolvers=(RESOLVER,))
    seen = look(status()._replace(resolvers=(heard,)), Link.CACHED, watching)
    assert seen == ChainLink(Link.CACHED, mark, sentence, instant(970.0))
    silent = look(status(), Link.CACHED, watching)
    assert silent == ChainLink(Link.CACHED, UNKNOWN, "No resolver has told it yet.")


def served_by(v1: ServiceState, v2: ServiceState, **other: object) -> DomainStatus:
    check = ServiceCheck(NAME, Side.V2, V2_ADDRESS, instant(960.0), 0.1)
    addresses = (ServiceAddress(check, 1, failing=False, since=instant(960.0)),)
    services = tuple(
        ServiceStatus(side, state, addresses=addresses) for side, state in zip(Side, (v1, v2), strict=True)
    )
    of = status(**other)  # type: ignore[arg-type]  # as above
    return of._replace(domain=replace(of.domain, http=HttpCheck()), services=services)


MOVING = {"expectation": Expectation.MOVING}
UP, DOWN, OPEN = ServiceState.UP, ServiceState.DOWN, ServiceState.UNKNOWN


@pytest.mark.parametrize(
    ("of", "mark", "sentence"),
    [
        (served_by(DOWN, UP), YES, "HTTPS works on v2."),
        (served_by(UP, DOWN), NO, "HTTPS fails on v2."),
        (served_by(UP, OPEN), UNKNOWN, "HTTPS on v2 has not been seen to work or fail."),
        (served_by(DOWN, UP, **MOVING), YES, "HTTPS works on v2."),
        (served_by(UP, UP, state=RecordState.WEIGHTED, **MOVING), YES, "HTTPS works on v1 and v2."),
        (served_by(DOWN, UP, state=RecordState.WEIGHTED, **MOVING), NO, "HTTPS fails on v1."),
    ],
)  # fmt: skip
def test_what_is_reached_is_the_service_where_the_name_is_to_lead(
    of: DomainStatus, mark: ChainMark, sentence: str
) -> None:
    assert look(of, Link.REACHED) == ChainLink(Link.REACHED, mark, sentence, instant(960.0))


def test_a_service_that_was_never_checked_is_not_known() -> None:
    of = served_by(UP, UP)._replace(services=())
    assert look(of, Link.REACHED).mark is UNKNOWN
