"""One post to one Alertmanager: `POST /api/v2/alerts`. Whatever the network does is an outcome, never an exception.

The API: alertmanager/api/v2/openapi.yaml. Status 200 is "taken"; 400 names alerts that were not, the others were.
"""

import asyncio
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from probe.model.clock import Instant
from probe.model.notification import NotificationFailure
from probe.model.plan import Alertmanager
from probe.model.text import rfc3339
from probe.notify.alert import annotations
from probe.notify.book import Phase, StandingAlert

PATH = "/api/v2/alerts"
POST_SECONDS = 10.0
"""For one post altogether, as Prometheus' alertmanager_config has it."""

STANDS_FOR = 240.0
"""Seconds that a firing alert is to stand without being told again: four times REPEAT_SECONDS, as Prometheus does it.
A probe that dies is silent, and its alerts end by themselves."""

MAX_REASON = 300
"""Bytes of a refusal that the log shows."""


class Outcome(NamedTuple):
    """What came of a post.

    Attributes:
        failure: Why it brought nothing; None when the alerts were taken.
        reason: For the log.
    """

    failure: NotificationFailure | None = None
    reason: str = ""


def client(alertmanager: Alertmanager) -> httpx.AsyncClient:
    """Make the client for one Alertmanager.

    Raises:
        OSError: The CA's file cannot be read any more (`ssl.SSLError` is one as well).
    """
    trust = ssl.create_default_context(cafile=alertmanager.ca_file)
    return httpx.AsyncClient(
        verify=trust,
        trust_env=False,  # a proxy for the Internet must not swallow what is for the cluster
        timeout=httpx.Timeout(POST_SECONDS),
        limits=httpx.Limits(max_connections=1),
        headers={"User-Agent": "cutover-probe"},
    )


async def post(http: httpx.AsyncClient, alertmanager: Alertmanager, alerts: list[dict[str, Any]]) -> Outcome:
    """Post alerts, and say what came of it."""
    try:
        auth = await _credentials(alertmanager)
        async with asyncio.timeout(POST_SECONDS):  # in real time, however slowly its bytes come
            async with http.stream("POST", alertmanager.url + PATH, json=alerts, auth=auth) as response:
                if response.is_success:
                    return Outcome()
                reason = await _beginning(response)
    except (TimeoutError, httpx.TimeoutException):
        return Outcome(NotificationFailure.TIMEOUT, f"no answer within {POST_SECONDS:g} s")
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        return Outcome(NotificationFailure.UNREACHABLE, str(error) or type(error).__name__)
    failure = NotificationFailure.REJECTED if response.is_client_error else NotificationFailure.FAILED
    return Outcome(failure, f"status {response.status_code}: {reason}")


async def _credentials(alertmanager: Alertmanager) -> httpx.BasicAuth | None:
    if alertmanager.username is None or alertmanager.password_file is None:
        return None
    return httpx.BasicAuth(alertmanager.username, await asyncio.to_thread(_password, alertmanager.password_file))


def _password(path: Path) -> str:
    with path.open("rb") as file:
        return file.readline(1024).strip().decode()


async def _beginning(response: httpx.Response) -> str:
    async for chunk in response.aiter_bytes(MAX_REASON):
        return chunk[:MAX_REASON].decode("utf-8", "replace")
    return ""


def as_json(standing: Iterable[StandingAlert], now: Instant) -> list[dict[str, Any]]:
    """Write alerts as the API wants them."""
    return [_alert(one, now) for one in standing]


def _alert(standing: StandingAlert, now: Instant) -> dict[str, Any]:
    condition = standing.condition
    ends = now.wall + STANDS_FOR
    if standing.ended is not None and standing.phase(now) is Phase.RESOLVED:
        # Not before its beginning, should the wall's clock have stepped back: it would be refused.
        ends = max(standing.since, now.wall - (now.monotonic - standing.ended - condition.patience.keep))
    alert: dict[str, Any] = {
        "labels": dict(condition.labels),
        "annotations": annotations(condition),
        "startsAt": rfc3339(standing.since),
        "endsAt": rfc3339(ends),
    }
    if condition.link:
        alert["generatorURL"] = condition.link
    return alert
