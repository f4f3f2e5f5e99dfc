"""A bucket gives its rate, a small burst, and never more."""

from hypothesis import given
from hypothesis import strategies as st

from probe.wire.transport.pacing import ServerPace

BURST_SECONDS, LATENESS_SECONDS, RELEASE_SECONDS, OWED = 0.1, 0.05, 0.02, 1e-3
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


def taken(bucket: ServerPace, now: float) -> int:
    count = 0
    while bucket.take(now):
        count += 1
    return count


def taken_of(bucket: ServerPace, now: float, wanted: int) -> int:
    return sum(bucket.take(now) for _ in range(wanted))


def test_a_burst_and_what_grows_while_the_loop_is_late_are_saved_and_one_at_least() -> None:
    assert taken(ServerPace(20.0, 0.0), 0.0) == 3
    assert taken(ServerPace(0.5, 0.0), 0.0) == 1


def test_idle_time_saves_up_no_more_than_one_burst() -> None:
    bucket = ServerPace(20.0, 0.0)
    assert taken(bucket, 100.0) == 3
    assert taken(bucket, 100.0) == 0


def test_the_next_token_is_there_when_it_is_due_and_not_before() -> None:
    bucket = ServerPace(20.0, 0.0)
    taken(bucket, 0.0)
    due = bucket.due()
    assert not bucket.take(due - 0.001)
    assert bucket.take(due)


def test_an_alarm_that_comes_a_rounding_error_early_finds_its_token_and_one_that_is_early_does_not() -> None:
    """A thousandth of a token may be owed: 50 microseconds of twenty a second."""
    for early, there in ((0.9, True), (1.1, False)):
        bucket = ServerPace(20.0, 0.0)
        taken(bucket, 0.0)
        assert bucket.take(bucket.due() - early * OWED / 20.0) is there


def test_a_token_that_was_given_back_can_be_taken_again() -> None:
    bucket = ServerPace(20.0, 0.0)
    assert taken(bucket, 0.0) == 3
    bucket.give_back()
    assert taken(bucket, 0.0) == 1


def test_another_rate_comes_without_a_burst() -> None:
    bucket = ServerPace(1.0, 0.0)
    taken(bucket, 0.0)
    bucket.change_rate(100.0, 0.5)
    assert taken(bucket, 0.5) == 0
    assert taken(bucket, 0.6) == 10


@given(st.floats(0.1, 5000.0), st.lists(st.floats(0.0, 3.0), min_size=1, max_size=60))
def test_no_span_of_time_gets_more_than_its_rate_and_one_burst(rate: float, steps: list[float]) -> None:
    bucket = ServerPace(rate, 0.0)
    now = 0.0
    count = 0
    for step in steps:
        now += step
        for _ in range(50):
            count += bucket.take(now)
    assert count <= now * rate + max(1.0, rate * (BURST_SECONDS + LATENESS_SECONDS)) + rate * RELEASE_SECONDS + 1e-3


def spare(bucket: ServerPace, now: float) -> int:
    count = 0
    while bucket.take_spare(now):
        count += 1
    return count


def test_what_yields_leaves_a_moments_questions_to_what_does_not() -> None:
    """Two calm turns may leave at one moment (`probe.runtime.slots`), right after it."""
    bucket = ServerPace(20.0, 0.0)
    assert spare(bucket, 0.0) == 1
    assert taken(bucket, 0.0) == 2


def test_calm_turns_that_are_half_a_moment_late_wait_for_nothing_and_neither_do_those_of_the_next() -> None:
    """Two a moment, a moment less than a tenth of a second: all that a server of twenty a second has time for."""
    bucket, moment, late = ServerPace(20.0, 0.0), 0.1, 0.05
    for number in range(1, 100):
        at = number * moment + (late if number % 10 == 0 else 0.0)
        assert taken_of(bucket, at, 2) == 2, number


def test_what_yields_has_the_whole_rate_while_nothing_else_is_asked() -> None:
    for rate in (0.5, 7.0, 10.0, 15.0, 20.0, 500.0):
        bucket = ServerPace(rate, 0.0)
        times, now = 0, 0.0
        while now < 60.0:
            times += spare(bucket, now)
            now = bucket.spare_due() + 1e-9
        assert abs(times - 60.0 * rate) <= 1 + rate * (BURST_SECONDS + LATENESS_SECONDS + RELEASE_SECONDS)


@given(st.floats(0.1, 500.0), st.integers(0, 10**6))
def test_nobody_loses_a_turn_by_waiting_for_the_next_release(rate: float, begins: int) -> None:
    for take in (taken, spare):
        release = begins
        bucket = ServerPace(rate, release * RELEASE_SECONDS)
        times = 0
        for release in range(begins, begins + 3000):
            times += take(bucket, release * RELEASE_SECONDS)
        assert times >= 2999 * RELEASE_SECONDS * rate - 1


def test_a_spare_token_is_there_when_it_is_due_and_not_before() -> None:
    for rate in (0.5, 15.0, 20.0):
        bucket = ServerPace(rate, 0.0)
        spare(bucket, 0.0)
        due = bucket.spare_due()
        assert not bucket.take_spare(due - 0.01 / rate)
        assert bucket.take_spare(due)
