"""One TLS connection to a server that nobody vouches for: all that it may send is bounded, and so is what it costs.

TLS runs over memory here, and every octet comes through `TlsStream`: certificates, session tickets, key updates, empty
records and what is in them. A library that reads for its caller takes what is there for as long as anything is, and so
a server that sends without a pause (interim responses, records of one octet) had the event loop for itself.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

from probe.http_client.turn import let_others_run
from probe.wire.transport.exchange import Target

T = TypeVar("T")

MAX_RECEIVED: Final = 262_144
"""Octets of one connection, with all of TLS: OpenSSL takes 100 KiB of certificates, `MAX_RESPONSE_HEAD` is 64 KiB."""
TLS_PIECE: Final = 16_384
"""Octets of them in one turn of the loop: a full TLS record, or 700 records of one octet, which are a millisecond."""


class FloodError(Exception):
    """It sends more than anybody needs who has something to say."""


class TlsStream:
    """A connection whose TLS is our own side's. Belongs to one event loop; close it.

    Args:
        context: Whom to trust.
        name: The server's, for SNI and its certificate.
    """

    def __init__(self, context: ssl.SSLContext, name: str) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        self._socket: socket.socket | None = None
        self._received = 0

    async def connect(self, target: Target) -> None:
        """Connect to an address.

        Raises:
            OSError: It cannot be.
        """
        self._socket = socket.socket(socket.AF_INET6 if ":" in target[0] else socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setblocking(False)  # noqa: FBT003  # the socket's own way
        await asyncio.get_running_loop().sock_connect(self._socket, target)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def shake_hands(self) -> None:
        """Negotiate.

        Raises:
            OSError: The connection fails, or TLS does (`ssl.SSLError` is one).
            FloodError: It has no end.
        """
        try:
            await self._until_done(self.tls.do_handshake)
        except ssl.SSLError:
            if self._outgoing.pending and self._socket is not None:
                with suppress(OSError):  # the alert: a server's log has a reason then, if it still listens
                    self._socket.send(self._outgoing.read())
            raise

    async def send(self, data: bytes) -> None:
        """Send all of it; raises as `shake_hands` does."""
        await self._until_done(lambda: self.tls.write(data))

    async def receive(self) -> bytes:
        """Give what has come, at least an octet, or nothing at the connection's end; raises as `shake_hands` does."""
        return await self._until_done(self._read)

    def close(self) -> None:
        """Leave it, whatever is still to come."""
        if self._socket is not None:
            self._socket.close()

    def _read(self) -> bytes:
        """Read all records that are here: one of them may hold one octet."""
        pieces: list[bytes] = []
        try:
            while piece := self.tls.read(TLS_PIECE):
                pieces.append(piece)
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):  # its end, with a word or without
            pass
        except ssl.SSLWantReadError:
            if not pieces:
                raise
        return b"".join(pieces)

    async def _until_done(self, step: Callable[[], T]) -> T:
        while True:
            try:
                done = step()
            except ssl.SSLWantReadError:
                await self._flush()
                await self._take_in()
            else:
                await self._flush()
                return done

    async def _flush(self) -> None:
        if self._outgoing.pending:
            assert self._socket is not None  # noqa: S101  # connected before, for the type checker
            await asyncio.get_running_loop().sock_sendall(self._socket, self._outgoing.read())

    async def _take_in(self) -> None:
        assert self._socket is not None  # noqa: S101  # connected before, for the type checker
        await let_others_run()  # what is there already comes without any waiting
        data = await asyncio.get_running_loop().sock_recv(self._socket, TLS_PIECE)
        self._received += len(data)
        if self._received > MAX_RECEIVED:
            raise FloodError
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()
