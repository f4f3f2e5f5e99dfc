"""One answer of one server, folded into the verdict on one record."""

from dataclasses import replace

import pytest

from probe.judge.record.fold import fold
from probe.model.outcome import FailureReason, Response
from probe.model.question import RecordType
from probe.model.record import Position, RecordState
from probe.model.server import Server
from tests.judge.answers import (
    SERVERS,
    at_position,
    context,
    observed,
)
from tests.judge.story import Story


def test_answers_without_authority_are_no_evidence() -> None:
    story = Story()
    story.stand(Position.V1, 0, 120)
    cached = Response("NOERROR", answer=at_position(Position.V2).answer)
    story.say([cached] * 4, 121, times=20)
    record = story.status.records[0]
    assert record.position is Position.V1
    assert {server.failure for server in record.servers} == {FailureReason.LAME}


def test_a_server_that_left_the_delegation_is_forgotten_and_a_new_one_is_learned() -> None:
    story = Story()
    story.stand(Position.V1, 0, 60)
    newcomer = Server("ns-9.awsdns-09.org.", "192.0.2.59")
    story.context = context(*SERVERS[:3], newcomer)
    story.wait(61)
    servers = story.status.records[0].servers
    assert [server.server for server in servers] == [*SERVERS[:3], newcomer]
    assert servers[3].at is None
    story.hear(observed(at_position(Position.V2), 62, SERVERS[3]))
    assert story.status.records[0].disturbed is None
    story.hear(observed(at_position(Position.V1), 63, newcomer))
    assert story.status.records[0].state is RecordState.V1


def test_calm_answers_have_no_effects() -> None:
    story = Story()
    story.stand(Position.V1, 0, 60)
    before = len(story.effects)
    story.stand(Position.V1, 61, 600)
    assert len(story.effects) == before


def parsed_apart(response: Response) -> Response:
    """Give what says the same, and shares nothing with it by which that could be seen."""
    return replace(response, rcode="".join([*response.rcode]))


@pytest.mark.parametrize("position", [Position.V1, Position.V2, Position.ABSENT, Position.MIXED])
def test_a_form_of_what_was_said_before_is_folded_as_one_that_is_looked_at_anew(position: Position) -> None:
    story = Story()
    story.stand(position, 0, 60)
    (record, memory), *_ = story.state.remembered
    response = record.servers[0].response
    assert response is not None
    form = response.in_form("another machine", b"in another order")
    again = fold(record, memory, observed(form, 61, SERVERS[0]), context())
    anew = fold(record, memory, observed(parsed_apart(form), 61, SERVERS[0]), context())
    said, *others = anew.record.servers
    assert again == anew._replace(record=anew.record._replace(servers=(said._replace(response=form), *others)))
    assert again.record.servers[0].response is form


def test_no_form_of_what_some_server_said_before_is_classified_again(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story()
    response = at_position(Position.V1)
    story.say([response.in_form(f"m{number}", b"") for number in range(len(SERVERS))], 0, rdtypes=[RecordType.A])

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("classified again")

    monkeypatch.setattr("probe.judge.record.fold.classify", refuse)
    for turn in range(1, 5):
        for number, server in enumerate(SERVERS):
            story.hear(observed(response.in_form(f"m{turn + number}", bytes([turn])), turn, server))
    assert story.status.records[0].servers[0].run == 6
    with pytest.raises(AssertionError, match="classified again"):
        story.hear(observed(parsed_apart(response), 66, SERVERS[0]))


@pytest.mark.parametrize("position", [Position.V1, Position.V2, Position.ABSENT, Position.MIXED])
def test_a_response_that_is_given_again_is_folded_as_an_equal_one_that_is_looked_at_anew(position: Position) -> None:
    story = Story()
    story.stand(position, 0, 60)
    (record, memory), *_ = story.state.remembered
    response = record.servers[0].response
    assert response is not None
    again = fold(record, memory, observed(response, 61, SERVERS[0]), context())
    anew = fold(record, memory, observed(parsed_apart(response), 61, SERVERS[0]), context())
    said, *others = anew.record.servers
    assert again == anew._replace(record=anew.record._replace(servers=(said._replace(response=response), *others)))
    assert again.record.servers[0].run == record.servers[0].run + 1


def test_of_a_record_that_flaps_nothing_is_told_that_one_answer_says() -> None:
    story = Story()
    for number in range(8):
        story.stand(Position.V1 if number % 2 else Position.V2, 60 * number, 60 * number + 50)
    (record, memory), *_ = story.state.remembered
    assert record.state is RecordState.FLAPPING
    folded = fold(record, memory, observed(at_position(Position.V2), 475, SERVERS[0]), context())
    assert record.position is Position.V1
    assert folded.departed is record.servers[0]
    assert not folded.noteworthy
