"""A value that may be anything: readers take from it what they can."""

import pytest

from probe.inventory.reading.node import Budget, Node


def test_what_is_not_there_is_nothing_at_the_nearest_line() -> None:
    node = Node({"a": Node("x", 7)}, 3)
    assert (node["a"]["b"].value, node["a"]["b"].line, node["c"].line) == (None, 7, 3)
    assert list(node) == []
    assert not node["a"].entries


@pytest.mark.parametrize(
    ("text", "whole"), [("300", 300), ("-1", -1), ("", None), ("1.5", None), ("٣", None), ("9" * 13, None)]
)
def test_whole_numbers_are_short_and_plain(text: str, whole: int | None) -> None:
    assert Node(text).whole == whole


def test_a_budget_is_spent_once() -> None:
    budget = Budget(values=2)
    assert [budget.spend(), budget.spend(), budget.spend()] == [True, True, False]
