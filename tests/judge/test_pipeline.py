"""The pipeline of a verdict: its stages, and that each has what it needs when its turn comes."""

from collections.abc import Callable

import pytest

from probe.judge.pipeline import PIPELINE, conclude
from probe.judge.state import DomainState
from probe.model.domain import DomainStatus
from probe.model.plan import Expectation
from probe.model.record import Position, RecordState
from tests.judge.answers import context, instant
from tests.judge.story import Story

BROUGHT: tuple[tuple[str, ...], ...] = (
    ("shares",),
    ("state", "since"),
    ("expected_since",),
    ("sentence",),
    ("flip_period",),
    ("cached_answers", "resolvers", "convergences", "drain"),
    ("findings",),
    ("confirmation",),
    ("decommission",),
)
"""What each stage brings up to date, in the table's order."""


def moved() -> DomainState:
    """A domain that was on v1 and is on v2, with what follows from that left to be concluded."""
    story = Story(Expectation.V2)
    story.stand(Position.V1, 0, 60)
    story.stand(Position.V2, 67, 400)
    stale = story.status._replace(
        state=RecordState.UNKNOWN, since=None, expected_since=None, sentence="", findings=(), drain=None
    )
    return story.state.with_status(stale)


def test_every_stage_says_why_it_stands_where_it_does() -> None:
    assert len(PIPELINE) == len(BROUGHT)
    assert all(stage.reason for stage in PIPELINE)


@pytest.mark.parametrize("number", range(len(PIPELINE)))
def test_a_stage_changes_its_own_part_and_nothing_else(number: int) -> None:
    before = moved()
    for stage in PIPELINE[:number]:
        before = stage.conclude(before, instant(410), context())
    after = PIPELINE[number].conclude(before, instant(410), context()).status
    changed = {name for name in DomainStatus._fields if getattr(after, name) != getattr(before.status, name)}
    assert changed <= set(BROUGHT[number])


def test_concluding_twice_at_one_moment_changes_nothing_more() -> None:
    once = conclude(moved(), instant(410), context())
    assert conclude(once, instant(410), context()) == once


def without(number: int) -> Callable[[DomainState], DomainState]:
    def folded(state: DomainState) -> DomainState:
        for stage in (*PIPELINE[:number], *PIPELINE[number + 1 :], PIPELINE[number]):
            state = stage.conclude(state, instant(410), context())
        return state

    return folded


@pytest.mark.parametrize("number", [1, 2, 6], ids=["state", "expectation", "findings"])
def test_a_stage_that_comes_last_instead_of_in_its_place_gives_another_verdict(number: int) -> None:
    assert without(number)(moved()) != conclude(moved(), instant(410), context())
