"""The floor: a few shared sockets, prebuilt queries, a loop that drains, and the same memory of parsed answers.

It checks nothing but the id, judges nothing and tells nobody: no prober that is written in Python can be much cheaper.
At a pace it asks in the engine's ticks and wakes up once more for the answers, as who asks seldom has to.
"""

import select
import socket
import time

import dns.message

from probe.runtime.pulse_timer import ENGINE_TICK_SECONDS
from tests.bench.measured import Measured, timed

SOCKETS = 4
WINDOW = 200
"""Questions in flight: enough to drain many at a time, few enough not to overrun a socket's buffer."""


def run(port: int, names: list[str], queries: int, per_second: float = 0.0) -> Measured:
    """Ask for A of `names` in turn, as fast as they are answered or so many a second.

    At a pace every name has been asked before: what is measured is a long watch, and no first answer is parsed in it.
    """
    loop = _Loop(port, names)
    if per_second:
        loop.ask(len(names))
    measured = Measured("bare socket loop", queries=queries)
    with timed(measured):
        measured.failures = loop.ask(queries, per_second)
    loop.close()
    return measured


class _Loop:
    def __init__(self, port: int, names: list[str]) -> None:
        self._wires = [dns.message.make_query(name, "A", use_edns=0, payload=1232).to_wire()[2:] for name in names]
        self._server = ("127.0.0.1", port)
        self._clients = [_client() for _ in range(SOCKETS)]
        self._memory: dict[bytes, dns.message.Message] = {}

    def ask(self, queries: int, per_second: float = 0.0) -> int:
        """Ask so many questions, and give how many were not answered."""
        clients, wires, server, memory = self._clients, self._wires, self._server, self._memory
        pending: set[int] = set()
        sent = received = failures = 0
        began = time.perf_counter()
        while received < queries:
            until = None
            while sent < queries and len(pending) < WINDOW:
                if per_second:
                    until = max(
                        0.0,
                        began + sent // (per_second * ENGINE_TICK_SECONDS) * ENGINE_TICK_SECONDS - time.perf_counter(),
                    )
                    if until:
                        break
                number = sent & 0xFFFF
                clients[sent % SOCKETS].sendto(number.to_bytes(2, "big") + wires[sent % len(wires)], server)
                pending.add(number)
                sent += 1
            readable = select.select(clients, [], [], until or 1.0)[0]
            if not readable and not until:
                failures += len(pending)
                received += len(pending)
                pending.clear()
            for client in readable:
                received += _drain(client, pending, memory)
        return failures

    def close(self) -> None:
        """Leave nothing behind."""
        for client in self._clients:
            client.close()


def _client() -> socket.socket:
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    client.bind(("127.0.0.1", 0))
    client.settimeout(0)
    return client


def _drain(client: socket.socket, pending: set[int], memory: dict[bytes, dns.message.Message]) -> int:
    count = 0
    while True:
        try:
            data, _ = client.recvfrom(4096)
        except BlockingIOError:
            return count
        number = int.from_bytes(data[:2], "big")
        if number in pending:
            pending.discard(number)
            count += 1
            if memory.get(data[2:]) is None:
                memory[data[2:]] = dns.message.from_wire(data)
