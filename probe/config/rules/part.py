"""A place in a plan that may be anything: rules read from it what they can, and complain at it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from probe.config.document import Document, Loc
from probe.config.mistakes import Complaint, Unusable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """The value at one location of a document, or its absence."""

    document: Document
    loc: Loc = ()

    @property
    def value(self) -> Any:
        """The plain value; None when there is none."""
        value = self.document.value
        for step in self.loc:
            if isinstance(value, dict) and isinstance(step, str):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def __getitem__(self, key: str) -> "Part":
        return Part(self.document, (*self.loc, key))

    @property
    def given(self) -> bool:
        """Whether the user wrote a value here, good or bad."""
        return self.value is not None

    def items(self) -> Iterator["Part"]:
        """Go through a list; nothing when it is none."""
        value = self.value
        for index in range(len(value) if isinstance(value, list) else 0):
            yield Part(self.document, (*self.loc, index))

    def entries(self) -> Iterator[tuple[str, "Part"]]:
        """Go through a mapping; nothing when it is none."""
        value = self.value
        for key in value if isinstance(value, dict) else ():
            yield key, self[key]

    @property
    def text(self) -> str | None:
        """The text here; None when it is something else."""
        value = self.value
        return value if isinstance(value, str) else None

    @property
    def whole(self) -> int | None:
        """The whole number here; None when it is something else."""
        value = self.value
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def parsed(self, parse: Callable[[str], T]) -> T | None:
        """Give what a parser makes of the text here; None when it cannot (the schema has complained then)."""
        text = self.text
        if text is None:
            return None
        try:
            return parse(text)
        except Unusable:
            return None

    @property
    def line(self) -> int:
        """The line it stands on, counted from 1."""
        return self.document.position(self.loc)[0]

    def complain(self, message: str, remedy: str, *, at_key: bool = False) -> Complaint:
        """Complain about this place."""
        return Complaint(self.document.position(self.loc, at_key=at_key), message, remedy)


Rule: TypeAlias = Callable[[Part], Iterator[Complaint]]
