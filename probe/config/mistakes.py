"""What is wrong with a file that a user wrote: where, what, and what to do about it. All of it at once."""

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

SHOWN = 100
"""Mistakes that are told one by one: nobody corrects more before checking again, and each costs a search for what was
meant."""

STREAM = "<standard input>"
"""How standard input is named in sentences, as the file that it stands for."""

_QUOTE_LIMIT = 80  # a longer value fills the terminal and adds nothing: the position leads to it


class Mistake(NamedTuple):
    """One mistake in one place.

    Attributes:
        file: The file as the user named it; `<plan>` for text without a file.
        line, column: Counted from 1, as editors do.
        message: What is wrong.
        remedy: What to do.
    """

    file: str
    line: int
    column: int
    message: str
    remedy: str

    def __str__(self) -> str:
        """Write it on one line, in the form that editors and CI jobs turn into a link."""
        return f"{self.file}:{self.line}:{self.column}: {self.message}; {self.remedy}"


Position: TypeAlias = tuple[int, int]
"""Line and column, counted from 1."""


class Complaint(NamedTuple):
    """A mistake with its position but not yet with its file."""

    position: Position
    message: str
    remedy: str


class ConfigError(Exception):
    """A file cannot be used.

    Args:
        mistakes: Everything that is wrong with it.
        more: How many mistakes further down were only counted.

    Attributes:
        mistakes: The first `SHOWN` of them, in the order of the file.
        more: How many there are beyond these.
    """

    def __init__(self, mistakes: Iterable[Mistake], more: int = 0) -> None:
        found = sorted(set(mistakes), key=lambda mistake: mistake[1:])
        self.mistakes = tuple(found[:SHOWN])
        self.more = more + len(found) - len(self.mistakes)
        super().__init__(self.mistakes, self.more)

    def __str__(self) -> str:
        """Write one mistake per line, and how many more there are."""
        lines = [str(mistake) for mistake in self.mistakes]
        if self.more:
            noun = "mistake" if self.more == 1 else "mistakes"
            lines.append(f"{self.mistakes[0].file}: and {self.more:,} more {noun}; correct these first")
        return "\n".join(lines)


class PlanError(ConfigError):
    """The plan cannot be used."""


class WebConfigError(ConfigError):
    """The web configuration cannot be used."""


class Unusable(ValueError):  # noqa: N818  it is a verdict on a value, turned into a Mistake once its place is known
    """A value that cannot be used, before it is known where it stands.

    Args:
        message: What is wrong with the value.
        remedy: What to do about it.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def quoted(text: object) -> str:
    """Show a value of the file in a message: bounded, and without characters that would steer a terminal."""
    raw = str(text)
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in raw[:_QUOTE_LIMIT])
    return f"`{safe}…`" if len(raw) > _QUOTE_LIMIT else f"`{safe}`"
