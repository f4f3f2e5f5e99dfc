"""What pages and answers cost: CPU milliseconds and kilobytes for plans of several sizes.

`python -m tests.web.measure_size` prints them; the figures in `probe.web` are from it.
"""

import asyncio
import sys
import time
from dataclasses import replace

import httpx

from probe.model.clock import Instant
from tests.snapshots import fleet
from tests.web.ports import Far

PATHS = (
    "/",
    "/?q=app-9",
    "/domains/app-1.example.com",
    "/api/v1/domains",
    "/api/v1/domains?limit=10000",
    "/api/v1/waves",
)


def main() -> None:
    """Ask everything twice, and print what the second time took."""
    for size in (100, 1_000, 10_000):
        far = Far(snapshot=fleet(size))
        transport = httpx.ASGITransport(far.app())
        for path in PATHS:
            asyncio.run(_ask(transport, path))
            at = far.snapshot.at
            far.snapshot = replace(far.snapshot, at=Instant(at.wall + 9, at.monotonic + 9))  # no page is reused
            began = time.process_time()
            length = asyncio.run(_ask(transport, path))
            took = (time.process_time() - began) * 1e3
            sys.stdout.write(f"{size:6d} domains  {path:34s} {took:7.1f} ms  {length / 1e3:8.1f} kB\n")


async def _ask(transport: httpx.ASGITransport, path: str) -> int:
    async with httpx.AsyncClient(transport=transport, base_url="http://probe.test") as client:
        return len((await client.get(path, headers={"accept-encoding": "identity"})).content)


if __name__ == "__main__":
    main()
