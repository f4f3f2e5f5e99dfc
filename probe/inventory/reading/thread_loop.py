"""The event loop of a thread that reads, and that nobody waits for."""

import asyncio
import socket
from typing import Any


class ThreadLoop(asyncio.SelectorEventLoop):
    """An event loop of one thread alone.

    Names are looked up in that very thread: the usual way is a pool of threads, for which the process' end waits.
    """

    async def getaddrinfo(  # noqa: PLR0913  # as the loop's own
        self,
        host: Any,
        port: Any,
        *,
        family: int = 0,
        type: int = 0,  # noqa: A002
        proto: int = 0,
        flags: int = 0,
    ) -> list[Any]:
        """Look up a name, and let everything else on this loop wait."""
        return socket.getaddrinfo(host, port, family, type, proto, flags)
