"""When a position is confirmed: the first one, and every transition from one to another.

The first position needs every server to have been heard or to have failed, more than half of those heard to agree,
and a quorum of the living ones (`probe.judge.record.state.quorum`) to have said so twice. So no two positions can both
be first, whatever the order of the answers.

A transition needs servers whose run of answers broke with what they said before in their segment: a quorum of them with
two answers or more each, more of them than went anywhere else, and all their runs together beyond chance
(`probe.judge.record.likelihood`). A server that kept an old position all the time is no witness for going back to it:
its run broke with nothing. Nor is one that has not followed the newest transition yet: one of its machines may have
heard of it, and the others say what stood before. And a transition is never dated before the one that went before it.

Nor is what was written between two places a third change because slow servers hear of it after the last: of a host that
is deleted and made again at the other side within seconds, a quick server tells the new place alone, and slow ones go
by way of nothing. None of those has followed the newest transition, and one that has stands by it: so it counts only
when the grace time of that transition is over, or one that followed has left. Of 2,000 such hand-overs, over servers
that are 5 to 20 s late, 4 had a change that was never written.

Where resolvers answer out of their caches (`probe.judge.answer.held`) each fetch is one answer, and there are too few
to rule out chance in any useful time. A change is believed there when `AGREEING_RUN` fetches in all show it, at a
quorum of the resolvers and with none elsewhere in the majority; and the first position by one fetch, because asking
again before the answer has run out would only read it again. So draws look like changes there, and a record that is
drawn flaps, unless weights are declared.

A record that changes when it was hardly known yet would need endless runs, because few answers before them leave every
share possible. There it is enough that for longer than the grace time no server has said anything else.

So it is where a zone has got other servers, as when it moves to another hosted zone that leads elsewhere already: what
they say breaks with nothing that they said before, and what those that are gone said, nobody can take back. All of them
have to say so; where none of those before is left, most of them, as for the first position.
"""

from collections.abc import Sequence
from typing import NamedTuple

from probe.judge.context import Context
from probe.judge.neighbours import SURE_THOUGH_INCOHERENT, SURE_WITH_NEIGHBOURS, went_along
from probe.judge.record.episode import begins
from probe.judge.record.flapping import TRANSITIONS_KEPT
from probe.judge.record.likelihood import (
    INDEX,
    LONG_RUN,
    NO_COUNTS,
    SURE,
    SURE_AGAINST_DRAWS,
    counted,
    run_likelihood,
    together,
    told_otherwise,
)
from probe.judge.record.state import (
    QUORUM,
    RecordMemory,
    ServerMemory,
    Voters,
    begin_segment,
    is_contradicted,
    quorum,
    voters,
    voters_with_memory,
    without_draws,
)
from probe.model.clock import Instant
from probe.model.record import Position, RecordStatus, ServerStatus, Transition

AGREEING_RUN = 2
"""Equal answers in a row at a server before it may confirm anything."""

STANDING_RUN = 30
"""Equal answers of all servers together before their standing by them for the grace time counts: 1e-9 for draws at 1 to
1. At a larger share more is left to chance, but then it leads to the place where most answers lead."""


class Confirmed(NamedTuple):
    """A record after an attempt to confirm something, with the transition if there was one."""

    record: RecordStatus
    memory: RecordMemory
    transition: Transition | None = None


def grow(
    server: ServerStatus, memory: ServerMemory, position: Position, record: RecordStatus, version: int
) -> ServerMemory:
    """Add one answer to what is remembered of a server.

    Args:
        server: What was known of it before the answer.
        memory: What was remembered of it.
        position: Where the answer leads.
        record: The record.
        version: The address book's by which the answer was classified.
    """
    if server.position is None:
        return ServerMemory(NO_COUNTS, record.transitions, version, record.answers)
    same = server.position is position
    seen = memory.seen if same else counted(memory.seen, INDEX[server.position], server.run)
    segment = memory.segment
    if position is record.position and segment < record.transitions:  # it follows the newest transition
        segment = record.transitions
        seen = NO_COUNTS if told_otherwise(seen, INDEX[position]) else seen
    if seen is memory.seen and segment == memory.segment and version == memory.version:  # the run alone is longer
        return memory
    return ServerMemory(seen, segment, version, memory.told if same else record.answers)


def confirm_first(record: RecordStatus, at: Instant, context: Context) -> RecordStatus:
    """Give a record without a position its first one if the evidence suffices."""
    return record._replace(
        position=_first_position(
            record,
            voters(record, at, context),
            quorum(record, at.monotonic, context),
            1 if context.cache is not None else AGREEING_RUN,
        )
    )


def confirm(record: RecordStatus, memory: RecordMemory, position: Position, at: Instant, context: Context) -> Confirmed:
    """Confirm the transition to `position`, or the first position, whatever it is, if the evidence suffices."""
    if record.position is None:
        return Confirmed(confirm_first(record, at, context), memory)
    if position is record.position or _are_too_few(record, memory, position):  # nearly every answer
        return Confirmed(record, memory)
    witnesses = [] if memory.drawn else _of_other_servers(record, memory, position, at, context)
    witnesses = witnesses or _beyond_chance(record, memory, position, at, context)
    if not witnesses:
        return Confirmed(record, memory)
    began = _began(record, witnesses, at)
    gone = context.uncovered and position is not Position.ABSENT  # a wildcard wrote nothing back
    reversal = _is_reversal(record, position) and not gone
    return _moved(record, memory, Transition(began, record.position, position, reversal, gone), context)


def _beyond_chance(
    record: RecordStatus, memory: RecordMemory, position: Position, at: Instant, context: Context
) -> Voters:
    """Give the servers whose runs at a position broke with what they said before, if these are no chance together."""
    heard = voters_with_memory(record, memory, at, context)
    fresh = [(server, own) for server, own in heard if is_contradicted(server, own)]
    reversal = _is_reversal(record, position)
    going = [
        (server, own)
        for server, own in fresh
        if server.position is position and (not reversal or own.segment == record.transitions)
    ]
    if not reversal and _is_overtaken(record, going, heard, at, context):
        return []
    witnesses = [server for server, _ in going]
    elsewhere = sum(server.position not in (position, record.position) for server, _ in fresh)
    needed = quorum(record, at.monotonic, context)
    if len(witnesses) <= elsewhere or not _say_so_often_enough(witnesses, needed, context):
        return []
    standing = len(witnesses) == len(heard) and not memory.drawn and _stand_by_it(witnesses, at, context)
    fetched = context.cache is not None and not memory.drawn
    if not standing and not fetched:
        likelihood = sum(run_likelihood(own.seen, INDEX[position], server.run) for server, own in going)
        if likelihood > together(_bar(record, memory, position, at, context), len(heard)):
            return []
    return [] if memory.drawn and sum(server.run for server in witnesses) < LONG_RUN else witnesses


def _is_overtaken(
    record: RecordStatus,
    going: Sequence[tuple[ServerStatus, ServerMemory]],
    heard: Sequence[tuple[ServerStatus, ServerMemory]],
    at: Instant,
    context: Context,
) -> bool:
    """Tell whether where servers go may have been written before the newest transition, which overtook it."""
    if not record.recent or at.monotonic - record.recent[-1].at.monotonic > context.probing.grace:
        return False
    if any(own.segment == record.transitions for _, own in going):
        return False
    return any(own.segment == record.transitions and server.position is record.position for server, own in heard)


def _began(record: RecordStatus, witnesses: Voters, at: Instant) -> Instant:
    """Give the moment of a transition: the first of its witnesses', and no earlier one than the newest's."""
    began = min((server.since or at for server in witnesses), key=_monotonic)
    return max(began, record.recent[-1].at, key=_monotonic) if record.recent else began


def _is_reversal(record: RecordStatus, after: Position) -> bool:
    newest = record.recent[-1] if record.recent else None
    return newest is not None and newest.before is after and newest.after is record.position


def _are_too_few(record: RecordStatus, memory: RecordMemory, position: Position) -> bool:
    """Tell whether the runs at a position are too short to confirm it, whatever the witnesses and what was before."""
    answers = sum(server.run for server in record.servers if server.position is position)
    return answers < (LONG_RUN if memory.drawn else AGREEING_RUN)


def _monotonic(instant: Instant) -> float:
    return instant.monotonic


def _say_so_often_enough(witnesses: Voters, needed: int, context: Context) -> bool:
    """Tell whether a quorum says so, twice each; of what caches fetched, twice in all."""
    if context.cache is not None:
        return len(witnesses) >= needed and sum(server.run for server in witnesses) >= AGREEING_RUN
    return sum(server.run >= AGREEING_RUN for server in witnesses) >= needed


def _bar(record: RecordStatus, memory: RecordMemory, position: Position, at: Instant, context: Context) -> float:
    if memory.drawn:
        return SURE_AGAINST_DRAWS
    if not went_along(context.neighbours, record.position, position, at.monotonic):
        return SURE
    # A change that arrives between two questions looks like one draw: only several of them are a reason to be careful.
    return SURE_WITH_NEIGHBOURS if not memory.draws and not memory.draws_here else SURE_THOUGH_INCOHERENT


def _stand_by_it(witnesses: Voters, at: Instant, context: Context) -> bool:
    """Tell whether the witnesses have said nothing else for longer than the grace time, and often enough."""
    return sum(server.run for server in witnesses) >= STANDING_RUN and all(
        at.monotonic - (server.since or at).monotonic > context.probing.grace for server in witnesses
    )


def _of_other_servers(
    record: RecordStatus, memory: RecordMemory, position: Position, at: Instant, context: Context
) -> Voters:
    """Give the servers that stand by a position where nobody has to break with the one before; none where too few do.

    That is all that have a say, and more than one server that alone is left; where the zone has none of its servers of
    before, most of those. Of what caches hold, each has to have fetched it twice: the first may be what it held before
    it was asked.
    """
    heard = voters(record, at, context)
    there = [server for server in heard if server.position is position]
    enough = 2 * len(there) > len(heard) if memory.replaced else len(there) == len(heard)
    if not enough or len(there) < min(QUORUM, len(record.servers)):
        return []
    if context.cache is None:
        return there if _stand_by_it(there, at, context) else []
    twice = all(
        server.run >= AGREEING_RUN and at.monotonic - (server.since or at).monotonic > context.probing.grace
        for server in there
    )
    return there if twice else []


def _first_position(record: RecordStatus, heard: Voters, needed: int, run: int) -> Position | None:
    if any(server.at is None and server.failures == 0 for server in record.servers):
        return None
    for position in Position:
        agreeing = [server for server in heard if server.position is position]
        often = sum(server.run >= run for server in agreeing)
        if 2 * len(agreeing) > len(heard) and often >= needed:
            return position
    return None


def _moved(record: RecordStatus, memory: RecordMemory, transition: Transition, context: Context) -> Confirmed:
    """Enter the transition; the servers that went along begin new segments."""
    transitions = record.transitions + 1
    recent = (*record.recent, transition)[-TRANSITIONS_KEPT:]
    memory = without_draws(memory)
    memory = memory._replace(
        replaced=False,
        servers=tuple(
            begin_segment(own, transitions)
            if server.position is transition.after and is_contradicted(server, own)
            else own
            for server, own in zip(record.servers, memory.servers, strict=True)
        ),
    )
    record = record._replace(
        position=transition.after,
        transitions=transitions,
        reversals=record.reversals + transition.reversal,
        recent=recent,
    )
    memory = memory._replace(fighting=memory.fighting or begins(record, memory, context))
    return Confirmed(record, memory, transition)
