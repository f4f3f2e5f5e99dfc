"""An owner is written over to v2's ExternalDNS: what the advice has done by then decides whether the record stays."""

import pytest

from probe.externaldns.version import V0_21_0, V0_22_0, V0_23_0
from probe.judge.findings.catalogue import CATALOGUE
from probe.model.advice import Situation
from probe.model.decommission import Precondition
from probe.model.external_dns import ExternalDns
from probe.model.finding import FindingCode
from probe.model.plan import Expectation
from probe.model.side import Side
from tests.judge.acceptance.test_decommission import Moved
from tests.judge.ownership.owned import NEW, owned
from tests.remedies.faults import CARE, HASTE, V1, V2, Pair, moved_by_hand
from tests.remedies.literal import carry_out, commands
from tests.remedies.stage import HOST, Stage
from tests.remedies.watch import AFTERWARDS

PAIRS = [(V0_21_0, V0_21_0), (V0_22_0, V0_22_0), (V0_22_0, V0_23_0), (V0_21_0, V0_22_0)]


@pytest.mark.parametrize("pair", PAIRS)
def test_after_the_first_step_the_owner_may_be_written_although_v2_reads_no_object(pair: Pair) -> None:
    """Who overlooks that v2's does not read its Ingress loses nothing for as long as the policy stays."""
    stage = Stage(1, pair)
    for pause in moved_by_hand(stage):
        stage.advance(stage.now + pause)
    stage.advance(stage.now + CARE)
    since, stood = stage.now, stage.leads(HOST)
    advised = CATALOGUE[FindingCode.STALE_OWNER].advise(Situation(Expectation.V2))
    for pause in carry_out(stage, commands(advised.first.command), None, HASTE):
        stage.advance(stage.now + pause)
    stage.correct_txt(HOST, "eks-v1", "eks-v2")
    stage.drop(V1, HOST)
    stage.run(V1)
    stage.advance(stage.now + AFTERWARDS)
    assert stage.gaps(HOST, since) == []
    assert stage.leads(HOST) == stood
    assert set(stood.values()) == {(V2,)}


@pytest.mark.parametrize("expectation", [None, *Expectation])
def test_an_object_is_looked_for_before_the_owner_is_written(expectation: Expectation | None) -> None:
    advised = CATALOGUE[FindingCode.STALE_OWNER].advise(Situation(expectation))
    assert [f"--context {side} " in advised.first.command for side in Side] == [True, True]
    assert advised.then.index("v2's reads an object for the host") < advised.then.index("write v2's owner")


def test_decommission_says_it_in_that_order_as_well() -> None:
    moved = Moved(ExternalDns("v1", version=NEW)).move(owned("v1"), owned("v1"))
    said = moved.requirement(Precondition.RELEASED).remedy
    order = ["Give v2's ExternalDNS --policy=upsert-only first", "Stop v1's", "reads an object for", "write v2's owner"]
    assert [said.index(one) for one in order] == sorted(said.index(one) for one in order)
