"""YAML text to PyYAML's nodes, and PyYAML's complaints to sentences that say what to do."""

import re
from collections.abc import Sequence

import yaml

from probe.config.format import Format
from probe.config.mistakes import Complaint, Position, quoted

MAX_NESTING = 32
"""Levels of nesting. The plan is 6 deep; PyYAML recurses, and Python's stack ends near 1,000."""


LONG = 65_536
"""Characters from which on libyaml reads first: PyYAML's own loader takes 40 µs a line, a matter of long files."""


class Unreadable(Exception):  # noqa: N818  it carries one complaint; nothing after it can be read
    """The text is not YAML, or not YAML that can be such a file: there is nothing to check.

    Args:
        position: Line and column of the place, counted from 1.
        message: What is wrong there.
        remedy: What to do about it.
    """

    def __init__(self, position: Position, message: str, remedy: str) -> None:
        super().__init__(message)
        self.complaint = Complaint(position, message, remedy)


class _BoundedLoader(yaml.SafeLoader):
    """A SafeLoader that refuses to nest beyond what any file needs."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise yaml.composer.ComposerError(None, None, "nested too deeply", self.peek_event().start_mark)  # type: ignore[no-untyped-call]  # the stubs leave it bare
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


def compose(text: str, kind: Format) -> yaml.Node | None:
    """Compose the one document of a text; None when there is none.

    Raises:
        Unreadable: The text is not one YAML document.
    """
    if len(text) >= LONG and (quick := _compose_quickly(text)) is not None:
        return quick
    try:
        node: yaml.Node | None = _BoundedLoader(text).get_single_node()
    except yaml.reader.ReaderError as error:
        raise Unreadable(
            _position_at(text, error.position),
            f"the character U+{error.character:04X} is not allowed in YAML",
            "take it out; it may have come with a copy from a terminal or a word processor",
        ) from error
    except yaml.MarkedYAMLError as error:
        raise _explain(error, text, kind) from error
    except (ValueError, OverflowError) as error:  # PyYAML hands an escape such as "\UFFFFFFFF" to chr() unchecked
        raise Unreadable((1, 1), "an escape (`\\U…`) in double quotes names no character", "correct it") from error
    return node


def _compose_quickly(text: str) -> yaml.Node | None:
    """Compose a long text with libyaml; None when there is none, or when there is anything to complain of."""
    if not yaml.__with_libyaml__:
        return None
    depth = 0
    try:
        # libyaml recurses without a bound: the depth is looked at first.
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth >= MAX_NESTING:
                return None
        node: yaml.Node | None = yaml.compose(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, OverflowError, UnicodeError):
        return None  # the other way has the sentences
    return node


def position_of(mark: yaml.Mark) -> Position:
    """Give the place of a mark, counted from 1."""
    return mark.line + 1, mark.column + 1


def _position_at(text: str, offset: int) -> Position:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


_QUOTE_REMEDY = 'put the whole value in quotes, such as "{}"'
_NOT_ALLOWED = "mapping values are not allowed here"
_TEXT_BEFORE = (_NOT_ALLOWED, "but found '<block mapping start>'")
"""What PyYAML says at the first colon after a line that lacks its own: to YAML that line is a text, and ends with a
comment, if it has one."""

_NO_COLON = "could not find expected ':'"

_REMEDIES = (
    # part of PyYAML's problem, what it means, what to do
    ("'\\t'", "a tab stands where YAML wants spaces", "indent with spaces; most editors can convert tabs"),
    ("character '%'", "a value begins with `%`", _QUOTE_REMEDY.format("%{record_type}-")),
    ("character '@'", "a value begins with `@`", _QUOTE_REMEDY.format("@…")),
    ("character '`'", "a value begins with a backtick", "leave the backticks out, or put the value in quotes"),
    (
        "expected alphabetic or numeric character",
        "`*` or `&` begins an alias or anchor",
        _QUOTE_REMEDY.format("*.example.com"),
    ),
    ("found undefined alias", "an alias (`*…`) has no anchor (`&…`) before it", _QUOTE_REMEDY.format("*.example.com")),
    ("found duplicate anchor", "an anchor (`&…`) is defined twice", "give each anchor its own name"),
    (
        "but found another document",
        "the file holds more than one YAML document",
        "keep one {noun} per file; take the `---` out",
    ),
    (
        "nested too deeply",
        "the values are nested too deeply",
        "a {noun} is never more than {depth} levels deep; check the brackets",
    ),
    (
        _NOT_ALLOWED,
        "a `:` stands where none is allowed",
        "check the indentation, or put the value in quotes",
    ),
    (_NO_COLON, "a key has no `:` after it", "write `key: value`, with a space after the colon"),
    ("unexpected end of stream", "a quoted text has no end", "close the quote"),
    (
        "expected ',' or '}'",
        "a `{` is not closed, or a comma is missing after a value in it",
        "write {key: value, key: value}",
    ),
    ("expected ',' or ']'", "a `[` is not closed, or a comma is missing after a value in it", "write [value, value]"),
    (
        "found '<stream end>'",
        "the file ends within a value",
        "close the brackets that are open, and look whether the end of the file is lost",
    ),
    (
        "expected <block end>",
        "this line stands neither below its key nor beside the others",
        "begin it in the column of the lines that it belongs with",
    ),
)

_WHERE_IT_BEGAN = ("unexpected end of stream", _NO_COLON)
"""What is told where the quote was opened or the key begins, not where the file ends or the next key stands."""

_KEY_OF_LINE = re.compile(r"""^[\s-]*["']?([A-Za-z_][\w-]*)["']?(?:\s|:|$)""")
"""A line that begins with a key, after the dashes of a list; its colon may be what is missing."""


def _near(lines: Sequence[str], position: Position) -> str:
    """Name the key at or before the place, for the reader who looks for a word and not for a column."""
    for number in range(min(position[0], len(lines)), 0, -1):
        found = _KEY_OF_LINE.match(lines[number - 1])
        if found is not None:
            return f" (at the key `{found[1]}`)" if number == position[0] else f" (after the key `{found[1]}`)"
    return ""


def _lacking_its_colon(lines: Sequence[str], number: int) -> Position | None:
    """Find the key that lost its colon among the lines before one that has its own; None where none did.

    YAML reads `vantage a` and the line below as one text, and complains of the colon below. The key that lacks it
    begins in the column of the key that has it, and no line between them has a colon.
    """
    column, found = _column(lines[number - 1]), None
    for above in range(number - 1, 0, -1):
        line = re.sub(r"(^|\s)#.*", "", lines[above - 1])
        if re.search(r":(\s|$)", line):
            break
        if line.strip() and _column(line) == column and _KEY_OF_LINE.match(line):
            found = above, column
    return found


def _column(line: str) -> int:
    """Give the column, from 1, of a line's first character after white space and the dashes of a list."""
    return len(line) - len(re.sub(r"^[\s-]+", "", line)) + 1


def _explain(error: yaml.MarkedYAMLError, text: str, kind: Format) -> Unreadable:
    """Say in a sentence what PyYAML says in its own words."""
    mark = error.problem_mark or error.context_mark
    position = position_of(mark) if mark is not None else (1, 1)
    began = position_of(error.context_mark) if error.context_mark is not None else position
    problem = error.problem or "it cannot be parsed"
    lines = text.splitlines()
    line = lines[position[0] - 1] if position[0] <= len(lines) else ""
    if "]:" in line:
        return Unreadable(
            position, "an address in brackets is not plain text to YAML", _QUOTE_REMEDY.format("[2001:db8::53]:53")
        )
    if any(part in problem for part in _TEXT_BEFORE) and (key := _lacking_its_colon(lines, position[0])) is not None:
        position, problem, began = key, _NO_COLON, key
    for part, meaning, remedy in _REMEDIES:
        if part in problem:
            if part in _WHERE_IT_BEGAN:
                position = began
            advice = remedy.replace("{noun}", kind.noun).replace("{depth}", str(kind.depth))
            return Unreadable(position, f"this is not YAML: {meaning}{_near(lines, position)}", advice)
    return Unreadable(
        position,
        f"this is not YAML: {quoted(problem)[1:-1]}{_near(lines, position)}",
        "check the indentation, the brackets and the quotes around this place",
    )
