"""Many connections: health and metrics are answered, whoever holds what."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.telemetry.packed import Body
from probe.web import reserved_lane
from probe.web.reserved_lane import gives_way
from probe.web.web_server import WebServer
from tests.patience import HANG
from tests.web.ports import Far, expose

MAX_CONNECTIONS = 128
RESERVED = 16
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

HEALTHY = b"GET /-/healthy HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@dataclass
class Held:
    active: float
    idle: bool
    is_in_lane: bool = False


def test_as_long_as_there_is_room_nobody_goes() -> None:
    assert gives_way([Held(1.0, idle=True)] * (MAX_CONNECTIONS - 1)) == (None, False)


@pytest.mark.case("F3")
def test_the_one_that_has_been_idle_longest_goes() -> None:
    oldest_idle = Held(3.0, idle=True)
    others = [Held(1.0, idle=False), Held(4.0, idle=True), oldest_idle] + [Held(5.0, idle=True)] * MAX_CONNECTIONS
    assert gives_way(others) == (oldest_idle, False)


@pytest.mark.case("F3")
def test_when_all_are_busy_some_more_come_in_for_health() -> None:
    assert gives_way([Held(1.0, idle=False)] * (MAX_CONNECTIONS + RESERVED - 1)) == (None, True)


@pytest.mark.case("F3")
def test_when_these_are_full_too_the_oldest_goes() -> None:
    oldest = Held(0.5, idle=False)
    assert gives_way([*[Held(1.0, idle=False)] * (MAX_CONNECTIONS + RESERVED - 1), oldest]) == (oldest, True)


@pytest.mark.case("F3")
def test_a_scrape_that_is_under_way_is_not_broken_off_for_a_page_unless_scrapes_fill_the_lane() -> None:
    """200 people with the page open had two of 21 scrapes cut off, which took seconds and were the oldest requests."""
    scrape, page = Held(0.5, idle=False, is_in_lane=True), Held(0.7, idle=False)
    pages = [Held(1.0, idle=False)] * (MAX_CONNECTIONS - 1)
    assert gives_way([*pages, *[scrape] * RESERVED, page]) == (page, True)
    assert gives_way([*pages, *[scrape] * (RESERVED + 1)]) == (scrape, True)


@given(st.lists(st.booleans(), max_size=MAX_CONNECTIONS + RESERVED))
def test_there_are_never_more_than_are_meant(kinds: list[bool]) -> None:
    others = [Held(float(number), idle=idle) for number, idle in enumerate(kinds)]
    leaving, crowded = gives_way(others)
    assert len(others) + 1 - (leaving is not None) <= MAX_CONNECTIONS + RESERVED
    assert not (crowded and any(one.idle for one in others))


@contextlib.contextmanager
def connections(address: tuple[str, int], count: int, sent: bytes) -> Iterator[list[socket.socket]]:
    """Open so many, send the same on each, and wait for an answer where one is due."""
    with contextlib.ExitStack() as stack:
        opened = []
        for _ in range(count):
            connection = stack.enter_context(socket.create_connection(address))
            connection.settimeout(HANG)
            connection.sendall(sent)
            if sent.endswith(b"\r\n\r\n"):
                assert connection.recv(1_000)
            opened.append(connection)
        yield opened


@pytest.mark.case("F3")
@pytest.mark.parametrize("sent", [HEALTHY, HEALTHY[:20]], ids=["idle", "half a head"])
def test_130_idle_connections_keep_nobody_out(sent: bytes) -> None:
    server = WebServer(Far().app(), "127.0.0.1", 0)
    address = server.start()
    try:
        with connections(address, 130, sent) as held:
            for path in ("/-/healthy", "/metrics", "/api/v1/status"):
                assert httpx.get(f"http://{address[0]}:{address[1]}{path}", timeout=HANG).status_code == 200
            with contextlib.suppress(ConnectionResetError):
                while held[0].recv(1_000):  # it ends: the first of them has made room
                    pass
    finally:
        server.stop()


@pytest.mark.case("F3")
def test_busy_connections_keep_health_and_metrics_in_and_pages_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reserved_lane, "MAX_CONNECTIONS", 2)
    entered, leave = threading.Semaphore(0), threading.Event()
    far = Far()
    explain = far._explain

    def slow(*arguments: object) -> object:
        entered.release()
        leave.wait(HANG)
        return explain(*arguments)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(Far, "_explain", staticmethod(slow))
    server = WebServer(far.app(), "127.0.0.1", 0)
    host, port = server.start()
    name = str(far.snapshot.domains[0].domain.name).rstrip(".")
    page = f"GET /domains/{name} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    try:
        with socket.create_connection((host, port)) as one, socket.create_connection((host, port)) as other:
            for connection in (one, other):
                connection.sendall(page)
                assert entered.acquire(timeout=HANG)
            for path, status in (("/-/healthy", 200), ("/metrics", 200), ("/api/v1/status", 503), ("/", 503)):
                response = httpx.get(f"http://{host}:{port}{path}", timeout=HANG)
                assert response.status_code == status
                assert (response.headers.get("connection") == "close") is (status == 503)
            leave.set()
    finally:
        leave.set()
        server.stop()


def test_a_connection_is_in_the_lane_while_its_scrape_goes_on() -> None:
    entered, leave = threading.Event(), threading.Event()

    def long(accept: str) -> tuple[Body, str]:
        entered.set()
        leave.wait(HANG)
        return expose(accept)

    server = WebServer(Far(expose=long).app(), "127.0.0.1", 0)
    host, port = server.start()

    def in_lane() -> list[bool]:
        return [one.is_in_lane for one in server._server.server_state.connections]  # type: ignore[union-attr]  # all are ours

    try:
        with socket.create_connection((host, port)) as scraping:
            scraping.settimeout(HANG)
            scraping.sendall(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert entered.wait(HANG)
            assert in_lane() == [True]
            leave.set()
            assert scraping.recv(1_000).startswith(b"HTTP/1.1 200")
    finally:
        leave.set()
        server.stop()
