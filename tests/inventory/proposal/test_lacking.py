"""What a plan lacks, has too much, and says otherwise."""

import pytest

from probe.config.load import parse
from probe.inventory.proposal.hazards import hazards
from probe.inventory.proposal.lacking import Difference, compare
from probe.inventory.proposal.plan_text import plan_text
from probe.inventory.proposal.survey import Survey
from probe.inventory.proposal.waves import propose_waves
from probe.model.plan import Plan
from tests.inventory.proposal.surveys import (
    V1,
    V2,
    against,
    external_dns,
    shipped_survey,
    shipped_zone,
    v1_host,
    v2_host,
)

FLAGS = ("--source=ingress", "--txt-owner-id=eks-v1", "--policy=sync", "--domain-filter=example.com")


def planned(survey: Survey) -> Plan:
    return parse(plan_text(survey, propose_waves(survey), hazards(survey)))


def differences(plan: Plan, survey: Survey) -> list[tuple[Difference, str]]:
    return [(one.difference, one.sentence) for one in compare(plan, survey, propose_waves(survey))]


def small(*v1: str, flags: tuple[str, ...] = FLAGS, target: str = V1, version: str = "v0.22.0") -> Survey:
    return against(
        [external_dns(*flags, version=version), v1_host(*v1, target=target)],
        [external_dns("--source=ingress", "--txt-owner-id=eks-v2", "--policy=sync"), v2_host("a.example.com")],
    )


def test_a_plan_lacks_nothing_of_what_it_was_made_of() -> None:
    for survey in (shipped_survey(shipped_zone()), shipped_survey(), small("a.example.com")):
        assert differences(planned(survey), survey) == []


def test_a_new_host_and_one_that_is_gone() -> None:
    found = differences(planned(small("a.example.com", "old.example.com")), small("a.example.com", "new.example.com"))
    assert found == [
        (
            Difference.LACKS,
            "the domain new.example.com (proposed for the wave shop; v1: cluster.yaml:27; only v1 wants it)",
        ),
        (Difference.TOO_MUCH, "the domain old.example.com: no object that was read wants it"),
    ]
    assert [one.counts for one in Difference] == [True, True, False]


def test_a_load_balancer_that_was_replaced() -> None:
    found = differences(planned(small("a.example.com")), small("a.example.com", target="new." + V1))
    assert [(difference, V1 in sentence) for difference, sentence in found] == [
        (Difference.LACKS, True),
        (Difference.TOO_MUCH, True),
    ]


def test_an_address_within_the_plan_s_network_is_there() -> None:
    survey = small("a.example.com")
    text = plan_text(survey, propose_waves(survey), ()).replace(
        f"    load_balancers:\n      - {V1}",
        "    addresses: [192.0.2.0/24]\n    load_balancers:\n      - x.example.org",
        1,
    )
    inside = v1_host("a.example.com")
    inside["status"]["loadBalancer"]["ingress"] = [{"ip": "192.0.2.77"}]
    found = differences(parse(text), against([external_dns(*FLAGS), inside], [v2_host("a.example.com", target=V2)]))
    assert not [sentence for difference, sentence in found if difference is Difference.LACKS]


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (
            (*FLAGS[:2], "--policy=upsert-only", FLAGS[3]),
            "policy of v1's ExternalDNS dns/external-dns: the plan has sync, the cluster upsert-only",
        ),
        (FLAGS[:3], "domain_filter of v1's ExternalDNS dns/external-dns: the plan has example.com, the cluster none"),
        (
            (*FLAGS, "--txt-prefix=x-"),
            "txt_registry of v1's ExternalDNS dns/external-dns: the plan has none, the cluster `x-`",
        ),
        (
            (FLAGS[0], "--txt-owner-id=other", *FLAGS[2:]),
            "txt_owner_id of v1's ExternalDNS dns/external-dns: the plan has eks-v1, the cluster other",
        ),
        ((*FLAGS, "--interval=5m"), "the plan has 60 s, the cluster 300 s"),
    ],
)
def test_a_flag_that_was_changed(flags: tuple[str, ...], words: str) -> None:
    ((difference, sentence),) = differences(planned(small("a.example.com")), small("a.example.com", flags=flags))
    assert difference is Difference.OTHERWISE
    assert words in sentence


def test_a_version_s_own_defaults_are_as_good_as_flags() -> None:
    with_flag = small("a.example.com", version="v0.21.0")
    without = small("a.example.com", flags=(*FLAGS[:2], FLAGS[3]), version="v0.21.0")
    assert differences(planned(with_flag), without) == []
    unknown = small("a.example.com", version="latest")
    assert differences(planned(small("a.example.com")), unknown) == []


def test_another_external_dns_beside_the_one_of_the_plan() -> None:
    survey = small("a.example.com")
    more = against(
        [
            external_dns(*FLAGS),
            external_dns("--txt-owner-id=team", "--policy=sync", name="team"),
            v1_host("a.example.com"),
        ],
        [external_dns("--source=ingress", "--txt-owner-id=eks-v2", "--policy=sync"), v2_host("a.example.com")],
    )
    assert differences(planned(survey), more) == [
        (Difference.LACKS, "v1's ExternalDNS dns/team (owner id team)"),
    ]
