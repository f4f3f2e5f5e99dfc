"""A file to its checked values, or to everything that is wrong with it: the same way for every format."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from probe.config.document import MAX_BYTES, Document, read
from probe.config.format import Format
from probe.config.mistakes import SHOWN, Complaint, ConfigError, Mistake
from probe.config.pydantic_errors import explain, place, written
from probe.config.syntax import Unreadable

M = TypeVar("M", bound=BaseModel)
Rules = Callable[[Document], Iterable[Complaint]]


def content_of(path: Path, kind: Format, error: type[ConfigError]) -> bytes:
    """Read a file that can be such a file: not larger, and UTF-8.

    Raises:
        ConfigError: Of the type given; it cannot be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as reason:
        said = (reason.strerror or "unknown error").lower()
        raise error(
            [_at_top(path, f"the {kind.noun} cannot be read ({said})", "check the path and the file's permissions")]
        ) from reason
    return text_content(content, path, kind, error)


def text_content(content: bytes, path: Path, kind: Format, error: type[ConfigError]) -> bytes:
    """Hold what was read, at most a byte more than such a file may have, to what such a file can be.

    Raises:
        ConfigError: Of the type given; it is larger, or no UTF-8.
    """
    if len(content) > MAX_BYTES:
        raise error([_at_top(path, f"the {kind.noun} is larger than {MAX_BYTES} bytes", kind.too_much)])
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as reason:
        before = content[: reason.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode("utf-8")) + 1
        raise error(
            [
                Mistake(
                    str(path),
                    line,
                    column,
                    f"the byte 0x{content[reason.start]:02x} is not UTF-8",
                    "save the file as UTF-8 (Windows editors offer UTF-16 and code pages as well)",
                )
            ]
        ) from reason
    return content


def checked(  # noqa: PLR0913  # a file's text, its place, and what it is held to
    text: str, root: type[M], rules: Rules, *, kind: Format, source: Path | None, error: type[ConfigError]
) -> M:
    """Hold a text to its schema and its rules.

    Args:
        text: What the file says.
        root: The schema of `kind`.
        rules: What must hold between its values.
        kind: Which file it is.
        source: The file, named in messages; relative paths start at its folder.
        error: What to raise.

    Raises:
        ConfigError: Of the type given, with every mistake.
    """
    complaints: list[Complaint] = []
    more = 0
    file: M | None = None
    try:
        document = read(text, kind)
    except Unreadable as reason:
        complaints.append(reason.complaint)
    else:
        document.folder = folder_of(source)
        complaints += document.complaints
        try:
            file = root.model_validate(document.value)
        except ValidationError as reason:
            explained, more = _explained(reason, document)
            complaints += explained
        complaints += rules(document)
    if complaints or file is None:
        name = f"<{kind.noun}>" if source is None else str(source)
        raise error(
            (Mistake(name, *complaint.position, complaint.message, complaint.remedy) for complaint in complaints), more
        )
    return file


def folder_of(source: Path | None) -> Path:
    """Give the folder where relative paths of a file start."""
    return source.parent if source is not None else Path()


def _at_top(path: Path, message: str, remedy: str) -> Mistake:
    return Mistake(str(path), 1, 1, message, remedy)


def _explained(error: ValidationError, document: Document) -> tuple[list[Complaint], int]:
    """Explain the first of pydantic's errors in the order of the file; tell how many more there are."""
    # Where something is broken, YAML itself was complained about.
    items = [item for item in error.errors(include_url=False) if not document.is_broken(written(item["loc"]))]
    items.sort(key=lambda item: place(item, document))
    return [explain(item, document) for item in items[:SHOWN]], max(len(items) - SHOWN, 0)
