"""What pydantic found, in sentences: with the YAML that was written in view, and with a remedy."""

import difflib
import re
import types
import typing
from collections.abc import Mapping
from typing import Annotated, Any, Union

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from probe.config import yaml11
from probe.config.document import HIDDEN, Document, Loc
from probe.config.format import Format
from probe.config.mistakes import Complaint, Position, Unusable, quoted
from probe.config.schema_external_dns import ONE, SEVERAL
from probe.config.types import Text

_WANTED = {
    "string_type": ("text", "write a text"),
    "bool_type": ("`true` or `false`", "write `true` or `false` without quotes"),
    "list_type": ("a list", "write each item on its own line after `- `, or all of them in `[…]`"),
    "dict_type": ("a mapping", "write `key: value` lines, indented, or all of them in `{…}`"),
    "model_type": ("a mapping", "write `key: value` lines, indented, or all of them in `{…}`"),
}


_LOCATION_MARKS = frozenset({"[key]", ONE, SEVERAL})
"""What pydantic puts into a location beside keys and places in lists."""


def explain(error: Mapping[str, Any], document: Document) -> Complaint:
    """Turn one of pydantic's errors into a complaint with its place in the text."""
    verdict = _verdict(error, _loc(error, document), document)
    return Complaint(place(error, document), verdict.message, verdict.remedy)


def place(error: Mapping[str, Any], document: Document) -> Position:
    """Give the place of one of pydantic's errors in the text: cheap, where explaining it is not."""
    at_key = error["loc"][-1:] == ("[key]",) or error["type"] == "extra_forbidden"
    return document.position(_loc(error, document), at_key=at_key)


def written(loc: Loc) -> Loc:
    """Give a location of pydantic's as the text has it."""
    return tuple(part for part in loc if part not in _LOCATION_MARKS)


def _loc(error: Mapping[str, Any], document: Document) -> Loc:
    loc = written(error["loc"])
    if error["type"] not in ("missing", "extra_forbidden"):
        while loc not in document.nodes:  # a domain written as its name alone has no key `name`
            loc = loc[:-1]
    return loc


def _verdict(error: Mapping[str, Any], loc: Loc, document: Document) -> Unusable:
    kind = document.format
    context = error.get("ctx", {})
    match error["type"]:
        case "value_error" if isinstance(context.get("error"), Unusable):
            verdict = _unusable(context["error"], loc, document)
        case "missing":
            verdict = Unusable(f"{_where(kind, loc[:-1])} lacks {quoted(loc[-1])}", f"add it: {_describe(kind, loc)}")
        case "extra_forbidden":
            verdict = _unknown_key(kind, loc)
        case "literal_error":
            verdict = _not_one_of(error, loc, document)
        case "too_short":
            verdict = Unusable(f"{_where(kind, loc)} is empty", "list at least one entry")
        case "too_long":
            verdict = Unusable(
                f"{_where(kind, loc)} has {context['actual_length']} entries, and {context['max_length']} are the most",
                f"leave some out; {kind.reference} has the reason for the bound",
            )
        case wrong:
            verdict = _wrong_type(wrong, error["input"], loc, document)
    return verdict


def _wrong_type(wrong: str, value: Any, loc: Loc, document: Document) -> Unusable:
    kind = document.format
    wanted, remedy = _WANTED.get(wrong, ("something else", f"see {kind.reference}"))
    surprise = _scalar_surprise(loc, document, text=wrong == "string_type")
    return surprise or Unusable(f"{_where(kind, loc)} must be {wanted}, not {_kind(value)}", remedy)


def _unusable(error: Unusable, loc: Loc, document: Document) -> Unusable:
    node = document.scalar(loc)
    explained = yaml11.not_number(node) if node is not None and "number" in error.message else None
    error = explained or error
    return Unusable(f"{_where(document.format, loc)}: {error.message}", error.remedy)


def _scalar_surprise(loc: Loc, document: Document, *, text: bool) -> Unusable | None:
    node = document.scalar(loc)
    if node is None:
        return None
    if not (text or node.tag == yaml11.YAML_TAG + "null" or loc[-2:-1] == ("domains",)):
        return None
    if loc[0] in document.format.secrets:
        return HIDDEN
    explained = yaml11.not_text(node)
    if explained is None:
        return None
    kind = document.format
    remedy = _refusal_as_text(kind, loc, node.value) or explained.remedy
    return Unusable(f"{_where(kind, loc)}: {explained.message}", remedy)


def _refusal_as_text(kind: Format, loc: Loc, text: str) -> str | None:
    """Give the remedy that the value would still need in quotes; None when quotes are all it needs."""
    parser = _parser_at(kind, loc)
    if parser is None or not text:
        return None
    try:
        parser.parse(text)
    except Unusable as error:
        return error.remedy
    return None


def _not_one_of(error: Mapping[str, Any], loc: Loc, document: Document) -> Unusable:
    kind = document.format
    allowed = _literals(kind, loc)
    if not isinstance(error["input"], str):
        surprise = _scalar_surprise(loc, document, text=True)
        message = surprise.message if surprise else f"{_where(kind, loc)} must be text, not {_kind(error['input'])}"
        return Unusable(message, f"use one of {_list(allowed)}")
    close = difflib.get_close_matches(error["input"].lower(), allowed, n=1)
    remedy = (
        f"did you mean {quoted(close[0])}? Allowed are {_list(allowed)}" if close else f"use one of {_list(allowed)}"
    )
    return Unusable(f"{_where(kind, loc)} cannot be {quoted(error['input'])}", remedy)


def _unknown_key(kind: Format, loc: Loc) -> Unusable:
    key = str(loc[-1])
    known = list(_fields(_model_at(kind, loc[:-1])))
    message = f"{_where(kind, loc[:-1])} has no key {quoted(key)}"
    folded = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", key).replace("-", "_").lower()
    if close := difflib.get_close_matches(folded, known, n=1):
        return Unusable(message, f"did you mean {quoted(close[0])}?")
    homes = [path for path, model in _models(kind.root, "") if folded in _fields(model)]
    if homes:
        return Unusable(message, f"it belongs under {' or '.join(quoted(home) for home in homes)}")
    return Unusable(message, f"take it out; known keys are {_list(known)}")


def _where(kind: Format, loc: Loc) -> str:
    """Name a place as the user would: the key, or the list that an item belongs to."""
    names = [part for part in loc if isinstance(part, str)]
    if not names:
        return f"the {kind.noun}"
    if isinstance(loc[-1], int):
        return f"item {loc[-1] + 1} of {quoted('.'.join(names[-2:]))}"
    return quoted(".".join(names[-2:]))


_TYPE_WORDS = ((bool, "a truth value"), (int | float, "a number"), (str, "text"), (list, "a list"), (dict, "a mapping"))


def _kind(value: Any) -> str:
    return next((name for kind, name in _TYPE_WORDS if isinstance(value, kind)), "empty")


def _list(names: list[str]) -> str:
    return ", ".join(quoted(name) for name in names)


def _describe(kind: Format, loc: Loc) -> str:
    """Give the first sentence of a key's description."""
    field = _fields(_model_at(kind, loc[:-1])).get(str(loc[-1]))
    description = (field.description if field is not None else None) or f"see {kind.reference}"
    first = description.split(". ")[0].rstrip(".")
    return first[:1].lower() + first[1:]


def _strip(annotation: Any) -> Any:
    """Take `Annotated` and `| None` off."""
    while True:
        origin = typing.get_origin(annotation)
        if origin is Annotated:
            annotation = typing.get_args(annotation)[0]
        elif origin in (Union, types.UnionType):
            annotation = next(arg for arg in typing.get_args(annotation) if arg is not type(None))
        else:
            return annotation


def _list_of(annotation: Any) -> Any:
    """Give the list among the forms that a value may have."""
    stripped = _strip(annotation)
    if typing.get_origin(stripped) is list:
        return stripped
    while typing.get_origin(annotation) is Annotated:
        annotation = typing.get_args(annotation)[0]
    return next(arg for arg in typing.get_args(annotation) if typing.get_origin(arg) is list)


def _annotation_at(kind: Format, loc: Loc) -> Any:
    annotation: Any = kind.root
    for part in loc:
        annotation = _list_of(annotation) if isinstance(part, int) else _strip(annotation)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            annotation = _fields(annotation)[str(part)].annotation
        else:
            annotation = typing.get_args(annotation)[-1]  # the item of a list, the value of a mapping
    return _strip(annotation)


def _parser_at(kind: Format, loc: Loc) -> Text | None:
    """Give the parser of the text at a location, if it has one of its own."""
    holder = _annotation_at(kind, loc[:-1])
    if isinstance(holder, type) and issubclass(holder, BaseModel):
        field = _fields(holder)[str(loc[-1])]
        candidates = [*field.metadata, *(m for arg in typing.get_args(field.annotation) for m in _metadata(arg))]
    else:
        item = typing.get_args(holder)[-1]
        model = _strip(item)
        alone = isinstance(model, type) and issubclass(model, BaseModel)  # a domain written as its name alone
        candidates = model.model_fields["name"].metadata if alone else _metadata(item)
    return next((candidate for candidate in candidates if isinstance(candidate, Text)), None)


def _metadata(annotation: Any) -> list[Any]:
    return list(getattr(annotation, "__metadata__", ()))


def _model_at(kind: Format, loc: Loc) -> type[BaseModel]:
    model: type[BaseModel] = _annotation_at(kind, loc)
    return model


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Give a mapping's fields by the keys that are written."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _literals(kind: Format, loc: Loc) -> list[str]:
    return list(typing.get_args(_annotation_at(kind, loc)))


def _models(model: type[BaseModel], path: str) -> typing.Iterator[tuple[str, type[BaseModel]]]:
    """Walk the format's mappings below `model`, each with its path."""
    for name, field in _fields(model).items():
        annotation = _strip(field.annotation)
        if typing.get_origin(annotation) is list:
            annotation = _strip(typing.get_args(annotation)[0])
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            below = f"{path}.{name}".lstrip(".")
            yield below, annotation
            yield from _models(annotation, below)
