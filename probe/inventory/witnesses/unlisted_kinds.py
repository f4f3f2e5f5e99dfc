"""Kinds that a cluster did not list, as it had none of them or did not allow it: whether it lists one by now.

No event tells of it, since nothing can be watched that is not defined. So each is asked for with a list of one object,
by the permission that a reading needs anyway. Where that fails nothing is known, and it is asked again: that the API
server is gone is told by its watches.
"""

from collections.abc import Iterable
from contextlib import suppress

import httpx

from probe.inventory.reading.api_server import Resource

OBJECT_OCTETS = 8 * 1024 * 1024
"""Of an event, or of an answer with one object: etcd takes none above 1.5 MiB, which JSON may write in twice as
much."""


async def first_listable(client: httpx.AsyncClient, kinds: Iterable[Resource]) -> Resource | None:
    """Give the first kind that can be listed; None where none can, or where nothing is answered."""
    for kind in kinds:
        with suppress(httpx.HTTPError):
            if await _is_listable(client, kind):
                return kind
    return None


async def _is_listable(client: httpx.AsyncClient, kind: Resource) -> bool:
    """Ask for a kind in the newest version that the cluster has, as a reading does."""
    for path in kind.paths:
        async with client.stream("GET", path, params={"limit": "1"}) as response:
            octets = 0
            async for piece in response.aiter_bytes():  # to its end: the connection is used again
                octets += len(piece)
                if octets > OBJECT_OCTETS:
                    return False
        if response.status_code != httpx.codes.NOT_FOUND:
            return response.status_code == httpx.codes.OK
    return False
