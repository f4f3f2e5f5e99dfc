"""New messages out of old ones: bytes changed without sense, and records written with malice."""

import random
from collections.abc import Sequence

HEADER = 12
LONGEST = 8_192
"""Bytes of a message that is tried: more than any datagram that is read, and enough for a list of anything."""

_TYPES: tuple[int, ...] = (
    1,
    2,
    5,
    6,
    12,
    15,
    16,
    17,
    24,
    28,
    29,
    33,
    35,
    39,
    41,
    42,
    43,
    45,
    46,
    47,
    48,
    50,
    55,
    64,
    65,
    249,
    250,
    256,
    257,
    260,
    65_280,
)
_SIXTEENS = (0, 1, 2, 12, 63, 64, 127, 128, 255, 256, 1_000, 1_001, 0x7FFF, 0x8000, 0xC000, 0xC00C, 0xFFFF)


def mutated(rng: random.Random, pool: Sequence[bytes]) -> bytes:
    """Make one message out of one or two of a pool."""
    message = bytearray(rng.choice(pool))
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        rng.choice(_MUTATIONS)(rng, message, pool)
    return bytes(message[:LONGEST])


def written(rng: random.Random) -> bytes:
    """Write a message of one kind of record, many times: names that lead to names, lists of the smallest parts."""
    labels = rng.randrange(1, 127)
    name = b"".join(b"\x01" + bytes([97 + rng.randrange(26)]) for _ in range(labels)) + b"\0"
    head = bytearray(name if rng.random() < 0.7 else b"\x03www\x07example\x00")
    head += b"\x00\x01\x00\x01"
    pointer = b"\xc0\x0c"
    part = rng.choice((b"\0", b"\x01a", b"\0\0\0\0", b"\0\x03\0\0", b"\0\x0f\0\x02\0\1", pointer, name, b"\xff" * 64))
    rdtype = rng.choice(_TYPES)
    records = bytearray()
    count = rng.choice((1, 2, 10, 100, 300))
    room = rng.choice((512, 1_232, 4_096, LONGEST))
    parts = rng.choice((1, 1, 2, 10, 1_000))
    made = 0
    before = bytes(rng.choice((0, 0, 2, 6, 18)))
    for _ in range(count):
        data = before + part * parts + (pointer if rng.random() < 0.5 else b"")
        data = data[: max(room - len(head) - len(records) - HEADER - 12, 0)]
        if not data:
            break
        owner = rng.choice((pointer, pointer, b"\0", name))
        records += owner + rdtype.to_bytes(2, "big") + b"\x00\x01\x00\x00\x00\x3c" + len(data).to_bytes(2, "big") + data
        made += 1
    counts = [0, 0, 0]
    counts[rng.randrange(3)] = made
    tail = b"".join(one.to_bytes(2, "big") for one in (1, *counts))
    return b"\x00\x00\x84\x00" + tail + bytes(head) + bytes(records)


def _flip(rng: random.Random, message: bytearray, _pool: Sequence[bytes]) -> None:
    if message:
        message[rng.randrange(len(message))] ^= 1 << rng.randrange(8)


def _overwrite(rng: random.Random, message: bytearray, _pool: Sequence[bytes]) -> None:
    if len(message) > 1:
        at = rng.randrange(len(message) - 1)
        message[at : at + 2] = rng.choice(_SIXTEENS).to_bytes(2, "big")


def _point(rng: random.Random, message: bytearray, _pool: Sequence[bytes]) -> None:
    if len(message) > HEADER + 2:
        at = rng.randrange(HEADER, len(message) - 1)
        message[at : at + 2] = (0xC000 | rng.randrange(HEADER, at + 1) & 0x3FFF).to_bytes(2, "big")


def _count(rng: random.Random, message: bytearray, _pool: Sequence[bytes]) -> None:
    if len(message) >= HEADER:
        at = rng.choice((4, 6, 8, 10))
        number = int.from_bytes(message[at : at + 2], "big") + rng.choice((-1, 1, 1, 2, 100))
        message[at : at + 2] = (number & 0xFFFF).to_bytes(2, "big")


def _cut(rng: random.Random, message: bytearray, _pool: Sequence[bytes]) -> None:
    if message:
        begin = rng.randrange(len(message))
        del message[begin : begin + rng.choice((1, 2, 4, 16, 1_000))]


def _repeat(rng: random.Random, message: bytearray, _pool: Sequence[bytes]) -> None:
    if message:
        begin = rng.randrange(len(message))
        part = bytes(message[begin : begin + rng.choice((2, 4, 12, 16, 64))])
        message[begin:begin] = part * rng.choice((1, 2, 16, 100))


def _splice(rng: random.Random, message: bytearray, pool: Sequence[bytes]) -> None:
    other = rng.choice(pool)
    if message and other:
        message[rng.randrange(len(message)) :] = other[rng.randrange(len(other)) :]


_MUTATIONS = (_flip, _flip, _overwrite, _point, _point, _count, _cut, _repeat, _splice)
