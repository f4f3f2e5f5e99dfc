"""All that there is of a domain: what is public, and what the judge remembers beside it.

A status is what everybody reads: the page, the metrics, the API, the findings' rules. The memory is the judge's own:
the engine holds it beside the status and hands it back with the next observation, the journal keeps it as long as the
judge's types stay what they are, and no edge ever sees it. A function that reads the memory takes it, or the whole
state, as an argument; one that takes a status reads nothing else.
"""

from functools import lru_cache
from typing import NamedTuple

from probe.judge.record.state import MEMORIES_SHARED, RecordMemory, Remembered, is_at_rest, shared, without_memory
from probe.judge.share.window import Window
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.record import RecordStatus

_made = tuple.__new__


class DomainMemory(NamedTuple):
    """What the judge remembers of a domain.

    Attributes:
        records: One entry per record of the status, in its order.
        windows: Which answers the share of each of these records rests on; None for a record that has no share.
        judged: When the whole of it was last judged; None when that was never, or by another plan.
    """

    records: tuple[RecordMemory, ...]
    windows: tuple[Window | None, ...]
    judged: Instant | None = None


@lru_cache(maxsize=MEMORIES_SHARED)
def _one(memory: DomainMemory) -> DomainMemory:
    return memory


def shared_memory(memory: DomainMemory) -> DomainMemory:
    """Give an equal memory that is one object for all domains at rest, or what of it can be shared (`shared`)."""
    memory = memory._replace(records=tuple(map(shared, memory.records)))
    return _one(memory) if all(map(is_at_rest, memory.records)) and not any(memory.windows) else memory


class DomainState(NamedTuple):
    """A domain's public status, and the judge's memory that goes with it."""

    status: DomainStatus
    memory: DomainMemory

    @property
    def remembered(self) -> tuple[Remembered, ...]:
        """Each record with what is remembered of it."""
        return tuple(map(Remembered, self.status.records, self.memory.records))

    def with_records(self, records: tuple[RecordStatus, ...], memory: DomainMemory) -> "DomainState":
        """Put other records in, and what is remembered by now; as in the model, made directly for every observation."""
        return _made(DomainState, (self.status.with_records(records), memory))

    def with_status(self, status: DomainStatus) -> "DomainState":
        """Put another status beside the same memory; its records are the same, in number and order."""
        return DomainState(status, self.memory)

    def judged_at(self, at: Instant | None) -> "DomainState":
        """Note when the whole of it was judged; None: by what holds now it never was."""
        return self if at is self.memory.judged else DomainState(self.status, self.memory._replace(judged=at))


def forgotten(status: DomainStatus) -> DomainState:
    """Give the state of a domain of which only the public facts are left: another version's judge wrote the memory."""
    records = status.records
    return DomainState(status, DomainMemory(tuple(map(without_memory, records)), (None,) * len(records)))
