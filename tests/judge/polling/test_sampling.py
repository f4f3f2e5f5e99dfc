"""Windows of denser questions: for what, how many, and what they leave to others."""

import pytest

from probe.judge.polling import burst, sampling
from probe.judge.polling.burst import PollState
from probe.judge.record.changepoint import Excursion, Level
from probe.judge.record.state import RecordMemory
from probe.judge.review import initial
from probe.judge.state import DomainState
from probe.model.external_dns import TxtRegistry
from probe.model.finding import Finding, FindingCode, Severity
from probe.model.plan import Probing
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position, RecordState, RecordStatus
from probe.model.server import Server
from tests.judge.answers import SERVERS, ZONE, instant, plan

NOW = 100_000.0
MINUTE = 60.0
WINDOW = 605.0


CALM = Level()


def domain(
    *states: RecordState, code: FindingCode | None = FindingCode.WEIGHTS_UNDECLARED, level: Level = CALM
) -> DomainState:
    """Give a domain of which the records have these states, those that are weighted or flap by draws."""
    fresh = initial(plan().domains[0], (TxtRegistry(),), ZONE)
    records = tuple(
        RecordStatus(rdtype, state, instant(0), Position.V1, disturbed=instant(0))
        for rdtype, state in zip(ADDRESS_TYPES, states, strict=True)
    )
    drawn = {RecordState.WEIGHTED, RecordState.FLAPPING}
    memories = tuple(RecordMemory(drawn=state in drawn, level=level) for state in states)
    name = fresh.status.domain.name
    findings = () if code is None else (Finding(code, Severity.WARNING, name, "It is.", "Do.", 0.0),)
    status = fresh.status._replace(records=records, findings=findings)
    return DomainState(status, fresh.memory._replace(records=memories))


WEIGHTED = domain(RecordState.WEIGHTED, RecordState.WEIGHTED)
BEATING = domain(RecordState.FLAPPING, RecordState.WEIGHTED, code=FindingCode.FLIP_FLOP)


@pytest.mark.parametrize(
    ("state", "rdtype"),
    [
        (WEIGHTED, RecordType.A),
        (domain(RecordState.WEIGHTED, RecordState.WEIGHTED, code=FindingCode.WEIGHTS_OFF), RecordType.A),
        (domain(RecordState.V1, RecordState.WEIGHTED), RecordType.AAAA),
        (BEATING, RecordType.A),
        (domain(RecordState.WEIGHTED, RecordState.FLAPPING, code=None), RecordType.AAAA),
        (domain(RecordState.WEIGHTED, RecordState.WEIGHTED, code=None), None),
        (domain(RecordState.WEIGHTED, RecordState.WEIGHTED, code=FindingCode.LAGGARD), None),
        (domain(RecordState.V1, RecordState.V1), None),
    ],
)
def test_a_beat_is_looked_for_where_a_share_is_not_declared_or_stands_already(
    state: DomainState, rdtype: RecordType | None
) -> None:
    assert sampling.sampled_type(state) is rdtype
    assert sampling.wants_window(burst.begin(0, NOW), state, NOW) is (rdtype is not None)


def test_what_flaps_for_another_reason_is_no_beat_of_shares() -> None:
    flapping = domain(RecordState.FLAPPING, RecordState.V1)
    fought = flapping.memory.records[0]._replace(fighting=True)
    memory = flapping.memory._replace(records=(fought, flapping.memory.records[1]))
    assert sampling.sampled_type(DomainState(flapping.status, memory)) is None


def test_what_is_seen_through_caches_has_no_window() -> None:
    status = WEIGHTED.status._replace(records=tuple(one._replace(cache=60) for one in WEIGHTED.status.records))
    assert sampling.sampled_type(WEIGHTED.with_status(status)) is None


def windows(state: DomainState, until: float) -> list[float]:
    """Give when windows begin if one does as soon as it may, from `NOW` on."""
    asking, at, begun = burst.begin(0, NOW), NOW, []
    while at < NOW + until:
        after = sampling.begin_window(asking, state, MINUTE, at)
        if after is not None:
            begun.append(at - NOW)
            asking = after
        at += 5.0
    return begun


def test_a_domain_has_an_hour_of_windows_and_then_one_an_hour() -> None:
    begun = windows(WEIGHTED, 6 * 3600.0)
    assert begun[:6] == [605.0 * number for number in range(6)]
    assert begun[6:] == [3630.0, *(3600.0 * number for number in range(2, 6))]  # the first after the sixth is over


def test_while_a_beat_stands_windows_follow_each_other() -> None:
    assert len(windows(BEATING, 6 * 3600.0)) == 36


def test_a_window_is_ten_cycles_of_the_declared_interval() -> None:
    fresh = burst.begin(0, NOW)
    for interval, window in ((60.0, 605.0), (30.0, 305.0), (120.0, 1205.0)):
        begun = sampling.begin_window(fresh, WEIGHTED, interval, NOW)
        assert begun is not None
        assert begun.sampled_until == NOW + window
        assert sampling.begin_window(begun, WEIGHTED, interval, NOW + window - 1) is None
    assert sampling.begin_window(fresh, WEIGHTED, 300.0, NOW) is None
    assert sampling.begin_window(fresh, domain(RecordState.V1, RecordState.V1), MINUTE, NOW) is None


def test_windows_take_nothing_from_what_a_domain_may_burst() -> None:
    fresh = burst.begin(0, NOW)
    begun = sampling.begin_window(fresh, WEIGHTED, MINUTE, NOW)
    assert begun is not None
    step = sampling.sampling_round(begun, WEIGHTED, SERVERS, Probing(), at=NOW, u=0.5)
    assert step.asking.spent_until == fresh.spent_until
    assert step.asking.turn == fresh.turn


@pytest.mark.parametrize("servers", [SERVERS, SERVERS[:2], SERVERS[:1]])
def test_a_round_asks_four_questions_of_one_type(servers: tuple[Server, ...]) -> None:
    begun = sampling.begin_window(burst.begin(0, NOW), WEIGHTED, MINUTE, NOW)
    assert begun is not None
    step = sampling.sampling_round(begun, WEIGHTED, servers, Probing(), at=NOW, u=0.5)
    assert [query.question.rdtype for query in step.queries] == [RecordType.A] * 4
    assert {query.server for query in step.queries} == set(servers)
    assert step.delay == Probing().burst_interval
    delays = {sampling.sampling_round(begun, WEIGHTED, servers, Probing(), at=NOW, u=u).delay for u in (0.0, 0.9)}
    assert len(delays) == 2  # jittered, as everything that may meet a beat


def test_of_more_servers_than_questions_each_has_its_turn() -> None:
    six = (*SERVERS, *(Server(SERVERS[0].name, f"192.0.2.{number}") for number in (90, 91)))
    begun = burst.begin(0, NOW)._replace(sampled_until=NOW + WINDOW)
    asked = {
        query.server
        for number in range(6)
        for query in sampling.sampling_round(begun, WEIGHTED, six, Probing(), at=NOW, u=number / 6).queries
    }
    assert asked == set(six)


def test_a_window_ends_in_time_or_with_its_reason() -> None:
    begun = burst.begin(0, NOW)._replace(sampled_until=NOW + WINDOW)

    def goes_on(asking: PollState, state: DomainState, at: float) -> bool:
        return sampling.sampling_round(asking, state, SERVERS, Probing(), at=at, u=0.5).delay is not None

    assert goes_on(begun, WEIGHTED, NOW + WINDOW - 1)
    assert not goes_on(begun, WEIGHTED, NOW + WINDOW)
    assert not goes_on(begun, domain(RecordState.V1, RecordState.V1), NOW)
    assert not goes_on(sampling.end_window(begun), WEIGHTED, NOW)


def test_a_round_is_left_out_where_a_burst_says_as_much() -> None:
    excited = domain(RecordState.WEIGHTED, RecordState.WEIGHTED, level=Level(up=Excursion(score=5.0)))
    begun = burst.begin(0, NOW)._replace(sampled_until=NOW + WINDOW)
    step = sampling.sampling_round(begun, excited, SERVERS, Probing(), at=NOW, u=0.5)
    assert step.queries == ()
    assert step.delay is not None


@pytest.mark.parametrize(("servers", "rate", "most"), [(4, 20.0, 7), (1, 20.0, 1), (4, 1.0, 0), (8, 20.0, 14)])
def test_of_the_domains_of_a_zone_as_many_have_a_window_as_servers_are_allowed(
    servers: int, rate: float, most: int
) -> None:
    asked = tuple(Server(SERVERS[0].name, f"192.0.2.{number}") for number in range(servers))
    assert sampling.most_at_once(asked, Probing(queries_per_second=rate)) == most
