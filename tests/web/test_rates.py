"""Each client has a bucket of its own, and their number is bounded."""

from probe.web.rates import Buckets


def test_keys_do_not_share_a_bucket_and_only_the_newest_are_kept() -> None:
    buckets = Buckets(60.0, 1, most=2)

    assert [buckets.take_or_wait(key, 0.0) for key in ("a", "b", "a", "b")] == [0.0, 0.0, 60.0, 60.0]
    assert buckets.take_or_wait("c", 0.0) == 0.0
    assert buckets.take_or_wait("b", 0.0) == 60.0
    assert buckets.take_or_wait("a", 0.0) == 0.0
    assert len(buckets._buckets) == 2
