"""Certificates: whom to trust, and what a server's certificate says of itself, bounded and made printable."""

import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from probe.model.service import Certificate
from probe.wire.transport.transport_error import plain

MAX_NAMES = 32
"""Alternative names kept: a certificate of ACM has ten by default, and the hundreds of a CDN's tell nobody anything."""
_MEMORY = 1024  # certificates read and kept by their bytes: a wildcard's is shared by every domain
_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME of OpenSSL 1.1 and later; Python has no name for it


class Trust(NamedTuple):
    """Two ways to look at the same authorities.

    Attributes:
        strict: Decides: chain, time and name.
        lenient: Reads a certificate whose chain is trusted, whatever its name and time: never to believe anything.
    """

    strict: ssl.SSLContext
    lenient: ssl.SSLContext


def trust(ca_file: Path | None) -> Trust:
    """Trust the certificates of a file, or the system's.

    Raises:
        OSError: The file cannot be read, or holds no certificates (ssl.SSLError is one).
    """
    strict, lenient = _context(ca_file), _context(ca_file)
    lenient.check_hostname = False
    lenient.verify_flags |= _NO_CHECK_TIME
    return Trust(strict, lenient)


class CertificateReader:
    """Reads peers' certificates, each only once."""

    def __init__(self) -> None:
        self._read: dict[bytes, Certificate] = {}

    def of(self, connection: Any) -> Certificate | None:
        """Read the verified certificate of an `ssl.SSLObject` whose handshake is over; None without one."""
        der: bytes | None = connection.getpeercert(binary_form=True)
        if der is None:
            return None
        known = self._read.get(der)
        if known is None:
            known = _certificate(connection.getpeercert())
            if len(self._read) >= _MEMORY:
                del self._read[next(iter(self._read))]
            self._read[der] = known
        return known


def _context(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    # Python 3.13 began to refuse authorities that lack extensions which no browser asks for: the verdict of a check
    # must be that of clients, and the same on every Python.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.set_alpn_protocols(["http/1.1"])
    return context


def _certificate(told: dict[str, Any]) -> Certificate:
    names = [plain(str(value)) for kind, value in told.get("subjectAltName", ()) if kind in {"DNS", "IP Address"}]
    return Certificate(
        subject=_name(told.get("subject", ())),
        issuer=_name(told.get("issuer", ())),
        names=tuple(names[:MAX_NAMES]),
        not_before=float(ssl.cert_time_to_seconds(told["notBefore"])),
        not_after=float(ssl.cert_time_to_seconds(told["notAfter"])),
    )


def _name(parts: Iterable[Iterable[tuple[str, str]]]) -> str:
    known = {key: value for part in parts for key, value in part}
    return plain(known.get("commonName") or known.get("organizationName") or "")
