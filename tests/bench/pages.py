"""People with the status page open: `pages URL CLIENTS`, until standard input closes.

Each listens to `/live` and fetches the page again for every event, as the page does in a browser. Who is refused a
stream because too many are open comes back when the answer says.
"""

import asyncio
import json
import os
import sys
from collections import Counter

import httpx


async def _person(client: httpx.AsyncClient, url: str, counts: Counter[str]) -> None:
    while True:
        try:
            async with client.stream("GET", f"{url}/live") as stream:
                if stream.status_code != httpx.codes.OK:
                    counts["refused"] += 1
                    await asyncio.sleep(float(stream.headers.get("retry-after", 1)))  # noqa: TID251 - a client of its own
                    continue
                counts["streams"] += 1
                async for line in stream.aiter_lines():
                    if line.startswith("data"):
                        counts["events"] += 1
                        page = await client.get(url)
                        counts["pages"] += page.status_code == httpx.codes.OK
        except httpx.HTTPError:
            counts["failed"] += 1
            await asyncio.sleep(1.0)  # noqa: TID251 - as above


async def _watch(url: str, clients: int) -> None:
    counts: Counter[str] = Counter()
    limits = httpx.Limits(max_connections=2 * clients)
    async with httpx.AsyncClient(trust_env=False, timeout=90.0, limits=limits) as client:
        people = [asyncio.create_task(_person(client, url, counts)) for _ in range(clients)]
        await asyncio.to_thread(sys.stdin.read)
        sys.stdout.write(json.dumps(counts) + "\n")
        sys.stdout.flush()
        os._exit(0 if not any(person.done() for person in people) else 1)  # streams would be waited for


def main() -> None:
    """Print one JSON line: how many streams, refusals, events and pages there were."""
    asyncio.run(_watch(sys.argv[1], int(sys.argv[2])))


if __name__ == "__main__":
    main()
