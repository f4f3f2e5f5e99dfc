"""Rounds over the load balancers' names that doubts call for."""

from probe.runtime.targets import Targets
from tests.fakes import server
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
