"""Lines that are kept for the next scrape, packed: text that repeats its labels over and over takes a tenth so."""

import zlib
from collections.abc import Iterator
from typing import NamedTuple

_LEVEL = 1
"""Of zlib: the best level takes three times as long for lines that are a quarter smaller."""
_WINDOW_BITS, _MEMORY_LEVEL = 12, 5
"""4 KiB to look back into, as much as a block has, and tables to match: zlib's own choice sets up 256 KiB for each."""


class PackedLines(NamedTuple):
    """Some lines.

    Attributes:
        packed: In zlib's format.
        size: Bytes that they have unpacked.
    """

    packed: bytes
    size: int

    def unpacked(self) -> bytes:
        """Give the lines."""
        return zlib.decompress(self.packed, _WINDOW_BITS, self.size)


def pack(lines: bytes) -> PackedLines:
    """Pack some lines."""
    packing = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW_BITS, _MEMORY_LEVEL)
    return PackedLines(packing.compress(lines) + packing.flush(), len(lines))


class Body:
    """The bytes of a scrape, piece by piece: at no time are all of them there, unless somebody joins them.

    Args:
        pieces: As they are kept.

    Attributes:
        size: Bytes of all pieces, unpacked.
    """

    __slots__ = ("_pieces", "size")

    def __init__(self, pieces: tuple[bytes | PackedLines, ...]) -> None:
        self._pieces = pieces
        self.size = sum(piece.size if isinstance(piece, PackedLines) else len(piece) for piece in pieces)

    def __iter__(self) -> Iterator[bytes]:
        """Give them as they are written; as often as somebody wants them."""
        return (piece.unpacked() if isinstance(piece, PackedLines) else piece for piece in self._pieces)
