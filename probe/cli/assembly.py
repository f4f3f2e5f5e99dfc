"""Joining the rooms: which part gets which port. `run`, `check` and `demo` differ in clock, route and plan only."""

import random
import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import structlog

from probe.cli.keeping import make_codec
from probe.judge.acceptance.chain import explained
from probe.judge.findings.catalogue import CATALOGUE, PATIENCE
from probe.judge.findings.vantage import ABOUT_NO_DOMAIN
from probe.judge.preflight.inputs import PreflightEvidence
from probe.judge.preflight.run import preflight
from probe.model.check import Check
from probe.model.clock import Clock
from probe.model.journal import EventsPage, EventsQuery, JournalStatus
from probe.model.name import DomainName
from probe.model.plan import Authoritative, Endpoint, Plan, Wave
from probe.model.ports import Delegator, Recorder, Reload, Witness
from probe.model.snapshot import Snapshot
from probe.notify.notifier import Notifier
from probe.runtime.clock import SystemClock
from probe.runtime.daemon import Heartbeat
from probe.runtime.engine import Engine
from probe.runtime.intake import Observer
from probe.runtime.restored import RestoredState
from probe.runtime.tasks import Tasks
from probe.runtime.witness_feed import no_witnesses
from probe.store.events import read_events
from probe.store.journal_error import JournalError
from probe.telemetry.exposition import Exposition
from probe.telemetry.logs import log_effect
from probe.web.access import Access
from probe.web.app import Ports, create_app
from probe.web.history import History
from probe.web.web_server import WebServer
from probe.wire.delegation.walk import DelegationWalk
from probe.wire.http.https_check import HttpsChecker
from probe.wire.transport.limits import QueryLimits
from probe.wire.transport.querier import WireQuerier, direct

Route = Callable[[str, int], tuple[str, int] | None]
"""Where a server's address and port are really reached; None when they are not."""


class Probe(NamedTuple):
    """A probe that is put together, and not started yet."""

    engine: Engine
    querier: WireQuerier
    checker: HttpsChecker
    tasks: Tasks
    heartbeat: Heartbeat
    notifier: Notifier
    history: History


def log_effects() -> tuple[Observer, ...]:
    """Make the observers of a daemon: its log tells every change."""
    log = structlog.get_logger("probe.domains")
    return (lambda effect: log_effect(log, effect),)


def assemble(  # noqa: PLR0913  # what differs between the commands
    plan: Plan,
    clock: Clock,
    *,
    observers: Sequence[Observer],
    route: Route = direct,
    recorder: Recorder | None = None,
    restored: RestoredState | None = None,
    witnesses: Callable[[Plan], Sequence[Witness]] = no_witnesses,
) -> Probe:
    """Put a probe together for `plan`. To be called on the event loop that it will run on.

    Args:
        plan: What to watch.
        clock: Paces and stamps everything.
        observers: Told of every effect.
        route: Leads into a laboratory, when it is not the real network.
        recorder: Writes down what happens.
        restored: What an earlier process knew.
        witnesses: Makes the witnesses of a plan that are asked beside DNS; left out for a look that is over before one
            has spoken.
    """
    querier = WireQuerier(clock, _limits(plan), route=route)
    checker = HttpsChecker(clock, route=route)
    tasks = Tasks()
    heartbeat = Heartbeat(SystemClock())
    history = History()

    def delegator(authoritative: Authoritative) -> Delegator:
        return DelegationWalk(querier, clock, authoritative)

    def reconfigure(plan: Plan) -> None:
        querier.reconfigure(_limits(plan))

    rng = random.Random()  # noqa: S311  # jitter: nobody gains by guessing it; ids and ports have their own entropy
    engine = Engine(
        plan,
        querier=querier,
        checker=checker,
        delegator=delegator,
        reconfigure=reconfigure,
        clock=clock,
        rng=rng,
        tasks=tasks,
        observers=(*observers, history.observe),
        beat=heartbeat.beat,
        recorder=recorder,
        restored=restored,
        witnesses=witnesses,
    )
    notifier = Notifier(engine.snapshot, clock, rng, tasks.passing, PATIENCE)
    return Probe(engine, querier, checker, tasks, heartbeat, notifier, history)


def serve(
    probe: Probe, listen: Endpoint, reload: Reload, access: Access | None = None, names: Sequence[str] = ()
) -> WebServer:
    """Make the web server over a probe; everybody may ask unless `access` says otherwise.

    It may be asked by any address, by the machine's own name, by the plan's `external_url`, and by `names`.
    """
    access = Access() if access is None else access

    def present() -> Snapshot:
        return replace(probe.engine.snapshot(), notifications=probe.notifier.counts())

    ports = Ports(
        snapshots=present,
        # What is about the vantage has a metric of its own, `cutover_blind`; no domain can ever have it.
        exposition=Exposition(present, [entry for code, entry in CATALOGUE.items() if code not in ABOUT_NO_DOMAIN]),
        reload=reload,
        heartbeat=probe.heartbeat.age,
        explain=lambda status, snapshot: explained(probe.engine.state_of(status), snapshot.at, snapshot.plan),
        history=probe.history,
        catalogue=tuple(CATALOGUE.values()),
        preflight=_preflight,
        events=lambda domain, query: _events(probe.engine.snapshot().journal, domain, query),
    )
    own = (socket.gethostname(), *names)
    application = create_app(ports, access, [name.lower().removesuffix(".") for name in own])
    return WebServer(application.app, listen.address, listen.port, tls=access.tls, ending=application.close)


def _preflight(snapshot: Snapshot, wave: Wave) -> tuple[Check, ...]:
    """Judge whether a wave would move well by what is watched anyway; what needs more questions is left out."""
    own = tuple(status for status in snapshot.domains if status.domain.wave == wave.name)
    narrowed = replace(snapshot, plan=replace(snapshot.plan, waves=(wave,)), domains=own)
    return preflight(PreflightEvidence(narrowed, {}))


def _events(journal: JournalStatus | None, domain: DomainName, query: EventsQuery) -> EventsPage | None:
    """Read what the journal tells of a domain; the page shows what is remembered where there is none to read."""
    if journal is None:
        return None
    try:
        return read_events(Path(journal.path), make_codec(), domain, query)
    except JournalError as error:
        structlog.get_logger("probe.store").warning("the journal cannot be read for the page", error=str(error))
        return None


def _limits(plan: Plan) -> QueryLimits:
    probing = plan.probing
    return QueryLimits(
        queries_per_second=probing.queries_per_second,
        max_in_flight=probing.max_in_flight,
        timeout=probing.timeout,
        domains=len(plan.domains),
    )
