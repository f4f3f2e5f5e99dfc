"""Moments compared on the scale that never steps."""

from probe.model.clock import Instant, earliest, latest


def test_moments_are_in_the_order_of_the_monotonic_scale_whatever_the_wall_clock_says() -> None:
    before, after = Instant(2_000.0, 1.0), Instant(1_000.0, 2.0)  # the wall clock was set back between them
    assert latest([None, after, before]) is after
    assert earliest([after, None, before]) is before


def test_of_no_moment_there_is_neither() -> None:
    assert latest([None]) is None
    assert earliest([]) is None


def test_a_later_moment_is_later_on_both_scales() -> None:
    assert Instant(2_000.0, 1.0).after(60.5) == Instant(2_060.5, 61.5)
