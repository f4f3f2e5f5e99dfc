"""Opening encrypted ownership TXT with the key of `--txt-encrypt-aes-key`, as ExternalDNS does (`endpoint/crypto.go`).

A sealed text is standard base64 of nonce (12 octets), AES-256-GCM ciphertext and tag (16), with no associated data;
what was sealed is a gzip of the plain text. The library for that, `cryptography`, comes with the extra `encryption`.
"""

import hmac
import zlib
from base64 import b64decode
from importlib.util import find_spec

NONCE = 12
"""Octets that stand before the ciphertext."""

GCM_TAG_OCTETS = 16
"""Octets of GCM's tag, at its end."""

MAX_PLAIN = 4096
"""Octets of an opened text: an unsealed TXT value has 4,000 at most, and a gzip may hold a thousand times its size."""

EXTRA = "encryption"
"""The distribution's extra that brings the library."""

_GZIP = 16 + zlib.MAX_WBITS  # tells zlib to expect gzip's frame


def is_possible() -> bool:
    """Tell whether the library is installed."""
    return find_spec("cryptography") is not None


class Unsealer:
    """Opens texts that one key has sealed (the port `Unseal`). Nothing of it ever shows the key.

    Two of them are equal when their keys are: a plan that is loaded anew is then no other plan.

    Args:
        key: 32 octets.
    """

    __slots__ = ("_cipher", "_key")

    def __init__(self, key: bytes) -> None:
        # Here, because the library is an extra that only plans with a key file need.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        self._key = key
        self._cipher = AESGCM(key)

    def __call__(self, text: str) -> str | None:
        """Open a text; None when it is not sealed, or with another key, or holds no text of a sensible size."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415  # as above

        try:
            sealed = b64decode(text, validate=True)
        except ValueError:  # binascii.Error is one
            return None
        if len(sealed) < NONCE + GCM_TAG_OCTETS:
            return None
        try:
            return _unpacked(self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], None))
        except InvalidTag:
            return None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unsealer) and hmac.compare_digest(self._key, other._key)

    def __hash__(self) -> int:
        return hash(Unsealer)  # not of the key: a hash is shown more easily than one thinks

    def __repr__(self) -> str:
        return "<Unsealer>"

    def __reduce__(self) -> str:
        raise TypeError("a key is not written down")


def _unpacked(packed: bytes) -> str | None:
    try:
        reader = zlib.decompressobj(_GZIP)
        plain = reader.decompress(packed, MAX_PLAIN)
    except zlib.error:
        return None
    return plain.decode("utf-8", "replace") if reader.eof else None
