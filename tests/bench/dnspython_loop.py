"""What a person would write first: dns.asyncquery.udp, some at a time."""

import asyncio

import dns.asyncquery  # noqa: TID251 - the contestant is dnspython's own way of asking
import dns.exception
import dns.message

from tests.bench.measured import Measured, timed

WORKERS = 50


def run(port: int, names: list[str], queries: int) -> Measured:
    """Ask for A of `names` in turn."""
    measured = Measured("dns.asyncquery.udp", queries=queries)
    turns = iter(range(queries))

    async def work() -> None:
        for turn in turns:
            query = dns.message.make_query(names[turn % len(names)], "A", use_edns=0, payload=1232)
            try:
                await dns.asyncquery.udp(query, "127.0.0.1", port=port, timeout=2.0)  # noqa: TID251 - as above
            except dns.exception.DNSException:
                measured.failures += 1

    async def everybody() -> None:
        await asyncio.gather(*(work() for _ in range(WORKERS)))

    with timed(measured):
        asyncio.run(everybody())
    return measured
