"""What caches may hold of the authoritative servers' answers, whatever happens between two samples."""

from probe.judge.propagation.cached import depart, find, limit, sample
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
        run=1,
    )


def record(*servers: ServerStatus, recent: tuple[Transition, ...] = ()) -> RecordStatus:
    return RecordStatus(A, servers=servers, recent=recent)


def test_a_lowered_ttl_counts_as_in_force_until_it_is_seen_to_be_lower() -> None:
    cached_answers = sample((), NAME, record(saying(Position.V1, 0, 600)), instant(0))

    cached_answers = sample(cached_answers, NAME, record(saying(Position.V1, 29, 60)), instant(30))

    cached_answer = find(cached_answers, A, Position.V1)
    assert cached_answer is not None
    assert (cached_answer.ttl, cached_answer.at, cached_answer.until) == (60, instant(29), instant(630))
    cached_answers = sample(cached_answers, NAME, record(saying(Position.V1, 900, 60)), instant(900))
    cached_answer = find(cached_answers, A, Position.V1)
    assert cached_answer is not None
    assert cached_answer.until == instant(960)


def test_the_longest_ttl_of_several_servers_counts() -> None:
    cached_answers = sample(
        (), NAME, record(saying(Position.V1, 10, 60), saying(Position.V1, 12, 300, number=1)), instant(12)
    )

    cached_answer = find(cached_answers, A, Position.V1)
    assert cached_answer is not None
    assert (cached_answer.at, cached_answer.ttl, cached_answer.until) == (instant(12), 300, instant(312))


def test_the_last_word_is_kept_of_a_server_that_goes_over_to_another_place() -> None:
    changed = record(saying(Position.V2, 20, 60), saying(Position.V1, 11, 60, number=1))

    (cached_answer,) = depart((), NAME, changed, saying(Position.V1, 10, 60))

    assert (cached_answer.position, cached_answer.at, cached_answer.until) == (Position.V1, instant(10), instant(70))


def test_while_a_record_is_drawn_both_sides_count_as_given_however_seldom_one_is_seen() -> None:
    drawn = record(saying(Position.V2, 900, 60))._replace(state=RecordState.WEIGHTED)
    cached_answers = sample((), NAME, record(saying(Position.V1, 10, 60)), instant(10))

    cached_answers = sample(cached_answers, NAME, drawn, instant(900))

    cached_answer = find(cached_answers, A, Position.V1)
    assert cached_answer is not None
    assert (cached_answer.at, cached_answer.until) == (instant(900), instant(960))
    settled = drawn._replace(state=RecordState.V2)
    assert find(sample(cached_answers, NAME, settled, instant(1000)), A, Position.V1) == cached_answer


def test_after_a_change_an_answer_counts_as_given_for_the_grace_time() -> None:
    moved = Transition(instant(100), Position.V1, Position.V2, reversal=False)
    (cached_answer,) = sample((), NAME, record(saying(Position.V1, 95, 60)), instant(95))

    assert limit(cached_answer, record(), 60) == instant(155 + 60)
    assert limit(cached_answer, record(recent=(moved,)), 60) == instant(220)
    assert limit(cached_answer, record(recent=(moved._replace(before=Position.V2, after=Position.V1),)), 60) == instant(
        155 + 60
    )
