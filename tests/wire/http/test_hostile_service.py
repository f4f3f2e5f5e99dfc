"""Services that answer as none should: a check ends, says what it was in a few plain words, and leaves nothing behind.

Real servers on loopback, and real questions of DNS beside each check, which are answered before any time-out is over:
the check's clock stands still until then, and for ever where the check has to end by itself.
"""

import asyncio
import gzip
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

import pytest

from probe.model.clock import Instant
from probe.model.name import DomainName
from probe.model.plan import HttpCheck
from probe.model.ports import ServiceQuery
from probe.model.service import ServiceCheck, ServiceFailure
from probe.model.side import Side
from probe.wire.http.https_check import HttpsChecker
from probe.wire.transport.limits import QueryLimits
from tests.clock import LoopClock
from tests.hostile_http import OK, WITHOUT_END, Answer, hostile, whole
from tests.patience import HANG
from tests.wire.http.https_server import Authority
from tests.wire.querying import asking, place, response, until
from tests.wire.scriptable_server import Behaviour, ScriptableServer

SHOP = DomainName("shop.example.com.")
WATCHED = 20
"""Questions that are answered while a check goes on."""
CHECKS = 3
"""Of one service at a time."""
MAX_NAMES = 32
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""
LONGEST = 120
"""Characters of what is said of it."""
TIMEOUT = 2.0
"""Seconds of a plan's time-out, which pass once `WATCHED` questions are answered."""
TO_BE_READ = 64 << 20
"""Octets that a server got rid of where nobody read them: far more than the kernel's buffers hold."""


class Held:
    """A clock that stands still, but for pauses, until the test says that the watch has gone on."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self.watched = asyncio.Event()

    def now(self) -> Instant:
        return Instant(self._seconds, self._seconds)

    async def sleep(self, seconds: float) -> None:
        if seconds >= TIMEOUT:
            await self.watched.wait()
        self._seconds += seconds


class Seen(NamedTuple):
    """What a service was found to be, by `CHECKS` checks, and how often it was connected to."""

    checks: list[ServiceCheck]
    connections: int


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


class _Listening:
    """A server on loopback that does one thing with every connection, in a thread of its own."""

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self._serve = serve
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self._ended = False
        self.connections = 0
        self.port: int = self._socket.getsockname()[1]
        self._threads[0].start()

    def close(self) -> None:
        self._ended = True
        socket.create_connection(("127.0.0.1", self.port)).close()
        for thread in self._threads:
            thread.join(HANG)
        self._socket.close()
        assert not any(thread.is_alive() for thread in self._threads), "a connection was left open"

    def _accept(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            if self._ended:
                connection.close()
                return
            self.connections += 1
            self._threads.append(threading.Thread(target=self._answer, args=(connection,)))
            self._threads[-1].start()

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(HANG)
        with connection, suppress(OSError):
            self._serve(connection)


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[_Listening]:
    server = _Listening(serve)
    try:
        yield server
    finally:
        server.close()


def secured(context: ssl.SSLContext, serve: Callable[[ssl.SSLSocket], None]) -> Callable[[socket.socket], None]:
    """Serve over TLS, once a request's head has come."""

    def answer(plain: socket.socket) -> None:
        with context.wrap_socket(plain, server_side=True) as connection:
            head = b""
            while b"\r\n\r\n" not in head:
                more = connection.recv(65_536)
                if not more:
                    return
                head += more
            serve(connection)

    return answer


def look(authority: Authority, port: int, heads: Callable[[], int], *, times_out: bool = False) -> Seen:
    """Check a service while DNS is watched, and see that nothing of it stays; time passes only where it `times_out`."""

    async def main() -> list[ServiceCheck]:
        loop = asyncio.get_running_loop()
        clock = Held()
        checker = HttpsChecker(clock)
        checks: list[ServiceCheck] = []
        limits = QueryLimits(queries_per_second=1000.0, max_in_flight=64, timeout=HANG)
        files = open_sockets()
        async with ScriptableServer() as server, asking(LoopClock(loop), limits) as querier:
            server.default = Behaviour(answer=("www.example. 60 IN A 192.0.2.1",))
            await response(querier, place(server))
            tasks = len(asyncio.all_tasks())
            http = HttpCheck(port=port, ca_file=authority.file, timeout=TIMEOUT)
            checker.submit([ServiceQuery(SHOP, Side.V2, "127.0.0.1", http)] * CHECKS, checks.append)
            await until(lambda: heads() > 0 or bool(checks))
            for _ in range(WATCHED):
                await response(querier, place(server))
            if times_out:
                clock.watched.set()
            await until(lambda: len(checks) == CHECKS)
            await until(lambda: (len(asyncio.all_tasks()), checker.waiting()) == (tasks, 0))
        await until(lambda: open_sockets() <= files)
        await checker.aclose()
        return checks

    return Seen(asyncio.run(main()), heads())


def open_sockets() -> int:
    """Count this process' own: those of a server's threads among them, which end when the other side has."""
    return sum(map(_is_socket, Path("/proc/self/fd").iterdir()))


def _is_socket(file: Path) -> bool:
    try:
        return file.readlink().name.startswith("socket:")
    except OSError:  # closed meanwhile
        return False


def plainly(seen: Seen, *failures: ServiceFailure | None) -> None:
    """Hold that it was called one of these, in plain words."""
    assert len(seen.checks) == CHECKS
    for check in seen.checks:
        assert check.failure in failures, check
        assert len(check.detail) <= LONGEST
        assert check.detail.isascii()
        assert check.detail.isprintable()


def answered(authority: Authority, answer: Answer, *, times_out: bool = False) -> Seen:
    heads: list[bytes] = []
    with hostile(answer, heads, authority.context(SHOP)) as url:
        return look(authority, int(url.rpartition(":")[2]), lambda: len(heads), times_out=times_out)


def _pieces(*pieces: bytes, again: bytes = b"") -> Answer:
    def give() -> Iterator[bytes]:
        yield from pieces
        if again:
            yield from repeat(again)

    return Answer(give)


BODIES = (
    "a body",
    "a body of elements",
    "chunks",
    "a chunk's length",
    "a body, octet by octet",
    "chunks, octet by octet",
)
FLOODS = {
    "a header": WITHOUT_END["a header"],
    "headers": WITHOUT_END["headers"],
    "a header of records of one octet": _pieces(OK + b"X: ", again=b"x"),
    "interim responses": _pieces(again=b"HTTP/1.1 100 Continue\r\n\r\n" * 600),
    "early hints": _pieces(again=b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 400),
    "a status line": _pieces(b"HTTP/1.1 200 ", again=b"O" * 16_000),
    "blank lines": _pieces(again=b"\r\n" * 8_000),
    "20,000 headers": _pieces(OK + b"a: b\r\n" * 20_000 + b"\r\n"),
}
"""What comes as fast as it is taken."""


@pytest.mark.parametrize("what", BODIES)
def test_a_body_without_an_end_is_left_and_the_service_works(authority: Authority, what: str) -> None:
    plainly(answered(authority, WITHOUT_END[what]), None)


def test_a_gzip_bomb_is_not_unfolded(authority: Authority) -> None:
    bomb = gzip.compress(bytes(1 << 24), 1) * 64  # a GiB of zeros
    seen = answered(authority, whole(bomb, "Content-Encoding: gzip"))
    plainly(seen, None)


def test_ten_thousand_headers_are_read(authority: Authority) -> None:
    plainly(answered(authority, _pieces(OK + b"a:b\r\n" * 10_000 + b"\r\n")), None)


@pytest.mark.parametrize("what", FLOODS)
def test_a_flood_in_the_place_of_a_head_ends_the_check_by_itself(authority: Authority, what: str) -> None:
    plainly(answered(authority, FLOODS[what]), ServiceFailure.PROTOCOL)


@pytest.mark.parametrize("what", ["headers, octet by octet", "silence"])
def test_a_head_that_never_ends_is_slow(authority: Authority, what: str) -> None:
    plainly(answered(authority, WITHOUT_END[what], times_out=True), ServiceFailure.SLOW)


def test_interim_responses_that_trickle_end_the_check(authority: Authority) -> None:
    plainly(answered(authority, WITHOUT_END["other answers first"]), ServiceFailure.PROTOCOL)


@pytest.mark.parametrize(
    "location",
    ["/", "https://shop.example.com/", "http://169.254.169.254/latest/", "file:///etc/passwd", "\x1b]0;x\x07"],
)
def test_no_redirect_is_followed(authority: Authority, location: str) -> None:
    answer = _pieces(f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())
    seen = answered(authority, answer)
    plainly(seen, ServiceFailure.STATUS)
    assert seen.connections == CHECKS


def _resetting(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _after_the_hello(connection: socket.socket) -> None:
    connection.recv(65_536)
    _resetting(connection)


@pytest.mark.parametrize(
    ("when", "failures"),
    [
        ("at once", (ServiceFailure.HANDSHAKE, ServiceFailure.UNREACHABLE)),  # before or after it is noticed to be one
        ("after its hello", (ServiceFailure.HANDSHAKE,)),
        ("after the request", (ServiceFailure.PROTOCOL,)),
        ("in the head", (ServiceFailure.PROTOCOL,)),
        ("in the body", (None, ServiceFailure.PROTOCOL)),  # a reset takes with it what nobody has read yet
    ],
)
def test_a_connection_that_is_reset_at_any_moment_is_told_as_what_it_was(
    authority: Authority, when: str, failures: tuple[ServiceFailure | None, ...]
) -> None:
    sent = {"in the head": OK + b"X-Cluster: tw", "in the body": OK + b"Content-Length: 9\r\n\r\nhalf"}.get(when, b"")

    def after_the_request(connection: ssl.SSLSocket) -> None:
        if sent:
            connection.sendall(sent)
        _resetting(connection)

    serves: dict[str, Callable[[socket.socket], None]] = {"at once": _resetting, "after its hello": _after_the_hello}
    serve = serves.get(when) or secured(authority.context(SHOP), after_the_request)
    with listening(serve) as server:
        plainly(look(authority, server.port, lambda: server.connections), *failures)


def _never_finishing(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x40\x00")  # a record of 16 KiB with a ServerHello of as many
    while True:
        connection.sendall(b"\x00")
        if not _is_open(connection):
            return


def _is_open(connection: socket.socket) -> bool:
    connection.settimeout(0.01)
    try:
        return bool(connection.recv(65_536))
    except TimeoutError:
        return True


def test_a_handshake_that_never_ends_is_slow(authority: Authority) -> None:
    with listening(_never_finishing) as server:
        plainly(look(authority, server.port, lambda: server.connections, times_out=True), ServiceFailure.SLOW)


def _sending(record: bytes) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        connection.recv(65_536)
        for _ in repeat(None, TO_BE_READ // len(record)):
            connection.sendall(record)
        raise AssertionError("all of it was taken")

    return serve


@pytest.mark.parametrize(
    "record",
    [
        b"\x16\x03\x03\x40\x00\x02\xff\xff\xff" + bytes(16_380),  # a ServerHello of 16 MiB
        b"\x15\x03\x03\x00\x02\x01\x5a",  # a warning: the user has cancelled
        b"\x16\x03\x03\x00\x00",  # nothing
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x00",
    ],
    ids=["a large message", "warnings", "empty records", "another protocol", "zeros"],
)
def test_a_flood_in_the_place_of_a_handshake_ends_the_check_by_itself(authority: Authority, record: bytes) -> None:
    with listening(_sending(record)) as server:
        plainly(look(authority, server.port, lambda: server.connections), ServiceFailure.HANDSHAKE)


@contextmanager
def _with_chain(authority: Authority, folder: Path, certificates: int, **settings: int) -> Iterator[_Listening]:
    """Serve with a chain of so many certificates, the authority's own, which nobody needs."""
    leaf = authority.ca.issue_cert("shop.example.com")
    chain = folder / "chain.pem"
    chain.write_bytes(leaf.cert_chain_pems[0].bytes() + authority.ca.cert_pem.bytes() * certificates)
    key = folder / "key.pem"
    key.write_bytes(leaf.private_key_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    for name, value in settings.items():
        setattr(context, name, value)
    with ExitStack() as stack:
        serve = secured(context, lambda connection: connection.sendall(OK + b"\r\n"))
        yield stack.enter_context(listening(serve))


def test_certificates_of_megabytes_are_refused(authority: Authority, tmp_path: Path) -> None:
    with _with_chain(authority, tmp_path, 5_000) as server:
        plainly(look(authority, server.port, lambda: server.connections), ServiceFailure.HANDSHAKE)


def test_a_chain_as_long_as_tls_takes_is_read(authority: Authority, tmp_path: Path) -> None:
    with _with_chain(authority, tmp_path, 150) as server:
        plainly(look(authority, server.port, lambda: server.connections), None)


def test_session_tickets_without_an_end_end_the_check(authority: Authority, tmp_path: Path) -> None:
    with _with_chain(authority, tmp_path, 0, num_tickets=20_000) as server:
        plainly(look(authority, server.port, lambda: server.connections), ServiceFailure.PROTOCOL)


def test_a_certificate_of_a_thousand_names_is_read_and_a_few_of_them_are_kept(authority: Authority) -> None:
    names = [DomainName(f"name-{number}.example.com.") for number in range(1_000)]
    context = authority.context(SHOP, *names)
    with listening(secured(context, lambda connection: connection.sendall(OK + b"\r\n"))) as server:
        seen = look(authority, server.port, lambda: server.connections)
    plainly(seen, None)
    for check in seen.checks:
        assert check.certificate is not None
        assert len(check.certificate.names) == MAX_NAMES
