"""One post to one receiver. Whatever the network does is an outcome, never an exception, and no secret is in it."""

import asyncio
import ssl
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from probe.http_client.bounded_transport import BoundedTransport
from probe.model.clock import Instant
from probe.model.notification import NotificationFailure

POST_SECONDS = 10.0
"""For one post altogether, as Prometheus' alertmanager_config has it."""

MAX_REASON = 300
"""Bytes of a refusal that the log shows."""

LONGEST_RETRY_AFTER = 120.0
"""Seconds that a receiver may ask to be left alone. Slack asks for a second or for some tens of them; a page must not
wait for an hour because a server's clock is wrong. Two tries fit the five minutes that CutoverNotificationsFailing
looks back."""

MAX_LINE = 2_048
"""Bytes of the first line of a file with a password, a token or a URL."""


class Request(NamedTuple):
    """What is posted.

    Attributes:
        url: Where to; may be a secret.
        body: Sent as JSON.
        auth: The user's name and password, if any.
        headers: Beside the usual ones.
        secrets: What must not be seen in a log, should the receiver repeat it.
    """

    url: str
    body: Any
    auth: httpx.BasicAuth | None = None
    headers: tuple[tuple[str, str], ...] = ()
    secrets: tuple[str, ...] = ()


class Outcome(NamedTuple):
    """What came of a post.

    Attributes:
        failure: Why it brought nothing; None when the alerts were taken.
        reason: For the log.
        retry_after: Seconds for which the receiver asked to be left alone, within `LONGEST_RETRY_AFTER`.
    """

    failure: NotificationFailure | None = None
    reason: str = ""
    retry_after: float = 0.0


def client(ca_file: Path | None) -> httpx.AsyncClient:
    """Make the client for one receiver.

    Raises:
        OSError: The CA's file cannot be read any more (`ssl.SSLError` is one as well).
    """
    trust = ssl.create_default_context(cafile=ca_file)
    return httpx.AsyncClient(
        # A connection for each post: a receiver may close an idle one just as the next post is sent, which is not
        # repeated by itself (RFC 9112 section 9.3.1), and a page would come a look later.
        transport=BoundedTransport(verify=trust, limits=httpx.Limits(max_connections=1, max_keepalive_connections=0)),
        trust_env=False,  # a proxy for the Internet must not swallow what is for the cluster
        timeout=httpx.Timeout(POST_SECONDS),
        # Not compressed: a few bytes could become any number of them.
        headers={"User-Agent": "cutover-probe", "Accept-Encoding": "identity"},
    )


async def post(http: httpx.AsyncClient, request: Request, now: Instant) -> Outcome:
    """Post it, and say what came of it. Redirects are not followed: a secret must not go where a plan does not say."""
    try:
        async with asyncio.timeout(POST_SECONDS):  # in real time, however slowly its bytes come
            async with http.stream(
                "POST", request.url, json=request.body, auth=request.auth, headers=list(request.headers)
            ) as response:
                if response.is_success:
                    return Outcome()
                beginning = await _beginning(response, MAX_REASON + max(map(len, request.secrets), default=0))
    except (TimeoutError, httpx.TimeoutException):
        return Outcome(NotificationFailure.TIMEOUT, f"no answer within {POST_SECONDS:g} s")
    except (httpx.InvalidURL, ValueError):  # their words may repeat what they are about
        return Outcome(NotificationFailure.UNREACHABLE, "its URL or a header cannot be sent")
    except (httpx.HTTPError, OSError) as error:
        return Outcome(NotificationFailure.UNREACHABLE, _masked(str(error) or type(error).__name__, request.secrets))
    reason = f"status {response.status_code}: {_masked(beginning, request.secrets)[:MAX_REASON]}"
    return _refusal(response, reason, now)


def _refusal(response: httpx.Response, reason: str, now: Instant) -> Outcome:
    wait = _seconds(response.headers.get("Retry-After", ""), now)
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS or (
        response.status_code == httpx.codes.SERVICE_UNAVAILABLE and wait
    ):
        return Outcome(NotificationFailure.THROTTLED, reason, wait)
    return Outcome(NotificationFailure.REJECTED if response.is_client_error else NotificationFailure.FAILED, reason)


def _seconds(retry_after: str, now: Instant) -> float:
    """Read Retry-After (RFC 9110 section 10.2.3), seconds or a date; 0 when it is neither."""
    if retry_after.isascii() and retry_after.isdigit():
        return min(float(retry_after[:9]), LONGEST_RETRY_AFTER)
    try:
        date = parsedate_to_datetime(retry_after)
        wait = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now.wall
    except (ValueError, OverflowError):
        return 0.0
    return min(max(0.0, wait), LONGEST_RETRY_AFTER)


def _masked(text: str, secrets: tuple[str, ...]) -> str:
    """Hide secrets, each by as many asterisks as it is long: what is cut later is cut at the same place."""
    for secret in secrets:
        text = text.replace(secret, "*" * len(secret))
    return text


async def _beginning(response: httpx.Response, size: int) -> str:
    async for chunk in response.aiter_raw(size):
        return chunk[:size].decode("utf-8", "replace")
    return ""


async def first_line(path: Path) -> str:
    """Read a file's first line, anew for every post, so that what stands there can be rotated.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no text.
    """
    return await asyncio.to_thread(_first_line, path)


def _first_line(path: Path) -> str:
    with path.open("rb") as file:
        return file.readline(MAX_LINE).strip().decode()
