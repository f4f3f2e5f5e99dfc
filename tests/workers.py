"""What the workers of a parallel run (pytest-xdist) share, so that it is made once and not once for each of them."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def shared_by_workers(factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the whole run: workers have theirs inside it."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Hold a lock between processes; the system takes it back when its holder ends in any way."""
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
