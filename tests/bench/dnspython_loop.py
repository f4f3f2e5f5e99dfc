"""What a person would write first: dns.asyncquery.udp, some at a time."""

import asyncio

import dns.asyncquery  # noqa: TID251 - the contestant is dnspython's own way of asking
import dns.exception
import dns.message

from tests.bench.measured import Measured, timed

WORKERS = 50


def run(port: int, names: list[str], queries: int, per_second: float = 0.0) -> Measured:
    """Ask for A of `names` in turn, as fast as they are answered or so many a second."""
    measured = Measured("dns.asyncquery.udp", queries=queries)
    turns = iter(range(queries))

    async def work(began: float) -> None:
        loop = asyncio.get_running_loop()
        for turn in turns:
            if per_second:
                await asyncio.sleep(max(0.0, began + turn / per_second - loop.time()))  # noqa: TID251 - a real pace
            query = dns.message.make_query(names[turn % len(names)], "A", use_edns=0, payload=1232)
            try:
                await dns.asyncquery.udp(query, "127.0.0.1", port=port, timeout=2.0)  # noqa: TID251 - as above
            except dns.exception.DNSException:
                measured.failures += 1

    async def everybody() -> None:
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(work(began) for _ in range(WORKERS)))

    with timed(measured):
        asyncio.run(everybody())
    return measured
