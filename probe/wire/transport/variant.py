"""Messages that say the same in another order, or by another machine: told by their bytes, without parsing them.

A server of many machines shuffles the addresses of an answer, and names the machine in its NSID. Messages that differ
in nothing else parse to the same records: what was parsed of the one holds for the other. A message that is not as
simple as that has no such form, and dnspython parses it as a whole.
"""

import re
import struct
from typing import NamedTuple

from probe.wire.transport.message_form import (
    ID_BYTES,
    POINTER,
    QUESTION_AFTER_ID,
    RECORD_TAIL_BYTES,
    TYPE_AND_CLASS_BYTES,
)

_OWNER = b"\xc0\x0c"
"""A pointer to the question's name: how nearly every server writes the owner of an answer (RFC 1035 section 4.1.4)."""
_RDATA = {b"\x00\x01\x00\x01": b"\x00\x04", b"\x00\x1c\x00\x01": b"\x00\x10"}
"""The length of an address, by the type and class of its record."""
_BEFORE_RDATA = 12
"""Bytes of a record before its rdata, when its owner is a pointer."""
_FEW = 64
"""Records in a section that are gone through: Route 53 answers with eight addresses at the most."""
_OPT_BEGINS = b"\x00\x00\x29"
"""How an OPT record begins: the root and its type (RFC 6891 section 6.1.2)."""
_NSID = 3
_FLAGS_BYTES = 2
_COUNTS = struct.Struct("!4H")
"""How many records each section has: they stand behind the flags."""
_NO_COUNTS = (0, 0, 0, 0)
"""Those of what is no whole header."""
_POINTERS = re.compile(rb"(?s)(?=([\xc0-\xff].))")


class Variant(NamedTuple):
    """What a message says, apart from the order of its addresses and the machine that says it.

    Attributes:
        core: Equal for messages that parse to the same records, flags and other options.
        nsid: The content of the NSID option (RFC 5001); None without one.
    """

    core: bytes
    nsid: bytes | None


def variant_of(rest: bytes) -> Variant | None:
    """Give the form of a message without its id; None where it has none so simple."""
    counted = len(rest) >= QUESTION_AFTER_ID
    questions, answers, authority, additional = _COUNTS.unpack_from(rest, _FLAGS_BYTES) if counted else _NO_COUNTS
    if questions != 1 or max(answers, authority, additional) > _FEW:
        return None
    begin = _after_name(rest, QUESTION_AFTER_ID)
    if begin is None:
        return None
    begin += TYPE_AND_CLASS_BYTES
    records = _addresses(rest, begin, answers)
    end = begin + len(records) * len(records[0]) if records else begin
    opt = _after_records(rest, end, answers - len(records) + authority + additional - 1) if additional else len(rest)
    if opt is None:
        return None
    between = rest[end:opt]
    if records and between and _point_into(between, begin + ID_BYTES, end + ID_BYTES):
        return None  # names of other sections lean on a record that may stand elsewhere next time
    split = _options(rest, opt) if additional else (b"", [], None)
    if split is None:
        return None
    head, options, nsid = split
    named = b"\x00" if nsid is None else b"\x01"
    return Variant(b"".join((rest[:begin], *sorted(records), between, head, named, *options)), nsid)


def _after_name(rest: bytes, at: int) -> int | None:
    """Give where a name ends; None where it does not."""
    while at < len(rest):
        length = rest[at]
        if length >= POINTER:
            return at + 2
        at += 1 + length
        if not length:
            return at
    return None


def _after_records(rest: bytes, at: int, count: int) -> int | None:
    """Give where so many records end; None where they do not."""
    for _ in range(count):
        owner = _after_name(rest, at)
        if owner is None:
            return None
        rdata = owner + RECORD_TAIL_BYTES
        at = rdata + int.from_bytes(rest[rdata - 2 : rdata], "big")
    return at if at <= len(rest) else None


def _addresses(rest: bytes, begin: int, count: int) -> list[bytes]:
    """Give the answer's records, if all are addresses of one type and of the very name that was asked for."""
    kind = rest[begin + 2 : begin + 6]
    length = _RDATA.get(kind)
    if length is None:
        return []
    size = _BEFORE_RDATA + length[1]
    records = [rest[at : at + size] for at in range(begin, begin + count * size, size)]
    head = _OWNER + kind
    for one in records:  # a generator would take longer than all else here, for each answer in a new order
        if len(one) != size or not one.startswith(head) or one[10:12] != length:
            return []
    return records


def _point_into(part: bytes, begin: int, end: int) -> bool:
    """Tell whether anything in a part could be a pointer to a place between two others of the message."""
    return any(begin <= int.from_bytes(found[1], "big") & 0x3FFF < end for found in _POINTERS.finditer(part))


def _options(rest: bytes, at: int) -> tuple[bytes, list[bytes], bytes | None] | None:
    """Split an OPT record, the last of its message: its payload and flags, its other options, and its NSID."""
    head, at = rest[at : at + 9], at + 11
    length = rest[at - 2 : at]
    if not head.startswith(_OPT_BEGINS) or at + int.from_bytes(length, "big") != len(rest):
        return None
    options: list[bytes] = []
    nsid: bytes | None = None
    while at < len(rest):
        end = at + 4 + int.from_bytes(rest[at + 2 : at + 4], "big")
        if end > len(rest):
            return None
        if int.from_bytes(rest[at : at + 2], "big") != _NSID:
            options.append(rest[at:end])
        elif nsid is None:
            nsid = rest[at + 4 : end]
        else:
            return None
        at = end
    return head, options, nsid
