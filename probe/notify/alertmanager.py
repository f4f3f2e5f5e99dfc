"""What an Alertmanager is told: every alert, again and again while it stands, by `POST /api/v2/alerts`.

The API: alertmanager/api/v2/openapi.yaml. Status 200 is "taken"; 400 names alerts that were not, the others were.
"""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from probe.model.clock import Instant
from probe.model.plan import Alertmanager
from probe.model.text import rfc3339
from probe.notify.alert import Labels, annotations
from probe.notify.book import Book, Phase, StandingAlert
from probe.notify.post import Request, first_line
from probe.notify.receiver import Parcel

PATH = "/api/v2/alerts"

REPEAT_SECONDS = 60.0
"""A firing alert is told again as often, as Prometheus' --rules.alert.resend-delay has it."""

BATCH = 64
"""Alerts in one post, as Prometheus has it."""

STANDS_FOR = 240.0
"""Seconds that a firing alert is to stand without being told again: four times REPEAT_SECONDS, as Prometheus does it.
A probe that dies is silent, and its alerts end by themselves."""


class AlertmanagerReceiver:
    """One Alertmanager of the plan: it groups, silences and repeats by itself, and wants to know what holds.

    Args:
        alertmanager: Where it is, and as whom it is told.
    """

    kind = "Alertmanager"

    def __init__(self, alertmanager: Alertmanager) -> None:
        self._alertmanager = alertmanager
        self._told: dict[Labels, tuple[Phase, float]] = {}

    @property
    def name(self) -> str:
        """Its URL."""
        return self._alertmanager.name

    @property
    def ca_file(self) -> Path | None:
        """Certificates to trust instead of the system's."""
        return self._alertmanager.ca_file

    def owed(self, book: Book, now: Instant) -> list[Parcel]:
        """Give what it has not been told, or has to be told again: what is critical first."""
        self._told = {labels: told for labels, told in self._told.items() if labels in book}
        owed = []
        for labels, standing in book.items():
            phase = standing.phase(now)
            told, at = self._told.get(labels, (Phase.PENDING, 0.0))
            if phase in {Phase.PENDING, Phase.OVER}:
                continue
            if phase is not told or now.monotonic - at >= REPEAT_SECONDS:
                owed.append(standing)
        owed.sort(key=lambda one: ("severity", "critical") not in one.condition.labels)
        batches = [owed[start : start + BATCH] for start in range(0, len(owed), BATCH)]
        return [Parcel(len(one), partial(self._request, one), partial(self._taken, one)) for one in batches]

    async def _request(self, batch: list[StandingAlert], now: Instant) -> Request:
        username, path = self._alertmanager.username, self._alertmanager.password_file
        body = as_json(batch, now)
        if username is None or path is None:
            return Request(self._alertmanager.url + PATH, body)
        password = await first_line(path)
        auth = httpx.BasicAuth(username, password)
        return Request(self._alertmanager.url + PATH, body, auth, secrets=(password,) if password else ())

    def _taken(self, batch: list[StandingAlert], now: Instant) -> None:
        self._told |= {one.condition.labels: (one.phase(now), now.monotonic) for one in batch}


def as_json(standing: Iterable[StandingAlert], now: Instant) -> list[dict[str, Any]]:
    """Write alerts as the API wants them."""
    return [_alert(one, now) for one in standing]


def _alert(standing: StandingAlert, now: Instant) -> dict[str, Any]:
    condition = standing.condition
    ends = now.wall + STANDS_FOR
    if standing.ended is not None and standing.phase(now) is not Phase.FIRING:
        # Also when it is over by the time that it is sent, or it would begin anew. And not before its beginning,
        # should the wall's clock have stepped back: it would be refused.
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
