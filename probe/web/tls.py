"""TLS whose certificates change while it serves: every new connection is made with the newest files."""

import ssl
from typing import Any

import structlog

from probe.model.web import ClientAuth, TlsServer, TlsVersion

_SSL_VERSIONS = {TlsVersion.TLS12: ssl.TLSVersion.TLSv1_2, TlsVersion.TLS13: ssl.TLSVersion.TLSv1_3}


class TlsError(Exception):
    """The files make no TLS.

    Args:
        message: What is wrong with them.
        remedy: What to do about it.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class _Newest(ssl.SSLContext):
    """A context that leaves each connection to the newest one: asyncio keeps the context that it began with."""

    newest: ssl.SSLContext

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        """Begin one connection."""
        return self.newest.wrap_bio(*args, **kwargs)


class Tls:
    """The server's side of TLS.

    Args:
        config: Its files and settings.
        open_health: Health checks come without a client's certificate also where one is required; then the
            handshake lets everybody in, and the certificate is asked for request by request.

    Raises:
        TlsError: The files make no TLS.
    """

    def __init__(self, config: TlsServer, *, open_health: bool) -> None:
        self._open_health = open_health
        self._config = config
        self.context = _Newest(ssl.PROTOCOL_TLS_SERVER)
        self.context.newest = _make(config, open_health=open_health)

    def apply(self, config: TlsServer) -> None:
        """Begin every new connection with these files.

        Raises:
            TlsError: They make no TLS; the ones before stay.
        """
        self.context.newest = _make(config, open_health=self._open_health)
        self._config = config

    def admits(self, certificate: dict[str, Any] | None) -> bool:
        """Tell whether a connection may stay: a certificate that was shown must be one of those that are allowed.

        Args:
            certificate: As `SSLObject.getpeercert` gives it: verified, or None or empty.
        """
        allowed = self._config.client_allowed_sans
        if not certificate or not allowed:
            return True
        names = {str(value).lower() for _, value in certificate.get("subjectAltName", ())}
        if names & set(allowed):
            return True
        structlog.get_logger("probe.web").warning(
            "a client's certificate is not among those allowed", names=sorted(names)
        )
        return False


def _make(config: TlsServer, *, open_health: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.minimum_version = _SSL_VERSIONS[config.min_version]
        context.maximum_version = _SSL_VERSIONS[config.max_version]
        if config.cipher_suites:
            context.set_ciphers(":".join(config.cipher_suites))
        if config.prefer_server:
            context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
        if config.curve is not None:
            context.set_ecdh_curve(config.curve)
        # A passphrase would be asked for on the terminal, and a server has none.
        context.load_cert_chain(config.certificate, config.key, password=_no_passphrase)
    except (ssl.SSLError, OSError, ValueError) as error:
        raise TlsError(
            f"{config.certificate} and {config.key} make no TLS ({_reason(error)})",
            "give a PEM certificate and its own key, without a passphrase",
        ) from error
    if config.client_ca is not None:
        try:
            context.load_verify_locations(config.client_ca)
        except (ssl.SSLError, OSError) as error:
            raise TlsError(
                f"{config.client_ca} holds no certificates ({_reason(error)})",
                "give the authorities' certificates, PEM",
            ) from error
    if config.client_auth is ClientAuth.REQUIRED and not open_health:
        context.verify_mode = ssl.CERT_REQUIRED
    elif config.client_auth is not ClientAuth.NONE:
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def _no_passphrase() -> str:
    raise ValueError("the key has a passphrase")


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return error.reason.lower().replace("_", " ") if error.reason else "no PEM where one is needed"
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)
