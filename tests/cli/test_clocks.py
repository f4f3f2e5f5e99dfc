"""Clocks apart: said from a minute on, in either direction, and never of an answer without a time."""

import pytest

from probe.cli.clocks import clocks_apart

APART = 60.0
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

URL = "https://probe.example.com"
AT = "2026-11-29T16:00:00.000Z"
THEN = 1_795_968_000.0
"""The same moment in seconds since 1970."""


@pytest.mark.parametrize("apart", [0.0, APART - 1, 1 - APART])
def test_an_answer_of_this_minute_is_no_matter(apart: float) -> None:
    assert clocks_apart(URL, AT, THEN + apart) is None


def test_a_clock_ahead_is_a_clock() -> None:
    told = clocks_apart(URL, AT, THEN - APART)
    assert told is not None
    assert told.startswith(f"The answer of {URL} is 60 s ahead of this machine's clock: the clocks are apart. ")


def test_an_answer_of_long_ago_may_be_of_a_daemon_that_stands_still() -> None:
    told = clocks_apart(URL, AT, THEN + 3_600)
    assert told is not None
    assert "is 60 min behind this machine's clock: the clocks are apart, or the daemon stands still." in told


@pytest.mark.parametrize("at", ["", "now", "99999-01-01T00:00:00Z"])
def test_what_is_no_time_says_nothing(at: str) -> None:
    assert clocks_apart(URL, at, THEN) is None
