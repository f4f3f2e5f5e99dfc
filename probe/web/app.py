"""The routes: status page, JSON, metrics, health and reload, over the present snapshot.

What takes time runs in a worker thread, so that health is answered while a scrape is rendered or a plan is reloaded.
"""

import math
from asyncio import get_running_loop
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator
from http import HTTPStatus
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from probe.model.clock import Instant
from probe.model.finding import CatalogueEntry
from probe.model.name import display
from probe.model.plan import Plan
from probe.model.ports import Events, Explain, Preflight, Reload, SnapshotSource
from probe.model.snapshot import Snapshot
from probe.model.token_bucket import TokenBucket
from probe.web.access import Access
from probe.web.api import Api, find, find_wave
from probe.web.board import BoardFilter
from probe.web.headers import SmallRequests, StrictHeaders
from probe.web.history import History
from probe.web.hosts import KnownHosts
from probe.web.lanes import span_for
from probe.web.live import Live
from probe.web.looking import Looking
from probe.web.pages import Pages
from probe.web.problem import refusal


class Pieces(Protocol):
    """A body, piece by piece.

    Attributes:
        size: Bytes of all pieces.
    """

    size: int

    def __iter__(self) -> Iterator[bytes]:
        """Give the pieces."""


Exposition = Callable[[str], tuple[Pieces, str]]
"""One scrape for an Accept header: the body, and its Content-Type."""

Heartbeat = Callable[[], float]
"""Callable from any thread: seconds since the probing loop last showed that it runs."""

MAX_SILENCE = 15.0
"""Seconds without a heartbeat after which the probing loop counts as stuck. It beats at least every second; a plan of
thousands of domains takes a few seconds to load, and a restart by Kubernetes costs more than waiting for that."""

_FOR_EVER = "public, max-age=31536000, immutable"
"""For files whose name changes with their content (RFC 8246)."""

_NAMED = 5
"""Domains named in a sentence about many."""

RELOAD_INTERVAL, RELOAD_BURST = 2.0, 5
"""Reloads that are taken over HTTP: a plan of 10,000 domains takes seconds to read; probing shares the processor."""

SPANS = {"15": 900.0, "60": 3_600.0, "360": 21_600.0}
"""Minutes of the past that a domain's page can be asked for, in seconds."""

_BODY_CHUNK_BYTES = 131_072
"""Bytes handed to the socket at once: uvicorn copies what the kernel does not take, with the GIL held."""


class Ports(NamedTuple):
    """What the pages are made of.

    Attributes:
        snapshots: The present: 16 ms of CPU for the waves of 10,000 domains, so that what the next two tell is theirs.
        now: What time it is.
        plan: The plan in force.
        exposition: One scrape.
        reload: Loads the plan again.
        heartbeat: How long ago the probing loop was last alive.
        explain: Why a domain has its state.
        history: What has happened, as far back as people look.
        catalogue: Every code that a finding can have.
        preflight: Whether a wave would move well now.
        events: What the journal tells of a domain.
    """

    snapshots: SnapshotSource
    now: Callable[[], Instant]
    plan: Callable[[], Plan]
    exposition: Exposition
    reload: Reload
    heartbeat: Heartbeat
    explain: Explain
    history: History
    catalogue: tuple[CatalogueEntry, ...]
    preflight: Preflight
    events: Events = lambda _domain, _query: None


class _Routes:
    """The endpoints. Starlette runs those without `async` in a worker thread."""

    def __init__(self, ports: Ports, pages: Pages, live: Live) -> None:
        self._ports = ports
        self._pages = pages
        self._live = live
        self._reloads = TokenBucket(RELOAD_INTERVAL, RELOAD_BURST)
        self._reloading = False

    def status_page(self, request: Request) -> Response:
        seen = self._live.newest  # before the snapshot: what comes between is news to the page
        query = BoardFilter.read(request.query_params)
        return HTMLResponse(self._pages.status(self._ports.snapshots, self._ports.now(), query, seen))

    def domain_page(self, request: Request) -> Response:
        seen = self._live.newest
        snapshot = self._ports.snapshots()
        status = find(snapshot, request.path_params["name"])
        seconds = SPANS.get(request.query_params.get("minutes", ""), span_for(status))
        return HTMLResponse(self._pages.domain(snapshot, status, self._ports.explain(status, snapshot), seconds, seen))

    def events_page(self, request: Request) -> Response:
        seen = self._live.newest
        snapshot = self._ports.snapshots()
        status = find(snapshot, request.path_params["name"])
        wanted = Looking.read(request.query_params, snapshot.at.wall)
        page = self._ports.events(status.domain.name, wanted.query)
        return HTMLResponse(self._pages.events(snapshot, status, wanted, page, seen))

    def wave_page(self, request: Request) -> Response:
        seen = self._live.newest
        snapshot = self._ports.snapshots()
        wave = find_wave(snapshot, request.path_params["name"])
        return HTMLResponse(self._pages.wave(snapshot, wave, self._ports.preflight(snapshot, wave.wave), seen))

    async def asset(self, request: Request) -> Response:
        asset = self._pages.assets.get(request.path_params["name"])
        if asset is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return Response(asset.body, media_type=asset.media_type, headers={"Cache-Control": _FOR_EVER})

    def metrics(self, request: Request) -> Response:
        blocks, content_type = self._ports.exposition(request.headers.get("accept", ""))
        headers = {"Content-Length": str(blocks.size), "Content-Type": content_type}
        return StreamingResponse(_slices(blocks), headers=headers)

    async def healthy(self, _request: Request) -> Response:
        silence = self._ports.heartbeat()
        if silence > MAX_SILENCE:
            return _sentence(f"The probing loop has not run for {silence:.0f} s.", 503)
        return _sentence("The probing loop is alive.")

    async def ready(self, request: Request) -> Response:
        snapshot = self._ports.snapshots()
        if snapshot.ready:
            return _sentence("Every domain has been observed.")
        return _sentence("Not every domain has been observed." if request.state.stranger else _missing(snapshot), 503)

    async def reload(self, request: Request) -> Response:
        if _is_from_elsewhere(request):
            return _sentence("A reload is not taken from another site's page.", 403)
        wait = RELOAD_INTERVAL if self._reloading else self._reloads.take_or_wait(get_running_loop().time())
        if wait:
            response = _sentence("The plan is being loaded, or was asked to be too often.", 429)
            response.headers["Retry-After"] = str(math.ceil(wait))
            return response
        self._reloading = True
        try:
            status = await run_in_threadpool(self._ports.reload)
        finally:
            self._reloading = False
        if status.successful:
            return _sentence("The plan has been loaded.")
        return _sentence(f"The plan was not loaded, the one before stays in force: {status.error}", 500)


class Application(NamedTuple):
    """The application, and what ends the streams that it has open."""

    app: ASGIApp
    close: Callable[[], None]


def create_app(ports: Ports, access: Access | None = None, names: Collection[str] = ()) -> Application:
    """Make the application.

    Args:
        ports: What it shows and does.
        access: Who may ask; everybody unless told.
        names: Names by which it may be asked, beside addresses, `localhost` and that of the plan's `external_url`.
    """
    own = frozenset(names)

    def known() -> frozenset[str]:
        return own | {urlsplit(ports.plan().external_url).hostname or ""} - {""}

    access = Access() if access is None else access
    pages = Pages(ports.history)
    live = Live(lambda: ports.history.version)
    routes = _Routes(ports, pages, live)
    api = Api(ports.snapshots, ports.explain, ports.history, ports.catalogue)

    async def refuse(request: Request, error: Any) -> Response:
        return _refuse(request, error, pages)

    async def fail(request: Request, _error: Exception) -> Response:
        # Starlette raises the error again after this answer: uvicorn logs it with its traceback.
        text = "The probe failed to answer this; its log says why."
        return refusal(request.scope, text, 500, lambda: pages.error(HTTPStatus(500).phrase, text))

    app = Starlette(
        routes=[
            Route("/", routes.status_page),
            Route("/domains/{name}", routes.domain_page),
            Route("/domains/{name}/events", routes.events_page),
            Route("/waves/{name}", routes.wave_page),
            Route("/live", live.stream),
            Route("/static/{name}", routes.asset),
            Route("/metrics", routes.metrics),
            Route("/-/healthy", routes.healthy),
            Route("/-/ready", routes.ready),
            Route("/-/reload", routes.reload, methods=["POST"]),
            *api.routes(),
        ],
        middleware=[
            # Level 1 takes a scrape of 1,000 domains to a fiftieth at a third of level 6's time.
            Middleware(GZipMiddleware, minimum_size=1_024, compresslevel=1),
        ],
        exception_handlers={HTTPException: refuse, Exception: fail},
    )
    # Around Starlette, not among its middleware: its answer to an unforeseen error is made outside of that.
    return Application(SmallRequests(access.guard(StrictHeaders(KnownHosts(app, known)))), live.close)


def _is_from_elsewhere(request: Request) -> bool:
    """Tell whether a page of another site makes a visitor's browser do this.

    Browsers send Fetch Metadata (W3C) to trustworthy addresses only, not over plain HTTP to another machine; but an
    Origin goes with every POST (Fetch, section "Origin header"), and programs send neither. Whoever writes one by hand
    may write anything: it is compared and not parsed.
    """
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        return True
    origin = request.headers.get("origin")
    return origin is not None and origin.partition("://")[2] != request.headers.get("host")


async def _slices(blocks: Iterable[bytes]) -> AsyncIterator[bytes]:
    """Give a body as slices of about as many bytes as are handed over at once: at no time is there a copy of it all."""
    waiting: list[bytes] = []
    size = 0
    for block in blocks:
        waiting.append(block)
        size += len(block)
        if size >= _BODY_CHUNK_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def _missing(snapshot: Snapshot) -> str:
    waiting = [
        display(status.domain.name) for status in snapshot.domains if any(r.since is None for r in status.records)
    ]
    shown = ", ".join(waiting[:_NAMED])
    if len(waiting) > _NAMED:
        shown += f" and {len(waiting) - _NAMED} more"
    return f"Not every domain has been observed: {shown or 'the first pass is not complete'}."


def _sentence(text: str, status_code: int = 200) -> Response:
    return PlainTextResponse(text + "\n", status_code)


def _refuse(request: Request, error: HTTPException, pages: Pages) -> Response:
    text = error.detail
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "")
        text = f"{request.method} is not possible here; use {allowed}."
    elif text == HTTPStatus.NOT_FOUND.phrase:
        text = "There is no such page. Begin at /."
    title = HTTPStatus(error.status_code).phrase
    response = refusal(request.scope, text, error.status_code, lambda: pages.error(title, text))
    response.headers.update(error.headers or {})
    return response
