"""A plan that calls addresses otherwise than the one before: no change of any record, and no word under old names."""

from dataclasses import replace

import pytest

from probe.judge.answer.address_book import AddressBook, carry_over, open_book
from probe.judge.renamed import calls_otherwise, renamed, renaming_by
from probe.model.name import DomainName
from probe.model.outcome import Response, RRset
from probe.model.plan import Expectation, Plan, SidePlan
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position, RecordState
from probe.model.side import Side
from tests.judge.answers import NAME, SERVERS, V1_BALANCER, V2_BALANCER, addresses, context, instant, observed, plan
from tests.judge.story import Story, owned

FIRST, SECOND, NEW_ONE = "192.0.2.1", "192.0.2.2", DomainName("k8s-new.eu-west-1.elb.amazonaws.com.")


def of(v1: tuple[DomainName, ...], v2: tuple[DomainName, ...]) -> Plan:
    return replace(plan(Expectation.V2), v1=SidePlan(Side.V1, v1), v2=SidePlan(Side.V2, v2))


RIGHT, SWAPPED = of((V1_BALANCER,), (V2_BALANCER,)), of((V2_BALANCER,), (V1_BALANCER,))


def learned(of_plan: Plan, at: float = 0.0) -> AddressBook:
    book = open_book(of_plan)
    for name, address in ((V1_BALANCER, FIRST), (V2_BALANCER, SECOND)):
        side = book.side_of_name(name)
        if side is not None:
            answer = Response("NOERROR", authoritative=True, answer=(RRset(name, "A", 60, (address,)),))
            book = book.learn(side, name, answer, instant(at))
    return book


def standing(of_plan: Plan, address: str, until: float = 100.0) -> Story:
    story = Story(Expectation.V2, surroundings=context(known=learned(of_plan)))
    _answer(story, address, 0.0, until)
    return story


def _answer(story: Story, address: str, since: float, until: float) -> None:
    at = since
    while at < until:
        for server in SERVERS:
            for rdtype in ADDRESS_TYPES:
                answer = addresses(rdtype, *([address] if rdtype is RecordType.A else []))
                told = answer if rdtype is RecordType.A else Response("NOERROR", authoritative=True)
                story.hear(observed(told, at, server, rdtype))
        story.wait(at + 1)
        at += 7


def take(story: Story, after: Plan, before: Plan) -> None:
    renaming = renaming_by(after, before, story.context.book)
    assert renaming is not None
    story.state = renamed(story.state, renaming)
    story.context = story.context._replace(book=renaming.book)


def test_sides_that_are_exchanged_are_no_change_and_raise_nothing_under_the_old_names() -> None:
    story = standing(SWAPPED, FIRST)
    assert story.status.records[0].state is RecordState.V2
    story.hear(observed(owned("v1"), 100, name=DomainName("a-app.example.com.")))
    take(story, RIGHT, SWAPPED)
    story.wait(101)
    assert story.status.state is RecordState.UNKNOWN
    assert "no server was asked since the plan calls its answers otherwise" in story.status.sentence
    assert "stale-owner" not in story.raised()
    _answer(story, FIRST, 102, 140)
    assert story.status.records[0].position is Position.V1
    assert story.status.records[0].transitions == 0
    assert not story.status.records[0].recent
    assert {one.position for one in story.status.cached_answers} == {Position.V1, Position.ABSENT}
    assert "stale-owner" not in story.codes


def test_a_load_balancer_that_is_added_to_a_side_touches_no_record_that_leads_to_one() -> None:
    story = standing(RIGHT, SECOND)
    before = story.status
    take(story, of((V1_BALANCER,), (V2_BALANCER, NEW_ONE)), RIGHT)
    assert story.status == before


def test_what_led_to_neither_side_begins_anew_when_a_load_balancer_is_added() -> None:
    bare = of((V1_BALANCER,), ())
    story = Story(Expectation.V2, surroundings=context(known=replace(learned(bare), names={})))
    _answer(story, SECOND, 0.0, 100.0)
    assert story.status.records[0].position is Position.FOREIGN
    take(story, RIGHT, bare)
    assert story.status.records[0].position is None
    story.context = story.context._replace(book=learned(RIGHT, 101))
    _answer(story, SECOND, 102, 140)
    assert (story.status.records[0].position, story.status.records[0].transitions) == (Position.V2, 0)


def test_a_load_balancer_that_is_added_leaves_what_caches_may_hold_of_a_side_and_the_change_away_from_it() -> None:
    bare = of((V1_BALANCER,), (NEW_ONE,))  # mistyped: it never shows an address
    story = standing(bare, FIRST)
    _answer(story, SECOND, 100, 110)
    take(story, RIGHT, bare)
    assert Position.V1 in {one.position for one in story.status.cached_answers}
    story.context = story.context._replace(book=learned(RIGHT, 111))
    _answer(story, SECOND, 112, 150)
    assert [(one.before, one.after) for one in story.status.records[0].recent] == [(Position.V1, Position.V2)]
    assert Position.V1 in {one.position for one in story.status.cached_answers}


def test_what_led_to_a_load_balancer_that_is_taken_out_is_doubted_and_no_change() -> None:
    story = standing(RIGHT, SECOND)
    take(story, of((V1_BALANCER,), (NEW_ONE,)), RIGHT)
    _answer(story, SECOND, 102, 400)
    assert story.status.records[0].transitions == 0


@pytest.mark.parametrize(
    ("after", "otherwise"),
    [
        (of((V1_BALANCER,), (V2_BALANCER,)), False),
        (replace(RIGHT, soak=1.0), False),
        (SWAPPED, True),
        (of((V1_BALANCER,), (V2_BALANCER, NEW_ONE)), True),
    ],
)
def test_a_plan_calls_addresses_otherwise_by_its_sides_alone(after: Plan, *, otherwise: bool) -> None:
    assert calls_otherwise(after, RIGHT) is otherwise


def test_a_reload_keeps_what_a_load_balancer_showed_on_whichever_side_it_stands() -> None:
    carried = carry_over(learned(SWAPPED), RIGHT)
    assert (carried.side_of(FIRST), carried.side_of(SECOND)) == (Side.V1, Side.V2)
    assert carried.refreshed_at == instant(0)
    both = learned(RIGHT).learn(
        Side.V2,
        V2_BALANCER,
        Response("NOERROR", authoritative=True, answer=(RRset(V2_BALANCER, "A", 60, (FIRST,)),)),
        instant(1),
    )
    assert both.is_contested(FIRST)
    assert carry_over(both, SWAPPED).side_of(FIRST) is None
    assert NAME not in carried.names
