"""`sync` comes back to v2's ExternalDNS when the advice lets it: what is in no plan stands as it did before."""

import re

import pytest

from probe.externaldns.version import V0_21_0, V0_22_0, V0_23_0
from probe.judge.advice.measures import V2_UPSERTING, one_version, one_way, take_over
from probe.judge.findings.catalogue import CATALOGUE
from probe.model.advice import Situation
from probe.model.external_dns import Policy
from probe.model.finding import FindingCode
from probe.model.plan import Expectation
from tests.docs.test_runbook import ENTRIES
from tests.remedies.faults import BEGIN, V1, V2, Pair
from tests.remedies.stage import HOST, LATER, Stage
from tests.remedies.watch import AFTERWARDS

SAID = {
    **{
        f"{code} {expectation}": CATALOGUE[code].advise(Situation(expectation)).then
        for code, expectation in (
            (FindingCode.FIGHT_SAME_OWNER, Expectation.V2),
            (FindingCode.FIGHT_SAME_OWNER, Expectation.MOVING),
            (FindingCode.FIGHT_DELETE_CREATE, Expectation.MOVING),
            (FindingCode.TAKEOVER_DELETES, Expectation.V1),
        )
    },
    **{
        f"runbook {code}": ENTRIES[code]
        for code in (
            FindingCode.FIGHT_SAME_OWNER,
            FindingCode.FIGHT_DELETE_CREATE,
            FindingCode.TAKEOVER_DELETES,
            FindingCode.LAGGARD,
        )
    },
    "take_over": take_over("eks-v1"),
    "one_version": one_version("v0.22.0", "eks-v1"),
    "one_way": one_way(),
    "V2_UPSERTING": f"{V2_UPSERTING}.",
}
"""Where it is advised that v2's deletes nothing for a while."""

UNTIL = re.compile(r"until the last wave has moved(?P<further>[^.:;]*)", re.DOTALL)
OTHER_TEAMS = LATER
"""A host that v1's ExternalDNS has written, and that no wave has: it stays on v1."""


def the_last_wave_has_moved(pair: Pair, *, own_id: bool = True) -> Stage:
    """Let v2's have all that is in the plan, and delete nothing so far: by a take-over, or with v1's owner id."""
    stage = Stage(1, pair)
    stage.want(V1, HOST, OTHER_TEAMS)
    stage.run(V1)
    stage.advance(BEGIN)
    stage.stop(V1)
    stage.flags(V2, policy=Policy.UPSERT_ONLY)
    if own_id:
        stage.flags(V2, migrate_from_txt_owner="eks-v1")
    else:
        stage.flags(V2, txt_owner_id="eks-v1")
    stage.want(V2, HOST)
    stage.run(V2)
    stage.advance(2 * BEGIN)
    assert (stage.leads(HOST)["A"], stage.leads(OTHER_TEAMS)["A"]) == ((V2,), (V1,))
    return stage


def deletes_again(stage: Stage, further: str) -> bool:
    """Do what is to be done before, and give v2's its `sync` back: does it delete what is in no plan?"""
    since = stage.now
    if "--migrate-from-txt-owner" in further or "that flag is off" in further:
        stage.flags(V2, migrate_from_txt_owner="")
    if "owner id of its own" in further:
        stage.flags(V2, txt_owner_id="eks-v2")
    stage.flags(V2, policy=Policy.SYNC)
    stage.advance(stage.now + AFTERWARDS)
    return stage.gaps(OTHER_TEAMS, since) != []


@pytest.mark.parametrize("where", SAID)
@pytest.mark.parametrize("pair", [(V0_22_0, V0_23_0), (V0_21_0, V0_21_0)])
def test_what_is_in_no_plan_stands_when_sync_comes_back_as_it_is_advised(where: str, pair: Pair) -> None:
    told = [one["further"] for one in UNTIL.finditer(re.sub(r"\s+", " ", SAID[where]).replace("`", ""))]
    assert told
    for further in told:
        assert not deletes_again(the_last_wave_has_moved(pair), further)
        assert "--migrate-from-txt-owner" in further or "flag" in further


@pytest.mark.parametrize("pair", [(V0_21_0, V0_21_0), (V0_22_0, V0_22_0), (V0_23_0, V0_23_0)])
def test_it_stands_as_well_where_v2s_had_v1s_owner_id(pair: Pair) -> None:
    further = next(UNTIL.finditer(V2_UPSERTING))["further"]
    assert not deletes_again(the_last_wave_has_moved(pair, own_id=False), further)
    assert deletes_again(the_last_wave_has_moved(pair, own_id=False), " and --migrate-from-txt-owner is off v2's")


def test_with_the_flag_it_would_go() -> None:
    assert deletes_again(the_last_wave_has_moved((V0_22_0, V0_23_0)), "")
