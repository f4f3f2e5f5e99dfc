"""Runs an ASGI application on a free loopback port beside everything else in the event loop."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from probe.lab.nameserver_sockets import LOOPBACK


class _QuietServer(uvicorn.Server):
    """Leaves the process's signals alone and tells when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


class HttpServer:
    """One application on one port.

    Args:
        app: What to serve.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._server: _QuietServer | None = None
        self._running: asyncio.Task[None] | None = None

    async def start(self, port: int = 0) -> str:
        """Begin to serve; gives the base URL. Port 0 takes any that is free.

        Raises:
            OSError: The port is taken.
        """
        listening = socket.create_server((LOOPBACK, port))
        bound: int = listening.getsockname()[1]
        config = uvicorn.Config(
            self._app, log_config=None, access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=1
        )
        self._server = _QuietServer(config)
        self._running = asyncio.get_running_loop().create_task(self._server.serve([listening]))
        await self._server.ready.wait()
        return f"http://{LOOPBACK}:{bound}"

    async def stop(self) -> None:
        """Finish what is being answered and close the port."""
        if self._server is not None and self._running is not None:
            self._server.should_exit = True
            await self._running
