"""Times and addresses, as people read them."""

import pytest

from probe.web.words import counted, domain_url, span


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0 s"),
        (0.4, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (185, "3 min 5 s"),
        (7_800, "2 h 10 min"),
        (86_400 * 4 + 3 * 3_600 + 59, "4 d 3 h"),
    ],
)
def test_durations_are_told_in_two_units(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_a_name_stays_one_segment_of_its_path() -> None:
    assert domain_url("a/b?c#d.example.com.") == "/domains/a%2Fb%3Fc%23d.example.com"


def test_things_are_counted_in_thousands() -> None:
    assert [counted(number, "domain") for number in (0, 1, 12_345)] == ["0 domains", "1 domain", "12,345 domains"]
