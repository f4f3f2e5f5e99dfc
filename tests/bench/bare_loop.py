"""The floor: a few shared sockets, prebuilt queries, a loop that drains, and the same memory of parsed answers.

It checks nothing but the id, judges nothing and tells nobody: no prober that is written in Python can be much cheaper.
"""

import select
import socket

import dns.message

from tests.bench.measured import Measured, timed

SOCKETS = 4
WINDOW = 200
"""Questions in flight: enough to drain many at a time, few enough not to overrun a socket's buffer."""


def run(port: int, names: list[str], queries: int) -> Measured:
    """Ask for A of `names` in turn."""
    wires = [dns.message.make_query(name, "A", use_edns=0, payload=1232).to_wire()[2:] for name in names]
    server = ("127.0.0.1", port)
    clients = [_client() for _ in range(SOCKETS)]
    measured = Measured("bare socket loop", queries=queries)
    memory: dict[bytes, dns.message.Message] = {}
    pending: set[int] = set()
    sent = received = 0
    with timed(measured):
        while received < queries:
            while sent < queries and len(pending) < WINDOW:
                number = sent & 0xFFFF
                clients[sent % SOCKETS].sendto(number.to_bytes(2, "big") + wires[sent % len(wires)], server)
                pending.add(number)
                sent += 1
            readable = select.select(clients, [], [], 1.0)[0]
            if not readable:
                measured.failures += len(pending)
                received += len(pending)
                pending.clear()
            for client in readable:
                received += _drain(client, pending, memory)
    for client in clients:
        client.close()
    return measured


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
