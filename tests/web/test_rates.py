"""Token buckets: how many pass, and after how long the next one does."""

from hypothesis import given
from hypothesis import strategies as st

from probe.web.rates import Bucket, Buckets


def test_a_burst_passes_at_once_and_then_one_each_interval() -> None:
    bucket = Bucket(2.0, 3)

    assert [bucket.take(100.0) for _ in range(4)] == [0.0, 0.0, 0.0, 2.0]
    assert bucket.take(101.5) == 0.5
    assert bucket.take(102.0) == 0.0
    assert bucket.take(102.0) == 2.0


def test_what_was_refused_costs_nothing() -> None:
    bucket = Bucket(1.0, 1)
    bucket.take(0.0)

    for _ in range(1_000):
        bucket.take(0.5)

    assert bucket.take(1.0) == 0.0


@given(st.lists(st.floats(0, 100), max_size=200).map(sorted), st.integers(1, 10))
def test_never_more_than_the_burst_and_one_each_interval_pass(moments: list[float], burst: int) -> None:
    bucket = Bucket(1.0, burst)

    passed = [moment for moment in moments if bucket.take(moment) == 0.0]

    for index, begin in enumerate(passed):
        for count, end in enumerate(passed[index:], start=1):
            assert count <= burst + (end - begin) + 1e-6


def test_keys_do_not_share_a_bucket_and_only_the_newest_are_kept() -> None:
    buckets = Buckets(60.0, 1, most=2)

    assert [buckets.take(key, 0.0) for key in ("a", "b", "a", "b")] == [0.0, 0.0, 60.0, 60.0]
    assert buckets.take("c", 0.0) == 0.0
    assert buckets.take("b", 0.0) == 60.0
    assert buckets.take("a", 0.0) == 0.0
    assert len(buckets._buckets) == 2
