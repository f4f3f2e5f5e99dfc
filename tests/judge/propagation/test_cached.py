"""What caches may hold of the authoritative servers' answers, whatever happens between two samples."""

from probe.judge.propagation.cached import depart, find, limit, sample
from probe.judge.record.likelihood import NOTHING
from probe.judge.record.state import Evidence
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, RecordStatus, ServerStatus, Transition
from probe.model.side import AnswerClass
from tests.judge.answers import ADDRESSES, NAME, SERVERS, addresses, instant

A = RecordType.A


def saying(position: Position, at: float, ttl: int, number: int = 0) -> ServerStatus:
    return ServerStatus(
        SERVERS[number],
        AnswerClass(position.value),
        instant(at),
        instant(at),
        addresses(A, *ADDRESSES[position, A], ttl=ttl),
        memory=Evidence(position, 1, NOTHING, 0.0, 0, 1),
    )


def record(*servers: ServerStatus, recent: tuple[Transition, ...] = ()) -> RecordStatus:
    return RecordStatus(A, servers=servers, recent=recent)


def test_a_lowered_ttl_counts_as_in_force_until_it_is_seen_to_be_lower() -> None:
    traces = sample((), NAME, record(saying(Position.V1, 0, 600)), instant(0))

    traces = sample(traces, NAME, record(saying(Position.V1, 29, 60)), instant(30))

    trace = find(traces, A, Position.V1)
    assert trace is not None
    assert (trace.ttl, trace.at, trace.until) == (60, instant(29), instant(630))
    traces = sample(traces, NAME, record(saying(Position.V1, 900, 60)), instant(900))
    trace = find(traces, A, Position.V1)
    assert trace is not None
    assert trace.until == instant(960)


def test_the_longest_ttl_of_several_servers_counts() -> None:
    traces = sample((), NAME, record(saying(Position.V1, 10, 60), saying(Position.V1, 12, 300, number=1)), instant(12))

    trace = find(traces, A, Position.V1)
    assert trace is not None
    assert (trace.at, trace.ttl, trace.until) == (instant(12), 300, instant(312))


def test_a_servers_last_word_is_kept_when_it_changes_and_only_then() -> None:
    before = record(saying(Position.V1, 10, 60), saying(Position.V1, 11, 60, number=1))
    again = before._replace(servers=(saying(Position.V1, 20, 60), before.servers[1]))
    changed = before._replace(servers=(saying(Position.V2, 20, 60), before.servers[1]))

    assert depart((), NAME, before, again) == ()
    (trace,) = depart((), NAME, before, changed)

    assert (trace.position, trace.at, trace.until) == (Position.V1, instant(10), instant(70))


def test_while_a_record_is_drawn_both_sides_count_as_given_however_seldom_one_is_seen() -> None:
    drawn = record(saying(Position.V2, 900, 60))._replace(state=RecordState.WEIGHTED)
    traces = sample((), NAME, record(saying(Position.V1, 10, 60)), instant(10))

    traces = sample(traces, NAME, drawn, instant(900))

    trace = find(traces, A, Position.V1)
    assert trace is not None
    assert (trace.at, trace.until) == (instant(900), instant(960))
    settled = drawn._replace(state=RecordState.V2)
    assert find(sample(traces, NAME, settled, instant(1000)), A, Position.V1) == trace


def test_after_a_change_an_answer_counts_as_given_for_the_grace_time() -> None:
    moved = Transition(instant(100), Position.V1, Position.V2, reversal=False)
    (trace,) = sample((), NAME, record(saying(Position.V1, 95, 60)), instant(95))

    assert limit(trace, record(), 60) == instant(155 + 60)
    assert limit(trace, record(recent=(moved,)), 60) == instant(220)
    assert limit(trace, record(recent=(moved._replace(before=Position.V2, after=Position.V1),)), 60) == instant(
        155 + 60
    )
