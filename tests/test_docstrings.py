"""What can be held of public docstrings: errors that are raised, units of numbers, parameters of classes."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pytest

PROBE = Path(__file__).resolve().parents[1] / "probe"
ROOMS = sorted(path.name for path in PROBE.iterdir() if (path / "__init__.py").exists())

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

UNIT = re.compile(
    r"second|minute|hour|milliseconds?|\bms\b|\bwall\b|monotonic|shares?\b|ratio|factor|odds|likelihood|logarithm|probabilit"
    r"|\b0 to 1\b|how many|\bunits?\b|\bUSD\b|US dollars|tokens|per_second|pairs|sum over|under draws|sum would",
    re.IGNORECASE,
)
"""What says in which unit a number is, in a docstring or in its own name."""
NUMBERS = {"float", "float | None"}


class Public(NamedTuple):
    """A public function or class, and the class in which it stands."""

    module: str
    node: Function | ast.ClassDef
    inside: ast.ClassDef | None

    @property
    def text(self) -> str:
        """Its docstring, and that of its class."""
        return f"{ast.get_docstring(self.node) or ''}\n{(self.inside and ast.get_docstring(self.inside)) or ''}"

    def __str__(self) -> str:
        return f"{self.module}: {self.inside.name + '.' if self.inside else ''}{self.node.name}"


@cache
def published(room: str) -> tuple[Public, ...]:
    """Give all public functions, classes and methods of a room."""
    return tuple(
        one
        for path in sorted((PROBE / room).rglob("*.py"))
        for one in _published(path.relative_to(PROBE).as_posix(), ast.parse(path.read_text(encoding="utf-8")), None)
    )


def _published(module: str, scope: ast.Module | ast.ClassDef, inside: ast.ClassDef | None) -> Iterator[Public]:
    for node in scope.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield Public(module, node, inside)
            if isinstance(node, ast.ClassDef):
                yield from _published(module, node, node)


def raised(function: Function) -> set[str]:
    """Give the public errors that a function raises by itself, neither in a function within it nor to catch them."""
    left: list[tuple[ast.AST, frozenset[str]]] = [(node, frozenset()) for node in function.body]
    found = set()
    while left:
        node, caught = left.pop()
        if isinstance(node, ast.Raise) and node.exc is not None:
            error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            found |= {ast.unparse(error).rsplit(".", 1)[-1]} - caught
        if isinstance(node, ast.Try):
            handled = [
                part.id
                for one in node.handlers
                if one.type
                for part in ast.walk(one.type)
                if isinstance(part, ast.Name)
            ]
            left += [(part, caught | {*handled}) for part in node.body]
            left += [(part, caught) for part in (*node.handlers, *node.orelse, *node.finalbody)]
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            left += [(part, caught) for part in ast.iter_child_nodes(node)]
    return {name for name in found if name[0].isupper()}


@pytest.mark.parametrize("room", ROOMS)
def test_a_function_names_the_errors_that_it_raises(room: str) -> None:
    """A command does not: its docstring is its help, which tells its exit status."""
    assert [
        (str(one), missing)
        for one in published(room)
        if not isinstance(one.node, ast.ClassDef) and "cli/commands" not in one.module
        if (missing := {name for name in raised(one.node) if name not in one.text})
    ] == []


def _unitless(one: Public) -> Iterator[str]:
    node = one.node
    if isinstance(node, ast.ClassDef):
        fields = [part for part in node.body if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)]
        for part in fields:
            name = ast.unparse(part.target)
            if ast.unparse(part.annotation) in NUMBERS and not name.startswith("_"):
                described = re.search(
                    rf"^ *[\w, ]*\b{name}\b[\w, ]*: (.*?)(?=^ *[\w, ]+: |\Z)", one.text, re.MULTILINE | re.DOTALL
                )
                if not UNIT.search(f"{name} {described[1] if described else one.text}"):
                    yield name
        return
    for argument in (*node.args.args, *node.args.kwonlyargs):
        is_number = argument.annotation is not None and ast.unparse(argument.annotation) in NUMBERS
        if is_number and not UNIT.search(f"{argument.arg} {one.text}"):
            yield argument.arg
    if node.returns is not None and ast.unparse(node.returns) in NUMBERS and not UNIT.search(f"{node.name} {one.text}"):
        yield "return"


@pytest.mark.parametrize("room", ROOMS)
def test_a_number_has_its_unit(room: str) -> None:
    """Said where it is given, taken or kept: seconds of which clock, a share, a count."""
    commands = "cli/commands"  # a command's options have their units in their own help
    assert [
        (str(one), nameless)
        for one in published(room)
        if commands not in one.module and (nameless := list(_unitless(one)))
    ] == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_class_tells_what_it_is_made_of(room: str) -> None:
    makers = [
        (one, part)
        for one in published(room)
        if isinstance(one.node, ast.ClassDef)
        for part in one.node.body
        if isinstance(part, ast.FunctionDef) and part.name == "__init__"
    ]
    assert [
        (str(one), untold)
        for one, maker in makers
        if (
            untold := [
                argument.arg
                for argument in (*maker.args.args[1:], *maker.args.kwonlyargs)
                if not re.search(rf"\b{argument.arg}\b", f"{one.text} {ast.get_docstring(maker) or ''}")
            ]
        )
    ] == []


SOURCE = '''
class Kept:
    """What is kept.

    Attributes:
        since: When it began.
        length: In seconds.
    """

    since: float
    length: float

    def __init__(self, clock):
        pass

    def add(self, at: float) -> None:
        """Add one."""
        raise KeyError(at)
'''


def test_a_missing_unit_and_a_missing_error_would_be_found() -> None:
    kept, made = _published("kept.py", ast.parse(SOURCE), None)
    assert list(_unitless(kept)) == ["since"]
    assert isinstance(made.node, ast.FunctionDef)
    assert raised(made.node) == {"KeyError"}
    assert list(_unitless(Public("kept.py", made.node, None))) == ["at"]
