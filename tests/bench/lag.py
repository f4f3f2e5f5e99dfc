"""By how much a scrape of 1,000 domains delays probing, in a process of its own: `lag DOMAINS PORT...`.

What is measured is the probing loop itself: a callback every millisecond notes how late it runs. The scraper is another
process, as Prometheus would be.
"""

import asyncio
import json
import subprocess
import sys
from dataclasses import dataclass, field

from probe.model.clock import Clock
from probe.model.plan import Probing
from tests.bench.contestant import names
from tests.bench.daemon import plan, running, until_ready

_PROBING = Probing(queries_per_second=1e5)
_BEAT = 0.001
_SECONDS = 15.0
_SCRAPER = """
import sys, time, urllib.request
end = time.perf_counter() + float(sys.argv[2])
count, size, took = 0, 0, 0.0
while time.perf_counter() < end:
    began = time.perf_counter()
    size = len(urllib.request.urlopen(sys.argv[1]).read())
    took += time.perf_counter() - began
    count += 1
    time.sleep(0.5)
print(count, size, took / count)
"""


@dataclass(slots=True)
class _Lateness:
    """How late the callbacks ran, in seconds."""

    samples: list[float] = field(default_factory=list)

    async def watch(self, clock: Clock) -> None:
        while True:
            due = clock.now().monotonic + _BEAT
            await clock.sleep(_BEAT)
            self.samples.append(clock.now().monotonic - due)

    def quantile(self, q: float) -> float:
        return sorted(self.samples)[min(len(self.samples) - 1, int(len(self.samples) * q))]


async def _measure(domains: int, ports: list[int]) -> dict[str, object]:
    async with running(plan(names(domains), ports, _PROBING)) as run:
        await until_ready(run)
        quiet, scraped = _Lateness(), _Lateness()
        watching = asyncio.create_task(quiet.watch(run.clock))
        await run.clock.sleep(_SECONDS)
        watching.cancel()
        scraper = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _SCRAPER,
            f"http://127.0.0.1:{run.port}/metrics",
            str(_SECONDS),
            stdout=subprocess.PIPE,
        )
        watching = asyncio.create_task(scraped.watch(run.clock))
        output, _ = await scraper.communicate()
        watching.cancel()
    scrapes, size, took = output.split()
    return {
        "domains": domains,
        "quiet": {"p99": quiet.quantile(0.99), "max": quiet.quantile(1.0)},
        "scraped": {"p99": scraped.quantile(0.99), "max": scraped.quantile(1.0)},
        "scrapes": int(scrapes),
        "bytes": int(size),
        "seconds": float(took),
    }


def main() -> None:
    """Print one JSON line."""
    domains, *ports = map(int, sys.argv[1:])
    sys.stdout.write(json.dumps(asyncio.run(_measure(domains, ports))) + "\n")


if __name__ == "__main__":
    main()
