"""What AWS answers, whole or not at all: bounded in octets, in time altogether, and in what parsing it would cost.

boto3's own HTTP waits for the next octets only, and reads on for as long as some come: a proxy in the place of AWS, or
a broken one on the way, would hold a reading for ever, or fill the memory. What is asked and signed is boto3's, and so
are the proxies and certificates that it goes by. What a machine or a container says of its own role (169.254.169.254)
is fetched by boto3 itself: whoever answers there hands out the credentials.
"""

import asyncio
import os
import ssl
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from probe.inventory.reading.manifests import UnreadableSource
from probe.inventory.reading.thread_loop import ThreadLoop

CONNECT_SECONDS, SILENT_SECONDS = 5.0, 30.0
"""For a connection, and for an answer's next octets: a page of 300 record sets takes Route 53 less than a second."""

ANSWER_SECONDS = 60.0
"""For one answer altogether, with its connection: what comes octet by octet ends as well, in its head or after it."""

MAX_OCTETS = 16 * 1024 * 1024
"""Of one answer: a page of 300 record sets is some 150 kB, and of such as have Route 53's 32,000 characters 10 MB."""

MAX_MARKS = 600_000
"""Of one answer: `<`, `=`, `,`, `[` and `{`, of which each begins another value at most. A value takes 60 to 200 octets
of memory, so that 16 MiB of empty elements would take 700 MiB; and one to three microseconds in which no question
leaves, because the parser lets no other thread have its turn. A page of 300 record sets with Route 53's 400 values each
has 490,000."""

_BEGINNINGS = (b"<", b"=", b",", b"[", b"{")
_DECLARES = (b"<!DOCTYPE", b"<!ENTITY")
"""In no answer of AWS: entities made of entities could become any number of octets. boto3 reads UTF-8 alone."""


class AwsHttp:
    """Sends what boto3 has signed. Register `send` for the event `before-send`, so that boto3 sends nothing itself.

    Args:
        authority: A file of certificates that are trusted (`ca_bundle`); empty takes what boto3 takes.
    """

    def __init__(self, authority: str) -> None:
        self._authority = authority
        self._tls: ssl.SSLContext | None = None

    def send(self, request: Any, event_name: str = "", **_: object) -> Any:
        """Ask once, and give boto3's response.

        Args:
            request: boto3's.
            event_name: `before-send`, the service and the operation, with points between.

        Raises:
            UnreadableSource: What came has no end, or would cost too much.
            botocore.exceptions.BotoCoreError: Nothing came, as boto3's own HTTP has it.
        """
        from botocore.awsrequest import AWSResponse  # noqa: PLC0415  # an extra that may be missing

        action = event_name.rpartition(".")[2]
        try:
            with asyncio.Runner(loop_factory=ThreadLoop) as runner:
                status, headers, body = runner.run(self._whole(request, action))
        except TimeoutError:
            raise UnreadableSource(
                f"the answer to {action} did not end within {ANSWER_SECONDS:g} s and was left: a proxy on the way may "
                "have given it"
            ) from None
        except httpx.HTTPError as error:
            raise _in_words_of_boto3(error, request.url) from None
        return AWSResponse(request.url, status, headers, _Whole(body))

    async def _whole(self, request: Any, action: str) -> tuple[int, Mapping[str, str], bytes]:
        async with (
            asyncio.timeout(ANSWER_SECONDS),
            self._client(request.url) as client,
            client.stream(
                request.method, request.url, headers=list(request.headers.items()), content=request.body
            ) as response,
        ):
            body = bytearray()
            async for piece in response.aiter_raw():
                body += piece
                if len(body) > MAX_OCTETS:
                    raise UnreadableSource(_too_much(action, f"{MAX_OCTETS:,} octets"))
            if sum(map(body.count, _BEGINNINGS)) > MAX_MARKS:
                raise UnreadableSource(_too_much(action, f"{MAX_MARKS:,} values"))
            if any(one in body for one in _DECLARES):
                raise UnreadableSource(_too_much(action, "values: it declares some of its own"))
            return response.status_code, dict(response.headers), bytes(body)

    def _client(self, url: str) -> httpx.AsyncClient:
        from botocore.exceptions import InvalidProxiesConfigError  # noqa: PLC0415  # as above
        from botocore.utils import get_environ_proxies  # noqa: PLC0415  # as above

        proxy = get_environ_proxies(url).get(httpx.URL(url).scheme)
        try:
            return httpx.AsyncClient(
                verify=self._trusted(),
                proxy=None if proxy is None else _with_scheme(proxy),
                trust_env=False,  # what boto3 goes by is asked of it
                timeout=httpx.Timeout(SILENT_SECONDS, connect=CONNECT_SECONDS),
                # Not compressed: a few octets could become any number of them.
                headers={"Accept-Encoding": "identity"},
            )
        except (ValueError, httpx.InvalidURL):
            raise InvalidProxiesConfigError(error="a proxy's URL") from None

    def _trusted(self) -> ssl.SSLContext:
        from botocore.httpsession import get_cert_path  # noqa: PLC0415  # as above

        if self._tls is None:
            named = self._authority or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
            try:
                self._tls = ssl.create_default_context(cafile=get_cert_path(named or True))
            except OSError:
                raise UnreadableSource(
                    "the certificates by which AWS is checked cannot be read: `AWS_CA_BUNDLE`, or `ca_bundle` of the "
                    "profile, names the file"
                ) from None
        return self._tls


class _Whole:
    """What has been read, as boto3 reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        yield self._body


def _too_much(action: str, what: str) -> str:
    return f"the answer to {action} has more than {what}, as none of AWS' API has: a proxy on the way may have given it"


def _with_scheme(proxy: str) -> str:
    """Read a proxy's URL as boto3 does."""
    if proxy.startswith(("http:", "https:")):
        return proxy
    return f"http:{proxy}" if proxy.startswith("//") else f"http://{proxy}"


def _in_words_of_boto3(error: httpx.HTTPError, url: str) -> Exception:
    """Give the error that boto3's own HTTP would have raised: its sentence goes by the kind."""
    from botocore import exceptions  # noqa: PLC0415  # as above

    kind: type[Exception]
    if isinstance(error, httpx.ProxyError):
        return exceptions.ProxyConnectionError(proxy_url="", error="")  # type: ignore[no-any-return]  # botocore has no types
    if isinstance(error, httpx.ConnectTimeout):
        kind = exceptions.ConnectTimeoutError
    elif isinstance(error, httpx.TimeoutException):
        kind = exceptions.ReadTimeoutError
    elif _is_of_tls(error):
        kind = exceptions.SSLError
    elif isinstance(error, httpx.ConnectError):
        kind = exceptions.EndpointConnectionError
    else:
        kind = exceptions.ConnectionClosedError
    return kind(endpoint_url=url, error="")  # type: ignore[call-arg]  # whose texts have these parts


def _is_of_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
