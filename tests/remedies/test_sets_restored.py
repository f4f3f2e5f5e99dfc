"""A weighted name of which every set was deleted: what `outage` advises played, with both ExternalDNS at work after."""

import pytest

from probe.externaldns.version import V0_21_0, V0_22_0, V0_23_0, Version
from probe.model.external_dns import Policy
from probe.model.finding import Finding, FindingCode
from probe.model.plan import Expectation, Weights
from probe.model.record import Position
from probe.model.side import Side
from probe.route53.records import ResourceRecordSet
from tests.judge.story import Story
from tests.lab.builders import delete, upsert
from tests.remedies.faults import CARE, HASTE, V1, V2
from tests.remedies.stage import FAMILIES, HOST, Stage

WEIGHTS = {V1: 80, V2: 20}


def told(expectation: Expectation) -> Finding:
    story = Story(expectation, Weights(80, 20) if expectation is Expectation.WEIGHTED else None)
    story.stand(Position.V1, 0, 60)
    story.stand(Position.ABSENT, 67, 120, 2.0)
    return next(one for one in story.status.findings if one.code is FindingCode.OUTAGE)


def obey(stage: Stage, finding: Finding, sets: list[ResourceRecordSet]) -> None:
    """Create what the first step says: the sets as they were, or a simple record with its TXT."""
    if "each of its sets" in finding.first.sentence:
        stage.write(*upsert(*sets))
    else:
        stage.lead(HOST, V1)
        stage.name_owner(HOST, "eks-v1", FAMILIES)


def lost(version: Version) -> tuple[Stage, list[ResourceRecordSet]]:
    """Both clusters have the host with weights, and are stopped; somebody deletes its sets and their TXT."""
    stage = Stage(1, (version, version))
    for side in Side:
        stage.want(side, HOST, weight=WEIGHTS[side])
        stage.run(side)
    stage.advance(CARE)
    for side in Side:
        stage.stop(side)
    sets = [*{one.key: one for one in (*stage.zone.record_sets(), *stage.txts(HOST)) if one.set_identifier}.values()]
    stage.write(*delete(*sets))
    assert stage.leads(HOST) == {}
    return stage, sets


@pytest.mark.parametrize("version", [V0_21_0, V0_22_0, V0_23_0], ids=str)
@pytest.mark.parametrize("owner", list(Side))
def test_the_sets_are_there_again_and_either_clusters_weight_can_be_changed(version: Version, owner: Side) -> None:
    stage, sets = lost(version)
    obey(stage, told(Expectation.WEIGHTED), sets)
    assert stage.leads(HOST) == dict.fromkeys(FAMILIES, (V1, V2))
    stage.want(owner, HOST, weight=50)
    stage.advance(stage.now + HASTE)
    since = stage.now
    for side in Side:
        stage.run(side)
    stage.advance(since + CARE)
    weights = {(one.set_identifier, one.weight) for one in stage.zone.record_sets() if one.name == HOST}
    assert weights == {(str(side), 50 if side is owner else WEIGHTS[side]) for side in Side}
    assert stage.gaps(HOST, since) == []


def test_beside_a_simple_record_neither_clusters_set_comes_back() -> None:
    """With `upsert-only`, that is; with `sync` the one that owns the simple record replaces it by its set."""
    stage, sets = lost(V0_22_0)
    obey(stage, told(Expectation.MOVING), sets)
    for side in Side:
        stage.flags(side, policy=Policy.UPSERT_ONLY)
        stage.run(side)
    stage.advance(stage.now + CARE)
    assert stage.leads(HOST) == dict.fromkeys(FAMILIES, (V1,))
    assert all(not one.set_identifier for one in stage.zone.record_sets())
