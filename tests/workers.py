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


def shared_by_workers(factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the whole run: workers have theirs inside it."""
    own = factory.getbasetemp()
    return own.parent if is_one_of_several() else own


def spread(tests: Sequence[T], file: Callable[[T], Hashable], waits: Callable[[T], bool]) -> list[T]:
    """Put the tests that wait where two workers begin: at the first of the list and at its middle, file by file.

    Each worker is given an equal part of the list, in its order, and whoever has nothing left takes from the end of
    another's part. So the files that wait run beside each other and beside what computes, from the first minute on,
    and what a file's tests share is made once.
    """
    others = [test for test in tests if not waits(test)]
    first: list[T] = []
    middle: list[T] = []
    for number, (_, together) in enumerate(itertools.groupby(filter(waits, tests), file)):
        (middle if number % 2 else first).extend(together)
    before = max(len(tests) // 2 - len(first), 0)
    return first + others[:before] + middle + others[before:]


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Hold a lock between processes; the system takes it back when its holder ends in any way."""
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
