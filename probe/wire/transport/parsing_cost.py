"""What a message would cost to parse, told from its bytes before anything is parsed.

dnspython expands every compressed name, checks each suffix of a name in rdata by itself (time grows with the square of
the labels), and makes an object of each string, option and parameter. Two bytes that point at a name of 126 labels
cost it 3 ms, so that a message of 1,200 bytes can keep the event loop for 0.2 s. This scan walks the message once,
without an object per name, and stops where the bound is passed.
"""

from typing import NamedTuple

from probe.model.name import MAX_LABEL_OCTETS, MAX_NAME_OCTETS
from probe.wire.transport.message_form import HEADER_BYTES, POINTER, RECORD_TAIL_BYTES, TYPE_AND_CLASS_BYTES

RECORD = 40
"""Microseconds for a record or a question beside its names: 35 to 40 were measured of A, LOC and ZONEMD records."""
OWNER_LABEL = 2
"""Microseconds for a label of an owner or a question (1.4 were measured)."""
LABEL = 6
"""Microseconds for a label of a name in rdata."""
LABELS_SQUARED = 5
"""A name in rdata costs its labels' square, divided by this, in microseconds (measured: 2.7 ms for 127 labels)."""
STRING = 4
"""Microseconds for a character string of a TXT record."""
OPTION = 8
"""Microseconds for an EDNS option."""
BYTES_A_MICROSECOND = 2
"""Bytes of rdata whose text is made in a microsecond: 3 of TXT that is not ASCII were the slowest."""
UNKNOWN_BYTE = 12
"""Microseconds for a byte of rdata that is not looked into: HIP and AMTRELAY, the dearest of all types, cost 10."""
UNKNOWN_NAME = 4_000
"""Microseconds for a record in which a compressed name may stand at a place that is not known: the longest there is."""
HOP = 1
"""Microseconds for following a compression pointer."""

BASE = 10_000
"""Microseconds that any message may cost: a root referral with its signatures takes a fifth of it."""
PER_BYTE = 3
"""Microseconds more for each of its bytes: address records cost 2.5, whatever their number."""
MOST = 40_000
"""Microseconds at the most: Route 53's largest set, 400 values, comes to 20,000 to 28,000 for names of two to ten
labels. At 20 answers a second a server that always sends the dearest datagram of 1,232 bytes takes a quarter of a
core, and its neighbours are asked on time."""

MAX_HOPS = 127
"""Pointers in one name: as many as it can have labels (RFC 1035 section 3.1)."""

_IN = 1
_TXT = 16
_SPF = 99
_OPT = 41


class _RdataNames(NamedTuple):
    """Where names stand in the rdata of a type: the bytes before the first, and how many follow one another."""

    before: int
    names: int


_NAMES = {
    2: _RdataNames(0, 1),  # NS
    3: _RdataNames(0, 1),  # MD
    4: _RdataNames(0, 1),  # MF
    5: _RdataNames(0, 1),  # CNAME
    6: _RdataNames(0, 2),  # SOA
    7: _RdataNames(0, 1),  # MB
    8: _RdataNames(0, 1),  # MG
    9: _RdataNames(0, 1),  # MR
    12: _RdataNames(0, 1),  # PTR
    14: _RdataNames(0, 2),  # MINFO
    15: _RdataNames(2, 1),  # MX
    17: _RdataNames(0, 2),  # RP
    18: _RdataNames(2, 1),  # AFSDB
    21: _RdataNames(2, 1),  # RT
    23: _RdataNames(0, 1),  # NSAP-PTR
    24: _RdataNames(18, 1),  # SIG
    26: _RdataNames(2, 2),  # PX
    33: _RdataNames(6, 1),  # SRV
    36: _RdataNames(2, 1),  # KX
    39: _RdataNames(0, 1),  # DNAME
    46: _RdataNames(18, 1),  # RRSIG
}
_NAME_SOMEWHERE = frozenset({35})  # NAPTR: behind three character strings
_FLAT_TYPES = frozenset({1, 28, 43, 48, 52, 59, 60, 61, 63, 257})
"""A, AAAA, DS, DNSKEY, TLSA, CDS, CDNSKEY, OPENPGPKEY, ZONEMD, CAA: neither names nor lists in them."""


class _Unwalkable(Exception):  # noqa: N818  # a verdict on bytes, not a fault
    """The message breaks off or contradicts itself here: dnspython will refuse it at the same place."""


class _TooDear(Exception):  # noqa: N818  # the same
    """The bound is passed."""


def is_too_dear(wire: bytes) -> bool:
    """Tell whether parsing a message would cost more than its size allows. Never raises."""
    try:
        _Scan(wire).walk()
    except _TooDear:
        return True
    except (_Unwalkable, IndexError):
        return False  # what was walked is within the bound, and the parser gets no further
    return False


def allowance(size: int) -> int:
    """Give the microseconds that a message of so many bytes may cost."""
    return min(BASE + PER_BYTE * size, MOST)


class _Scan:
    """One walk over one message."""

    __slots__ = ("_left", "_wire")

    def __init__(self, wire: bytes) -> None:
        self._wire = wire
        self._left = allowance(len(wire))

    def walk(self) -> None:
        wire = self._wire
        questions, *records = (int.from_bytes(wire[at : at + 2], "big") for at in (4, 6, 8, 10))
        at = HEADER_BYTES
        for _ in range(questions):
            self._spend(RECORD)
            at = self._name(at, in_rdata=False) + TYPE_AND_CLASS_BYTES
        for _ in range(sum(records)):
            self._spend(RECORD)
            at = self._name(at, in_rdata=False)
            end = at + RECORD_TAIL_BYTES + int.from_bytes(wire[at + 8 : at + 10], "big")
            if end > len(wire):
                raise _Unwalkable
            self._rdata(at, end)
            at = end

    def _rdata(self, at: int, end: int) -> None:
        wire = self._wire
        rdtype = int.from_bytes(wire[at : at + 2], "big")
        rdclass = int.from_bytes(wire[at + 2 : at + 4], "big")
        at += RECORD_TAIL_BYTES
        self._spend((end - at) // BYTES_A_MICROSECOND)
        if rdtype == _OPT:
            self._options(at, end)
        elif rdclass != _IN or rdtype in _NAME_SOMEWHERE:
            self._spend(UNKNOWN_NAME)
        elif rdtype in (_TXT, _SPF):
            self._strings(at, end)
        elif (place := _NAMES.get(rdtype)) is not None:
            at += place.before
            for _ in range(place.names):
                at = self._name(at, in_rdata=True)
        elif rdtype not in _FLAT_TYPES:
            self._spend((end - at) * UNKNOWN_BYTE)

    def _options(self, at: int, end: int) -> None:
        while at < end:
            self._spend(OPTION)
            at += 4 + int.from_bytes(self._wire[at + 2 : at + 4], "big")

    def _strings(self, at: int, end: int) -> None:
        while at < end:
            self._spend(STRING)
            at += 1 + self._wire[at]

    def _name(self, at: int, *, in_rdata: bool) -> int:
        """Walk a name and pay for it; give the place after it."""
        wire = self._wire
        labels = size = hops = after = 0
        lowest = at
        while (length := wire[at]) != 0:
            if length <= MAX_LABEL_OCTETS:
                labels += 1
                size += length + 1
                at += length + 1
                if size >= MAX_NAME_OCTETS:
                    raise _Unwalkable
            elif length >= POINTER:
                after = after or at + 2
                at = (length - POINTER) << 8 | wire[at + 1]
                if at >= lowest:
                    raise _Unwalkable  # pointers lead backwards, or there would be no end
                lowest = at
                hops += 1
                if hops > MAX_HOPS:
                    raise _TooDear
            else:
                raise _Unwalkable
        cost = labels * LABEL + labels * labels // LABELS_SQUARED if in_rdata else labels * OWNER_LABEL
        self._spend(cost + hops * HOP)
        return after or at + 1

    def _spend(self, cost: int) -> None:
        self._left -= cost
        if self._left < 0:
            raise _TooDear
