"""Two ExternalDNS whose TXT stand at different names, each with its own owner there: each finds the record its own."""

import pytest

from probe.externaldns.naming import TxtNames
from probe.externaldns.version import V0_21_0, V0_22_0, V0_23_0
from probe.model.external_dns import Policy
from probe.model.side import Side
from probe.route53.records import ResourceRecordSet
from tests.lab.builders import delete, plain, upsert
from tests.remedies.faults import CARE, V1, V2, Pair
from tests.remedies.stage import HOST, NAMES, Stage
from tests.remedies.watch import AFTERWARDS

PAIRS = ((V0_21_0, V0_21_0), (V0_22_0, V0_22_0), (V0_22_0, V0_23_0))
OF_SIDE = {V1: NAMES, V2: TxtNames(prefix="x-")}
FIGHT = 10
"""Changes in ten minutes of a fight, at the least."""


def txts(stage: Stage, side: Side) -> list[ResourceRecordSet]:
    names = {OF_SIDE[side].txt_name(HOST, kind) for kind in ("", "A", "AAAA", "CNAME")}
    return [record for record in stage.zone.record_sets() if record.rdtype == "TXT" and record.name in names]


def fight(pair: Pair) -> Stage:
    """Both find an owner of their own: the TXT of v2's are those of v1's under its prefix, with its id."""
    stage = Stage(3, pair)
    for side in Side:
        stage.flags(side, names=OF_SIDE[side], policy=Policy.UPSERT_ONLY)
    stage.want(V1, HOST)
    stage.run(V1)
    stage.advance(stage.now + CARE)
    copies = [
        plain(
            OF_SIDE[V2].txt_name(HOST, kind),
            "TXT",
            *(value.replace("owner=eks-v1", "owner=eks-v2") for value in record.values),
        )
        for kind in ("", "A", "AAAA", "CNAME")
        for record in txts(stage, V1)
        if record.name == NAMES.txt_name(HOST, kind)
    ]
    stage.write(*upsert(*copies))
    stage.want(V2, HOST)
    stage.run(V2)
    stage.advance(stage.now + 600.0)
    assert len(stage.changes(HOST, stage.now - 600.0)) > FIGHT
    return stage


@pytest.mark.case("A3")
@pytest.mark.parametrize("keeps", list(Side))
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def test_without_its_own_txt_the_one_that_was_stopped_leaves_the_record_alone(pair: Pair, keeps: Side) -> None:
    stage = fight(pair)
    followed = stage.now
    stage.stop(keeps.other)
    stage.advance(stage.now + CARE)
    stage.write(*delete(*txts(stage, keeps.other)))
    stage.run(keeps.other)
    stage.advance(stage.now + CARE)
    done = stage.now
    stage.advance(done + AFTERWARDS)
    assert set(stage.leads(HOST).values()) == {(keeps,)}
    assert stage.gaps(HOST, followed) == []
    assert stage.changes(HOST, done) == []


@pytest.mark.case("A3")
def test_one_version_for_both_ends_nothing() -> None:
    """What two versions need: stopped, and started again in the other one's version, v1's writes on."""
    stage = fight((V0_22_0, V0_22_0))
    stage.stop(V1)
    stage.advance(stage.now + CARE)
    stage.flags(V1, version=V0_23_0)
    stage.flags(V2, version=V0_23_0)
    stage.run(V1)
    stage.advance(stage.now + 600.0)
    assert len(stage.changes(HOST, stage.now - 600.0)) > FIGHT
