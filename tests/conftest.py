"""What holds for every test."""

import gc
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import settings

from tests.workers import how_many, is_one_of_several, own_part, spread

# By default an example that takes more than 200 ms fails its test: on a busy machine that says nothing about the code.
settings.register_profile("busy-machines", deadline=None)
settings.load_profile("busy-machines")


def waits(item: pytest.Item) -> bool:
    """Tell whether a test waits for other programs for most of its time."""
    return any(item.get_closest_marker(name) is not None for name in ("e2e", "real"))


def pytest_collection(session: pytest.Session) -> None:
    """Let each worker read a part of the tests before all read all: in a fresh copy, each would compile everything."""
    gc.disable()  # nearly all that is made now stays: to look for what does not took a sixth of the time
    if is_one_of_several():
        chosen = [Path(argument.partition("::")[0]).absolute() for argument in session.config.args]
        files = sorted({file for one in chosen for file in ([one] if one.is_file() else one.glob("**/test_*.py"))})
        for file in own_part(files):
            # Whatever is wrong with it, or missing for it, is told when it is collected.
            with suppress(Exception, pytest.skip.Exception):
                import_module(".".join(file.relative_to(session.config.rootpath).with_suffix("").parts))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let workers begin with the tests that wait for minutes, in which the others compute; with the longest first.

    A file with long tests comes first as a whole: what its tests share is made once, unless another worker takes some.
    """
    if is_one_of_several():
        with_long = {item.path for item in items if item.get_closest_marker("long")}
        items.sort(key=lambda item: item.path not in with_long)
        items[:] = spread(items, file=lambda item: item.path, waits=waits, workers=how_many())


def pytest_collection_finish() -> None:
    """Look for garbage in what tests make only: the 400,000 objects of what was collected stay until the end."""
    gc.collect()
    gc.freeze()
    gc.enable()
