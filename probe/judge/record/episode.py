"""An episode of flapping: it begins with its first change, and it ends when it was quiet for its own quiet time.

What is planned before and after is not part of it. What proves two controllers is weighed while it goes on and stands
until it is over; the next episode needs its own evidence. Episodes that follow each other within a night are counted,
because "for two minutes" is not what four hours of coming and going are.
"""

from functools import partial
from typing import NamedTuple

from probe.judge.context import Context
from probe.judge.neighbours import went_along
from probe.judge.record import changepoint as levels
from probe.judge.record import flapping
from probe.judge.record.changepoint import Level
from probe.judge.record.controllers import ALARM, IN_STEP, PROVEN, PROVEN_WITH_WITNESS, evidence, is_proven
from probe.judge.record.flapping import Chain
from probe.judge.record.state import Episode, RecordMemory, voters
from probe.model.clock import Instant
from probe.model.record import RecordStatus, Transition

NIGHT = 43_200.0
"""Seconds between the end of one episode and the beginning of the next at most for both to be of one night."""

SHARED_CAUSE = "fight-same-owner"
"""The cause that the hosts of one owner id have together: two ExternalDNS of that owner write all of them."""

PLANNED_ONSET = 5
"""Changes up to which the beginning may turn out to be later: a fifth tells a planned move from a fight's dwells."""


class Quiet(NamedTuple):
    """How far an episode is from its end.

    Attributes:
        newest: Monotonic second of the newest sign of movement.
        over: Monotonic second from which on it counts as over, if nothing moves.
    """

    newest: float
    over: float


def changes(record: RecordStatus, memory: RecordMemory) -> tuple[Transition, ...]:
    """Give the remembered transitions that no ended episode has used up, as they were written."""
    kept = record.transitions - memory.used
    return flapping.written(record.recent)[-kept:] if kept > 0 else ()


def chain(record: RecordStatus, memory: RecordMemory) -> Chain:
    """Measure the chain of the present episode, or of what may become one."""
    return flapping.chain(changes(record, memory))


def begins(record: RecordStatus, memory: RecordMemory, context: Context) -> bool:
    """Tell whether the changes so far are flapping: hasty ones at once, slow ones by their beat."""
    found = chain(record, memory)
    if flapping.is_hasty(found):
        return True
    if not flapping.has_returned(found):
        return False
    return evidence(found.times, context.slower_interval, faster=context.faster_interval) > ALARM


def follow(record: RecordStatus, memory: RecordMemory, at: Instant, context: Context) -> RecordMemory:
    """Keep an episode up to date after a change, a jump of the level, or the sign that began it."""
    episode, found = memory.episode, chain(record, memory)
    if episode.began is None:
        again = episode.ended is not None and at.monotonic - episode.ended.monotonic <= NIGHT
        episode = Episode(episode.number + 1 if again else 1, episode.first if again else None)
    opened = record.transitions - episode.before if episode.began is not None else 0
    if episode.began is None or (opened <= PLANNED_ONSET and found.changes < opened):
        began = record.recent[-found.changes].at if found.changes else record.disturbed or at
        # A planned move before the first fight of the night is no part of it.
        first = began if episode.number == 1 else episode.first
        episode = episode._replace(began=began, before=record.transitions - found.changes, first=first)
    if not episode.declared:
        series = (found.times, tuple(jump.at for jump in memory.level.jumps))
        bar = _bar(record, at, context)
        proven = partial(is_proven, interval=context.slower_interval, faster=context.faster_interval, bar=bar)
        declared = any(proven(times, any_interval=False) for times in series)
        controllers = declared or any(proven(times) for times in series)
        controllers = controllers or episode.controllers
        likely = controllers or episode.likely or any(proven(times, bar=PROVEN_WITH_WITNESS) for times in series)
        episode = episode._replace(declared=declared, controllers=controllers, likely=likely)
    return memory._replace(episode=episode)


def is_open_question(memory: RecordMemory, context: Context) -> bool:
    """Tell whether an episode is to be looked at again without a change: neighbours may have followed meanwhile."""
    return memory.fighting and not memory.episode.controllers and bool(context.neighbours)


def _bar(record: RecordStatus, at: Instant, context: Context) -> float:
    """Give what it takes to name controllers: less where neighbours have just made the record's newest change."""
    if not record.recent:
        return PROVEN
    if is_in_step(record, at, context, SHARED_CAUSE):
        return IN_STEP
    return PROVEN_WITH_WITNESS if is_in_step(record, at, context) else PROVEN


def is_in_step(record: RecordStatus, at: Instant, context: Context, cause: str | None = None) -> bool:
    """Tell whether neighbours have just made the record's newest change, for this cause if any."""
    newest = record.recent[-1:]
    return bool(newest) and went_along(context.neighbours, newest[0].before, newest[0].after, at.monotonic, cause)


def end(record: RecordStatus, memory: RecordMemory, at: Instant) -> RecordMemory:
    """Close the episode: its changes are used up, and what comes next has to prove itself."""
    episode = Episode(memory.episode.number, memory.episode.first, ended=at)
    level = memory.level._replace(jumps=()) if memory.drawn else Level()
    return memory._replace(fighting=False, used=record.transitions, episode=episode, level=level)


def quiet(record: RecordStatus, memory: RecordMemory) -> Quiet | None:
    """Tell since when nothing has moved, and when that will have been long enough; None where nothing ever did.

    Where weights took the fight's place answers change for ever: there only transitions and jumps count.
    """
    newest = _newest_sign(record, memory)
    if newest is None:
        return None
    found = chain(record, memory)
    own = flapping.quiet_time(found)
    if memory.drawn or not found.changes:  # else the changes themselves tell how long it takes
        own = max(own, flapping.QUIET_DWELLS * levels.longest_dwell(memory.level))
    return Quiet(newest, newest + own)


def _newest_sign(record: RecordStatus, memory: RecordMemory) -> float | None:
    """Give the monotonic second of the newest sign of movement."""
    if memory.changed is not None and not memory.drawn:
        return memory.changed.monotonic
    signs = [transition.at.monotonic for transition in record.recent[-1:]]
    signs += [jump.at for jump in memory.level.jumps[-1:]]
    return max(signs, default=None)


def is_over(record: RecordStatus, memory: RecordMemory, at: Instant, context: Context) -> bool:
    """Tell whether no server changed its answer for the episode's quiet time, up to the newest answer."""
    newest = _newest_sign(record, memory)
    if newest is not None and at.monotonic - newest <= flapping.SHORTEST_QUIET:  # nearly every observation
        return False
    heard = max((server.at.monotonic for server in voters(record, at, context) if server.at is not None), default=None)
    if heard is None:
        return False
    if newest is None:
        return True
    rest = quiet(record, memory)
    return rest is None or heard > rest.over
