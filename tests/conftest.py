"""What holds for every test."""

import pytest
from hypothesis import settings

from tests.workers import is_one_of_several, spread

# By default an example that takes more than 200 ms fails its test: on a busy machine that says nothing about the code.
settings.register_profile("busy-machines", deadline=None)
settings.load_profile("busy-machines")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let two workers begin with the end-to-end tests: they wait for minutes, in which the others compute."""
    if is_one_of_several():
        items[:] = spread(
            items, file=lambda item: item.path, waits=lambda item: item.get_closest_marker("e2e") is not None
        )
