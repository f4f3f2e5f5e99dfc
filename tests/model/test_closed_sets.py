"""Closed sets stay closed: a new member has to be placed in every table, or the type checker asks for it."""

import ast
import re
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path
from typing import get_args

import pytest

import probe
from probe.config.schema import ResolverFile
from probe.config.schema_external_dns import ExternalDnsFile
from probe.config.schema_part import SchemaPart
from probe.config.schema_waves import StepFile, WaveFile
from probe.model.effect import EFFECTS
from probe.model.external_dns import Policy, Registry
from probe.model.outcome import FailureReason
from probe.model.plan import Expectation
from probe.model.record import POSITIONS, Position, RecordState
from probe.model.server import Transport, ZoneView
from probe.model.side import ABSENT_CLASSES, AnswerClass

ROOT = Path(probe.__file__).parent
CLOSED: dict[str, type[Enum]] = {
    closed.__name__: closed for closed in (AnswerClass, Expectation, FailureReason, Position, RecordState)
}
MATCHED = (AnswerClass, Expectation, FailureReason, RecordState)
"""Sets that grow. What differs from member to member is told by a `match` of all of them, which the type checker holds:
a table in a dictionary or a subset in a set would let a new member through."""


def _members(display: ast.AST) -> list[tuple[str, str]] | None:
    """Give the members of closed sets that a display is keyed by or made of; None where it is of other things."""
    match display:
        case ast.Dict(keys=keys):
            parts: list[ast.expr | None] = list(keys)
        case ast.Set(elts=elements):
            parts = list(elements)
        case _:
            return None
    named = [
        (part.value.id, part.attr)
        for part in parts
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in CLOSED
    ]
    return named if len(named) == len(parts) > 1 else None


def _displays() -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Give each module's constants with every display of members in them."""
    for path in sorted(ROOT.rglob("*.py")):
        for statement in ast.parse(path.read_text(encoding="utf-8")).body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                    for node in ast.walk(statement):
                        members = _members(node)
                        if members is not None:
                            yield str(path.relative_to(ROOT)), name, members
                case _:
                    pass


def test_no_module_keeps_a_table_or_a_subset_of_a_set_that_grows() -> None:
    assert [(module, name) for module, name, members in _displays() if CLOSED[members[0][0]] in MATCHED] == [], (
        "tell it by a match that ends in assert_never"
    )


def test_every_table_holds_every_member() -> None:
    holes = [
        (module, name)
        for module, name, members in _displays()
        if {member for _, member in members} != set(CLOSED[members[0][0]].__members__)
    ]
    assert holes == []


def test_the_walk_sees_the_tables_that_are_known() -> None:
    seen = {(module, name) for module, name, _ in _displays()}
    assert {("model/text.py", "PLACES"), ("judge/record/rules.py", "CONFIRMED_STATES")} <= seen


def _members_of(nodes: Iterable[ast.AST]) -> list[str]:
    """Give the sets whose members these expressions are, one for each that is one."""
    return [
        node.value.id
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in CLOSED
        if node.attr in CLOSED[node.value.id].__members__
    ]


def _choices() -> Iterator[tuple[str, int]]:
    """Give each place within a function that picks several members of one set, by no match that the checker reads."""
    effects = {effect.__name__ for effect in EFFECTS}
    for path in sorted(ROOT.rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                match node:
                    case ast.Set(elts=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts):
                        named = _members_of(parts)
                        kinds = [one for one in parts if isinstance(one, ast.Name) and one.id in effects]
                    case ast.BoolOp(op=ast.Or(), values=values):
                        compared = [one for one in values if isinstance(one, ast.Compare)]
                        named, kinds = _members_of(side for one in compared for side in one.comparators), []
                    case _:
                        continue
                if len(named) > len(set(named)) or len(kinds) > 1:
                    yield str(path.relative_to(ROOT)), node.lineno


def test_no_function_picks_some_members_of_a_set_that_grows() -> None:
    """A new one would not be among them, and the type checker says nothing: a member knows itself, by a property."""
    assert list(_choices()) == []


def _matches() -> Iterator[tuple[str, int, str]]:
    """Give each `match` that names members of a set that grows, or effects, with what its last case does."""
    grow = {*CLOSED, *(effect.__name__ for effect in EFFECTS)}
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Match):
                named = {one.id for case in node.cases for one in ast.walk(case.pattern) if isinstance(one, ast.Name)}
                if named & grow:
                    yield str(path.relative_to(ROOT)), node.lineno, ast.unparse(node.cases[-1])


def test_no_match_has_an_answer_ready_for_a_member_that_does_not_exist_yet() -> None:
    """A `case _` that gives a value takes a new member in, and the type checker says nothing."""
    assert [
        (module, line) for module, line, last in _matches() if not re.search(r"^ +assert_never\(", last, re.MULTILINE)
    ] == []


def test_the_walk_sees_the_matches_that_are_known() -> None:
    seen = {module for module, _, _ in _matches()}
    assert {"model/effect_text.py", "judge/domain.py", "judge/record/fold.py", "model/no_response_text.py"} <= seen


@pytest.mark.parametrize("closed", [RecordState, Position, AnswerClass, FailureReason, Expectation])
def test_every_member_knows_all_of_its_properties(closed: type[Enum]) -> None:
    properties = [name for name, value in vars(closed).items() if isinstance(value, property)]
    assert properties
    for name in properties:
        told = {member: getattr(member, name) for member in closed}
        assert len(set(told.values())) > 1, f"{name} tells nothing apart"


@pytest.mark.parametrize(
    ("part", "key", "closed"),
    [
        (ResolverFile, "transport", Transport),
        (ResolverFile, "sees", ZoneView),
        (WaveFile, "expect", Expectation),
        (StepFile, "expect", Expectation),
        (ExternalDnsFile, "policy", Policy),
        (ExternalDnsFile, "registry", Registry),
    ],
)
def test_a_plan_may_say_each_word_of_a_closed_set(part: type[SchemaPart], key: str, closed: type[Enum]) -> None:
    annotation = part.model_fields[key].annotation
    choices = get_args(annotation)
    words = [word for one in choices for word in (get_args(one) or [one]) if isinstance(word, str)]
    assert words == [member.value for member in closed]


def test_a_state_that_is_a_side_is_that_position() -> None:
    assert {state: state.side for state in RecordState if state.is_side} == {
        RecordState.V1: Position.V1,
        RecordState.V2: Position.V2,
    }
    assert all(state.is_steady and state.is_at_rest for state in RecordState if state.is_side)


def test_an_answer_and_the_position_that_it_gives_agree_on_their_properties() -> None:
    for answer_class, position in POSITIONS.items():
        if position is not None:
            assert (answer_class.is_side, answer_class.leads_to_v1) == (position.is_side, position.leads_to_v1)
            assert answer_class.is_absent is (position is Position.ABSENT)
    assert {AnswerClass.NODATA, AnswerClass.NXDOMAIN} == ABSENT_CLASSES
