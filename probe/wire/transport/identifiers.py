"""Message ids, and the case of letters, that cannot be guessed (RFC 5452 section 9.2)."""

from collections.abc import Callable

_ENTROPY_CHUNK_BYTES = 16_384
"""Bytes fetched at a time: a system call for each question costs more than the rest of it."""


class Identifiers:
    """Gives a few random bytes at a time out of buffered entropy."""

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
            self._buffer = self._entropy(_ENTROPY_CHUNK_BYTES)
            identifier = self._buffer[:2]
            position = 0
        self._position = position + 2
        return identifier

    def bits(self, size: int) -> bytes:
        """Give so many random bytes, a question section's at the most."""
        position = self._position
        bits = self._buffer[position : position + size]
        if len(bits) < size:
            self._buffer = self._entropy(_ENTROPY_CHUNK_BYTES)
            bits = self._buffer[:size]
            position = 0
        # Ids are taken in twos, and an odd end would leave one of a single byte.
        self._position = position + size + (size & 1)
        return bits
