"""Letting others have a turn of the event loop in between."""

import types
from collections.abc import Generator


@types.coroutine
def let_others_run() -> Generator[None, None, None]:
    """Give the event loop one turn, whatever a Clock makes of waiting for nothing."""
    yield
