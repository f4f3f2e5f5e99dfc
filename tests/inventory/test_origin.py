"""Text that strangers wrote, as it is shown: bounded, and harmless."""

import pytest

from probe.inventory.origin import Notice, Origin, shown

MAX_SHOWN = 200
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("x" * MAX_SHOWN, "x" * MAX_SHOWN),
        ("x" * (MAX_SHOWN + 1), "x" * MAX_SHOWN + "…"),
        ("a\x1b[31m\nb", "a\\x1b[31m\\nb"),
        ("überall", "überall"),
    ],
)
def test_text_is_shown_on_one_line_as_far_as_it_says_something(text: str, written: str) -> None:
    assert shown(text) == written


def test_a_notice_is_written_behind_its_place_as_editors_link_it() -> None:
    assert str(Notice(Origin("a.yaml", 7), "this is odd")) == "a.yaml:7: this is odd"
    assert str(Notice(Origin("<standard input>"), "this is odd")) == "<standard input>: this is odd"
