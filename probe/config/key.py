"""The key of ExternalDNS' TXT encryption (`endpoint/crypto.go`): 32 bytes, or standard base64 of them.

ExternalDNS' documentation says URL-safe base64; its code reads the standard alphabet. Nothing here ever shows a key.
"""

import base64
import binascii
from pathlib import Path

KEY_BYTES = 32
"""AES-256."""

_MAX_FILE = 1024  # a key is 32 or 44 bytes and perhaps a line end; more is some other file
_BASE64_CHARS = 44


class InvalidKey(Exception):  # noqa: N818  it completes a sentence that begins with the file
    """The file holds no usable key. The text completes "the key file X ...".

    Args:
        message: What is wrong with the file.
        remedy: What to do about it.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


def read_key(path: Path) -> bytes:
    """Read the 32 bytes of the key.

    Raises:
        InvalidKey: The file cannot be read, or holds something else.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_FILE + 1)
    except OSError as error:
        raise InvalidKey(
            f"cannot be read ({(error.strerror or 'unknown error').lower()})",
            "correct the path (a relative one starts at the plan's folder) or the file's permissions",
        ) from error
    key = _decode(content)
    if key is None:
        size = f"more than {_MAX_FILE}" if len(content) > _MAX_FILE else str(len(content))
        raise InvalidKey(
            f"has {size} bytes that are no AES-256 key",
            "put in the value of --txt-encrypt-aes-key: 32 bytes, or the standard base64 of 32 bytes",
        )
    return key


def looks_like_key(text: str) -> bool:
    """Tell whether text that should be a path is rather the key itself."""
    encoded = text.encode("utf-8", "replace")
    if len(encoded) == KEY_BYTES:
        return not set(text) & set("/.")
    return len(encoded) == _BASE64_CHARS and _decode(encoded) is not None


def _decode(content: bytes) -> bytes | None:
    if len(content) == KEY_BYTES:
        return content
    stripped = content.removesuffix(b"\n").removesuffix(b"\r")  # editors and `echo` end the line
    if len(stripped) == KEY_BYTES:
        return stripped
    try:
        decoded = base64.b64decode(stripped, validate=True)
    except binascii.Error:
        return None
    return decoded if len(decoded) == KEY_BYTES else None
