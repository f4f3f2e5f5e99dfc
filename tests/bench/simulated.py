"""What a real engine asks of servers and how late, in simulated time: as many domains as one likes on any machine.

- `simulated start DOMAINS`: zones that fill their servers, from the start until each domain has a verdict, and a minute
  in which all is calm.
- `simulated shards DOMAINS SHARDS`: the same for one zone whose domains are divided among several processes: what each
  of its name servers is asked by all of them.
- `simulated fight DOMAINS HOURS`: all domains of one zone in one fight of a minute.

Servers have a pace, answers come after 10 ms, and the interpreter's own time costs nothing: what is measured is what
the probe decides. CPU and memory are those of the whole simulation.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable

from probe.judge.polling.shard import part_of
from probe.model.plan import Shard
from probe.model.side import Side
from tests.bench.measured import resident_memory
from tests.clock import LoopClock, run_virtual
from tests.fakes import Asked
from tests.plans import plan
from tests.runtime.bench import ELB_SERVERS, ZONE, Bench, World
from tests.runtime.crowd import PacedAsker, play
from tests.runtime.fleet import FULL_ZONE, Fleet

CALM_SECONDS = 60.0
"""Seconds of calm that are looked at, after as many in which everything settles."""
FIGHT = (32.0, 28.0)
"""Seconds for which each side has a fought record: two ExternalDNS at the default interval of a minute."""


def start(domains: int) -> dict[str, object]:
    """Let one process begin to watch zones that fill their servers."""
    sizes = [FULL_ZONE] * (domains // FULL_ZONE) + ([domains % FULL_ZONE] if domains % FULL_ZONE else [])
    fleet = Fleet(sizes)
    seen: dict[str, object] = {"domains": domains, "zones": len(sizes)}

    async def scenario(bench: Bench) -> None:
        while not bench.engine.snapshot().ready:
            await bench.clock.sleep(1.0)
        known = bench.clock.now().monotonic
        await bench.clock.sleep(2 * CALM_SECONDS)
        now = bench.clock.now().monotonic
        lags = {
            name: {"p50": fleet.lags.quantile(0.5, *span), "p99": fleet.lags.quantile(0.99, *span)}
            for name, span in {"start": (0.0, known), "calm": (now - CALM_SECONDS, now)}.items()
        }
        seen.update(known=known, lag=lags, **_asked_of_servers(bench.querier.asked, known, now))

    fleet.run(scenario)
    return seen


def shards(domains: int, number: int) -> dict[str, object]:
    """Let several processes begin to watch the domains of one zone at the same moment."""
    seen: dict[str, object] = {"domains": domains, "shards": number}
    watched = plan(*(f"app-{count}.{ZONE}" for count in range(domains)))

    async def main(clock: LoopClock) -> None:
        world = World()
        world.sides = dict.fromkeys((domain.name for domain in watched.domains), Side.V1)
        parts = [part_of(watched, Shard(ordinal, number)) for ordinal in range(number)]
        benches = [Bench(clock, part, world, querier=PacedAsker, seed=seed) for seed, part in enumerate(parts)]
        for bench in benches:
            bench.engine.start()
        while not all(bench.engine.snapshot().ready for bench in benches):
            await clock.sleep(1.0)
        known = clock.now().monotonic
        await clock.sleep(2 * CALM_SECONDS)
        asked = [one for bench in benches for one in bench.querier.asked]
        seen.update(known=known, **_asked_of_servers(asked, known, clock.now().monotonic))
        for bench in benches:
            await bench.tasks.aclose(1.0)

    run_virtual(main)
    return seen


def fight(domains: int, hours: float) -> dict[str, object]:
    """Let all domains of a zone be fought over."""
    found = play(domains, FIGHT, hours * 3600.0)
    codes = Counter(code for code, _, _ in found.findings)
    return {
        "domains": domains,
        "hours": hours,
        "questions": found.asked / (hours * 3600.0),
        "longest_wait": found.longest_wait,
        "delays": sorted(found.delays)[len(found.delays) // 2],
        "findings": dict(codes),
        "changes": sum(map(len, found.transitions.values())),
    }


def _asked_of_servers(asked: Iterable[Asked], known: float, now: float) -> dict[str, float]:
    """Count what one name server is asked: the most in any second of the start, and in a second of calm on average."""
    by_second = Counter((one.server, int(one.at)) for one in asked if one.server not in ELB_SERVERS)
    starts = [count for (_, second), count in by_second.items() if second < known]
    calm = [count for (_, second), count in by_second.items() if now - CALM_SECONDS <= second < int(now)]
    servers = {one for one, _ in by_second}
    return {"server_start_most": max(starts), "server_calm": sum(calm) / CALM_SECONDS / len(servers)}


def main() -> None:
    """Print one JSON line."""
    what, *numbers = sys.argv[1:]
    began = time.process_time()
    match what, numbers:
        case "start", [domains]:
            told = start(int(domains))
        case "shards", [domains, number]:
            told = shards(int(domains), int(number))
        case "fight", [domains, hours]:
            told = fight(int(domains), float(hours))
        case _:
            raise SystemExit(__doc__)
    told |= {"cpu": time.process_time() - began, "bytes": resident_memory()}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
