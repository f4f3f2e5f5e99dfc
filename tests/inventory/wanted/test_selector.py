"""Selectors as Kubernetes reads them."""

import pytest

from probe.inventory.wanted.selector import parse_selector

LABELS = {"app": "web", "kubernetes.io/ingress.class": "alb"}


@pytest.mark.parametrize(
    ("text", "selects"),
    [
        ("", True),
        ("app=web", True),
        ("app==web,kubernetes.io/ingress.class in (alb, nginx)", True),
        ("app = api", False),
        ("app!=web", False),
        ("missing!=x", True),
        ("missing notin (x)", True),
        ("missing in (x)", False),
        ("app", True),
        ("!app", False),
        ("!missing , app", True),
    ],
)
def test_requirements_hold_together(text: str, selects: bool) -> None:  # noqa: FBT001  # a column of the table
    selector = parse_selector(text)
    assert selector is not None
    assert selector.selects(LABELS) is selects


@pytest.mark.parametrize("text", ["app=web web", "(", "app in (a", "=x", "a,,b"])
def test_what_is_no_selector_is_none(text: str) -> None:
    assert parse_selector(text) is None
