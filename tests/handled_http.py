"""An HTTP server on loopback whose handler is the test's own, in a thread of its own."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """What a test's handler begins as: it is silent, takes every request in one place, and responds in one call."""

    def requested(self) -> None:
        """Take a request."""
        raise NotImplementedError

    def do_GET(self) -> None:  # http.server's name
        """Take a GET."""
        self.requested()

    do_POST = do_GET  # noqa: N815  # the same

    def content(self) -> bytes:
        """Read the request's body."""
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def respond(self, status: int, body: bytes = b"", kind: str = "") -> None:
        """Send a response; whoever does not wait for it misses it."""
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(BrokenPipeError):
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
        """Be silent."""


@contextmanager
def handled(
    handler: type[Handler], address: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Run it, on a free port where none is named; gives its URL, without a slash at the end."""
    with ThreadingHTTPServer((address, port), handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"{'http' if tls is None else 'https'}://{address}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
