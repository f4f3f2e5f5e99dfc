"""An ownership TXT beside a name that answers nothing: the advice played, whether the alias stands or is gone."""

import pytest

from probe.externaldns.instance import ingress
from probe.externaldns.version import V0_21_0, V0_22_0, V0_23_0, Version
from probe.model.finding import Finding
from probe.model.name import DomainName
from probe.model.outcome import Response
from probe.model.side import Side
from tests.judge.answers import nodata, nxdomain
from tests.judge.ownership.owned import NEW, Owned, owned, with_versions
from tests.lab.builders import delete
from tests.remedies.faults import CARE, V1
from tests.remedies.stage import FAMILIES, HOST, Stage

NEW_ALB = DomainName("k8s-v1alb-333.eu-west-1.elb.amazonaws.com.")
OWNER = "eks-v1"


def told(answer: Response) -> Finding:
    """Give what the judge says, which knows no more than the answers and the TXT, as after a restart."""
    watch = Owned(with_versions(NEW, NEW))
    watch.answer(answer, 300, owned("v1"))
    return watch.finding("orphan-txt")


def obey(stage: Stage, finding: Finding) -> None:
    """Do what it says, and no more: delete the TXT, at once or if the hosted zone has no record of the name."""
    looks_first = "list-resource-record-sets" in finding.first.command
    assert looks_first is ("only if none does" in finding.remedy)
    if not looks_first or not stage.leads(HOST):
        stage.remove_txt(HOST, OWNER)


def stood(version: Version) -> Stage:
    """v1's has the host, and is stopped while its load balancer is made anew."""
    stage = Stage(1, (version, version))
    stage.want(V1, HOST)
    stage.run(V1)
    stage.advance(CARE)
    stage.stop(V1)
    return stage


def wants_anew(stage: Stage) -> None:
    """Give the host's Ingress another load balancer, and let v1's go on."""
    stage.clusters[V1].wants[HOST] = ingress(HOST, NEW_ALB, "ingress/shop/app")
    stage.run(V1)
    stage.advance(stage.now + CARE)


def targets(stage: Stage) -> set[str]:
    return {one.alias.dns_name for one in stage.zone.record_sets() if one.name == HOST and one.alias is not None}


@pytest.mark.parametrize("version", [V0_21_0, V0_22_0, V0_23_0], ids=str)
def test_an_alias_of_a_load_balancer_that_is_gone_keeps_its_txt_and_follows_to_the_next_one(version: Version) -> None:
    stage = stood(version)
    obey(stage, told(nodata()))
    wants_anew(stage)
    assert targets(stage) == {NEW_ALB}


@pytest.mark.parametrize("version", [V0_21_0, V0_22_0, V0_23_0], ids=str)
@pytest.mark.parametrize("answer", [nodata(), nxdomain()], ids=["NODATA", "NXDOMAIN"])
def test_beside_a_record_that_is_gone_the_txt_goes_and_whoever_creates_it_owns_it(
    version: Version, answer: Response
) -> None:
    stage = stood(version)
    stage.write(*delete(*(one for one in stage.zone.record_sets() if one.name == HOST and one.rdtype in FAMILIES)))
    obey(stage, told(answer))
    stage.want(Side.V2, HOST)
    stage.run(Side.V2)
    stage.advance(stage.now + CARE)
    assert stage.leads(HOST) == {"A": (Side.V2,), "AAAA": (Side.V2,)}
    assert {owner for txt in stage.txts(HOST) for owner in stage.owners_in(txt)} == {"eks-v2"}
