"""A machine that is stuck behind one server's address: which server it is, and when its answers say that it was mended.

One server that contradicts itself while all others agree has several machines, and one of them keeps another record
(`probe.judge.record.weighted`). What the others answer says nothing about that machine. What that server answers does:
the share with which it led elsewhere when the verdict was made, and since, is that of the questions which meet the
machine, and a run of its answers that such a share does not explain (`probe.judge.record.likelihood`) ends the verdict.
Earlier answers are not counted: other machines were late then, and a larger share would be believed sooner. Where all
of the run agree with the others', the machine was mended, or gets no questions any more; where none does, the server as
a whole stands apart, which is another verdict (`probe.judge.record.rules`).

A calm turn brings an answer of one server of four every 28 s. So once its run is longer than the stuck machine lets
most runs be, that server is asked again and again, until it contradicts itself or is believed:

| one machine of | equal answers that end it, where 160 told the share |
| --- | --- |
| 2 | 35 |
| 4 | 93 |
| 8 | 254 |
| 16 | 871 |

Answers do not come faster than `ROUNDS_FOR_ONE` allows, because a router chooses the machine by the ports that a
question goes between, and there are four in use at a time, for ten seconds each (`probe.wire.transport.sockets`): more
questions of the same ports would only meet the same machines.
"""

from probe.judge.record.correlation import newest
from probe.judge.record.likelihood import INDEX, NO_COUNTS, SURE, counted, run_likelihood, told_otherwise
from probe.judge.record.state import Pool, RecordMemory, segment, without_draws
from probe.model.record import Position, RecordState, RecordStatus, ServerStatus

ROUNDS_FOR_ONE = 2
"""Every n-th round of a burst asks the server: a question in two seconds by default, five of ten seconds' four
ports."""

DOUBTED = -1.0
"""Logarithm of the likelihood of a run from which on the server is asked again and again: a third of all runs are as
long while the machine is stuck. That looks for one hour in 25 at machines that stay stuck, and misses at most as many
answers of a calm pace as the machine was met by."""

CALM_PACE = 20.0
"""Seconds between two answers of that server beyond which nobody asks it again and again: rounds take 15 s for a
hundred domains (`probe.judge.polling.crowd`), and calm turns of the default interval 24 s at least to come back to one
of four servers."""


def pool_of(record: RecordStatus, memory: RecordMemory, number: int) -> Pool:
    """Give the answers by which a server's stuck machine is measured: its newest, when it is found."""
    said = segment(record.servers[number], memory.servers[number])
    if memory.correlation is None or memory.reference is None:
        return Pool(said)
    here = INDEX[memory.reference]
    other = max((index for index in INDEX.values() if index != here), key=lambda index: said[index])
    heard, away = newest(memory.correlation, number)
    if not 0 < away < heard:
        return Pool(said)
    return Pool(counted(counted(NO_COUNTS, here, heard - away), other, away))


def wavering(record: RecordStatus, memory: RecordMemory) -> int | None:
    """Give the number of the server that alone contradicts itself, which divides the record; None if none does."""
    if record.state is not RecordState.DIVIDED or not memory.drawn or memory.draw_servers.bit_count() != 1:
        return None
    return memory.draw_servers.bit_length() - 1


def may_be_mended(record: RecordStatus, memory: RecordMemory) -> bool:
    """Tell whether the newest answers of a server with a stuck machine are a reason to ask it again and again."""
    return wavering(record, memory) is not None and _likelihood(memory) < DOUBTED


def is_to_be_asked(record: RecordStatus, memory: RecordMemory, before: ServerStatus, now: float) -> bool:
    """Tell whether an answer, heard at the monotonic second `now`, is a reason to begin with that.

    Args:
        record: The record after the answer.
        memory: What is remembered beside it.
        before: What was known of the answer's server before it.
        now: Monotonic time.
    """
    number = wavering(record, memory)
    if number is None or record.servers[number].server is not before.server:
        return False
    return before.at is not None and now - before.at.monotonic > CALM_PACE and _likelihood(memory) < DOUBTED


def follow(memory: RecordMemory, position: Position) -> RecordMemory:
    """Take in another answer of the server with a stuck machine."""
    pool = memory.pool.grown(position)
    if run_likelihood(pool.before, INDEX[position], pool.run) < SURE:
        return without_draws(memory)
    return memory.with_answer(memory.servers, memory.changed, memory.bin, pool)


def enough(memory: RecordMemory, position: Position) -> int | None:
    """Give how many answers at a position, in a row, are believed of the server with a stuck machine.

    None where nothing else was counted of it: then no number of them proves anything.
    """
    before = memory.pool.before
    if not told_otherwise(before, INDEX[position]):
        return None
    run = 1
    while run_likelihood(before, INDEX[position], run) >= SURE:
        run *= 2
    least = run // 2
    while run - least > 1:
        middle = (least + run) // 2
        least, run = (least, middle) if run_likelihood(before, INDEX[position], middle) < SURE else (middle, run)
    return run


def _likelihood(memory: RecordMemory) -> float:
    before, position, run = memory.pool
    return 0.0 if position is None else run_likelihood(before, INDEX[position], run)
