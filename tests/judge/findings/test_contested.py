"""An address that load balancers of both sides show: no verdict, no reversal, and the reason."""

import pytest

from probe.judge.acceptance.expectation import verdict
from probe.judge.answer.address_book import open_book
from probe.model.check import CheckOutcome
from probe.model.plan import Expectation, Plan, SidePlan
from probe.model.question import RecordType
from probe.model.record import RecordState
from probe.model.side import Side
from tests.judge.answers import SERVERS, V1_BALANCER, V2_BALANCER, addresses, context, instant, nodata, observed
from tests.judge.story import Story
from tests.judge.wording import whole

MOVE_AFTER = 120.0
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

SHARED = "203.0.113.50"


class Night(Story):
    """A domain at one address, and two load balancers that are looked up every half minute."""

    def __init__(self, expectation: Expectation = Expectation.V2) -> None:
        sides = SidePlan(Side.V1, (V1_BALANCER,)), SidePlan(Side.V2, (V2_BALANCER,))
        super().__init__(expectation, None, context(known=open_book(Plan("test", *sides, ()))))
        self.at = 0.0
        self.shown = {V1_BALANCER: (SHARED,), V2_BALANCER: (SHARED, "203.0.113.51")}

    def pass_by(self, seconds: float, *answer: str) -> None:
        until = self.at + seconds
        while self.at < until:
            if self.at % 30 == 0:
                for side, name in ((Side.V1, V1_BALANCER), (Side.V2, V2_BALANCER)):
                    shown = addresses(RecordType.A, *self.shown[name], name=name)
                    book = self.context.book.learn(side, name, shown, instant(self.at), RecordType.A)
                    self.context = self.context._replace(book=book)
            for server in SERVERS:
                self.hear(observed(addresses(RecordType.A, *answer), self.at, server, RecordType.A))
                self.hear(observed(nodata(), self.at, server, RecordType.AAAA))
            self.wait(self.at)
            self.at += 5.0


@pytest.mark.case("A6")
@pytest.mark.parametrize("expectation", list(Expectation))
def test_it_is_never_a_verdict_and_the_reason_is_said(expectation: Expectation) -> None:
    night = Night(expectation)
    night.pass_by(600, SHARED)
    assert night.status.state is RecordState.UNKNOWN
    assert night.raised() == ["contested-address"]
    assert night.status.sentence.startswith(
        "app.example.com is not known: it leads to 203.0.113.50, which load balancers of both sides show: no answer "
        "tells them apart since"
    )
    assert night.status.findings[0].sentence == (
        "app.example.com (A) leads to 203.0.113.50, which load balancers of both sides show."
    )
    assert "k8s-one.eu-west-1.elb.amazonaws.com and k8s-two.eu-west-1.elb.amazonaws.com" in whole(
        night.status.findings[0]
    )
    assert verdict(night.status).outcome is CheckOutcome.UNKNOWN


def test_an_answer_that_also_holds_an_address_of_one_side_alone_tells_that_side() -> None:
    night = Night()
    night.pass_by(120, SHARED, "203.0.113.51")
    assert (night.status.state, night.codes) == (RecordState.V2, set())


def test_what_was_told_of_the_side_before_is_taken_back_and_no_change_is_made_of_it() -> None:
    night = Night()
    night.shown[V2_BALANCER] = ("203.0.113.51",)
    night.pass_by(300, SHARED)
    assert (night.status.state, night.codes) == (RecordState.V1, {"laggard"})
    night.shown[V2_BALANCER] = (SHARED,)
    night.pass_by(60, SHARED)
    assert (night.status.state, night.codes) == (RecordState.UNKNOWN, {"contested-address"})
    assert "laggard" in night.cleared()
    night.shown[V2_BALANCER] = ("203.0.113.51",)
    night.pass_by(MOVE_AFTER + 60, SHARED)
    assert (night.status.state, night.status.records[0].transitions) == (RecordState.V1, 0)
    assert "contested-address" in night.cleared()


def test_an_address_that_moves_to_the_other_side_is_told_again_once_its_old_side_has_given_it_up() -> None:
    night = Night()
    night.pass_by(60, SHARED)
    night.shown[V1_BALANCER] = ("203.0.113.52",)
    night.pass_by(MOVE_AFTER + 60, SHARED)
    assert (night.status.state, night.codes) == (RecordState.V2, set())
