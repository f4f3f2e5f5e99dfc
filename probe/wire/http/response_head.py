"""The head of an HTTP/1 response (RFC 9112), read strictly, from bounded octets."""

import re
from typing import Final, NamedTuple

MAX_RESPONSE_HEAD: Final = 65_536
"""Octets of all heads of one answer together: eight times what nginx and Apache allow the other way."""
MAX_INTERIM: Final = 8
"""Interim responses (100, 103) before the answer: one or two are sent by servers that mean something by it."""

_HEAD_END = re.compile(rb"\n\r?\n")
_STATUS = re.compile(rb"HTTP/1\.[0-9] ([1-9][0-9]{2})(?: [^\x00\r]*)?\r?")
_FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\x00\r]*?)[ \t]*\r?")
_SWITCHING_PROTOCOLS = 101  # final, for who asked for no other protocol
_OK = 200


class MalformedResponseError(Exception):
    """What came is no response.

    Args:
        detail: What is wrong with it, in words; nothing of it is repeated.
    """


class ResponseHead(NamedTuple):
    """What a response says before its body.

    Attributes:
        status: Its code.
        fields: Its header fields by their names in lower case; several of one name are joined with commas.
    """

    status: int
    fields: dict[str, str]


class HeadReader:
    """Takes octets in as they come, and knows when the head of the final response is there."""

    def __init__(self) -> None:
        self._octets = bytearray()
        self._searched = 0
        self._interim = 0
        self._taken = 0

    def take(self, octets: bytes) -> ResponseHead | None:
        """Take some in; give the head once it is whole, and None before.

        Raises:
            MalformedResponseError: It is none, or too large.
        """
        self._octets += octets
        while (end := _HEAD_END.search(self._octets, max(0, self._searched - 2))) is not None:
            self._taken += end.end()
            if self._taken > MAX_RESPONSE_HEAD:
                break
            head = _read(bytes(self._octets[: end.start()]))
            if head.status >= _OK or head.status == _SWITCHING_PROTOCOLS:
                return head
            self._interim += 1
            if self._interim > MAX_INTERIM:
                raise MalformedResponseError("interim responses without an answer")
            del self._octets[: end.end()]
            self._searched = 0
        self._searched = len(self._octets)
        if self._taken + self._searched > MAX_RESPONSE_HEAD:
            raise MalformedResponseError(f"a head of more than {MAX_RESPONSE_HEAD >> 10} KiB")
        return None


def _read(octets: bytes) -> ResponseHead:
    first, *lines = octets.split(b"\n")
    status = _STATUS.fullmatch(first)
    if status is None:
        raise MalformedResponseError("it is no HTTP response")
    fields: dict[str, list[str]] = {}
    values: list[str] | None = None
    for line in lines:
        if line[:1] in b" \t" and values is not None:  # folded, as was allowed once
            values[-1] = f"{values[-1]} {_text(line).strip()}"
            continue
        field = _FIELD.fullmatch(line)
        if field is None:
            raise MalformedResponseError("a malformed header")
        values = fields.setdefault(field[1].decode("ascii").lower(), [])
        values.append(_text(field[2]))
    if len(lengths := set(fields.get("content-length", ()))) > 1 or not all(map(_is_length, lengths)):
        raise MalformedResponseError("a malformed Content-Length")
    return ResponseHead(int(status[1]), {name: ", ".join(told) for name, told in fields.items()})


def _is_length(value: str) -> bool:
    return value.isascii() and value.isdigit()


def _text(octets: bytes) -> str:
    """Read UTF-8, as servers mean it today, or else Latin-1, as it was once."""
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("latin-1")
