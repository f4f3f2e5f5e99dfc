"""The accounts: what counts as a failure, and which bucket a duration falls into."""

import pytest

from probe.model.outcome import FailureReason, NoResponse, Response
from probe.model.server import Transport
from probe.model.traffic import DURATION_BUCKETS
from probe.wire.transport.traffic_counter import TrafficCounters


@pytest.mark.parametrize(
    ("elapsed", "bucket"),
    [(0.0, 0), (0.001, 0), (0.0011, 1), (5.0, len(DURATION_BUCKETS) - 1), (5.1, len(DURATION_BUCKETS))],
)
def test_a_duration_falls_into_the_first_bucket_that_holds_it(elapsed: float, bucket: int) -> None:
    ledger = TrafficCounters()
    ledger.counter("g", Transport.UDP).settled(Response("NOERROR"), elapsed)
    (traffic,) = ledger.traffic()
    assert [index for index, count in enumerate(traffic.duration_counts) if count] == [bucket]
    assert traffic.duration_sum == elapsed
    assert len(traffic.duration_counts) == len(DURATION_BUCKETS) + 1


def test_silences_count_by_reason_and_not_as_answers() -> None:
    ledger = TrafficCounters()
    counter = ledger.counter("g", Transport.UDP)
    for reason in (FailureReason.TIMEOUT, FailureReason.UNREACHABLE, FailureReason.TIMEOUT):
        counter.settled(NoResponse(reason), 1.0)
    (traffic,) = ledger.traffic()
    assert traffic.failures == ((FailureReason.TIMEOUT, 2), (FailureReason.UNREACHABLE, 1))
    assert sum(traffic.duration_counts) == 0


def test_servfail_and_refused_count_as_failures_and_as_answers_and_nxdomain_as_an_answer_only() -> None:
    ledger = TrafficCounters()
    counter = ledger.counter("g", Transport.UDP)
    for rcode in ("SERVFAIL", "REFUSED", "NXDOMAIN"):
        counter.settled(Response(rcode), 0.01)
    (traffic,) = ledger.traffic()
    assert traffic.failures == ((FailureReason.REFUSED, 1), (FailureReason.SERVFAIL, 1))
    assert sum(traffic.duration_counts) == 3


def test_accounts_are_kept_by_group_and_transport_in_a_stable_order() -> None:
    ledger = TrafficCounters()
    for group, transport in (("z", Transport.UDP), ("a", Transport.UDP), ("a", Transport.TCP), ("z", Transport.UDP)):
        ledger.counter(group, transport).queries += 1
    assert [(entry.group, entry.transport, entry.queries) for entry in ledger.traffic()] == [
        ("a", Transport.TCP, 1),
        ("a", Transport.UDP, 1),
        ("z", Transport.UDP, 2),
    ]
