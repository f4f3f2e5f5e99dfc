"""Going on after a time in which nobody watched.

What was seen stays seen: positions, transitions, a fight, open findings, their times, and every count. What was not
seen is treated as silence, which lets evidence grow old and moves nothing. So only what rests on "nothing else
happened meanwhile" begins anew with the first moment of the new watch:

- a fight is quiet, and a disturbance settled, only by time that was watched;
- two moments of incoherence with an unwatched time between them are no sign of draws: two changes look like that.
"""

from probe.judge.draws import without_draws
from probe.judge.memory import Memory
from probe.model.clock import Instant
from probe.model.status import DomainStatus, RecordStatus


def resume(status: DomainStatus, at: Instant) -> DomainStatus:
    """Take a status up again at `at`, the first moment of a new watch."""
    return status._replace(records=tuple(_resumed(record, at) for record in status.records))


def _resumed(record: RecordStatus, at: Instant) -> RecordStatus:
    memory = record.memory
    if not isinstance(memory, Memory):
        return record
    if memory.fighting or memory.changed is not None:
        memory = memory._replace(changed=at)
    if not memory.drawn:
        memory = without_draws(memory)
    return record._replace(memory=memory)
