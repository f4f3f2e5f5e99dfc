"""An answer of neither side is believed only after the load balancers' names were looked up again."""

import re
from dataclasses import replace
from itertools import accumulate

import pytest

from probe.judge.acceptance.expectation import verdict
from probe.judge.context import Context
from probe.judge.record.state import Elsewhere, RecordMemory, Remembered
from probe.judge.record.unknown_target import (
    _by_a_late_book,
    believed,
    deny,
    doubt,
    is_believed,
    is_doubted,
    is_on_beat,
)
from probe.model.check import CheckOutcome
from probe.model.effect import FindingRaised, TargetsDoubted, TransitionConfirmed
from probe.model.plan import Expectation
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, RecordStatus, Transition
from probe.model.side import Side
from tests.judge.answers import (
    V1_BALANCER,
    V2_BALANCER,
    addresses,
    at_position,
    book,
    context,
    instant,
)
from tests.judge.story import Story

BELIEVED_AFTER = 130.0
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


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


def fight_elsewhere(story: Story, cycles: int, away: float = 30.0, here: float = 30.0) -> list[float]:
    """Let a side and an address of neither hold the record by turns, the balancers' names answered every 30 seconds."""
    story.stand(Position.V1, 0, 118, 2.0)
    at, changes = 120.0, []
    for _ in range(cycles):
        for place, dwell in ((Position.FOREIGN, away), (Position.V1, here)):
            changes.append(at)
            until = at + dwell
            while at < until:
                known = dict.fromkeys(story.context.book.names, instant(at - at % 30.0))
                story.context = story.context._replace(book=replace(story.context.book, answered=known))
                story.stand(place, at, at, 2.0)
                at += 2.0
    return changes


@pytest.mark.case("A7")
@pytest.mark.parametrize(("away", "here"), [(30.0, 30.0), (44.0, 16.0), (18.0, 42.0)])
def test_a_fight_with_a_third_party_is_found_by_its_fifth_change(away: float, here: float) -> None:
    story = Story()
    changes = fight_elsewhere(story, 4, away, here)
    record = story.status.records[0]
    found = next(told.at.monotonic for told in story.effects if isinstance(told, FindingRaised))
    assert changes[2] < found <= changes[4] + 10.0
    assert [change.at.monotonic for change in record.recent] == changes
    assert record.state is RecordState.FLAPPING
    assert "foreign-target" in story.codes


@pytest.mark.case("A7")
@pytest.mark.parametrize("dwells", [(30.0, 90.0, 100.0, 20.0), (110.0, 60.0, 40.0, 10.0), (20.0, 10.0, 60.0, 45.0)])
def test_a_book_that_is_late_twice_within_minutes_is_no_fight(dwells: tuple[float, ...]) -> None:
    story = Story()
    story.stand(Position.V1, 0, 118, 2.0)
    at = 120.0
    for number, dwell in enumerate(dwells):
        known = dict.fromkeys(story.context.book.names, instant(at))
        story.context = story.context._replace(book=replace(story.context.book, answered=known))
        story.stand((Position.FOREIGN, Position.V1)[number % 2], at, at + dwell - 2.0, 2.0)
        at += dwell
    assert story.raised() == []
    assert story.status.records[0].transitions == 0


def test_what_the_book_learns_was_never_elsewhere_whatever_its_beat() -> None:
    story = Story()
    story.stand(Position.V1, 0, 118, 2.0)
    for cycle in range(6):
        begins = 120.0 + 60.0 * cycle
        node = addresses(RecordType.A, f"198.18.0.{cycle + 1}")
        for second in range(0, 30, 2):
            story.say([node] * 4, begins + second, times=1, rdtypes=[RecordType.A])
        shown = addresses(RecordType.A, f"198.18.0.{cycle + 1}", name=V1_BALANCER)
        book = story.context.book.learn(Side.V1, V1_BALANCER, shown, instant(begins + 29))
        known = dict.fromkeys(book.names, instant(begins + 29))
        story.context = story.context._replace(book=replace(book, answered=known))
        for second in range(30, 60, 2):
            story.say([node] * 4, begins + second, times=1, rdtypes=[RecordType.A])
    assert story.raised() == []
    assert story.status.records[0].transitions == 0


def test_every_change_of_an_excursion_is_told_when_it_is_believed() -> None:
    story = Story()
    changes = fight_elsewhere(story, 4)
    told = [effect for effect in story.effects if isinstance(effect, TransitionConfirmed)]
    assert [one.transition.at.monotonic for one in told if one.rdtype is RecordType.A] == changes


def looked_up(at: float) -> Context:
    """A context in which every load balancer's name was answered at this second."""
    known = book()
    return context(known=replace(known, answered=dict.fromkeys(known.names, instant(at))))


@pytest.mark.case("A7")
@pytest.mark.parametrize(
    ("known", "from_when"),
    [
        (Elsewhere(instant(0), instant(0)), BELIEVED_AFTER),
        (Elsewhere(instant(0), returns=2), BELIEVED_AFTER),
        (Elsewhere(instant(0), returns=1), 900.0),
    ],
    ids=["never-denied", "came-back-twice", "came-back-once"],
)
def test_foreign_answers_are_believed_once_the_book_was_answered_so_long_after_the_first(
    known: Elsewhere, from_when: float
) -> None:
    assert not is_believed(known, looked_up(from_when - 0.1))
    assert is_believed(known, looked_up(from_when))


def test_a_foreign_answer_is_a_first_one_again_after_five_minutes_without_any() -> None:
    memory = RecordMemory(elsewhere=Elsewhere(instant(0), instant(0), last=0.0))
    assert is_doubted(memory, instant(300))
    assert not is_doubted(memory, instant(300.1))
    again, _ = doubt(memory, addresses(RecordType.A, "192.0.2.200"), instant(300), looked_up(0))
    first, _ = doubt(memory, addresses(RecordType.A, "192.0.2.200"), instant(300.1), looked_up(0))
    assert (again.elsewhere.since, first.elsewhere.since) == (instant(0), instant(300.1))


def test_a_look_up_is_asked_for_every_five_seconds() -> None:
    memory, asked = RecordMemory(), []
    for tenth in range(101):
        memory, ask = doubt(memory, addresses(RecordType.A, "192.0.2.200"), instant(tenth / 10), looked_up(0))
        asked += [tenth / 10] if ask else []
    assert asked == [0.0, 5.0, 10.0]


def test_three_servers_that_say_otherwise_deny_a_foreign_answer() -> None:
    memory = RecordMemory(elsewhere=Elsewhere(instant(0), instant(0), last=0.0))
    for number in range(2):
        memory = deny(memory, number, 1.0, looked_up(0))
    assert memory.elsewhere.run is not None
    assert deny(memory, 2, 1.0, looked_up(0)).elsewhere.run is None


def test_four_of_the_values_are_told() -> None:
    answer = addresses(RecordType.A, *(f"192.0.2.20{number}" for number in range(6)))
    assert believed(Elsewhere(answer=answer)).values == tuple(f"192.0.2.20{number}" for number in range(4))


def on_its_way(story: Story, since: int, seconds: int, *, back_after: int | None = None) -> list[tuple[int, str, str]]:
    """Let one server after the other, each four seconds after the one before, answer what neither side has.

    Returns:
        From which second on what is said of the domain, and what `check` says then: told each time that it changes.
    """
    told: list[tuple[int, str, str]] = []
    for second in range(since, since + seconds, 2):
        known = dict.fromkeys(story.context.book.names, instant(second - second % 30))
        story.context = story.context._replace(book=replace(story.context.book, answered=known))
        gone = 0 if back_after is not None and second >= since + back_after else min(4, (second - since) // 4 + 1)
        led = [Position.FOREIGN] * gone + [Position.V1] * (4 - gone)
        story.say(map(at_position, led), second, times=1, rdtypes=[RecordType.A])
        story.say([at_position(place, RecordType.AAAA) for place in led], second, times=1, rdtypes=[RecordType.AAAA])
        if second % 6 == 0:
            story.wait(second)
        said = story.status.sentence.removeprefix("app.example.com ").removesuffix("; expected v1.")
        now = (re.sub(r" since [^;]*", "", said), verdict(story.status).outcome.value)
        if not told or told[-1][1:] != now:
            told.append((second - since, *now))
    return told


SHOWN = "192.0.2.200 and 2001:db8:ffff::1, which no load balancer was seen with, and their names are being asked again"


@pytest.mark.case("A7")
def test_what_is_on_its_way_to_a_third_party_is_said_as_it_is_seen_while_it_is_doubted() -> None:
    story = Story(Expectation.V1)
    story.stand(Position.V1, 0, 118, 2.0)
    assert on_its_way(story, 120, 160) == [
        (0, f"leads to v1 at 3 of 4 servers; 1 of 4 servers answers {SHOWN}", "unknown"),
        (4, f"leads to v1 at 2 of 4 servers; 2 of 4 servers answer {SHOWN}", "unknown"),
        (12, f"led to v1 until now; all 4 servers answer {SHOWN}", "unknown"),
        (150, "leads to an address of neither side at all 4 servers", "fail"),
    ]
    assert story.raised() == ["foreign-target"]


def test_what_was_doubted_and_is_gone_is_no_longer_said() -> None:
    story = Story(Expectation.V1)
    story.stand(Position.V1, 0, 118, 2.0)
    told = on_its_way(story, 120, 60, back_after=24)
    assert told[-2][2] == "unknown"
    assert told[-1][1:] == ("leads to v1 at all 4 servers", "pass")
    assert story.status.awaited == ()


def test_a_load_balancer_that_has_grown_is_believed_as_soon_as_it_says_so() -> None:
    story = Story(Expectation.V1)
    story.stand(Position.V1, 0, 118, 2.0)
    grown = addresses(RecordType.A, "192.0.2.201")
    story.say([grown] * 2 + [at_position(Position.V1)] * 2, 120, rdtypes=[RecordType.A])
    story.wait(121)
    assert "2 of 4 servers answer 192.0.2.201, which" in story.status.sentence
    assert verdict(story.status).outcome is CheckOutcome.UNKNOWN
    shown = addresses(RecordType.A, "192.0.2.201", name=V1_BALANCER)
    story.context = story.context._replace(book=story.context.book.learn(Side.V1, V1_BALANCER, shown, instant(122)))
    story.say([grown] * 4, 123, rdtypes=[RecordType.A])
    story.wait(124)
    assert "leads to v1 at all 4 servers since" in story.status.sentence
    assert verdict(story.status).outcome is CheckOutcome.PASS


def test_a_soak_stands_still_and_is_not_broken_while_an_address_is_doubted() -> None:
    story = Story(Expectation.V1)
    story.stand(Position.V1, 0, 118, 2.0)
    on_its_way(story, 120, 60)
    told = {one.name: one.outcome for one in story.status.confirmation.criteria}
    assert told["findings"] is CheckOutcome.UNKNOWN
    assert story.status.confirmation.breaks == 0


@pytest.mark.parametrize(
    ("dwells", "newest_away", "told"),
    [
        ((60.0, 900.0), False, -13.36),  # away for a minute, and again within the hour
        ((200.0, 3600.0), False, -21.04),  # away for longer than nearly any book is late
        ((100.0, 20.0, 90.0), True, -17.02),  # nodes come one by one: some times follow each other sooner
    ],
)
def test_what_a_late_book_would_do_is_weighed_by_how_long_books_are_late_and_how_far_apart(
    dwells: tuple[float, ...],
    newest_away: bool,  # noqa: FBT001  # a parameter of pytest
    told: float,
) -> None:
    assert _by_a_late_book(list(dwells), newest_away=newest_away) == pytest.approx(told, abs=0.05)


@pytest.mark.parametrize(
    ("dwells", "on_beat"),
    [
        ((30.0, 30.5), False),  # odds of 290 to 1
        ((30.0, 30.5, 30.0), True),  # of 80,000 to 1
        ((100.0, 3600.0, 90.0), False),
    ],
)
def test_a_third_party_is_on_the_beat_of_controllers_from_odds_of_650_to_one_on(
    dwells: tuple[float, ...],
    on_beat: bool,  # noqa: FBT001  # a parameter of pytest
) -> None:
    places = (Position.V1, Position.FOREIGN) * len(dwells)
    recent = tuple(
        Transition(instant(at), places[number], places[number + 1], reversal=number > 0)
        for number, at in enumerate([0.0, *accumulate(dwells)])
    )
    record = RecordStatus(RecordType.A, position=recent[-1].after, transitions=len(recent), recent=recent)
    known = book()
    refreshed = replace(known, answered=dict.fromkeys(known.names, instant(10_000.0)))
    supposed = Remembered(record, RecordMemory())
    assert is_on_beat(supposed, Elsewhere(since=instant(0.0)), context(known=refreshed)) is on_beat
