"""When answers are draws (weights), when they no longer are, and when they change too fast to be followed.

A server that takes its answer back within `COHERENCE` seconds is incoherent: machines behind its address differ, or
each answer is a draw. Machines differ only while a rewriting travels, so moments of incoherence are counted more than
the grace time apart. Draws are proven

- within one disturbance that never settles: when the pairs of answers counted after the grace time have no memory
  (`probe.judge.pairs`);
- over disturbances that each settled back: when three of them were incoherent since the newest transition (two could be
  the tail of one rewriting and the head of the next).

The servers that count are those which were incoherent more than the grace time after the first moment. Two of them make
weights; a single one (ten moments) is a machine that is stuck.

And when the pairs of a disturbance that never settles do have a memory, at two servers and beyond any luck, then the
record is rewritten again and again, faster than the machines follow: a fight, though no single transition of it could
be confirmed.
"""

from probe.judge.context import Context
from probe.judge.luck import INDEX, NOTHING, SURE_OF_CALM, counted, surprise
from probe.judge.memory import Memory, counts
from probe.judge.pairs import memorability
from probe.model.status import Position, RecordStatus

ENOUGH_PAIRS = 120
"""Pairs that have to be counted before their lack of memory proves anything: a minute of rounds at four servers. An
excess of 0.25, as of four machines behind each server in a fight of ten seconds, shows with 2.7 deviations then."""

AFTER_A_FIGHT = 5
"""Times as many pairs that it takes to believe in draws where a fight was found: ending an alarm has time."""

NO_MEMORY = 2.5
"""Standard deviations up to which pairs count as without memory: draws stay below with 99.4 % at a look, and are looked
at again with the next pairs."""

MEMORY = 6.0
"""Standard deviations that are no luck whatever the number of looks: 1e-9."""

RESTLESS_GRACES = 2.0
"""Grace times for which pairs are counted before a memory makes a fight: a change and its reversal each take one."""

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
            draws=memory.draws + (memory.draws_here == 0),
            draws_here=memory.draws_here + 1,
            draw_first=first,
            draw_last=now,
        )
    if memory.drawn or memory.fighting:
        return memory
    over_all = memory.draws >= DRAWS_IN_ALL and is_weighted(memory, context)
    if over_all or max(memory.draws, memory.draws_here) >= DRAWS_OF_A_MACHINE:
        memory = memory._replace(drawn=True, pool=counts(record))
    return memory


def weigh_pairs(record: RecordStatus, memory: Memory, start: float, now: float, context: Context) -> Memory:
    """Let the pairs counted from monotonic second `start` on decide between draws, a fight, and waiting for more."""
    told = memorability(record, start)
    enough = ENOUGH_PAIRS * (AFTER_A_FIGHT if memory.fighting else 1)
    if told.pairs < enough or told.servers < context.quorum:
        return memory
    if told.z < NO_MEMORY and is_weighted(memory, context):
        return memory._replace(drawn=True, pool=counts(record))
    if told.z > MEMORY and now - start > RESTLESS_GRACES * context.probing.grace:
        return memory._replace(fighting=True)
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
