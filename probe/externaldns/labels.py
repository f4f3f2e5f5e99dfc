"""The value of an ownership TXT, plain and encrypted (endpoint/labels.go, endpoint/crypto.go)."""

import re
from functools import lru_cache
from typing import Protocol

from probe.externaldns.endpoint import Labels

HERITAGE = "heritage=external-dns"
KEY_PREFIX = "external-dns/"
OWNER, RESOURCE = "owner", "resource"
"""The labels of an ownership record: the owner id, and the object that it was made from."""

_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


class Cipher(Protocol):
    """Hides ownership from everyone without the key: --txt-encrypt-enabled with its AES-256-GCM key.

    The text is base64 (standard alphabet) and differs at each encryption, because each write takes a fresh nonce.
    """

    def encrypt(self, text: str) -> str:
        """Hide a text."""

    def decrypt(self, text: str) -> str | None:
        """Give the hidden text back, None when it was not made with this key."""


def serialize(labels: Labels, cipher: Cipher | None = None) -> str:
    """Write labels as one quoted character string: the heritage, then each label, sorted by key."""
    plain = ",".join([HERITAGE, *(f"{KEY_PREFIX}{key}={labels[key]}" for key in sorted(labels))])
    return f'"{plain if cipher is None else cipher.encrypt(plain)}"'


def parse(value: str, cipher: Cipher | None = None) -> Labels | None:
    """Read the labels of a TXT value; None when it is no ownership record.

    Unknown tokens are ignored. With a key, what cannot be decrypted is read as plain text.
    """
    text = value.replace('"', "")
    if cipher is not None and may_be_sealed(text):
        text = cipher.decrypt(text) or text
    return labels_of(text)


@lru_cache(maxsize=8192)  # a zone's texts are read again at every sync
def labels_of(text: str) -> Labels | None:
    """Read the labels of a value's text, without quotes and decrypted; None when it is no ownership record."""
    tokens = dict(token.split("=", 1) for token in text.split(",") if "=" in token)
    if tokens.get("heritage") != "external-dns":
        return None
    return {key.removeprefix(KEY_PREFIX): value for key, value in tokens.items() if key.startswith(KEY_PREFIX)}


def may_be_sealed(text: str) -> bool:
    """Tell whether a text has the form of an encrypted one: it is base64."""
    return _BASE64.fullmatch(text) is not None
