"""An HTTP server on loopback that answers as none should: it sends what it is told, for ever, until nobody listens."""

import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import repeat
from typing import NamedTuple

from tests.patience import HANG

DRIP = 0.01
"""Seconds between two octets of what comes slowly."""
OK = b"HTTP/1.1 200 OK\r\n"
_HEAD = 65_536
_PIECE = 65_536


class Answer(NamedTuple):
    """What every connection gets once its request's head has come.

    Attributes:
        pieces: Gives what is sent, in turn; without an end, if it likes.
        pause: Seconds between two pieces.
    """

    pieces: Callable[[], Iterable[bytes]]
    pause: float = 0.0


def whole(body: bytes, *headers: str) -> Answer:
    """Answer with a body, and no more."""
    lines = "".join(f"{line}\r\n" for line in (*headers, f"Content-Length: {len(body)}"))
    return Answer(lambda: [OK + lines.encode() + b"\r\n" + body])


def _for_ever(first: bytes, again: bytes) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        yield first
        yield from repeat(again)

    return pieces


_CHUNK = b"%x\r\n%b\r\n" % (_PIECE, b" " * _PIECE)
WITHOUT_END = {
    "a body": Answer(_for_ever(OK + b"\r\n", b" " * _PIECE)),
    "a body of elements": Answer(_for_ever(OK + b"\r\n<a>", b"<b/>" * (_PIECE // 4))),
    "chunks": Answer(_for_ever(OK + b"Transfer-Encoding: chunked\r\n\r\n", _CHUNK)),
    "a chunk's length": Answer(_for_ever(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * _PIECE)),
    "a header": Answer(_for_ever(OK + b"X: ", b"x" * _PIECE)),
    "headers": Answer(_for_ever(OK, b"X: x\r\n" * (_PIECE // 6))),
    "a body, octet by octet": Answer(_for_ever(OK + b"\r\n", b" "), DRIP),
    "chunks, octet by octet": Answer(_for_ever(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"), DRIP),
    "headers, octet by octet": Answer(_for_ever(OK + b"X: ", b"x"), DRIP),
    "other answers first, without a pause": Answer(_for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 2_600)),
    "other answers first": Answer(_for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), DRIP),
    "silence": Answer(_for_ever(b"", b""), DRIP),
}
"""By what has none. What is not sent octet by octet comes as fast as it is taken."""
SETTINGS_WITHOUT_END = Answer(_for_ever(b"", bytes.fromhex("000000 04 00 00000000") * 7_000))
"""Frames of HTTP/2 that set nothing (RFC 9113 section 6.5)."""


class _Server:
    def __init__(self, answer: Answer, heads: list[bytes], tls: ssl.SSLContext | None) -> None:
        self._answer = answer
        self._tls = tls
        self._heads = heads
        self._ended = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        self.place: tuple[str, int] = self._listening.getsockname()

    def close(self) -> None:
        self._ended.set()
        socket.create_connection(self.place).close()
        for thread in self._threads:
            thread.join(HANG)
        self._listening.close()
        assert not any(thread.is_alive() for thread in self._threads), "it is still listened to"

    def _accept(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            if self._ended.is_set():
                connection.close()
                return
            self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self._threads[-1].start()

    def _serve(self, plain: socket.socket) -> None:
        plain.settimeout(HANG)
        with suppress(OSError), self._opened(plain) as connection:  # until nobody listens any more
            head = b""
            while b"\r\n\r\n" not in head:
                more = connection.recv(_HEAD)
                if not more:
                    return
                head += more
            self._heads.append(head)
            for piece in self._answer.pieces():
                connection.sendall(piece)
                if self._ended.wait(self._answer.pause) or _is_left(connection):
                    return

    def _opened(self, plain: socket.socket) -> socket.socket:
        if self._tls is None:
            return plain
        with plain:  # whose descriptor goes over, unless the handshake fails
            return self._tls.wrap_socket(plain, server_side=True)


@contextmanager
def hostile(answer: Answer, heads: list[bytes] | None = None, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Run such a server on a free port of loopback, and give its URL.

    Args:
        answer: What every request gets.
        heads: Where the requests' heads go.
        tls: Lets it speak TLS.
    """
    server = _Server(answer, [] if heads is None else heads, tls)
    host, port = server.place
    try:
        yield f"{'http' if tls is None else 'https'}://{host}:{port}"
    finally:
        server.close()


def _is_left(connection: socket.socket) -> bool:
    """Tell whether the other side has closed the connection; a request's body is read by the way."""
    readable, _, _ = select.select([connection], [], [], 0)
    return bool(readable) and connection.recv(_HEAD) == b""
