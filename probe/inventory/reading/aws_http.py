"""What AWS answers, whole or not at all: bounded in octets, in time altogether, and in what parsing it would cost.

boto3's own HTTP waits for the next octets only, and reads on for as long as some come: a proxy in the place of AWS, or
a broken one on the way, would hold a reading for ever, or fill the memory. What is asked and signed is boto3's, and so
are the proxies and certificates that it goes by. The same holds for what a machine or a container says of its own role
(169.254.169.254, 169.254.170.23): anybody may listen there where there is no AWS.
"""

import asyncio
import os
import ssl
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import httpx

from probe.http_client.bounded_transport import BoundedTransport
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

METADATA_SECONDS = 10.0
"""For one answer of a metadata service altogether: EC2's gives it within milliseconds, EKS' agent after it has asked
AWS. boto3 gives up after a second or two of silence."""

METADATA_OCTETS = 64 * 1024
"""Of one such answer: credentials are two kilobytes, most of which is the session token."""

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
        action = event_name.rpartition(".")[2]
        bounds = _AnswerBounds(
            f"the answer to {action}",
            "none of AWS' API has",
            "a proxy on the way may have given it",
            ANSWER_SECONDS,
            MAX_OCTETS,
            httpx.Timeout(SILENT_SECONDS, connect=CONNECT_SECONDS),
        )
        response, body = _sent(bounds, request, self._trusted())
        if sum(map(body.count, _BEGINNINGS)) > MAX_MARKS:
            raise UnreadableSource(bounds.too_much(f"{MAX_MARKS:,} values"))
        if any(one in body for one in _DECLARES):
            raise UnreadableSource(bounds.too_much("values: it declares some of its own"))
        return response

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


class MetadataHttp:
    """Sends what boto3 asks of a metadata service: takes the place of the HTTP session of what fetches credentials.

    Args:
        timeout: Seconds for a connection, and for an answer's next octets.
        proxied: The environment's proxies are gone through.
    """

    def __init__(self, timeout: float, *, proxied: bool) -> None:
        self._timeout = timeout
        self._proxied = proxied

    def send(self, request: Any) -> Any:
        """Ask once, and give boto3's response.

        Raises:
            UnreadableSource: What came has no end.
            botocore.exceptions.BotoCoreError: Nothing came, as boto3's own HTTP has it.
        """
        bounds = _AnswerBounds(
            "what answers as the metadata service of this machine or pod",
            "no credentials have",
            "it is none",
            METADATA_SECONDS,
            METADATA_OCTETS,
            httpx.Timeout(self._timeout),
            proxied=self._proxied,
        )
        response, _ = _sent(bounds, request, None)
        return response


def bound_metadata(session: Any) -> None:
    """Have metadata services read within bounds by whatever a session of botocore fetches credentials with."""
    from botocore.utils import ContainerMetadataFetcher, IMDSFetcher  # noqa: PLC0415  # an extra that may be missing

    session.set_config_variable("defaults_mode", "legacy")  # botocore's default; `auto` would ask the machine for more
    silence = float(session.get_config_variable("metadata_service_timeout"))
    for provider in session.get_component("credential_provider").providers:
        for held in vars(provider).values():
            if isinstance(held, IMDSFetcher):
                held._session = MetadataHttp(silence, proxied=True)  # noqa: SLF001  # there is no other way in
            elif isinstance(held, ContainerMetadataFetcher):
                held._session = MetadataHttp(held.TIMEOUT_SECONDS, proxied=False)  # noqa: SLF001  # the same


class _AnswerBounds(NamedTuple):
    """Who is asked, and how much of an answer is read.

    Attributes:
        whose: What it is, in a sentence about it.
        which: Who has no such answer.
        perhaps: Where it may come from.
        seconds, octets: What it may have.
        timeout: For less than all of it.
        proxied: The environment's proxies are gone through.
    """

    whose: str
    which: str
    perhaps: str
    seconds: float
    octets: int
    timeout: httpx.Timeout
    proxied: bool = True

    def too_much(self, what: str) -> str:
        return f"{self.whose} has more than {what}, as {self.which}: {self.perhaps}"

    def too_long(self) -> str:
        return f"{self.whose} did not end within {self.seconds:g} s and was left: {self.perhaps}"


def _sent(bounds: _AnswerBounds, request: Any, trusted: ssl.SSLContext | None) -> tuple[Any, bytes]:
    from botocore.awsrequest import AWSResponse  # noqa: PLC0415  # as above

    try:
        with asyncio.Runner(loop_factory=ThreadLoop) as runner:
            status, headers, body = runner.run(_whole(bounds, request, trusted))
    except TimeoutError:
        raise UnreadableSource(bounds.too_long()) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _in_words_of_boto3(error, request.url) from None
    return AWSResponse(request.url, status, headers, _Whole(body)), body


async def _whole(
    bounds: _AnswerBounds, request: Any, trusted: ssl.SSLContext | None
) -> tuple[int, Mapping[str, str], bytes]:
    async with (
        asyncio.timeout(bounds.seconds),
        _client(bounds, request.url, trusted) as client,
        client.stream(
            request.method, request.url, headers=list(request.headers.items()), content=request.body
        ) as response,
    ):
        body = bytearray()
        async for piece in response.aiter_raw():
            body += piece
            if len(body) > bounds.octets:
                raise UnreadableSource(bounds.too_much(f"{bounds.octets:,} octets"))
        return response.status_code, dict(response.headers), bytes(body)


def _client(bounds: _AnswerBounds, url: str, trusted: ssl.SSLContext | None) -> httpx.AsyncClient:
    from botocore.exceptions import InvalidProxiesConfigError  # noqa: PLC0415  # as above
    from botocore.utils import get_environ_proxies  # noqa: PLC0415  # as above

    scheme = httpx.URL(url).scheme
    proxy = get_environ_proxies(url).get(scheme) if bounds.proxied else None
    try:
        return httpx.AsyncClient(
            transport=BoundedTransport(
                verify=trusted or scheme == "https", proxy=None if proxy is None else _with_scheme(proxy)
            ),
            trust_env=False,  # what boto3 goes by is asked of it
            timeout=bounds.timeout,
            # Not compressed: a few octets could become any number of them.
            headers={"Accept-Encoding": "identity"},
        )
    except (ValueError, httpx.InvalidURL):
        raise InvalidProxiesConfigError(error="a proxy's URL") from None


class _Whole:
    """What has been read, as boto3 reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        yield self._body


def _with_scheme(proxy: str) -> str:
    """Read a proxy's URL as boto3 does."""
    if proxy.startswith(("http:", "https:")):
        return proxy
    return f"http:{proxy}" if proxy.startswith("//") else f"http://{proxy}"


def _in_words_of_boto3(error: httpx.HTTPError | httpx.InvalidURL, url: str) -> Exception:
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
