"""The scriptable name server beside a test that is not asynchronous: in a thread and an event loop of its own."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import dns.message

from tests.e2e.plans import OWNERSHIP
from tests.patience import HANG
from tests.wire.scriptable_server import Behaviour, ScriptableServer

_START = 180.0  # seconds, after which it hangs


@contextmanager
def scripted(address: str) -> Iterator[ScriptableServer]:
    """Run one; it is scripted before anybody asks it."""
    started = threading.Event()
    loop = asyncio.new_event_loop()
    server = ScriptableServer(address)

    async def serve(ended: asyncio.Event) -> None:
        async with server:
            started.set()
            await ended.wait()

    ended = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve(ended)), name=f"scripted {address}")
    thread.start()
    try:
        assert started.wait(_START), "the scriptable server did not start"
        yield server
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(_START)
        loop.close()


@contextmanager
def all_scripted(*addresses: str) -> Iterator[list[ScriptableServer]]:
    """Run one at each address."""
    with ExitStack() as stack:
        yield [stack.enter_context(scripted(address)) for address in addresses]


def hold(name: str, address: str, *servers: ScriptableServer) -> None:
    """Let servers hold a name as an ExternalDNS writes it, with an A and without an AAAA; no other name exists."""
    for server in servers:
        server.default = Behaviour(rcode="NXDOMAIN")
        server.script(f"{name}.", Behaviour(), rdtype="AAAA")
        server.script(f"a-{name}.", Behaviour(answer=(f"a-{name}. 60 IN TXT {OWNERSHIP}",)), rdtype="TXT")
    lead(name, address, *servers)


def lead(name: str, address: str, *servers: ScriptableServer) -> None:
    """Let servers lead a name to an address from now on."""
    for server in servers:
        server.script(f"{name}.", Behaviour(answer=(f"{name}. 60 IN A {address}",)), rdtype="A")


def wait_until_answered(*servers: ScriptableServer) -> None:
    """Come back when all that servers were asked over UDP before is answered: each takes its datagrams in turn."""
    last = dns.message.make_query("last.example.", "A").to_wire()
    for server in servers:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(HANG)
            client.sendto(last, (server.address, server.port))
            client.recv(512)
