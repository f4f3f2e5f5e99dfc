"""DNS over TCP (RFC 7766): one connection for a question.

Truncation is rare enough here that keeping connections would gain little, and every server copes with this use.
"""

import asyncio

from probe.model.outcome import FailureReason
from probe.wire.transport.exchange import Exchange, Target
from probe.wire.transport.identifiers import Identifiers
from probe.wire.transport.query import answers, asking
from probe.wire.transport.transport_error import RejectedError

MAX_STRAYS = 16
"""Messages on a stream that answer nothing we asked, before it is given up: no datagram can be forged here."""


def framed(message: bytes) -> bytes:
    """Put the two bytes of its length before a message (RFC 1035 section 4.2.2)."""
    return len(message).to_bytes(2, "big") + message


async def read_message(reader: asyncio.StreamReader) -> bytes:
    """Read one message; its length is at most 65,535 by its own format.

    Raises:
        RejectedError: The stream ended inside a message.
        EOFError: It ended before one.
        OSError: It broke.
    """
    head = await reader.readexactly(2)
    try:
        return await reader.readexactly(int.from_bytes(head, "big"))
    except asyncio.IncompleteReadError as error:
        raise RejectedError(FailureReason.MALFORMED, "the connection ended inside a message") from error


class TcpTransport:
    """Asks over a fresh connection each time.

    Args:
        identifiers: Give the messages' ids.
    """

    def __init__(self, identifiers: Identifiers) -> None:
        self._identifiers = identifiers

    async def ask(self, exchange: Exchange, target: Target) -> bytes:
        """Send the query to `target` and give the matched message without its id.

        Raises:
            OSError, EOFError, RejectedError: See `probe.wire.transport.transport_error`.
        """
        reader, writer = await asyncio.open_connection(*target)
        try:
            identifier = self._identifiers.take()
            exchange.counter.queries += 1
            prepared = exchange.prepared
            rest = asking(prepared, exchange.asked) if exchange.case_lost else prepared.rest
            writer.write(framed(identifier + rest))
            for _ in range(MAX_STRAYS):
                message = await read_message(reader)
                if message[:2] == identifier and answers(exchange.prepared, message[2:]):
                    return message[2:]
                exchange.counter.mismatched += 1
            raise RejectedError(FailureReason.MALFORMED, f"{MAX_STRAYS} messages that answer nothing that was asked")
        finally:
            writer.transport.abort()

    async def aclose(self) -> None:
        """Nothing is kept open."""
