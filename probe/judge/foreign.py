"""When an answer that leads to neither side is believed.

A load balancer that grows answers with nodes that the address book has not seen: accusing at the first foreign answer
would cry wolf at every scaling. So the first one asks for the load balancers' names to be looked up again, and
foreign answers become evidence only when all names were answered `PATIENCE` seconds or more after the first, and
still do not have it.
"""

from probe.judge.context import Context
from probe.judge.memory import Memory
from probe.model.clock import Instant

PATIENCE = 30.0
"""Seconds: a growing load balancer shows a new node to some look-ups first, since an answer holds only eight addresses;
a regular round of look-ups and the extra ones fit into that."""

FORGOTTEN = 300.0
"""Seconds without a foreign answer after which the next one is a first one again."""

DOUBT_EVERY = 5.0
"""Seconds between two requests to look the names up while foreign answers wait to be believed."""


def doubt(memory: Memory, at: Instant, context: Context) -> tuple[Memory, bool, bool]:
    """Take note of a foreign answer.

    Returns:
        The memory, whether the answer is to be believed by now, and if not, whether to ask for another look-up.
    """
    now = at.monotonic
    since, last, doubted = memory.foreign_since, memory.foreign_last, memory.doubted
    if since is None or last is None or now - last > FORGOTTEN:
        since, doubted = now, None
    refreshed = context.book.refreshed_at
    believed = not context.book.can_refresh or (refreshed is not None and refreshed.monotonic >= since + PATIENCE)
    ask = not believed and (doubted is None or now - doubted >= DOUBT_EVERY)
    return memory._replace(foreign_since=since, foreign_last=now, doubted=now if ask else doubted), believed, ask


def is_doubted(memory: Memory, at: Instant) -> bool:
    """Tell whether foreign answers were seen lately and wait to be believed."""
    return memory.foreign_last is not None and at.monotonic - memory.foreign_last <= FORGOTTEN
