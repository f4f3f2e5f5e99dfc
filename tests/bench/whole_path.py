"""The whole path: due, asked, classified, judged, exported. The probe itself, as fast as its schedule can drive it."""

import asyncio
import math
import urllib.request

from probe.model.plan import Probing
from probe.runtime import stretch
from tests.bench.daemon import Running, plan, running, until_ready
from tests.bench.measured import Measured, timed

PACE = 12_000
"""Questions a second that the plan asks for: what one core can just do, so that the work is measured and not the
waiting; far beyond it, turns would be taken in vain."""
SCRAPE_INTERVAL = 15.0
"""Seconds: what Prometheus does by default in most installations, and the chart's default."""


def run(port: int, names: list[str], queries: int) -> Measured:
    """Watch `names` until at least `queries` questions were answered."""
    return asyncio.run(_watch(port, names, queries))


async def _watch(port: int, names: list[str], queries: int) -> Measured:
    measured = Measured("the whole path of the probe")
    probing = Probing(
        interval=len(names) / PACE, txt_interval=3600.0, queries_per_second=1e6, max_in_flight=200, timeout=5.0
    )
    stretch.LEAST_FELT = math.inf  # the loop is to be busy all the time: nothing gives way
    async with running(plan(names, [port], probing)) as run:
        await until_ready(run)
        await asyncio.to_thread(_fetch, run.port)  # the first scrape makes every series, the later ones what changed
        scraping = asyncio.create_task(_scrape(run))
        before, failed = _asked(run)
        with timed(measured):
            while _asked(run)[0] - before < queries:
                await run.clock.sleep(0.2)
        after, failed_after = _asked(run)
        scraping.cancel()
    measured.queries = after - before
    measured.failures = failed_after - failed
    return measured


async def _scrape(run: Running) -> None:
    while True:
        await asyncio.to_thread(_fetch, run.port)
        await run.clock.sleep(SCRAPE_INTERVAL)


def _fetch(port: int) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        answer.read()


def _asked(run: Running) -> tuple[int, int]:
    traffic = run.probe.querier.traffic()
    return sum(one.queries for one in traffic), sum(count for one in traffic for _, count in one.failures)
