"""Message ids that nobody can guess (RFC 5452 section 9.2)."""

from collections.abc import Callable

_CHUNK = 2048
"""Bytes fetched at a time: a system call for each two bytes costs more than the rest of a question."""


class Identifiers:
    """Gives two random bytes at a time out of buffered entropy."""

    __slots__ = ("_buffer", "_entropy", "_position")

    def __init__(self, entropy: Callable[[int], bytes]) -> None:
        self._entropy = entropy
        self._buffer = b""
        self._position = 0

    def take(self) -> bytes:
        """Give the next id as it stands in a message: 16 bits, big endian."""
        position = self._position
        identifier = self._buffer[position : position + 2]
        if not identifier:
            self._buffer = self._entropy(_CHUNK)
            identifier = self._buffer[:2]
            position = 0
        self._position = position + 2
        return identifier
