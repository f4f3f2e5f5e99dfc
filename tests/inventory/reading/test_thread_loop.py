"""The loop of a reading's thread: nothing of it is left to wait for."""

import asyncio
from typing import Any

from probe.inventory.reading.thread_loop import ThreadLoop


def test_names_are_looked_up_in_the_thread_of_the_loop() -> None:
    with asyncio.Runner(loop_factory=ThreadLoop) as runner:
        found = runner.run(_looked_up())
    assert found[0][4][0] == "127.0.0.1"


async def _looked_up() -> list[Any]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo("127.0.0.1", 443)
    assert getattr(loop, "_default_executor", None) is None
    return list(found)
