"""The whole probe in one process, put together as `run` does it, against the responders."""

import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from probe.cli.assembly import Probe, assemble
from probe.cli.keeping import take_up_journal
from probe.cli.serving import serve, served
from probe.model.clock import Clock
from probe.model.name import canonical
from probe.model.plan import Authoritative, Domain, Endpoint, Expectation, Plan, Probing, SidePlan, State, Wave
from probe.model.side import Side
from probe.model.snapshot import ReloadStatus
from probe.runtime.interpreter import collect_garbage, tune
from probe.web.history import History


class Running(NamedTuple):
    """A running probe, its clock, and where its web server listens."""

    probe: Probe
    clock: Clock
    port: int


def plan(names: list[str], ports: list[int], probing: Probing) -> Plan:
    """Watch `names` at the responders; what they answer is v1's."""
    domains = tuple(Domain(canonical(name), "bench", Expectation.V1) for name in names)
    servers = tuple(Endpoint("127.0.0.1", port) for port in ports)
    return Plan(
        vantage="bench",
        v1=SidePlan(Side.V1, networks=(ipaddress.IPv4Network("192.0.2.0/25"),)),
        v2=SidePlan(Side.V2, networks=(ipaddress.IPv4Network("192.0.2.128/25"),)),
        waves=(Wave("bench", Expectation.V1, domains),),
        authoritative=Authoritative(overrides=((canonical("example.com"), servers),)),
        probing=probing,
        listen=Endpoint("127.0.0.1", 0),
    )


@asynccontextmanager
async def running(watched: Plan, journal: Path | None = None) -> AsyncIterator[Running]:
    """Run the probe with its web server, as `run` does, and end it; with a journal where it is told."""
    kept = take_up_journal(State(path=journal))
    history = History()
    probe = assemble(watched, kept.clock, observers=(history.observe,), recorder=kept.journal, restored=kept.restored)
    tune()
    probe.tasks.eternal("garbage", collect_garbage(kept.clock))
    watch = served(probe, history, kept.clock)
    web = serve(watch, watched.listen, lambda: ReloadStatus(successful=True, at=kept.clock.now()))
    _, port = web.start()
    if kept.journal is not None:
        kept.journal.start()
    probe.engine.start()
    try:
        yield Running(probe, kept.clock, port)
    finally:
        web.stop()
        await probe.tasks.aclose(5.0)
        await probe.querier.aclose()
        if kept.journal is not None:
            kept.journal.close()


async def until_ready(run: Running) -> None:
    """Wait until every domain has a verdict."""
    while not run.probe.engine.snapshot().ready:
        await run.clock.sleep(0.1)
