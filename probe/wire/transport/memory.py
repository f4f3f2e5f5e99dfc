"""Parsed responses, remembered by their bytes: parsing is by far the dearest part of an answer."""

from dataclasses import fields
from hashlib import blake2b
from typing import Generic, TypeVar

from probe.model.outcome import NoResponse, Response
from probe.wire.transport.query import is_format_error, is_truncated
from probe.wire.transport.reader import nsid_text, read
from probe.wire.transport.variant import variant_of

T = TypeVar("T")

GENERATION_ENTRIES = 8_192
"""Responses in one of two generations, by all of their bytes: 1,000 domains with two types and four servers. Not more
for a larger plan: what is not found so is found by what it says, for a tenth of the price of parsing it."""
LARGE_PLAN = 2_048
"""Domains whose answers do not come back before both generations have been forgotten: two types at four servers."""
LARGE_PLAN_ENTRIES = 1_024
"""Responses in one generation of such a plan: those of a second, for what is asked again at once."""
GENERATION_BYTES = 4 << 20
"""Bytes of messages in one generation: a hostile server can fill it with 4 KiB messages, and no more."""
CORES_PER_DOMAIN = 8
"""Responses in one of two generations, by what they say, for each domain of the plan: two types and half a dozen names
of ownership TXT, whichever server answers, in whatever order. The other generation is for what a move adds."""
CORE_BYTES = 512
"""Bytes of a message that a plan's memory is made for: two of Route 53's with four name servers in them."""


DENIALS_KEPT = 1_024
"""Answers without records that others are compared with: a few of each zone, its NXDOMAIN and its NODATA."""
_DIGEST_BYTES = 15
"""Bytes by which a core is known: with what Python puts around them 48. Whoever wanted two cores that are taken for one
would have to try 2**60 messages."""


class AnswerMemory:
    """Equal bytes after the id give the same Response object; equal records in another order are not parsed again.

    What a plan of 10,000 domains is answered with weighs more than all that is known of the domains. So of what has
    been parsed the records alone are kept, under a digest: the bytes are those of the newest answers, which domains'
    states hold anyway, and of those few that are found at once by all of their bytes.

    Args:
        domains: Of the plan.
    """

    __slots__ = ("_cores", "_denials", "_known", "parsed", "young")

    def __init__(self, domains: int = 0) -> None:
        self._known: _Generations[Response] = _Generations(GENERATION_ENTRIES, GENERATION_BYTES)
        self.young = self._known.young
        """Looked at by the UDP engine directly: the hit must cost next to nothing."""
        self._cores: _Generations[Response] = _Generations(0, 0)
        self._denials: dict[tuple[object, ...], Response] = {}
        self.resize(domains)
        self.parsed = 0
        """Messages that dnspython had to parse, so far."""

    def resize(self, domains: int) -> None:
        """Remember the answers of a plan of so many domains."""
        self._known.entries = GENERATION_ENTRIES if domains <= LARGE_PLAN else LARGE_PLAN_ENTRIES
        entries = max(GENERATION_ENTRIES, CORES_PER_DOMAIN * domains)
        self._cores.entries, self._cores.bytes = entries, max(GENERATION_BYTES, entries * CORE_BYTES)

    def read(self, rest: bytes) -> Response | NoResponse:
        """Give the response that these bytes (a message without its id) are; see `probe.wire.reader.read`."""
        response = self._known.get(rest)
        if response is None:
            outcome = self._recognize(rest)
            if isinstance(outcome, NoResponse):
                return outcome
            response = outcome
        # A truncated message and a FORMERR are never final: they must not be found by the engine's quick look.
        if rest not in self.young and not is_truncated(rest) and not is_format_error(rest):
            self._known.keep(rest, response, len(rest))
        return response

    def _recognize(self, rest: bytes) -> Response | NoResponse:
        variant = variant_of(rest)
        wire = b"\x00\x00" + rest
        digest = b"" if variant is None else blake2b(variant.core, digest_size=_DIGEST_BYTES).digest()
        if variant is not None and (said := self._cores.get(digest)) is not None:
            self._cores.keep(digest, said, len(variant.core))
            return said.in_form(None if variant.nsid is None else nsid_text(variant.nsid), wire)
        self.parsed += 1
        outcome = read(wire)
        if variant is not None and isinstance(outcome, Response):
            self._cores.keep(digest, self._without_bytes(outcome), len(variant.core))
        return outcome

    def _without_bytes(self, response: Response) -> Response:
        """Give what a response says; one for all that say nothing of any name, as most names of TXT are answered."""
        said = response.in_form(None, b"")
        if response.answer or response.additional:
            return said
        says = tuple(getattr(said, field.name) for field in fields(Response))
        if len(self._denials) >= DENIALS_KEPT:
            self._denials.clear()
        return self._denials.setdefault(says, said)


class _Generations(Generic[T]):
    """A bounded memory by bytes.

    Two generations stand in for a least-recently-used order, which would cost each answer a move: what is asked for
    again is carried over into the young one, and when that is full the old one is forgotten.

    Args:
        entries: In one generation.
        size: Bytes of messages in one generation.
    """

    __slots__ = ("_old", "_size", "bytes", "entries", "young")

    def __init__(self, entries: int, size: int) -> None:
        self.entries = entries
        self.bytes = size
        self.young: dict[bytes, T] = {}
        self._old: dict[bytes, T] = {}
        self._size = 0

    def get(self, key: bytes) -> T | None:
        """Give what is remembered under these bytes."""
        return self.young.get(key) or self._old.get(key)

    def keep(self, key: bytes, value: T, size: int) -> None:
        """Remember it among the young, as what came of a message of so many bytes."""
        if key in self.young:
            return
        if len(self.young) >= self.entries or self._size >= self.bytes:
            # Emptied in place: the UDP engine holds on to the young dictionary.
            self._old = dict(self.young)
            self.young.clear()
            self._size = 0
        self.young[key] = value
        self._size += size
