"""A probe that is asked and tells: its web server, its notifications and its log. Commands that look once need none."""

import random
import socket
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import structlog

from probe.cli.assembly import Probe
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
from probe.model.plan import Endpoint, Wave
from probe.model.ports import Reload
from probe.model.snapshot import Snapshot
from probe.notify.notifier import Notifier
from probe.runtime.intake import Observer
from probe.store.events import read_events
from probe.store.journal_error import JournalError
from probe.telemetry.exposition import Exposition
from probe.telemetry.logs import log_effect
from probe.web.access import Access
from probe.web.app import Ports, create_app
from probe.web.history import History
from probe.web.web_server import WebServer


class ServedProbe(NamedTuple):
    """A probe with what it tells people by.

    Attributes:
        probe: Observed by the history.
        clock: What it is stamped by.
        history: What was told lately, for the page.
        notifier: Notifies whoever the plan names, once it runs.
    """

    probe: Probe
    clock: Clock
    history: History
    notifier: Notifier


def served(probe: Probe, history: History, clock: Clock) -> ServedProbe:
    """Give a probe its notifier; `history` is among the observers that it was put together with."""
    rng = random.Random()  # noqa: S311  # spreads retries: nobody gains by guessing it
    notifier = Notifier(probe.engine.snapshot, clock, rng, probe.tasks.passing, PATIENCE)
    return ServedProbe(probe, clock, history, notifier)


def log_effects() -> tuple[Observer, ...]:
    """Make the observers of a daemon: its log tells every change."""
    log = structlog.get_logger("probe.domains")
    return (lambda effect: log_effect(log, effect),)


def serve(
    watch: ServedProbe, listen: Endpoint, reload: Reload, access: Access | None = None, names: Sequence[str] = ()
) -> WebServer:
    """Make the web server over a probe; everybody may ask unless `access` says otherwise.

    It may be asked by any address, by the machine's own name, by the plan's `external_url`, and by `names`.
    """
    access, probe = Access() if access is None else access, watch.probe

    def present() -> Snapshot:
        return replace(probe.engine.snapshot(), notifications=watch.notifier.counts())

    ports = Ports(
        snapshots=present,
        now=watch.clock.now,
        plan=lambda: probe.engine.plan,
        # What is about the vantage has a metric of its own, `cutover_blind`; no domain can ever have it.
        exposition=Exposition(present, [entry for code, entry in CATALOGUE.items() if code not in ABOUT_NO_DOMAIN]),
        reload=reload,
        heartbeat=probe.heartbeat.age,
        explain=lambda status, snapshot: explained(probe.engine.state_of(status), snapshot.at, snapshot.plan),
        history=watch.history,
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
