"""When an answer that leads to neither side is believed.

A load balancer that grows answers with nodes that the address book has not seen: accusing at the first foreign answer
would cry wolf at every scaling. So the first one asks for the load balancers' names to be looked up again, and
foreign answers become evidence only when all names were answered `BELIEVED_AFTER` seconds or more after the first, and
still do not have it.

Where a third party fights for the record, a side's answers come between the foreign ones again and again. An address
book that is late is late once: foreign answers that have come back twice after they were denied are a place that the
record returns to, and are believed `BELIEVED_AFTER` seconds after the first of them.
"""

from probe.judge.context import Context
from probe.judge.record.state import RecordMemory
from probe.model.clock import Instant
from probe.model.name import display
from probe.model.outcome import Response

BELIEVED_AFTER = 130.0
"""Seconds: the load balancers' own names may be late by two minutes with addresses that are answered already, and what
is doubted is looked up every `DOUBT_EVERY` seconds. A record that really leads elsewhere is accused that much later:
it has been served for so long anyway by any cache, and nobody is to be woken by an address book."""

RETURNS = 2
"""Times that foreign answers come back after a series of them was ended, and are believed though no series lasted."""

KNOWN_ADDRESSES = 3
"""Servers that answer with a known address after a foreign one, and end the series: two servers of four that go on
leading elsewhere are not outvoted."""

PERSISTENT = 900.0
"""Seconds after which foreign answers are believed though others come between them, as where a weighted set leads
elsewhere: an address book is not late again and again for a quarter of an hour."""

FORGOTTEN = 300.0
"""Seconds without a foreign answer after which the next one is a first one again."""

VALUES_KEPT = 4
"""Values of a foreign answer that are remembered: as many as a sentence lists."""

DOUBT_EVERY = 5.0
"""Seconds between two requests to look the names up while foreign answers wait to be believed."""


def doubt(memory: RecordMemory, response: Response, at: Instant, context: Context) -> tuple[RecordMemory, bool, bool]:
    """Take note of a foreign answer.

    Returns:
        The memory, whether the answer is to be believed by now, and if not, whether to ask for another look-up.
    """
    now = at.monotonic
    since, run, doubted, returns = memory.foreign_since, memory.foreign_run, memory.doubted, memory.foreign_returns
    if since is None or memory.foreign_last is None or now - memory.foreign_last > FORGOTTEN:
        since, run, doubted, returns = now, now, None, 0
    elif run is None:
        run, returns = now, returns + 1
    refreshed = context.book.refreshed_at
    enough = refreshed is not None and (
        refreshed.monotonic >= run + BELIEVED_AFTER
        or (returns >= RETURNS and refreshed.monotonic >= since + BELIEVED_AFTER)
        or refreshed.monotonic >= since + PERSISTENT
    )
    believed = not context.book.can_refresh or enough
    ask = not believed and (doubted is None or now - doubted >= DOUBT_EVERY)
    noted = memory._replace(
        foreign_since=since,
        foreign_run=run,
        foreign_last=now,
        foreign_denied=0,
        foreign_returns=returns,
        foreign_values=memory.foreign_values or (_values(response) if believed else ()),
        doubted=now if ask else doubted,
    )
    return noted, believed, ask


def _values(response: Response) -> tuple[str, ...]:
    return tuple(sorted({display(value) for rrset in response.answer for value in rrset.rdata})[:VALUES_KEPT])


def deny(memory: RecordMemory, number: int, now: float, context: Context) -> RecordMemory:
    """Take note of an answer that is not foreign, of the server at `number`.

    To be told while foreign answers, or contested ones, are remembered: it ends what this server said of either kind.
    """
    if memory.contested:
        memory = memory._replace(contested=memory.contested & ~(1 << number))
    if memory.foreign_last is None or now - memory.foreign_last > FORGOTTEN:
        return memory._replace(
            foreign_since=None,
            foreign_run=None,
            foreign_last=None,
            foreign_denied=0,
            foreign_returns=0,
            foreign_values=(),
            doubted=None,
        )
    denied = memory.foreign_denied | 1 << number
    over = denied.bit_count() >= min(KNOWN_ADDRESSES, len(context.servers))
    return memory._replace(foreign_denied=denied, foreign_run=None if over else memory.foreign_run)


def is_returning(memory: RecordMemory, at: Instant) -> bool:
    """Tell whether foreign answers that were believed come back again and again, the last of them lately."""
    return bool(memory.foreign_values) and memory.foreign_returns >= RETURNS and is_doubted(memory, at)


def is_doubted(memory: RecordMemory, at: Instant) -> bool:
    """Tell whether foreign answers were seen lately and wait to be believed."""
    return memory.foreign_last is not None and at.monotonic - memory.foreign_last <= FORGOTTEN
