"""One question on its way, and the queue of a server's questions: what querier and transports share of them."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from probe.model.observation import Observation
from probe.model.question import Question
from probe.model.server import Server, Transport
from probe.wire.transport.pacing import ServerPace
from probe.wire.transport.query import Flavour, Prepared
from probe.wire.transport.traffic_counter import TrafficCounter

if TYPE_CHECKING:
    from probe.model.clock import Instant
    from probe.wire.transport.sockets import SharedSocket

Sink: TypeAlias = Callable[[Observation], None]
Wake: TypeAlias = Callable[[], None]
Target: TypeAlias = tuple[str, int]
"""An IP literal and a port that can be connected to."""


class ServerQueue:
    """One server's questions in their order, with what was learnt about the server.

    Attributes:
        server: Whose.
        counter: Counts its traffic.
        bucket: Its pace, shared by all lanes to the same address and port.
        edns, plain: Its queries with and without EDNS.
        plain_until: Monotonic seconds until which it is asked without EDNS.
        unmixed_until: Monotonic seconds until which it is asked in plain case, because it does not keep the case.
        case_lost: Questions in a row whose only answer had another case.
        queue: Questions that wait for their turn.
        yielding: Questions that let all of those go first.
        queued: Whether the querier has the lane in its ring, or parked until the next token.
        parking: Which parking the lane waits in; 0 while it is not parked.
        is_parked_yielding: It is parked until there is a token for questions that yield.
    """

    __slots__ = (
        "bucket",
        "case_lost",
        "counter",
        "edns",
        "is_parked_yielding",
        "parking",
        "plain",
        "plain_until",
        "queue",
        "queued",
        "server",
        "unmixed_until",
        "yielding",
    )

    def __init__(
        self, server: Server, counter: TrafficCounter, bucket: ServerPace, edns: Flavour, plain: Flavour
    ) -> None:
        self.server = server
        self.counter = counter
        self.bucket = bucket
        self.edns = edns
        self.plain = plain
        self.plain_until = 0.0
        self.unmixed_until = 0.0
        self.case_lost = 0
        self.queue: deque[Exchange] = deque()
        self.yielding: deque[Exchange] = deque()
        self.queued = False
        self.parking = 0
        self.is_parked_yielding = False

    def waiting(self) -> int:
        """How many questions wait for their turn."""
        return len(self.queue) + len(self.yielding)


class Exchange:
    """A plain slotted object, because one is made for each question.

    Attributes:
        lane: The server's queue that it belongs to.
        question, sink: As submitted.
        transport: How it travels at present: TCP after a truncated UDP answer.
        counter: Counts the traffic of that transport.
        plain: It has to go without EDNS, because the server said FORMERR to it.
        began: Monotonic seconds of the first attempt, negative before it.
        sent: Monotonic seconds of the present attempt.
        live: The present attempt waits for its answer.
        prepared: The query of the present attempt.
        asked: Its question section as it left by UDP: with its letters in random case, or as prepared.
        case_lost: Its answer by UDP had another case, so that it is asked again over TCP.
        socket, key: Where the present attempt stands in a table of ids (UDP).
        task: The present attempt (all other transports).
        came: When its answer by UDP had come, the same moment for all that were read together; None before.
        gathered: Its answer may be taken in together with others, a moment after it came.
        waited: Seconds for which its answer has waited so.
    """

    __slots__ = (
        "asked",
        "began",
        "came",
        "case_lost",
        "counter",
        "gathered",
        "key",
        "lane",
        "live",
        "plain",
        "prepared",
        "question",
        "sent",
        "sink",
        "socket",
        "task",
        "transport",
        "waited",
    )

    prepared: Prepared
    asked: bytes
    socket: "SharedSocket"
    key: tuple[bytes, object]
    task: asyncio.Task[None]

    def __init__(self, lane: ServerQueue, question: Question, sink: Sink, *, gathered: bool = False) -> None:
        self.lane = lane
        self.question = question
        self.sink = sink
        self.transport: Transport = lane.server.transport
        self.counter = lane.counter
        self.plain = False
        self.case_lost = False
        self.began = -1.0
        self.sent = 0.0
        self.live = False
        self.came: Instant | None = None
        self.gathered = gathered
        self.waited = 0.0
