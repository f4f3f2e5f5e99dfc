"""When an answer that leads to neither side is believed.

A load balancer that grows answers with nodes that the address book has not seen: accusing at the first foreign answer
would cry wolf at every scaling. So the first one asks for the load balancers' names to be looked up again, and
foreign answers become evidence only when all names were answered `BELIEVED_AFTER` seconds or more after the first, and
still do not have it.

Where a third party fights for the record, a side's answers come between the foreign ones again and again. An address
book that is late is late once, and what it learns then is never foreign again. So foreign answers that were denied and
came back, while the book was answered and still does not have them, are a place that the record returns to. They are
believed `BELIEVED_AFTER` seconds after the first of them when they have come back twice, and at once when the changes
there and back have the beat of two controllers.

Until they are believed a second record is kept beside the first: what it is *if* they are. It is folded by the same
rules, it is what is asked about, and it takes the first one's place when they are believed. So nothing that was seen
meanwhile is lost, and every change has its own time.
"""

import math
from collections.abc import Sequence

from probe.judge.context import Context
from probe.judge.record.controllers import LONGEST_INTERVAL, by_controllers, dwells_of
from probe.judge.record.episode import chain
from probe.judge.record.state import Elsewhere, RecordMemory, Remembered
from probe.model.clock import DAY, Instant
from probe.model.name import display
from probe.model.outcome import Response
from probe.model.record import Position, RecordStatus, ServerStatus

BELIEVED_AFTER = 130.0
"""Seconds: the load balancers' own names may be late by two minutes with addresses that are answered already, and what
is doubted is looked up every `DOUBT_EVERY` seconds. A record that really leads elsewhere is accused that much later:
it has been served for so long anyway by any cache, and an address book is to wake no one at night."""

RETURNS = 2
"""Times that foreign answers come back after a series of them was ended, and are believed though no series lasted."""

KNOWN_ADDRESSES = 3
"""Servers that answer with a known address after a foreign one, and end the series: two servers of four that go on
leading elsewhere are not outvoted."""

PERSISTENT = 900.0
"""Seconds after which foreign answers are believed though others come between them, as where a weighted set leads
elsewhere: an address book is not late again and again for a quarter of an hour."""

FORGOTTEN = 300.0
"""Seconds without a foreign answer after which the next one is a first one again; what was believed is remembered for
as long as the slowest controllers may take to come back to it."""

VALUES_KEPT = 4
"""Values of a foreign answer that are remembered: as many as a sentence lists."""

DOUBT_EVERY = 5.0
"""Seconds between two requests to look the names up while foreign answers wait to be believed."""

ON_BEAT = 6.5
"""Log likelihood ratio from which on foreign answers come and go on the beat of two controllers, and not because the
address book is late again and again: odds of 650 to 1. Of 30,000 times four hours in which a book is late four times,
for up to two minutes, four look like that; half of the fights of a minute do by the fourth change."""

CYCLE = 2
"""Dwells of a cycle: less has no beat."""

_LATE_APART = 3600.0  # seconds between two times that a book is late, mean of an exponential: nodes come in the hour
_LATE_AT_ONCE = 0.1  # share of those that follow each other sooner, log-uniform up to a day: nodes come one by one
_TOO_LONG = 1e-3  # share of books that are late for longer than `BELIEVED_AFTER`


def doubt(memory: RecordMemory, response: Response, at: Instant, context: Context) -> tuple[RecordMemory, bool]:
    """Take note of a foreign answer; tell whether to ask for another look-up of the load balancers' names."""
    now, known = at.monotonic, memory.elsewhere
    if _is_forgotten(known, now):
        known = Elsewhere(since=at, run=at)
    elif known.run is None:
        known = known._replace(run=at, returns=known.returns + 1)
    ask = not is_believed(known, context) and (known.doubted is None or now - known.doubted >= DOUBT_EVERY)
    doubted = now if ask else known.doubted
    return memory._replace(elsewhere=known._replace(last=now, denied=0, answer=response, doubted=doubted)), ask


def is_believed(known: Elsewhere, context: Context) -> bool:
    """Tell whether foreign answers are believed by now; what was believed once stays so until it is forgotten."""
    if known.values or not context.book.can_refresh:
        return True
    refreshed = context.book.refreshed_at
    if refreshed is None or known.since is None:
        return False
    asked = refreshed.monotonic - known.since.monotonic
    return (
        (known.run is not None and refreshed.monotonic - known.run.monotonic >= BELIEVED_AFTER)
        or (known.returns >= RETURNS and asked >= BELIEVED_AFTER)
        or asked >= PERSISTENT
    )


def is_on_beat(supposed: Remembered, known: Elsewhere, context: Context) -> bool:
    """Tell whether the changes there and back prove two controllers, the book having been answered meanwhile."""
    refreshed = context.book.refreshed_at
    if refreshed is None or known.since is None or refreshed.monotonic < known.since.monotonic:
        return False
    dwells = dwells_of(chain(*supposed).times)
    if len(dwells) < CYCLE:
        return False
    away = supposed.record.position is not Position.FOREIGN  # in the newest dwell, before the newest change
    return by_controllers(dwells, context.slower_interval) - _by_a_late_book(dwells, newest_away=away) > ON_BEAT


def _by_a_late_book(dwells: list[float], *, newest_away: bool) -> float:
    """Give the log likelihood of dwells elsewhere and at a known place by turns, if it is the book that is late."""
    total, away = 0.0, newest_away
    for dwell in reversed(dwells):
        if away:
            usual = (1.0 if dwell <= BELIEVED_AFTER else _TOO_LONG) / BELIEVED_AFTER
        else:
            usual = (1.0 - _LATE_AT_ONCE) * math.exp(-dwell / _LATE_APART) / _LATE_APART
            usual += _LATE_AT_ONCE / (max(dwell, 1.0) * math.log(DAY))
        total += math.log(usual)
        away = not away
    return total


def believed(known: Elsewhere) -> Elsewhere:
    """Give what is remembered from the moment on at which foreign answers are believed."""
    return known._replace(supposed=None, values=known.values or _values(known.answer))


def deny(memory: RecordMemory, number: int, now: float, context: Context) -> RecordMemory:
    """Take note at the monotonic second `now` of an answer that is not foreign, of the server at `number`.

    To be told while foreign answers, or contested ones, are remembered: it ends what this server said of either kind.
    """
    if memory.contested:
        memory = memory._replace(contested=memory.contested & ~(1 << number))
    known = memory.elsewhere
    if _is_forgotten(known, now):
        return memory._replace(elsewhere=Elsewhere())
    denied = known.denied | 1 << number
    if known.run is not None and denied.bit_count() >= min(KNOWN_ADDRESSES, len(context.servers)):
        if known.answer is not None and _is_learned(known.answer, context):
            return memory._replace(elsewhere=Elsewhere())  # the book was late, and nothing was ever elsewhere
        known = known._replace(run=None)
    return memory._replace(elsewhere=known._replace(denied=denied))


def _is_forgotten(known: Elsewhere, now: float) -> bool:
    """Tell whether no foreign answer came for so long that the next one is a first one again."""
    return known.last is None or now - known.last > (LONGEST_INTERVAL if known.values else FORGOTTEN)


def _is_learned(response: Response, context: Context) -> bool:
    """Tell whether the book has something of a foreign answer by now."""
    values = [value for rrset in response.answer for value in rrset.rdata]
    return any(context.book.side_of(value) or context.book.is_contested(value) for value in values)


def _values(response: Response | None) -> tuple[str, ...]:
    if response is None:
        return ()
    return tuple(sorted({display(value) for rrset in response.answer for value in rrset.rdata})[:VALUES_KEPT])


def is_returning(memory: RecordMemory, at: Instant) -> bool:
    """Tell whether foreign answers that were believed come back again and again, the last of them lately."""
    known = memory.elsewhere
    return bool(known.values) and known.returns >= RETURNS and is_doubted(memory, at)


def doubted(record: RecordStatus, memory: RecordMemory, at: Instant) -> tuple[ServerStatus, ...]:
    """Give the servers whose newest answers lead to neither side and wait to be believed, as they are if they are."""
    known = memory.elsewhere
    if known.supposed is None or known.values or record.position is Position.FOREIGN or not is_doubted(memory, at):
        return ()
    return tuple(server for server in known.supposed.record.servers if server.position is Position.FOREIGN)


def doubted_values(servers: Sequence[ServerStatus]) -> tuple[str, ...]:
    """Give what servers answered that is doubted, each value once."""
    return tuple(sorted({value for server in servers for value in _values(server.response)}))


def is_doubted(memory: RecordMemory, at: Instant) -> bool:
    """Tell whether foreign answers were seen lately and wait to be believed."""
    return memory.elsewhere.last is not None and at.monotonic - memory.elsewhere.last <= FORGOTTEN
