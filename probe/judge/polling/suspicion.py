"""What is unexplained: whether a domain's answers call for a burst, and whether ownership is a question as well."""

from probe.judge.record.changepoint import is_excited, newest_jump
from probe.judge.record.flapping import HASTY
from probe.judge.record.state import RecordMemory, beats_alone
from probe.judge.record.stuck_machine import may_be_mended
from probe.judge.state import DomainState
from probe.model.record import RecordState, RecordStatus

WATCHED = HASTY
"""Seconds after a change for which a domain is watched: the next change of a fight comes in that time."""


def newest_change(state: DomainState) -> float | None:
    """Give the monotonic second of the newest change of any record, or of the level at which it is shared."""
    changes = [record.recent[-1].at.monotonic for record in state.status.records if record.recent]
    changes += [at for memory in state.memory.records if (at := newest_jump(memory.level)) is not None]
    supposed = [own.elsewhere.supposed for own in state.memory.records if own.elsewhere.supposed is not None]
    changes += [one.record.recent[-1].at.monotonic for one in supposed if one.record.recent]
    return max(changes, default=None)


def wants_burst(state: DomainState) -> bool:
    """Tell whether the rounds of a burst should go on: something is neither settled nor explained."""
    return any(is_suspicious(record, memory) for record, memory in state.remembered)


def wants_owners(state: DomainState, at: float) -> bool:
    """Tell whether ownership is a question at monotonic second `at`: not while only a weighted level is looked at."""
    if any(record.disturbed is not None and record.state.is_unexplained for record in state.status.records):
        return True
    newest = newest_change(state)
    return newest is not None and at - newest <= WATCHED


def is_suspicious(record: RecordStatus, memory: RecordMemory) -> bool:
    """Tell whether a record's answers disagree and no steady verdict explains it (`weighted` and `divided` do).

    A weighted record is suspicious while the level of its shares seems to jump, also where that has a beat, and one
    that leads to an address of neither side when it would be if that is no late address book. One that is divided by a
    stuck machine is while the machine seems to be mended.
    """
    if beats_alone(record, memory):
        return is_excited(memory.level)
    if record.disturbed is not None and record.state.is_unexplained:
        return True
    if memory.elsewhere.supposed is not None and is_suspicious(*memory.elsewhere.supposed):
        return True
    return (record.state is RecordState.WEIGHTED and is_excited(memory.level)) or may_be_mended(record, memory)
