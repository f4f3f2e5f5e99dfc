import pytest
from structlog.testing import capture_logs

from probe.judge.polling.cost import ZONE_SERVERS
from probe.judge.review import initial
from probe.model.name import DomainName
from probe.model.plan import Plan, Probing
from probe.runtime.stretch import Load
from probe.runtime.watched import Servers, WatchedDomain
from tests.fakes import server
from tests.plans import plan

JITTER = 0.15
CALM_SHARE = 0.8
MOST_STRAIN = 4.0
RELIEVED_UNTIL = 0.2
STRAINED_FROM = 0.5
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

FOUR = tuple(server(number) for number in range(1, 5))
OTHERS = tuple(server(number) for number in range(5, 9))
A_SECOND = 2 / Probing().interval + 4 / Probing().txt_interval
"""Questions for one domain in a second: two families, four TXT names."""


def subjects(number: int, servers: Servers) -> list[WatchedDomain]:
    names = plan(*(f"host-{id(servers)}-{count}.example.com." for count in range(number)))
    made = [WatchedDomain(initial(domain, names.registries), 0, 0.0) for domain in names.domains]
    for subject in made:
        subject.servers = servers
        subject.zone = DomainName(f"zone-of-{servers[0].address}.")
    return made


def measured(plan: Plan, *groups: list[WatchedDomain]) -> Load:
    load = Load()
    load.measure([subject for group in groups for subject in group], plan)
    return load


def test_a_fleet_that_the_servers_have_time_for_is_not_stretched() -> None:
    fleet = subjects(200, FOUR)
    with capture_logs() as logs:
        assert measured(plan("a."), fleet).of(fleet[0]) == 1.0
    assert not logs


def test_a_larger_one_is_stretched_until_calm_turns_fill_their_share_of_the_servers() -> None:
    fleet = subjects(1000, FOUR)
    with capture_logs() as logs:
        stretch = measured(plan("a."), fleet).of(fleet[0])
    per_server = 1000 * A_SECOND / stretch / 4
    assert per_server == pytest.approx(Probing().queries_per_second * CALM_SHARE)
    (warning,) = logs
    assert warning["interval_seconds"] == pytest.approx(Probing().interval * stretch, abs=0.1)


def test_domains_at_other_servers_are_not_stretched_with_them() -> None:
    crowded, quiet = subjects(1000, FOUR), subjects(10, OTHERS)
    load = measured(plan("a."), crowded, quiet)
    assert load.of(crowded[0]) > 1.0
    assert load.of(quiet[0]) == 1.0


def test_a_server_that_serves_two_zones_counts_both() -> None:
    shared = (FOUR[0], *OTHERS[:3])
    first, second = subjects(250, FOUR), subjects(250, shared)
    alone = measured(plan("a."), first).of(first[0])
    together = measured(plan("a."), first, second)
    assert together.of(first[0]) > alone
    assert together.of(second[0]) == together.of(first[0])


def test_the_domains_of_a_zone_are_stretched_alike_while_some_of_them_are_asked_elsewhere() -> None:
    crowded, moved = subjects(1000, FOUR), subjects(10, OTHERS)
    for subject in moved:
        subject.zone = crowded[0].zone
    load = measured(plan("a."), crowded, moved)
    assert load.of(moved[0]) == load.of(crowded[0]) > 1.0
    assert [(zone, stretch) for zone, _, stretch in load.by_zone()] == [(crowded[0].zone, load.of(crowded[0]))]


def test_rounds_over_the_resolvers_are_stretched_by_the_number_of_all_domains() -> None:
    fleet = subjects(500, FOUR)
    expected = 500 * 2 / Probing().resolver_interval / (Probing().queries_per_second * CALM_SHARE)
    assert measured(plan("a."), fleet).of_resolvers == pytest.approx(expected)


def test_a_stretch_is_told_once_and_again_only_when_it_has_changed() -> None:
    load = Load()
    with capture_logs() as logs:
        for number in (1000, 1000, 1010, 2000):
            load.measure(subjects(number, FOUR), plan("a."))
    assert len(logs) == 2


def felt(load: Load, late: float, seconds: int) -> float:
    for _ in range(seconds):
        load.feel(late, Probing().interval)
    return load.strain


def test_calm_turns_give_way_within_seconds_where_there_is_too_little_cpu_and_come_back_over_minutes() -> None:
    domain, *others = subjects(400, FOUR)
    load = measured(plan("a."), [domain, *others])
    stretch = load.of(domain)
    with capture_logs() as logs:
        assert felt(load, STRAINED_FROM, 7) == MOST_STRAIN == felt(load, 1.0, 60)
        assert load.of(domain) / stretch == MOST_STRAIN
        assert felt(load, RELIEVED_UNTIL, 30) > MOST_STRAIN / 2
        assert felt(load, RELIEVED_UNTIL, 60) == 1.0
        assert felt(load, 1.0, 60) == MOST_STRAIN
    assert [log["planned_seconds"] for log in logs] == [Probing().interval] * 2  # each time once


def test_between_both_bounds_nothing_changes() -> None:
    load = measured(plan("a."), subjects(400, FOUR))
    felt(load, 1.0, 3)
    before = load.strain
    assert felt(load, (STRAINED_FROM + RELIEVED_UNTIL) / 2, 100) == before > 1.0


def test_a_few_domains_do_not_give_way_for_what_others_do_with_the_cpu() -> None:
    load = measured(plan("a."), subjects(200, FOUR))
    assert felt(load, 1.0, 60) == 1.0


def test_what_is_felt_ends_with_the_plan_that_was_too_much() -> None:
    load = measured(plan("a."), subjects(400, FOUR))
    felt(load, 1.0, 60)
    load.measure(subjects(20, FOUR), plan("a."))
    assert felt(load, 1.0, 90) == 1.0


def test_calm_turns_that_give_way_are_heard_by_a_quorum_before_evidence_is_too_old() -> None:
    assert Probing().interval * (1 + JITTER) * MOST_STRAIN * ZONE_SERVERS < 180.0
