"""One answer of one server, folded into the verdict on one record."""

from probe.model.outcome import FailureReason, Response
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
