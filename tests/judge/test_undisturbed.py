"""Where nothing is open time passes for the soak alone; everything that may wait for a moment counts as open."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from probe.judge.acceptance.soak import confirm
from probe.judge.answer.address_book import Denial
from probe.judge.context import Context
from probe.judge.pipeline import conclude
from probe.judge.record.state import Elsewhere
from probe.judge.review import adopt, expire
from probe.judge.state import DomainState
from probe.judge.undisturbed import is_undisturbed
from probe.model.check import CheckOutcome
from probe.model.external_dns import TxtRegistry
from probe.model.finding import Awaited, Finding, FindingCode, Severity
from probe.model.plan import Expectation
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position, RecordState
from probe.model.share import Share
from tests.judge.answers import (
    NAME,
    SERVERS,
    V1_BALANCER,
    ZONE,
    at_position,
    book,
    instant,
    observed,
    plan,
    timeout,
)
from tests.judge.ownership.owned import NEW, Owned, owned, with_versions
from tests.judge.story import Story
from tests.judge.test_pipeline import counted

SETTLED, JUDGED_ANEW_AFTER = 400.0, 45.0
"""The latter as the cases below need it: whoever moves a threshold moves its figure here as well, its reason there."""


def calm() -> Story:
    """A domain that stands where it should, judged as a whole at `SETTLED`."""
    story = Story()
    story.state, story.context = _calm()
    return story


@cache
def _calm() -> tuple[DomainState, Context]:
    told = Owned(with_versions(NEW, NEW), Expectation.V2)
    told.stand(Position.V2, SETTLED, owned("v2", "a", "aaaa"))
    story, at = told.story, instant(SETTLED)
    return conclude(story.state, at, story.context).judged_at(at), story.context


def answered(story: Story, since: float, until: float) -> None:
    """Let a server answer every seven seconds, one after the other."""
    for turn in range(int((until - since) / 7.0) + 1):
        at = since + 7.0 * turn
        for rdtype in ADDRESS_TYPES:
            story.hear(observed(at_position(Position.V2, rdtype), at, SERVERS[round(at / 7.0) % 4], rdtype))


@pytest.mark.parametrize("later", [7.0, 21.0, JUDGED_ANEW_AFTER - 1])
def test_what_is_passed_for_the_soak_alone_is_what_the_whole_table_gives(later: float) -> None:
    story = calm()
    assert is_undisturbed(story.state, instant(SETTLED), story.context)
    answered(story, SETTLED + 1, SETTLED + later)
    now = instant(SETTLED + later)
    assert is_undisturbed(story.state, now, story.context)
    after, told = expire(story.state, now, story.context)
    whole = conclude(story.state, now, story.context)
    assert after.status._replace(cached_answers=()) == whole.status._replace(cached_answers=())
    assert after.status.confirmation.held > story.status.confirmation.held
    assert told == ()


def test_it_is_judged_as_a_whole_once_that_is_long_enough_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    story = calm()
    judged = counted(monkeypatch, "probe.judge.review.conclude")
    for at in range(int(SETTLED), int(SETTLED) + 420, 21):
        answered(story, at + 1, at + 21)
        story.wait(at + 21)
    assert len(judged) in range(6, 8)  # at every third of twenty


def test_servers_that_were_read_from_a_journal_are_the_same_servers() -> None:
    """Or a domain would be judged otherwise after a restart than by whoever folds the whole journal."""
    story = calm()
    read = tuple(replace(one) for one in story.context.servers)
    assert all(one is not other for one, other in zip(read, story.context.servers, strict=True))
    assert is_undisturbed(story.state, instant(SETTLED), story.context._replace(servers=read))


def test_it_is_judged_as_a_whole_after_a_time_that_never_was() -> None:
    story = calm()
    assert is_undisturbed(story.state, instant(SETTLED), story.context)
    assert not is_undisturbed(story.state, instant(SETTLED - 1), story.context)  # another boot's clock
    assert not is_undisturbed(story.state.judged_at(None), instant(SETTLED), story.context)


def test_a_plan_that_is_taken_over_has_all_judged_anew() -> None:
    story = calm()
    story.state = adopt(story.state, plan(Expectation.V2).domains[0], (TxtRegistry(),), ZONE)
    assert not is_undisturbed(story.state, instant(SETTLED), story.context)


def with_surroundings(**parts: Any) -> Callable[[Context], Context]:
    return lambda surroundings: surroundings._replace(**parts)


def with_status(**parts: Any) -> Callable[[DomainState], DomainState]:
    return lambda state: state.with_status(state.status._replace(**parts))


def with_record(**parts: Any) -> Callable[[DomainState], DomainState]:
    """Change the second record: what is looked at is all of them."""
    return lambda state: state.with_status(
        state.status._replace(records=(state.status.records[0], state.status.records[1]._replace(**parts)))
    )


def with_memory(**parts: Any) -> Callable[[DomainState], DomainState]:
    return lambda state: DomainState(
        state.status,
        state.memory._replace(records=(state.memory.records[0], state.memory.records[1]._replace(**parts))),
    )


FINDING = Finding(FindingCode.LAGGARD, Severity.INFO, NAME, "It lags.", "Wait.", 0.0)
OPEN: dict[str, Callable[[DomainState], DomainState]] = {
    "a finding": with_status(findings=(FINDING,)),
    "a finding that waits": with_status(awaited=(Awaited(FindingCode.LAGGARD, instant(0)),)),
    "a share": with_status(shares=(Share(RecordType.A),)),
    "absent": with_status(state=RecordState.ABSENT),
    "no soak": lambda state: with_status(confirmation=state.status.confirmation._replace(since=None))(state),
    "a criterion is unknown": lambda state: with_status(
        confirmation=state.status.confirmation._replace(outcome=CheckOutcome.UNKNOWN)
    )(state),
    "a record elsewhere": with_record(state=RecordState.ABSENT),
    "disturbed": with_record(disturbed=instant(SETTLED)),
    "through a cache": with_record(cache=300),
    "a fight": with_memory(fighting=True),
    "draws": with_memory(drawn=True),
    "both sides' addresses": with_memory(contested=1),
    "neither side's": with_memory(elsewhere=Elsewhere(last=SETTLED)),
}


@pytest.mark.parametrize("opened", OPEN.values(), ids=OPEN)
def test_whatever_is_open_about_it_has_all_judged(opened: Callable[[DomainState], DomainState]) -> None:
    story = calm()
    assert not is_undisturbed(opened(story.state), instant(SETTLED), story.context)


def test_a_server_that_is_silent_once_has_all_judged() -> None:
    story = calm()
    story.hear(observed(timeout(), SETTLED, SERVERS[2], RecordType.AAAA))
    assert not is_undisturbed(story.state, instant(SETTLED), story.context)


DENIED = {V1_BALANCER: Denial(instant(0), frozenset(ADDRESS_TYPES), 1)}
HALF_DENIED = {V1_BALANCER: Denial(instant(0), frozenset({RecordType.AAAA}), 9)}
SURROUNDINGS: dict[str, Callable[[Context], Context]] = {
    "other servers": with_surroundings(servers=SERVERS[:3]),
    "the same in another order": with_surroundings(servers=SERVERS[::-1]),
    "one that fails for all": with_surroundings(failing=frozenset(SERVERS[:1])),
    "one that is told of": with_surroundings(reported=frozenset(SERVERS[:1])),
    "one against the others": with_surroundings(dissenting=frozenset(SERVERS[:1])),
    "a load balancer that is gone": with_surroundings(book=replace(book(), denied=DENIED)),
}


@pytest.mark.parametrize("opened", SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_whatever_is_open_around_it_has_all_judged(opened: Callable[[Context], Context]) -> None:
    story = calm()
    assert not is_undisturbed(story.state, instant(SETTLED), opened(story.context))


def test_a_load_balancer_without_the_other_family_is_nothing_open() -> None:
    story = calm()
    surroundings = story.context._replace(book=replace(book(), denied=HALF_DENIED))
    assert is_undisturbed(story.state, instant(SETTLED), surroundings)


def test_the_soak_alone_breaks_when_nothing_is_heard_any_more() -> None:
    """Its criteria are looked at each time: that answers keep coming is one of them."""
    story = calm()
    silent = instant(SETTLED + JUDGED_ANEW_AFTER - 1)
    assert is_undisturbed(story.state, silent, story.context)
    after, _ = expire(story.state, silent, story.context)
    assert after.status.confirmation.outcome is CheckOutcome.UNKNOWN
    assert after.status.confirmation == confirm(story.status, silent, story.context)
    assert not is_undisturbed(after, silent, story.context)


def test_of_its_criteria_that_answers_keep_coming_is_looked_at_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """All others pass, and what could change one of them is open, or is judged when it is heard."""
    story = calm()
    answered(story, SETTLED + 1, SETTLED + 21)
    judged = counted(monkeypatch, "probe.judge.acceptance.soak.judge")
    held = story.status.confirmation.held
    story.wait(SETTLED + 21)
    assert (judged, story.status.confirmation.held > held) == ([], True)
