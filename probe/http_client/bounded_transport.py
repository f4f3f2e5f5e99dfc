"""httpx over connections on which a server that tells nothing is left, and on which others have their turn.

A connection whose TLS handshake is given up is closed, too: a server that accepts and never speaks would cost a file
descriptor each time it is asked.

httpx, h11 and h2 read for as long as anything comes, in pieces of 64 KiB, and take each apart without a pause: interim
responses (RFC 9110 section 15.2) without an end cost 85 % of a CPU until a time-out, 94 ms at a time, and PING frames
(RFC 9113 section 6.7), settings or empty DATA are of that kind (docs/security.md, *What was done to it*).
"""

import ssl
from collections.abc import AsyncIterator, Iterable
from typing import Any, Final

import httpcore
import httpx

from probe.http_client.turn import let_others_run

MAX_UNTOLD: Final = 65_536
"""Octets that may come before a response's head, or between two pieces of its body: as much as the head of an answer
may have that is checked (`probe.wire.http.response_head`). 2,600 interim responses take 0.04 s of CPU, and 7,300 empty
SETTINGS of HTTP/2 0.11 s."""
HTTP_PIECE: Final = 4_096
"""Octets taken apart in one turn of the event loop: 160 interim responses or 240 PINGs, which are 2 ms, or 450 empty
SETTINGS, which are 6."""
_FRAMING: Final = 2
"""Octets that one of a body may take on its way: chunks and frames of a few octets tell next to nothing, and those of
honest servers, of some hundred octets and more, have a tenth of framing."""
_FLOOD = f"more than {MAX_UNTOLD >> 10} KiB that tell nothing"


class BoundedTransport(httpx.AsyncHTTPTransport):
    """A transport of httpx for one server, or for few: its bound is on what all its connections bring together.

    Redirects, proxies and what httpx reads from the environment are the client's matter; a proxy is bounded alike.

    Args:
        verify: Whom to trust.
        http2: Whether it may be spoken.
        limits: Of connections.
        proxy: Through which everything goes.
    """

    def __init__(
        self,
        *,
        verify: ssl.SSLContext | bool,
        http2: bool = False,
        limits: httpx.Limits | None = None,
        proxy: str | httpx.URL | None = None,
    ) -> None:
        # httpx looks for no certificates in the environment: the context that is given decides
        super().__init__(verify=verify, trust_env=False, http2=http2, limits=limits or httpx.Limits(), proxy=proxy)
        self._untold = _Untold()
        self._pool._network_backend = _Backend(self._untold)  # noqa: SLF001  # httpx has no argument for it

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and give the response once its head has come.

        Raises:
            httpx.RemoteProtocolError: More came than `MAX_UNTOLD` before it. As the body is read, the same.
        """
        self._untold.octets = 0
        response = await super().handle_async_request(request)
        self._untold.octets = 0
        assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101  # for the type checker
        response.stream = _Body(response.stream, self._untold)
        return response


class _Untold:
    """How many octets have come that told nothing."""

    __slots__ = ("octets",)

    def __init__(self) -> None:
        self.octets = 0


class _Body(httpx.AsyncByteStream):
    def __init__(self, body: httpx.AsyncByteStream, untold: _Untold) -> None:
        self._body = body
        self._untold = untold

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._body:
            self._untold.octets = max(0, self._untold.octets - _FRAMING * len(piece))
            yield piece

    async def aclose(self) -> None:
        await self._body.aclose()


class _Backend(httpcore.AnyIOBackend):
    def __init__(self, untold: _Untold) -> None:
        self._untold = untold

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # as httpcore has it
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        stream = await super().connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(stream, self._untold)


class _Stream(httpcore.AsyncNetworkStream):
    def __init__(self, stream: httpcore.AsyncNetworkStream, untold: _Untold) -> None:
        self._stream = stream
        self._untold = untold

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109  # the same
        await let_others_run()  # what is decrypted already comes without any waiting
        data = await self._stream.read(min(max_bytes, HTTP_PIECE), timeout)
        self._untold.octets += len(data)
        if self._untold.octets > MAX_UNTOLD:
            raise httpcore.RemoteProtocolError(_FLOOD)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109  # the same
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  # the same
    ) -> httpcore.AsyncNetworkStream:
        try:
            secured = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except BaseException:
            # httpcore closes it for an Exception, and CancelledError is none: the event loop would keep it for ever.
            await self._stream.aclose()
            raise
        return _Stream(secured, self._untold)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
