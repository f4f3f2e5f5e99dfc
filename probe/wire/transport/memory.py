"""Parsed responses, remembered by their bytes: parsing is by far the dearest part of an answer."""

from probe.model.outcome import NoResponse, Response
from probe.wire.transport.query import is_format_error, is_truncated
from probe.wire.transport.reader import read

GENERATION_ENTRIES = 8_192
"""Responses in one of two generations: 1,000 domains with two types, four servers and two sides."""
GENERATION_BYTES = 4 << 20
"""Bytes of messages in one generation: a hostile server can fill it with 4 KiB messages, and no more."""


class AnswerMemory:
    """Equal bytes after the id give the same Response object.

    Two generations stand in for a least-recently-used order, which would cost each answer a move: what is asked for
    again is carried over into the young one, and when that is full the old one is forgotten.
    """

    __slots__ = ("_bytes", "_old", "young")

    def __init__(self) -> None:
        self.young: dict[bytes, Response] = {}
        """Looked at by the UDP engine directly: the hit must cost next to nothing."""
        self._old: dict[bytes, Response] = {}
        self._bytes = 0

    def read(self, rest: bytes) -> Response | NoResponse:
        """Give the response that these bytes (a message without its id) are; see `probe.wire.reader.read`."""
        response = self.young.get(rest) or self._old.get(rest)
        if response is None:
            outcome = read(b"\x00\x00" + rest)
            if isinstance(outcome, NoResponse):
                return outcome
            response = outcome
        # A truncated message and a FORMERR are never final: they must not be found by the engine's quick look.
        if rest not in self.young and not is_truncated(rest) and not is_format_error(rest):
            self._keep(rest, response)
        return response

    def _keep(self, rest: bytes, response: Response) -> None:
        if len(self.young) >= GENERATION_ENTRIES or self._bytes >= GENERATION_BYTES:
            # Emptied in place: the engine holds on to the young dictionary.
            self._old = dict(self.young)
            self.young.clear()
            self._bytes = 0
        self.young[rest] = response
        self._bytes += len(rest)
