"""Telling open pages that there is something new, by server-sent events (WHATWG HTML, section 9.2).

An event says only that: the page then asks for itself again, and several changes within a second are one. Nothing runs
while nobody listens. A stream ends by itself before the server would take it for a client that reads too slowly; the
browser comes back with the id of the newest event that it saw, and is told at once if there is another by now.
"""

import secrets
from collections.abc import AsyncIterator, Callable

import anyio
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

LISTENERS = 32
"""Streams at one time: more people than look at one migration, and a quarter of the connections that are served."""

LOOK_SECONDS = 1.0
"""Between two looks whether there is anything new: the eye asks for no more."""

TICK_SECONDS = 5.0
"""After so long without news a page is told to ask again anyway: ages, counts and resolvers go on without news. Bytes
that come so often also keep proxies from closing the stream."""

STREAM_SECONDS = 55.0
"""Below the 75 s after which `server` cuts a connection whose newest request stays the same."""

RETRY_MILLISECONDS = 1_000
"""After which a browser comes back."""


class Live:
    """The streams of one server.

    Args:
        version: Tells whether there is anything new, from any thread.
    """

    def __init__(self, version: Callable[[], int]) -> None:
        self._version = version
        self._epoch = secrets.token_hex(4)  # ids of another process' life must not look known
        self._listeners = 0
        self._closing = False

    @property
    def newest(self) -> str:
        """The id of what is new now."""
        return f"{self._epoch}-{self._version()}"

    def close(self) -> None:
        """End every stream within a second, and begin no other. Callable from any thread."""
        self._closing = True

    async def stream(self, request: Request) -> Response:
        """Answer with a stream."""
        if self._listeners >= LISTENERS or self._closing:
            return PlainTextResponse("Too many pages are open.\n", 503, {"Retry-After": "15"})
        seen = request.headers.get("last-event-id") or request.query_params.get("seen", "")
        events = self._events(seen) if request.method == "GET" else _nothing()
        # nginx would hold the events back otherwise.
        return StreamingResponse(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    async def _events(self, seen: str) -> AsyncIterator[bytes]:
        self._listeners += 1
        try:
            yield b"retry: %d\n\n" % RETRY_MILLISECONDS
            quiet = lasted = 0.0
            while not self._closing and lasted < STREAM_SECONDS:
                newest = self.newest
                if newest != seen or quiet >= TICK_SECONDS:
                    yield f"id: {newest}\nevent: {'tick' if newest == seen else 'news'}\ndata: {newest}\n\n".encode()
                    seen, quiet = newest, 0.0
                # The wall's time, on the server's own loop: what is paced here are people's browsers.
                await anyio.sleep(LOOK_SECONDS)
                quiet += LOOK_SECONDS
                lasted += LOOK_SECONDS
        finally:
            self._listeners -= 1


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""
