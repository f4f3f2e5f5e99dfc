"""When caches have let go of v1: to the second where its last answer was watched, by a bound where it was not."""

from dataclasses import replace

import pytest

from probe.judge.acceptance.decommission import decommission
from probe.judge.acceptance.drained import Drained, drained
from probe.model.check import CheckOutcome
from probe.model.decommission import Decommission
from probe.model.domain import DomainStatus
from probe.model.outcome import Response
from probe.model.plan import Expectation
from probe.model.record import Position, RecordState
from probe.model.text import moment
from tests.judge.acceptance.test_decommission import Moved
from tests.judge.answers import context, instant, plan
from tests.judge.ownership.owned import owned

DAY = 86_400
"""Seconds: the longest that caches hold, as the cases need it: whoever moves the threshold moves it here as well."""


def found_on_v2() -> Moved:
    """A domain that was on v2 when the watch began."""
    told = Moved()
    told.stand(Position.V2, 60, owned("v2"))
    return told


def verdict(told: Moved, seconds: float) -> Decommission:
    found = decommission(told.story.status, instant(told.at + seconds), told.story.context)
    assert found is not None
    return found


def caches(told: Moved, seconds: float) -> Drained:
    return drained(told.story.status, instant(told.at + seconds), told.story.context)


@pytest.mark.case("E8")
def test_a_domain_that_was_on_v2_before_the_watch_gets_a_time_and_then_leave_that_is_said_to_be_inferred() -> None:
    told = found_on_v2()
    early = caches(told, 0)
    assert early.at is not None
    since = max(record.since for record in told.story.status.records if record.since is not None)
    assert early.at.monotonic == since.monotonic + DAY + told.story.context.probing.grace
    assert early.told[0] is CheckOutcome.UNKNOWN
    assert "its TTL is not known, and taken to be at most 24 h: inferred, caches may lead to v1 until" in early.told[1]
    assert "if you know the TTL" in early.told[2]
    assert verdict(told, 0).at == early.at
    # Minutes after the start no TTL of today says anything of that with which v1 was answered.
    assert {caches(told, minutes * 60).told[0] for minutes in (6, 60, 1_400)} == {CheckOutcome.UNKNOWN}
    late = caches(told, early.at.monotonic - instant(told.at).monotonic + 1)
    assert late.told[0] is CheckOutcome.WARN
    assert f"inferred, no cache that obeys TTLs leads to v1 since {moment(early.at)}" in late.told[1]
    assert "longer TTL" in late.told[2]


@pytest.mark.case("E8")
def test_a_longer_ttl_that_is_served_now_makes_the_bound_later() -> None:
    told = found_on_v2()
    status = told.story.status
    longer = tuple(
        record._replace(servers=tuple(one._replace(response=with_ttl(one.response, 2 * DAY)) for one in record.servers))
        for record in status.records
    )
    now = instant(told.at)
    before = drained(status, now, told.story.context).at
    after = drained(status._replace(records=longer), now, told.story.context).at
    assert before is not None
    assert after is not None
    assert after.monotonic - before.monotonic == DAY


@pytest.mark.case("E8")
def test_a_resolver_that_holds_v1_forbids_it_whatever_is_inferred() -> None:
    told = found_on_v2()
    drain = told.story.status.drain
    assert drain is not None
    held = told.story.status._replace(drain=drain._replace(holding=2))
    word = drained(held, instant(told.at + 3_600), told.story.context)
    assert word.told[:2] == (CheckOutcome.FAIL, "2 resolvers still answer or hold v1.")


def test_a_move_that_was_watched_has_its_time_to_the_second() -> None:
    moved = Moved().move(owned("v1"), owned("v2"), since=40)
    drain = moved.story.status.drain
    assert drain is not None
    assert caches(moved, 0).at == drain.deadline
    assert caches(moved, 600).at is None


def test_what_waits_for_more_than_caches_has_no_time() -> None:
    moved = Moved().move(owned("v1"), owned("v1"), since=40)
    assert caches(moved, 0).at is not None
    assert moved.verdict().at is None


def test_silence_is_no_v1() -> None:
    silent = DomainStatus(plan(Expectation.V2).domains[0])
    told = drained(silent, instant(0), context()).told
    assert told[:2] == (
        CheckOutcome.UNKNOWN,
        "No answer of its authoritative servers is known that tells where it leads.",
    )


def test_a_server_that_was_heard_with_v1_forbids_it_though_the_state_is_not_known() -> None:
    told = Moved()
    told.stand(Position.V1, 60, owned("v1"))
    status = told.story.status._replace(state=RecordState.UNKNOWN)
    assert drained(status, instant(told.at), told.story.context).told[0] is CheckOutcome.FAIL


def with_ttl(response: Response | None, ttl: int) -> Response | None:
    if response is None:
        return None
    return replace(response, answer=tuple(rrset._replace(ttl=ttl) for rrset in response.answer))
