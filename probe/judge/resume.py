"""Going on after a time in which nobody watched.

What was seen stays seen: positions, transitions, a fight, open findings, their times, and every count. What was not
seen is treated as silence, which lets evidence grow old and moves nothing. So only what rests on "nothing else
happened meanwhile" begins anew with the first moment of the new watch:

- a fight is quiet, and a disturbance settled, only by time that was watched;
- a soak holds only by time that was watched: its clock goes on where it stood, or from nothing after a gap that is
  longer than the soak;
- two moments of incoherence with an unwatched time between them are no sign of draws: two changes look like that.
"""

from probe.judge.acceptance.soak import carried_over
from probe.judge.record.state import RecordMemory, without_draws
from probe.judge.state import DomainState
from probe.model.clock import Instant


def resume(state: DomainState, at: Instant, soak: float) -> DomainState:
    """Take a domain up again at `at`, the first moment of a new watch, under a plan with a soak of `soak` seconds."""
    status, memory = state
    return DomainState(
        status._replace(confirmation=carried_over(status.confirmation, at, soak)),
        memory._replace(records=tuple(_resumed(record, at) for record in memory.records)),
    )


def _resumed(memory: RecordMemory, at: Instant) -> RecordMemory:
    if memory.fighting or memory.changed is not None:
        memory = memory._replace(changed=at)
    return memory if memory.drawn else without_draws(memory)
