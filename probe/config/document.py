"""YAML text to plain values, every one with its place in the text, and nothing else out of YAML.

No tags, no objects, bounded aliases, no key twice: what is left is what JSON could say.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from probe.config import yaml11
from probe.config.format import Format
from probe.config.mistakes import Complaint, Position, Unusable, quoted
from probe.config.syntax import MAX_NESTING, Unreadable, compose, position_of
from probe.config.yaml11 import YAML_TAG

Loc: TypeAlias = tuple[str | int, ...]

MAX_BYTES = 1024 * 1024  # what a ConfigMap holds; 10,000 domains, each with weights and a check of its own, fit into it
_MAX_NODES = 200_000  # the same plan has as many; "billion laughs" is stopped long before memory is short
_MAX_DIGITS = 20  # more than any bound in any format; Python refuses to print integers of thousands of digits

_SURROGATE = re.compile("[\ud800-\udfff]")

BROKEN = object()
"""Stands for a value that has been complained about already."""

HIDDEN = Unusable("this value is not the text that is wanted here", "put it in quotes, as it was given to you")
"""Said of a secret in place of what would repeat it."""


@dataclass(slots=True)
class Document:
    """One YAML document as plain values.

    Attributes:
        format: What it is meant to be.
        value: Mappings, lists and scalars; BROKEN where a complaint stands.
        nodes: Location of every value to its node.
        keys: Location of every mapping entry to the node of its key.
        complaints: What is wrong with the YAML itself, without keeping the rest from being checked.
        broken: Locations whose value is BROKEN.
        folder: Where relative paths in it start.
    """

    format: Format
    value: Any = None
    nodes: dict[Loc, yaml.Node] = field(default_factory=dict)
    keys: dict[Loc, yaml.ScalarNode] = field(default_factory=dict)
    complaints: list[Complaint] = field(default_factory=list)
    broken: set[Loc] = field(default_factory=set)
    folder: Path = Path()

    def position(self, loc: Loc, *, at_key: bool = False) -> Position:
        """Give the place of a value, or of its key; of the nearest enclosing value when it does not exist."""
        if at_key and loc in self.keys:
            return position_of(self.keys[loc].start_mark)
        while loc and loc not in self.nodes:
            loc = loc[:-1]
        return position_of(self.nodes[loc].start_mark)

    def scalar(self, loc: Loc) -> yaml.ScalarNode | None:
        """Give the scalar node at a location, None when something else or nothing stands there."""
        node = self.nodes.get(loc)
        return node if isinstance(node, yaml.ScalarNode) else None

    def is_broken(self, loc: Loc) -> bool:
        """Tell whether the value at a location, or one that encloses it, has been complained about."""
        return any(loc[:end] in self.broken for end in range(len(loc) + 1))


def read(text: str, kind: Format) -> Document:
    """Compose one YAML document.

    Raises:
        Unreadable: The text is not one YAML mapping.
    """
    root = compose(text, kind)
    if root is None or (isinstance(root, yaml.ScalarNode) and root.tag == YAML_TAG + "null"):
        raise Unreadable((1, 1), f"the {kind.noun} is empty", f"start from {kind.start}")
    if not isinstance(root, yaml.MappingNode):
        raise Unreadable(
            position_of(root.start_mark),
            f"the {kind.noun} is not a mapping",
            f"begin with a key such as `{kind.first_key}:`; see {kind.start}",
        )
    document = Document(kind)
    document.value = _ValueBuilder(document).build(root, ())
    return document


class _ValueBuilder:
    """Turns nodes into values. The only one that follows aliases, and so the one that counts."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._noun = document.format.noun
        self._count = 0
        self._open: set[int] = set()

    def build(self, node: yaml.Node, loc: Loc) -> Any:
        self._count += 1
        if self._count > _MAX_NODES:
            raise Unreadable(
                position_of(node.start_mark),
                f"the {self._noun} has more than {_MAX_NODES} values once its aliases are followed",
                f"write fewer aliases of aliases, or split the {self._noun}",
            )
        self._document.nodes[loc] = node
        try:
            return self._value(node, loc)
        except Unusable as error:
            told = HIDDEN if loc[:1] and loc[0] in self._document.format.secrets else error
            self._complain(node, told.message, told.remedy)
            self._document.broken.add(loc)
            return BROKEN

    def _complain(self, node: yaml.Node, message: str, remedy: str) -> None:
        self._document.complaints.append(Complaint(position_of(node.start_mark), message, remedy))

    def _value(self, node: yaml.Node, loc: Loc) -> Any:
        if isinstance(node, yaml.ScalarNode):
            if loc[-1:] == (yaml11.MOMENT_KEY,) and yaml11.is_moment(node):
                return str(node.value)
            return _scalar(node, self._noun)
        if id(node) in self._open:
            raise Unusable("an alias leads back to the value that it stands in", "write the value out")
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                _check_tag(node, "seq", self._noun)
                return [self.build(item, (*loc, index)) for index, item in enumerate(node.value)]
            _check_tag(node, "map", self._noun)
            return self._mapping(node, loc)
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: yaml.Node, loc: Loc) -> dict[str, Any]:
        merged: dict[str, tuple[yaml.ScalarNode, yaml.Node]] = {}
        own: dict[str, tuple[yaml.ScalarNode, yaml.Node]] = {}
        for key, value in node.value:
            if key.tag == YAML_TAG + "merge":
                merged = self._merged(value, 0) | merged
            elif (text := self._text_of(key)) is not None:
                if text in own:
                    first = position_of(own[text][0].start_mark)[0]
                    self._complain(
                        key,
                        f"the key {quoted(text)} stands here for the second time (first on line {first})",
                        "keep one",
                    )
                else:
                    own[text] = (key, value)
        entries = merged | own
        result = {}
        for text, (key, value) in entries.items():
            self._document.keys[*loc, text] = key
            result[text] = self.build(value, (*loc, text))
        return result

    def _text_of(self, key: yaml.Node) -> str | None:
        """Read a key; complain of one that YAML does not take for text."""
        if not isinstance(key, yaml.ScalarNode):
            self._complain(key, "a key must be text", "write `key: value`; braces and brackets around text need quotes")
            return None
        if key.tag not in (YAML_TAG + "str", YAML_TAG + "value"):
            explained = yaml11.not_text(key) or Unusable(f"the key {quoted(key.value)} is not text", "put it in quotes")
            self._complain(key, explained.message, explained.remedy)
            return None
        try:
            _refuse_surrogates(key.value)
        except Unusable as error:
            self._complain(key, error.message, error.remedy)
            return None
        return str(key.value)

    def _merged(self, node: yaml.Node, depth: int) -> dict[str, tuple[yaml.ScalarNode, yaml.Node]]:
        """Collect what `<<` brings in: of one mapping, or of a list of them, the earlier winning."""
        self._count += 1
        if depth > MAX_NESTING or self._count > _MAX_NODES:
            raise Unreadable(
                position_of(node.start_mark), "merge keys (`<<`) are nested too deeply", "write the keys out"
            )
        if isinstance(node, yaml.SequenceNode):
            collected: dict[str, tuple[yaml.ScalarNode, yaml.Node]] = {}
            for item in reversed(node.value):
                collected |= self._merged(item, depth + 1)
            return collected
        if not isinstance(node, yaml.MappingNode):
            self._complain(node, "`<<` merges mappings only", "give it an alias of a mapping, such as `<<: *defaults`")
            return {}
        inherited: dict[str, tuple[yaml.ScalarNode, yaml.Node]] = {}
        own: dict[str, tuple[yaml.ScalarNode, yaml.Node]] = {}
        for key, value in node.value:
            self._count += 1
            if key.tag == YAML_TAG + "merge":
                inherited = self._merged(value, depth + 1) | inherited
            elif isinstance(key, yaml.ScalarNode) and key.tag == YAML_TAG + "str":
                own.setdefault(key.value, (key, value))
        return inherited | own


def _scalar(node: yaml.ScalarNode, noun: str) -> Any:
    yaml11.refuse_surprise(node)
    _refuse_surrogates(node.value)
    kind = node.tag.removeprefix(YAML_TAG)
    text = node.value
    if kind == "int" and len(text) > _MAX_DIGITS:
        raise Unusable(
            f"this number is larger than anything in a {noun}", "correct it, or put it in quotes if it is a name"
        )
    try:
        match kind:
            case "str" | "value":
                return text
            case "null":
                return None
            case "bool":
                return yaml.SafeLoader.bool_values[text.lower()]
            case "int":
                return yaml.constructor.SafeConstructor().construct_yaml_int(node)
            case "float":
                return yaml.constructor.SafeConstructor().construct_yaml_float(node)
    except (ValueError, KeyError, IndexError):
        raise Unusable(f"{quoted(text)} does not fit its tag", "take the tag (`!!…`) out") from None
    raise Unusable(f"the tag {quoted(_short_tag(node.tag))} is not allowed in a {noun}", "take it out")


def _refuse_surrogates(text: str) -> None:
    """Refuse what JSON writes for one character beyond U+FFFF: YAML makes two of it, and neither is one."""
    if _SURROGATE.search(text):
        raise Unusable(
            f"{quoted(text)} has an escape that is half of a character",
            "write the character itself, or one `\\U` escape",
        )


def _check_tag(node: yaml.Node, kind: str, noun: str) -> None:
    if node.tag != YAML_TAG + kind:
        raise Unusable(f"the tag {quoted(_short_tag(node.tag))} is not allowed in a {noun}", "take it out")


def _short_tag(tag: str) -> str:
    return "!!" + tag.removeprefix(YAML_TAG) if tag.startswith(YAML_TAG) else tag
