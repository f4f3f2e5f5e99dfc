"""A record that is seen through caches: which of its answers are news, and for how long one of them is held.

The theory stands in `probe.judge.answer.held`. What is needed of the past is there already: the newest answer of a
server, and when it came.
"""

from probe.judge.answer.held import held_for, is_fetched, is_held, is_read_again
from probe.judge.record.state import RecordMemory, Remembered
from probe.model.observation import Observation
from probe.model.outcome import Response
from probe.model.question import Question
from probe.model.record import Position, RecordStatus, ServerStatus

FETCHES_KEPT = 8
"""Newest fetches whose longest time is the cache's. Others may have fetched an answer before the probe read it, so that
one may be short; and a TTL that was lowered for the move, from an hour to a minute, is forgotten after ten minutes."""


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
