"""The scriptable name server beside a test that is not asynchronous: in a thread and an event loop of its own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.wire.scriptable_server import ScriptableServer

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
