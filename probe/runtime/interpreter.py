"""What the daemon asks of the Python interpreter that it has to itself.

Reference counting frees nearly everything here: statuses, observations and answers are values without cycles, and
each answer replaces some. The collector of cycles finds nothing in them, and yet goes through all of them: with 10,000
domains (930,000 objects) a full collection takes about a second, and together they took a third of the engine's time.
So it runs seldom, and when it is told to; what it is for, cycles in requests, tasks and tracebacks, is little.
"""

import gc
import sys
from collections.abc import Callable

from probe.model.clock import Clock

SWITCH_INTERVAL = 0.001
"""Seconds after which a thread has to give the interpreter up to another one: while a large scrape is rendered, probing
keeps 70 % of its pace instead of 55 % (measured in `probe.telemetry.exposition`); the default is 0.005."""
YOUNG = 200_000
"""Objects more than before at which the young ones are gone through. Young is whatever has replaced something since the
last time, and so before long nearly all that is known: with 2,500 domains it takes 100 ms, half of a full collection.
Answers that replace each other do not add up but sway, by 12,000 objects there and by more where a plan is larger: as
long as this was 10,000, they were gone through ten times a minute with 10,000 domains. A connection leaves some ten
objects behind in cycles, half a kilobyte: so many are ten megabytes."""
NEVER = 1_000_000
"""Collections of one generation after which the next older one is gone through by itself."""
COLLECT_EVERY = 3600.0
"""Seconds between two full collections, at the least. A connection leaves half a kilobyte behind in cycles, and what is
left young goes with the young: a scrape every 15 s leaves a megabyte in eight hours."""
COLLECT_SHARE = 1e-5
"""Part of the time that full collections may take: no question leaves meanwhile. With 10,000 domains one takes half a
second and more, and the next is due after 16 hours; with a few hundred it is due after `COLLECT_EVERY`."""
COLLECT_WITHIN = 86_400.0
"""Seconds between two at the most: one that was stopped for minutes has not taken so long."""


def tune() -> None:
    """Set the interpreter up for probing. For a process that does nothing else."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.collect()
    gc.freeze()  # modules and their functions live as long as the process: no collection need look at them again
    gc.set_threshold(YOUNG, NEVER, NEVER)


async def collect_garbage(clock: Clock, collect: Callable[[], object] = gc.collect) -> None:
    """Go through all objects once in a while, the more seldom the longer it takes, for ever."""
    pause = COLLECT_EVERY
    while True:
        await clock.sleep(pause)
        began = clock.now().monotonic
        collect()
        pause = min(max(COLLECT_EVERY, (clock.now().monotonic - began) / COLLECT_SHARE), COLLECT_WITHIN)
