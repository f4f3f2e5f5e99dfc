"""The server over real sockets."""

import asyncio
import contextlib
import socket
import threading

import httpx
import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from probe.telemetry.packed import Body
from probe.web import web_server
from probe.web.server_error import ServerError
from probe.web.web_server import WebServer
from tests.clock import LoopClock, run_virtual
from tests.patience import HANG
from tests.web.ports import Far

MAX_HEAD = 16384
PIECE = 1024
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


def test_start_gives_the_address_at_which_requests_are_answered() -> None:
    server = WebServer(Far().app(), "127.0.0.1", 0)
    host, port = server.start()
    try:
        assert httpx.get(f"http://{host}:{port}/-/healthy", timeout=HANG).text == "The probing loop is alive.\n"
    finally:
        server.stop()


def test_it_serves_on_ipv6() -> None:
    server = WebServer(Far().app(), "::1", 0)
    host, port = server.start()
    try:
        assert httpx.get(f"http://[{host}]:{port}/-/healthy", timeout=HANG).status_code == 200
    finally:
        server.stop()


def test_listening_everywhere_serves_both_families() -> None:
    server = WebServer(Far().app(), "::", 0)
    _, port = server.start()
    try:
        for host in ("[::1]", "127.0.0.1"):
            assert httpx.get(f"http://{host}:{port}/-/healthy", timeout=HANG).status_code == 200
    finally:
        server.stop()


def test_after_stop_nothing_listens_and_the_thread_is_gone() -> None:
    server = WebServer(Far().app(), "127.0.0.1", 0)
    host, port = server.start()
    server.stop()

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, port))
    assert "web" not in {thread.name for thread in threading.enumerate()}


def test_while_nobody_asks_it_looks_once_a_second_whether_to_end_and_ends_at_once_when_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[float] = []
    on_tick = uvicorn.Server.on_tick

    async def counted(self: uvicorn.Server, counter: int) -> bool:
        looks.append(asyncio.get_running_loop().time())
        return await on_tick(self, counter)

    monkeypatch.setattr(uvicorn.Server, "on_tick", counted)
    server = web_server._Announcing(uvicorn.Config(Far().app(), log_config=None), None)

    async def scenario(clock: LoopClock) -> float:
        serving = asyncio.create_task(server.main_loop())
        await clock.sleep(60.5)
        server.end()
        await serving
        return clock.now().monotonic

    ended = run_virtual(scenario)
    assert len(looks) == 62
    assert ended == pytest.approx(looks[0] + 60.5, abs=0.01)


def test_stopping_twice_or_before_the_start_is_no_mistake() -> None:
    server = WebServer(Far().app(), "127.0.0.1", 0)
    server.stop()
    server.start()
    server.stop()
    server.stop()


def test_a_taken_port_is_reported_as_a_sentence_that_says_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ServerError) as raised:
            WebServer(Far().app(), "127.0.0.1", port).start()

    assert str(raised.value) == (
        f"HTTP cannot be served on 127.0.0.1:{port}: Address already in use."
        " Choose another address with `listen` in the plan, or stop what occupies it."
    )


def test_every_address_is_every_one_of_ipv4_where_the_kernel_has_no_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "has_dualstack_ipv6", lambda: False)
    server = WebServer(Far().app(), "::", 0)
    try:
        host, port = server.start()
        assert host == "0.0.0.0"
        with socket.create_connection(("127.0.0.1", port)):
            pass
    finally:
        server.stop()


def test_an_address_of_another_machine_is_reported_too() -> None:
    with pytest.raises(
        ServerError, match=r"^HTTP cannot be served on 192\.0\.2\.1:9953: Cannot assign requested address"
    ):
        WebServer(Far().app(), "192.0.2.1", 9953).start()


def test_a_head_request_has_the_headers_and_no_body() -> None:
    server = WebServer(Far().app(), "127.0.0.1", 0)
    host, port = server.start()
    try:
        response = httpx.head(f"http://{host}:{port}/metrics", headers={"accept-encoding": "identity"}, timeout=HANG)
    finally:
        server.stop()

    assert response.status_code == 200
    assert response.headers["content-length"] == "5"
    assert response.content == b""


def test_health_is_answered_while_a_scrape_takes_its_time() -> None:
    entered, leave = threading.Event(), threading.Event()
    far = Far()

    def slow(_accept: str) -> tuple[Body, str]:
        entered.set()
        leave.wait(HANG)
        return Body((b"up 1\n",)), "text/plain"

    far.expose = slow
    server = WebServer(far.app(), "127.0.0.1", 0)
    host, port = server.start()
    try:
        scrape = threading.Thread(target=httpx.get, args=(f"http://{host}:{port}/metrics",), kwargs={"timeout": HANG})
        scrape.start()
        assert entered.wait(HANG)
        assert httpx.get(f"http://{host}:{port}/-/healthy", timeout=HANG).status_code == 200
        leave.set()
        scrape.join()
    finally:
        leave.set()
        server.stop()


def test_an_application_that_fails_does_not_take_the_server_with_it() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/broken":
            raise RuntimeError("broken")
        await PlainTextResponse("fine")(scope, receive, send)

    server = WebServer(broken, "127.0.0.1", 0)
    host, port = server.start()
    try:
        assert httpx.get(f"http://{host}:{port}/broken", timeout=HANG).status_code == 500
        assert httpx.get(f"http://{host}:{port}/", timeout=HANG).text == "fine"
    finally:
        server.stop()


@pytest.mark.parametrize(
    "request_head",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 70_000,
        b"GET /" + b"a" * 70_000,
        b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    ],
)
def test_a_request_that_is_none_is_refused_and_the_next_one_is_answered(request_head: bytes) -> None:
    server = WebServer(Far().app(), "127.0.0.1", 0)
    host, port = server.start()
    try:
        with socket.create_connection((host, port)) as connection:
            connection.settimeout(HANG)
            connection.sendall(request_head)
            assert connection.recv(100).startswith(b"HTTP/1.1 400 ")
        assert httpx.get(f"http://{host}:{port}/-/healthy", timeout=HANG).status_code == 200
    finally:
        server.stop()


def test_a_client_that_sends_no_request_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_server, "HEAD_SECONDS", 0.05)
    server = WebServer(Far().app(), "127.0.0.1", 0)
    host, port = server.start()
    try:
        for sent in (b"", b"GET / HTTP/1.1\r\nHost: "):
            with socket.create_connection((host, port)) as connection:
                connection.settimeout(HANG)
                connection.sendall(sent)
                with contextlib.suppress(ConnectionResetError):
                    assert connection.recv(1) == b""
    finally:
        server.stop()


def test_a_client_that_does_not_read_its_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_server, "HEAD_SECONDS", 0.05)
    monkeypatch.setattr(web_server, "SAME_SECONDS", 0.05)
    cut = threading.Event()

    async def large(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"series 1\n" * 4_000_000, "more_body": True})
        if (await receive())["type"] == "http.disconnect":
            cut.set()

    server = WebServer(large, "127.0.0.1", 0)
    host, port = server.start()
    try:
        with socket.create_connection((host, port)) as connection:
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            assert cut.wait(HANG)
    finally:
        server.stop()


class Line(asyncio.Transport):
    """A connection of which nothing is seen but when it was ended."""

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self.ended: list[tuple[str, float]] = []

    def get_extra_info(self, name: str, default: object = None) -> object:
        return {"peername": ("192.0.2.1", 40_000), "sockname": ("192.0.2.2", 9953)}.get(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Say nothing to anybody."""

    def is_closing(self) -> bool:
        return bool(self.ended)

    def close(self) -> None:
        self.ended.append(("closed", self._loop.time()))

    def abort(self) -> None:
        self.ended.append(("cut", self._loop.time()))


async def _answers(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def _waits(_scope: Scope, _receive: Receive, _send: Send) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("app", "asked", "ended"),
    [(_answers, False, ("cut", 10.0)), (_answers, True, ("closed", 76.0)), (_waits, True, ("cut", 85.0))],
    ids=["no request", "idle since the answer", "one answer without an end"],
)
def test_a_connection_gets_ten_seconds_for_its_request_and_75_for_the_next(
    app: ASGIApp, *, asked: bool, ended: tuple[str, float]
) -> None:
    """Its request comes after a second; longer than a minute is what a scrape needs to find it again."""
    config = WebServer(app, "127.0.0.1", 0)._server.config

    async def scene(clock: LoopClock) -> list[tuple[str, float]]:
        line = Line()
        made = config.http_protocol_class(config=config, server_state=ServerState(), app_state={})  # type: ignore[call-arg]  # uvicorn names no type
        made.connection_made(line)
        await clock.sleep(1.0)
        if asked:
            made.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await clock.sleep(120.0)
        return line.ended

    assert run_virtual(scene)[:1] == [ended]


def test_open_answers_get_five_seconds_to_end_and_128_connections_may_wait_to_be_taken() -> None:
    config = WebServer(_answers, "127.0.0.1", 0)._server.config
    assert (config.timeout_graceful_shutdown, config.backlog) == (5, 128)


def test_stopping_does_not_wait_for_ever_for_an_answer_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_server, "STOP_SECONDS", 0.05)
    entered, leave, left = threading.Event(), threading.Event(), threading.Event()

    def stuck(_accept: str) -> tuple[Body, str]:
        entered.set()
        leave.wait(HANG)
        left.set()
        return Body((b"",)), "text/plain"

    server = WebServer(Far(expose=stuck).app(), "127.0.0.1", 0)
    address = server.start()
    with socket.create_connection(address) as connection:
        connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        assert entered.wait(HANG)

        server.stop()

        assert not left.is_set()
        leave.set()
        for thread in threading.enumerate():  # it may have been abandoned in time to end by itself
            if thread.name == "web":
                thread.join()


def exchange(data: bytes) -> bytes:
    """Send bytes to a server, and give everything that it says until it closes."""
    server = WebServer(Far().app(), "127.0.0.1", 0)
    address = server.start()
    told = b""
    try:
        with socket.create_connection(address) as connection, contextlib.suppress(ConnectionError):
            connection.settimeout(HANG)
            connection.sendall(data)
            while part := connection.recv(65_536):
                told += part
    finally:
        server.stop()
    return told


@pytest.mark.case("F8")
@pytest.mark.parametrize(
    "long",
    [
        pytest.param(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", id="header"),
        pytest.param(
            b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(10_000)) + b"\r\n",
            id="10,000 headers",
        ),
        pytest.param(b"GET /?q=" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", id="URL"),
        pytest.param(b"GET /-/healthy HTTP/1.1\r\nX: " + b"a" * (MAX_HEAD + PIECE) + b"\r\n\r\n", id="just too long"),
    ],
)
def test_a_head_that_comes_whole_is_bounded_like_one_that_comes_in_parts(long: bytes) -> None:
    told = exchange(long)
    assert not told or told.startswith(b"HTTP/1.1 400 ")  # a reset takes what was said with it
    assert b" 200 " not in told


def test_a_head_of_the_bound_is_read() -> None:
    head = b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: "
    assert exchange(head + b"a" * (MAX_HEAD - len(head) - 4) + b"\r\n\r\n").startswith(b"HTTP/1.1 200 ")


@pytest.mark.case("F8")
@pytest.mark.parametrize(
    "first",
    [
        pytest.param(b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", id="both lengths"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", id="chunked"),
        pytest.param(b"Content-Length: 5000\r\n\r\n" + b"a" * 5_000, id="large body"),
        pytest.param(b"Content-Length: 4\r\nContent-Length: 5\r\n\r\naaaaa", id="two lengths"),
    ],
)
@pytest.mark.parametrize("path", [b"/-/reload", b"/-/healthy"])
def test_nothing_is_read_behind_a_body_that_is_refused(first: bytes, path: bytes) -> None:
    hidden = b"GET /api/v1/status HTTP/1.1\r\nHost: x\r\n\r\n"
    told = exchange(b"POST " + path + b" HTTP/1.1\r\nHost: x\r\n" + first + hidden)
    assert told.startswith((b"HTTP/1.1 413 ", b"HTTP/1.1 400 "))
    assert told.count(b"HTTP/1.1 ") == 1


@pytest.mark.case("F8")
@pytest.mark.parametrize("path", [b"/-/reload", b"/-/healthy"])
def test_a_body_that_turns_out_to_be_none_is_refused_once_and_leaves_no_traceback(
    path: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Its request is answered already when it does; uvicorn would answer again."""
    told = exchange(
        b"POST " + path + b" HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0;" + b"a" * 70_000 + b"\r\n\r\n"
    )
    assert told.count(b"HTTP/1.1 ") <= 1  # a reset takes what was said with it
    assert not [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}]


@pytest.mark.case("F8")
def test_a_body_that_turns_out_to_be_none_ends_an_answer_that_is_under_way(caplog: pytest.LogCaptureFixture) -> None:
    begun = threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"3")]})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        begun.set()
        while (await receive())["type"] != "http.disconnect":
            pass

    server = WebServer(app, "127.0.0.1", 0)
    address = server.start()
    try:
        with socket.create_connection(address) as connection, contextlib.suppress(ConnectionError):
            connection.settimeout(HANG)
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            assert begun.wait(HANG)
            connection.sendall(b"none\r\n\r\n")
            told = b""
            while part := connection.recv(65_536):
                told += part
            assert told.endswith(b"\r\n\r\na")
    finally:
        server.stop()
    assert not [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}]


def _request(line: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join((line, b"Host: 127.0.0.1", *headers, b"Connection: close", b"", b""))


ODD = {
    "an upgrade to HTTP/2": _request(b"GET / HTTP/1.1", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__"),
    "HTTP/2 by prior knowledge": b"PRI * HTTP/2.0\r\n\r\n" + _request(b"SM / HTTP/1.1"),
    "TLS": bytes.fromhex("160301020001000001fc0303") + bytes(range(256)) * 2,
    "an upgrade to a WebSocket": _request(
        b"GET /api/v1/nowhere HTTP/1.1", b"Upgrade: websocket", b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    ),
    "options of all": _request(b"OPTIONS * HTTP/1.1"),
    "a preflight of a browser": _request(
        b"OPTIONS /-/reload HTTP/1.1", b"Origin: http://evil.example", b"Access-Control-Request-Method: POST"
    ),
    "trace": _request(b"TRACE / HTTP/1.1", b"Cookie: secret"),
    "connect": b"CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    "another server's URL": _request(b"GET http://169.254.169.254/latest/ HTTP/1.1"),
    "a method that is none": _request(b"\x7fX / HTTP/1.1"),
    "put": _request(b"PUT / HTTP/1.1"),
    "3,000 ranges": _request(b"GET /metrics HTTP/1.1", b"Range: bytes=" + b"0-1," * 3_000),
    "one octet": _request(b"GET / HTTP/1.1", b"Range: bytes=0-0"),
    "many keys": _request(b"GET /?" + b"&".join(b"k%d=1" % n for n in range(1_500)) + b" HTTP/1.1"),
    "folders above": _request(b"GET /../../../etc/passwd HTTP/1.1"),
    "folders above, escaped": _request(b"GET /static/%2e%2e/%2e%2e/etc/passwd HTTP/1.1"),
    "folders above, escaped twice": _request(b"GET /static/%252e%252e%252fetc/passwd HTTP/1.1"),
    "another host's path": _request(b"GET //evil.example/%2f.. HTTP/1.1"),
    "a zero in a path": _request(b"GET /static/%00 HTTP/1.1"),
    "a path that is no text": _request(b"GET /domains/%ff%fe%zz HTTP/1.1"),
    "a line in a path": _request(b"GET /domains/%0d%0aSet-Cookie:x=1 HTTP/1.1"),
    "no host": b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
    "two hosts": _request(b"GET / HTTP/1.1", b"Host: evil.example"),
    "a host with a user": b"GET / HTTP/1.1\r\nHost: evil.example@127.0.0.1\r\nConnection: close\r\n\r\n",
    "HTTP/1.0": b"GET /-/healthy HTTP/1.0\r\n\r\n",
    "HTTP/9.9": _request(b"GET / HTTP/9.9"),
    "a negative length": _request(b"POST /-/reload HTTP/1.1", b"Content-Length: -1"),
    "an endless length": _request(b"POST /-/reload HTTP/1.1", b"Content-Length: " + b"9" * 40),
    "another coding": _request(b"POST /-/reload HTTP/1.1", b"Transfer-Encoding: \x0bchunked") + b"0\r\n\r\n",
    "a folded header": _request(b"GET / HTTP/1.1", b"X: a\r\n b"),
    "line feeds alone": b"GET / HTTP/1.1\nHost: 127.0.0.1\nConnection: close\n\n",
    "encodings without end": _request(b"GET / HTTP/1.1", b"Accept-Encoding: " + b"gzip;q=0.1," * 1_000),
    "types without end": _request(b"GET /metrics HTTP/1.1", b"Accept: " + b"application/openmetrics-text;q=0.5," * 400),
    "tags without end": _request(b"GET / HTTP/1.1", b"If-None-Match: " + b'"a",' * 3_000),
    "cookies without end": _request(b"GET / HTTP/1.1", b"Cookie: " + b"a=b;" * 3_000),
    "an event that never was": _request(b"GET /api/v1/nowhere HTTP/1.1", b"Last-Event-ID: " + b"9" * 10_000),
    "a promise of more": _request(b"POST /-/healthy HTTP/1.1", b"Expect: 100-continue", b"Content-Length: 5"),
}


@pytest.mark.case("F8")
@pytest.mark.parametrize("odd", ODD)
def test_whatever_is_sent_is_answered_once_or_refused_and_leaves_no_traceback(
    odd: str, caplog: pytest.LogCaptureFixture
) -> None:
    told = exchange(ODD[odd])
    assert told.count(b"HTTP/1.1 ") <= max(1, ODD[odd].count(b"HTTP/"))
    assert not told or told[9:12] in {b"200", b"400", b"404", b"405", b"413", b"416", b"421"}
    assert b"root:" not in told
    assert b"secret" not in told
    assert b"Set-Cookie" not in told.partition(b"\r\n\r\n")[0]
    assert not [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}]
