"""Simulated servers on real sockets: UDP and TCP on loopback, one free port for each server.

The simulated addresses are in documentation ranges that no machine has; `route` says where on loopback each is found,
so that nothing outside this machine is ever contacted, on any operating system.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Protocol, cast

from probe.lab.dns_message import Answerer, read, refuse, respond
from probe.lab.nameserver import Impairment
from probe.model.clock import Clock
from probe.route53.reply import ServedQuery

LOOPBACK = "127.0.0.1"
DNS_PORT = 53

_BIND_ATTEMPTS = 32  # a port that is free for UDP may be taken for TCP: try others, but not for ever
_MOST_CONNECTIONS = 64  # per server; a client that opens more is refused rather than served slowly
_MOST_DELAYED = 1000  # replies held back per server; more are lost, as they are in a full queue
_TCP_IDLE_SECONDS = 10.0  # a TCP connection may be closed when idle (RFC 7766 section 6.2.3)


class SimulatedHost(Answerer, Protocol):
    """A simulated server: it has addresses and answers questions, as far as its impairment lets it."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """Its addresses in the simulated world."""

    @property
    def impairment(self) -> Impairment:
        """What is wrong with it."""


def _reply(host: SimulatedHost, wire: bytes, *, udp: bool) -> bytes | None:
    if host.impairment.silent:
        return None
    reading = read(wire)
    if reading is None:
        return None
    if not isinstance(reading, ServedQuery):
        return refuse(wire, reading)
    reply = host.answer(reading)
    return None if reply is None else respond(wire, reply, udp=udp)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, host: SimulatedHost, clock: Clock) -> None:
        self._host = host
        self._clock = clock
        self._transport: asyncio.DatagramTransport | None = None
        self._delayed: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        wire = _reply(self._host, data, udp=True)
        if wire is None or self._transport is None:
            return
        if self._host.impairment.delay <= 0:
            self._transport.sendto(wire, addr)
        elif len(self._delayed) < _MOST_DELAYED:
            task = asyncio.get_running_loop().create_task(self._send_later(wire, addr))
            self._delayed.add(task)
            task.add_done_callback(self._delayed.discard)

    def error_received(self, exc: Exception) -> None:
        """A client that has gone (ICMP) is no concern of a server."""

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 -- the base class names it
        self._transport = None
        for task in self._delayed:
            task.cancel()

    async def _send_later(self, wire: bytes, addr: tuple[str, int]) -> None:
        await self._clock.sleep(self._host.impairment.delay)
        if self._transport is not None:
            self._transport.sendto(wire, addr)


class _Connections:
    """The TCP side of one server (RFC 7766): two octets of length before each message, any number of messages."""

    def __init__(self, host: SimulatedHost, clock: Clock) -> None:
        self._host = host
        self._clock = clock
        self._serving: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._serving) >= _MOST_CONNECTIONS:
            writer.close()
            return
        self._serving.add(task)
        try:
            await self._exchange(reader, writer)
        except (OSError, EOFError, TimeoutError):
            pass  # the client went away, or said nothing for too long
        except asyncio.CancelledError:
            pass  # the lab is closing; asyncio's stream server would log the cancellation as an error
        finally:
            self._serving.discard(task)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            async with asyncio.timeout(_TCP_IDLE_SECONDS):
                length = int.from_bytes(await reader.readexactly(2), "big")
                wire = await reader.readexactly(length)
            reply = _reply(self._host, wire, udp=False)
            if reply is None:
                continue
            if self._host.impairment.delay > 0:
                await self._clock.sleep(self._host.impairment.delay)
            writer.write(len(reply).to_bytes(2, "big") + reply)
            await writer.drain()

    async def close(self) -> None:
        serving = tuple(self._serving)
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


class Listeners:
    """The sockets of all simulated servers.

    Args:
        clock: The lab's, for delayed replies.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._routes: dict[str, int] = {}
        self._datagrams: list[asyncio.DatagramTransport] = []
        self._streams: list[asyncio.Server] = []
        self._connections: list[_Connections] = []

    async def open(self, hosts: Iterable[SimulatedHost]) -> None:
        """Bind a UDP and a TCP socket for each server that has none yet.

        Raises:
            OSError: Loopback has no free port.
        """
        for host in hosts:
            if not any(address in self._routes for address in host.addresses):
                port = await self._open_one(host)
                self._routes.update(dict.fromkeys(host.addresses, port))

    def route(self, address: str, port: int = DNS_PORT) -> tuple[str, int] | None:
        """Say where on loopback a simulated address is served; None for anything that is not in the lab."""
        found = self._routes.get(address)
        return None if found is None or port != DNS_PORT else (LOOPBACK, found)

    async def close(self) -> None:
        """Close every socket and end every connection."""
        for stream in self._streams:
            stream.close()
        for connections in self._connections:
            await connections.close()
        for stream in self._streams:
            await stream.wait_closed()
        for datagrams in self._datagrams:
            datagrams.close()
        self._routes.clear()

    async def _open_one(self, host: SimulatedHost) -> int:
        for _ in range(_BIND_ATTEMPTS - 1):
            with suppress(OSError):
                return await self._bind(host)
        return await self._bind(host)

    async def _bind(self, host: SimulatedHost) -> int:
        """Bind TCP to a free port and UDP to the same one, which may be taken."""
        connections = _Connections(host, self._clock)
        stream = await asyncio.start_server(connections.serve, LOOPBACK, 0)
        port: int = stream.sockets[0].getsockname()[1]
        try:
            datagrams, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: _Datagrams(host, self._clock), local_addr=(LOOPBACK, port)
            )
        except OSError:
            stream.close()
            raise
        self._streams.append(stream)
        self._connections.append(connections)
        self._datagrams.append(datagrams)
        return port
