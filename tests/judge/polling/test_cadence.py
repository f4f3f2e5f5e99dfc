from collections import Counter
from dataclasses import replace

import pytest

from probe.judge.polling import cadence
from probe.judge.review import initial
from probe.judge.state import DomainState, forgotten
from probe.model.domain import DomainStatus
from probe.model.external_dns import TxtRegistry
from probe.model.plan import Probing
from probe.model.question import ADDRESS_TYPES, Question, RecordType
from probe.model.record import Position, RecordState, RecordStatus, ServerStatus
from probe.model.server import Server
from probe.model.side import AnswerClass
from tests.judge.answers import NAME, RESOLVER, SERVERS, V1_BALANCER, ZONE, instant, plan
from tests.judge.caches import INBOUND, VPC, held

ROUNDING = 2.0
STALE_AT_LEAST = 180.0
REASKS = 3
MISSING_FAMILY_TURNS = 8
MISSING_FAMILY_LATE = 90.0
TARGET_REPEATS = 3
CACHE_LOOK = 45.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

PROBING = Probing()


def status(*records: RecordStatus) -> DomainStatus:
    begun = initial(plan().domains[0], (TxtRegistry(),), ZONE).status
    return begun._replace(records=records) if records else begun


def domain_state(*records: RecordStatus) -> DomainState:
    """The same with nothing remembered beside it."""
    return forgotten(status(*records))


def standing(rdtype: RecordType, answer_class: AnswerClass = AnswerClass.V1) -> RecordStatus:
    position = Position.ABSENT if answer_class is AnswerClass.NXDOMAIN else Position.V1
    return RecordStatus(
        rdtype,
        RecordState.ABSENT if position is Position.ABSENT else RecordState.V1,
        position=position,
        existed=position is not Position.ABSENT,
        servers=tuple(ServerStatus(server, answer_class, instant(0)) for server in SERVERS),
    )


def test_calm_turns_visit_every_server_evenly_with_both_families() -> None:
    queries = [ask for turn in range(400) for ask in cadence.calm_plan(status(), SERVERS, turn)]
    counts = Counter((ask.server.name, ask.question.rdtype) for ask in queries)
    assert set(counts.values()) == {100}
    assert len(counts) == len(SERVERS) * len(ADDRESS_TYPES)


def test_a_calm_turn_looks_no_server_up_while_all_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[Server] = []

    def counted(self: Server) -> int:
        looked_up.append(self)
        return hash(self.address)

    monkeypatch.setattr(Server, "__hash__", counted)
    answering = status(*map(standing, ADDRESS_TYPES))
    assert cadence.calm_plan(answering, SERVERS, 0)
    assert not looked_up
    record = answering.records[0]
    failing = record._replace(servers=(record.servers[0]._replace(failures=9), *record.servers[1:]))
    assert cadence.calm_plan(status(failing, answering.records[1]), SERVERS, 0)
    assert looked_up


def test_both_families_of_one_turn_go_to_different_servers() -> None:
    a, aaaa = cadence.calm_plan(status(), SERVERS, 5)
    assert a.server != aaaa.server


def test_a_family_that_never_existed_is_asked_seldom_and_at_every_server() -> None:
    missing = status(standing(RecordType.A), standing(RecordType.AAAA, AnswerClass.NXDOMAIN))
    queries = [ask for turn in range(320) for ask in cadence.calm_plan(missing, SERVERS, turn)]
    aaaa = Counter(ask.server.name for ask in queries if ask.question.rdtype is RecordType.AAAA)
    assert sum(aaaa.values()) == 320 / MISSING_FAMILY_TURNS
    assert set(aaaa.values()) == {10}


@pytest.mark.parametrize(("later", "times"), [(MISSING_FAMILY_LATE - 1, 2), (MISSING_FAMILY_LATE + 1, 16)])
def test_a_family_that_never_existed_and_was_not_answered_for_long_is_asked_at_each_turn_by_turns(
    later: float, times: int
) -> None:
    """Or its evidence would grow old, and the domain unknown although its other family is answered all the time."""
    heard = tuple(ServerStatus(server, AnswerClass.V1, instant(later)) for server in SERVERS[:1])
    a = standing(RecordType.A)
    a = a._replace(servers=(*heard, *a.servers[1:]))
    missing = status(a, standing(RecordType.AAAA, AnswerClass.NXDOMAIN))
    queries = [ask for turn in range(1, 17) for ask in cadence.calm_plan(missing, SERVERS, turn)]
    aaaa = Counter(ask.server.name for ask in queries if ask.question.rdtype is RecordType.AAAA)
    assert sum(aaaa.values()) == times
    assert len(aaaa) == min(times, len(SERVERS))


def test_without_servers_nothing_is_asked() -> None:
    for queries in (
        cadence.calm_plan(status(), (), 3),
        cadence.txt_plan(status(), (), 3),
        cadence.look_plan(status(), ()),
        cadence.burst_plan(domain_state(), (), 0),
        cadence.target_plan(V1_BALANCER, (), 0),
    ):
        assert queries == ()


def test_a_first_look_asks_every_server_twice_and_every_txt_name_once() -> None:
    counts = Counter(cadence.look_plan(status(), SERVERS))
    records = {ask: count for ask, count in counts.items() if ask.question.rdtype is not RecordType.TXT}
    assert set(records.values()) == {2}
    assert len(records) == 8
    assert Counter(ask.question.rdtype for ask in counts)[RecordType.TXT] == 4


def test_txt_names_are_asked_at_one_server_each_and_wander() -> None:
    seen = {ask for turn in range(4) for ask in cadence.txt_plan(status(), SERVERS, turn)}
    assert len(cadence.txt_plan(status(), SERVERS, 0)) == 4
    assert len(seen) == 4 * len(SERVERS)


def test_resolvers_are_never_asked_for_what_may_not_exist() -> None:
    a, aaaa = standing(RecordType.A), standing(RecordType.AAAA, AnswerClass.NXDOMAIN)
    assert cadence.resolver_plan(status(), [RESOLVER]) == ()
    assert [ask.question.rdtype for ask in cadence.resolver_plan(status(a, aaaa), [RESOLVER])] == [RecordType.A]
    denied_somewhere = a._replace(servers=(*a.servers[:3], ServerStatus(SERVERS[3], AnswerClass.NXDOMAIN)))
    assert cadence.resolver_plan(status(denied_somewhere, aaaa), [RESOLVER]) == ()


def test_a_full_answer_of_a_load_balancer_makes_the_next_round_look_deeper() -> None:
    shallow = cadence.target_plan(V1_BALANCER, SERVERS, 3)
    deep = cadence.target_plan(V1_BALANCER, SERVERS, 8)
    assert len(shallow) == len(SERVERS) * len(ADDRESS_TYPES)
    assert len(deep) == TARGET_REPEATS * len(shallow)
    assert {ask.question.name for ask in deep} == {V1_BALANCER}


def test_a_surprise_is_put_to_the_same_server_again() -> None:
    question = Question(NAME, RecordType.A)
    assert {(ask.server, ask.question) for ask in cadence.reask_plan(SERVERS[2], question)} == {(SERVERS[2], question)}
    assert len(cadence.reask_plan(SERVERS[2], question)) == REASKS


def test_a_round_asks_a_suspected_family_twice_and_the_other_once() -> None:
    suspected = standing(RecordType.A)._replace(state=RecordState.PROPAGATING, disturbed=instant(0))
    counts = Counter(cadence.burst_plan(domain_state(suspected, standing(RecordType.AAAA)), SERVERS, 0))
    assert {count for ask, count in counts.items() if ask.question.rdtype is RecordType.A} == {2}
    assert {count for ask, count in counts.items() if ask.question.rdtype is RecordType.AAAA} == {1}
    assert len(counts) == 8


def test_a_name_that_does_not_exist_at_all_is_asked_as_often_as_any_other() -> None:
    absent = status(*(standing(rdtype, AnswerClass.NXDOMAIN) for rdtype in ADDRESS_TYPES))
    assert all(len(cadence.calm_plan(absent, SERVERS, turn)) == len(ADDRESS_TYPES) for turn in range(16))


def _held(at: float, ttl: int) -> DomainStatus:
    """A domain of which each family was fetched at a moment, to be held for `ttl` seconds."""
    records = tuple(
        RecordStatus(
            rdtype,
            RecordState.V1,
            position=Position.V1,
            existed=True,
            servers=(
                ServerStatus(VPC, AnswerClass.V1, instant(at), instant(at), held(Position.V1, ttl, rdtype), run=1),
            ),
            cache=ttl,
        )
        for rdtype in ADDRESS_TYPES
    )
    return status()._replace(records=records)


@pytest.mark.case("D5")
def test_a_resolver_is_asked_again_once_its_answer_has_run_out_and_not_in_step() -> None:
    known = _held(0.0, 60)
    probing = Probing()
    assert cadence.cache_plan(known, (VPC,), 30.0, 0.0, probing) == ()
    assert cadence.cache_plan(known, (VPC,), 60.0 + ROUNDING - 0.1, 0.0, probing) != ()  # read, to see it lives
    asked = cadence.cache_plan(known, (VPC,), 63.0, 0.3, probing)
    assert [query.question.rdtype for query in asked] == list(ADDRESS_TYPES)
    assert (
        cadence.cache_plan(known, (VPC,), 63.0, 0.4, probing) == ()
    )  # 7 of 22: a wait without memory, 15 s in the mean


def test_a_long_answer_is_read_again_to_see_that_its_resolver_lives() -> None:
    known = _held(0.0, 3600)
    assert cadence.cache_plan(known, (VPC,), CACHE_LOOK - 1, 0.0, Probing()) == ()
    assert len(cadence.cache_plan(known, (VPC,), CACHE_LOOK, 1.0, Probing())) == len(ADDRESS_TYPES)


def test_a_resolver_that_was_never_heard_is_asked_at_every_turn() -> None:
    asked = cadence.cache_plan(_held(0.0, 60), (VPC, INBOUND), 10.0, 1.0, Probing())
    assert {query.server for query in asked} == {INBOUND}


def test_ownership_is_asked_of_one_cache_which_is_the_first_that_answers() -> None:
    known = _held(0.0, 60)
    pair = (VPC, INBOUND)
    assert {query.server for turn in range(4) for query in cadence.txt_plan(known, pair, turn)} == {VPC}
    silent = known._replace(
        records=tuple(record._replace(servers=(record.servers[0]._replace(failures=1),)) for record in known.records)
    )
    assert {query.server for turn in range(4) for query in cadence.txt_plan(silent, pair, turn)} == {INBOUND}


def test_a_full_answer_brings_the_nine_look_ups_that_show_sixteen_nodes_as_a_rule() -> None:
    deep = cadence.target_plan(V1_BALANCER, SERVERS, 8)
    assert set(Counter(deep).values()) == {3}  # at four servers twelve of each family; two would be eight
    assert cadence.target_plan(V1_BALANCER, SERVERS, 7) == cadence.target_plan(V1_BALANCER, SERVERS, 0)


def test_draws_at_nine_to_one_agree_with_a_surprise_in_all_its_repetitions_once_in_a_thousand() -> None:
    repetitions = len(cadence.reask_plan(SERVERS[2], Question(NAME, RecordType.A)))
    assert 0.1**repetitions == pytest.approx(1e-3)


def test_a_server_that_lives_alone_is_asked_six_pairs_of_a_type_under_suspicion() -> None:
    record = standing(RecordType.A)
    alone = (record.servers[0], *(told._replace(failures=4) for told in record.servers[1:]))
    assert cadence.round_asks(status(record._replace(servers=alone))) == 4  # pairs of four: six
    assert cadence.round_asks(status(record)) == 2  # one pair


def test_eight_addresses_of_a_zones_servers_have_every_other_round() -> None:
    eight = (*SERVERS, *(replace(server, address=f"2001:db8::{place}") for place, server in enumerate(SERVERS)))
    suspected = standing(RecordType.A)._replace(state=RecordState.PROPAGATING, disturbed=instant(0))
    known = domain_state(suspected, standing(RecordType.AAAA))
    rounds = [{query.server for query in cadence.burst_plan(known, eight, number)} for number in range(3)]
    assert [len(one) for one in rounds] == [4, 4, 4]
    assert (rounds[0] | rounds[1], rounds[2]) == (set(eight), rounds[0])


def test_a_family_without_suspicion_has_every_second_round() -> None:
    suspected = standing(RecordType.A)._replace(state=RecordState.PROPAGATING, disturbed=instant(0))
    known = domain_state(suspected, standing(RecordType.AAAA))
    asked = [{query.question.rdtype for query in cadence.burst_plan(known, SERVERS, number)} for number in range(6)]
    assert [RecordType.AAAA in types for types in asked] == [True, False] * 3


@pytest.mark.parametrize("ttl", [60, 3600])
def test_a_fetch_comes_a_minute_late_at_most_whatever_chance_says(ttl: int) -> None:
    known = _held(0.0, ttl)
    assert cadence.cache_plan(known, (VPC,), ttl + 56.0, 1.0, Probing()) == ()
    assert len(cadence.cache_plan(known, (VPC,), ttl + 64.0, 1.0, Probing())) == len(ADDRESS_TYPES)


def test_four_readings_of_a_held_answer_fit_into_the_time_for_which_evidence_counts() -> None:
    known = _held(0.0, 3600)
    assert cadence.cache_plan(known, (VPC,), 44.0, 0.0, Probing()) == ()
    assert len(cadence.cache_plan(known, (VPC,), STALE_AT_LEAST / 4, 1.0, Probing())) == len(ADDRESS_TYPES)


@pytest.mark.parametrize("number", range(5))
def test_whom_a_turn_will_ask_is_known_before_it_is_due(number: int) -> None:
    known, asked = status(standing(RecordType.A), standing(RecordType.AAAA)), SERVERS[:number]
    for turn in range(9):
        queries = cadence.calm_plan(known, asked, turn)
        assert cadence.turn_servers(asked, turn) == tuple(query.server for query in queries)
