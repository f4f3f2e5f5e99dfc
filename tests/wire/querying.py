"""What the tests of asking share: a clock that the test moves and that can be waited on, and short ways to ask."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from probe.model.clock import AlarmClock, Wakeup
from probe.model.name import DomainName
from probe.model.observation import Observation
from probe.model.outcome import NoResponse, Response
from probe.model.question import Question, RecordType
from probe.model.server import Server, Transport
from probe.model.traffic import Traffic
from probe.wire.transport.limits import QueryLimits
from probe.wire.transport.querier import WireQuerier, direct
from tests.clock import FakeClock
from tests.patience import HANG
from tests.wire.scriptable_server import ScriptableServer

WWW = Question(DomainName("www.example."), RecordType.A)
LIMITS = QueryLimits(queries_per_second=1000.0, max_in_flight=64, timeout=2.0)


class HandClock(FakeClock):
    """Time stands still until the test moves it: nothing ever times out because a machine is slow."""

    def __init__(self) -> None:
        super().__init__(monotonic=1000.0)
        self._waiting: list[tuple[float, asyncio.Future[None]]] = []

    async def sleep(self, seconds: float) -> None:
        await self._after(seconds)

    def call_later(self, seconds: float, ring: Callable[[], None]) -> Wakeup:
        future = self._after(seconds)
        future.add_done_callback(lambda over: None if over.cancelled() else ring())
        return future

    def _after(self, seconds: float) -> asyncio.Future[None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((self.monotonic + seconds, future))
        return future

    async def pass_time(self, seconds: float) -> None:
        """Move on, and let everything happen that was due."""
        await settle()
        self.advance(seconds)
        due = [future for moment, future in self._waiting if moment <= self.monotonic + 1e-9]
        self._waiting = [entry for entry in self._waiting if entry[1] not in due]
        for future in due:
            if not future.done():
                future.set_result(None)
        await settle()


async def settle() -> None:
    """Let everything that can happen without the network happen."""
    for _ in range(10):
        await asyncio.sleep(0)  # noqa: TID251  # gives others their turn, waits for no time


async def until(happened: Callable[[], bool]) -> None:
    """Wait for something that comes by loopback; a hanging test is ended by the loop's own time."""
    async with asyncio.timeout(HANG):
        while not happened():  # noqa: ASYNC110  # what happens is in the code under test, which sets no event
            await asyncio.sleep(0.001)  # noqa: TID251  # the network's own time: no clock of ours tells when


@asynccontextmanager
async def asking(
    clock: AlarmClock,
    limits: QueryLimits = LIMITS,
    *,
    route: Callable[[str, int], tuple[str, int] | None] = direct,
    trust: ssl.SSLContext | None = None,
) -> AsyncIterator[WireQuerier]:
    """Give an querier, and close it."""
    querier = WireQuerier(
        clock, limits, route=route, tls_context=(lambda: trust) if trust is not None else ssl.create_default_context
    )
    try:
        yield querier
    finally:
        await querier.aclose()
        await settle()


def place(server: ScriptableServer, transport: Transport = Transport.UDP) -> Server:
    """Say where a scriptable server is asked."""
    return Server("ns1.example.", server.address, server.port, transport=transport)


def at(server: Server, **changes: object) -> Server:
    """Give the same server with other attributes."""
    return replace(server, **changes)  # type: ignore[arg-type]  # each test names attributes of Server


async def once(querier: WireQuerier, server: Server, question: Question = WWW) -> Observation:
    """Ask one question; fail instead of hanging."""
    async with asyncio.timeout(HANG):
        return await querier.ask(server, question)


async def response(querier: WireQuerier, server: Server, question: Question = WWW) -> Response:
    """Ask one question that must be answered."""
    outcome = (await once(querier, server, question)).outcome
    assert isinstance(outcome, Response), outcome
    return outcome


async def silenced(querier: WireQuerier, server: Server, question: Question = WWW) -> NoResponse:
    """Ask one question that must not be answered."""
    outcome = (await once(querier, server, question)).outcome
    assert isinstance(outcome, NoResponse), outcome
    return outcome


def traffic(querier: WireQuerier, group: str = "authoritative", transport: Transport = Transport.UDP) -> Traffic:
    """Give the totals of one group and transport."""
    for entry in querier.traffic():
        if (entry.group, entry.transport) == (group, transport):
            return entry
    raise AssertionError(f"nothing was counted for {group} over {transport}")
