"""The daemon at its own cadence, in a process of its own: `cadence DOMAINS STORY SECONDS`.

What `run` does with a plan of that size and the default intervals and limits: four servers a zone, 250 domains in each,
A, AAAA and every TXT name, time that passes, a scrape every 15 s. Answers differ by machine and order. Measured are the
time until every domain has a verdict, and then, for `SECONDS`: CPU for each question, lag, memory, and the scrapes.
"""

import asyncio
import ipaddress
import json
import subprocess
import sys
import time

from probe.model.name import canonical
from probe.model.plan import Authoritative, Domain, Endpoint, Expectation, Plan, Probing, SidePlan, Wave, Weights
from probe.model.side import Side
from probe.runtime.schedule import LagMeter
from tests.bench.anycast import PREFIXES, V2_SHARE, Story, machines
from tests.bench.daemon import Running, running, until_ready
from tests.bench.measured import resident_memory

ZONE_DOMAINS = 250
"""Domains in a zone: what four servers have time for at the full cadence (docs/scaling.md)."""
ZONE_SERVERS = 4
SCRAPE_INTERVAL = 15
STORY_DOMAINS = 50
"""Domains that are drawn by weights, or fought over, at most: a wave. All others are calm."""
KNOWN_WITHIN = 600.0
"""Seconds after which a plan that is not known counts as never known."""

_SCRAPER = """
import sys, time, urllib.request
while True:
    began = time.perf_counter()
    size = len(urllib.request.urlopen(sys.argv[1]).read())
    print(size, time.perf_counter() - began, flush=True)
    time.sleep(float(sys.argv[2]))
"""


class _Lags(LagMeter):
    """Keeps every lag."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[float] = []

    def note(self, lag: float, now: float) -> None:
        super().note(lag, now)
        self.all.append(lag)

    def quantile(self, q: float) -> float:
        return sorted(self.all)[min(len(self.all) - 1, int(len(self.all) * q))] if self.all else 0.0


def _plan(domains: int, story: Story, ports: list[int]) -> Plan:
    zones = [canonical(f"zone-{zone}.example.com") for zone in range(len(ports) // ZONE_SERVERS)]
    names = [canonical(f"app-{number}.{zones[number // ZONE_DOMAINS]}") for number in range(domains)]
    told = min(STORY_DOMAINS, domains) if story is not Story.CALM else 0
    expectation = Expectation.WEIGHTED if story is Story.WEIGHTED else Expectation.V1
    weights = Weights(round(100 * (1 - V2_SHARE)), round(100 * V2_SHARE)) if story is Story.WEIGHTED else None
    waves = (
        Wave("story", expectation, tuple(Domain(name, "story", expectation, weights) for name in names[:told])),
        Wave("calm", Expectation.V1, tuple(Domain(name, "calm", Expectation.V1) for name in names[told:])),
    )
    networks = [tuple(ipaddress.ip_network(prefixes[side]) for prefixes in PREFIXES.values()) for side in (0, 1)]
    servers = [
        tuple(Endpoint("127.0.0.1", port) for port in ports[zone * ZONE_SERVERS :][:ZONE_SERVERS])
        for zone in range(len(zones))
    ]
    return Plan(
        vantage="bench",
        v1=SidePlan(Side.V1, networks=networks[0]),
        v2=SidePlan(Side.V2, networks=networks[1]),
        waves=tuple(wave for wave in waves if wave.domains),
        authoritative=Authoritative(overrides=tuple(zip(zones, servers, strict=True))),
        probing=Probing(),
        listen=Endpoint("127.0.0.1", 0),
    )


async def _measure(domains: int, story: Story, seconds: float) -> dict[str, object]:
    zones = -(-domains // ZONE_DOMAINS)
    with machines(zones * ZONE_SERVERS, story, STORY_DOMAINS) as ports:
        async with running(_plan(domains, story, ports)) as run:
            began = time.perf_counter()
            scraper = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                _SCRAPER,
                f"http://127.0.0.1:{run.port}/metrics",
                str(SCRAPE_INTERVAL),
                stdout=subprocess.PIPE,
            )
            try:
                await asyncio.wait_for(until_ready(run), KNOWN_WITHIN)
                known = time.perf_counter() - began
            except TimeoutError:
                known = None
            lags = run.probe.engine._intake.lag = _Lags()
            asked, cpu = _asked(run), time.process_time()
            await run.clock.sleep(seconds)
            asked, cpu = _asked(run) - asked, time.process_time() - cpu
            resident = resident_memory()
            scraper.terminate()
            output, _ = await scraper.communicate()
            states = [status.state.value for status in run.probe.engine.snapshot().domains]
    sizes, took = zip(*(map(float, line.split()) for line in output.splitlines()), strict=True)
    return {
        "domains": domains,
        "story": story.value,
        "known": known,
        "questions": asked / seconds,
        "cpu": cpu / asked,
        "core": cpu / seconds,
        "lag": {"p99": lags.quantile(0.99), "max": lags.quantile(1.0)},
        "bytes": resident,
        "scrape": {"bytes": int(sizes[-1]), "seconds": max(took), "count": len(took)},
        "states": {state: states.count(state) for state in sorted(set(states))},
    }


def _asked(run: Running) -> int:
    return sum(one.queries for one in run.probe.querier.traffic())


def main() -> None:
    """Print one JSON line."""
    domains, story, seconds = int(sys.argv[1]), Story(sys.argv[2]), float(sys.argv[3])
    sys.stdout.write(json.dumps(asyncio.run(_measure(domains, story, seconds))) + "\n")


if __name__ == "__main__":
    main()
