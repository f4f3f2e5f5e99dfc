"""What the remedies warn of: the shorter ways do harm, so that a remedy that forgets a step would be caught."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from probe.externaldns.version import V0_15_1, V0_21_0, V0_22_0, V0_23_0
from probe.model.external_dns import Policy
from probe.model.finding import FindingCode
from probe.model.side import Side
from tests.remedies.faults import (
    CARE,
    FAULTS,
    HASTE,
    V1,
    V2,
    Pair,
    Steps,
    back_by_hand,
    foreign_owner,
    migrating_weights,
    moved_by_hand,
    mutual,
    no_txt,
    one_owner_synced,
    one_owner_weights,
    orphan,
    too_early,
)
from tests.remedies.stage import HOST, Stage
from tests.remedies.watch import AFTERWARDS, follow


def host_out_of_v2(stage: Stage) -> Steps:
    stage.flags(V2, policy=Policy.SYNC)
    yield HASTE
    stage.drop(V2, HOST)
    yield CARE


def host_out_of_v2_that_goes_on(stage: Stage) -> Steps:
    stage.drop(V2, HOST)
    stage.run(V2)
    yield CARE


def ingress_out_of_v1(stage: Stage) -> Steps:
    stage.drop(V1, HOST)
    yield CARE


def owner_without_an_object(stage: Stage) -> Steps:
    stage.flags(V1, policy=Policy.UPSERT_ONLY)
    yield HASTE
    stage.correct_txt(HOST, "eks-v1", "eks-v2")
    yield CARE


def synced_out_of_v2(stage: Stage) -> Steps:
    stage.drop(V2, HOST)
    stage.flags(V2, policy=Policy.SYNC)
    yield CARE


def synced_out_of_v1(stage: Stage) -> Steps:
    stage.flags(V1, policy=Policy.SYNC)
    stage.drop(V1, HOST)
    yield CARE


def flag_alone(stage: Stage) -> Steps:
    stage.flags(V2, migrate_from_txt_owner="eks-v1", policy=Policy.UPSERT_ONLY)
    yield CARE


def flag_off_alone(stage: Stage) -> Steps:
    stage.flags(V1, migrate_from_txt_owner="")
    yield CARE


def txt_of_a_alone(stage: Stage) -> Steps:
    stage.name_owner(HOST, "eks-v2", ("A",))
    yield CARE


def create_beside_it(stage: Stage) -> Steps:
    stage.want(V1, HOST)
    stage.run(V1)
    yield CARE


def has_a_gap(stage: Stage, since: float) -> bool:
    return stage.gaps(HOST, since) != []


def goes_on(stage: Stage, _since: float) -> bool:
    return len(stage.changes(HOST, stage.now - AFTERWARDS)) > 10  # two a minute


def is_split(stage: Stage, _since: float) -> bool:
    return stage.leads(HOST) in ({"A": (V1,), "AAAA": (V2,)}, {"A": (V2,), "AAAA": (V1,)})


def is_missing(stage: Stage, _since: float) -> bool:
    return stage.leads(HOST) == {}


Cause = Callable[[Stage], Steps]
Harm = Callable[[Stage, float], bool]


@pytest.mark.parametrize(
    ("cause", "shorter", "pair", "harm"),
    [
        (too_early, host_out_of_v2, (V0_22_0, V0_22_0), has_a_gap),
        (too_early, host_out_of_v2, (V0_21_0, V0_21_0), has_a_gap),
        (back_by_hand, host_out_of_v2_that_goes_on, (V0_22_0, V0_23_0), has_a_gap),
        (one_owner_synced, ingress_out_of_v1, (V0_22_0, V0_22_0), has_a_gap),
        (moved_by_hand, owner_without_an_object, (V0_21_0, V0_21_0), has_a_gap),
        (moved_by_hand, owner_without_an_object, (V0_22_0, V0_23_0), has_a_gap),
        (migrating_weights, synced_out_of_v2, (V0_22_0, V0_23_0), has_a_gap),
        (one_owner_weights, synced_out_of_v1, (V0_21_0, V0_21_0), has_a_gap),
        (one_owner_weights, synced_out_of_v1, (V0_22_0, V0_22_0), has_a_gap),
        (foreign_owner, flag_alone, (V0_15_1, V0_22_0), goes_on),
        (foreign_owner, flag_alone, (V0_21_0, V0_23_0), goes_on),
        (foreign_owner, flag_alone, (V0_22_0, V0_21_0), is_split),
        (mutual, flag_off_alone, (V0_21_0, V0_22_0), goes_on),
        (no_txt, txt_of_a_alone, (V0_22_0, V0_22_0), is_split),
        (orphan, create_beside_it, (V0_15_1, V0_22_0), is_missing),
    ],
)
def test_a_shorter_way_does_harm(cause: Cause, shorter: Cause, pair: Pair, harm: Harm) -> None:
    stage = Stage(1, pair)
    for pause in cause(stage):
        stage.advance(stage.now + pause)
    stage.advance(stage.now + CARE)
    since = stage.now
    assert not harm(stage, since) or harm in (goes_on, is_missing)
    for pause in shorter(stage):
        stage.advance(stage.now + pause)
    stage.advance(stage.now + AFTERWARDS)
    assert harm(stage, since)


@pytest.mark.long
@pytest.mark.parametrize(
    ("cause", "shorter", "pair", "harm"),
    [
        (too_early, host_out_of_v2, (V0_22_0, V0_22_0), FindingCode.OUTAGE),
        (foreign_owner, flag_alone, (V0_22_0, V0_21_0), FindingCode.FAMILY_SPLIT),
        (no_txt, txt_of_a_alone, (V0_22_0, V0_22_0), FindingCode.FAMILY_SPLIT),
    ],
)
def test_the_judge_says_what_harm_a_shorter_way_has_done(
    cause: Cause, shorter: Cause, pair: Pair, harm: FindingCode
) -> None:
    fault = next(one for one in FAULTS if one.cause is cause)
    played = follow(replace(fault, remedy=shorter), pair, seed=1, wait=0.0)
    assert harm in played.new
    assert played.critical


def test_with_an_id_of_its_own_for_each_v1_loses_its_hosts() -> None:
    stage = Stage(1, (V0_22_0, V0_22_0))
    for pause in one_owner_synced(stage):
        stage.advance(stage.now + pause)
    for side in Side:
        stage.flags(side, txt_owner_id=f"eks-{side}")
    stage.advance(stage.now + CARE)
    stage.lead(HOST, V2)
    stage.advance(stage.now + AFTERWARDS)
    assert set(stage.leads(HOST).values()) == {(V2,)}
