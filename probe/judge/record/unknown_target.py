"""When an answer that leads to neither side is believed.

A load balancer that grows answers with nodes that the address book has not seen: accusing at the first foreign answer
would cry wolf at every scaling. So the first one asks for the load balancers' names to be looked up again, and
foreign answers become evidence only when all names were answered `BELIEVED_AFTER` seconds or more after the first, and
still do not have it.
"""

from probe.judge.context import Context
from probe.judge.record.state import RecordMemory
from probe.model.clock import Instant

BELIEVED_AFTER = 150.0
"""Seconds: the load balancers' own names may be late by two minutes with addresses that are answered already, and a
regular round of look-ups follows half a minute later. A record that really leads elsewhere is accused that much later:
it has been served for so long anyway by any cache, and nobody is to be woken by an address book."""

KNOWN_ADDRESSES = 3
"""Servers that answer with a known address after a foreign one, and end the series: two servers of four that go on
leading elsewhere are not outvoted."""

PERSISTENT = 900.0
"""Seconds after which foreign answers are believed though others come between them, as where a weighted set leads
elsewhere: an address book is not late again and again for a quarter of an hour."""

FORGOTTEN = 300.0
"""Seconds without a foreign answer after which the next one is a first one again."""

DOUBT_EVERY = 5.0
"""Seconds between two requests to look the names up while foreign answers wait to be believed."""


def doubt(memory: RecordMemory, at: Instant, context: Context) -> tuple[RecordMemory, bool, bool]:
    """Take note of a foreign answer.

    Returns:
        The memory, whether the answer is to be believed by now, and if not, whether to ask for another look-up.
    """
    now = at.monotonic
    since, run, doubted = memory.foreign_since, memory.foreign_run, memory.doubted
    if since is None or memory.foreign_last is None or now - memory.foreign_last > FORGOTTEN:
        since, run, doubted = now, None, None
    run = now if run is None else run
    refreshed = context.book.refreshed_at
    enough = refreshed is not None and (
        refreshed.monotonic >= run + BELIEVED_AFTER or refreshed.monotonic >= since + PERSISTENT
    )
    believed = not context.book.can_refresh or enough
    ask = not believed and (doubted is None or now - doubted >= DOUBT_EVERY)
    noted = memory._replace(
        foreign_since=since,
        foreign_run=run,
        foreign_last=now,
        foreign_denied=0,
        doubted=now if ask else doubted,
    )
    return noted, believed, ask


def deny(memory: RecordMemory, number: int, now: float, context: Context) -> RecordMemory:
    """Take note of an answer that is not foreign, of the server at `number`.

    To be told while foreign answers, or contested ones, are remembered: it ends what this server said of either kind.
    """
    if memory.contested:
        memory = memory._replace(contested=memory.contested & ~(1 << number))
    if memory.foreign_last is None or now - memory.foreign_last > FORGOTTEN:
        return memory._replace(foreign_since=None, foreign_run=None, foreign_last=None, foreign_denied=0, doubted=None)
    denied = memory.foreign_denied | 1 << number
    over = denied.bit_count() >= min(KNOWN_ADDRESSES, len(context.servers))
    return memory._replace(foreign_denied=denied, foreign_run=None if over else memory.foreign_run)


def is_doubted(memory: RecordMemory, at: Instant) -> bool:
    """Tell whether foreign answers were seen lately and wait to be believed."""
    return memory.foreign_last is not None and at.monotonic - memory.foreign_last <= FORGOTTEN
