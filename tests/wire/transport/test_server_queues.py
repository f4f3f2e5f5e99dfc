"""A queue for each server, a pace for each address, and no more of them than are needed."""

import pytest

from probe.model.name import DomainName
from probe.model.server import Server, Transport
from probe.wire.transport import server_queues
from probe.wire.transport.pacing import ServerPace
from probe.wire.transport.server_queues import ServerQueues
from probe.wire.transport.traffic_counter import TrafficCounters


def server(name: str = "ns1.example.", address: str = "192.0.2.1", **told: float) -> Server:
    return Server(DomainName(name), address, **told)  # type: ignore[arg-type]  # each test names its rate


def queues(rate: float = 20.0) -> ServerQueues:
    return ServerQueues(rate, TrafficCounters())


def test_servers_of_one_address_share_its_pace_and_each_has_a_queue_of_its_own() -> None:
    known = queues()
    one, other = known.open(server(), 0.0), known.open(server("ns2.example."), 0.0)

    assert one is not other
    assert one.bucket is other.bucket
    assert known.open(server(address="192.0.2.2"), 0.0).bucket is not one.bucket


def _interval(pace: ServerPace) -> float:
    """Give the seconds between two turns of a server that always has another question."""
    while pace.take(0.0):
        pass
    first = pace.due()
    assert pace.take(first)
    return pace.due() - first


def test_a_server_with_a_rate_of_its_own_keeps_it_when_the_general_one_changes() -> None:
    known = queues()
    own, general = known.open(server(queries_per_second=1.0), 0.0), known.open(server(address="192.0.2.2"), 0.0)
    known.change_rate(100.0, 0.0)

    assert _interval(own.bucket) == pytest.approx(1.0)
    assert _interval(general.bucket) == pytest.approx(0.01)


def test_a_server_that_is_opened_after_a_change_has_the_new_rate() -> None:
    known = queues()
    known.change_rate(1.0, 0.0)
    pace = known.open(server(), 0.0).bucket

    assert pace.take(0.0)
    assert not pace.take(0.0)


def test_idle_servers_are_forgotten_beyond_the_most_and_busy_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_queues, "MAX_QUEUES", 3)
    known = queues()
    busy = known.open(server("busy.example."), 0.0)
    busy.queued = True
    for number in range(10):
        known.open(server(f"ns{number}.example.", f"192.0.2.{number + 10}"), 0.0)

    assert len(known.opened) <= 3
    assert known.opened[server("busy.example.")] is busy


def test_each_transport_of_a_server_is_a_queue_of_its_own() -> None:
    known = queues()
    plain = known.open(Server(DomainName("ns1.example."), "192.0.2.1"), 0.0)
    tcp = known.open(Server(DomainName("ns1.example."), "192.0.2.1", transport=Transport.TCP), 0.0)

    assert plain.server.transport is Transport.UDP
    assert tcp is not plain
    assert known.waiting() == 0
