"""DNS over TLS (RFC 7858), always authenticated. Handshakes are dear: many questions share a connection."""

import asyncio
import ssl
from collections.abc import Callable

from probe.model.clock import AlarmClock
from probe.model.outcome import FailureReason
from probe.wire.transport.alarm import Alarm
from probe.wire.transport.exchange import Exchange, Target
from probe.wire.transport.identifiers import Identifiers
from probe.wire.transport.query import answers
from probe.wire.transport.tcp import MAX_STRAYS, framed, read_message
from probe.wire.transport.traffic_counter import TrafficCounter
from probe.wire.transport.transport_error import RejectedError

KEPT_OPEN_SECONDS = 10.0
"""How long a connection is kept without a question (RFC 7858 section 3.4 leaves it to both sides). Resolvers are asked
every 30 s by default, with all domains close together: one connection serves one round."""
MAX_GIVEN_UP = 1_024
"""Ids of given-up questions remembered on one connection. One that is asked without a pause and leaves some questions
unanswered collects them; the next question opens a fresh one, long before the 65,536 ids run out."""


class _Connection:
    """One TLS connection, being made or in use, with the questions that wait on it."""

    def __init__(self, counter: TrafficCounter) -> None:
        self._counter = counter
        self.opening: asyncio.Task[None]
        self.users = 0
        self.idle_since = 0.0
        self.closed = False
        self.heard = 0
        """Messages that arrived."""
        self.waiters: dict[bytes, tuple[Exchange, asyncio.Future[bytes]]] = {}
        self.given_up: set[bytes] = set()
        """Ids of questions that timed out: their answers are late, not forged."""
        self._writer: asyncio.StreamWriter | None = None
        self._listener: asyncio.Task[None] | None = None

    async def open(self, target: Target, context: ssl.SSLContext, name: str) -> None:
        """Connect and shake hands; the certificate must be valid for `name`."""
        reader, self._writer = await asyncio.open_connection(*target, ssl=context, server_hostname=name)
        if self.closed:
            self._writer.transport.abort()
            return
        self._listener = asyncio.get_running_loop().create_task(self._listen(reader))

    def write(self, message: bytes) -> None:
        """Send one message."""
        if self._writer is None or self.closed:
            raise ConnectionResetError
        self._writer.write(framed(message))

    def close(self, error: BaseException | None = None) -> None:
        """Close it; who still waits hears why."""
        if self.closed:
            return
        self.closed = True
        self.opening.cancel()
        if self._listener is not None:
            self._listener.cancel()
        if self._writer is not None:
            self._writer.transport.abort()
        for _, future in self.waiters.values():
            if not future.done():
                future.set_exception(error or ConnectionResetError())
        self.waiters.clear()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        strays = 0
        try:
            while strays < MAX_STRAYS:
                message = await read_message(reader)
                exchange, future = self.waiters.get(message[:2], (None, None))
                if message[:2] in self.given_up:
                    self.given_up.discard(message[:2])
                    self._counter.late += 1
                    continue
                if exchange is None or future is None or not answers(exchange.prepared, message[2:]):
                    strays += 1
                    self._counter.mismatched += 1
                    continue
                self.heard += 1
                if not future.done():
                    future.set_result(message[2:])
        except (OSError, EOFError, RejectedError) as error:
            self.close(error)
        else:
            self.close(RejectedError(FailureReason.MALFORMED, f"{strays} messages that answer nothing that was asked"))


class DotTransport:
    """Asks over shared, pipelined connections, one for each server.

    Args:
        clock: For the age of idle connections.
        identifiers: Where ids come from.
        tls_context: Makes the context whose trust decides; called once, when the first question is asked.
    """

    def __init__(self, clock: AlarmClock, identifiers: Identifiers, tls_context: Callable[[], ssl.SSLContext]) -> None:
        self._clock = clock
        self._identifiers = identifiers
        self._tls_context = tls_context
        self._context: ssl.SSLContext | None = None
        self._connections: dict[tuple[Target, str], _Connection] = {}
        self._idle = Alarm(clock, self._close_idle)

    async def ask(self, exchange: Exchange, target: Target) -> bytes:
        """Send the query to `target` and give the matched message without its id.

        A server may close a connection whenever it likes (RFC 7766 section 6.2.3): a question that meets this on a
        connection that was in use before gets one more try on a fresh one.

        Raises:
            OSError, EOFError, RejectedError: See `probe.wire.transport.transport_error`.
        """
        connection = self._connection(exchange, target)
        fresh = connection.heard == 0
        try:
            return await self._ask_over(connection, exchange)
        except (OSError, EOFError):
            if fresh:
                raise
        return await self._ask_over(self._connection(exchange, target), exchange)

    async def aclose(self) -> None:
        """Close every connection."""
        self._idle.clear()
        tasks = []
        for connection in self._connections.values():
            tasks.append(connection.opening)
            connection.close()
        self._connections.clear()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _connection(self, exchange: Exchange, target: Target) -> _Connection:
        server = exchange.lane.server
        name = server.tls_name or server.address
        connection = self._connections.get((target, name))
        if connection is None or connection.closed:
            if self._context is None:
                self._context = self._tls_context()
            connection = self._connections[target, name] = _Connection(exchange.counter)
            connection.opening = asyncio.get_running_loop().create_task(connection.open(target, self._context, name))
        return connection

    async def _ask_over(self, connection: _Connection, exchange: Exchange) -> bytes:
        heard = connection.heard
        connection.users += 1
        identifier = b""
        try:
            await asyncio.shield(connection.opening)
            identifier = self._free_identifier(connection)
            future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
            connection.waiters[identifier] = exchange, future
            connection.write(identifier + exchange.prepared.rest)
            exchange.counter.queries += 1
            return await future
        except asyncio.CancelledError:
            if identifier:
                connection.given_up.add(identifier)
            if connection.heard == heard or len(connection.given_up) >= MAX_GIVEN_UP:
                # Nothing came while this question waited: the connection may be dead, and the next one should not
                # have to find out. Others that wait on it keep it until they are done.
                self._forget(connection)
            raise
        except BaseException:
            self._forget(connection)
            raise
        finally:
            connection.waiters.pop(identifier, None)
            connection.users -= 1
            if not connection.users:
                self._rest(connection)

    def _free_identifier(self, connection: _Connection) -> bytes:
        identifier = self._identifiers.take()
        while identifier in connection.waiters or identifier in connection.given_up:
            identifier = self._identifiers.take()
        return identifier

    def _forget(self, connection: _Connection) -> None:
        for key, kept in tuple(self._connections.items()):
            if kept is connection:
                del self._connections[key]

    def _rest(self, connection: _Connection) -> None:
        if connection not in self._connections.values():
            connection.close()
            return
        connection.idle_since = self._clock.now().monotonic
        self._idle.set(connection.idle_since + KEPT_OPEN_SECONDS)

    def _close_idle(self) -> None:
        now = self._clock.now().monotonic
        for key, connection in tuple(self._connections.items()):
            if connection.users:
                continue
            due = connection.idle_since + KEPT_OPEN_SECONDS
            if connection.closed or due <= now:
                connection.close()
                del self._connections[key]
            else:
                self._idle.set(due)
