"""A network that copies, loses, delays and reorders datagrams, for a thousand domains at once, in virtual time.

The engine and the transport are the program's, over real sockets of loopback; the servers are on the same loop, so that
a slow machine makes a datagram late by nothing but virtual time, as the network does. A daemon in real time, with fewer
domains: tests/e2e/test_copied_answers.py.
"""

import asyncio
import os
import random
import socket
import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from probe.model.effect import Effect, FindingRaised, TransitionConfirmed
from probe.model.name import DomainName
from probe.model.plan import Probing
from probe.model.question import RecordType
from probe.model.record import RecordState
from probe.model.server import Server
from probe.model.side import Side
from probe.runtime.engine import Engine
from probe.runtime.tasks import Tasks
from probe.wire.transport.limits import QueryLimits
from probe.wire.transport.querier import WireQuerier
from tests.clock import LoopClock, run_virtual
from tests.fakes import FakeChecker, FakeDelegator
from tests.plans import V1_NAME, V2_NAME, plan
from tests.runtime.bench import ADDRESSES, ELB_ZONE, OWNERSHIP, ZONE

DOMAINS = int(os.environ.get("COPIED_DOMAINS", "40"))
"""docs/operations.md has the run with a thousand."""
ZONE_DOMAINS = 250
"""Domains in a zone: what four servers have time for (docs/scaling.md). With more the probe says that it is behind."""
MINUTE = 60.0
MOVED = 10
"""One domain of so many moves in the midst of it."""
MOST_COPIES = 3
LATEST = 1.2 * Probing().timeout
"""Seconds after which a copy comes at the latest: after its question was given up, among answers to later ones."""
SERVERS = 4
"""Of each zone."""
_HEADER = struct.Struct("!HHHHHH")
_AUTHORITY = 0x8400
_RECORD = struct.Struct("!HHHIH")
_TYPES = {1: "A", 28: "AAAA", 16: "TXT"}


class CopyingServers:
    """Name servers, each of which sends every answer up to three times, each copy in its own time.

    Args:
        loss: The probability that a question, or a copy of an answer, is lost.
        seed: Of all that is drawn.
    """

    def __init__(self, loss: float, seed: int) -> None:
        self.sides: dict[str, Side] = {}
        self.sent = 0
        self._loss = loss
        self._random = random.Random(seed)

    @contextmanager
    def serving(self, zones: Sequence[str]) -> Iterator[dict[str, tuple[Server, ...]]]:
        """Serve these zones, with servers of their own each, until the block ends."""
        loop = asyncio.get_running_loop()
        served: dict[str, list[Server]] = {zone: [] for zone in zones}
        plugs = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(SERVERS * len(zones))]
        try:
            for number, plug in enumerate(plugs):
                plug.bind(("127.0.0.1", 0))
                plug.settimeout(0)
                loop.add_reader(plug, self._take, plug)
                zone = zones[number // SERVERS]
                served[zone].append(Server(f"ns{number}.{zone}", *plug.getsockname()))
            yield {zone: tuple(servers) for zone, servers in served.items()}
        finally:
            for plug in plugs:
                loop.remove_reader(plug)
                plug.close()

    def _take(self, plug: socket.socket) -> None:
        query, asker = plug.recvfrom(512)
        if self._random.random() < self._loss:
            return
        answer = self._answer(query)
        for _ in range(self._random.randint(1, MOST_COPIES)):
            if self._random.random() >= self._loss:
                late = self._random.uniform(0.01, LATEST)
                asyncio.get_running_loop().call_later(late, self._send, plug, answer, asker)

    def _send(self, plug: socket.socket, answer: bytes, asker: tuple[str, int]) -> None:
        self.sent += 1
        plug.sendto(answer, asker)

    def _answer(self, query: bytes) -> bytes:
        end, labels = 12, []
        while length := query[end]:
            labels.append(query[end + 1 : end + 1 + length].decode("ascii").lower())
            end += 1 + length
        asked = query[12 : end + 5]
        rdtype = int.from_bytes(query[end + 1 : end + 3], "big")
        records = self._records(".".join(labels) + ".", _TYPES[rdtype])
        rcode = 3 if records is None else 0
        body = b"".join(_RECORD.pack(0xC00C, rdtype, 1, 60, len(data)) + data for data in records or ())
        head = _HEADER.pack(int.from_bytes(query[:2], "big"), _AUTHORITY | rcode, 1, len(records or ()), 0, 0)
        return head + asked + body

    def _records(self, name: str, rdtype: str) -> list[bytes] | None:
        """Give the data of a name's records of a type; None where there is no such name."""
        side = {V1_NAME: Side.V1, V2_NAME: Side.V2}.get(DomainName(name)) or self.sides.get(name)
        if rdtype == "TXT":
            owned = name.startswith(("a-", "aaaa-")) and name.partition("-")[2] in self.sides
            return [_text(OWNERSHIP)] if owned else None
        if side is None:
            return None
        family = socket.AF_INET if rdtype == "A" else socket.AF_INET6
        return [socket.inet_pton(family, one) for one in ADDRESSES[side, RecordType(rdtype)]]


def _text(quoted: str) -> bytes:
    text = quoted.strip('"').encode()
    return bytes([len(text)]) + text


@pytest.mark.long
@pytest.mark.parametrize(("loss", "known"), [(0.0, 0.99), (0.2, 0.9), (0.45, 0.5)])
def test_copies_that_come_late_and_out_of_order_accuse_nobody_and_are_no_change(loss: float, known: float) -> None:
    """Answers from before a move come after those from after it, once and again: what is late is not believed.

    Of questions and copies together, 7, 30 and 60 % of all questions bring no answer in time.
    """
    zones = [f"z{number}.{ZONE}" for number in range(-(-DOMAINS // ZONE_DOMAINS))]
    names = [f"n{number}.{zones[number // ZONE_DOMAINS]}" for number in range(DOMAINS)]
    moved = set(names[::MOVED])
    effects: list[Effect] = []

    async def main(clock: LoopClock) -> None:
        network = CopyingServers(loss, seed=3)
        network.sides = dict.fromkeys(names, Side.V1)
        with network.serving((*zones, ELB_ZONE)) as served:
            querier = WireQuerier(clock, QueryLimits(domains=DOMAINS))
            delegator = FakeDelegator(clock, served)
            tasks = Tasks()
            engine = Engine(
                plan(*names),
                querier=querier,
                checker=FakeChecker(clock),
                delegator=lambda _: delegator,
                reconfigure=lambda _: None,
                clock=clock,
                rng=random.Random(7),
                tasks=tasks,
                observers=[effects.append],
                beat=lambda: None,
            )
            engine.start()
            await clock.sleep(3 * MINUTE)
            network.sides |= dict.fromkeys(moved, Side.V2)
            await clock.sleep(4 * MINUTE)
            states = {one.domain.name: one.state for one in engine.snapshot().domains}
            dropped = sum(one.duplicates + one.late for one in querier.traffic())
            await tasks.aclose(1.0)
            await querier.aclose()
        right = {name: RecordState.V2 if name in moved else RecordState.V1 for name in names}
        wrong = {state for name, state in states.items() if state is not right[DomainName(name)]}
        assert wrong <= {RecordState.UNKNOWN, RecordState.PROPAGATING}
        assert sum(states[DomainName(name)] is RecordState.V2 for name in moved) >= 0.9 * len(moved)
        assert sum(states[DomainName(name)] is right[name] for name in names) >= known * len(names)
        assert dropped > network.sent / 5, "copies came, and were dropped"

    run_virtual(main)
    told = Counter((one.domain, one.rdtype) for one in effects if isinstance(one, TransitionConfirmed))
    assert {name for name, _ in told} <= moved, "no change is told that was not written"
    assert set(told.values()) == {1}, "and none twice"
    found = [one.finding for one in effects if isinstance(one, FindingRaised)]
    assert {(one.domain, one.code.value) for one in found} == set()
