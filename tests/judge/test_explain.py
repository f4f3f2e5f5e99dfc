"""The explanation names the rule that decided, at every moment of every story, with the numbers of that moment."""

import random

import pytest

from probe.judge.explain import explain
from probe.judge.record import rules as table
from probe.judge.review import expire
from probe.judge.state import DomainState, forgotten
from probe.model.domain import DomainStatus
from probe.model.question import RecordType
from probe.model.reason import Reason
from probe.model.record import Position, RecordState, RecordStatus
from tests.judge.answers import instant, plan
from tests.judge.simulator import Prober, World, Write, square, steady, weighted

SHORTEST_QUIET = 300.0
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


STORIES = {
    "calm": [Write(0.0, steady(Position.V1))],
    "cutover": [Write(0.0, steady(Position.V1)), Write(120.0, steady(Position.V2))],
    "fight": square(period=60, phase=25, start=100, end=900, first=Position.V1, second=Position.V2),
    "outage": [Write(0.0, steady(Position.V1)), Write(120.0, steady(Position.ABSENT))],
    "weighted": [Write(0.0, weighted(0.5))],
}


def reason(state: DomainState, seconds: float) -> Reason:
    return explain(state, instant(seconds), plan()).reasons[0]


def said(of: Reason) -> RecordState:
    """The state that the rule gives which is said to have decided."""
    state = of.rules[of.applied].state
    return of.state if of.rules[of.applied].when == "otherwise" else RecordState(state)


@pytest.mark.parametrize("story", sorted(STORIES))
@pytest.mark.long
def test_the_rule_that_is_named_gives_the_state_that_is_shown(story: str) -> None:
    rng = random.Random(7)
    prober = Prober(World(STORIES[story], rng), rng)
    run = prober.go(5.0)
    seen = set()
    for second in range(5, 1_200, 5):
        prober.resume(float(second))
        state, _ = expire(run.state, instant(second), run.context)
        for one in explain(state, instant(second), plan()).reasons:
            assert said(one) is one.state
            seen.add(one.applied)
    assert len(seen) > 1 or story == "calm"


def test_a_fight_is_explained_by_its_changes_and_its_beat() -> None:
    rng = random.Random(7)
    run = Prober(World(STORIES["fight"], rng), rng).go(600.0)

    of = reason(run.state, 600.0)

    assert of.rules[of.applied].state == "flapping"
    assert any(number.endswith("(2 are flapping).") for number in of.numbers)
    assert of.beat is not None
    assert of.beat.period == pytest.approx(60, abs=3)
    shares = {dwell.position: dwell.share for dwell in of.beat.dwells}
    assert shares[Position.V2] == pytest.approx(25 / 60, abs=0.1)
    assert sum(dwell.seconds for dwell in of.beat.dwells) == pytest.approx(of.beat.period)
    assert of.beat.next_at is not None
    assert instant(600.0).wall - 10 < of.beat.next_at < instant(700.0).wall


def test_a_single_change_belongs_together_with_nothing() -> None:
    rng = random.Random(7)
    run = Prober(World(STORIES["cutover"], rng), rng).go(300.0)

    assert "1 confirmed change, and none before it." in reason(run.state, 300.0).numbers


@pytest.mark.case("B8")
def test_a_fight_that_is_calming_down_has_no_next_change_but_a_moment_at_which_it_counts_as_over() -> None:
    rng = random.Random(7)
    run = Prober(World(STORIES["fight"], rng), rng).go(600.0)
    told = reason(run.state, 600.0).beat
    later = reason(run.state, 600.0 + 220.0).beat
    assert told is not None
    assert later is not None
    assert told.newest_at is not None
    assert told.over_at is not None
    assert told.over_at - told.newest_at >= SHORTEST_QUIET
    assert later.next_at is None
    assert later.over_at == pytest.approx(told.over_at)
    assert later.newest_at == pytest.approx(told.newest_at)


def test_what_does_not_flap_has_no_beat() -> None:
    rng = random.Random(7)
    run = Prober(World(STORIES["calm"], rng), rng).go(60.0)

    of = reason(run.state, 60.0)

    assert (of.state, of.beat) == (RecordState.V1, None)
    assert of.numbers == (
        "4 of 4 servers count: their newest answer is not older than 3 min.",
        "2 servers must agree before a change is believed.",
        "Confirmed is v1, and no server last answered with anything else that counts.",
    )


def test_a_record_that_nobody_was_asked_for_is_explained_too() -> None:
    status = DomainStatus(plan().domains[0], records=(RecordStatus(RecordType.A), RecordStatus(RecordType.AAAA)))

    of = reason(forgotten(status), 0.0)

    assert of.rules[of.applied].when == "no fresh evidence"
    assert of.numbers[0].startswith("0 of 0 servers count")


def test_two_families_on_different_sides_are_explained_by_both() -> None:
    records = (RecordStatus(RecordType.A, RecordState.V2), RecordStatus(RecordType.AAAA, RecordState.V1))
    status = DomainStatus(plan().domains[0], RecordState.DIVIDED, records=records)

    assert explain(forgotten(status), instant(0), plan()).sentence == (
        "A is v2 and AAAA is v1; two families on different sides make a domain divided."
    )


@pytest.mark.case("E5")
@pytest.mark.parametrize(
    ("story", "because"),
    [
        ("weighted", "Weighted, and no fight: draws change from one answer to the next, at each server by itself."),
        (
            "fight",
            (
                "Flapping, and not weighted: a record that is rewritten changes at all servers, and stays so until it "
                "is written again."
            ),
        ),
    ],
)
def test_weights_and_fights_are_told_apart_in_words(story: str, because: str) -> None:
    rng = random.Random(7)
    run = Prober(World(STORIES[story], rng), rng).go(600.0)
    told = explain(run.state, instant(600.0), plan()).sentence

    assert because in told
    assert told.count("and n") == 1, "only what it is, and one reason for both families"


def test_what_is_neither_weighted_nor_a_fight_is_not_told_from_them() -> None:
    rng = random.Random(7)
    run = Prober(World(STORIES["cutover"], rng), rng).go(600.0)

    assert explain(run.state, instant(600.0), plan()).sentence.endswith("and so is the domain.")


def test_behind_a_cache_nothing_is_told_of_draws_at_servers() -> None:
    records = (RecordStatus(RecordType.A, RecordState.WEIGHTED, cache=60),)
    status = DomainStatus(plan().domains[0], RecordState.WEIGHTED, records=records)

    assert explain(forgotten(status), instant(0), plan()).sentence == "A is weighted, and so is the domain."


def test_every_rule_of_the_table_is_told_in_its_order() -> None:
    told = [line for line in (table.__doc__ or "").splitlines() if line.startswith("| ")][2:]
    status = DomainStatus(plan().domains[0], records=(RecordStatus(RecordType.A),))
    rules = reason(forgotten(status), 0.0).rules

    assert len(rules) == len(told) == len(table.Rule)
    for row, line in zip(rules, told, strict=True):
        assert row.state == "its confirmed position" or f"| {row.state}" in line
