"""The querier: paces questions, hands them to the transports, and makes an observation of whatever comes of them."""

import asyncio
import os
import ssl
from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol, assert_never

from probe.model.clock import AlarmClock
from probe.model.observation import Observation
from probe.model.outcome import FailureReason, NoResponse, Outcome
from probe.model.ports import Query
from probe.model.question import Question
from probe.model.server import Server, Transport
from probe.model.traffic import Traffic
from probe.wire.transport.alarm import Alarm
from probe.wire.transport.attempts import Attempts
from probe.wire.transport.doh import DohTransport, target_port
from probe.wire.transport.dot import DotTransport
from probe.wire.transport.exchange import Exchange, Sink, Target
from probe.wire.transport.identifiers import Identifiers
from probe.wire.transport.limits import QueryLimits
from probe.wire.transport.memory import AnswerMemory
from probe.wire.transport.query import CannotAskError
from probe.wire.transport.send_queue import ALARM_ROUNDING_SECONDS, SendQueue
from probe.wire.transport.server_queues import ServerQueues
from probe.wire.transport.tcp import TcpTransport
from probe.wire.transport.traffic_counter import TrafficCounters
from probe.wire.transport.transport_error import no_response
from probe.wire.transport.udp import UdpEngine

MAX_WAITING = 50_000
"""Questions that may wait for one server. 1,000 domains with a dozen TXT names each are all due at the start; more
means that the plan asks for more than the pace allows, and each further question is answered with a silence."""


def direct(address: str, port: int) -> Target | None:
    """Reach every server where it says it is."""
    return address, port


class _StreamTransport(Protocol):
    """What TCP, DoT and DoH have in common."""

    async def ask(self, exchange: Exchange, target: Target) -> bytes:
        """Give the matched message without its id."""

    async def aclose(self) -> None:
        """Close every connection."""


class WireQuerier:
    """`probe.model.ports.Querier` over the network. Belongs to one event loop.

    Servers have their turn one after the other, so that a slow or paced one delays nobody else. All attempts of a
    question (TCP after truncation, once without EDNS after FORMERR) take their turn and count for the pace.
    Timeouts need no timer per question: all attempts may take equally long, so that the oldest ends first.

    Args:
        clock: Stamps observations; paces, and ends waiting.
        limits: See `probe.wire.transport.limits.Limits`.
        entropy: Gives that many random bytes, fit for ids that must not be guessed.
        route: Where a server's address and port are really reached: a laboratory's servers have addresses of
            documentation ranges and live on loopback. None says that it cannot be reached.
        tls_context: Makes the context whose trust decides about DoT and DoH servers.
    """

    def __init__(
        self,
        clock: AlarmClock,
        limits: QueryLimits,
        *,
        entropy: Callable[[int], bytes] = os.urandom,
        route: Callable[[str, int], Target | None] = direct,
        tls_context: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._now = clock.now
        self._timeout = limits.timeout
        self._max_in_flight = limits.max_in_flight
        self._route = route
        self._ledger = TrafficCounters()
        self._memory = memory = AnswerMemory(limits.domains)
        self._attempts = Attempts(clock, memory, self._ledger, again=self._again, settle=self._settle)
        identifiers = Identifiers(entropy)
        self._udp = UdpEngine(
            clock,
            identifiers,
            memory,
            self._ledger,
            settle=self._settle,
            received=self._attempts.received,
            case_lost=self._attempts.case_lost,
        )

        def stream(transport: Transport) -> _StreamTransport | None:
            match transport:
                case Transport.UDP:
                    return None
                case Transport.TCP:
                    return TcpTransport(identifiers)
                case Transport.DOT:
                    return DotTransport(clock, identifiers, tls_context)
                case Transport.DOH:
                    return DohTransport(tls_context)
                case _:
                    assert_never(transport)

        self._streams = {transport: made for transport in Transport if (made := stream(transport)) is not None}
        self._queues = ServerQueues(limits.queries_per_second, self._ledger, limits.domains)
        self._turns = SendQueue(clock, self._dispatch)
        self._ready = self._turns.ready
        self._in_flight = 0
        self._hurried = 0  # of them those whose answers are to be taken in as they come
        self._flying: deque[tuple[float, Exchange]] = deque()
        self._sweep = Alarm(clock, self._give_up_overdue)
        self._tasks: set[asyncio.Task[None]] = set()
        self._asking: dict[asyncio.Future[Observation], Query] = {}
        self._closed = False
        self._dispatching = False

    def submit(self, queries: Iterable[Query], sink: Sink, *, yielding: bool = False, gathered: bool = False) -> None:
        """Put a batch of questions without waiting; see `probe.model.ports.Querier.submit`. Nothing after closing."""
        if self._closed:
            return
        opened = self._queues.opened
        for server, question in queries:
            lane = opened.get(server)
            if lane is None:
                try:
                    lane = self._queues.open(server, self._now().monotonic)
                except CannotAskError as error:
                    self._refuse(server, question, sink, NoResponse(FailureReason.MALFORMED, str(error)))
                    continue
            queue = lane.yielding if yielding else lane.queue
            if len(queue) >= MAX_WAITING:
                detail = f"not asked: {MAX_WAITING} questions wait for this server already"
                self._refuse(server, question, sink, NoResponse(FailureReason.UNREACHABLE, detail))
                continue
            queue.append(Exchange(lane, question, sink, gathered=gathered))
            if not lane.queued:
                lane.queued = True
                self._ready.append(lane)
            elif lane.is_parked_yielding and not yielding:  # there may be a token for this one at once
                self._turns.unpark_one(lane)
        self._dispatch()

    async def ask(self, server: Server, question: Question) -> Observation:
        """Put one question and wait for its observation; when the querier is closed meanwhile, that is a silence."""
        future: asyncio.Future[Observation] = asyncio.get_running_loop().create_future()
        if self._closed:
            return self._abandoned(Query(server, question))

        def sink(observation: Observation) -> None:
            if not future.done():
                future.set_result(observation)

        self._asking[future] = Query(server, question)
        try:
            self.submit([Query(server, question)], sink)
            return await future
        finally:
            del self._asking[future]

    def waiting(self) -> int:
        """How many questions wait for their turn at a server."""
        return self._queues.waiting()

    def waiting_for(self, server: Server) -> int:
        """How many questions wait for their turn at this server."""
        lane = self._queues.opened.get(server)
        return lane.waiting() if lane is not None else 0

    def traffic(self) -> tuple[Traffic, ...]:
        """What the asking has cost so far, in the order of group and transport."""
        return self._ledger.traffic()

    def reconfigure(self, limits: QueryLimits) -> None:
        """Go on with other limits; they hold for what waits and flies already."""
        self._timeout = limits.timeout
        self._max_in_flight = limits.max_in_flight
        self._queues.change_rate(limits.queries_per_second, self._now().monotonic)
        self._queues.resize(limits.domains)
        self._memory.resize(limits.domains)
        self._sweep.clear()
        if self._flying:
            self._sweep.set(self._flying[0][0] + self._timeout)
        self._turns.unpark()
        self._dispatch()

    async def aclose(self) -> None:
        """Give up what is in flight and close every socket; questions put with `ask` end in a silence."""
        if self._closed:
            return
        self._closed = True
        self._turns.clear()
        self._sweep.clear()
        self._flying.clear()
        self._queues.clear()
        self._udp.close()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for transport in self._streams.values():
            await transport.aclose()
        for future, ask in self._asking.items():
            if not future.done():
                future.set_result(self._abandoned(ask))

    def _refuse(self, server: Server, question: Question, sink: Sink, outcome: NoResponse) -> None:
        """Answer a question that is not asked at all, but not before `submit` has returned."""
        self._ledger.counter(server.group, server.transport).settled(outcome, 0.0)
        observation = Observation(question, server, outcome, self._now(), 0.0)

        def deliver() -> None:
            if not self._closed:
                sink(observation)

        asyncio.get_running_loop().call_soon(deliver)

    def _dispatch(self) -> None:
        """Let questions leave, one server after the other, until the limits are reached."""
        ready = self._ready
        turns = self._turns
        while ready and self._in_flight < self._max_in_flight and not turns.stalled:
            lane = ready.popleft()
            now = self._now().monotonic
            waiting = lane.queue
            if waiting:
                if not lane.bucket.take(now):
                    turns.park(lane)
                    continue
            else:
                waiting = lane.yielding
                if not lane.bucket.take_spare(now):
                    turns.park_yielding(lane)
                    continue
            exchange = waiting.popleft()
            if lane.queue or lane.yielding:
                ready.append(lane)
            else:
                lane.queued = False
            self._start(exchange, now)

    def _start(self, exchange: Exchange, now: float) -> None:
        lane = exchange.lane
        if exchange.began < 0.0:
            exchange.began = now
        exchange.sent = now
        exchange.live = True
        self._in_flight += 1
        if not exchange.gathered:
            self._hurried += 1
            self._udp.inbox.listen()
        server = lane.server
        transport = exchange.transport
        try:
            flavour = lane.plain if exchange.plain or now < lane.plain_until else lane.edns
            exchange.prepared = flavour.prepare(exchange.question)
            port = server.port if transport is not Transport.DOH else target_port(server)
            target = self._route(server.address, port)
            if target is None:
                self._fail(exchange, NoResponse(FailureReason.UNREACHABLE, "no route"))
                return
            if transport is Transport.UDP:
                if not self._udp.send(exchange, target, now):
                    self._stall(exchange)
                    return
                if exchange.socket.stamped and not self._hurried:
                    self._udp.inbox.gather(now)
            else:
                task = exchange.task = asyncio.get_running_loop().create_task(self._converse(exchange, target))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        except CannotAskError as error:
            self._fail(exchange, NoResponse(FailureReason.MALFORMED, str(error)))
            return
        except (OSError, UnicodeError) as error:
            self._fail(exchange, no_response(error))
            return
        self._flying.append((now, exchange))
        if not self._sweep.armed:
            self._sweep.set(now + self._timeout)

    def _fail(self, exchange: Exchange, outcome: NoResponse) -> None:
        """End a question that could not leave, but not within the sink of another."""
        asyncio.get_running_loop().call_soon(self._settle, exchange, outcome)

    def _stall(self, exchange: Exchange) -> None:
        """The system's buffers are full: everybody waits a moment, and this question stays the first."""
        self._landed(exchange)
        if exchange.began == exchange.sent:
            exchange.began = -1.0  # it has not left yet
        exchange.lane.bucket.give_back()
        self._turns.queue_first(exchange)
        self._turns.stall()

    async def _converse(self, exchange: Exchange, target: Target) -> None:
        try:
            rest = await self._streams[exchange.transport].ask(exchange, target)
        except MemoryError as error:
            _report(error)
        except Exception as error:  # noqa: BLE001  # the edge: whatever TLS, HTTP or the system raise is an outcome
            outcome = no_response(error)
            if exchange.live:
                self._settle(exchange, outcome)
        else:
            if exchange.live:
                self._attempts.received(exchange, rest)

    def _landed(self, exchange: Exchange) -> None:
        exchange.live = False
        self._in_flight -= 1
        if not exchange.gathered:
            self._hurried -= 1

    def _again(self, exchange: Exchange) -> None:
        self._landed(exchange)
        exchange.came = None
        exchange.gathered = False
        self._turns.queue_first(exchange)
        self._dispatch()

    def _settle(self, exchange: Exchange, outcome: Outcome) -> None:
        """End a question: everything is consistent again before the sink, which may submit more, is called."""
        if self._closed:
            return
        self._landed(exchange)
        at = exchange.came or self._now()
        elapsed = at.monotonic - exchange.began
        exchange.counter.settled(outcome, max(0.0, elapsed - exchange.waited))
        try:
            exchange.sink(Observation(exchange.question, exchange.lane.server, outcome, at, elapsed))
        except Exception as error:  # noqa: BLE001  # a sink's mistake must not cost other questions their answers
            _report(error)
        if self._ready and not self._dispatching:
            # Once for all answers of this wake-up: questions that leave together cost a third of those that leave one
            # by one, because the far side's kernel, and on loopback ours, is woken up once.
            self._dispatching = True
            asyncio.get_running_loop().call_soon(self._dispatch_settled)

    def _dispatch_settled(self) -> None:
        self._dispatching = False
        if not self._closed:
            self._dispatch()

    def _give_up_overdue(self) -> None:
        """Time out what has waited long enough, oldest first, unless its answer has come."""
        if self._udp.inbox.gathering:
            self._udp.inbox.take_in()
        now = self._now().monotonic
        flying = self._flying
        while flying:
            sent, exchange = flying[0]
            if exchange.live and exchange.sent == sent:
                if sent + self._timeout > now + ALARM_ROUNDING_SECONDS:
                    self._sweep.set(sent + self._timeout)
                    return
                flying.popleft()
                if exchange.transport is Transport.UDP:
                    self._udp.give_up(exchange)
                else:
                    exchange.live = False
                    exchange.task.cancel()
                self._settle(exchange, NoResponse(FailureReason.TIMEOUT, f"no answer within {self._timeout:g} s"))
            else:
                flying.popleft()

    def _abandoned(self, ask: Query) -> Observation:
        outcome = NoResponse(FailureReason.UNREACHABLE, "the querier was closed")
        return Observation(ask.question, ask.server, outcome, self._now(), 0.0)


def _report(error: Exception) -> None:
    asyncio.get_running_loop().call_exception_handler({"message": "a question or its sink failed", "exception": error})
