"""A value that may be anything: readers take from it what they can."""

import pytest

from probe.inventory.reading.node import Budget, Node, node_of

MAX_DEPTH, DIGITS, VALUES = 256, 12, 2_000_000
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


def test_what_is_not_there_is_nothing_at_the_nearest_line() -> None:
    node = Node({"a": Node("x", 7)}, 3)
    assert (node["a"]["b"].value, node["a"]["b"].line, node["c"].line) == (None, 7, 3)
    assert list(node) == []
    assert not node["a"].entries


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("300", 300),
        ("-1", -1),
        ("9" * DIGITS, 999_999_999_999),
        ("", None),
        ("1.5", None),
        ("٣", None),
        ("9" * 13, None),
    ],
)
def test_whole_numbers_are_short_and_plain(text: str, whole: int | None) -> None:
    assert Node(text).whole == whole


def test_a_budget_is_spent_once() -> None:
    budget = Budget(values=2)
    assert [budget.spend(), budget.spend(), budget.spend()] == [True, True, False]


def test_what_is_read_of_one_source_is_bounded() -> None:
    budget = Budget()
    assert budget.spend(VALUES)
    assert not budget.spend()


def test_what_is_nested_deeper_than_anything_that_is_read_is_nothing() -> None:
    value: object = "leaf"
    for _ in range(MAX_DEPTH + 1):
        value = [value]
    levels, node = 0, node_of(value, Budget())
    while isinstance(node.value, list):
        levels, node = levels + 1, node.value[0]
    assert (levels, node.value) == (MAX_DEPTH + 1, None)
    inner = node_of(value[0] if isinstance(value, list) else None, Budget())
    while isinstance(inner.value, list):
        inner = inner.value[0]
    assert inner.value == "leaf"
