"""Memory of a whole probe once every domain has been observed, in a process of its own: `memory DOMAINS PORT...`."""

import asyncio
import gc
import json
import sys

from probe.model.plan import Probing
from tests.bench.contestant import names
from tests.bench.daemon import plan, running, until_ready
from tests.bench.measured import resident_memory

# First looks as fast as the machine can, then the default cadence: the question is memory, not the pace.
_PROBING = Probing(queries_per_second=1e5)


async def _measure(domains: int, ports: list[int]) -> dict[str, float]:
    watched = plan(names(domains), ports, _PROBING)
    async with running(watched) as run:
        await until_ready(run)
        # A round of calm turns, so that everything that is remembered for an answer is there.
        await run.clock.sleep(_PROBING.interval * 1.5)
        gc.collect()
        return {"domains": domains, "bytes": resident_memory()}


def main() -> None:
    """Print one JSON line."""
    domains, *ports = map(int, sys.argv[1:])
    sys.stdout.write(json.dumps(asyncio.run(_measure(domains, ports))) + "\n")


if __name__ == "__main__":
    main()
