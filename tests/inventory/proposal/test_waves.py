"""Waves: what belongs together, what goes first, and what is expected of it."""

import pytest

from probe.inventory.proposal.survey import Survey
from probe.inventory.proposal.waves import ProposedWave, is_label, propose_waves, unwanted_hosts
from probe.inventory.wanted.sources import WAVE
from probe.model.plan import Expectation, Routing, Weights
from tests.inventory.manifests import OLD
from tests.inventory.proposal.surveys import V1, V2, against, shipped_survey, shipped_zone, v1_host, v2_host
from tests.inventory.written.test_export import alias, zone_of

MAX_GROUPS, MAX_GROUP_NAME = 60, 48
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

INTERNAL = "internal-" + V1


def told(survey: Survey) -> list[tuple[str, str, list[str]]]:
    return [
        (wave.name, wave.expectation.value, [domain.name.removesuffix(".example.com.") for domain in wave.domains])
        for wave in propose_waves(survey)
    ]


def one_of(survey: Survey, name: str) -> ProposedWave:
    return next(wave for wave in propose_waves(survey) if wave.name == name)


def test_the_shipped_clusters_waves() -> None:
    assert told(shipped_survey(shipped_zone())) == [
        ("argocd", "v2", ["argocd.tools"]),
        ("monitoring", "v1", ["grafana.tools"]),
        ("shop", "v1", ["m", "shop", "www"]),
        ("shop-weighted", "weighted", ["pay"]),
        ("ingress-nginx", "v1", ["*.campaign"]),
        ("unwanted", "v1", ["forgotten"]),
    ]
    wave = one_of(shipped_survey(shipped_zone()), "shop-weighted")
    assert wave.domains[0].weights == Weights(70, 30)


def test_internal_ones_go_first_then_declared_ones_then_the_smaller() -> None:
    survey = against(
        [
            v1_host("a.example.com", "b.example.com", namespace="large", name="1"),
            v1_host("c.example.com", namespace="small", name="2"),
            v1_host("d.example.com", namespace="tools", name="3", target=INTERNAL),
            v1_host("e.example.com", namespace="x", name="4", annotations={WAVE: "wave-10"}),
            v1_host("f.example.com", namespace="x", name="5", annotations={WAVE: "wave-9"}),
        ],
        [v2_host("a.example.com")],
    )
    assert [name for name, _, _ in told(survey)] == ["tools", "wave-9", "wave-10", "small", "large"]


def test_namespaces_that_share_a_host_move_together() -> None:
    survey = against(
        [
            v1_host("a.example.com", "b.example.com", namespace="one"),
            v1_host("b.example.com", "c.example.com", namespace="two"),
            v1_host("c.example.com", namespace="three"),
            v1_host("d.example.com", namespace="four"),
        ],
        [v2_host("a.example.com", namespace="four")],
    )
    assert told(survey) == [("four", "v1", ["d"]), ("one", "v1", ["a", "b", "c"])]


@pytest.mark.parametrize(
    ("leads", "expected"), [((V1, V1), "v1"), ((V2, V2), "v2"), ((V1, V2), "moving"), ((V2, None), "v2")]
)
def test_what_is_expected_follows_from_where_the_hosts_lead(leads: tuple[str | None, ...], expected: str) -> None:
    hosts = ("a.example.com", "b.example.com")
    sets = [alias(f"{host}.", target) for host, target in zip(hosts, leads, strict=True) if target is not None]
    survey = against([v1_host(*hosts)], [v2_host(*hosts)], zone_of(*sets))
    assert told(survey) == [("shop", expected, ["a", "b"])]


def test_what_only_v2_wants_and_has_is_a_wave_of_its_own() -> None:
    survey = against(
        [v1_host("a.example.com")],
        [v2_host("a.example.com", "b.example.com")],
        zone_of(alias("a.example.com.", V1), alias("b.example.com.", V2)),
    )
    assert told(survey) == [("shop", "v1", ["a"]), ("shop-v2-only", "v2", ["b"])]


def test_a_routing_comes_from_the_zone_or_from_the_annotations() -> None:
    survey = against(
        [v1_host("a.example.com", annotations={OLD + "aws-region": "eu-west-1", OLD + "set-identifier": "v1"})],
        [v2_host("a.example.com")],
    )
    assert one_of(survey, "shop").domains[0].routing is Routing.LATENCY
    stands = zone_of(
        alias("a.example.com.", V1, SetIdentifier="a", Failover="PRIMARY"),
        alias("a.example.com.", V2, SetIdentifier="b", Failover="SECONDARY"),
    )
    wave = one_of(Survey(survey.v1, survey.v2, (stands,)), "shop")
    assert (wave.expectation, wave.domains[0].routing) == (Expectation.MOVING, Routing.FAILOVER)


@pytest.mark.parametrize("label", ["", "two words", "x" * 64, "-x", "Ünïcode", "a\nb"])
def test_a_declared_wave_that_is_no_label_is_not_taken(label: str) -> None:
    assert not is_label(label)
    survey = against([v1_host("a.example.com", annotations={WAVE: label})], [v2_host("b.example.com")])
    assert told(survey)[0][0] == "shop"


def test_hosts_that_lead_to_neither_cluster_are_left_out() -> None:
    cdn = {OLD + "target": "d111.cloudfront.net"}
    survey = against([v1_host("a.example.com", annotations=cdn), v1_host("b.example.com", name="b")], [])
    assert told(survey) == [("shop", "v1", ["b"])]


def test_a_name_of_the_zone_that_is_not_a_host_s_is_told_and_is_no_domain() -> None:
    zone = zone_of(alias("_token.example.com.", V1), alias("old.example.com.", V1))
    survey = against([v1_host("a.example.com")], [v2_host("a.example.com")], zone)
    assert told(survey)[-1] == ("unwanted", "v1", ["old"])
    assert unwanted_hosts(survey) == ("_token.example.com.", "old.example.com.")


def test_a_load_balancer_s_own_name_is_neither_a_domain_nor_unwanted() -> None:
    survey = against(
        [v1_host("lb.example.com", "a.example.com", target="lb.example.com")], [], zone_of(alias("lb.example.com.", V1))
    )
    assert told(survey) == [("shop", "v1", ["a"])]
    assert unwanted_hosts(survey) == ()


def test_names_stay_names_however_many_namespaces_and_suffixes_meet() -> None:
    long = "n" * 63
    survey = against(
        [v1_host("a.example.com", namespace=long), v1_host("b.example.com", namespace="n" * 50, name="b")],
        [v2_host("c.example.com", namespace=long)],
    )
    names = [name for name, _, _ in told(survey)]
    assert len(set(names)) == len(names) == 3
    assert all(map(is_label, names))


def test_a_wave_s_name_leaves_room_for_a_suffix() -> None:
    survey = against([v1_host("a.example.com", namespace="n" * 63)], [])
    assert [name for name, _, _ in told(survey)] == ["n" * MAX_GROUP_NAME]


def test_namespaces_beyond_a_plan_s_waves_go_together_and_are_the_smallest() -> None:
    many = [v1_host(f"h{i}.example.com", namespace=f"n{i:02}") for i in range(MAX_GROUPS + 1)]
    pair = v1_host("pair.example.com", namespace=f"n{MAX_GROUPS:02}", name="pair")
    waves = {name: len(hosts) for name, _, hosts in told(against([*many, pair], []))}
    alone = {f"n{i:02}": 1 for i in range(MAX_GROUPS - 1)}
    assert waves == {**alone, f"n{MAX_GROUPS}": 2, "other-namespaces": 1}
