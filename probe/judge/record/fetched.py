"""A record that is seen through caches: which of its answers are news, and for how long one of them is held.

The theory stands in `probe.judge.answer.held`. What is needed of the past is there already: the newest answer of a
server, and when it came.
"""

from itertools import pairwise

from probe.judge.answer.held import held_for, is_fetched, is_held, is_read_again
from probe.judge.context import Context
from probe.judge.record.state import RecordMemory, Remembered
from probe.model.observation import Observation
from probe.model.outcome import Response
from probe.model.question import Question
from probe.model.record import POSITIONS, Position, RecordStatus, ServerStatus

FETCHES_KEPT = 8
"""Newest fetches whose longest time is the cache's. Others may have fetched an answer before the probe read it, so that
one may be short; and a TTL that was lowered for the move, from an hour to a minute, is forgotten after ten minutes."""


ALTERNATIONS = 4
"""Changes of what one resolver fetches that make a record flap, beside confirmed ones: two cycles. A rollback is two, a
retry after it three. Fetches are too few to wait until both places were fetched twice in a row, which draws and fights
of a minute seldom show."""

ALTERNATION_DWELL = 700.0
"""Seconds that may lie between two of them: the longest sync interval seen is 10 min. At least four times for which an
answer is held, or a fight would not be seen behind an hour's TTL at all."""

QUIET_FETCHES = 8
"""Equal fetches in a row, at every resolver, before a record that flapped is believed to stand: draws at 1 to 1 show as
many once in 128."""


CAPPED = 45.0
"""Seconds: caches that hold answers for no longer may do so by a limit of their own, and fetch one answer several times
from a cache that they forward to. CoreDNS in EKS and NodeLocal DNSCache have 30; an alias of Route 53 has 60."""

UNCAPPED = 300.0
"""Seconds for which one answer is taken to be fetched again and again where caches are capped: the TTL that ExternalDNS
writes where no annotation says otherwise."""


def draws_at_most(record: RecordStatus, seconds: float) -> float:
    """Tell how often a cache can have drawn anew within some seconds, by how long answers are held."""
    held = record.cache if record.cache is not None and record.cache > CAPPED else UNCAPPED
    return 1.0 + seconds / held


def held_until(server: ServerStatus, question: Question) -> float | None:
    """Give the monotonic second until which a server may go on giving its newest answer out of its cache."""
    if server.at is None or server.response is None:
        return None
    return server.at.monotonic + held_for(server.response, question)


def note(
    record: RecordStatus, memory: RecordMemory, index: int, position: Position, observation: Observation
) -> Remembered | None:
    """Take note of caches in an answer of the server at `index` that leads to `position`; None when it is no news."""
    server, outcome = record.servers[index], observation.outcome
    if not isinstance(outcome, Response) or not is_held(server.server, outcome):
        return _without_caches(record, memory, index)
    if not _is_news(server, position, observation):
        return None
    return _with_fetch(record, memory, outcome, observation.question)


def alternates(server: ServerStatus, memory: RecordMemory, context: Context) -> bool:
    """Tell whether what a resolver fetches changes to and fro, for longer than a change travels.

    An answer with both sides' addresses is no sign of it: where several values are drawn, fetches show one side or both
    by chance. A change that its servers learn of one after the other shows both places for the grace time, and then no
    more. What an episode before has used up does not count again.
    """
    spells = server.past[-ALTERNATIONS + 1 :]
    if context.cache is None or server.since is None or len(server.past) < ALTERNATIONS:
        return False
    begun = [spell.since.monotonic for spell in spells] + [server.since.monotonic]
    places = [POSITIONS[spell.answer_class] for spell in server.past[-ALTERNATIONS:]]
    longest = max(ALTERNATION_DWELL, 4 * context.cache)
    ended = memory.episode.ended
    if ended is not None and begun[0] <= ended.monotonic:
        return False
    return (
        {None, Position.MIXED}.isdisjoint({*places, server.position})
        and all(after - before <= longest for before, after in pairwise(begun))
        and begun[-1] - begun[0] > context.probing.grace
    )


def is_quiet(record: RecordStatus) -> bool:
    """Tell whether every resolver that a record is seen through has fetched the same often enough to end a fight."""
    return record.cache is None or all(
        server.run >= QUIET_FETCHES for server in record.servers if server.at is not None
    )


def _is_news(before: ServerStatus, position: Position, observation: Observation) -> bool:
    """Tell whether a cached answer was fetched since the one before, or that one is read otherwise by now."""
    outcome, question, at = observation.outcome, observation.question, observation.at
    until = held_until(before, observation.question)
    if until is None or not isinstance(outcome, Response):
        return True
    if before.response is not None and not is_held(before.server, before.response):
        return True
    if is_fetched(until, outcome, question, at):
        return True
    return position is not before.position and is_read_again(until, outcome, question, at)


def _with_fetch(record: RecordStatus, memory: RecordMemory, response: Response, question: Question) -> Remembered:
    """Take note of how long a resolver may hold what it has just fetched."""
    fetches = (*memory.fetches, held_for(response, question))[-FETCHES_KEPT:]
    return Remembered(record._replace(cache=max(fetches)), memory._replace(fetches=fetches))


def _without_caches(record: RecordStatus, memory: RecordMemory, index: int) -> Remembered:
    """The server at `index` has answered with authority: forget caches, unless another server has one."""
    others = (*record.servers[:index], *record.servers[index + 1 :])
    if any(other.response is not None and is_held(other.server, other.response) for other in others):
        return Remembered(record, memory)
    return Remembered(record._replace(cache=None), memory._replace(fetches=()))
