"""Over HTTPS: what is sent, whose answer is believed, and everything that is not a DNS message."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from probe.http_client.bounded_transport import BoundedTransport
from probe.model.outcome import FailureReason, NoResponse
from probe.model.server import Server, ServerRole, Transport
from probe.wire.transport.doh import target_port
from tests.hostile_http import SETTINGS_WITHOUT_END, WITHOUT_END, hostile
from tests.wire.http.certificates import Certificate, make_certificate
from tests.wire.http.https_server import hang, https_server
from tests.wire.loopback import free_port
from tests.wire.querying import LIMITS, HandClock, asking, once, response, silenced, traffic, until
from tests.wire.scriptable_server import SERVFAIL, Behaviour, broken_after_question
from tests.wire.transport.doh_server import Handler, answering, doh_server

ANSWER = Behaviour(answer=("www.example. 60 IN A 192.0.2.1",))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("doh"), "DNS:dns.example")


def doh(port: int, *, host: str = "dns.example") -> Server:
    return Server(
        "quad",
        "127.0.0.1",
        port,
        role=ServerRole.RESOLVER,
        transport=Transport.DOH,
        group="quad",
        url=f"https://{host}/dns-query",
    )


def test_a_question_is_posted_to_the_address_under_the_name_of_the_url(certificate: Certificate) -> None:
    async def scene() -> None:
        async with (
            doh_server(certificate, answering(ANSWER)) as served,
            asking(HandClock(), trust=certificate.trust()) as querier,
        ):
            assert (await response(querier, doh(served.port))).answer[0].rdata == ("192.0.2.1",)
            request = served.requests[0]
            assert request.method == "POST"
            assert request.headers["host"] == "dns.example"
            assert request.headers["content-type"] == request.headers["accept"] == "application/dns-message"
            assert (await request.body())[:2] == b"\x00\x00"
            assert traffic(querier, "quad", Transport.DOH).queries == 1

    asyncio.run(scene())


def test_connections_are_kept_between_questions(certificate: Certificate) -> None:
    async def scene() -> None:
        async with (
            doh_server(certificate, answering(ANSWER)) as served,
            asking(HandClock(), trust=certificate.trust()) as querier,
        ):
            for _ in range(3):
                await response(querier, doh(served.port))
            assert len({request.client for request in served.requests}) == 1

    asyncio.run(scene())


def test_eight_questions_at_once_take_four_connections(certificate: Certificate) -> None:
    async def scene() -> None:
        release = asyncio.Event()

        async def held(request: Request, body: bytes) -> Response:
            await release.wait()
            return await answering(ANSWER)(request, body)

        async with doh_server(certificate, held) as served, asking(HandClock(), trust=certificate.trust()) as querier:
            asked = [asyncio.ensure_future(response(querier, doh(served.port))) for _ in range(8)]
            await until(lambda: len(served.requests) == 4)
            release.set()
            await asyncio.gather(*asked)
            assert len({request.client for request in served.requests}) == 4

    asyncio.run(scene())


def test_a_connection_without_a_question_is_kept_for_ten_seconds(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time is httpx' own: what it is told is looked at."""
    kept: list[float] = []

    class Kept(BoundedTransport):
        def __init__(self, *, limits: httpx.Limits, **settings: Any) -> None:
            kept.append(limits.keepalive_expiry or 0.0)
            super().__init__(limits=limits, **settings)

    monkeypatch.setattr("probe.wire.transport.doh.BoundedTransport", Kept)

    async def scene() -> None:
        async with (
            doh_server(certificate, answering(ANSWER)) as served,
            asking(HandClock(), trust=certificate.trust()) as querier,
        ):
            await response(querier, doh(served.port))

    asyncio.run(scene())
    assert kept == [10.0]


def test_an_error_of_the_resolver_stays_a_response(certificate: Certificate) -> None:
    async def scene() -> None:
        async with (
            doh_server(certificate, answering(SERVFAIL)) as served,
            asking(HandClock(), trust=certificate.trust()) as querier,
        ):
            assert (await response(querier, doh(served.port))).rcode == "SERVFAIL"

    asyncio.run(scene())


def test_proxies_of_the_environment_are_not_used(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")

    async def scene() -> None:
        async with (
            doh_server(certificate, answering(ANSWER)) as served,
            asking(HandClock(), trust=certificate.trust()) as querier,
        ):
            assert (await response(querier, doh(served.port))).rcode == "NOERROR"

    asyncio.run(scene())


def _plain(**arguments: object) -> Handler:
    async def handle(_: Request, __: bytes) -> Response:
        return Response(**arguments)  # type: ignore[arg-type]  # each case names arguments of Response

    return handle


async def _redirect(_: Request, __: bytes) -> Response:
    return RedirectResponse("/dns-query", status_code=307)


async def _too_long(_: Request, __: bytes) -> Response:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield bytes(8192)

    return StreamingResponse(body(), media_type="application/dns-message")


def _compressed() -> Handler:
    content = zlib.compress(bytes(10_000_000))
    return _plain(content=content, headers={"content-type": "application/dns-message", "content-encoding": "deflate"})


@pytest.mark.parametrize(
    ("handler", "silence"),
    [
        pytest.param(_redirect, NoResponse(FailureReason.UNREACHABLE, "HTTP status 307"), id="redirect"),
        pytest.param(_plain(status_code=503), NoResponse(FailureReason.UNREACHABLE, "HTTP status 503"), id="503"),
        pytest.param(
            _plain(content=b"<html>sign in</html>", media_type="text/html"),
            NoResponse(FailureReason.MALFORMED, "content type text/html"),
            id="captive portal",
        ),
        pytest.param(_plain(content=b"x"), NoResponse(FailureReason.MALFORMED, "content type missing"), id="no type"),
        pytest.param(
            _too_long, NoResponse(FailureReason.MALFORMED, "a body of more than 65535 bytes"), id="too long a body"
        ),
        pytest.param(
            _compressed(), NoResponse(FailureReason.MALFORMED, "a compressed body, which was not asked for"), id="bomb"
        ),
        pytest.param(
            answering(Behaviour(answer=ANSWER.answer, question="other.example.")),
            NoResponse(FailureReason.MALFORMED, "the body does not answer the question"),
            id="wrong question",
        ),
        pytest.param(
            answering(Behaviour(answer=ANSWER.answer, wrong_id=True)),
            NoResponse(FailureReason.MALFORMED, "the body does not answer the question"),
            id="wrong id",
        ),
        pytest.param(
            _plain(media_type="application/dns-message"),
            NoResponse(FailureReason.MALFORMED, "the body does not answer the question"),
            id="empty body",
        ),
        pytest.param(
            answering(Behaviour(answer=ANSWER.answer, mangle=broken_after_question)),
            NoResponse(FailureReason.MALFORMED, "does not parse (FormError)"),
            id="broken message",
        ),
    ],
)
def test_whatever_is_no_dns_answer_is_a_silence(
    certificate: Certificate, handler: Handler, silence: NoResponse
) -> None:
    async def scene() -> None:
        async with (
            doh_server(certificate, handler) as served,
            asking(HandClock(), trust=certificate.trust()) as querier,
        ):
            assert await silenced(querier, doh(served.port)) == silence
            assert len(served.requests) == 1
            assert traffic(querier, "quad", Transport.DOH).failures == ((silence.reason, 1),)

    asyncio.run(scene())


@pytest.mark.parametrize("protocol", ["http/1.1", "h2"])
def test_a_server_that_tells_nothing_is_left_while_time_stands_still(certificate: Certificate, protocol: str) -> None:
    tls = certificate.server_context()
    tls.set_alpn_protocols([protocol])
    answer = {"http/1.1": WITHOUT_END["other answers first, without a pause"], "h2": SETTINGS_WITHOUT_END}

    async def scene() -> None:
        async with asking(HandClock(), trust=certificate.trust()) as querier:
            silence = await silenced(querier, doh(int(url.rpartition(":")[2])))
            assert silence == NoResponse(FailureReason.UNREACHABLE, "HTTP: more than 64 KiB that tell nothing")

    with hostile(answer[protocol], tls=tls) as url:
        asyncio.run(scene())


def test_a_certificate_for_another_name_is_not_believed(certificate: Certificate) -> None:
    async def scene() -> None:
        async with (
            doh_server(certificate, answering(ANSWER)) as served,
            asking(HandClock(), trust=certificate.trust()) as querier,
        ):
            silence = await silenced(querier, doh(served.port, host="other.example"))
            assert silence.reason is FailureReason.UNREACHABLE
            assert silence.detail.startswith("certificate: ")
            assert not served.requests

    asyncio.run(scene())


def test_a_server_that_does_not_answer_is_a_timeout(certificate: Certificate) -> None:
    async def scene() -> None:
        clock = HandClock()
        answer_now = asyncio.Event()

        async def wait(_: Request, __: bytes) -> Response:
            await answer_now.wait()
            return Response()

        async with (
            doh_server(certificate, wait) as served,
            asking(clock, trust=certificate.trust()) as querier,
        ):
            asked = asyncio.ensure_future(once(querier, doh(served.port)))
            await until(lambda: bool(served.requests))
            await clock.pass_time(LIMITS.timeout)
            assert (await asked).outcome == NoResponse(FailureReason.TIMEOUT, "no answer within 2 s")
            answer_now.set()

    asyncio.run(scene())


def test_a_port_where_nobody_listens_is_unreachable(certificate: Certificate) -> None:
    async def scene() -> None:
        async with asking(HandClock(), trust=certificate.trust()) as querier:
            assert (await silenced(querier, doh(free_port()))).reason is FailureReason.UNREACHABLE

    asyncio.run(scene())


@pytest.mark.parametrize("url", ["", "https://[broken/dns-query", "ftp://dns.example/", "https://dns.example:99999/"])
def test_an_unusable_url_is_a_silence(certificate: Certificate, url: str) -> None:
    async def scene() -> None:
        async with asking(HandClock(), trust=certificate.trust()) as querier:
            server = Server("bad", "127.0.0.1", free_port(), transport=Transport.DOH, url=url)
            assert (await silenced(querier, server)).reason is FailureReason.UNREACHABLE

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("url", "port", "expected"),
    [
        ("https://dns.example/dns-query", 53, 443),
        ("https://dns.example/dns-query", 8443, 8443),
        ("https://dns.example:8053/dns-query", 53, 8053),
        ("https://dns.example:8053/dns-query", 8443, 8053),
    ],
)
def test_the_port_is_the_urls_or_else_the_servers(url: str, port: int, expected: int) -> None:
    assert target_port(Server("quad", "192.0.2.1", port, transport=Transport.DOH, url=url)) == expected


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_server_that_accepts_and_never_speaks_tls_costs_no_connection_that_stays_open(
    certificate: Certificate,
) -> None:
    async def scene() -> None:
        clock = HandClock()
        async with https_server(None, hang) as mute, asking(clock, trust=certificate.trust()) as querier:
            before = open_files()
            for number in range(6):
                asked = asyncio.ensure_future(once(querier, doh(mute.port)))
                await until(lambda number=number: len(mute.requests) > number)  # type: ignore[misc]  # bound at once
                await clock.pass_time(LIMITS.timeout)
                assert (await asked).outcome == NoResponse(FailureReason.TIMEOUT, "no answer within 2 s")
            assert open_files() - before <= 6 + 1  # what the server holds until it notices, and one that is closing

    asyncio.run(scene())
