"""The JSON API: the snapshot's facts, page by page where there are many, with tags that save sending them again."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields
from hashlib import sha256
from http import HTTPStatus
from itertools import chain
from types import SimpleNamespace
from typing import NamedTuple, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from probe.model.domain import DomainStatus
from probe.model.finding import CatalogueEntry, Severity
from probe.model.idn import as_typed, folded
from probe.model.name import display
from probe.model.ports import Explain, SnapshotSource
from probe.model.question import RecordType
from probe.model.record import RecordState
from probe.model.resolver import ResolverStatus
from probe.model.server import Server
from probe.model.snapshot import Snapshot
from probe.model.spell import Spell
from probe.model.text import brief
from probe.model.wave import WaveStatus
from probe.web import openapi
from probe.web.board import BoardFilter, by_loudness
from probe.web.events import events
from probe.web.facts.base import timestamp, to_json
from probe.web.facts.domain import DomainDetail, DomainSummary, FindingFact
from probe.web.facts.findings import Catalogue, ResolverList
from probe.web.facts.past import ExplanationFact, HistoryFact
from probe.web.facts.probe import StatusFact
from probe.web.facts.waves import WaveList, wave_json
from probe.web.history import History
from probe.web.lanes import resolvers
from probe.web.probe_health import health

MAX_PAGE = 10_000
"""Items of a list in one answer: as many as a plan has domains: 4 MB, and 155 ms of CPU (tests/web/measure_size.py)."""

DEFAULT_PAGE_SIZE = 1_000
"""Items unless asked otherwise: 0.4 MB, and 17 ms of CPU, which probing shares."""

_SAID = 5
"""Mistakes of one query that are told."""

_M = TypeVar("_M", bound=BaseModel)


class _Kind(NamedTuple):
    """What a list is of: its key, and the facts of one item."""

    key: str
    model: type[BaseModel]


_DOMAINS = _Kind("domains", DomainSummary)
_FINDINGS = _Kind("findings", FindingFact)


class Page(BaseModel):
    """Which part of a list is wanted."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=DEFAULT_PAGE_SIZE, ge=1, le=MAX_PAGE, description="Items in one answer.")
    offset: int = Field(default=0, ge=0, le=10**9, description="Items that are left out before it.")


class DomainQuery(Page):
    """Which domains are wanted."""

    q: str = Field(
        default="",
        max_length=253,
        description="Part of the name (U-labels will do), of what users ask where a proxy stands before it, of an "
        "owner, or of a finding's code.",
    )
    wave: str = Field(default="", max_length=253, description="Only those of this wave.")
    state: RecordState | None = Field(default=None, description="Only those in this state.")
    findings: bool = Field(default=False, description="Only those with an open finding.")


class FindingQuery(Page):
    """Which findings are wanted."""

    severity: Severity | None = Field(default=None, description="Only those of this severity.")
    code: str = Field(default="", max_length=64, description="Only those with this code.")


def find(snapshot: Snapshot, name: str) -> DomainStatus:
    """Give the status of a domain of the plan: by the name that is watched, or by that which users ask of a proxy.

    Args:
        snapshot: The present.
        name: As somebody typed it: U-labels and a trailing dot will do.

    Raises:
        HTTPException: There is none of this name, or it leads to several origins.
    """
    wanted = as_typed(name)
    behind = []
    for status in snapshot.domains:
        if status.domain.name == wanted:
            return status
        if status.domain.proxied is not None and status.domain.proxied == wanted:
            behind.append(status)
    if len(behind) == 1:
        return behind[0]
    if behind:
        origins = brief([display(status.domain.name) for status in behind])
        raise HTTPException(
            HTTPStatus.NOT_FOUND,
            f"{display(name)} has several origins, each watched by itself: {origins}.",
        )
    raise HTTPException(HTTPStatus.NOT_FOUND, f"{display(name.lower())} is not a domain of the plan.")


def find_wave(snapshot: Snapshot, name: str) -> WaveStatus:
    """Give the status of a wave of the plan.

    Raises:
        HTTPException: There is none of this name.
    """
    for status in snapshot.waves:
        if status.wave.name == name:
            return status
    raise HTTPException(HTTPStatus.NOT_FOUND, f"{name} is not a wave of the plan.")


class Api:
    """The endpoints below /api/v1. Starlette runs them in worker threads.

    Args:
        snapshots: Gives the present.
        explain: Tells why a domain's state is what it is.
        history: What happened since the start, as far as it is kept.
        catalogue: Every finding that there can be.
    """

    def __init__(
        self, snapshots: SnapshotSource, explain: Explain, history: History, catalogue: Iterable[CatalogueEntry]
    ) -> None:
        self._snapshots = snapshots
        self._explain = explain
        self._history = history
        self._catalogue = tuple(catalogue)
        self._openapi = openapi.document({"/domains": DomainQuery, "/findings": FindingQuery})

    def routes(self) -> list[Route]:
        """Give the routes."""
        endpoints = {
            "/openapi.json": self._document,
            "/status": self._status,
            "/waves": self._waves,
            "/waves/{name}": self._wave,
            "/domains": self._domains,
            "/domains/{name}": self._domain,
            "/domains/{name}/history": self._past,
            "/domains/{name}/why": self._why,
            "/findings": self._findings,
            "/catalogue": self._codes,
            "/resolvers": self._resolvers,
        }
        return [Route(f"/api/v1{path}", endpoint) for path, endpoint in endpoints.items()]

    def _document(self, request: Request) -> Response:
        return _answer(request, self._openapi)

    def _status(self, request: Request) -> Response:
        snapshot = self._snapshots()
        values = {field.name: getattr(snapshot, field.name) for field in fields(snapshot)}
        return self._fact(request, StatusFact, SimpleNamespace(**values, health=health(snapshot)), snapshot)

    def _waves(self, request: Request) -> Response:
        snapshot = self._snapshots()
        return self._fact(request, WaveList, snapshot, snapshot)

    def _wave(self, request: Request) -> Response:
        snapshot = self._snapshots()
        status = find_wave(snapshot, request.path_params["name"])
        return _answer(request, wave_json(snapshot, status), snapshot)

    def _domains(self, request: Request) -> Response:
        wanted = _read(request, DomainQuery)
        query = BoardFilter(
            folded(wanted.q.strip()), wanted.wave, wanted.state.value if wanted.state else "", wanted.findings
        )
        snapshot = self._snapshots()
        found = [status for status in snapshot.domains if query.matches(status)]
        # One by one: a single encoder call for a thousand would keep the interpreter's lock from probing.
        return _listed(request, snapshot, _DOMAINS, found, wanted)

    def _domain(self, request: Request) -> Response:
        snapshot = self._snapshots()
        status = find(snapshot, request.path_params["name"])
        why = self._explain(status, snapshot)
        told = SimpleNamespace(**status._asdict(), chain=why.chain, views=why.views)
        return self._fact(request, DomainDetail, told, snapshot)

    def _past(self, request: Request) -> Response:
        snapshot = self._snapshots()
        status = find(snapshot, request.path_params["name"])
        past = self._history.of(status.domain.name)
        told = SimpleNamespace(
            events=events(past),
            transitions=past.moves,
            servers=[
                _past_of(record.rdtype, one.server, one.past) for record in status.records for one in record.servers
            ],
            resolvers=[_past_of(one.rdtype, one.server, one.past) for one in resolvers(status)],
        )
        return self._fact(request, HistoryFact, told, snapshot)

    def _why(self, request: Request) -> Response:
        snapshot = self._snapshots()
        explanation = self._explain(find(snapshot, request.path_params["name"]), snapshot)
        return self._fact(request, ExplanationFact, explanation, snapshot)

    def _findings(self, request: Request) -> Response:
        wanted = _read(request, FindingQuery)
        snapshot = self._snapshots()
        found = [
            finding
            for finding in (*snapshot.findings, *chain.from_iterable(status.findings for status in snapshot.domains))
            if wanted.severity in {None, finding.severity} and wanted.code in {"", finding.code}
        ]
        found.sort(key=by_loudness)
        return _listed(request, snapshot, _FINDINGS, found, wanted)

    def _codes(self, request: Request) -> Response:
        snapshot = self._snapshots()
        runbook = snapshot.plan.runbook_url
        codes = [
            {
                "code": entry.code,
                "severity": entry.severity,
                "link": entry.link,
                "meaning": entry.meaning,
                "remedy": entry.remedy,
                "runbook_url": f"{runbook}#{entry.code}" if runbook else None,
            }
            for entry in self._catalogue
        ]
        return self._fact(request, Catalogue, {"findings": codes}, snapshot)

    def _resolvers(self, request: Request) -> Response:
        snapshot = self._snapshots()
        said: dict[Server, list[ResolverStatus]] = {server: [] for server in snapshot.plan.resolvers}
        for status in snapshot.domains:
            for one in (*status.resolvers, *status.other_view):
                said.setdefault(one.server, []).append(one)
        summaries = [_summary(server, told) for server, told in said.items()]
        return self._fact(request, ResolverList, {"resolvers": summaries}, snapshot)

    @staticmethod
    def _fact(request: Request, kind: type[BaseModel], value: object, snapshot: Snapshot) -> Response:
        return _answer(request, to_json(kind, value), snapshot)


def _past_of(rdtype: RecordType, server: Server, past: tuple[Spell, ...]) -> dict[str, object]:
    return {"type": rdtype.value, "name": display(server.name), "address": server.address, "past": past}


def _summary(server: Server, told: list[ResolverStatus]) -> dict[str, object]:
    return {
        "name": server.name,
        "address": server.address,
        "transport": server.transport,
        "client_subnet": server.client_subnet,
        "records": len(told),
        "silent": sum(one.failure is not None for one in told),
        "answers": Counter(one.answer_class.value for one in told if one.answer_class is not None),
        "verdicts": Counter(one.verdict.value for one in told),
    }


def _read(request: Request, kind: type[_M]) -> _M:
    """Read a query; what it cannot be is said in one sentence."""
    given = request.query_params
    twice = sorted({name for name in given if len(given.getlist(name)) > 1})
    if twice:
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"{twice[0]} is given more than once.")
    try:
        return kind.model_validate(dict(given))
    except ValidationError as error:
        said = "; ".join(f"{item['loc'][0]}: {item['msg']}" for item in error.errors(include_url=False)[:_SAID])
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"{said}.") from error


def _listed(request: Request, snapshot: Snapshot, kind: _Kind, found: Sequence[object], page: Page) -> Response:
    end = page.offset + page.limit
    items = b",".join([to_json(kind.model, one) for one in found[page.offset : end]])
    following = None
    if end < len(found):
        query = dict(request.query_params) | {"limit": str(page.limit), "offset": str(end)}
        following = f"{request.url.path}?{urlencode(query)}"
    body = b'{"%b":[%b],"total":%d,"next":%b}' % (kind.key.encode(), items, len(found), json.dumps(following).encode())
    return _answer(request, body, snapshot)


def _answer(request: Request, body: bytes, snapshot: Snapshot | None = None) -> Response:
    """Answer with a body, or say that the caller has it already (RFC 9110 section 13.1.2)."""
    # Weak: the body may be compressed on its way.
    tag = f'W/"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if snapshot is not None:
        headers["Cutover-Snapshot-At"] = timestamp(snapshot.at) or ""
    known = {one.strip() for one in request.headers.get("if-none-match", "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, headers=headers, media_type="application/json")
