"""Messages of ordinary size whose names are not: compression pointers into one name of 126 labels."""

import struct

QUESTION = b"\x03www\x07example\x00\x00\x01\x00\x01"


def record(rdtype: int, rdata: bytes, owner: bytes = b"\xc0\x0c", rdclass: int = 1) -> bytes:
    """Write one record; its owner is the question's name unless told."""
    return owner + struct.pack("!HHIH", rdtype, rdclass, 60, len(rdata)) + rdata


def response(records: list[bytes], section: int = 0) -> bytes:
    """Write a response of these records to `www.example. A`."""
    counts = [0, 0, 0]
    counts[section] = len(records)
    return struct.pack("!6H", 0, 0x8400, 1, *counts) + QUESTION + b"".join(records)


def long_name(labels: int = 126) -> bytes:
    """Write a name of one-letter labels."""
    return b"".join(b"\x01" + bytes([97 + number % 26]) for number in range(labels)) + b"\0"


def expanding(size: int, rdtype: int = 2, before: bytes = b"") -> bytes:
    """Fill a response with records whose owner and rdata are pointers into one long name."""
    first = record(rdtype, before + long_name())
    pointer = struct.pack("!H", 0xC000 | 12 + len(QUESTION) + 12 + len(before))
    again = record(rdtype, before + pointer, owner=pointer)
    return response([first, *[again] * ((size - 12 - len(QUESTION) - len(first)) // len(again))], section=1)
