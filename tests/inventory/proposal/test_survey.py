"""Whose a target is, and where hosts lead by what stands."""

import pytest

from probe.inventory.proposal.survey import Whereabouts, is_load_balancer
from probe.model.name import DomainName
from probe.model.plan import Routing, Weights
from probe.model.record import Position
from probe.model.side import Side
from tests.inventory.manifests import OLD
from tests.inventory.proposal.surveys import V1, V2, against, shipped_survey, shipped_zone, v1_host, v2_host
from tests.inventory.written.test_export import alias, plain, zone_of

A = DomainName("a.example.com.")


def where(*sets: dict[str, object]) -> Whereabouts:
    return against([v1_host("a.example.com")], [v2_host("a.example.com")], zone_of(*sets)).whereabouts(A)


@pytest.mark.parametrize(
    ("host", "position"),
    [
        ("argocd.tools.example.com.", Position.V2),
        ("grafana.tools.example.com.", Position.V1),
        ("pay.example.com.", Position.MIXED),
        ("status.example.com.", Position.FOREIGN),
        ("nothing.example.com.", Position.ABSENT),
        ("x.campaign.example.com.", Position.V1),
        ("other.example.net.", None),
    ],
)
def test_where_the_shipped_hosts_lead(host: str, position: Position | None) -> None:
    assert shipped_survey(shipped_zone()).whereabouts(DomainName(host)).position is position


def test_weights_of_both_sides_are_summed_up_once_for_both_families() -> None:
    sets = [
        alias("a.example.com.", target, rdtype, SetIdentifier=name, Weight=weight)
        for rdtype in ("A", "AAAA")
        for name, target, weight in (("v1", V1, 40), ("v1b", V1, 30), ("v2", V2, 30))
    ]
    assert where(*sets).weights == Weights(70, 30)


@pytest.mark.parametrize(
    ("weights", "told"), [((0, 0), None), ((255, 0), Weights(255, 0)), ((200, 200), Weights(200, 200))]
)
def test_weights_that_no_plan_would_take_are_none(weights: tuple[int, int], told: Weights | None) -> None:
    sets = [
        alias("a.example.com.", target, SetIdentifier=target[:20] + str(i), Weight=weight)
        for i, (target, weight) in enumerate(zip((V1, V2), weights, strict=True))
    ]
    assert where(*sets).weights == told


def test_sums_beyond_route53_s_bound_keep_their_share() -> None:
    sets = [alias("a.example.com.", V1, SetIdentifier=f"v1-{i}", Weight=255) for i in range(3)]
    assert where(*sets, alias("a.example.com.", V2, SetIdentifier="v2", Weight=255)).weights == Weights(255, 85)


def test_one_side_s_sets_alone_are_no_split() -> None:
    place = where(alias("a.example.com.", V1, SetIdentifier="v1", Weight=70))
    assert (place.position, place.weights) == (Position.V1, None)


def test_other_routing_is_told() -> None:
    place = where(
        alias("a.example.com.", V1, SetIdentifier="v1", Failover="PRIMARY"),
        alias("a.example.com.", V2, SetIdentifier="v2", Failover="SECONDARY"),
    )
    assert (place.position, place.routing, place.weights) == (Position.MIXED, Routing.FAILOVER, None)


def test_the_nearest_zone_tells() -> None:
    child = zone_of(plain("a.example.com.", "SOA", "a. b. 1 2 3 4 5"))
    del child.by_name[DomainName("example.com.")]
    inner = type(child)(A, {**child.by_name}, child.origin)
    survey = against(
        [v1_host("a.example.com")], [v2_host("b.example.com")], zone_of(alias("a.example.com.", V1)), inner
    )
    assert survey.whereabouts(A).position is Position.ABSENT


def test_a_load_balancer_of_both_sides_is_neither_s() -> None:
    survey = against([v1_host("a.example.com")], [v1_host("a.example.com"), v2_host("b.example.com", name="b")])
    assert survey.side_of(V1) is None
    assert survey.side_of(f"dualstack.{V2.upper()}.") is Side.V2
    assert list(survey.shared) == [V1]


def test_an_annotation_s_target_is_a_side_s_where_it_is_a_load_balancer() -> None:
    targets = {OLD + "target": f"d111.cloudfront.net,{V2},192.0.2.7"}
    survey = against([v1_host("a.example.com", annotations=targets)], [])
    assert sorted(survey.targets[Side.V1]) == ["192.0.2.7", V1, V2]
    assert not is_load_balancer("d111.cloudfront.net")
    assert is_load_balancer("a1b2.elb.ap-northeast-2.amazonaws.com")
