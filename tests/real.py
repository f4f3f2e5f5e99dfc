"""Real servers from Debian's packages: skipped when one is not installed, failed when REQUIRE_REAL=1."""

import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

import pytest

# Debian puts daemons where an ordinary user's PATH does not look, and pip programs beside the interpreter.
_SEARCH_PATH = os.pathsep.join(
    [os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/sbin", str(Path(sys.executable).parent)]
)


def require(program: str) -> str:
    """Give the path of `program`, or skip the test (fail it with REQUIRE_REAL=1)."""
    path = shutil.which(program, path=_SEARCH_PATH)
    if path is None:
        do_without(f"{program} is not installed: its tests against the real server cannot run")
    return path


def do_without(message: str) -> NoReturn:
    """Skip the test, with the reason (fail it with REQUIRE_REAL=1)."""
    if os.environ.get("REQUIRE_REAL") == "1":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
