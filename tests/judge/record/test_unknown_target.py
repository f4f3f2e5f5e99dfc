"""An answer of neither side is believed only after the load balancers' names were looked up again."""

from probe.judge.record.unknown_target import BELIEVED_AFTER
from probe.model.effect import TargetsDoubted
from probe.model.question import RecordType
from probe.model.record import Position, RecordState
from probe.model.side import Side
from tests.judge.answers import (
    V1_BALANCER,
    V2_BALANCER,
    addresses,
    instant,
)
from tests.judge.story import Story


def test_foreign_answers_are_believed_only_after_the_load_balancers_were_asked_again() -> None:
    story = Story()
    story.stand(Position.V1, 0, 120)
    story.stand(Position.FOREIGN, 121, 200, 2.0)
    assert story.status.records[0].position is Position.V1
    assert story.codes == set()
    doubts = [effect for effect in story.effects if isinstance(effect, TargetsDoubted)]
    assert 2 <= len(doubts) <= 2 * (80 / 5 + 1)
    book = story.context.book
    for side, balancer in ((Side.V1, V1_BALANCER), (Side.V2, V2_BALANCER)):
        book = book.learn(
            side, balancer, addresses(RecordType.A, "198.51.100.7", name=balancer), instant(121 + BELIEVED_AFTER + 1)
        )
    story.context = story.context._replace(book=book)
    story.stand(Position.FOREIGN, 201, 230, 2.0)
    assert story.status.state is RecordState.FOREIGN
    assert "foreign-target" in story.codes
    assert "192.0.2.200" in story.status.findings[0].sentence


def test_an_address_that_the_load_balancer_turns_out_to_own_was_never_foreign() -> None:
    story = Story()
    story.stand(Position.V1, 0, 120)
    grown = addresses(RecordType.A, "192.0.2.201")
    story.say([grown] * 4, 121, rdtypes=[RecordType.A])
    book = story.context.book.learn(
        Side.V1, V1_BALANCER, addresses(RecordType.A, "192.0.2.201", name=V1_BALANCER), instant(122)
    )
    story.context = story.context._replace(book=book)
    story.say([grown] * 4, 123, rdtypes=[RecordType.A])
    record = story.status.records[0]
    assert (record.state, record.transitions, record.alias) == (RecordState.V1, 0, True)
