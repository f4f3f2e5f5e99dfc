"""What the workers of a parallel run (pytest-xdist) share, so that it is made once and not once for each of them."""

import fcntl
import itertools
import os
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")


def is_one_of_several() -> bool:
    """Tell whether this process is a worker, beside others."""
    return "PYTEST_XDIST_WORKER" in os.environ


def how_many() -> int:
    """Give the number of workers of this run."""
    return int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))


def own_part(things: Sequence[T]) -> Sequence[T]:
    """Give the part of some things that falls to this worker: neighbours, as they have the most in common."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return things[len(things) * number // how_many() : len(things) * (number + 1) // how_many()]


def shared_by_workers(factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the whole run: workers have theirs inside it."""
    own = factory.getbasetemp()
    return own.parent if is_one_of_several() else own


def spread(tests: Sequence[T], file: Callable[[T], Hashable], waits: Callable[[T], bool], workers: int) -> list[T]:
    """Put the tests that wait where three of four workers begin, file by file in turn.

    Each worker is given an equal part of the list, in its order, and whoever has nothing left takes from the end of
    another's part. So the files that wait run beside each other and beside what computes, from the first minute on,
    none of them is left for the end, and what a file's tests share is made once. A worker that waits takes about a
    third of a core, one that computes a whole one: three of four keep two cores busy. Of what computes, those that
    compute alone are given the first, and the last, of which others take, stands behind what waits.
    """
    waiting = max(workers * 3 // 4, 1)
    parts: list[list[T]] = [[] for _ in range(workers)]
    for number, (_, together) in enumerate(itertools.groupby(filter(waits, tests), file)):
        parts[number % waiting].extend(together)
    others = iter([test for test in tests if not waits(test)])
    for part in reversed(parts):
        part.extend(itertools.islice(others, max(len(tests) // workers - len(part), 0)))
    parts[-1].extend(others)
    return list(itertools.chain.from_iterable(parts))


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Hold a lock between processes; the system takes it back when its holder ends in any way."""
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
