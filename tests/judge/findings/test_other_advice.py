"""What findings advise otherwise than their code: the catalogue lists all of it, so that an alert can say the same."""

import ast
import inspect
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import pytest

from probe.judge.findings.catalogue import CATALOGUE
from probe.judge.findings.flap_cause import CAUSES, attribute
from probe.model.advice import UNLISTED, USUAL, Advise, always
from probe.model.finding import FindingCode
from probe.model.first_step import FirstStep
from probe.model.record import Position
from tests.judge.findings import test_takeover
from tests.judge.ownership.owned import owned
from tests.wording.findings import example

FLAPS = (*CAUSES, FindingCode.FLIP_FLOP)


def _of(function: Callable[..., Any]) -> FunctionType:
    """The rule itself, where `public` stands around it."""
    inner = inspect.getclosurevars(function).nonlocals.get("rule", function)
    whole = inspect.unwrap(inner)
    assert isinstance(whole, FunctionType)
    return whole


def _reached(function: FunctionType) -> Iterator[FunctionType]:
    """A function of the findings, and those of the findings that it names."""
    waiting, seen = [function], {function}
    while waiting:
        one = waiting.pop()
        yield one
        names = {node.id for node in ast.walk(ast.parse(inspect.getsource(one))) if isinstance(node, ast.Name)}
        named = {one.__globals__.get(name) for name in names if one.__globals__.get(name).__hash__ is not None}
        beside = {
            other
            for other in named
            if isinstance(other, FunctionType) and other.__module__.startswith("probe.judge.findings.")
        }
        waiting += beside - seen
        seen |= beside


def _said_by(function: Callable[..., Any]) -> set[Advise]:
    """What a rule gives as `advise`, in its own source and that of what it calls."""
    return {
        said
        for one in _reached(_of(function))
        for node in ast.walk(ast.parse(inspect.getsource(one)))
        if isinstance(node, ast.keyword) and node.arg == "advise"
        for said in _values(node.value, one)
    }


def _values(node: ast.expr, within: FunctionType) -> Iterator[Advise]:
    """What an expression may give, without its conditions.

    An advice that is made of evidence has no key: what its code advises as a rule has to do for it as well.
    """
    if isinstance(node, ast.IfExp):
        yield from _values(node.body, within)
        yield from _values(node.orelse, within)
    elif isinstance(node, ast.Name):
        yield within.__globals__[node.id]
    elif isinstance(node, ast.Call):
        assert isinstance(node.func, ast.Name)
        called = within.__globals__[node.func.id]
        if called.__module__.startswith("probe.judge.findings."):
            for returned in ast.walk(ast.parse(inspect.getsource(called))):
                if isinstance(returned, ast.Return) and returned.value is not None:
                    yield from _values(returned.value, called)
    else:
        assert isinstance(node, ast.Constant), ast.dump(node)


def _listed(code: str) -> set[Advise]:
    return {other.advise for other in CATALOGUE[code].others}


@pytest.mark.parametrize("code", [code for code, one in CATALOGUE.items() if one.rule is not None])
def test_the_catalogue_lists_what_a_rule_advises_otherwise_and_nothing_else(code: str) -> None:
    rule = CATALOGUE[code].rule
    assert rule is not None

    assert _said_by(rule) == _listed(code)


def test_the_catalogue_lists_what_is_advised_otherwise_about_what_flaps() -> None:
    assert _said_by(attribute) == set[Advise]().union(*map(_listed, FLAPS))


def test_the_rules_are_read_far_enough_to_see_an_advice() -> None:
    assert {len(_listed(code)) for code in ("unowned", "premature", "negative-cached")} == {3, 2, 1}


@pytest.mark.parametrize("code", CATALOGUE)
def test_each_advice_of_a_code_has_a_key_of_its_own_and_is_another_one(code: str) -> None:
    declared = CATALOGUE[code]
    keys = [other.key for other in declared.others]

    assert len({*keys, USUAL, UNLISTED}) == len(keys) + 2
    assert declared.advise not in _listed(code)
    assert {declared.key(other.advise): other.advise for other in declared.others} == {
        other.key: other.advise for other in declared.others
    }


def test_an_advice_that_the_catalogue_lacks_is_told_as_that_and_never_as_the_usual_one() -> None:
    own = always(FirstStep("Do something else."), "")

    assert CATALOGUE["outage"].key(own) == UNLISTED
    assert CATALOGUE["stale-owner"].key(own) == UNLISTED


def test_a_finding_tells_which_advice_it_has_where_its_code_has_several() -> None:
    assert example(FindingCode.OUTAGE).advice == USUAL
    assert example(FindingCode.STALE_OWNER).advice == ""


def test_a_finding_with_another_advice_than_its_code_has_that_ones_key() -> None:
    told = test_takeover.story()
    told.stand(Position.V1, 60, owned("eks-v1"))
    for _ in range(4):
        told.stand(Position.ABSENT, 20, {})
        told.stand(Position.V1, 20, owned("eks-v1"))

    assert told.finding("fight-delete-create").advice == "stop-deleting"
