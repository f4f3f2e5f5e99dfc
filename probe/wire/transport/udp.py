"""The UDP engine: shared sockets, drained in batches; no task, no future and no timer per question.

What a datagram must show before it is believed (RFC 5452 section 9.1): it comes from the address and port that was
asked, to the port that asked, with the id, as a response, with the question section, letter by letter in the random
case that was sent (DNS 0x20). Whatever fails is dropped and counted, and the question goes on waiting: a forger must
not be able to end it. Only what is right but for the case is given to the querier, which asks again over TCP: it is a
server that does not keep the case, or a forger who has guessed everything else.
"""

import errno
import os
import socket
import struct
import time
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from probe.model.clock import AlarmClock
from probe.model.outcome import FailureReason, NoResponse, Response
from probe.model.server import Transport
from probe.wire.transport.exchange import Exchange, Target
from probe.wire.transport.identifiers import Identifiers
from probe.wire.transport.inbox import GATHERED_SECONDS, Inbox
from probe.wire.transport.memory import AnswerMemory
from probe.wire.transport.message_form import QUESTION_AFTER_ID
from probe.wire.transport.query import answers, asking, has_question, in_plain_case, mixed
from probe.wire.transport.sockets import ERROR_REPORTS, SO_TIMESTAMPNS, SharedSocket, SocketPool
from probe.wire.transport.traffic_counter import UNSOLICITED, Ghost, TrafficCounter, TrafficCounters

MAX_DATAGRAM = 4_096
"""Bytes. More than the 1,232 that are asked for, since some servers do not heed them; a longer one is malformed."""
_DRAINED = 64
"""Datagrams taken from one socket before others, and the rest of the loop, have their turn."""
_DESTINATIONS = 4_096
"""Socket addresses remembered; the names of a migration have some dozens of name servers."""
_FULL = frozenset({errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS, errno.ENOMEM})
_ERROR_REPORT = struct.Struct("=I")
"""The first field of sock_extended_err (linux/errqueue.h): the errno."""
_TIMESPEC = struct.Struct("@ll")
"""Seconds and nanoseconds, as SO_TIMESTAMPNS gives them (socket(7))."""
_STAMP_BYTES = socket.CMSG_SPACE(_TIMESPEC.size)

_Destination: TypeAlias = tuple[SocketPool, Any]
_Datagram: TypeAlias = tuple[tuple[bytes, Any], bytes, float]
"""By which id and from where it came, what came, and for how many seconds it waited to be read."""


class UdpEngine:
    """Sends questions and takes in datagrams, on the running event loop.

    Args:
        clock: Tells when answers came, and when they have been gathered for long enough.
        identifiers: Where ids come from.
        memory: Parsed responses.
        ledger: The accounts, for datagrams that belong to no question.
        settle: Called when a question is over.
        received: Called with a matched message that the memory does not hold; it settles the question or asks again.
        case_lost: Called when a message matches but for the case of the question's letters; it asks again.

    Attributes:
        inbox: Takes answers in as they come, or together.
    """

    def __init__(  # noqa: PLR0913  # what it draws from, and whom it tells
        self,
        clock: AlarmClock,
        identifiers: Identifiers,
        memory: AnswerMemory,
        ledger: TrafficCounters,
        *,
        settle: Callable[[Exchange, Response | NoResponse], None],
        received: Callable[[Exchange, bytes], None],
        case_lost: Callable[[Exchange], None],
    ) -> None:
        self._now = clock.now
        self._take_identifier = identifiers.take
        self._take_bits = identifiers.bits
        self._case_lost = case_lost
        self._known = memory.young
        self._ledger = ledger
        self._settle = settle
        self._received = received
        self.inbox = Inbox(clock, self._drain)
        self._pools: dict[int, SocketPool] = {}
        self._destinations: dict[Target, _Destination] = {}
        self._accounts: dict[str, TrafficCounter] = {}

    def send(self, exchange: Exchange, target: Target, now: float) -> bool:
        """Let one question leave at the monotonic second `now`.

        False when the operating system's buffers are full: try again a little later.

        Raises:
            OSError: It cannot leave at all.
        """
        destination = self._destinations.get(target)
        if destination is None:
            destination = self._resolve(exchange, target)
        pool, address = destination
        shared = pool.take(now)
        table = shared.table
        identifier = self._take_identifier()
        key = (identifier, address)
        while key in table:
            identifier = self._take_identifier()
            key = (identifier, address)
        prepared = exchange.prepared
        asked = prepared.question
        if now >= exchange.lane.unmixed_until:
            asked = mixed(prepared, self._take_bits(len(asked)))
        exchange.asked = asked
        datagram = identifier + asking(prepared, asked)
        try:
            shared.sendto(datagram, address)
        except OSError as error:
            if error.errno in _FULL:
                return False
            # The first error may be the report of an earlier datagram's, which reading it has cleared.
            try:
                shared.sendto(datagram, address)
            except OSError as again:
                if again.errno in _FULL:
                    return False
                raise
        exchange.socket = shared
        exchange.key = key
        table[key] = exchange
        shared.uses += 1
        shared.live += 1
        exchange.counter.queries += 1
        return True

    def give_up(self, exchange: Exchange) -> None:
        """Stop waiting; an answer that comes yet counts as late."""
        self._leave(exchange, exchange.counter.ghost_given_up)

    def close(self) -> None:
        """Close every socket."""
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()
        self.inbox.close()

    def _resolve(self, exchange: Exchange, target: Target) -> _Destination:
        found = socket.getaddrinfo(*target, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV)
        family, _, _, _, address = found[0]
        if len(self._destinations) >= _DESTINATIONS:
            self._destinations.clear()
            self._accounts.clear()
        pool = self._pools.get(family)
        if pool is None:
            pool = self._pools[family] = SocketPool(family, self.inbox)
        destination = self._destinations[target] = pool, address
        self._accounts[str(address[0])] = exchange.counter
        return destination

    def _leave(self, exchange: Exchange, ghost: Ghost) -> None:
        shared = exchange.socket
        shared.table[exchange.key] = ghost
        shared.live -= 1
        if shared.retired:
            self._pools[shared.socket.family].settled(shared)

    def _drain(self, shared: SharedSocket) -> None:
        """Read what has come, and take it in at the one moment at which all of it had.

        Of thousands of domains each answer would hold a moment of its own else: a tenth of all that is known of them.
        """
        read = self._read(shared)
        if not read:
            return
        at = self._now()
        table = shared.table
        known = self._known
        for key, data, waited in read:
            if shared.closed:  # the last answer that was owed was among these: what follows belongs to no question
                return
            entry = table.get(key)
            if entry.__class__ is not Exchange:
                self._count_stray(shared, entry, key)
                continue
            rest = data[2:]
            asked = entry.asked
            exact = rest.startswith(asked, QUESTION_AFTER_ID)
            if exact:
                entry.lane.case_lost = 0
                rest = in_plain_case(entry.prepared, asked, rest)
            response = known.get(rest)
            if response is not None and exact and not entry.plain:
                # What the memory holds was a response with its question when it was put there.
                table[key] = entry.counter.ghost_answered
                shared.live -= 1
                if shared.retired:
                    self._pools[shared.socket.family].settled(shared)
                entry.came, entry.waited = at, waited
                self._settle(entry, response)
            elif self._is_answered(entry, rest, exact=exact):
                entry.came, entry.waited = at, waited
                self._take(entry, rest)

    def _read(self, shared: SharedSocket) -> list[_Datagram]:
        """Read until no more answers are owed, and no further.

        At the daemon's own cadence an answer comes alone nearly always, and the look for another one would be half of
        the reading. What else has come wakes the loop up again.
        """
        recvfrom = shared.recvfrom
        # What waited with others tells when it came; where each wakes the loop up, that is now.
        recvmsg = shared.recvmsg if self.inbox.gathering and shared.stamped else None
        owed = shared.live
        table = shared.table
        read: list[_Datagram] = []
        for count in range(_DRAINED):
            waited = 0.0
            try:
                if recvmsg is None:
                    data, source = recvfrom(MAX_DATAGRAM + 1)
                else:
                    data, ancillary, _, source = recvmsg(MAX_DATAGRAM + 1, _STAMP_BYTES)
                    waited = _waited(ancillary)
            except BlockingIOError:
                if not count:
                    # Readable and yet nothing to read: there are error reports, and the loop spins until they are read.
                    self._collect_errors(shared)
                break
            except OSError:
                if not shared.closed:
                    self._collect_errors(shared)
                if shared.closed:
                    break
                continue
            key = (data[:2], source)
            read.append((key, data, waited))
            if table.get(key).__class__ is Exchange:
                owed -= 1
                if not owed:
                    break
        return read

    def _is_answered(self, exchange: Exchange, rest: bytes, *, exact: bool) -> bool:
        """Tell whether a message answers its question; else that goes on waiting, or is asked again."""
        if not answers(exchange.prepared, rest):
            exchange.counter.mismatched += 1
            return False
        mixed_case = exchange.asked is not exchange.prepared.question
        if mixed_case and not exact and has_question(rest):  # right but for the case
            exchange.counter.mismatched += 1
            self._leave(exchange, exchange.counter.ghost_answered)
            self._case_lost(exchange)
            return False
        return True

    def _take(self, exchange: Exchange, rest: bytes) -> None:
        self._leave(exchange, exchange.counter.ghost_answered)
        if len(rest) > MAX_DATAGRAM - 2:
            self._settle(exchange, NoResponse(FailureReason.MALFORMED, f"a datagram of more than {MAX_DATAGRAM} bytes"))
        else:
            self._received(exchange, rest)

    def _count_stray(self, shared: SharedSocket, entry: Exchange | Ghost | None, key: tuple[bytes, Any]) -> None:
        if isinstance(entry, Ghost):
            if entry.answered:
                entry.counter.duplicates += 1
            else:
                entry.counter.late += 1
                shared.table[key] = entry.counter.ghost_answered
            return
        account = self._accounts.get(key[1][0])
        if account is None:
            account = self._ledger.counter(UNSOLICITED, Transport.UDP)
        account.mismatched += 1

    def _collect_errors(self, shared: SharedSocket) -> None:
        """Read what ICMP said: Linux gives the datagram it is about, and thus the question (ip(7), IP_RECVERR)."""
        for _ in range(_DRAINED):
            try:
                data, ancillary, _, destination = shared.socket.recvmsg(512, 512, socket.MSG_ERRQUEUE)
            except (OSError, AttributeError):  # nothing left; or a system that has no such queue
                return
            entry = shared.table.get((data[:2], destination))
            report = next((data for level, kind, data in ancillary if (level, kind) in ERROR_REPORTS), None)
            if not isinstance(entry, Exchange) or report is None:  # beside it stands a stamp
                continue
            (number,) = _ERROR_REPORT.unpack_from(report)
            if number != errno.EMSGSIZE:  # news about the path's MTU, which our small queries do not mind
                self._leave(entry, entry.counter.ghost_given_up)
                self._settle(entry, NoResponse(FailureReason.UNREACHABLE, os.strerror(number).lower()))
            if shared.closed:
                return


def _waited(ancillary: Iterable[tuple[int, int, bytes]]) -> float:
    """Tell for how many seconds a datagram waited to be taken in, by its stamp; no longer than they are gathered.

    The stamp is of the system's clock, which may have been set since.
    """
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS and len(data) == _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack(data)
            since = time.time() - seconds - nanoseconds * 1e-9  # noqa: TID251  # compared with the kernel's stamp alone
            return min(max(float(since), 0.0), GATHERED_SECONDS)
    return 0.0
