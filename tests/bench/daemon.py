"""The whole probe in one process, put together as `run` does it, against the responders."""

import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from probe.cli.assembly import Probe, assemble, serve
from probe.model.clock import Clock
from probe.model.name import canonical
from probe.model.plan import Authoritative, Domain, Endpoint, Expectation, Plan, Probing, SidePlan, Wave
from probe.model.side import Side
from probe.model.snapshot import ReloadStatus
from probe.runtime.clock import SystemClock
from probe.runtime.interpreter import tune


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
async def running(watched: Plan) -> AsyncIterator[Running]:
    """Run the probe with its web server, as `run` does, and end it."""
    clock = SystemClock()
    probe = assemble(watched, clock, observers=())
    tune()
    web = serve(probe, watched.listen, lambda: ReloadStatus(successful=True, at=clock.now()))
    _, port = web.start()
    probe.engine.start()
    try:
        yield Running(probe, clock, port)
    finally:
        web.stop()
        await probe.tasks.aclose(5.0)
        await probe.querier.aclose()


async def until_ready(run: Running) -> None:
    """Wait until every domain has been observed."""
    while not run.probe.engine.snapshot().ready:
        await run.clock.sleep(0.1)
