"""Asking alone, as the daemon does it: its own querier over real sockets, each answer matched and made an observation.

What is left out is everything around it: the schedule, the judge, the journal and telling.
"""

import asyncio

from probe.model.name import canonical
from probe.model.observation import Observation
from probe.model.outcome import Response
from probe.model.ports import Query
from probe.model.question import Question, RecordType
from probe.model.server import Server
from probe.runtime.clock import SystemClock
from probe.runtime.interpreter import tune
from probe.wire.transport.limits import QueryLimits
from probe.wire.transport.querier import WireQuerier
from tests.bench.measured import Measured, timed

IN_FLIGHT = 200
"""Questions that are out, as in the bare loop."""
BATCH = 25
"""Questions put at a time: a tick of the engine has as many due of 1,000 calm domains (one in 3 s on 50 ms a tick)."""


class _Turns:
    """Asks the names in turn until so many questions were answered; an answer makes room for the next batch."""

    def __init__(self, querier: WireQuerier, asked: list[Query], measured: Measured) -> None:
        self._querier, self._asked, self._measured = querier, asked, measured
        self._sent = self._heard = 0
        self.over = asyncio.Event()

    def go_on(self) -> None:
        """Put batches while there is room."""
        while self._sent < self._measured.queries and self._sent - self._heard <= IN_FLIGHT - BATCH:
            begin = self._sent % len(self._asked)
            batch = self._asked[begin : begin + BATCH]
            self._sent += len(batch)
            self._querier.submit(batch, self._hear)

    def _hear(self, observation: Observation) -> None:
        self._heard += 1
        self._measured.failures += not isinstance(observation.outcome, Response)
        if self._heard >= self._measured.queries:
            self.over.set()
        elif self._sent - self._heard <= IN_FLIGHT - BATCH:
            self.go_on()


def run(port: int, names: list[str], queries: int) -> Measured:
    """Ask for A of `names` in turn."""
    return asyncio.run(_ask(port, names, queries))


async def _ask(port: int, names: list[str], queries: int) -> Measured:
    measured = Measured("the probe's querier alone", queries=queries)
    limits = QueryLimits(timeout=5.0, max_in_flight=IN_FLIGHT, queries_per_second=1e6, domains=len(names))
    querier = WireQuerier(SystemClock(), limits)
    server = Server("ns1.example.com.", "127.0.0.1", port)
    asked = [Query(server, Question(canonical(name), RecordType.A)) for name in names]
    turns = _Turns(querier, asked, measured)
    tune()
    with timed(measured):
        turns.go_on()
        await turns.over.wait()
    await querier.aclose()
    return measured
