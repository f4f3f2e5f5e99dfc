"""DNS over HTTPS (RFC 8484): POST through httpx to the address in the plan; the certificate must be valid."""

import ssl
from collections.abc import Callable

import httpx

from probe.http_client.bounded_transport import BoundedTransport
from probe.model.outcome import FailureReason
from probe.model.server import Server
from probe.wire.transport.dot import KEPT_OPEN_SECONDS
from probe.wire.transport.exchange import Exchange, Target
from probe.wire.transport.query import answers
from probe.wire.transport.transport_error import RejectedError

MEDIA_TYPE = "application/dns-message"
MAX_DNS_MESSAGE = 65_535
"""Bytes: the largest message (RFC 8484 section 6)."""
_CONNECTIONS = 4
"""Connections to one server that speaks HTTP/1.1; HTTP/2 needs one."""
_IDENTIFIER = b"\x00\x00"
"""RFC 8484 section 4.1: always 0; HTTP pairs responses with requests."""


class DohTransport:
    """Asks through one HTTP client per server, so that connections are kept.

    Redirects are never followed, proxies and .netrc of the environment are never used: an answer must come from the
    server that the plan names. Waiting is bounded by whoever cancels `ask`.

    Args:
        tls_context: Makes the context whose trust decides; called once, when the first question is asked.
    """

    def __init__(self, tls_context: Callable[[], ssl.SSLContext]) -> None:
        self._tls_context = tls_context
        self._context: ssl.SSLContext | None = None
        self._clients: dict[tuple[str, Target], httpx.AsyncClient] = {}

    async def ask(self, exchange: Exchange, target: Target) -> bytes:
        """Send the query to `target` and give the matched message without its id.

        Raises:
            RejectedError: The response is not a DNS message that answers the question.
            httpx.HTTPError, httpx.InvalidURL, OSError: See `probe.wire.transport.transport_error`.
        """
        server = exchange.lane.server
        url = httpx.URL(server.url or "")
        headers = {
            "Accept": MEDIA_TYPE,
            "Accept-Encoding": "identity",  # a compressed body could unfold into anything
            "Content-Type": MEDIA_TYPE,
            "Host": url.netloc.decode("ascii"),
        }
        exchange.counter.queries += 1
        async with self._client(url.host, target).stream(
            "POST",
            url.copy_with(host=target[0], port=target[1]),
            content=_IDENTIFIER + exchange.prepared.rest,
            headers=headers,
            extensions={"sni_hostname": url.host},
        ) as response:
            body = await _body(response)
        if body[:2] != _IDENTIFIER or not answers(exchange.prepared, body[2:]):
            exchange.counter.mismatched += 1
            raise RejectedError(FailureReason.MALFORMED, "the body does not answer the question")
        return body[2:]

    async def aclose(self) -> None:
        """Close every connection."""
        clients = tuple(self._clients.values())
        self._clients.clear()
        for client in clients:
            await client.aclose()

    def _client(self, host: str, target: Target) -> httpx.AsyncClient:
        client = self._clients.get((host, target))
        if client is None:
            if self._context is None:
                self._context = self._tls_context()
            client = self._clients[host, target] = httpx.AsyncClient(
                transport=BoundedTransport(
                    verify=self._context,
                    http2=True,
                    limits=httpx.Limits(max_connections=_CONNECTIONS, keepalive_expiry=KEPT_OPEN_SECONDS),
                ),
                trust_env=False,
                follow_redirects=False,
                timeout=None,  # noqa: S113  # the querier cancels: it has one timeout for all transports, on its Clock
            )
        return client


def target_port(server: Server) -> int:
    """Tell the port of a DoH server: its URL's, else the server's unless that is DNS's own default, else 443."""
    explicit = httpx.URL(server.url or "").port
    if explicit is not None:
        return explicit
    return 443 if server.port == 53 else server.port  # noqa: PLR2004  # DNS's port is the field's default


async def _body(response: httpx.Response) -> bytes:
    if response.status_code != httpx.codes.OK:
        raise RejectedError(FailureReason.UNREACHABLE, f"HTTP status {response.status_code}")
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type != MEDIA_TYPE:
        raise RejectedError(FailureReason.MALFORMED, f"content type {media_type or 'missing'}")
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise RejectedError(FailureReason.MALFORMED, "a compressed body, which was not asked for")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MAX_DNS_MESSAGE:
            raise RejectedError(FailureReason.MALFORMED, f"a body of more than {MAX_DNS_MESSAGE} bytes")
    return bytes(body)
