"""Closing connections whose TLS handshake is given up."""

from typing import Any


class Handshake:
    """Follows one request's connection: hand it to httpx as the extension `trace`.

    httpcore forgets a TCP connection whose `start_tls` is cancelled (it closes it for an Exception, and CancelledError
    is none): the event loop keeps it, open, for ever. A server that accepts and never speaks would cost a file
    descriptor each time it is asked.
    """

    __slots__ = ("secured", "stream")

    def __init__(self) -> None:
        self.stream: Any = None  # httpcore's; None before there is a connection of this request's own
        self.secured = False

    async def __call__(self, event: str, info: dict[str, Any]) -> None:
        """Take in what httpcore tells."""
        if event == "connection.connect_tcp.complete":
            self.stream = info["return_value"]
        elif event == "connection.start_tls.complete":
            self.secured = True

    async def aclose(self) -> None:
        """Close the connection if its handshake is not over; one that is belongs to httpcore again."""
        if self.stream is not None and not self.secured:
            await self.stream.aclose()
