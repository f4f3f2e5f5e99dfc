"""Who may ask over HTTP, and how: what the web configuration file says, checked, complete and frozen."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class ClientAuth(StrEnum):
    """What is asked of a client's certificate, in the words of Go's crypto/tls, which the file format took over."""

    NONE = "NoClientCert"
    IF_GIVEN = "VerifyClientCertIfGiven"
    """A client may come without one; one that is shown must be good."""
    REQUIRED = "RequireAndVerifyClientCert"


class TlsVersion(StrEnum):
    """Versions of TLS, oldest first. What is older is not spoken any more (RFC 8996)."""

    TLS12 = "TLS12"
    TLS13 = "TLS13"


@dataclass(frozen=True, slots=True)
class TlsServer:
    """How connections are encrypted.

    Attributes:
        certificate, key: PEM files; the certificate's file may hold its chain.
        client_auth: What is asked of a client's certificate.
        client_ca: A PEM file with the authorities that sign clients' certificates.
        client_allowed_sans: Alternative names, one of which a client's certificate must carry; empty: any.
        min_version, max_version: Versions that are spoken.
        cipher_suites: Suites of TLS 1.2 and older in OpenSSL's names; empty: its own choice.
        prefer_server: Whether the server's order of suites counts before the client's.
        curve: The one group of the key exchange in OpenSSL's name; None: its own choice.
    """

    certificate: Path
    key: Path
    client_auth: ClientAuth = ClientAuth.NONE
    client_ca: Path | None = None
    client_allowed_sans: tuple[str, ...] = ()
    min_version: TlsVersion = TlsVersion.TLS12
    max_version: TlsVersion = TlsVersion.TLS13
    cipher_suites: tuple[str, ...] = ()
    prefer_server: bool = True
    curve: str | None = None


@dataclass(frozen=True, slots=True)
class RequestRate:
    """How many requests are answered: one each `interval` seconds, and `burst` at once after a pause."""

    interval: float
    burst: int


@dataclass(frozen=True, slots=True)
class WebConfig:
    """Everything that the web configuration file says. Without one, every client that reaches the port may ask.

    Attributes:
        tls: None serves plain HTTP.
        users: Name and bcrypt hash of everybody who may ask; empty: no password is needed.
        headers: Sent with every response.
        rate: None answers every request.
        files: Every file that it was made from, its own first: a change of one of them is a change of it.
    """

    tls: TlsServer | None = None
    users: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    headers: tuple[tuple[str, str], ...] = ()
    rate: RequestRate | None = None
    files: tuple[Path, ...] = ()


def given_up(before: WebConfig, after: WebConfig) -> tuple[str, ...]:
    """Name what was asked of everybody before and is asked of nobody after: whoever reaches the port gets further."""
    gone = {
        "encryption": before.tls is not None and after.tls is None,
        "client certificates": _certified(before) and not _certified(after),
        "passwords": bool(before.users) and not after.users,
    }
    return tuple(what for what, is_gone in gone.items() if is_gone)


def _certified(config: WebConfig) -> bool:
    return config.tls is not None and config.tls.client_auth is ClientAuth.REQUIRED
