"""Shared UDP sockets: few of them, at ports that nobody can guess, and none of them for long."""

import contextlib
import socket
import sys
from typing import TYPE_CHECKING

from probe.wire.transport.inbox import Inbox

if TYPE_CHECKING:  # exchange.py names SharedSocket
    from probe.wire.transport.exchange import Exchange
    from probe.wire.transport.traffic_counter import Ghost

SHARED = 4
"""Sockets in use per address family: each has a receive buffer of its own, and a forger has four ports to guess."""
QUESTIONS_PER_SOCKET = 1_024
SECONDS_PER_SOCKET = 10.0
"""RFC 5452 section 9.2 wants a port that cannot be guessed, best a new one for each question, which would cost two
system calls more each time. A shared port must not live long enough to be found: by its traffic (hence the count;
it also bounds the table of ids), or by scanning: SAD DNS (CVE-2020-25705) tests some 1,000 of 28,000 ports a second,
so that ten seconds end long before a search does."""
_RECEIVE_BUFFER = 1 << 20
"""Bytes asked for; the kernel gives what it allows. 512 answers of the advertised size are 0.6 MiB."""
_IP_RECVERR = 11
_IPV6_RECVERR = 25
"""From linux/in.h and linux/in6.h; Python's socket module does not name them."""
ERROR_REPORTS = frozenset({(socket.IPPROTO_IP, _IP_RECVERR), (socket.IPPROTO_IPV6, _IPV6_RECVERR)})
"""How the ancillary data with an error report is named."""
SO_TIMESTAMPNS = 35
"""From asm-generic/socket.h, the same: each datagram tells when it came, as a timespec of the system's clock."""


class SharedSocket:
    """One non-blocking UDP socket and the questions that left by it.

    The kernel chooses the port: Linux draws it at random, and honours ip_local_reserved_ports (Kubernetes node ports).

    Args:
        family: AF_INET or AF_INET6.
        renew_at: Monotonic seconds from which it takes no new questions.
        inbox: Hears what comes to it.

    Attributes:
        table: What stands behind an id and a peer's socket address. At most QUESTIONS_PER_SOCKET entries in its life.
        live: Questions that wait for their answers.
        uses: Questions that left.
        renew_at: Monotonic seconds from which it takes no new questions.
        retired: It takes no new questions, and is closed when the last has been settled.
        closed: It is closed.
        stamped: The kernel tells when each datagram came.
    """

    __slots__ = (
        "_inbox",
        "closed",
        "live",
        "recvfrom",
        "recvmsg",
        "renew_at",
        "retired",
        "sendto",
        "socket",
        "stamped",
        "table",
        "uses",
    )

    def __init__(self, family: int, renew_at: float, inbox: Inbox) -> None:
        """Open and bind it.

        Raises:
            OSError: The family is not available, or descriptors or ports have run out.
        """
        opened = socket.socket(family, socket.SOCK_DGRAM)
        self.stamped = False
        try:
            opened.settimeout(0)
            with contextlib.suppress(OSError):  # a smaller buffer loses answers only under a storm
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
            if family == socket.AF_INET6:
                opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            if sys.platform == "linux":
                # Without it an unconnected socket never hears of ICMP errors.
                if family == socket.AF_INET6:
                    opened.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVERR, 1)
                else:
                    opened.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
                with contextlib.suppress(OSError):  # then its answers are taken in as they come
                    opened.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
                    self.stamped = True
            opened.bind(("", 0))
        except OSError:
            opened.close()
            raise
        self.socket = opened
        self.sendto = opened.sendto
        self.recvfrom = opened.recvfrom
        self.recvmsg = opened.recvmsg
        self._inbox = inbox
        self.table: dict[tuple[bytes, object], Exchange | Ghost] = {}
        self.live = 0
        self.uses = 0
        self.renew_at = renew_at
        self.retired = False
        self.closed = False
        inbox.add(self)

    def close(self) -> None:
        """Hear nothing more."""
        if not self.closed:
            self.closed = True
            self._inbox.remove(self)
            self.socket.close()
            self.table.clear()


class SocketPool:
    """The sockets of one address family, opened when first needed, used in turn, and renewed.

    Args:
        family: AF_INET or AF_INET6.
        inbox: Tells when a socket has something to read.
    """

    __slots__ = ("_current", "_family", "_inbox", "_retired", "_turn")

    def __init__(self, family: int, inbox: Inbox) -> None:
        self._family = family
        self._inbox = inbox
        self._current: list[SharedSocket | None] = [None] * SHARED
        self._retired: set[SharedSocket] = set()
        self._turn = 0

    def take(self, now: float) -> SharedSocket:
        """Give the socket for the next question, asked at the monotonic second `now`.

        Raises:
            OSError: No socket could be opened.
        """
        turn = self._turn = (self._turn + 1) % SHARED
        shared = self._current[turn]
        if shared is None or shared.uses >= QUESTIONS_PER_SOCKET or now >= shared.renew_at:
            shared = self._renew(turn, now)
        return shared

    def _renew(self, turn: int, now: float) -> SharedSocket:
        fresh = SharedSocket(self._family, now + SECONDS_PER_SOCKET, self._inbox)
        old, self._current[turn] = self._current[turn], fresh
        if old is not None:
            old.retired = True
            self._retired.add(old)
            self.settled(old)
        return fresh

    def settled(self, shared: SharedSocket) -> None:
        """Close a retired socket when nothing waits on it any more."""
        if shared.retired and not shared.live:
            self._retired.discard(shared)
            shared.close()

    def close(self) -> None:
        """Close every socket."""
        for shared in [*self._retired, *(current for current in self._current if current is not None)]:
            shared.close()
        self._retired.clear()
        self._current = [None] * SHARED
