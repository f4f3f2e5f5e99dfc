"""What a server said before is kept for people to see: changes, in order and bounded; no draws, no silence."""

from probe.judge.record.fold import fold
from probe.judge.record.state import RecordMemory
from probe.model.outcome import Outcome
from probe.model.question import RecordType
from probe.model.record import Position, RecordStatus, ServerStatus
from probe.model.side import AnswerClass
from tests.judge.answers import SERVERS, at_position, context, observed, timeout

KEPT_SPELLS = 24
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

V1, V2 = at_position(Position.V1), at_position(Position.V2)


def told(*answers: tuple[float, Outcome]) -> ServerStatus:
    """The first of all servers, after it has said all this at these seconds; the others say nothing."""
    record, memory = RecordStatus(RecordType.A), RecordMemory()
    for second, outcome in answers:
        record, memory, *_ = fold(record, memory, observed(outcome, second, SERVERS[0]), context())
    return record.servers[0]


def spells(server: ServerStatus) -> list[tuple[AnswerClass, float]]:
    return [(spell.answer_class, spell.since.monotonic) for spell in server.past]


def test_a_server_that_never_changed_has_no_past() -> None:
    assert told((0, V1), (7, V1), (14, V1)).past == ()


def test_each_change_keeps_what_was_said_before_and_since_when() -> None:
    server = told((0, V1), (7, V1), (14, V2), (21, V2), (28, V1), (35, V1), (42, V1))

    assert spells(server) == [(AnswerClass.V1, 0), (AnswerClass.V2, 14)]
    assert server.since is not None
    assert server.since.monotonic == 28


def test_silence_is_no_change() -> None:
    assert told((0, V1), (7, timeout()), (14, V1), (21, timeout())).past == ()


def test_the_past_is_bounded_and_its_newest_part_stays() -> None:
    changes = [(second * 60.0, (V1, V2)[second % 2]) for second in range(200)]

    server = told(*changes)

    assert len(server.past) == KEPT_SPELLS
    assert [since for _, since in spells(server)] == [second * 60.0 for second in range(199 - KEPT_SPELLS, 199)]
