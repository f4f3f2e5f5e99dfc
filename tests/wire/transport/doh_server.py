"""A DoH server on loopback for tests: HTTP/1.1 over TLS, and it does what a test tells it to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple, TypeAlias

import dns.message
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.wire.http.certificates import Certificate
from tests.wire.loopback import free_port
from tests.wire.scriptable_server import Behaviour, respond

Handler: TypeAlias = Callable[[Request, bytes], Awaitable[Response]]


class Doh(NamedTuple):
    """A running server: its port, and every request it got."""

    port: int
    requests: list[Request]


def answering(behaviour: Behaviour, **changes: str) -> Handler:
    """Answer as a name server would that behaves so; `changes` are other response headers."""

    async def handle(_: Request, body: bytes) -> Response:
        message = respond(dns.message.from_wire(body), behaviour, udp=False)
        headers = {"content-type": "application/dns-message"} | {
            name.replace("_", "-"): changes[name] for name in changes
        }
        return Response(message, headers=headers)

    return handle


@asynccontextmanager
async def doh_server(certificate: Certificate, handler: Handler) -> AsyncIterator[Doh]:
    """Serve `/dns-query` until the block ends."""
    requests: list[Request] = []

    async def endpoint(request: Request) -> Response:
        requests.append(request)
        return await handler(request, await request.body())

    app = Starlette(routes=[Route("/dns-query", endpoint, methods=["GET", "POST"])])
    port = free_port()
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        log_config=None,
        lifespan="off",
        ws="none",
        http="h11",
        timeout_graceful_shutdown=1,
        ssl_certfile=str(certificate.certificate),
        ssl_keyfile=str(certificate.key),
    )
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.001)  # noqa: TID251  # it starts in its own time
            assert not serving.done(), "the DoH server did not start"
        yield Doh(port, requests)
    finally:
        server.should_exit = True
        await serving
