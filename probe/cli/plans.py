"""Reading the plan that a command is given: a file, or `-` for standard input."""

import sys
from pathlib import Path

from probe.config.document import MAX_BYTES
from probe.config.load import load, load_content
from probe.model.plan import Plan

STANDARD_INPUT = Path("-")
"""How it is written on the command line."""


def read_plan(path: Path) -> Plan:
    """Read and check a plan. From standard input, relative paths in it start at the working directory.

    Raises:
        PlanError: It cannot be read, or is not a good plan.
    """
    if path != STANDARD_INPUT:
        return load(path)
    return load_content(sys.stdin.buffer.read(MAX_BYTES + 1), Path("<standard input>"))
