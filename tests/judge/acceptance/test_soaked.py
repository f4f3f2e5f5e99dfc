"""v1 goes no earlier than `gate` says that its domain is confirmed, and the time of that is told."""

import pytest

from probe.judge.acceptance.decommission import decommission
from probe.model.check import CheckOutcome
from probe.model.confirmation import Criterion
from probe.model.decommission import Precondition
from probe.model.record import Position
from probe.model.text import duration
from tests.judge.acceptance.test_decommission import SOAK, Moved
from tests.judge.answers import instant
from tests.judge.ownership.owned import owned


def test_the_soak_is_waited_for_as_by_gate() -> None:
    moved = Moved()
    moved.story.context = moved.story.context._replace(soak=300.0)
    moved.move(owned("v1"), owned("v2"), since=200)
    verdict = moved.verdict()
    assert moved.requirement(Precondition.DRAINED).outcome is CheckOutcome.PASS
    assert verdict.outcome is CheckOutcome.UNKNOWN
    waiting = moved.requirement(Precondition.CONFIRMED)
    left = 300.0 - moved.story.status.confirmation.held
    assert waiting.sentence == f"It holds every criterion, and {duration(left)} of the soak of 5 min are left."
    assert verdict.at is not None
    assert verdict.at.monotonic == pytest.approx(instant(moved.at).monotonic + left, abs=5.0)
    moved.stand(Position.V2, 320, owned("v2"))
    assert moved.story.status.confirmation.confirmed
    assert moved.verdict().outcome is CheckOutcome.PASS


def test_while_caches_are_waited_for_the_soak_is_added_to_their_time() -> None:
    moved = Moved().move(owned("v1"), owned("v2"), since=90)
    drain, verdict = moved.story.status.drain, moved.verdict()
    assert drain is not None
    assert drain.deadline is not None
    assert verdict.at is not None
    assert verdict.at.monotonic == drain.deadline.monotonic + SOAK
    waiting = moved.requirement(Precondition.CONFIRMED).sentence
    assert waiting == "The soak of 30 s has not begun: resolvers does not hold."


def test_a_soak_that_stands_still_has_no_time() -> None:
    moved = Moved().move(owned("v1"), owned("v2"))
    still = moved.story.status.confirmation._replace(outcome=CheckOutcome.UNKNOWN, confirmed=False)
    criteria = tuple(
        one._replace(outcome=CheckOutcome.UNKNOWN) if one.name == Criterion.OWNERSHIP else one for one in still.criteria
    )
    status = moved.story.status._replace(confirmation=still._replace(criteria=criteria))
    found = decommission(status, instant(moved.at), moved.story.context)
    assert found is not None
    assert (found.outcome, found.at) == (CheckOutcome.UNKNOWN, None)
    assert found.checks[-1].sentence == "The soak of 30 s does not go on: ownership is not known."
