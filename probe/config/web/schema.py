"""The web configuration file: the format of Prometheus' exporter-toolkit, as far as Python's TLS can keep its promises.

What it cannot keep is refused with a reason, never taken and left undone: a file that asks for safety must give it.
"""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from probe.config.mistakes import Unusable, quoted
from probe.config.ranges import Number, Seconds
from probe.config.types import Text

CIPHER_SUITES = {
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": "ECDHE-ECDSA-AES128-GCM-SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": "ECDHE-ECDSA-AES256-GCM-SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-ECDSA-CHACHA20-POLY1305",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": "ECDHE-RSA-AES128-GCM-SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": "ECDHE-RSA-AES256-GCM-SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-RSA-CHACHA20-POLY1305",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA": "ECDHE-ECDSA-AES128-SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA": "ECDHE-ECDSA-AES256-SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA": "ECDHE-RSA-AES128-SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA": "ECDHE-RSA-AES256-SHA",
}
"""The suites that Go's crypto/tls calls secure, by their IANA names, and what OpenSSL calls them."""

TLS13_SUITES = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
"""Taken and not needed: TLS 1.3 chooses among its own, in Go's servers too."""

CURVES = {"CurveP256": "prime256v1", "CurveP384": "secp384r1", "CurveP521": "secp521r1", "X25519": "X25519"}

_BCRYPT = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}")
_MIN_COST, _MAX_COST = 4, 14
_MAX_USER = 255
_HEADER_VALUE = re.compile(r"[\t -~]{1,4096}")
_RATE_INTERVAL = Seconds(0, 3600, "a rate is not negative", "one request an hour is not even a scrape")
_BURST = Number(0, 100_000, "a burst is not negative", "more connections than that are never open")


def _file(text: str) -> Path:
    if not text:
        raise Unusable("the path is empty", "write the path of a PEM file, or take the key out")
    if not text.isprintable():
        raise Unusable("the path has characters that no path should have", "write the path as the shell shows it")
    return Path(text)


def _hash(text: str) -> bytes:
    remedy = "write what `htpasswd -nBC 10 NAME` prints after the colon"
    match = _BCRYPT.fullmatch(text)
    if match is None:
        raise Unusable("the password is not hashed with bcrypt", remedy)
    if not _MIN_COST <= int(match[1]) <= _MAX_COST:
        raise Unusable(
            f"a bcrypt cost of {int(match[1])} is out of bounds: every wrong guess would cost as much as a right one",
            f"use a cost of {_MIN_COST} to {_MAX_COST} (10 takes a twentieth of a second, {_MAX_COST} about one)",
        )
    return text.encode("ascii")


def _user(text: str) -> str:
    if not text or len(text) > _MAX_USER or ":" in text or not text.isprintable():
        raise Unusable(
            f"{quoted(text)} cannot be a user's name", f"use 1 to {_MAX_USER} characters without `:` (RFC 7617)"
        )
    return text


def _suite(text: str) -> str:
    if text not in CIPHER_SUITES and text not in TLS13_SUITES:
        raise Unusable(
            f"{quoted(text)} is no cipher suite that Go calls secure",
            "use names such as `TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384`, or take the key out for OpenSSL's own choice",
        )
    return text


def _san(text: str) -> str:
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise Unusable(f"{quoted(text)} cannot be a subject alternative name", "write a DNS name, an address or a URI")
    return text.lower()


def _header(text: str) -> str:
    if not _HEADER_VALUE.fullmatch(text):
        raise Unusable(f"{quoted(text)} cannot be a header's value", "use 1 to 4096 plain ASCII characters")
    return text


FileText = Annotated[Path, Text(_file, {"minLength": 1})]
HashText = Annotated[bytes, Text(_hash, {"pattern": f"^{_BCRYPT.pattern}$"})]
UserText = Annotated[str, Text(_user, {"minLength": 1, "maxLength": _MAX_USER})]
SuiteText = Annotated[str, Text(_suite, {"enum": [*CIPHER_SUITES, *TLS13_SUITES]})]
SanText = Annotated[str, Text(_san, {"minLength": 1})]
HeaderText = Annotated[str, Text(_header, {"minLength": 1, "maxLength": 4096})]
Version = Literal["TLS12", "TLS13"]


class _Part(BaseModel):
    """Whatever is not described here is a mistake, and nothing is guessed from another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class TlsFile(_Part):
    """TLS. All files are read again when one of them changes."""

    cert_file: FileText = Field(description="The server's certificate and its chain, PEM.", examples=["tls.crt"])
    key_file: FileText = Field(description="Its private key, PEM, without a passphrase.", examples=["tls.key"])
    client_auth_type: Literal["NoClientCert", "VerifyClientCertIfGiven", "RequireAndVerifyClientCert"] = Field(
        default="NoClientCert",
        description="What is asked of a client's certificate. Go's other two types take certificates that nobody "
        "has verified and are refused.",
    )
    client_ca_file: FileText | None = Field(
        default=None, description="The authorities of clients' certificates, PEM.", examples=["ca.crt"]
    )
    client_allowed_sans: list[SanText] = Field(
        default=[],
        max_length=256,
        description="Subject alternative names, one of which a client's certificate must carry; without it, any.",
        examples=[["prometheus.example.com"]],
    )
    min_version: Version = Field(
        default="TLS12", description="The oldest version that is spoken; what is older than 1.2 is refused (RFC 8996)."
    )
    max_version: Version = Field(default="TLS13", description="The newest version that is spoken.")
    cipher_suites: list[SuiteText] = Field(
        default=[],
        max_length=64,
        description="Suites of TLS 1.2 and older, in the names of the IANA; without it, OpenSSL's own choice.",
        examples=[["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"]],
    )
    prefer_server_cipher_suites: bool = Field(
        default=True, description="Whether the server's order of suites counts before the client's."
    )
    curve_preferences: list[Literal["CurveP256", "CurveP384", "CurveP521", "X25519"]] = Field(
        default=[],
        max_length=1,
        description="The group of the key exchange. Python's TLS takes one or OpenSSL's own choice, so that a list "
        "of several is refused.",
        examples=[["X25519"]],
    )


class HeadersFile(_Part):
    """Headers that are sent with every response, beside the probe's own."""

    content_security_policy: HeaderText | None = Field(
        default=None,
        alias="Content-Security-Policy",
        description="A second policy: browsers keep to both, so that the probe's own stays in force.",
    )
    x_frame_options: Literal["deny", "sameorigin", "DENY", "SAMEORIGIN"] | None = Field(
        default=None, alias="X-Frame-Options", description="Framing is forbidden by the probe's own policy already."
    )
    x_content_type_options: Literal["nosniff"] | None = Field(
        default=None, alias="X-Content-Type-Options", description="The probe sends it anyway."
    )
    x_xss_protection: HeaderText | None = Field(
        default=None, alias="X-XSS-Protection", description="For scanners that ask for it; browsers have dropped it."
    )
    strict_transport_security: HeaderText | None = Field(
        default=None,
        alias="Strict-Transport-Security",
        description="Tells browsers to come back over TLS only (RFC 6797).",
        examples=["max-age=31536000"],
    )


class HttpServerFile(_Part):
    """HTTP."""

    http2: bool = Field(
        default=True, description="Taken, and without effect: the server speaks HTTP/1.1, which every client knows."
    )
    headers: HeadersFile = Field(default=HeadersFile(), description="Headers that are sent with every response.")


class RateLimitFile(_Part):
    """How many requests are answered, of everybody together; the others get a 429. Open health checks do not count."""

    interval: Annotated[float, _RATE_INTERVAL] = Field(
        default=0.0, description="Time between two requests; 0 is no limit."
    )
    burst: Annotated[int, _BURST] = Field(default=0, description="Requests that are answered at once after a pause.")


class WebConfigFile(_Part):
    """Who may ask over HTTP, and how."""

    tls_server_config: TlsFile | None = Field(default=None, description="TLS; plain HTTP without it.")
    http_server_config: HttpServerFile = Field(default=HttpServerFile(), description="HTTP.")
    basic_auth_users: dict[UserText, HashText] = Field(
        default={},
        max_length=64,
        description="The users that may ask, each with the bcrypt hash of the password; without it, no password is "
        "needed.",
        examples=[{"prometheus": "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG"}],
    )
    rate_limit: RateLimitFile = Field(default=RateLimitFile(), description="How many requests are answered.")
