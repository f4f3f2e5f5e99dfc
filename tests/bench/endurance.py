"""A long watch in virtual time: `endurance DOMAINS STORY SECONDS`.

The probe as `run` puts it together, over real sockets, at its own cadence, while time passes only when every answer has
come (`question_cost` says why): two hours of a fight take minutes, and 10,000 domains need no core of their own. What
is told depends on the machine in CPU and memory alone; when each domain was known, found and how often it was asked
does not.

At the end a plan with one domain less is taken over, as a reload has it.
"""

import asyncio
import json
import socket
import sys
import time
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

from probe.cli.assembly import Probe, assemble
from probe.judge.findings.catalogue import CATALOGUE
from probe.model.effect import Effect, FindingRaised, TransitionConfirmed
from probe.model.plan import Plan
from probe.runtime.interpreter import tune
from probe.telemetry.exposition import Exposition
from tests.bench.anycast import FIGHT_SECONDS, Story, machines, time_passes
from tests.bench.cadence import KNOWN_WITHIN, SCRAPE_INTERVAL, STORY_DOMAINS, ZONE_DOMAINS, ZONE_SERVERS, plan_of
from tests.bench.measured import resident_memory
from tests.bench.question_cost import ACCEPT, asked
from tests.clock import LoopClock, VirtualLoop

MARKS = 8
"""How often memory is looked at: whether it grows is seen in half of them, and whether it stops in the others."""
MANY = 100
"""Domains up to which a story is of all of them; of more, it is a wave's."""


class _Told:
    """What the probe told: how many changes, and which findings of which domains."""

    def __init__(self) -> None:
        self.changes = 0
        self.found: dict[str, set[str]] = {}

    def __call__(self, effect: Effect) -> None:
        match effect:
            case TransitionConfirmed():
                self.changes += 1
            case FindingRaised():
                self.found.setdefault(effect.finding.code, set()).add(effect.finding.domain)
            case _:
                pass

    def told(self) -> dict[str, Any]:
        """Give the changes, and how many domains each finding was raised for."""
        return {"changes": self.changes, "found": {code: len(of) for code, of in sorted(self.found.items())}}


def measure(domains: int, story: Story, seconds: float, of: int) -> dict[str, Any]:
    """Watch so many domains for so long after they are known, and tell what came of it."""
    with (
        machines(-(-domains // ZONE_DOMAINS) * ZONE_SERVERS, story, of) as ports,
        asyncio.Runner(loop_factory=VirtualLoop) as runner,
    ):
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        return runner.run(_watch(loop, plan_of(domains, story, ports, of), ports, seconds))


async def _watch(loop: VirtualLoop, plan: Plan, ports: list[int], seconds: float) -> dict[str, Any]:
    clock, told = LoopClock(loop), _Told()
    probe = assemble(plan, clock, observers=(told,))
    loop.wait_for(lambda: probe.querier._in_flight > 0 and not probe.querier._udp.inbox.gathering)
    tune()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as telling:

        async def pass_time() -> None:
            while True:  # before anything that is asked from now on: loopback keeps the order
                for port in ports:
                    telling.sendto(time_passes(clock.now().monotonic), ("127.0.0.1", port))
                await clock.sleep(FIGHT_SECONDS)

        probe.tasks.eternal("time of the servers", pass_time())
        began = time.process_time()
        probe.engine.start()
        while not probe.engine.snapshot().ready and clock.now().monotonic < KNOWN_WITHIN:
            await clock.sleep(1.0)
        known = clock.now().monotonic if probe.engine.snapshot().ready else None
        start = {"known": known, "cpu": time.process_time() - began, "asked": asked(probe)}
        exposition = Exposition(probe.engine.snapshot, tuple(CATALOGUE.values()), rest=lambda: None)
        marks = [await _mark(probe, clock, exposition, seconds / MARKS) for _ in range(MARKS)]
        states = Counter(status.state.value for status in probe.engine.snapshot().domains)
        reload = await _reload(probe, clock)
        await probe.tasks.aclose(1.0)
    await probe.querier.aclose()
    return {"start": start, "marks": marks, "states": states, "reload": reload, **told.told()}


async def _mark(probe: Probe, clock: LoopClock, exposition: Exposition, seconds: float) -> dict[str, Any]:
    """Let time pass, scraped as ever, and tell what it took: of the last scrape bytes, and seconds of CPU."""
    before, began, size, scraping = asked(probe), time.process_time(), 0, 0.0
    for _ in range(max(1, round(seconds / SCRAPE_INTERVAL))):
        await clock.sleep(SCRAPE_INTERVAL)
        start = time.process_time()
        size = exposition(ACCEPT).blocks.size
        scraping = time.process_time() - start
    questions = asked(probe) - before
    cpu = (time.process_time() - began) / max(questions, 1)
    return {"asked": questions, "cpu": cpu, "memory": resident_memory(), "scrape": size, "scraping": scraping}


async def _reload(probe: Probe, clock: LoopClock) -> dict[str, Any]:
    """Take over a plan with one domain less, and tell what it took and of how many domains the verdict is lost.

    The longest time in which nothing else had its turn is told in CPU; what it took holds what others did meanwhile.
    """
    snapshot = probe.engine.snapshot()
    before = {status.domain.name: status.state for status in snapshot.domains}
    *others, last = snapshot.plan.waves
    fewer = replace(snapshot.plan, waves=(*others, replace(last, domains=last.domains[:-1])))
    turns: list[float] = []

    async def take_turns() -> None:
        while taking:  # no virtual time passes meanwhile
            turns.append(time.process_time())
            await clock.sleep(0.0)

    taking = True
    probe.tasks.passing("turns", take_turns())
    await clock.sleep(0.0)
    began = time.process_time()
    await probe.engine.replace(fewer)
    took = time.process_time() - began
    taking = False
    longest = max(after - before for before, after in pairwise((*turns, time.process_time())))
    await clock.sleep(1.0)
    lost = [one for one in probe.engine.snapshot().domains if one.state is not before[one.domain.name]]
    return {"cpu": took, "longest": longest, "lost": len(lost), "left": len(probe.engine.snapshot().domains)}


def main() -> None:
    """Print one JSON line."""
    domains, story, seconds = int(sys.argv[1]), Story(sys.argv[2]), float(sys.argv[3])
    told = measure(domains, story, seconds, min(domains, STORY_DOMAINS if domains > MANY else domains))
    sys.stdout.write(json.dumps({"domains": domains, "story": story, **told}) + "\n")


if __name__ == "__main__":
    main()
