"""HTTPS checks against real TLS servers on loopback, with certificates of a test CA."""

import asyncio
import datetime as dt
import socket
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from probe.model.clock import Clock, Instant
from probe.model.name import DomainName
from probe.model.plan import HttpCheck, Identity
from probe.model.ports import ServiceQuery
from probe.model.service import ServiceCheck, ServiceFailure
from probe.model.side import Side
from probe.wire.http import https_check
from probe.wire.http.certificate import Trust, trust
from probe.wire.http.https_check import HttpsChecker
from tests.clock import LoopClock, run_virtual
from tests.patience import HANG
from tests.wire.http.https_server import OK, Authority, Handler, Served, hang, https_server, saying

MAX_IN_FLIGHT, MAX_PER_ADDRESS, PAUSE, ADDRESSES_PACED = 64, 8, 0.1, 4096
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

SHOP = DomainName("shop.example.com.")
TIMEOUT = 2.0
"""Seconds of a plan's time-out, which pass on a test's clock."""
PAST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment would be noticed: nothing listens there."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")


async def made(checker: HttpsChecker, *queries: ServiceQuery) -> list[ServiceCheck]:
    """Make checks, and wait for all of them."""
    checks: list[ServiceCheck] = []
    done = asyncio.Event()

    def sink(check: ServiceCheck) -> None:
        checks.append(check)
        if len(checks) == len(queries):
            done.set()

    checker.submit(queries, sink)
    await asyncio.wait_for(done.wait(), HANG)
    return checks


def ask(served: Served, authority: Authority, **changes: object) -> ServiceQuery:
    http = HttpCheck(port=served.port, ca_file=authority.file, timeout=HANG)
    return ServiceQuery(SHOP, Side.V2, served.address, replace(http, **changes))  # type: ignore[arg-type]  # field by field


class Bell:
    """A clock that stands still until the server rings, however slow the machine is: then all waiting is over.

    Args:
        rings: How often it has to.
    """

    def __init__(self, rings: int = 1) -> None:
        self._seconds = 0.0
        self._left = rings
        self._rung = asyncio.Event()

    def now(self) -> Instant:
        return Instant(self._seconds, self._seconds)

    async def sleep(self, seconds: float) -> None:
        if seconds >= TIMEOUT:  # the pauses of the pace are no waiting for an answer
            await self._rung.wait()
        self._seconds += seconds

    def ringing(self, handler: Handler) -> Handler:
        """Let a server ring once for each request that it has read, and then do what it does."""

        async def handle(request: bytes, writer: asyncio.StreamWriter) -> None:
            self._left -= 1
            if not self._left:
                self._rung.set()
            await handler(request, writer)

        return handle


def run(main: Callable[[HttpsChecker], Awaitable[None]], clock: Clock | None = None) -> None:
    async def whole() -> None:
        checker = HttpsChecker(clock or LoopClock(asyncio.get_running_loop()))
        try:
            await main(checker)
        finally:
            await checker.aclose()
        assert checker.waiting() == 0

    asyncio.run(whole())


def checked(
    authority: Authority, handler: Handler = OK, clock: Clock | None = None, **changes: object
) -> tuple[ServiceCheck, Served]:
    """Check a server with a good certificate once."""
    seen: list[tuple[ServiceCheck, Served]] = []

    async def main(checker: HttpsChecker) -> None:
        async with https_server(authority.context(SHOP), handler) as served:
            (check,) = await made(checker, ask(served, authority, **changes))
            seen.append((check, served))

    run(main, clock)
    return seen[0]


def test_a_service_that_works_is_asked_by_its_name_at_the_address_that_was_given(authority: Authority) -> None:
    check, served = checked(authority, path="/healthz?full=1")
    assert (check.failure, check.status, check.detail) == (None, 200, "")
    assert (check.domain, check.side, check.address) == (SHOP, Side.V2, "127.0.0.1")
    assert check.elapsed > 0
    (request,) = served.requests
    assert request.startswith(b"GET /healthz?full=1 HTTP/1.1\r\n")
    assert f"Host: shop.example.com:{served.port}\r\n".encode() in request
    assert b"Cookie" not in request
    assert served.names == ["shop.example.com"]


def test_the_certificate_is_read(authority: Authority) -> None:
    check, _ = checked(authority)
    assert check.certificate is not None
    assert check.certificate.names == ("shop.example.com",)
    assert check.certificate.issuer == "Test Authority"
    assert check.certificate.not_before < check.certificate.not_after


def test_a_wrong_status_is_a_failure_and_a_redirect_is_not_followed(authority: Authority) -> None:
    check, served = checked(
        authority, saying("HTTP/1.1 302 Found\nLocation: https://169.254.169.254/\nContent-Length: 0")
    )
    assert (check.failure, check.status) == (ServiceFailure.STATUS, 302)
    assert check.detail == "302 to https://169.254.169.254/"
    assert len(served.requests) == 1
    check, _ = checked(
        authority, saying("HTTP/1.1 302 Found\nLocation: /login\nContent-Length: 0"), statuses=(200, 302)
    )
    assert check.failure is None


def test_chosen_headers_are_kept_bounded_and_printable_and_no_others(authority: Authority) -> None:
    head = "HTTP/1.1 200 OK\nContent-Length: 0\nX-App: 1.2\nX-Long: " + "y" * 5000 + "\nX-Odd: a\x9b31mb\nX-More: z"
    check, _ = checked(authority, saying(head), headers=("x-app", "x-long", "x-odd", "x-absent"))
    assert check.headers == (("x-app", "1.2"), ("x-long", "y" * 120), ("x-odd", "a?31mb"))


@pytest.mark.parametrize(
    ("sent", "failure"),
    [("X-Cluster: two", None), ("X-Cluster: one", ServiceFailure.IDENTITY), ("X: y", ServiceFailure.IDENTITY)],
)
def test_the_identity_header_has_to_name_the_cluster(
    authority: Authority, sent: str, failure: ServiceFailure | None
) -> None:
    identity = Identity("x-cluster", "one", "two")
    check, _ = checked(authority, saying(f"HTTP/1.1 200 OK\nContent-Length: 0\n{sent}"), identity=identity)
    assert check.failure is failure


def test_the_other_clusters_identity_says_more_than_a_status_and_a_status_more_than_none(authority: Authority) -> None:
    identity = Identity("x-cluster", "one", "two")
    other, _ = checked(authority, saying("HTTP/1.1 404 No\nX-Cluster: one\nContent-Length: 0"), identity=identity)
    none, _ = checked(authority, saying("HTTP/1.1 404 No\nContent-Length: 0"), identity=identity)
    assert (other.failure, none.failure) == (ServiceFailure.IDENTITY, ServiceFailure.STATUS)


def test_a_body_is_not_read_however_large_it_is(authority: Authority) -> None:
    sent = 0

    async def endless(_: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            sent += 65_536
            await writer.drain()

    check, _ = checked(authority, endless)
    assert check.failure is None
    assert sent < 20_000_000  # what the kernel's buffers take until the connection is closed


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000,
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 60_000,
        b"\x00\x01\x02 garbage\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"",
    ],
    ids=["huge header", "many headers", "garbage", "another protocol", "no status", "nothing"],
)
def test_what_is_no_response_is_a_failure_of_the_protocol(authority: Authority, sent: bytes) -> None:
    async def handle(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await writer.drain()

    check, _ = checked(authority, handle)
    assert check.failure is ServiceFailure.PROTOCOL
    assert check.certificate is not None
    assert check.detail.isascii()
    assert check.detail.isprintable()
    assert len(check.detail) <= 120


def test_a_service_that_hangs_is_slow_and_waiting_ends_in_time(authority: Authority) -> None:
    bell = Bell()
    check, _ = checked(authority, bell.ringing(hang), bell, timeout=TIMEOUT)
    assert check.failure is ServiceFailure.SLOW
    assert check.elapsed == TIMEOUT
    assert check.certificate is not None


def test_a_server_that_trickles_its_head_is_slow(authority: Authority) -> None:
    async def trickle(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X: y\r\n")
            await writer.drain()
            await asyncio.sleep(0.02)  # noqa: TID251  # a real server, in real time

    bell = Bell()
    check, _ = checked(authority, bell.ringing(trickle), bell, timeout=TIMEOUT)
    assert check.failure is ServiceFailure.SLOW


def outcome(
    authority: Authority, served_by: Callable[[], object], clock: Clock | None = None, **changes: object
) -> ServiceCheck:
    """Check a server that is made by the caller."""
    seen: list[ServiceCheck] = []

    async def main(checker: HttpsChecker) -> None:
        async with served_by() as served:  # type: ignore[attr-defined]  # an async context manager
            seen.extend(await made(checker, ask(served, authority, **changes)))

    run(main, clock)
    return seen[0]


def test_a_certificate_for_another_name_is_told_with_the_names_it_is_for(authority: Authority) -> None:
    check = outcome(authority, lambda: https_server(authority.context("other.example.com")))
    assert check.failure is ServiceFailure.NAME_MISMATCH
    assert check.certificate is not None
    assert check.certificate.names == ("other.example.com",)


def test_an_expired_certificate_is_told_with_its_time(authority: Authority) -> None:
    check = outcome(authority, lambda: https_server(authority.context(SHOP, expires=PAST)))
    assert check.failure is ServiceFailure.EXPIRED
    assert check.certificate is not None
    assert check.certificate.not_after == PAST.timestamp()


def test_a_certificate_of_nobody_known_is_untrusted_and_nothing_of_it_is_believed(
    authority: Authority, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path, "stranger")
    check = outcome(authority, lambda: https_server(stranger.context(SHOP)))
    assert check.failure is ServiceFailure.UNTRUSTED
    assert check.certificate is None
    assert check.status is None
    without_ca = outcome(authority, lambda: https_server(authority.context(SHOP)), ca_file=None)
    assert without_ca.failure is ServiceFailure.UNTRUSTED  # the system does not know the test CA


def test_certificates_that_went_missing_trust_nobody(authority: Authority, tmp_path: Path) -> None:
    gone = outcome(authority, lambda: https_server(authority.context(SHOP)), ca_file=tmp_path / "gone.pem")
    assert gone.failure is ServiceFailure.UNTRUSTED
    assert "cannot be read" in gone.detail


def test_certificates_that_hang_trust_nobody_accuse_nobody_and_hold_up_one_thread(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered, asked = threading.Event(), []

    def hang(ca_file: Path | None) -> Trust:
        asked.append(ca_file)
        answered.wait()
        return trust(ca_file)

    monkeypatch.setattr(https_check, "trust", hang)

    async def main(checker: HttpsChecker) -> None:
        async with https_server(authority.context(SHOP)) as served:
            checks = await made(checker, *[ask(served, authority, timeout=0.01)] * 3)
            assert {check.failure for check in checks} == {ServiceFailure.UNTRUSTED}
            assert all("cannot be read" in check.detail for check in checks)
            assert (len(asked), served.names) == (1, [])
            answered.set()
            assert (await made(checker, ask(served, authority)))[0].failure is None

    try:
        run(main)
    finally:
        answered.set()


def test_certificates_are_read_anew_when_told_so(authority: Authority, tmp_path: Path) -> None:
    stranger = Authority(tmp_path, "stranger")
    shared = tmp_path / "shared.pem"
    shared.write_bytes(stranger.file.read_bytes())

    async def main(checker: HttpsChecker) -> None:
        async with https_server(authority.context(SHOP)) as served:
            asked = ask(served, authority, ca_file=shared)
            assert (await made(checker, asked))[0].failure is ServiceFailure.UNTRUSTED
            shared.write_bytes(authority.file.read_bytes())
            assert (await made(checker, asked))[0].failure is ServiceFailure.UNTRUSTED
            checker.forget()
            assert (await made(checker, asked))[0].failure is None

    run(main)


def test_a_server_that_speaks_no_tls_fails_in_the_handshake(authority: Authority) -> None:
    check = outcome(authority, lambda: https_server(None, saying("HTTP/1.1 400 Bad Request")))
    assert check.failure is ServiceFailure.HANDSHAKE


def test_a_server_that_accepts_and_never_speaks_is_slow(authority: Authority) -> None:
    bell = Bell()
    check = outcome(authority, lambda: https_server(None, bell.ringing(hang)), bell, timeout=TIMEOUT)
    assert check.failure is ServiceFailure.SLOW


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_no_connection_stays_open_however_a_check_ends(authority: Authority) -> None:
    bell = Bell(6)
    handler = bell.ringing(hang)

    async def main(checker: HttpsChecker) -> None:
        async with https_server(None, handler) as mute, https_server(authority.context(SHOP), handler) as slow:
            before = open_files()
            asked = [ask(one, authority, timeout=TIMEOUT) for one in (mute, slow) for _ in range(3)]
            checks = await made(checker, *asked)
            assert {check.failure for check in checks} == {ServiceFailure.SLOW}
            async with asyncio.timeout(HANG):
                while open_files() - before > 6:  # noqa: ASYNC110  # nobody tells when the servers have noticed
                    await asyncio.sleep(0.01)  # noqa: TID251  # real sockets, closed by the kernel in real time

    run(main, bell)


def test_a_port_where_nothing_listens_refuses(authority: Authority) -> None:
    async def main(checker: HttpsChecker) -> None:
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            nobody = Served("127.0.0.1", bound.getsockname()[1], [], [])
            (check,) = await made(checker, ask(nobody, authority))
        assert check.failure is ServiceFailure.REFUSED

    run(main)


def test_an_address_without_a_route_is_unreachable_and_nothing_is_sent(authority: Authority) -> None:
    async def whole() -> None:
        checker = HttpsChecker(LoopClock(asyncio.get_running_loop()), route=lambda _address, _port: None)
        (check,) = await made(checker, ask(Served("203.0.113.1", 443, [], []), authority))
        assert check.failure is ServiceFailure.UNREACHABLE
        await checker.aclose()

    asyncio.run(whole())


def test_one_address_gets_a_bounded_number_of_connections_at_a_time(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(https_check, "PAUSE", 0.005)
    most = now = 0
    full = asyncio.Event()

    async def busy(_: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal most, now
        now += 1
        most = max(most, now)
        if now == MAX_PER_ADDRESS:
            full.set()
        await full.wait()
        await asyncio.sleep(0.05)  # noqa: TID251  # a real server, in real time: one more than allowed would come now
        now -= 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async def main(checker: HttpsChecker) -> None:
        async with https_server(authority.context(SHOP), busy) as served:
            async with asyncio.timeout(HANG):
                checks = await made(checker, *[ask(served, authority)] * 24)
        assert {check.failure for check in checks} == {None}
        assert most == MAX_PER_ADDRESS

    run(main)


def test_connections_to_one_address_are_spaced(authority: Authority) -> None:
    async def main(checker: HttpsChecker) -> None:
        async with https_server(authority.context(SHOP)) as served:
            begun = asyncio.get_running_loop().time()
            await made(checker, *[ask(served, authority)] * 4)
            assert asyncio.get_running_loop().time() - begun >= 3 * PAUSE

    run(main)


class Counted(HttpsChecker):
    """Makes no check: each takes a minute, and is counted."""

    def __init__(self, clock: LoopClock) -> None:
        super().__init__(clock)
        self.clock = clock
        self.running: Counter[str] = Counter()
        self.most = 0
        self.most_of_one = 0
        self.begun: list[float] = []

    async def _check(self, ask: ServiceQuery) -> ServiceCheck:
        self.begun.append(self.clock.now().monotonic)
        self.running[ask.address] += 1
        self.most = max(self.most, self.running.total())
        self.most_of_one = max(self.most_of_one, self.running[ask.address])
        await self.clock.sleep(60.0)
        self.running[ask.address] -= 1
        return ServiceCheck(ask.domain, ask.side, ask.address, self.clock.now(), 60.0, None, "", 200, None, ())


def counted(addresses: int, each: int, seconds: float) -> Counted:
    """Submit checks at so many addresses, and let so much time pass, in no time."""

    async def main(clock: LoopClock) -> Counted:
        checker = Counted(clock)
        queries = [ServiceQuery(SHOP, Side.V2, f"203.0.{n >> 8}.{n & 255}", HttpCheck()) for n in range(addresses)]
        checker.submit(queries * each, lambda _: None)
        await clock.sleep(seconds)
        await checker.aclose()
        return checker

    return run_virtual(main)


def test_a_thousand_checks_take_no_more_connections_than_a_process_has_for_them() -> None:
    checker = counted(addresses=100, each=10, seconds=3600.0)
    assert checker.most == MAX_IN_FLIGHT
    assert len(checker.begun) == 1000


def test_a_load_balancer_that_hangs_takes_a_few_of_them_each_after_a_pause() -> None:
    checker = counted(addresses=1, each=24, seconds=59.0)
    assert checker.most_of_one == MAX_PER_ADDRESS
    assert [after - before for before, after in pairwise(checker.begun)] == pytest.approx([PAUSE] * 7)


def test_the_pace_is_remembered_of_as_many_addresses_as_the_address_book_learns() -> None:
    assert len(counted(addresses=ADDRESSES_PACED, each=1, seconds=0.0)._addresses) == ADDRESSES_PACED
    assert len(counted(addresses=ADDRESSES_PACED + 1, each=1, seconds=0.0)._addresses) == 1


def test_closing_gives_up_what_is_under_way_without_a_word(authority: Authority) -> None:
    async def main(checker: HttpsChecker) -> None:
        told: list[ServiceCheck] = []
        asked = asyncio.Event()

        async def notice_and_hang(request: bytes, writer: asyncio.StreamWriter) -> None:
            asked.set()
            await hang(request, writer)

        async with https_server(authority.context(SHOP), notice_and_hang) as served:
            checker.submit([ask(served, authority)], told.append)
            await asked.wait()
            await checker.aclose()
            checker.submit([ask(served, authority)], told.append)
            assert checker.waiting() == 0
        assert told == []

    run(main)
