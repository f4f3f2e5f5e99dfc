"""The types whose values are kept: found from a few roots by what their fields name, so that nobody keeps a list."""

import dataclasses
import hashlib
import types
import typing
from collections.abc import Iterable
from enum import Enum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any

TEXTS: tuple[type, ...] = (IPv4Network, IPv6Network, Path)
"""Written as their text, and read back from it."""


class KnownTypes:
    """All types that may occur.

    Args:
        roots: Types whose values are to be written.
        remembered: The judge's own types, which nobody else reads.

    Attributes:
        by_name: The types.
        fields: The names of each one's fields; none for words and texts.
        remembered: As given.
        fingerprint: Changes when any type does that only `remembered` leads to.
    """

    def __init__(self, roots: Iterable[Any], remembered: Iterable[type] = ()) -> None:
        self.by_name: dict[str, type] = {}
        for root in roots:
            self._learn(root)
        public = set(self.by_name)
        self.remembered = frozenset(remembered)
        for root in self.remembered:
            self._learn(root)
        self.fields = {kind: _fields(kind) for kind in self.by_name.values()}
        own = [(name, self._shape(self.by_name[name])) for name in sorted(set(self.by_name) - public)]
        self.fingerprint = hashlib.blake2b(repr(own).encode(), digest_size=8).hexdigest()

    def name_of(self, kind: type) -> str | None:
        """Tell under which name a type's values are written; a path's class differs by the system."""
        return next((base.__name__ for base in kind.__mro__ if self.by_name.get(base.__name__) is base), None)

    def _learn(self, hint: Any) -> None:
        hint = getattr(hint, "__supertype__", hint)
        for argument in typing.get_args(hint):
            self._learn(argument)
        if not isinstance(hint, type) or isinstance(hint, types.GenericAlias):
            return
        known = self.by_name.get(hint.__name__)
        if known is hint or not (hint in TEXTS or issubclass(hint, Enum) or _is_record(hint)):
            return
        if known is not None:
            raise TypeError(f"two types are called {hint.__name__}: what is written could not tell them apart")
        self.by_name[hint.__name__] = hint
        if _is_record(hint):
            for field in typing.get_type_hints(hint).values():
                self._learn(field)

    def _shape(self, kind: type) -> tuple[tuple[str, str], ...]:
        if issubclass(kind, Enum):
            return tuple((member.name, str(member.value)) for member in kind)
        hints = typing.get_type_hints(kind)
        return tuple((name, str(hints[name])) for name in self.fields[kind])


def _is_record(kind: type) -> bool:
    return dataclasses.is_dataclass(kind) or (issubclass(kind, tuple) and hasattr(kind, "_fields"))


def _fields(kind: type) -> tuple[str, ...]:
    """Give the fields that make a value what it is; a cache of its own (private, and not compared) does not."""
    if dataclasses.is_dataclass(kind):
        return tuple(
            field.name for field in dataclasses.fields(kind) if field.compare or not field.name.startswith("_")
        )
    return tuple(getattr(kind, "_fields", ()))
