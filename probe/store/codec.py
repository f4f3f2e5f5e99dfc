"""Frozen values as bytes and back, by their own types' names and fields: what the model gains is kept as it is.

A blob is zlib over JSON: a list of the types that occur, each with its fields' names, and the value. In the value every
list begins with a number that says what it is; texts, numbers, truth values and null stand for themselves.

Nothing is guessed. A type or a field that the program does not know refuses the blob; a field that the blob does not
have takes its default, if it has one. What the judge remembers is stricter, because a rule that has changed would
read it wrongly: it is marked with a fingerprint of its types, and read back as None when that differs. So a newer
judge begins with fresh memory, beside the public facts.

Objects made from a blob are only ever instances of the types that the codec was given; no code is run. zlib's checksum
of the text tells a damaged blob: what reads is what was written.
"""

import base64
import dataclasses
import json
import types
import zlib
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

from probe.model.outcome import Response
from probe.store.known_types import TEXTS, KnownTypes

_TUPLE, _MAPPING, _BYTES, _SHARED, _REMEMBERED, _SET = range(6)
_FIRST_TYPE = 8  # the numbers from here on are places in the blob's list of types
_PLAIN_TYPES = frozenset({str, int, float, bool, type(None)})
_ZLIB_LEVEL = 1  # of zlib: three quarters of what the best level saves, in a tenth of the time
MAX_BLOB = 64 << 20
"""Bytes that a blob may unpack to: a plan of 10,000 domains takes three million; beyond it, it is no blob of ours."""


class CodecError(Exception):
    """A blob that cannot be read: damaged, or of another version."""


class Codec:
    """Writes and reads values of known types.

    Args:
        roots: Types whose values are to be written; those that their fields name are found by themselves.
        remembered: The judge's own types, which nobody else reads.
        read_response: Makes a response of its wire bytes, so that only these need be kept.
    """

    def __init__(
        self,
        roots: Iterable[Any],
        remembered: Iterable[type] = (),
        read_response: Callable[[bytes], object] | None = None,
    ) -> None:
        self._types = KnownTypes(roots, remembered)
        self._read_response = read_response
        self.unknown: set[str] = set()

    def dumps(self, value: object) -> bytes:
        """Write a value.

        A part of a type that this codec was not given is left out, like what another version's judge remembered: the
        rest is worth keeping. `unknown` has the names of such types.
        """
        writing = _Writing(self._types, self.unknown, by_wire=self._read_response is not None)
        written = writing.write(value)
        document = json.dumps([writing.header, written], separators=(",", ":"))
        return zlib.compress(document.encode(), _ZLIB_LEVEL)

    def loads(self, blob: bytes) -> Any:
        """Read a value.

        Raises:
            CodecError: It is damaged, or of another version.
        """
        try:
            unpacking = zlib.decompressobj()
            text = unpacking.decompress(blob, MAX_BLOB)
            if not unpacking.eof:
                raise ValueError("cut short, or too large")  # noqa: TRY301  # it is told like every other damage, below
            header, written = json.loads(text)
            return _BlobReading(self._types, self._read_response, header).read(written)
        except (zlib.error, ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
            raise CodecError(f"it does not read ({type(error).__name__}: {error})") from error

    def read_response(self, wire: bytes) -> Response:
        """Make the response that a message is.

        Raises:
            CodecError: It is none, or nobody said how.
        """
        try:
            return _response(self._read_response, wire)
        except ValueError as error:
            raise CodecError(str(error)) from error


def _response(read: Callable[[bytes], object] | None, wire: bytes) -> Response:
    value = None if read is None else read(wire)
    if not isinstance(value, Response):
        raise ValueError(f"a message does not parse: {value}")  # noqa: TRY004  # it is the blob's fault
    return value


class _Writing:
    """One blob on its way out."""

    def __init__(self, known: KnownTypes, unknown: set[str], *, by_wire: bool) -> None:
        self.header: list[list[str]] = []
        self._unknown = unknown
        self._known = known
        self._by_wire = by_wire
        self._places: dict[type, int] = {}
        self._shared: dict[int, tuple[int, object]] = {}  # by identity, with the object, so that it stays alive
        self._private = (
            False  # inside of what the judge remembers: it may be skipped, so nothing outside may refer to it
        )

    def write(self, value: Any) -> Any:
        kind = type(value)
        if kind in _PLAIN_TYPES:
            return value
        if kind is tuple:
            return [_TUPLE, *map(self.write, value)]
        place = self._places.get(kind)
        if place is None:
            container = self._write_container(kind, value)
            if container is not None:
                return container
            place = self._introduce(kind)
            if place is None:
                return None
        if kind in self._known.remembered and not self._private:
            self._private = True
            written = self._write_record(kind, place, value)
            self._private = False
            return [_REMEMBERED, self._known.fingerprint, written]
        return self._write_record(kind, place, value)

    def _write_container(self, kind: type, value: Any) -> Any:
        if kind is dict or kind is types.MappingProxyType:
            return [_MAPPING, *(self.write(part) for pair in value.items() for part in pair)]
        if kind is bytes:
            return [_BYTES, base64.b64encode(value).decode()]
        if kind is frozenset:
            return [_SET, *map(self.write, value)]
        return None

    def _write_record(self, kind: type, place: int, value: Any) -> Any:
        if issubclass(kind, tuple):
            return [place, *map(self.write, value)]
        if issubclass(kind, Enum):
            return [place, value.value]
        if issubclass(kind, TEXTS):
            return [place, str(value)]
        known = self._shared.get(id(value))
        if known is not None and not self._private:
            return [_SHARED, known[0]]
        if kind is Response and self._by_wire and value.wire:
            written = [place, base64.b64encode(value.wire).decode()]
        else:
            written = [place, *(self.write(getattr(value, field)) for field in self._known.fields[kind])]
        if not self._private:
            self._shared[id(value)] = len(self._shared), value
        return written

    def _introduce(self, kind: type) -> int | None:
        name = self._known.name_of(kind)
        if name is None:
            self._unknown.add(kind.__name__)
            return None
        place = self._places[kind] = len(self.header) + _FIRST_TYPE
        self.header.append([name, *self._known.fields.get(kind, ())])
        return place


class _BlobReading:
    """One blob on its way in."""

    def __init__(
        self, known: KnownTypes, read_response: Callable[[bytes], object] | None, header: list[list[str]]
    ) -> None:
        self._known = known
        self._read_response = read_response
        self._header = header
        self._shared: list[object] = []
        self._private = False

    def read(self, written: Any) -> Any:
        if not isinstance(written, list):
            return written
        tag, *parts = written
        if tag == _TUPLE:
            return tuple(map(self.read, parts))
        if tag >= _FIRST_TYPE:
            return self._read_typed(*self._header[tag - _FIRST_TYPE], parts=parts)
        return self._read_other(tag, parts)

    def _read_other(self, tag: int, parts: list[Any]) -> Any:
        if tag == _SHARED:
            return self._shared[parts[0]]
        if tag == _MAPPING:
            values = list(map(self.read, parts))
            return dict(zip(values[::2], values[1::2], strict=True))
        if tag == _BYTES:
            return base64.b64decode(parts[0], validate=True)
        if tag == _SET:
            return frozenset(map(self.read, parts))
        if tag != _REMEMBERED:
            raise ValueError(f"nothing is written as {tag}")
        fingerprint, written = parts
        if fingerprint != self._known.fingerprint:
            return None
        self._private = True
        value = self.read(written)
        self._private = False
        return value

    def _read_typed(self, name: str, *fields: str, parts: list[Any]) -> Any:
        kind = self._known.by_name.get(name)
        if kind is None:
            raise ValueError(f"{name} is nothing that this version knows")
        if issubclass(kind, Enum) or kind in TEXTS:
            return kind(parts[0])
        if kind is Response and len(parts) == 1:
            value: Any = _response(self._read_response, base64.b64decode(parts[0], validate=True))
        else:
            values = [self.read(part) for part in parts]
            known = self._known.fields[kind]
            if known == fields and issubclass(kind, tuple):
                return kind(*values)
            unknown = set(fields).difference(known)
            if unknown:
                raise ValueError(f"{name} has fields that this version does not know: {', '.join(sorted(unknown))}")
            value = kind(**dict(zip(fields, values, strict=True)))
        if dataclasses.is_dataclass(kind) and not self._private:
            self._shared.append(value)
        return value
