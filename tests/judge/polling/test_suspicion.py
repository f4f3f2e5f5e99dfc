"""What calls for a burst, and for how long a change makes ownership a question."""

import pytest

from probe.judge.polling import suspicion
from probe.judge.review import initial
from probe.judge.state import DomainState, forgotten
from probe.model.domain import DomainStatus
from probe.model.external_dns import TxtRegistry
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, RecordStatus, Transition
from tests.judge.answers import ZONE, instant, plan


def record(state: RecordState, *, disturbed: bool = True) -> RecordStatus:
    return RecordStatus(RecordType.A, state, instant(0), Position.V1, disturbed=instant(0) if disturbed else None)


def status(*records: RecordStatus) -> DomainStatus:
    fresh = initial(plan().domains[0], (TxtRegistry(),), ZONE).status
    return fresh._replace(records=(*records, *fresh.records[len(records) :]))


@pytest.mark.parametrize(
    ("state", "goes_on"),
    [
        (RecordState.PROPAGATING, True),
        (RecordState.FLAPPING, True),
        (RecordState.UNKNOWN, True),
        (RecordState.WEIGHTED, False),
        (RecordState.DIVIDED, False),
    ],
)
def test_a_burst_goes_on_until_the_record_is_settled_or_explained(state: RecordState, *, goes_on: bool) -> None:
    assert suspicion.wants_burst(forgotten(status(record(state)))) is goes_on
    assert not suspicion.wants_burst(forgotten(status(record(state, disturbed=False))))


def changed(at: float) -> DomainState:
    moved = Transition(instant(at), Position.V1, Position.V2, reversal=False)
    return forgotten(status(record(RecordState.V2, disturbed=False)._replace(recent=(moved,))))


def test_ownership_is_a_question_as_long_as_a_domain_is_watched_after_a_change() -> None:
    state = changed(100.0)
    assert suspicion.newest_change(state) == instant(100.0).monotonic
    assert suspicion.wants_owners(state, instant(100.0).monotonic + suspicion.WATCHED)
    assert not suspicion.wants_owners(state, instant(100.0).monotonic + suspicion.WATCHED + 1)


def test_a_domain_that_never_changed_has_no_question() -> None:
    calm = forgotten(status(record(RecordState.V1, disturbed=False)))
    assert suspicion.newest_change(calm) is None
    assert not suspicion.wants_owners(calm, 0.0)
    assert suspicion.wants_owners(forgotten(status(record(RecordState.UNKNOWN))), 0.0)
