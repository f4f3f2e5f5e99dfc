"""Reading the plan that a command is given: a file, or `-` for standard input."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from probe.config.document import MAX_BYTES
from probe.config.load import PLAN, doubts, load_content
from probe.config.mistakes import STREAM, Mistake, PlanError
from probe.config.source import content_of
from probe.model.plan import Plan

STANDARD_INPUT = Path("-")
"""How it is written on the command line."""


def read_plan(path: Path) -> Plan:
    """Read and check a plan. From standard input, relative paths in it start at the working directory.

    Raises:
        PlanError: It cannot be read, or is not a good plan.
    """
    with without_collections():
        return load_content(*_content(path))


def read_plan_and_doubts(path: Path) -> tuple[Plan, tuple[Mistake, ...]]:
    """Read and check a plan, and tell what it says and probably does not mean.

    Raises:
        PlanError: It cannot be read, or is not a good plan.
    """
    with without_collections():
        content = _content(path)
        return load_content(*content), doubts(*content)


def shown(path: Path) -> str:
    """Name where a plan comes from, as mistakes in it are named."""
    return STREAM if path == STANDARD_INPUT else str(path)


def _content(path: Path) -> tuple[bytes, Path]:
    """Give what a plan says, and its name in messages."""
    if path != STANDARD_INPUT:
        return content_of(path, PLAN, PlanError), path
    return sys.stdin.buffer.read(MAX_BYTES + 1), Path(STREAM)


@contextmanager
def without_collections() -> Iterator[None]:
    """Look for no garbage meanwhile: 10,000 domains are a million new objects, and none of them is any.

    Going through them takes half of the time of reading such a plan. For a process that does nothing else at the time.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.freeze()  # what was read is no garbage later either: the next look would begin with all of it
            gc.enable()
