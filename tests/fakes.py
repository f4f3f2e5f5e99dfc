"""One fake per port: what the daemon's parts are tested against instead of a network."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from probe.model.clock import Clock
from probe.model.delegation import Delegation, DelegationProblem, ProblemReport
from probe.model.name import DomainName, is_within
from probe.model.observation import Observation
from probe.model.outcome import FailureReason, NoResponse, Outcome, Response, RRset
from probe.model.ports import Query, ServiceQuery
from probe.model.question import Question
from probe.model.server import Server
from probe.model.service import ServiceCheck, ServiceFailure
from probe.model.traffic import Traffic

TIMEOUT = NoResponse(FailureReason.TIMEOUT)


def server(number: int = 1, zone: str = "example.com.") -> Server:
    """One authoritative server, named as Route 53 names its own."""
    return Server(f"ns-{number}.awsdns-{number:02}.{zone}", f"192.0.2.{number}")


def answer(question: Question, *rdata: str, ttl: int = 60) -> Response:
    """An authoritative answer with one RRset."""
    rrset = RRset(question.name, question.rdtype.value, ttl, tuple(sorted(rdata)))
    return Response("NOERROR", authoritative=True, answer=(rrset,))


def nodata() -> Response:
    """An authoritative answer without records."""
    return Response("NOERROR", authoritative=True)


def nxdomain() -> Response:
    """An authoritative denial of the name."""
    return Response("NXDOMAIN", authoritative=True)


class Asked(NamedTuple):
    """One question that a fake was asked, and when (monotonic)."""

    at: float
    server: Server
    question: Question


class FakeAsker:
    """Answers from a function after a fixed time, and remembers what it was asked."""

    def __init__(self, clock: Clock, world: Callable[[Query], Outcome], elapsed: float = 0.01) -> None:
        self.clock = clock
        self.world = world
        self.elapsed = elapsed
        self.asked: list[Asked] = []
        self.closed = False
        self.closes_after = 0.0
        self.on_close: Callable[[], None] = lambda: None
        self._in_flight = 0

    def submit(
        self,
        queries: Iterable[Query],
        sink: Callable[[Observation], None],
        *,
        yielding: bool = False,
        gathered: bool = False,
    ) -> None:
        del yielding, gathered  # nothing waits
        now = self.clock.now().monotonic
        for ask in queries:
            self.asked.append(Asked(now, *ask))
            self._in_flight += 1
            asyncio.get_running_loop().call_later(self.elapsed, self._complete, ask, sink)

    async def ask(self, server: Server, question: Question) -> Observation:
        future: asyncio.Future[Observation] = asyncio.get_running_loop().create_future()
        self.submit([Query(server, question)], future.set_result)
        return await future

    def waiting(self) -> int:
        return 0

    def waiting_for(self, server: Server) -> int:
        del server
        return 0

    def traffic(self) -> tuple[Traffic, ...]:
        return ()

    async def aclose(self) -> None:
        self.closed = True
        self.on_close()
        await self.clock.sleep(self.closes_after)

    def _complete(self, ask: Query, sink: Callable[[Observation], None]) -> None:
        self._in_flight -= 1
        if not self.closed:
            sink(Observation(ask.question, ask.server, self.world(ask), self.clock.now(), self.elapsed))


class FakeChecker:
    """Makes checks by a function (None: it works) after a fixed time, and remembers what it was asked."""

    def __init__(self, clock: Clock, elapsed: float = 0.05) -> None:
        self.clock = clock
        self.elapsed = elapsed
        self.service: Callable[[ServiceQuery], ServiceFailure | None] = lambda _: None
        self.made: list[tuple[float, ServiceQuery]] = []
        self.forgotten = 0
        self.closed = False
        self._out = 0

    def submit(self, queries: Iterable[ServiceQuery], sink: Callable[[ServiceCheck], None]) -> None:
        for ask in queries:
            self.made.append((self.clock.now().monotonic, ask))
            self._out += 1
            asyncio.get_running_loop().call_later(self.elapsed, self._complete, ask, sink)

    def waiting(self) -> int:
        return self._out

    def forget(self) -> None:
        self.forgotten += 1

    async def aclose(self) -> None:
        self.closed = True

    def _complete(self, ask: ServiceQuery, sink: Callable[[ServiceCheck], None]) -> None:
        self._out -= 1
        if not self.closed:
            sink(ServiceCheck(ask.domain, ask.side, ask.address, self.clock.now(), self.elapsed, self.service(ask)))


class FakeDelegator:
    """Finds the closest of the given zones, after a fixed time, without the servers that are `silent`."""

    def __init__(self, clock: Clock, zones: Mapping[str, tuple[Server, ...]], elapsed: float = 0.05) -> None:
        self.clock = clock
        self.zones = dict(zones)
        self.elapsed = elapsed
        self.walked: list[tuple[float, DomainName]] = []
        self.forgotten: list[DomainName] = []
        self.silent: tuple[Server, ...] = ()
        self.running = 0
        self.most_running = 0

    async def find(self, name: DomainName) -> Delegation:
        self.walked.append((self.clock.now().monotonic, name))
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        await self.clock.sleep(self.elapsed)
        self.running -= 1
        zone = max((DomainName(z) for z in self.zones if is_within(name, DomainName(z))), key=len, default=None)
        delegated = self.zones[zone] if zone is not None else ()
        servers = tuple(server for server in delegated if server not in self.silent)
        names = tuple(sorted({DomainName(server.name) for server in delegated}))
        problems = () if servers else (ProblemReport(DelegationProblem.NOT_FOUND, name, f"No zone for {name}."),)
        silent = tuple(server for server in delegated if server in self.silent)
        return Delegation(zone if servers else None, servers, names, names, problems, self.clock.now(), silent)

    def forget(self, zone: DomainName) -> None:
        self.forgotten.append(zone)
