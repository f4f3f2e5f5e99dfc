"""The HTTP server: uvicorn in a thread and an event loop of its own.

Probing and serving never wait for each other: a slow page, a stuck client or a large scrape costs the probing loop
nothing but its share of the interpreter.
"""

import asyncio
import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from probe.web.reserved_lane import LANE, ReservedLane, gives_way
from probe.web.server_error import ServerError
from probe.web.tls import Tls

STOP_SECONDS = 5.0
"""How long stopping may take: open responses get this long to end. Kubernetes allows 30 s for the whole process."""

KEEP_ALIVE_SECONDS = 75
"""An idle connection is kept for this long: longer than the usual scrape interval, so that scrapes reuse theirs."""

HEAD_SECONDS = 10.0
"""A new connection must have sent a request's head by then."""

SAME_SECONDS = 75.0
"""A connection on which one and the same request is the newest for this long is cut: its client reads too slowly, sends
the next request too slowly, or has nothing to ask. Clients that hold connections must not keep health checks out."""

MAX_HEAD = 16_384
"""Bytes of a request's line and headers."""

PIECE = 1_024
"""Bytes that the parser is given at a time: it only bounds a head that has not ended yet, and a socket gives a quarter
of a mebibyte at once. A head is longer than MAX_HEAD by less than this."""

BACKLOG = 128

DATE_SECONDS = 1.0
"""Seconds between two looks at the time for the Date header (RFC 9110 section 6.6.1), which counts in seconds."""


class _Impatient(H11Protocol):
    """A connection that does not wait for its client for ever; uvicorn only limits the time between two requests.

    Attributes:
        active: When it last brought something, in seconds of the loop.
    """

    tls: Tls | None = None
    active = 0.0
    _timer: asyncio.TimerHandle | None = None

    @property
    def idle(self) -> bool:
        """Whether no request of it is being answered: it may have sent a part of one."""
        cycle: RequestResponseCycle | None = self.cycle  # uvicorn's annotation leaves out that there is none at first
        return cycle is None or cycle.response_complete

    @property
    def is_in_lane(self) -> bool:
        """Whether it is being answered about health or with metrics."""
        return not self.idle and self.cycle.scope["path"] in LANE

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        certificate = transport.get_extra_info("peercert")  # verified: TLS hands out no other
        if self.tls is not None and not self.tls.admits(certificate):
            transport.abort()
        self.active = self.loop.time()
        leaving, crowded = gives_way([one for one in self.connections if isinstance(one, _Impatient)])
        if leaving is not None:
            self.connections.discard(leaving)
            leaving.transport.abort()
        # The application finds it in every request's scope.
        self.app_state = {**self.app_state, "certificate": bool(certificate), "crowded": crowded}
        super().connection_made(transport)
        self._timer = self.loop.call_later(HEAD_SECONDS, self._check, None)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self.active = self.loop.time()
        for start in range(0, len(data), PIECE):
            if self.transport.is_closing():
                return
            super().data_received(data[start : start + PIECE])

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request, also where it is the body of one that is being answered.

        uvicorn would answer twice, and write a traceback into the log for each.
        """
        if not self.idle:
            self.cycle.disconnected = True  # what is still to be answered goes nowhere
            self.cycle.message_event.set()
            if self.cycle.response_started:
                self.transport.close()
                return
        super().send_400_response(msg)

    def _check(self, newest: RequestResponseCycle | None) -> None:
        if self.cycle is newest:
            self.transport.abort()
        else:
            self._timer = self.loop.call_later(SAME_SECONDS, self._check, self.cycle)


class _Loop(asyncio.SelectorEventLoop):
    """An event loop on which TLS handshakes must be done in time, like requests' heads; asyncio waits for a minute."""

    async def create_server(self, *args: Any, **kwargs: Any) -> asyncio.Server:
        """Listen."""
        if kwargs.get("ssl") is not None:
            kwargs["ssl_handshake_timeout"] = HEAD_SECONDS
        return await super().create_server(*args, **kwargs)


class _Announcing(uvicorn.Server):
    """A uvicorn server that says when it listens, and rests while nobody asks.

    uvicorn's own wakes up ten times a second to look whether it should end: half as often as the whole probe.
    """

    def __init__(self, config: uvicorn.Config, tls: Tls | None) -> None:
        super().__init__(config)
        self.listening = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told_to_end = asyncio.Event()
        config.load()
        if tls is not None:
            config.ssl = tls.context

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def main_loop(self) -> None:
        """Keep the Date header until the server has to end."""
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told_to_end.wait(), DATE_SECONDS)

    def end(self) -> None:
        """Have it end, from any thread."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended by itself, and its loop is closed
                self._loop.call_soon_threadsafe(self._told_to_end.set)


class WebServer:
    """Serves `app` on `host` (an IP literal) and `port` (0 takes a free one) between `start` and `stop`.

    Plain HTTP without `tls`. `ending` is called first when it stops, for streams that would not end by themselves.
    """

    def __init__(
        self, app: ASGIApp, host: str, port: int, *, tls: Tls | None = None, ending: Callable[[], None] = lambda: None
    ) -> None:
        self._ending = ending
        self._host = host
        self._port = port
        self._server = _Announcing(
            uvicorn.Config(
                ReservedLane(app),
                loop="asyncio",
                http=type("_Connection", (_Impatient,), {"tls": tls}),
                ws="none",
                lifespan="off",
                log_config=None,  # probe.telemetry.logs has set up logging for the whole process
                access_log=False,  # a scrape every few seconds is no event
                server_header=False,
                proxy_headers=False,  # nothing here depends on who asks
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=int(STOP_SECONDS),
                backlog=BACKLOG,
                h11_max_incomplete_event_size=MAX_HEAD,
            ),
            tls,
        )
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None

    def start(self) -> tuple[str, int]:
        """Listen, and give the bound address and port once requests are answered.

        Raises:
            ServerError: The address cannot be listened on.
        """
        try:
            host = self._host
            everything = host == "::"  # means IPv4 as well; and alone, where the kernel has no IPv6 (ipv6.disable=1)
            if everything and not socket.has_dualstack_ipv6():
                everything, host = False, "0.0.0.0"  # noqa: S104  # it is what was asked for
            listener = socket.create_server(
                (host, self._port),
                family=socket.AF_INET6 if ":" in host else socket.AF_INET,
                backlog=BACKLOG,
                dualstack_ipv6=everything,
            )
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise ServerError(
                f"HTTP cannot be served on {_join(self._host, self._port)}: {reason}."
                " Choose another address with `listen` in the plan, or stop what occupies it."
            ) from error
        host, port = listener.getsockname()[:2]
        self._thread = threading.Thread(target=self._run, args=(listener,), name="web", daemon=True)
        self._thread.start()
        self._server.listening.wait()
        if self._failure is not None:
            raise ServerError(f"HTTP cannot be served on {_join(host, port)}: {self._failure}.") from self._failure
        return host, port

    def stop(self) -> None:
        """Stop accepting, let open responses end within STOP_SECONDS, and end the thread. Idempotent."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._ending()
        self._server.end()
        thread.join(STOP_SECONDS)
        if thread.is_alive():
            self._server.force_exit = True  # uvicorn then abandons what is still open
            thread.join(STOP_SECONDS)

    def _run(self, listener: socket.socket) -> None:
        try:
            with listener, asyncio.Runner(loop_factory=_Loop) as runner:
                runner.run(self._server.serve(sockets=[listener]))
        except BaseException as error:  # noqa: BLE001  # a thread has nobody to raise to: start() tells it
            self._failure = error
        finally:
            self._server.listening.set()


def _join(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
