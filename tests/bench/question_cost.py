"""What a question costs, on a machine that is busy with other things: `question_cost DOMAINS [SECONDS] [bare]`.

The probe as `run` puts it together, at its own cadence, over real sockets to servers in a process of their own, whose
answers differ by machine and order, and come after a round trip of 4 to 35 ms, as those of a zone's four servers do.
Time is virtual: it passes when nothing is left to do, and as fast as the real one while answers are on their way, so
that each tick, turn and wake-up is that of the daemon, however little CPU there is. Every `SCRAPE_INTERVAL` the
exposition is rendered, as a scrape has it; what HTTP and its thread cost beside that is left out.

CPU is that of this process. The bare loop runs in it too, before and after: ratios hold, absolute figures do not.
"""

import asyncio
import json
import sys
import time
from typing import Any

from probe.cli.assembly import Probe, assemble
from probe.judge.findings.catalogue import CATALOGUE
from probe.runtime.interpreter import tune
from probe.telemetry.exposition import Exposition
from tests.bench import bare_loop
from tests.bench.anycast import Story, machines
from tests.bench.cadence import SCRAPE_INTERVAL, ZONE_DOMAINS, ZONE_SERVERS, plan_of
from tests.bench.responder import responders
from tests.clock import LoopClock, VirtualLoop

SETTLED = 240.0
"""Seconds after the start until all is calm: looks are over, and TXT names and wildcards were asked twice."""
SECONDS = 150.0
"""Seconds that are measured: ten scrapes, and time let pass for each domain several times."""
BARE_QUERIES = 30_000
ACCEPT = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3"
"""What Prometheus asks for."""


def measure(domains: int, seconds: float = SECONDS) -> dict[str, Any]:
    """Watch so many calm domains, and tell what a question takes in seconds of CPU."""
    bare = [_bare(domains)]
    with (
        machines(-(-domains // ZONE_DOMAINS) * ZONE_SERVERS, Story.CALM, 0, far=True) as ports,
        asyncio.Runner(loop_factory=VirtualLoop) as runner,
    ):
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        told = runner.run(_watch(loop, domains, ports, seconds))
    bare.append(_bare(domains))
    return {"domains": domains, **told, "bare": min(bare), "ratio": told["cpu"] / min(bare)}


async def _watch(loop: VirtualLoop, domains: int, ports: list[int], seconds: float) -> dict[str, Any]:
    clock = LoopClock(loop)
    probe = assemble(plan_of(domains, Story.CALM, ports), clock, observers=())
    loop.wait_for(lambda: probe.querier._in_flight > 0, keeping_pace=True)
    tune()
    probe.engine.start()
    await clock.sleep(SETTLED)
    exposition = Exposition(probe.engine.snapshot, tuple(CATALOGUE.values()), rest=lambda: None)
    exposition(ACCEPT)  # the first one makes every line
    scrapes: list[float] = []
    before, began = asked(probe), time.process_time()
    for _ in range(round(seconds / SCRAPE_INTERVAL)):
        await clock.sleep(SCRAPE_INTERVAL)
        start = time.process_time()
        exposition(ACCEPT)
        scrapes.append(time.process_time() - start)
    cpu, questions = time.process_time() - began, asked(probe) - before
    known = probe.engine.snapshot().ready
    await probe.tasks.aclose(1.0)
    await probe.querier.aclose()
    return {"known": known, "asked": questions, "cpu": cpu / questions, "scrapes": sum(scrapes) / questions}


def asked(probe: Probe) -> int:
    """Give how many questions left so far."""
    return sum(one.queries for one in probe.querier.traffic())


def _bare(domains: int) -> float:
    with responders(1) as ports:
        names = [f"app-{number}.example.com." for number in range(domains)]
        return 1.0 / bare_loop.run(ports[0], names, BARE_QUERIES).per_cpu_second


def main() -> None:
    """Print one JSON line."""
    told = measure(int(sys.argv[1]), *map(float, sys.argv[2:3]))
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
