import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.externaldns.controller import Controller, SyncSchedule
from probe.externaldns.instance import ExternalDnsInstance, Flags, ingress
from probe.externaldns.version import V0_22_0
from probe.model.name import canonical
from probe.route53.hosted_zone import HostedZone

ALB = "k8s-v1alb-111.eu-west-1.elb.amazonaws.com"


def external_dns(*hosts: str, domain_filter: tuple[str, ...] = (), matches_parent: bool = False) -> ExternalDnsInstance:
    zone = HostedZone(canonical("example.com"), "Z1", (canonical("ns-1.awsdns-01.org"),))
    wanted = [ingress(host, ALB, "ingress/shop/web") for host in hosts]
    return ExternalDnsInstance(V0_22_0, Flags(matches_parent=matches_parent), lambda: wanted, zone, domain_filter)


def test_runs_keep_their_phase() -> None:
    schedule = SyncSchedule(interval=60.0, phase=25.0)

    assert [schedule.next_after(now) for now in (0.0, 24.9, 25.0, 84.9, 85.0)] == [25.0, 25.0, 85.0, 85.0, 145.0]


@given(
    interval=st.floats(1, 600),
    phase=st.floats(0, 600),
    start=st.floats(0, 1e6),
    length=st.floats(0, 1e4),
)
def test_a_run_is_due_exactly_when_the_next_one_has_come(
    interval: float, phase: float, start: float, length: float
) -> None:
    schedule = SyncSchedule(interval, phase)
    following = schedule.next_after(start)

    assert start < following or following == phase
    assert schedule.due(start, start + length) is (following <= start + length)


def test_a_controller_syncs_once_per_interval_however_often_it_is_asked() -> None:
    controller = Controller(external_dns("web.example.com"), SyncSchedule(60.0, 5.0))
    runs = [now for now in range(200) if controller.next_run() <= now and (controller.run_if_due(now), True)]

    assert runs == [5, 65, 125, 185]


def test_missed_runs_are_not_made_up() -> None:
    controller = Controller(external_dns("web.example.com"), SyncSchedule(60.0, 5.0))

    assert controller.run_if_due(400.0)
    assert controller.next_run() == 425.0


def led(instance: ExternalDnsInstance) -> set[str]:
    """Sync, and give the names of what was written that is no TXT."""
    changes = [change for batch in instance.sync() for change in batch.changes]
    return {change.record.name for change in changes if change.record.rdtype != "TXT"}


def test_a_domain_filter_hides_the_rest_of_the_zone() -> None:
    instance = external_dns(
        "web.example.com", "api.example.com", domain_filter=("web.example.com",), matches_parent=True
    )

    (batch,) = instance.sync()

    assert {change.record.name for change in batch.changes} == {
        "a-web.example.com.",
        "aaaa-web.example.com.",
        "web.example.com.",
    }


@pytest.mark.parametrize(
    ("domain_filter", "written"),
    [
        (("web.example.com",), set()),
        (("web.example.com", "example.com"), {"web.example.com.", "api.example.com."}),
        (("com",), {"web.example.com.", "api.example.com."}),
        (("example.net",), set()),
        ((), {"web.example.com.", "api.example.com."}),
    ],
)
def test_a_hosted_zone_above_the_filter_is_not_entered_without_match_parent(
    domain_filter: tuple[str, ...], written: set[str]
) -> None:
    """provider/aws/aws.go compares the zone's own name with the filter."""
    assert led(external_dns("web.example.com", "api.example.com", domain_filter=domain_filter)) == written


def test_a_domain_filter_that_begins_with_a_dot_lets_no_zone_above_it_in() -> None:
    """endpoint/domain_filter.go, `MatchParent`: neither the zone of that name nor one above is entered."""
    for name in (".example.com", ".web.example.com"):
        assert not led(external_dns("example.com", "a.web.example.com", domain_filter=(name,), matches_parent=True))


def test_a_domain_filter_that_begins_with_a_dot_hides_the_apex() -> None:
    instance = external_dns(
        "example.com", "api.example.com", domain_filter=(".example.com", "api.example.com"), matches_parent=True
    )

    assert led(instance) == {"api.example.com."}
