"""What a webhook is told: groups of alerts, each when something about it is new, and its end once."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from probe.model.clock import Instant
from probe.model.plan import Webhook
from probe.notify.alert_group import AlertGroup, Told, due, grouped, take
from probe.notify.book import Book
from probe.notify.message import body
from probe.notify.post import Request, first_line
from probe.notify.receiver import Parcel

if TYPE_CHECKING:
    from probe.notify.alert import Labels

_SHORTEST_SECRET = 6
"""Characters of a part of a URL that a log must not show: shorter ones are words such as `hooks`."""


class WebhookReceiver:
    """One webhook of the plan. What it was told is in memory only: after a restart what holds is told once more."""

    kind = "webhook"

    def __init__(self, webhook: Webhook) -> None:
        self._webhook = webhook
        self._told: Told = {}
        self._first_seen: dict[Labels, float] = {}

    @property
    def name(self) -> str:
        """The plan's name for it."""
        return self._webhook.name

    @property
    def ca_file(self) -> Path | None:
        """Certificates to trust instead of the system's."""
        return self._webhook.ca_file

    def owed(self, book: Book, now: Instant) -> list[Parcel]:
        """Give the messages that are due: what is critical first."""
        groups = list(grouped(book, self._told, self._webhook.severities, now))
        self._first_seen = {one.key: self._first_seen.get(one.key, now.monotonic) for one in groups}
        ready = [
            one for one in groups if due(one, self._told.get(one.key), now.monotonic - self._first_seen[one.key], now)
        ]
        ready.sort(key=lambda one: not one.critical)
        return [
            Parcel(
                len(one.firing) + len(one.resolved) + len(one.lessened),
                partial(self._request, one),
                partial(self._taken, one),
            )
            for one in ready
        ]

    async def _request(self, group: AlertGroup, now: Instant) -> Request:
        url, token = await self._url(), await self._token()
        headers = (("Authorization", f"Bearer {token}"),) if token else ()
        secrets = (token, *_parts(url)) if token else _parts(url)
        return Request(url, body(self._webhook, group, now), headers=headers, secrets=secrets)

    def _taken(self, group: AlertGroup, now: Instant) -> None:
        self._told = take(self._told, group, now)
        self._first_seen.pop(group.key, None)

    async def _url(self) -> str:
        if self._webhook.url_file is None:
            return self._webhook.url or ""
        url = await first_line(self._webhook.url_file)
        if not url.startswith(("https://", "http://")):
            raise ValueError("its URL file holds no URL in its first line")
        return url

    async def _token(self) -> str:
        if self._webhook.token_file is None:
            return ""
        token = await first_line(self._webhook.token_file)
        if not token or not token.isascii() or not token.isprintable():  # or an error would repeat it
            raise ValueError("its token file holds no token in its first line")
        return token


def _parts(url: str) -> tuple[str, ...]:
    """Give what of a URL must not be shown, the longest first: all of it, its path, and each long part of both."""
    rest = urlsplit(url)
    parts = {url, rest.path, rest.query, *rest.path.split("/"), *rest.query.split("&")}
    return tuple(sorted((part for part in parts if len(part) >= _SHORTEST_SECRET), key=len, reverse=True))
