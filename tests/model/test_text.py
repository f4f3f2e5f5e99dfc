"""How sentences for people write times, spans, lists, shares and counts."""

import pytest

from probe.model import text
from probe.model.clock import Instant
from probe.model.text import clock_time, duration, listed, moment, percent, plural, rfc3339, short_time, wall

MAX_LISTED = 4
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (-5, "0 s"),
        (0.4, "0 s"),
        (1, "1 s"),
        (119, "119 s"),
        (119.6, "2 min"),
        (121, "2 min 1 s"),
        (3600, "60 min"),
        (7199, "119 min 59 s"),
        (7200, "2 h"),
        (7259, "2 h"),
        (7260, "2 h 1 min"),
        (90_000, "25 h"),
        (86_400 * 2 - 60, "47 h 59 min"),
        (86_400 * 2, "2 d"),
        (86_400 * 4 + 3 * 3_600 + 59, "4 d 3 h"),
    ],
)
def test_a_span_is_written_in_its_two_largest_units(seconds: float, written: str) -> None:
    assert duration(seconds) == written


def test_times_have_their_date_and_their_zone_because_they_are_read_on_another_day() -> None:
    assert wall(1_790_000_000.9) == "2026-09-21 14:13:20 UTC"
    assert moment(Instant(1_790_000_000.0, 5.0)) == moment(1_790_000_000.0) == "2026-09-21 14:13:20 UTC"


def test_a_moment_that_is_told_again_is_not_written_again() -> None:
    moment(Instant(1_790_000_001.5, 5.0))
    written = text._moment.cache_info().misses
    assert moment(Instant(1_790_000_001.5, 7.0)) == moment(1_790_000_001.5)
    assert text._moment.cache_info().misses == written


def test_lists_axes_and_programs_have_the_same_moment_shorter_and_longer() -> None:
    at = Instant(1_790_000_000.25, 5.0)
    assert (short_time(at), clock_time(at), rfc3339(at)) == ("14:13", "14:13:20", "2026-09-21T14:13:20.250Z")
    assert rfc3339(0.0) == "1970-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("items", "written"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a", "b", "c", "d"], "a, b, c and d"),
        (["a", "b", "c", "d", "e"], "a, b, c and 2 more"),
    ],
)
def test_a_list_reads_as_in_a_sentence_and_a_long_one_is_counted(items: list[str], written: str) -> None:
    assert listed(items) == written


def test_no_list_has_more_items_than_a_sentence_bears() -> None:
    assert all(len(listed(["x"] * count).replace(" and ", ", ").split(", ")) <= MAX_LISTED for count in range(1, 40))


@pytest.mark.parametrize(
    ("share", "written"),
    [(0, "0%"), (0.004, "0.4%"), (0.09, "9%"), (0.095, "9.5%"), (0.5, "50%"), (0.995, "99.5%"), (1, "100%")],
)
def test_a_share_near_nothing_or_everything_is_written_to_a_tenth(share: float, written: str) -> None:
    assert percent(share) == written


def test_a_count_has_its_noun_in_the_right_number() -> None:
    assert [plural(count, "server") for count in (0, 1, 2, 1204)] == [
        "0 servers", "1 server", "2 servers", "1,204 servers",
    ]  # fmt: skip
