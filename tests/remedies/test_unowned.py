"""A record without an ownership TXT where the plan's flags put it: the advice played in each world that looks so."""

import pytest

from probe.externaldns.instance import ingress
from probe.externaldns.naming import TxtNames
from probe.externaldns.version import V0_21_0, V0_22_0, V0_23_0, Version
from probe.judge.review import expire, initial, review
from probe.model.external_dns import ExternalDns, Policy, Registry, TxtRegistry
from probe.model.finding import Finding, FindingCode
from probe.model.name import DomainName
from probe.model.plan import Domain, Expectation
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position
from probe.model.side import Side
from tests.judge.answers import ADDRESSES, SERVERS, addresses, instant, nodata, observed
from tests.judge.ownership.owned import NEW, Owned, with_versions
from tests.remedies.faults import CARE, HASTE, V1, V2
from tests.remedies.stage import EARLIER, FAMILIES, HOST, LATER, ZONE, Stage

NEW_ALB = DomainName("k8s-v2alb-333.eu-west-1.elb.amazonaws.com.")

VERSIONS = pytest.mark.parametrize("version", [V0_21_0, V0_22_0, V0_23_0], ids=str)


def told(place: Position, expectation: Expectation = Expectation.MOVING) -> Finding:
    """Give what the judge says by a plan with the default flags of the TXT registry."""
    watch = Owned(with_versions(NEW, NEW), expectation)
    watch.stand(place, 300, {})
    return watch.finding("unowned")


def obey(stage: Stage, finding: Finding) -> None:
    """Compare the flags, and move the record by hand where it says so."""
    if finding.first.sentence.startswith("Compare --txt-prefix") and any(
        one.flags.names != TxtNames() for one in stage.clusters.values()
    ):
        assert "If they differ, correct the plan" in finding.remedy
    elif "ove the record by hand:" in finding.remedy or "move it there by hand:" in finding.remedy:
        stage.lead(HOST, V2)


def stood(version: Version, names: TxtNames = TxtNames(), *, owned: bool) -> Stage:  # noqa: B008  # frozen
    """v1 has the host, written by its ExternalDNS, or by hand."""
    stage = Stage(1, (version, version))
    stage.flags(V1, names=names)
    stage.want(V1, HOST)
    if not owned:
        stage.lead(HOST, V1)
    stage.run(V1)
    stage.advance(CARE)
    return stage


@VERSIONS
def test_with_a_prefix_that_the_plan_lacks_nothing_is_moved_by_hand_that_would_be_written_back(
    version: Version,
) -> None:
    stage = stood(version, TxtNames(prefix="own-"), owned=True)
    since = stage.now + HASTE
    stage.advance(since)
    obey(stage, told(Position.V1))
    stage.advance(since + CARE)
    assert stage.changes(HOST, since) == []


@VERSIONS
def test_with_the_plans_flags_it_is_moved_by_hand_and_nobody_writes_it_back(version: Version) -> None:
    stage = stood(version, owned=False)
    obey(stage, told(Position.V1))
    stage.advance(stage.now + CARE)
    assert stage.leads(HOST) == dict.fromkeys(FAMILIES, (V2,))


@pytest.mark.parametrize(
    ("place", "expectation"),
    [(V1, Expectation.V1), (V2, Expectation.V2), (V2, Expectation.MOVING)],
)
def test_what_is_where_it_is_expected_is_not_moved(place: Side, expectation: Expectation) -> None:
    stage = Stage(1, (V0_22_0, V0_22_0))
    stage.lead(HOST, place)
    stage.advance(CARE)
    touched = len(stage.touched)
    obey(stage, told(Position(place.value), expectation))
    assert len(stage.touched) == touched


def test_an_externaldns_with_noop_takes_it_and_nothing_is_said_of_no_owner() -> None:
    stage = stood(V0_22_0, owned=False)
    stage.flags(V2, owns_all=True)
    stage.want(V2, HOST)
    stage.run(V2)
    stage.advance(stage.now + CARE)
    assert stage.leads(HOST) == dict.fromkeys(FAMILIES, (V2,))
    watch = Owned(with_versions(NEW, NEW)._replace(v2=ExternalDns("v2", version=NEW, registry=Registry.NOOP)))
    watch.stand(Position.V1, 300, {})
    assert watch.raised() == []


@VERSIONS
def test_for_an_apex_nobody_changes_the_prefix_by_which_v2s_externaldns_finds_its_hosts(version: Version) -> None:
    """An apex of which v2's can write no TXT, in the middle of a migration: one host has moved, another one will."""
    stage = Stage(1, (version, version))
    stage.lead(ZONE, V1)
    stage.flags(V2, migrate_from_txt_owner="eks-v1", policy=Policy.UPSERT_ONLY)
    stage.want(V1, LATER, HOST)
    stage.want(V2, EARLIER)
    stage.run(V1)
    stage.run(V2)
    stage.advance(CARE)
    if "For an apex use a --txt-prefix" in told_of_the_apex().remedy:
        stage.flags(V2, names=TxtNames(prefix="%{record_type}."))
    else:
        assert "move the record by hand if it is not on v2" in told_of_the_apex().remedy
    stage.lead(ZONE, V2)
    stage.clusters[V2].wants[EARLIER] = ingress(EARLIER, NEW_ALB, "ingress/shop/earlier")
    stage.want(V2, HOST)
    stage.stop(V1)
    stage.advance(stage.now + CARE)
    assert stage.leads(ZONE) == dict.fromkeys(FAMILIES, (V2,))
    assert stage.leads(HOST) == dict.fromkeys(FAMILIES, (V2,))
    held = [one.alias.dns_name for one in stage.zone.record_sets() if one.name == EARLIER and one.alias is not None]
    assert held == [NEW_ALB] * len(FAMILIES)


def told_of_the_apex() -> Finding:
    surroundings = with_versions(NEW, NEW)
    state = initial(Domain(ZONE, "first", Expectation.MOVING), (TxtRegistry(),), ZONE)
    for at in (0.0, 0.1, 20.0):
        for server in SERVERS:
            for rdtype in ADDRESS_TYPES:
                answer = addresses(rdtype, *ADDRESSES[Position.V1, rdtype], name=ZONE)
                state, _ = review(state, observed(answer, at, server, rdtype, ZONE), surroundings)
    state, _ = review(state, observed(nodata(), 21, rdtype=RecordType.TXT, name=ZONE), surroundings)
    state, _ = expire(state, instant(22), surroundings)
    return next(one for one in state.status.findings if one.code is FindingCode.UNOWNED)
