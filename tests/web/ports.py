"""An application over given facts, for tests and for looking at."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
from starlette.types import ASGIApp

from probe.judge.acceptance.chain import explained
from probe.judge.record.state import Episode
from probe.judge.state import forgotten
from probe.model.check import Check
from probe.model.domain import DomainStatus
from probe.model.journal import EventsPage, EventsQuery
from probe.model.reason import Explanation
from probe.model.snapshot import ReloadStatus, Snapshot
from probe.telemetry.packed import Body
from probe.web.access import Access
from probe.web.app import Ports, create_app
from probe.web.history import History
from tests.snapshots import CATALOGUE, NOW, migration

NAMES = ("probe.test", "x")
"""What tests call the server."""


def expose(accept: str) -> tuple[Body, str]:
    """A scrape that repeats what it was asked for."""
    return Body((b"up 1\n",)), f"text/plain; accepted={accept.replace(',', '+')}"


@dataclass
class Far:
    """What stands behind the application's ports; a test changes it at will."""

    snapshot: Snapshot = field(default_factory=migration)
    expose: Callable[[str], tuple[Body, str]] = expose
    silence: float = 0.2
    reload_status: ReloadStatus = field(default_factory=lambda: ReloadStatus(successful=True, at=NOW))
    reloads: int = 0
    snapshots_made: int = 0

    history: History = field(default_factory=History)
    checks: tuple[Check, ...] = ()
    events: Callable[[EventsQuery], EventsPage | None] = lambda _query: None

    def ports(self) -> Ports:
        """The ports that lead here."""
        return Ports(
            self._present,
            lambda: self.snapshot.at,
            lambda: self.snapshot.plan,
            self.expose,
            self._reload,
            lambda: self.silence,
            self._explain,
            self.history,
            CATALOGUE,
            lambda _snapshot, _wave: self.checks,
            lambda _domain, query: self.events(query),
        )

    def app(self, access: Access | None = None) -> ASGIApp:
        """The application over these facts."""
        return create_app(self.ports(), access, NAMES).app

    def _present(self) -> Snapshot:
        self.snapshots_made += 1
        return self.snapshot

    @staticmethod
    def _explain(status: DomainStatus, snapshot: Snapshot) -> Explanation:
        state = forgotten(status)
        proven = [one._replace(episode=Episode(controllers=True)) for one in state.memory.records]
        state = state._replace(memory=state.memory._replace(records=tuple(proven)))
        return explained(state, snapshot.at, snapshot.plan)

    def _reload(self) -> ReloadStatus:
        self.reloads += 1
        return self.reload_status


def request(
    far: Far | None,
    method: str,
    path: str,
    headers: dict[str, str] | None = None,
    params: dict[str, str] | None = None,
) -> httpx.Response:
    """Ask the application without a socket; Starlette's own test client warns about any httpx that it is given."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport((far or Far()).app(), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://probe.test") as client:
            return await client.request(method, path, headers=headers, params=params)

    return asyncio.run(send())


def get(
    path: str,
    far: Far | None = None,
    headers: dict[str, str] | None = None,
    params: dict[str, str] | None = None,
) -> httpx.Response:
    """Get one page."""
    return request(far, "GET", path, headers, params)


def post(path: str, far: Far | None = None, headers: dict[str, str] | None = None) -> httpx.Response:
    """Post nothing to one page."""
    return request(far, "POST", path, headers)
