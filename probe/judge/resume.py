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
from probe.judge.record.state import RecordMemory, ServerMemory
from probe.judge.record.weighted import without_draws
from probe.judge.share.window import Window
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.record import RecordStatus

REMEMBERED = (RecordMemory, ServerMemory, Window)
"""The types of what the judge's modules remember in a status, each for itself (fields of type `object`): whoever keeps
statuses has to know them."""


def resume(status: DomainStatus, at: Instant, soak: float) -> DomainStatus:
    """Take a status up again at `at`, the first moment of a new watch, under a plan with this `soak`."""
    return status._replace(
        records=tuple(_resumed(record, at) for record in status.records),
        confirmation=carried_over(status.confirmation, at, soak),
    )


def _resumed(record: RecordStatus, at: Instant) -> RecordStatus:
    memory = record.memory
    if not isinstance(memory, RecordMemory):
        return record
    if memory.fighting or memory.changed is not None:
        memory = memory._replace(changed=at)
    if not memory.drawn:
        memory = without_draws(memory)
    return record._replace(memory=memory)
