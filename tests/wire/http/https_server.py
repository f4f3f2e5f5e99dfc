"""A TLS server pair's one half on a loopback address: it says what a test tells it to, byte by byte."""

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple, TypeAlias

import trustme

from probe.model.name import display

Handler: TypeAlias = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


class Served(NamedTuple):
    """A running server: where it is, the heads of the requests that it got, and the SNI of every handshake."""

    address: str
    port: int
    requests: list[bytes]
    names: list[str | None]


class Authority:
    """A test CA, and what it signs."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        self.ca = trustme.CA(organization_name="Test Authority")
        self.file = folder / f"{name}.pem"
        self.ca.cert_pem.write_to_path(str(self.file))

    def context(self, *names: str, expires: dt.datetime | None = None) -> ssl.SSLContext:
        """What a server with a certificate for these names uses."""
        leaf = self.ca.issue_cert(*map(display, names), not_after=expires)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        leaf.configure_cert(context)
        return context


def saying(head: str, body: bytes = b"") -> Handler:
    """Answer with this head, in one piece."""

    async def handle(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(head.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n" + body)
        await writer.drain()

    return handle


OK = saying("HTTP/1.1 200 OK\nContent-Length: 0\nServer: test")


async def hang(_request: bytes, _writer: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.Event().wait()


@asynccontextmanager
async def https_server(
    context: ssl.SSLContext | None, handler: Handler = OK, *, address: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[Served]:
    """Serve until the block ends; without a context, plainly."""
    served = Served(address, port, [], [])
    open_ones: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_ones.add(task)
        try:
            head = await reader.readuntil(b"\r\n\r\n") if context is not None else await reader.read(1024)
            served.requests.append(head)
            await handler(head, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client has gone, as it does over a body
        finally:
            open_ones.discard(task)
            writer.transport.abort()

    if context is not None:
        context.sni_callback = lambda _socket, name, _context: served.names.append(name)
    server = await asyncio.start_server(connected, address, port, ssl=context)
    try:
        yield served._replace(port=server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in tuple(open_ones):
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)
