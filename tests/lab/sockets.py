"""Asking over real sockets: one datagram or one stream, and the raw bytes that come back."""

import asyncio
from collections.abc import Iterable

import dns.message
import dns.rdatatype
import dns.rrset

from probe.lab.nameserver_sockets import Listeners
from tests.patience import HANG


class Datagrams(asyncio.DatagramProtocol):
    """A client's UDP socket; what arrives waits in a queue."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert addr[0] == "127.0.0.1"
        self.received.put_nowait(data)


class Client:
    """Sends to one server by UDP."""

    def __init__(self, transport: asyncio.DatagramTransport, protocol: Datagrams) -> None:
        self._transport = transport
        self._protocol = protocol

    @classmethod
    async def to(cls, endpoint: tuple[str, int] | None) -> "Client":
        assert endpoint is not None
        transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(Datagrams, remote_addr=endpoint)
        return cls(transport, protocol)

    def send(self, wire: bytes) -> None:
        self._transport.sendto(wire)

    async def receive(self) -> bytes:
        async with asyncio.timeout(HANG):
            return await self._protocol.received.get()

    def close(self) -> None:
        self._transport.close()


async def ask_udp(listeners: Listeners, address: str, query: dns.message.Message) -> dns.message.Message:
    client = await Client.to(listeners.route(address))
    try:
        client.send(query.to_wire())
        return dns.message.from_wire(await client.receive())
    finally:
        client.close()


async def ask_tcp(listeners: Listeners, address: str, *queries: dns.message.Message) -> list[dns.message.Message]:
    endpoint = listeners.route(address)
    assert endpoint is not None
    reader, writer = await asyncio.open_connection(*endpoint)
    try:
        for query in queries:
            wire = query.to_wire()
            writer.write(len(wire).to_bytes(2, "big") + wire)
        replies = []
        async with asyncio.timeout(HANG):
            for _ in queries:
                length = int.from_bytes(await reader.readexactly(2), "big")
                replies.append(dns.message.from_wire(await reader.readexactly(length)))
        return replies
    finally:
        writer.close()
        await writer.wait_closed()


def texts(section: Iterable[dns.rrset.RRset], rdtype: str) -> list[str]:
    """Give the rdata of one type in a section as text."""
    wanted = dns.rdatatype.from_text(rdtype)
    return [rdata.to_text() for rrset in section if rrset.rdtype == wanted for rdata in rrset]
