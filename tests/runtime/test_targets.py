"""Rounds over the load balancers' names that doubts call for, and names that no server answers any more."""

import pytest

from probe.model.name import DomainName
from probe.model.observation import Observation
from probe.model.outcome import FailureReason, NoResponse, Outcome, Response
from probe.model.question import Question, RecordType
from probe.runtime.targets import Target, Targets
from tests.fakes import server
from tests.judge.answers import instant
from tests.plans import plan

HURRY_PAUSE = 2.0
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


def test_doubts_that_repeat_with_every_question_call_for_a_round_every_two_seconds() -> None:
    targets = Targets(plan("app.example.com."))
    for target in targets:
        target.servers = (server(1), server(2))
    first = targets.hurry(100.0)
    assert {query.question.name for query in first} == set(targets.names)
    for target in targets:
        target.outstanding = 0
    assert targets.hurry(100.0 + HURRY_PAUSE - 0.1) == ()
    assert len(targets.hurry(100.0 + HURRY_PAUSE)) == len(first)


def test_no_round_is_begun_while_the_one_before_is_not_over() -> None:
    targets = Targets(plan("app.example.com."))
    for target in targets:
        target.servers = (server(1),)
    assert targets.hurry(100.0)
    assert targets.hurry(200.0) == ()


FAILING_AFTER, LOSSES = 180.0, 12
TIMEOUT = NoResponse(FailureReason.TIMEOUT)
DENIED = Response("NXDOMAIN", authoritative=True)
REFUSED = Response("REFUSED")


def heard(targets: Targets, outcome: Outcome, *moments: float, unseeing: bool = False) -> Target:
    """Let one load balancer's name be asked at some moments, with that outcome each time."""
    target = next(iter(targets))
    question = Question(target.name, RecordType.A)
    for at in moments:
        told = Observation(question, server(int(at) % 4 + 1), outcome, instant(at), 2.0)
        targets.learn(target, told, unseeing=unseeing)
    return target


def silent(targets: Targets, at: float) -> list[tuple[DomainName, float]]:
    return [(one.name, one.since.monotonic) for one in targets.silent(instant(at))]


def often(count: int, *, until: float) -> list[float]:
    return [until * number / (count - 1) for number in range(count)]


@pytest.mark.parametrize("outcome", [TIMEOUT, REFUSED])
def test_a_name_that_no_server_answers_is_told_of_once_that_is_no_chance(outcome: Outcome) -> None:
    targets = Targets(plan("app.example.com."))
    target = heard(targets, outcome, *often(LOSSES - 1, until=FAILING_AFTER))
    assert silent(targets, FAILING_AFTER) == []
    heard(targets, outcome, FAILING_AFTER)
    assert silent(targets, FAILING_AFTER - 0.1) == []
    assert silent(targets, FAILING_AFTER) == [(target.name, 0.0)]


def test_one_answer_of_one_server_ends_it_be_it_a_denial() -> None:
    targets = Targets(plan("app.example.com."))
    heard(targets, TIMEOUT, *often(LOSSES, until=FAILING_AFTER))
    heard(targets, DENIED, 200.0)
    assert silent(targets, 400.0) == []
    heard(targets, TIMEOUT, *(200.0 + at for at in often(LOSSES - 1, until=FAILING_AFTER)))
    assert silent(targets, 400.0) == []


def test_a_silence_of_a_vantage_that_sees_nothing_is_not_counted() -> None:
    targets = Targets(plan("app.example.com."))
    target = heard(targets, TIMEOUT, *often(LOSSES, until=FAILING_AFTER), unseeing=True)
    assert silent(targets, FAILING_AFTER) == []
    assert target.unanswered == LOSSES  # its zone is walked anew all the same
