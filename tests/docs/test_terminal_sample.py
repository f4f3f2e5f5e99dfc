"""README.md: what its terminal shows is what `check` says."""

import re

import pytest

from tests.docs.terminal_sample import shown, taken


def _apart_from_numbers(text: str) -> str:
    """Take out what hangs on the run: moments, shares, which set's owner was answered; and how lines are broken."""
    return re.sub(r"\d+", "N", re.sub(r"TXT owner v[12]( and v2)?", "TXT owner", " ".join(text.split())))


@pytest.mark.long
def test_the_sample_is_what_a_check_says() -> None:
    assert _apart_from_numbers(shown()) == _apart_from_numbers(taken())
