"""Tuples that are made directly, for speed: each is what its own type's `_replace` would give, field by field."""

from typing import Any, NamedTuple

from probe.judge.record.bins import Bin, counted
from probe.judge.record.fold import Folded, fold
from probe.judge.record.state import Pool, RecordMemory, ServerMemory
from probe.judge.state import DomainMemory, DomainState
from probe.model.domain import DomainStatus
from probe.model.record import Position, RecordState, RecordStatus, ServerStatus
from tests.judge.answers import SERVERS, at_position, context, instant, observed
from tests.judge.story import Story


def marked(kind: Any, **known: object) -> Any:
    """Make a value of which every field that is not named holds something that nothing else holds."""
    return kind(**{name: known.get(name, object()) for name in kind._fields})


def same_fields(one: NamedTuple, other: NamedTuple) -> bool:
    return type(one) is type(other) and all(map(lambda left, right: left is right or left == right, one, other))


def test_a_server_that_repeats_itself() -> None:
    before: ServerStatus = marked(ServerStatus, run=4, failures=2)
    answer_class, at, response = object(), instant(1), at_position(Position.V1)
    after = before.repeated(answer_class, at, response)  # type: ignore[arg-type]  # a mark of its own
    assert same_fields(
        after,
        before._replace(answer_class=answer_class, at=at, response=response, failures=0, failure=None, run=5),  # type: ignore[arg-type]  # the same mark
    )


def test_a_record_of_which_a_server_repeats_itself() -> None:
    before: RecordStatus = marked(RecordStatus)
    servers, answers = (marked(ServerStatus),), (1, 2)
    after = before.repeated(servers, answers, alias=True)
    assert same_fields(after, before._replace(servers=servers, answers=answers, alias=True))


def test_a_domain_with_other_records() -> None:
    before: DomainStatus = marked(DomainStatus)
    records = (marked(RecordStatus),)
    assert same_fields(before.with_records(records), before._replace(records=records))


def test_a_state_with_other_records_and_memory() -> None:
    before = DomainState(marked(DomainStatus), marked(DomainMemory))
    records, memory = (marked(RecordStatus),), marked(DomainMemory)
    after = before.with_records(records, memory)
    assert same_fields(after, DomainState(status=before.status.with_records(records), memory=memory))


def test_a_memory_with_what_an_answer_changes() -> None:
    before: RecordMemory = marked(RecordMemory)
    servers, pool = (marked(ServerMemory),), marked(Pool)
    changed, tallied = instant(1), marked(Bin)
    after = before.with_answer(servers, changed, tallied, pool)
    assert same_fields(after, before._replace(servers=servers, changed=changed, bin=tallied, pool=pool))


def test_a_bin_with_one_more_answer() -> None:
    before = Bin(7, (1, 2), (0, 1))
    assert same_fields(counted(before, 1, elsewhere=True), before._replace(heard=(1, 3), elsewhere=(0, 2)))
    assert same_fields(counted(before, 0, elsewhere=False), before._replace(heard=(2, 2)))


def test_what_comes_of_an_answer_that_leads_elsewhere() -> None:
    story = Story()
    story.stand(Position.V1, 0, 60)
    (record, memory), *_ = story.state.remembered
    folded = fold(record, memory, observed(at_position(Position.V2), 61, SERVERS[0]), context())
    assert same_fields(
        folded,
        Folded(
            record=folded.record,
            memory=folded.memory,
            transition=None,
            surprised=True,
            doubted=False,
            noteworthy=True,
            departed=record.servers[0],
        ),
    )


def test_what_comes_of_a_calm_answer() -> None:
    story = Story()
    story.stand(Position.V1, 0, 60)
    (record, memory), *_ = story.state.remembered
    assert record.state is RecordState.V1
    folded = fold(record, memory, observed(at_position(Position.V1), 61, SERVERS[0]), context())
    assert same_fields(
        folded,
        Folded(
            record=folded.record,
            memory=memory,
            transition=None,
            surprised=False,
            doubted=False,
            noteworthy=False,
            departed=None,
        ),
    )
    assert folded.record.servers[0].run == record.servers[0].run + 1
