"""Virtual time with real sockets: it stands still while the kernel has a datagram that is not taken in yet.

On loopback a datagram is there at once, nearly always. On a busy machine the kernel may hand it over later, and time
that passes when nothing else can happen would have passed meanwhile: an answer is late then that was not.
"""

import asyncio
import socket
from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import ioctl
from termios import FIONREAD
from typing import Any

import pytest

from probe.wire.transport import udp
from tests.clock import VirtualLoop


class OnTheWay:
    """Datagrams that sockets of this process were sent by others, and do not have yet."""

    def __init__(self) -> None:
        self._sockets: dict[int, socket.socket] = {}
        self._sent: Counter[int] = Counter()

    def owed(self) -> bool:
        """Tell whether there are any. A socket that has one has them all: their order stays."""
        return any(count and not _has_one(self._sockets[port]) for port, count in self._sent.items())

    def opened(self, one: socket.socket) -> None:
        """Hear of a socket that has its port."""
        if one.type is socket.SOCK_DGRAM:
            self._sockets[one.getsockname()[1]] = one

    def sent(self, port: int) -> None:
        """Hear of one that has left."""
        if port in self._sockets:
            self._sent[port] += 1

    def taken(self, one: socket.socket) -> None:
        """Hear of one that was read."""
        port = one.getsockname()[1]
        self._sent[port] -= self._sent[port] > 0

    def closed(self, one: socket.socket) -> None:
        """Hear of a socket that is no more."""
        if one.fileno() >= 0 and one.type is socket.SOCK_DGRAM:
            port = one.getsockname()[1]
            self._sockets.pop(port, None)
            self._sent.pop(port, None)


def _has_one(one: socket.socket) -> bool:
    octets = array("i", [0])
    ioctl(one, FIONREAD, octets)
    return octets[0] > 0


@contextmanager
def nothing_on_the_way() -> Iterator[None]:
    """Let the running loop's virtual time stand still while a datagram is on its way, and hang on no real time."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    way = OnTheWay()
    plain = socket.socket
    bind, sendto, recvfrom, recvmsg, close = plain.bind, plain.sendto, plain.recvfrom, plain.recvmsg, plain.close

    def bound(this: socket.socket, address: Any) -> None:
        bind(this, address)
        way.opened(this)

    def sent(this: socket.socket, *arguments: Any) -> int:
        octets = sendto(this, *arguments)
        way.sent(arguments[-1][1])
        return octets

    def received(this: socket.socket, *arguments: Any) -> Any:
        datagram = recvfrom(this, *arguments)
        way.taken(this)
        return datagram

    def received_more(this: socket.socket, *arguments: Any) -> Any:
        datagram = recvmsg(this, *arguments)
        way.taken(this)
        return datagram

    def closed(this: socket.socket) -> None:
        way.closed(this)
        close(this)

    with pytest.MonkeyPatch.context() as patch:
        for name, method in (
            ("bind", bound),
            ("sendto", sent),
            ("recvfrom", received),
            ("recvmsg", received_more),
            ("close", closed),
        ):
            patch.setattr(plain, name, method)
        patch.setattr(udp, "_waited", lambda _: 0.0)  # by the kernel's stamps, which are of real time
        loop.wait_for(way.owed)
        yield
        loop.wait_for(lambda: False)
