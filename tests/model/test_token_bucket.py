"""A bucket gives its rate, what is saved, and never more; as a value and in place alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.model.token_bucket import TokenBucket, TokenRate

MOMENTS = st.lists(st.floats(0, 100), max_size=200).map(sorted)


def test_what_is_saved_passes_at_once_and_then_one_each_interval() -> None:
    bucket = TokenBucket(2.0, 3)

    assert [bucket.take_or_wait(100.0) for _ in range(4)] == [0.0, 0.0, 0.0, 2.0]
    assert bucket.take_or_wait(101.5) == 0.5
    assert bucket.take_or_wait(102.0) == 0.0
    assert bucket.take_or_wait(102.0) == 2.0


def test_idle_time_saves_up_no_more_than_the_burst() -> None:
    bucket = TokenBucket(1.0, 3, 0.0)
    assert bucket.debt(1000.0) == -3.0
    assert [bucket.take(1000.0) for _ in range(4)] == [True, True, True, False]


def test_what_was_refused_costs_nothing() -> None:
    bucket = TokenBucket(1.0, 1)
    bucket.take(0.0)

    for _ in range(1_000):
        bucket.take(0.5)

    assert bucket.take(1.0)


def test_the_next_token_is_there_when_it_is_due_and_not_before() -> None:
    bucket = TokenBucket(0.5, 1, 0.0)
    assert bucket.take(0.0)
    assert not bucket.take(0.25)
    assert (bucket.due(), bucket.wait(0.25)) == (0.5, 0.25)
    assert not bucket.take(0.499)
    assert bucket.take(0.5)


def test_an_alarm_may_come_early_by_the_tolerance() -> None:
    strict, lenient = TokenBucket(1.0, 1, 0.0), TokenBucket(1.0, 1, 0.0, tolerance=1e-3)
    assert strict.take(0.0)
    assert lenient.take(0.0)
    assert not strict.take(0.9995)
    assert lenient.take(0.9995)
    assert not lenient.take(1.99)


def test_a_token_that_was_given_back_can_be_taken_again() -> None:
    bucket = TokenBucket(1.0, 2, 0.0)
    assert [bucket.take(0.0) for _ in range(3)] == [True, True, False]
    bucket.give_back()
    assert [bucket.take(0.0) for _ in range(2)] == [True, False]


def test_giving_back_saves_no_more_than_the_burst() -> None:
    bucket = TokenBucket(1.0, 2, 0.0)
    bucket.give_back()
    assert [bucket.take(0.0) for _ in range(3)] == [True, True, False]


def test_what_is_taken_in_advance_is_made_good_before_the_next_one() -> None:
    bucket = TokenBucket(0.5, 2, 10.0)
    bucket.debit(6, 10.0)
    assert bucket.debt(10.0) == 2.0
    assert bucket.wait(10.0) == 2.5
    assert not bucket.take(12.0)
    assert bucket.take(12.5)


def test_another_rate_comes_without_a_burst_and_leaves_what_is_saved() -> None:
    bucket = TokenBucket(1.0, 4, 0.0)
    assert bucket.take(0.0)
    bucket.retune(0.0625, 10, 0.0)
    assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert sum(bucket.take(0.625) for _ in range(20)) == 10
    bucket.retune(1.0, 1, 50.0)
    assert [bucket.take(50.0) for _ in range(2)] == [True, False]


@given(MOMENTS, st.integers(1, 10))
def test_never_more_than_the_burst_and_one_each_interval_pass(moments: list[float], burst: int) -> None:
    bucket = TokenBucket(1.0, burst)

    passed = [moment for moment in moments if bucket.take(moment)]

    for index, begin in enumerate(passed):
        for count, end in enumerate(passed[index:], start=1):
            assert count <= burst + (end - begin) + 1e-6


@given(MOMENTS, st.integers(1, 10))
def test_a_bucket_that_is_a_value_gives_what_one_in_place_gives(moments: list[float], burst: int) -> None:
    rate, bucket = TokenRate(1.0, burst), TokenBucket(1.0, burst, 0.0)
    value = rate.full(0.0)
    for moment in moments:
        after = rate.spent(value, 1, moment)
        assert bucket.take(moment) is (after is not None)
        value = value if after is None else after


def test_a_value_gives_several_at_once_or_none() -> None:
    rate = TokenRate(2.0, 8)
    half = rate.spent(rate.full(0.0), 5, 0.0)
    assert half is not None
    assert rate.held(half, 0.0) == pytest.approx(3)
    assert rate.spent(half, 4, 0.0) is None
    assert rate.spent(half, 4, 2.0) is not None
    assert rate.held(half, 1e6) == 8
