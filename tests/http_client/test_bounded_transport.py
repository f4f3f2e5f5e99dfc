"""Servers that tell nothing, however much they send: each is left, others have turns, and honest ones are read.

Real connections on loopback. No case waits for a time-out: whatever is not left hangs, and pytest says so.
"""

import asyncio
import ssl
from collections.abc import Iterator
from itertools import repeat

import httpcore
import httpx
import pytest

from probe.http_client.bounded_transport import BoundedTransport
from probe.http_client.turn import let_others_run
from tests.hostile_http import OK, WITHOUT_END, Answer, hostile, whole
from tests.patience import HANG
from tests.wire.http.certificates import Certificate, make_certificate

MAX_UNTOLD, HTTP_PIECE = 65_536, 4_096
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""
LEFT = "more than 64 KiB that tell nothing"

INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"
SETTINGS = bytes.fromhex("000000 04 00 00000000")
PING = bytes.fromhex("000008 06 00 00000000") + b"anything"
HEADERS = bytes.fromhex("000001 01 04 00000001 88")
EMPTY_DATA = bytes.fromhex("000000 00 00 00000001")
"""Frames of HTTP/2 (RFC 9113 section 6); the headers are those of the response 200 to the first request."""


def endless(first: bytes, again: bytes) -> Answer:
    """Answer with `first`, and then for ever, in pieces of some 64 KiB."""

    def pieces() -> Iterator[bytes]:
        yield first
        yield from repeat(again * (65_536 // len(again)))

    return Answer(pieces)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("bounded"), "IP:127.0.0.1")


def alpn(certificate: Certificate, *protocols: str) -> ssl.SSLContext:
    context = certificate.server_context()
    context.set_alpn_protocols(protocols)
    return context


def test_a_connection_whose_handshake_is_given_up_is_closed() -> None:
    """The event loop would keep it open for ever: a file descriptor each time that such a server is asked."""

    async def given_up() -> None:
        begun, ended = asyncio.Event(), asyncio.Event()

        async def never_speaks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            begun.set()
            while await reader.read(65_536):
                pass
            ended.set()
            writer.close()

        server = await asyncio.start_server(never_speaks, "127.0.0.1", 0)
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        transport = BoundedTransport(verify=True)
        async with server, httpx.AsyncClient(transport=transport, timeout=None) as http:  # noqa: S113  # see above
            asking = asyncio.create_task(http.get(url))
            await begun.wait()
            asking.cancel()
            await asyncio.wait([asking])
            await asyncio.wait_for(ended.wait(), HANG)
        assert asking.cancelled()

    asyncio.run(given_up())


class Asked:
    """How many octets of a body were read."""

    def __init__(self) -> None:
        self.octets = 0


async def asked(url: str, transport: BoundedTransport, seen: Asked) -> None:
    async with (
        httpx.AsyncClient(transport=transport, timeout=None) as http,  # noqa: S113  # see above
        http.stream("GET", url) as response,
    ):
        async for piece in response.aiter_raw():
            seen.octets += len(piece)


def fails(answer: Answer, tls: ssl.SSLContext | None = None, trust: ssl.SSLContext | None = None) -> Asked:
    """Ask a server that is to be left, and see that nothing of it stays."""
    seen = Asked()
    with hostile(answer, tls=tls) as url:
        transport = BoundedTransport(verify=trust or False, http2=True)
        with pytest.raises(httpx.RemoteProtocolError, match=LEFT):
            asyncio.run(asked(url, transport, seen))
    return seen  # the server's threads have ended: the connection was closed


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(endless(b"", INTERIM), id="interim responses"),
        pytest.param(endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0"), id="a chunk's length"),
        pytest.param(endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"2\r\n!!\r\n"), id="chunks of two octets"),
        pytest.param(WITHOUT_END["a header"], id="a header"),
        pytest.param(WITHOUT_END["headers"], id="headers"),
    ],
)
def test_a_server_that_tells_nothing_is_left(answer: Answer) -> None:
    fails(answer)


class Ready(httpcore.AsyncMockStream):
    """A connection on which something is there already, whenever it is read: nothing of it waits.

    Attributes:
        pieces: The octets of each reading.
    """

    def __init__(self) -> None:
        super().__init__([])
        self.pieces: list[int] = []

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002, ASYNC109  # as it is
        self.pieces.append(max_bytes)
        return (INTERIM * (max_bytes // len(INTERIM) + 1))[:max_bytes]


def test_others_have_a_turn_before_every_4_kib_that_are_there_already(monkeypatch: pytest.MonkeyPatch) -> None:
    ready = Ready()
    turns = 0

    async def connected(*_: object) -> Ready:
        return ready

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await let_others_run()

    async def main() -> None:
        turning = asyncio.ensure_future(others())
        with pytest.raises(httpx.RemoteProtocolError, match=LEFT):
            await asked("http://192.0.2.1/", BoundedTransport(verify=False), Asked())
        turning.cancel()

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connected)
    asyncio.run(main())
    assert set(ready.pieces) == {HTTP_PIECE}
    assert turns >= len(ready.pieces) == MAX_UNTOLD // HTTP_PIECE + 1


def test_the_same_over_tls(certificate: Certificate) -> None:
    fails(endless(b"", INTERIM), alpn(certificate, "http/1.1"), certificate.trust())


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(endless(SETTINGS, PING), id="PINGs before the head"),
        pytest.param(endless(SETTINGS + HEADERS, PING), id="PINGs in place of a body"),
        pytest.param(endless(SETTINGS + HEADERS, EMPTY_DATA), id="a body of nothing"),
        pytest.param(endless(SETTINGS, SETTINGS), id="settings"),
    ],
)
def test_the_same_over_http_2(certificate: Certificate, answer: Answer) -> None:
    seen = fails(answer, alpn(certificate, "h2"), certificate.trust())
    assert seen.octets == 0


def test_a_long_body_in_chunks_of_eight_octets_is_read_to_its_end() -> None:
    seen = Asked()
    head = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    with hostile(Answer(lambda: [head, b"8\r\n honest \r\n" * MAX_UNTOLD, b"0\r\n\r\n"])) as url:
        asyncio.run(asked(url, BoundedTransport(verify=False), seen))
    assert seen.octets == 8 * MAX_UNTOLD


def test_a_long_body_is_read_to_its_end() -> None:
    seen = Asked()
    with hostile(whole(b" " * (16 * MAX_UNTOLD))) as url:
        asyncio.run(asked(url, BoundedTransport(verify=False), seen))
    assert seen.octets == 16 * MAX_UNTOLD


@pytest.mark.parametrize(("more", "left"), [(-1, False), (1, True)])
def test_what_comes_before_a_head_may_have_64_kib(more: int, left: bool) -> None:  # noqa: FBT001
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    interim, rest = divmod(MAX_UNTOLD + more - len(body), len(INTERIM))
    filled = INTERIM * (interim - 1) + INTERIM.replace(b"Continue", b"Continue" + b"!" * rest)
    seen = Asked()
    with hostile(Answer(lambda: [filled + body])) as url:
        asking = asked(url, BoundedTransport(verify=False), seen)
        if left:
            with pytest.raises(httpx.RemoteProtocolError, match=LEFT):
                asyncio.run(asking)
        else:
            asyncio.run(asking)


def test_requests_one_after_the_other_have_a_bound_each() -> None:
    answer = whole(b"", "X: " + "x" * (MAX_UNTOLD // 2))

    async def four(url: str) -> None:
        transport = BoundedTransport(verify=False)
        for _ in range(4):
            await asked(url, transport, Asked())

    with hostile(answer) as url:
        asyncio.run(four(url))


def test_a_proxy_is_bounded_alike() -> None:
    seen = Asked()
    with hostile(endless(b"", INTERIM)) as proxy, pytest.raises(httpx.RemoteProtocolError, match=LEFT):
        asyncio.run(asked("http://192.0.2.1/", BoundedTransport(verify=False, proxy=proxy), seen))
