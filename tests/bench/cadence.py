"""The daemon at its own cadence, in a process of its own: `cadence DOMAINS STORY SECONDS [beside] [journal] [unpaced]`.

What `run` does with a plan of that size and the default intervals and limits: four servers a zone, 250 domains in each,
A, AAAA and every TXT name, time that passes, a scrape every 15 s. Answers differ by machine and order.

Measured are the start, until every domain has a verdict; then, after a phase in which all settles, `SECONDS` of the
story: CPU for each question, lag with and without a scrape, memory, and the scrapes. With `beside` follow as many
seconds each with 200 people at the status page, and with a plan that is taken over; with `journal` one is written. With
`unpaced` the servers are allowed more than is ever asked: what is late then is late by this process. At the default
limit 250 domains are all that four servers have time for, and a question waits for its server's pace.
"""

import asyncio
import ipaddress
import json
import os
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

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
SETTLING = {Story.CALM: 60.0, Story.WEIGHTED: 180.0, Story.FIGHT: 180.0}
"""Seconds after the start until a story is measured: looks are over, weights are proven, a fight has its cause."""
UNPACED = 1000.0
"""Questions a second for each server: fifty times the default limit."""
PEOPLE = 200
"""Who have the status page open: more than get a stream (`probe.web.live.LISTENERS`)."""

_SCRAPER = """
import sys, time, urllib.request
while True:
    began, size = time.monotonic(), 0
    try:
        size = len(urllib.request.urlopen(sys.argv[1]).read())
    except OSError:  # cut off because it took too long, or the daemon ends
        pass
    print(size, began, time.monotonic(), flush=True)
    time.sleep(float(sys.argv[2]))
"""


class _Lags(LagMeter):
    """Keeps every lag, and when it was. As octets: as objects they weighed a tenth of what is measured beside them."""

    def __init__(self) -> None:
        super().__init__()
        self._when, self._lags = array("d"), array("d")

    def note(self, lag: float, now: float) -> None:
        super().note(lag, now)
        self._when.append(now)
        self._lags.append(max(lag, 0.0))

    def since(self, began: float) -> list[tuple[float, float]]:
        """Give those from `began` on: (when, seconds)."""
        return [(at, lag) for at, lag in zip(self._when, self._lags, strict=True) if at >= began]


def plan_of(
    domains: int, story: Story, ports: list[int], of: int = STORY_DOMAINS, probing: Probing | None = None
) -> Plan:
    """Give a plan of so many domains, whose zones' servers listen at these ports, one zone after the other.

    Args:
        domains: How many.
        story: What happens to the first `of` of them.
        ports: Of the servers, `ZONE_SERVERS` for each zone.
        of: How many are drawn by weights, or fought over.
        probing: Intervals and limits; the default ones unless told.
    """
    zones = [canonical(f"zone-{zone}.example.com") for zone in range(len(ports) // ZONE_SERVERS)]
    names = [canonical(f"app-{number}.{zones[number // ZONE_DOMAINS]}") for number in range(domains)]
    told = min(of, domains) if story is not Story.CALM else 0
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
        probing=probing or Probing(),
        listen=Endpoint("127.0.0.1", 0),
    )


async def _measure(
    domains: int, story: Story, seconds: float, *, beside: bool, journal: Path | None, probing: Probing
) -> dict[str, Any]:
    zones = -(-domains // ZONE_DOMAINS)
    told: dict[str, Any] = {"domains": domains, "story": story.value, "load": os.getloadavg()[0]}
    with machines(zones * ZONE_SERVERS, story, STORY_DOMAINS) as ports:
        plan = plan_of(domains, story, ports, probing=probing)
        async with running(plan, journal) as run, _scraped(run.port) as scrapes:
            lags = run.probe.engine._intake.lag = _Lags()
            start = _Phase(run, lags)
            try:
                await asyncio.wait_for(until_ready(run), KNOWN_WITHIN)
                told["known"] = start.seconds()
            except TimeoutError:
                told["known"] = None
            told["start"] = start.told(scrapes)
            await run.clock.sleep(SETTLING[story])
            told["settled"] = await _phase(run, lags, scrapes, seconds)
            told["bytes"] = resident_memory()
            told["states"] = _states(run)
            if beside:
                told["people"] = await _people(run, lags, scrapes, seconds)
                told["reload"] = await _reload(run, lags, scrapes, seconds)
    told["scrape"] = {
        "bytes": max(size for size, _, _ in scrapes),
        "seconds": max(end - begin for _, begin, end in scrapes),
        "count": len(scrapes),
        "failed": sum(not size for size, _, _ in scrapes),
    }
    return told


class _Phase:
    """A part of a run."""

    def __init__(self, run: Running, lags: _Lags) -> None:
        self._run, self._lags = run, lags
        self._began, self._asked, self._cpu = run.clock.now().monotonic, _asked(run), time.process_time()

    def seconds(self) -> float:
        return self._run.clock.now().monotonic - self._began

    def told(self, scrapes: list[tuple[int, float, float]]) -> dict[str, Any]:
        """Tell what it took until now."""
        cpu, asked, seconds = time.process_time() - self._cpu, _asked(self._run) - self._asked, self.seconds()
        lags = self._lags.since(self._began)
        scraped = [lag for at, lag in lags if any(begin <= at <= end for _, begin, end in scrapes)]
        return {
            "questions": asked / seconds,
            "cpu": cpu / max(asked, 1),
            "core": cpu / seconds,
            "lag": _quantiles([lag for _, lag in lags]),
            "lag_while_scraped": _quantiles(scraped),
        }


async def _phase(run: Running, lags: _Lags, scrapes: list[tuple[int, float, float]], seconds: float) -> dict[str, Any]:
    phase = _Phase(run, lags)
    await run.clock.sleep(seconds)
    return phase.told(scrapes)


async def _people(run: Running, lags: _Lags, scrapes: list[tuple[int, float, float]], seconds: float) -> dict[str, Any]:
    people = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.pages", f"http://127.0.0.1:{run.port}", str(PEOPLE)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    told = await _phase(run, lags, scrapes, seconds)
    output, _ = await people.communicate(b"")  # closes its standard input: it ends
    served: dict[str, int] = json.loads(output)
    return {**told, **served}


async def _reload(run: Running, lags: _Lags, scrapes: list[tuple[int, float, float]], seconds: float) -> dict[str, Any]:
    """Take over a plan with one domain less: what is known of the others is kept."""
    plan = run.probe.engine.snapshot().plan
    *others, last = plan.waves
    fewer = replace(plan, waves=(*others, replace(last, domains=last.domains[:-1])))
    began = time.process_time()
    await run.probe.engine.replace(fewer)
    took = time.process_time() - began
    return {"replace": took} | await _phase(run, lags, scrapes, seconds)


@asynccontextmanager
async def _scraped(port: int) -> AsyncIterator[list[tuple[int, float, float]]]:
    """Scrape every 15 s; the list grows by (bytes, begin, end) of each scrape, in monotonic seconds."""
    scrapes: list[tuple[int, float, float]] = []
    scraper = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _SCRAPER, f"http://127.0.0.1:{port}/metrics", str(SCRAPE_INTERVAL)),
        stdout=subprocess.PIPE,
    )

    async def read() -> None:
        assert scraper.stdout is not None
        async for line in scraper.stdout:
            size, begin, end = line.split()
            scrapes.append((int(size), float(begin), float(end)))

    reading = asyncio.create_task(read())
    try:
        yield scrapes
    finally:
        scraper.terminate()
        await scraper.wait()
        reading.cancel()


def _quantiles(lags: list[float]) -> dict[str, float]:
    lags = sorted(lags) or [0.0]
    return {name: lags[min(len(lags) - 1, int(len(lags) * q))] for name, q in (("p50", 0.5), ("p99", 0.99), ("max", 1))}


def _states(run: Running) -> dict[str, int]:
    states = [status.state.value for status in run.probe.engine.snapshot().domains]
    return {state: states.count(state) for state in sorted(set(states))}


def _asked(run: Running) -> int:
    return sum(one.queries for one in run.probe.querier.traffic())


def main() -> None:
    """Print one JSON line."""
    domains, story, seconds, *more = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder) / "journal.db" if "journal" in more else None
        probing = Probing(queries_per_second=UNPACED) if "unpaced" in more else Probing()
        told = asyncio.run(
            _measure(
                int(domains),
                Story(story),
                float(seconds),
                beside="beside" in more,
                journal=journal,
                probing=probing,
            )
        )
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
