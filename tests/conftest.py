"""What holds for every test."""

import pytest
from hypothesis import settings

from tests.workers import how_many, is_one_of_several, spread

# By default an example that takes more than 200 ms fails its test: on a busy machine that says nothing about the code.
settings.register_profile("busy-machines", deadline=None)
settings.load_profile("busy-machines")


def waits(item: pytest.Item) -> bool:
    """Tell whether a test waits for other programs for most of its time."""
    return any(item.get_closest_marker(name) is not None for name in ("e2e", "real"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let workers begin with the tests that wait for minutes, in which the others compute; with the longest first."""
    if is_one_of_several():
        items.sort(key=lambda item: not (waits(item) and item.get_closest_marker("long")))
        items[:] = spread(items, file=lambda item: item.path, waits=waits, workers=how_many())
