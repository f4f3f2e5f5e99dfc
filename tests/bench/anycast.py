"""Name servers that answer as Route 53's do: each of many machines, with an NSID, the addresses in any order.

No two answers to one question need be alike, byte for byte. `anycast SERVERS STORY OF [far]` tells the story `STORY`
of the domains with a number below `OF`; all others stand on v1. The servers run in a process of their own, until
standard input closes. Servers that are `far` answer after their `ROUND_TRIPS`, others at once.
"""

import heapq
import random
import selectors
import socket
import struct
import sys
import time
from contextlib import AbstractContextManager
from enum import StrEnum
from itertools import count
from typing import Any, NamedTuple

from tests.bench.responder import served

PREFIXES = {4: ("192.0.2.0/25", "192.0.2.128/25"), 6: ("2001:db8:1::/48", "2001:db8:2::/48")}
"""Whose addresses are v1's, and v2's."""
V2_SHARE = 0.2
"""What weights give v2."""
FIGHT_SECONDS = 30.0
"""For how long each side has a fought record: two ExternalDNS at the default interval of a minute, half of it apart."""

ROUND_TRIPS = (0.004, 0.012, 0.020, 0.035)
"""Seconds that the first server of a zone takes to answer, the second and so on: in a region, in the next, across."""

_ADDRESSES = 3  # in each answer: a load balancer in three zones
_MACHINES = 6  # behind each server's address
_TYPE_A, _TYPE_TXT, _TYPE_AAAA, _TYPE_OPT, _NSID = 1, 16, 28, 41, 3
_FLAGS, _NO_NAME = 0x8400, 0x8403  # QR and AA; the latter with NXDOMAIN
_OWNER = b"heritage=external-dns,external-dns/owner=default,external-dns/resource=ingress/shop/web"
_TIME = struct.Struct("!d")  # shorter than any query: a header has twelve octets


class Story(StrEnum):
    """What happens to records."""

    CALM = "calm"
    WEIGHTED = "weighted"
    FIGHT = "fight"


class Server:
    """What one server's machines answer.

    Args:
        story: What happens to the domains numbered below `of`.
        number: Which server it is.

    Attributes:
        now: The asker's time, once it was told: seconds.
        number: Which server it is.
    """

    def __init__(self, story: Story, of: int, number: int) -> None:
        self.now: float | None = None
        self.number = number
        self._story = story
        self._of = of
        self._rng = random.Random(number)
        self._nsids = [f"m{number}-{machine}".encode() for machine in range(_MACHINES)]
        self._addresses = [
            {
                _TYPE_A: [socket.inet_pton(socket.AF_INET, f"192.0.2.{side * 128 + 1 + n}") for n in range(_ADDRESSES)],
                _TYPE_AAAA: [
                    socket.inet_pton(socket.AF_INET6, f"2001:db8:{1 + side}::{1 + n}") for n in range(_ADDRESSES)
                ],
            }
            for side in (0, 1)
        ]

    def answer(self, query: bytes, now: float) -> bytes:
        """Answer `query` at `now` seconds."""
        end = query.index(b"\x00", 12) + 5
        (rdtype,) = struct.unpack_from("!H", query, end - 4)
        label = query[13 : 13 + query[12]].lower()
        flags, records = _FLAGS, []
        if label.startswith(b"cutover-probe"):  # the name that nobody has
            flags = _NO_NAME
        elif rdtype == _TYPE_TXT:
            records = [bytes([len(_OWNER)]) + _OWNER] if label.startswith((b"a-", b"aaaa-")) else []
        elif rdtype in {_TYPE_A, _TYPE_AAAA}:
            addresses = self._addresses[self._side(int(label.rpartition(b"-")[2]), now)][rdtype]
            records = self._rng.sample(addresses, len(addresses))
        opt = b""
        if query[10:12] != b"\x00\x00":
            nsid = self._rng.choice(self._nsids)
            option = struct.pack("!HH", _NSID, len(nsid)) + nsid
            opt = struct.pack("!BHHIH", 0, _TYPE_OPT, 1232, 0, len(option)) + option
        head = query[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, bool(opt))
        rrset = b"".join(struct.pack("!HHHIH", 0xC00C, rdtype, 1, 60, len(data)) + data for data in records)
        return head + query[12:end] + rrset + opt

    def _side(self, domain: int, now: float) -> int:
        if domain >= self._of or self._story is Story.CALM:
            return 0
        if self._story is Story.WEIGHTED:
            return int(self._rng.random() < V2_SHARE)
        return int(now / FIGHT_SECONDS) % 2


def time_passes(now: float) -> bytes:
    """Give what tells a server that it is `now` in the asker's time, which is its own from then on."""
    return _TIME.pack(now)


def machines(count: int, story: Story, of: int, *, far: bool = False) -> AbstractContextManager[list[int]]:
    """Run `count` servers on free ports of 127.0.0.1, given as a list, until the block ends."""
    return served("tests.bench.anycast", str(count), story, str(of), *(["far"] if far else []))


def main() -> None:
    """Serve on free ports that are printed first."""
    servers, story, of = int(sys.argv[1]), Story(sys.argv[2]), int(sys.argv[3])
    far = sys.argv[4:] == ["far"]
    under_way: list[_UnderWay] = []
    with selectors.DefaultSelector() as selector:
        ports = []
        for number in range(servers):
            listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            listening.bind(("127.0.0.1", 0))
            listening.settimeout(0)
            ports.append(listening.getsockname()[1])
            selector.register(listening, selectors.EVENT_READ, Server(story, of, number))
        selector.register(sys.stdin, selectors.EVENT_READ)
        sys.stdout.write(" ".join(map(str, ports)) + "\n")
        sys.stdout.flush()
        while True:
            arrives = max(0.0, under_way[0].at - time.perf_counter()) if under_way else None
            for key, _ in selector.select(arrives):
                if key.data is None:
                    return
                assert isinstance(key.fileobj, socket.socket)
                _drain(key.fileobj, key.data, under_way, far=far)
            while under_way and under_way[0].at <= time.perf_counter():
                _, _, listening, answer, client = heapq.heappop(under_way)
                listening.sendto(answer, client)


_ORDER = count()


class _UnderWay(NamedTuple):
    at: float
    number: int  # orders what arrives at one moment
    by: socket.socket
    answer: bytes
    to: Any


def _drain(listening: socket.socket, server: Server, under_way: list[_UnderWay], *, far: bool) -> None:
    while True:
        try:
            query, client = listening.recvfrom(2048)
        except BlockingIOError:
            return
        if len(query) == _TIME.size:
            (server.now,) = _TIME.unpack(query)
        else:
            now = time.perf_counter() if server.now is None else server.now
            takes = ROUND_TRIPS[server.number % len(ROUND_TRIPS)] if far else 0.0
            arrives = time.perf_counter() + takes
            heapq.heappush(under_way, _UnderWay(arrives, next(_ORDER), listening, server.answer(query, now), client))


if __name__ == "__main__":
    main()
