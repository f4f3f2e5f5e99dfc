"""When answers are draws (weights), and when they no longer are.

A server that takes its answer back within `COHERENCE` seconds is incoherent: machines behind its address differ, or
each answer is a draw. Machines differ only while a rewriting travels, so moments of incoherence are counted more than
the grace time apart: twice within one disturbance that never settled, or three times since the newest transition (two
could be the tail of one rewriting and the head of the next). The servers that count are those which were incoherent
more than the grace time after the first moment. Two of them make weights; a single one (four moments) is a machine
that is stuck.

A rewriting cannot do that unless its transition was never confirmed; a record of share p shows 2p(1-p) incoherent
pairs.
"""

from probe.judge.context import Context
from probe.judge.luck import INDEX, NOTHING, SURE_OF_CALM, counted, surprise
from probe.judge.memory import Memory, counts
from probe.model.status import Position, RecordStatus

COHERENCE = 1.0
"""Seconds within which two answers of one server count as one question asked twice: a rewritten record agrees with
itself; fights write every few seconds at the most."""

DRAWS_IN_ONE = 2
"""Moments of incoherence, more than the grace time apart, within one disturbance that prove draws."""

DRAWS_IN_ALL = 3
"""The same over a whole segment: one each may come from the change that began it and from the one that ends it."""

DRAWS_OF_A_MACHINE = 10
"""The same while only one server is incoherent. Draws at 100 to 1 show one moment in many minutes, and the moments
after the first fall on one of four servers by chance once in 4^8 = 65,000."""


def count_incoherence(record: RecordStatus, memory: Memory, number: int, now: float, context: Context) -> Memory:
    """Take note that the server at `number` took its answer back at monotonic second `now`."""
    grace = context.probing.grace
    first = now if memory.draw_first is None else memory.draw_first
    if now - first > grace:
        memory = memory._replace(draw_servers=memory.draw_servers | 1 << number)
    if memory.draw_last is None or now - memory.draw_last > grace:
        memory = memory._replace(
            draws=memory.draws + 1, draws_here=memory.draws_here + 1, draw_first=first, draw_last=now
        )
    enough = memory.draws_here >= DRAWS_IN_ONE or memory.draws >= DRAWS_IN_ALL
    if not memory.drawn and ((enough and is_weighted(memory, context)) or memory.draws >= DRAWS_OF_A_MACHINE):
        memory = memory._replace(drawn=True, pool=counts(record))
    return memory


def is_weighted(memory: Memory, context: Context) -> bool:
    """Tell whether so many servers draw that it is the record and not a machine."""
    return memory.draw_servers.bit_count() >= context.quorum


def follow_pool(memory: Memory, position: Position, confirmed: Position | None) -> Memory:
    """Follow the run over all servers; one at the confirmed position that is no luck ends the draws."""
    index = INDEX[position]
    luck = (memory.pool_luck if memory.pool_position is position else 0.0) + surprise(memory.pool, index)
    if luck < SURE_OF_CALM and position is confirmed:
        return without_draws(memory)
    return memory._replace(pool=counted(memory.pool, index), pool_position=position, pool_luck=luck)


def without_draws(memory: Memory) -> Memory:
    """Forget the case for draws: a transition or a long agreement has settled it."""
    return memory._replace(
        draws=0,
        draws_here=0,
        draw_first=None,
        draw_last=None,
        draw_servers=0,
        drawn=False,
        pool=NOTHING,
        pool_position=None,
        pool_luck=0.0,
    )
