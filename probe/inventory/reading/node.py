"""One value of a manifest with its line; whatever stands there, a reader takes from it what it can."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

MAX_DEPTH = 256
"""Levels of nesting. A CustomResourceDefinition of Prometheus' operator has about 40; nothing that is read has 20."""

Value: TypeAlias = "str | list[Node] | dict[str, Node] | None"


@dataclass(slots=True, eq=False)
class Node:
    """A value: text, a list, a mapping, or nothing. What it holds is shared between aliases and never changed.

    Scalars stay text: `5`, `"5"` and `true` are what a reader makes of them, as Kubernetes' own annotations do.

    Attributes:
        value: What stands there; None for null and for what is missing.
        line: Of its first character, counted from 1 in its file.
    """

    value: Value = None
    line: int = 0

    def __getitem__(self, key: str) -> "Node":
        """Give the value under a key; of anything that has no such key, nothing, at this line."""
        if isinstance(self.value, dict):
            found = self.value.get(key)
            if found is not None:
                return found
        return Node(None, self.line)

    def __iter__(self) -> Iterator["Node"]:
        """Go through a list; through nothing else."""
        return iter(self.value if isinstance(self.value, list) else ())

    @property
    def entries(self) -> Mapping[str, "Node"]:
        """The entries of a mapping; of nothing else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def given(self) -> bool:
        """Whether anything but null stands there."""
        return self.value is not None

    @property
    def text(self) -> str:
        """The text of a scalar, without white space around it; empty for anything else."""
        return self.value.strip() if isinstance(self.value, str) else ""

    @property
    def whole(self) -> int | None:
        """The whole number of a scalar; None for anything else."""
        text = self.text
        return int(text) if text.isascii() and text.removeprefix("-").isdecimal() and len(text) <= _DIGITS else None

    @property
    def is_true(self) -> bool:
        """Whether a scalar says yes, in the words that Kubernetes and Go take for it."""
        return self.text.lower() in {"true", "1", "t"}

    def texts(self) -> dict[str, str]:
        """Give the scalar entries of a mapping, as annotations and labels are."""
        return {key: node.text for key, node in self.entries.items() if isinstance(node.value, str)}


_DIGITS = 12
"""Of a number at most: TTLs, weights and ports are far smaller."""


@dataclass(slots=True)
class Budget:
    """What may be read of one source altogether; every document takes from it.

    Attributes:
        octets: Text. 128 MiB: `kubectl get -o yaml` of 10,000 Ingresses is about 30.
        values: Values, aliases counted once, merged keys every time: 10,000 Ingresses have 600,000.
    """

    octets: int = 128 * 1024 * 1024
    values: int = 2_000_000
    spent_values: int = field(default=0, init=False)

    def spend(self, count: int = 1) -> bool:
        """Take values from it; False when there are none left."""
        self.spent_values += count
        return self.spent_values <= self.values


def node_of(value: object, budget: Budget, depth: int = 0) -> Node:
    """Make a node of a JSON value; what is deeper or more than anything that is read is nothing."""
    if depth > MAX_DEPTH or not budget.spend():
        return Node()
    if isinstance(value, dict):
        return Node({str(key): node_of(one, budget, depth + 1) for key, one in value.items()})
    if isinstance(value, list):
        return Node([node_of(one, budget, depth + 1) for one in value])
    if isinstance(value, bool):
        return Node("true" if value else "false")
    return Node(None if value is None else str(value))
