"""A name server on loopback that does what a test tells it to, over UDP and TCP (or TLS) on one port.

    async with ScriptableServer() as server:
        server.script("www.example.", Behaviour(answer=("www.example. 60 IN A 192.0.2.1",)))

The address and port of `server` then behave as scripted. It lives in the test's own event loop.
"""

import asyncio
import contextlib
import random
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from tests.wire.loopback import bound_pair

UDP_WITHOUT_EDNS = 512


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the server does about one question.

    Attributes:
        answer, authority, additional: Records as lines of a zone file (`name ttl IN type rdata`).
        rcode: The response code.
        authoritative, recursion_available, authenticated: Flags.
        nsid: Sent when it is asked for.
        options: More EDNS options, sent when the query has EDNS.
        silent: Nothing is sent at all.
        delay: Seconds of the loop's time before it is sent.
        held: It is sent when the test calls `release()`: a late answer that needs no clock.
        loss: The probability of dropping the query, drawn from the server's seeded generator.
        copies: How often it is sent.
        spread: Seconds of the loop's time, up to which each copy is late by itself over UDP, drawn from the server's
            seeded generator: answers overtake each other, and one's copies come long after it.
        truncated: Over UDP an empty message with TC stands in for it.
        without_edns: A query with an OPT record gets a FORMERR without one (RFC 6891 section 7).
        wrong_id: The id is another one.
        question: The question section has this name instead.
        other_port: UDP answers leave from another port.
        forged_first: Sent before the answer, in turn, with the query's own id in place of the first two bytes when
            they are `??`.
        mangle: Turns the finished message into what is really sent.
        tcp_closes: A TCP connection is closed instead of answered.
        tcp_cut: Only so many bytes of the framed message are sent over TCP before it is closed.
    """

    answer: tuple[str, ...] = ()
    authority: tuple[str, ...] = ()
    additional: tuple[str, ...] = ()
    rcode: str = "NOERROR"
    authoritative: bool = True
    recursion_available: bool = False
    authenticated: bool = False
    nsid: bytes | None = None
    options: tuple[dns.edns.Option, ...] = ()
    silent: bool = False
    delay: float = 0.0
    held: bool = False
    loss: float = 0.0
    copies: int = 1
    spread: float = 0.0
    truncated: bool = False
    without_edns: bool = False
    wrong_id: bool = False
    question: str | None = None
    other_port: bool = False
    forged_first: tuple[bytes, ...] = ()
    mangle: Callable[[bytes], bytes] | None = None
    tcp_closes: bool = False
    tcp_cut: int | None = None


SILENT = Behaviour(silent=True)
SERVFAIL = Behaviour(rcode="SERVFAIL", authoritative=False)
REFUSED = Behaviour(rcode="REFUSED", authoritative=False)
GARBAGE = Behaviour(mangle=lambda message: bytes(byte ^ 0x5A for byte in message))
EMPTY_DATAGRAM = Behaviour(mangle=lambda _: b"")


def broken_after_question(message: bytes) -> bytes:
    """Keep id, flags and question, and end in the midst of the first record."""
    return message[:-3]


def cname_chain(length: int, *, zone: str = "chain.example.") -> tuple[str, ...]:
    """Records of a CNAME chain that never arrives: `0.zone` → `1.zone` → ..."""
    return tuple(f"{number}.{zone} 60 IN CNAME {number + 1}.{zone}" for number in range(length))


class Received(NamedTuple):
    """One query as it arrived."""

    transport: str
    message: dns.message.Message
    source: tuple[str, int]


class ScriptableServer:
    """See the module. Without a script a question gets REFUSED.

    Args:
        address: A loopback address.
        tls: Serves TLS instead of plain TCP (DoT).
        seed: Of the generator that draws losses.

    Attributes:
        port: Where it listens, UDP and TCP alike.
        received: Every query, in order.
        connections: How many TCP or TLS connections were accepted.
    """

    def __init__(self, address: str = "127.0.0.1", *, tls: ssl.SSLContext | None = None, seed: int = 1) -> None:
        self.address = address
        self.port = 0
        self.received: list[Received] = []
        self.connections = 0
        self.default: Behaviour = REFUSED
        self._tls = tls
        self._random = random.Random(seed)
        self._scripts: dict[tuple[str, str | None], list[Behaviour]] = {}
        self._held: list[Callable[[], None]] = []
        self._listening: asyncio.DatagramTransport
        self._udp: socket.socket
        self._elsewhere: socket.socket
        self._tcp: asyncio.Server
        self._writers: set[asyncio.StreamWriter] = set()

    def script(self, name: str, *behaviours: Behaviour, rdtype: str | None = None) -> None:
        """Do this about `name` (of one type, or any): one behaviour per query in turn; the last one stays."""
        self._scripts[name.lower(), rdtype] = list(behaviours)

    def release(self) -> None:
        """Send what was held."""
        held, self._held = self._held, []
        for send in held:
            send()

    def drop_connections(self) -> None:
        """Close every TCP connection, as a restarting server does."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    @property
    def open_connections(self) -> int:
        """How many TCP or TLS connections are open."""
        return len(self._writers)

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        # Sent through the sockets themselves: asyncio's transports send no empty datagrams.
        self._udp, stream = bound_pair(self.address)
        self.port = stream.getsockname()[1]
        self._listening, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self), sock=self._udp)
        self._elsewhere = socket.socket(self._udp.family, socket.SOCK_DGRAM)
        self._tcp = await asyncio.start_server(self._serve, sock=stream, ssl=self._tls)
        return self

    async def __aexit__(self, *_exception: object) -> None:
        self._listening.close()
        self._elsewhere.close()
        self._tcp.close()
        self.drop_connections()
        await self._tcp.wait_closed()
        for _ in range(3):  # transports close in later turns of the loop
            await asyncio.sleep(0)  # noqa: TID251  # gives others their turn, waits for no time

    def send_datagram(self, data: bytes, destination: tuple[str, int]) -> None:
        """Send anything anywhere."""
        self._udp.sendto(data, destination)

    def datagram(self, data: bytes, source: tuple[str, int]) -> None:
        """Take a UDP query in."""

        def send(response: bytes, behaviour: Behaviour) -> None:
            transport = self._elsewhere if behaviour.other_port else self._udp
            for forged in behaviour.forged_first:
                transport.sendto(data[:2] + forged[2:] if forged.startswith(b"??") else forged, source)
            for _ in range(behaviour.copies):
                if behaviour.spread:
                    late = self._random.random() * behaviour.spread
                    asyncio.get_running_loop().call_later(late, transport.sendto, response, source)
                else:
                    transport.sendto(response, source)

        self._answer("udp", data, source, send)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)

        def send(response: bytes, behaviour: Behaviour) -> None:
            framed = len(response).to_bytes(2, "big") + response
            writer.write(framed[: behaviour.tcp_cut] * behaviour.copies)
            if behaviour.tcp_cut is not None:
                writer.close()

        source: tuple[str, int] = writer.get_extra_info("peername")[:2]
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                length = int.from_bytes(await reader.readexactly(2), "big")
                query = await reader.readexactly(length)
                if self._answer("tcp", query, source, send):
                    break
        self._writers.discard(writer)
        writer.close()

    def _answer(
        self, transport: str, wire: bytes, source: tuple[str, int], send: Callable[[bytes, Behaviour], None]
    ) -> bool:
        """Do as scripted; True when a TCP connection is to be closed."""
        query = dns.message.from_wire(wire)
        self.received.append(Received(transport, query, source))
        behaviour = self._behaviour(query)
        if transport == "tcp" and behaviour.tcp_closes:
            return True
        if behaviour.silent or self._random.random() < behaviour.loss:
            return False
        response = respond(query, behaviour, udp=transport == "udp")
        if behaviour.held:
            self._held.append(lambda: send(response, behaviour))
        elif behaviour.delay:
            asyncio.get_running_loop().call_later(behaviour.delay, send, response, behaviour)
        else:
            send(response, behaviour)
        return False

    def _behaviour(self, query: dns.message.Message) -> Behaviour:
        question = query.question[0]
        name = question.name.to_text().lower()
        rdtype = dns.rdatatype.to_text(question.rdtype)
        script = self._scripts.get((name, rdtype)) or self._scripts.get((name, None))
        if not script:
            return self.default
        return script.pop(0) if len(script) > 1 else script[0]


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: ScriptableServer) -> None:
        self._server = server

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._server.datagram(data, addr)


def respond(query: dns.message.Message, behaviour: Behaviour, *, udp: bool) -> bytes:
    """Make the message that `behaviour` answers `query` with."""
    if behaviour.without_edns and query.edns >= 0:
        refusal = dns.message.Message(id=query.id)
        refusal.flags = dns.flags.Flag(dns.flags.QR)
        refusal.set_rcode(dns.rcode.FORMERR)
        return refusal.to_wire()
    response = dns.message.make_response(query)
    _set_flags(response, behaviour)
    response.set_rcode(dns.rcode.from_text(behaviour.rcode))
    if udp and behaviour.truncated:
        response.flags |= dns.flags.TC
    else:
        response.answer = _records(behaviour.answer)
        response.authority = _records(behaviour.authority)
        response.additional = _records(behaviour.additional)
    if query.edns >= 0:
        asked = {option.otype for option in query.options}
        options = list(behaviour.options)
        if behaviour.nsid is not None and dns.edns.OptionType.NSID in asked:
            options.append(dns.edns.NSIDOption(behaviour.nsid))
        response.use_edns(0, payload=4096, options=options)
    if behaviour.wrong_id:
        response.id = query.id ^ 0x1234
    if behaviour.question is not None:
        response.question = [
            dns.rrset.RRset(dns.name.from_text(behaviour.question), query.question[0].rdclass, query.question[0].rdtype)
        ]
    wire = response.to_wire(max_size=65535)
    return behaviour.mangle(wire) if behaviour.mangle is not None else wire


def _set_flags(response: dns.message.Message, behaviour: Behaviour) -> None:
    for flag, wanted in (
        (dns.flags.AA, behaviour.authoritative),
        (dns.flags.RA, behaviour.recursion_available),
        (dns.flags.AD, behaviour.authenticated),
    ):
        if wanted:
            response.flags |= flag


def _records(lines: Sequence[str]) -> list[dns.rrset.RRset]:
    records = []
    for line in lines:
        name, ttl, rdclass, rdtype, rdata = line.split(maxsplit=4)
        records.append(dns.rrset.from_text(name, int(ttl), rdclass, rdtype, rdata))
    return records
