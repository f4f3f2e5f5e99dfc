"""When turns come: jittered, and time is let pass often enough for what is open and for a soak."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.judge.polling import delays
from probe.judge.polling.delays import DelayKind
from probe.judge.review import initial
from probe.model.domain import DomainStatus
from probe.model.external_dns import TxtRegistry
from probe.model.finding import Awaited, Finding, FindingCode, Severity
from probe.model.plan import Probing
from probe.model.record import RecordState, ServerStatus
from tests.judge.answers import NAME, SERVERS, ZONE, instant, plan

JITTER = 0.15
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

PROBING = Probing()
MIDDLE = 0.5
"""A draw that leaves a delay as it is."""


@given(st.floats(0, 1), st.sampled_from(DelayKind))
def test_delays_are_jittered_around_the_plans_interval(u: float, kind: DelayKind) -> None:
    interval = delays.interval(kind, PROBING)
    assert 0 <= delays.first_delay(kind, PROBING, u) <= interval
    assert abs(delays.next_delay(kind, PROBING, u) - interval) <= JITTER * interval * 1.000001


def test_the_default_interval_does_not_divide_a_sync_interval() -> None:
    for sync in (10, 30, 60, 120, 180, 300, 600):
        assert sync % PROBING.interval != 0


def status(state: RecordState = RecordState.V1) -> DomainStatus:
    fresh = initial(plan().domains[0], (TxtRegistry(),), ZONE).status
    servers = tuple(ServerStatus(server) for server in SERVERS)
    return fresh._replace(state=state, records=tuple(one._replace(servers=servers) for one in fresh.records))


def pause(of: DomainStatus, soak: float = 1800.0, u: float = MIDDLE, *, bursting: bool = False) -> float:
    return delays.expiry_delay(of, soak, u, interval=PROBING.interval, bursting=bursting)


def test_time_passes_seldom_for_a_calm_domain_and_often_while_something_is_open() -> None:
    assert pause(status()) == 30.0
    assert pause(status(), bursting=True) == 5.0
    assert pause(status(RecordState.PROPAGATING)) == 5.0
    waiting = status()._replace(awaited=(Awaited(FindingCode.LAGGARD, instant(0)),))
    assert pause(waiting) == 5.0


def test_an_open_finding_of_a_steady_domain_that_does_not_wait_to_be_cleared_is_nothing_that_time_changes() -> None:
    finding = Finding(FindingCode.LAGGARD, Severity.WARNING, NAME, "It lags.", "Wait.", 0.0)
    assert pause(status()._replace(findings=(finding,))) == 30.0
    assert pause(status(RecordState.WEIGHTED)._replace(findings=(finding,))) == 30.0


def test_a_short_soak_gets_ten_lettings_pass_and_none_more_than_one_a_second() -> None:
    assert pause(status(), soak=100.0) == 10.0
    assert pause(status(), soak=2.0) == 1.0


def test_while_a_soak_goes_on_time_passes_within_a_round_over_the_servers() -> None:
    soaking = status()._replace(confirmation=status().confirmation._replace(since=instant(0)))
    assert pause(soaking) == PROBING.interval * (len(SERVERS) - 1)
    alone = soaking._replace(records=tuple(one._replace(servers=one.servers[:1]) for one in soaking.records))
    assert pause(alone) == 5.0


@pytest.mark.parametrize(("u", "factor"), [(0.0, 0.9), (1.0, 1.1)])
def test_they_are_spread_by_a_tenth(u: float, factor: float) -> None:
    assert pause(status(), u=u) == pytest.approx(30.0 * factor)


def test_a_delay_is_at_most_fifteen_hundredths_longer_or_shorter() -> None:
    factors = [delays.next_delay(DelayKind.RECORD, PROBING, u) / PROBING.interval for u in (0.0, 0.5, 1.0)]
    assert factors == pytest.approx([0.85, 1.0, 1.15])
