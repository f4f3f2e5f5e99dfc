"""HTTPS checks: is the service behind a name there, at this very address?

The connection goes to the address that it is given: nothing is looked up, and neither proxies nor anything else of the
environment is used. SNI and Host carry the domain's name. Redirects are not followed, cookies are not kept, and a
connection is never used twice, because the next check would see the same backend, or another name's. The head of the
response is bounded, and so is all that comes before it; the body is not read at all: the connection is closed over it.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterable
from pathlib import Path

from probe import __version__
from probe.model.clock import Clock
from probe.model.name import display
from probe.model.plan import HttpCheck
from probe.model.ports import ServiceQuery
from probe.model.service import Certificate, ServiceCheck, ServiceFailure
from probe.wire.http.certificate import CertificateReader, Trust, trust
from probe.wire.http.response_head import HeadReader, MalformedResponseError, ResponseHead
from probe.wire.http.tls_stream import MAX_RECEIVED, FloodError, TlsStream
from probe.wire.transport.exchange import Target
from probe.wire.transport.querier import direct
from probe.wire.transport.transport_error import no_response, plain, root_of

Sink = Callable[[ServiceCheck], None]

MAX_IN_FLIGHT = 64
"""Connections at one time: each holds a file descriptor and, through its handshake, some 50 KB."""
MAX_PER_ADDRESS = 8
"""Of them to one address: a load balancer that hangs must not take all of them, and one in use must not feel it."""
PAUSE = 0.1
"""Seconds between two connections to one address: ten a second are nothing to an ALB, a thousand domains' worth at
once would be."""

_ADDRESSES_PACED = 4096  # addresses whose pace is remembered: as many as the address book learns
_HTTPS = 443
# X509_V_ERR_* of OpenSSL (x509_vfy.h): not yet valid, expired, the same with a time that cannot be read
_TIME_CODES = frozenset({9, 10, 13, 14})
_NAME_CODES = frozenset({62, 64})  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH


class _Progress:
    """How far a check has come."""

    __slots__ = ("certificate", "connected", "outcome", "secured")

    def __init__(self) -> None:
        self.connected = self.secured = False
        self.certificate: Certificate | None = None
        self.outcome: _HttpOutcome | None = None  # known already, while there is more to learn


class _Address:
    """The pace at one address."""

    __slots__ = ("free", "next")

    def __init__(self) -> None:
        self.free = asyncio.Semaphore(MAX_PER_ADDRESS)
        self.next = float("-inf")


class HttpsChecker:
    """`probe.model.ports.ServiceChecker` over the network. Belongs to one event loop.

    Args:
        clock: Stamps checks; paces, and ends waiting.
        route: Where an address and port are really reached; None says that they cannot be.
    """

    def __init__(self, clock: Clock, *, route: Callable[[str, int], Target | None] = direct) -> None:
        self._clock = clock
        self._route = route
        self._reader = CertificateReader()
        self._trusted: dict[Path | None, asyncio.Future[Trust]] = {}
        self._free = asyncio.Semaphore(MAX_IN_FLIGHT)
        self._addresses: dict[str, _Address] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def submit(self, queries: Iterable[ServiceQuery], sink: Sink) -> None:
        """Make checks without waiting; see `probe.model.ports.ServiceChecker.submit`. Nothing after closing."""
        if self._closed:
            return
        for ask in queries:
            task = asyncio.get_running_loop().create_task(self._in_turn(ask, sink), name=f"HTTPS of {ask.domain}")
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def waiting(self) -> int:
        """How many checks wait for their turn or are under way."""
        return len(self._tasks)

    def forget(self) -> None:
        """Read trusted certificates anew with the next check."""
        self._trusted.clear()

    async def aclose(self) -> None:
        """Give up what is under way, and close every connection."""
        self._closed = True
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            context = {"message": "a sink of checks failed", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)

    async def _in_turn(self, ask: ServiceQuery, sink: Sink) -> None:
        place = self._addresses.get(ask.address)
        if place is None:
            if len(self._addresses) >= _ADDRESSES_PACED:
                self._addresses.clear()  # whoever waits goes on with the pace that it holds
            place = self._addresses[ask.address] = _Address()
        async with place.free:
            now = self._clock.now().monotonic
            start = max(now, place.next)
            place.next = start + PAUSE
            if start > now:
                await self._clock.sleep(start - now)
            async with self._free:
                check = await self._check(ask)
        if not self._closed:
            sink(check)

    async def _check(self, ask: ServiceQuery) -> ServiceCheck:
        """Make one check, for as long as the plan allows, on the Clock."""
        begun = self._clock.now().monotonic
        progress = _Progress()
        asking = asyncio.ensure_future(self._ask(ask, progress))
        bell = asyncio.ensure_future(self._clock.sleep(ask.http.timeout))
        try:
            await asyncio.wait((asking, bell), return_when=asyncio.FIRST_COMPLETED)
            outcome = asking.result() if asking.done() else progress.outcome
            if outcome is None:
                failure = ServiceFailure.SLOW if progress.connected else ServiceFailure.TIMEOUT
                outcome = _HttpOutcome(failure, f"nothing within {ask.http.timeout:g} s", progress.certificate)
        finally:
            for task in (asking, bell):
                task.cancel()
            await asyncio.gather(asking, bell, return_exceptions=True)
        at = self._clock.now()
        return ServiceCheck(
            ask.domain,
            ask.side,
            ask.address,
            at,
            at.monotonic - begun,
            outcome.failure,
            plain(outcome.detail),
            outcome.status,
            outcome.certificate,
            outcome.headers,
        )

    async def _ask(self, ask: ServiceQuery, progress: _Progress) -> "_HttpOutcome":
        target = self._route(ask.address, ask.http.port)
        if target is None:
            return _HttpOutcome(ServiceFailure.UNREACHABLE, "no route")
        # Until they are read, a file that hangs is what there is to tell: no fault of the side that is asked.
        unread = _HttpOutcome(ServiceFailure.UNTRUSTED, f"the certificates in {ask.http.ca_file} cannot be read")
        progress.outcome = unread
        try:
            trusted = await self._trust(ask.http.ca_file)
        except OSError:
            return unread
        progress.outcome = None
        stream = TlsStream(trusted.strict, display(ask.domain))
        try:
            await stream.connect(target)
            progress.connected = True
            await stream.shake_hands()
            progress.secured, progress.certificate = True, self._reader.of(stream.tls)
            return await _request(ask, stream, progress)
        except MemoryError:  # ours: no fault of the side that is asked
            raise
        except Exception as error:  # noqa: BLE001  # the edge: whatever TLS, HTTP or the system raise is an outcome
            progress.outcome = _HttpOutcome(_failure(error, progress), _detail(error), progress.certificate)
            if progress.outcome.failure in {ServiceFailure.NAME_MISMATCH, ServiceFailure.EXPIRED}:
                progress.outcome.certificate = await self._peek(ask, target, trusted.lenient)
            return progress.outcome
        finally:
            stream.close()

    async def _peek(self, ask: ServiceQuery, target: Target, lenient: ssl.SSLContext) -> Certificate | None:
        """Read the certificate that was refused: whose it is and until when it was good is what people need to know."""
        stream = TlsStream(lenient, display(ask.domain))
        try:
            await stream.connect(target)
            await stream.shake_hands()
            return self._reader.of(stream.tls)
        except Exception:  # noqa: BLE001  # it was refused already; this only adds to what is said of it
            return None
        finally:
            stream.close()

    async def _trust(self, ca_file: Path | None) -> Trust:
        """Read whom to trust in a thread, once for all checks: its volume may hang, and the system's takes a while."""
        known = self._trusted.get(ca_file)
        if known is None or (known.done() and known.exception() is not None):
            known = self._trusted[ca_file] = asyncio.get_running_loop().run_in_executor(None, trust, ca_file)
        return await asyncio.shield(known)


class _HttpOutcome:
    """What one check brought, before it is stamped."""

    __slots__ = ("certificate", "detail", "failure", "headers", "status")

    def __init__(
        self,
        failure: ServiceFailure | None,
        detail: str = "",
        certificate: Certificate | None = None,
        status: int | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.failure = failure
        self.detail = detail
        self.certificate = certificate
        self.status = status
        self.headers = headers


async def _request(ask: ServiceQuery, stream: TlsStream, progress: _Progress) -> _HttpOutcome:
    host = display(ask.domain)
    lines = (
        f"GET {ask.http.path} HTTP/1.1",
        f"Host: {host if ask.http.port == _HTTPS else f'{host}:{ask.http.port}'}",
        f"User-Agent: cutover-probe/{__version__}",
        "Accept: */*",
        "Accept-Encoding: identity",
        "Connection: close",
    )
    await stream.send("".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii"))
    reader = HeadReader()
    while octets := await stream.receive():
        head = reader.take(octets)
        if head is not None:
            return _judged(ask, head, progress.certificate)
    raise MalformedResponseError("the connection ended without a response")


def _judged(ask: ServiceQuery, response: ResponseHead, certificate: Certificate | None) -> _HttpOutcome:
    """Compare the head of a response with what the plan calls good.

    A page of the load balancer's own (404, 503) carries no identity: its status says more. The identity of the other
    cluster says more than any status.
    """
    http, status = ask.http, response.status
    failure, detail = None, ""
    identity = response.fields.get(http.identity.header) if http.identity is not None else None
    if identity is not None and http.identity is not None and identity != http.identity.of(ask.side):
        failure, detail = ServiceFailure.IDENTITY, f"{http.identity.header}: {identity}"
    elif status not in http.statuses:
        location = response.fields.get("location")
        failure = ServiceFailure.STATUS
        detail = f"{status} to {location}" if location is not None else str(status)
    elif http.identity is not None and identity is None:
        failure, detail = ServiceFailure.IDENTITY, f"no header {http.identity.header}"
    return _HttpOutcome(failure, detail, certificate, status, _chosen(http, response))


def _chosen(http: HttpCheck, response: ResponseHead) -> tuple[tuple[str, str], ...]:
    names = (*((http.identity.header,) if http.identity is not None else ()), *http.headers)
    return tuple((name, plain(response.fields[name])) for name in dict.fromkeys(names) if name in response.fields)


def _detail(error: Exception) -> str:
    if isinstance(error, FloodError):
        return f"more than {MAX_RECEIVED >> 10} KiB before a response"
    return f"HTTP: {error}" if isinstance(error, MalformedResponseError) else no_response(error).detail


def _failure(error: Exception, progress: _Progress) -> ServiceFailure:
    root = root_of(error)
    if isinstance(root, ssl.SSLCertVerificationError):
        if root.verify_code in _NAME_CODES:
            return ServiceFailure.NAME_MISMATCH
        return ServiceFailure.EXPIRED if root.verify_code in _TIME_CODES else ServiceFailure.UNTRUSTED
    if progress.secured:
        return ServiceFailure.PROTOCOL
    if progress.connected:
        return ServiceFailure.HANDSHAKE
    return ServiceFailure.REFUSED if isinstance(root, ConnectionRefusedError) else ServiceFailure.UNREACHABLE
