"""In which order the workers of a parallel run are given the tests."""

import pytest

from tests.workers import own_part, spread


def in_order(tests: list[str], workers: int) -> list[str]:
    return spread(tests, file=lambda test: test[0], waits=str.isupper, workers=workers)


def test_files_that_wait_begin_the_parts_of_three_in_four_workers_by_turns_and_none_is_torn() -> None:
    tests = ["a1", "a2", "a3", "W1", "W2", "b1", "X1", "Y1", "Y2", "Z1", "b2", "b3", "b4", "b5", "b6", "b7"]
    assert in_order(tests, 4) == [
        *("W1", "W2", "Z1", "b7"),
        *("X1", "b4", "b5", "b6"),
        *("Y1", "Y2", "b2", "b3"),
        *("a1", "a2", "a3", "b1"),
    ]


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 5, 16])
@pytest.mark.parametrize(
    "tests", [["W1", "W2", "X1", "a1"], ["W1", "W2"], ["a1", "b1"], [], ["a1", "W1", "b1", "X1", "b2"]], ids=str
)
def test_whatever_waits_every_test_is_run_once(tests: list[str], workers: int) -> None:
    assert sorted(in_order(tests, workers)) == sorted(tests)


@pytest.mark.parametrize("workers", [1, 2, 3, 5, 16])
def test_every_thing_falls_to_one_worker(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", str(workers))
    parts: list[str] = []
    for number in range(workers):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", f"gw{number}")
        parts.append("".join(own_part("abcdefg")))
    assert "".join(parts) == "abcdefg"
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
