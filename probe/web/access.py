"""Who may ask: passwords, client certificates and rates, by the web configuration in force.

Passwords are hashed with bcrypt, which is slow on purpose. So a password that was right is remembered by a keyed hash,
and what is not remembered is checked one at a time, a bounded number of times a second: who guesses gets a 429 and not
the processor that probing needs.
"""

import base64
import binascii
import hashlib
import hmac
import math
import secrets
from asyncio import get_running_loop
from collections import OrderedDict
from http import HTTPStatus

import anyio.to_thread
import bcrypt
from anyio import CapacityLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from probe.model.token_bucket import TokenBucket
from probe.model.web import ClientAuth, WebConfig
from probe.web.headers import StrictHeaders
from probe.web.problem import refusal
from probe.web.rates import Buckets
from probe.web.tls import Tls, TlsError

HEALTH = frozenset({"/-/healthy", "/-/ready"})

GUESS_INTERVAL, GUESS_BURST = 1.0, 10
"""Unknown passwords that one address may try: a person mistypes some, a Prometheus restarts with its scrape configs."""

ALL_GUESSES_INTERVAL, ALL_GUESSES_BURST = 0.2, 20
"""Unknown passwords that all addresses together may try: five a second at a cost of 10 are a quarter of a core."""

MAX_CLIENTS = 1_024
"""Addresses whose guesses are counted apart."""

LOGINS_REMEMBERED = 256
"""Passwords that are remembered as right: more than there are users, as `config` bounds them."""

LONGEST_PASSWORD = 72
"""Bytes that bcrypt reads; a longer password is wrong instead of being cut."""

_CHALLENGE = {"WWW-Authenticate": 'Basic realm="Cutover Probe", charset="UTF-8"'}


class Access:
    """The door that every request comes through.

    Args:
        config: What the file says.
        open_health: Health is told to everybody, without password and certificate; then without naming domains.

    Raises:
        TlsError: The certificates cannot be used.
    """

    def __init__(self, config: WebConfig | None = None, *, open_health: bool = False) -> None:
        config = WebConfig() if config is None else config
        self.open_health = open_health
        self.tls = None if config.tls is None else Tls(config.tls, open_health=open_health)
        self._rules = _Rules(config)

    def apply(self, config: WebConfig) -> None:
        """Take a changed file over, as a whole or not at all. Callable from any thread.

        Raises:
            TlsError: Its certificates cannot be used, or it turns TLS on or off.
        """
        if (config.tls is None) is not (self.tls is None):
            raise TlsError("TLS cannot be turned on or off while the server runs", "restart it")
        if self.tls is not None and config.tls is not None:
            self.tls.apply(config.tls)
        self._rules = _Rules(config)

    def guard(self, app: ASGIApp) -> ASGIApp:
        """Put the door before an application."""

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            rules = self._rules
            open_to_all = self.open_health and scope["path"] in HEALTH
            refused = None if open_to_all else await rules.refusal(scope, get_running_loop().time())
            scope.setdefault("state", {})["stranger"] = open_to_all and rules.demanding
            await (app if refused is None else StrictHeaders(refused))(scope, receive, rules.with_headers(send))

        return guarded


class _Rules:
    """One state of the file, with what was learned under it."""

    def __init__(self, config: WebConfig) -> None:
        self._users = dict(config.users)
        self._headers = config.headers
        self._certificate = config.tls is not None and config.tls.client_auth is ClientAuth.REQUIRED
        self._rate = None if config.rate is None else TokenBucket(config.rate.interval, config.rate.burst)
        self._key = secrets.token_bytes(32)
        self._right: OrderedDict[bytes, None] = OrderedDict()
        self._one_at_a_time = CapacityLimiter(1)
        self._all_guesses = TokenBucket(ALL_GUESSES_INTERVAL, ALL_GUESSES_BURST)
        self._guesses = Buckets(GUESS_INTERVAL, GUESS_BURST, MAX_CLIENTS)
        # The costliest hash stands in for users that do not exist, so that time does not tell who does.
        self._costliest = max(self._users.values(), key=lambda hashed: hashed.split(b"$")[2], default=b"")
        self.demanding = bool(self._users) or self._certificate

    async def refusal(self, scope: Scope, now: float) -> Response | None:
        """Say why a request is not answered; None when it is."""
        if self._rate is not None and (wait := self._rate.take_or_wait(now)):
            return _later(scope, "More requests came than `rate_limit` allows.", wait)
        if self._certificate and not scope.get("state", {}).get("certificate"):
            return _sentence(scope, "A client certificate is needed here.", HTTPStatus.FORBIDDEN)
        return await self._password_refusal(scope, now) if self._users else None

    async def _password_refusal(self, scope: Scope, now: float) -> Response | None:
        given = _credentials(Headers(scope=scope).get("authorization", ""))
        if given is None:
            return _sentence(scope, "A user and a password are needed here.", HTTPStatus.UNAUTHORIZED, _CHALLENGE)
        digest = self._digest(*given)
        if digest in self._right:
            self._remember(digest)
            return None
        address = (scope.get("client") or ("", 0))[0]
        if wait := self._guesses.take_or_wait(address, now) or self._all_guesses.take_or_wait(now):
            return _later(scope, "Too many passwords were tried.", wait)
        if await anyio.to_thread.run_sync(self._is_right, *given, digest, limiter=self._one_at_a_time):
            self._remember(digest)
            return None
        return _sentence(scope, "The user or the password is wrong.", HTTPStatus.UNAUTHORIZED, _CHALLENGE)

    def with_headers(self, send: Send) -> Send:
        """Send the file's own headers with a response, beside those that it has."""
        if not self._headers:
            return send

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers:
                    if name == "Content-Security-Policy":
                        headers.append(name, value)  # browsers keep to both policies
                    else:
                        headers[name] = value
            await send(message)

        return sending

    def _digest(self, user: str, password: bytes) -> bytes:
        hashed = self._users.get(user, b"")
        words = b"".join(len(word).to_bytes(4) + word for word in (user.encode(), hashed, password))
        return hmac.digest(self._key, words, hashlib.sha256)

    def _is_right(self, user: str, password: bytes, digest: bytes) -> bool:
        if digest in self._right:  # a page's requests come together, and one check is enough for all of them
            return True
        hashed = self._users.get(user)
        fits = bcrypt.checkpw(password, hashed or self._costliest)
        return fits and hashed is not None

    def _remember(self, digest: bytes) -> None:
        self._right[digest] = None
        self._right.move_to_end(digest)
        if len(self._right) > LOGINS_REMEMBERED:
            self._right.popitem(last=False)


def _credentials(header: str) -> tuple[str, bytes] | None:
    """Read an Authorization header (RFC 7617); None when it has no user and password that could be right."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        name = user.decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, password) if colon and len(password) <= LONGEST_PASSWORD else None


def _later(scope: Scope, text: str, wait: float) -> Response:
    return _sentence(scope, text, HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": str(max(1, math.ceil(wait)))})


def _sentence(scope: Scope, text: str, status: HTTPStatus, headers: dict[str, str] | None = None) -> Response:
    response = refusal(scope, text, status)
    response.headers.update(headers or {})
    return response
