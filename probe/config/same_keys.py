"""What a part of the file and its value in the model write alike: nobody has to copy it key by key."""

from collections.abc import Container
from enum import Enum, StrEnum, auto
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, Literal, NamedTuple, assert_never, get_args, get_origin, get_type_hints

from probe.config.schema_part import SchemaPart


class Kind(Enum):
    """How a value of the file becomes the model's."""

    SAME = auto()
    """It is the model's."""
    LIST = auto()
    """A list of them becomes a tuple."""
    WORD = auto()
    """One of some texts becomes the member of the enumeration that has it."""
    PATH = auto()
    """A relative path begins at the plan's folder."""


class SameKey(NamedTuple):
    """A key that both classes have.

    Attributes:
        name: Its name in both.
        kind: What becomes of its value.
        type: The model's type, without None.
    """

    name: str
    kind: Kind
    type: Any


def same_keys(file: SchemaPart, model: type, folder: Path | None = None, *, but: Container[str] = ()) -> dict[str, Any]:
    """Give what a part of the file says by those keys that its model has as well, of a type that says the same.

    A key of another type, or of another name, is for `probe.config.convert`: a call that gives one of both kinds twice
    is a TypeError.

    Args:
        file: The part, checked.
        model: The class whose fields are wanted; each field that is left out has to be given beside.
        folder: Where the plan's relative paths begin; None for a part that has none.
        but: Keys that are converted all the same.

    Raises:
        TypeError: The part has a path, and no folder was given.
    """
    keys = (key for key in keys_of(type(file), model) if key.name not in but)
    return {key.name: _value(key, getattr(file, key.name), folder) for key in keys}


def _value(key: SameKey, value: Any, folder: Path | None) -> Any:
    if value is None:
        return None
    match key.kind:
        case Kind.SAME:
            return value
        case Kind.LIST:
            return tuple(value)
        case Kind.WORD:
            return key.type(value)
        case Kind.PATH:
            if folder is None:
                message = f"`{key.name}` is a path, and nobody said where it begins"
                raise TypeError(message)
            return folder / value
        case _:
            assert_never(key.kind)


@cache
def keys_of(file: type[SchemaPart], model: type) -> tuple[SameKey, ...]:
    """Give the keys that the two classes write alike, in the file's order."""
    written, kept = get_type_hints(file), get_type_hints(model)
    shared = [name for name in file.model_fields if name in kept]
    pairs = ((name, _without_none(kept[name]), _kind(written[name], kept[name])) for name in shared)
    return tuple(SameKey(name, kind, one) for name, one, kind in pairs if kind is not None)


def _kind(written: Any, kept: Any) -> Kind | None:
    of_file, of_model = _without_none(written), _without_none(kept)
    if get_origin(of_file) is list and of_file is not of_model:
        alike = get_origin(of_model) is tuple and get_args(of_model) == (*get_args(of_file), ...)
        return Kind.LIST if alike else None
    if get_origin(of_file) is Literal and isinstance(of_model, type) and issubclass(of_model, StrEnum):
        return Kind.WORD if {*get_args(of_file)} <= {*of_model} else None
    if (of_file is written) is not (of_model is kept) or of_file != of_model:
        return None
    return Kind.PATH if of_model is Path else Kind.SAME


def _without_none(hint: Any) -> Any:
    """Give the other choice of a value that may be None; the hint itself of any other."""
    others = [one for one in get_args(hint) if one is not NoneType]
    return others[0] if len(others) == 1 and len(get_args(hint)) > 1 else hint
