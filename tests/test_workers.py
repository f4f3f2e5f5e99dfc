"""In which order the workers of a parallel run are given the tests."""

from tests.workers import spread


def test_files_that_wait_begin_two_halves_by_turns_and_nothing_is_lost_or_torn() -> None:
    tests = ["a1", "a2", "a3", "W1", "W2", "b1", "X1", "Y1", "Y2", "b2", "b3", "b4"]
    assert spread(tests, file=lambda test: test[0], waits=str.isupper) == [
        *("W1", "W2", "Y1", "Y2", "a1", "a2"),
        *("X1", "a3", "b1", "b2", "b3", "b4"),
    ]


def test_where_more_than_half_wait_or_nothing_does_every_test_is_run_once() -> None:
    for tests in (["W1", "W2", "X1", "a1"], ["W1", "W2"], ["a1", "b1"], []):
        assert sorted(spread(tests, file=lambda test: test[0], waits=str.isupper)) == sorted(tests)
