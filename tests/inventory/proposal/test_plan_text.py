"""The plan as it is written: it passes its own check, whatever the clusters are, and says where each value stands."""

from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probe.config.load import parse
from probe.inventory.proposal import plan_text as plan_text_module
from probe.inventory.proposal import survey as survey_module
from probe.inventory.proposal.hazards import hazards
from probe.inventory.proposal.plan_text import NoTarget, plan_text, scalar
from probe.inventory.proposal.survey import Survey, Whereabouts
from probe.inventory.proposal.waves import propose_waves
from probe.inventory.reading.objects import read_objects
from probe.inventory.wanted.host import Balancer
from probe.inventory.wanted.inventory import Inventory, take_inventory
from probe.inventory.wanted.sources import WAVE
from probe.model.external_dns import ExternalDns, Policy, Registry
from probe.model.name import DomainName
from probe.model.plan import Expectation, Plan, Weights
from probe.model.side import Side
from tests.inventory.manifests import NEW, OLD, stream
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
from tests.inventory.written.test_export import alias, plain, zone_of

MAX_DETAILS = 100
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


def written(survey: Survey) -> str:
    return plan_text(survey, propose_waves(survey), hazards(survey), vantage="office")


def plan_of(survey: Survey) -> Plan:
    return parse(written(survey))


def test_the_shipped_clusters_plan() -> None:
    plan = plan_of(shipped_survey(shipped_zone()))
    assert plan.v1.load_balancers[-1] == f"{V1}."
    assert plan.v2.external_dns == ExternalDns(
        txt_owner_id="eks-v2",
        migrate_from_txt_owner="default",
        version=(0, 22, 0),
        policy=Policy.UPSERT_ONLY,
        domain_filter=(DomainName("example.com."),),
        zone_match_parent=False,
        namespace="external-dns",
        workload="deployment/external-dns",
    )
    pay = next(domain for domain in plan.domains if domain.name == "pay.example.com.")
    assert (pay.expectation, pay.weights) == (Expectation.WEIGHTED, Weights(70, 30))


@pytest.mark.parametrize(
    "line",
    [
        "      version: v0.15.0   # tests/inventory/data/v1/external-dns.yaml:38",
        "      txt_owner_id: default   # not given: ExternalDNS' own default",
        f"      - {V1}   # ingress/shop/web, tests/inventory/data/v1/shop.yaml:33",
        "  - name: shop   # Declared by `cutover-probe/wave: shop`. They lead to v1 now.",
    ],
)
def test_every_value_has_its_place(line: str) -> None:
    text = written(shipped_survey(shipped_zone()))
    assert line in [one.replace(str(_root()), "tests/inventory/data") for one in text.splitlines()]


def _root() -> object:
    from tests.inventory.manifests import DATA  # noqa: PLC0415  # a path of this machine, taken out of what is compared

    return DATA


def test_what_is_told_stands_above_it() -> None:
    text = written(shipped_survey(shipped_zone()))
    assert "# !! v1's external-dns/external-dns runs v0.15.0" in text
    assert "#      - forgotten.example.com: " + V1 in text


@pytest.mark.parametrize(
    ("text", "written_as"),
    [
        ("a.example.com", "a.example.com"),
        ("*.example.com", '"*.example.com"'),
        ("1.5", '"1.5"'),
        ("2026-12-01", '"2026-12-01"'),
        ("true", '"true"'),
        ("no", '"no"'),
        ("0x1F", '"0x1F"'),
        ("%{record_type}-", '"%{record_type}-"'),
        ("a: b", '"a: b"'),
        ("\x1b[0m\u2028é😀", '"\\x1b[0m\\u2028é😀"'),
    ],
)
def test_text_is_text_again_when_it_is_read(text: str, written_as: str) -> None:
    assert scalar(text) == written_as
    assert yaml.safe_load(scalar(text)) == text


@given(st.text(max_size=20))
def test_any_text_is_text_again(text: str) -> None:
    if not any("\ud800" <= c <= "\udfff" for c in text):
        assert yaml.safe_load(f"a: {scalar(text)}   # note")["a"] == text


def test_several_external_dns_have_names_of_their_own() -> None:
    several = [external_dns("--txt-owner-id=a", "--policy=sync", name=name) for name in ("public", "x" * 70, "private")]
    survey = against([*several, v1_host("a.example.com")], [v2_host("a.example.com")])
    names = [one.name for one in plan_of(survey).v1.instances]
    assert len(set(names)) == len(names) == 3
    assert "public" in names


def test_every_flag_of_a_plan_is_written() -> None:
    flags = (
        "--txt-owner-id=null",
        "--policy=sync",
        "--interval=1h30m0s",
        "--txt-suffix=-xdns",
        "--txt-wildcard-replacement=any",
        "--domain-filter=example.com",
        "--exclude-domains=in.example.com",
        "--zone-id-filter=Z0123456789ABCDEFGHIJ",
        "--annotation-prefix=" + OLD,
        "--txt-encrypt-enabled",
        "--managed-record-types=CNAME,TXT",
        "--managed-record-types=A",
        "--aws-prefer-cname",
    )
    survey = against([external_dns(*flags), v1_host("a.example.com")], [v2_host("a.example.com")])
    assert plan_of(survey).v1.external_dns == survey.v1.workloads[0].external_dns
    assert "give the key as txt_registry.decryption_key_file" in written(survey)
    other = against([external_dns("--registry=dynamodb"), v1_host("a.example.com")], [v2_host("a.example.com")])
    assert plan_of(other).v1.external_dns.registry is Registry.DYNAMODB


def test_a_filter_that_lets_nothing_through_is_told_and_not_written() -> None:
    flags = ("--domain-filter=in.example.com", "--exclude-domains=example.com", "--policy=sync")
    survey = against([external_dns(*flags), v1_host("a.example.com")], [v2_host("a.example.com")])
    assert survey.v1.wanted == ()
    assert "exclude_domains keeps out all of domain_filter" in written(survey)
    assert plan_of(survey).v1.external_dns.exclude_domains == ()
    some = against(
        [external_dns(*flags, "--domain-filter=example.net"), v1_host("a.example.net")], [v2_host("a.example.net")]
    )
    assert plan_of(some).v1.external_dns.domain_filter == ("example.net.",)


def test_a_load_balancer_that_nobody_uses_is_a_comment() -> None:
    text = written(
        against([v1_host("a.example.com"), v1_host(name="idle", target="idle." + V1)], [v2_host("a.example.com")])
    )
    assert f"      # - idle.{V1}   # no host leads there: ingress/shop/idle, cluster.yaml:24" in text.splitlines()


def test_addresses_are_a_side_s_as_names_are() -> None:
    metal = v1_host("a.example.com")
    metal["status"]["loadBalancer"]["ingress"] = [{"ip": "203.0.113.7"}, {"ip": "2001:db8::7"}]
    plan = plan_of(against([metal], [v2_host("a.example.com")]))
    assert sorted(map(str, plan.v1.networks)) == ["2001:db8::7/128", "203.0.113.7/32"]


def test_an_address_that_no_machine_has_is_not_written_into_a_plan() -> None:
    metal = v1_host("a.example.com")
    metal["status"]["loadBalancer"]["ingress"] = [{"ip": "0.0.0.0"}, {"ip": "203.0.113.7"}, {"ip": "fe80::7"}]
    plan = plan_of(against([metal], [v2_host("a.example.com")]))
    assert list(map(str, plan.v1.networks)) == ["203.0.113.7/32"]


def test_a_side_has_as_many_load_balancers_as_a_plan_takes_and_the_rest_is_a_comment() -> None:
    many = [v1_host(f"h{i:03}.example.com", name=f"w{i:03}", target=f"{i:03}.{V1}") for i in range(65)]
    survey = against([*many], [v2_host("h000.example.com")])
    assert len(plan_of(survey).v1.load_balancers) == 64
    assert f"      # - 064.{V1}   # more than a plan's 64: ingress/shop/w064, cluster.yaml:" in written(survey)


def test_a_side_has_as_many_addresses_as_a_plan_takes() -> None:
    metal = v1_host("a.example.com")
    metal["status"]["loadBalancer"]["ingress"] = [{"ip": f"203.0.{i // 200}.{i % 200}"} for i in range(257)]
    assert len(plan_of(against([metal], [v2_host("a.example.com")])).v1.networks) == 256


def test_without_a_load_balancer_there_is_no_plan() -> None:
    with pytest.raises(NoTarget, match="v2 has no load balancer of its own"):
        written(against([v1_host("a.example.com")], [v2_host("a.example.com", target="")]))
    with pytest.raises(NoTarget, match="there is nothing to plan"):
        written(against([v1_host()], [v2_host()]))


def test_what_is_told_is_bounded() -> None:
    hosts = [f"h{i}.example.com" for i in range(300)]
    text = written(against([v1_host(*hosts)], [v2_host("a.example.com")]))
    assert f"#      - and {300 - MAX_DETAILS} more" in text.splitlines()


def test_a_plan_that_would_be_larger_than_a_plan_may_be_has_bare_names(monkeypatch: pytest.MonkeyPatch) -> None:
    survey = against([v1_host("a.example.com")], [v2_host("a.example.com")])
    whole = written(survey)
    assert "- a.example.com   # v1: cluster.yaml:9" in whole
    monkeypatch.setattr(plan_text_module, "MAX_BYTES", len(whole.encode()) - 1)
    assert "- a.example.com\n" in written(survey)


LABELS = st.sampled_from(["a", "b", "shop", "x" * 63, "1", "no", "xn--9q5b29o", "*"])
HOSTS = st.builds(
    lambda first, apex: f"{first}.{apex}", LABELS, st.sampled_from(["example.com", "w.example.com", "example.net"])
)
TEXTS = st.one_of(
    HOSTS,
    st.sampled_from(["", "under_score.example.com", "localhost", "{{ .host }}", "a\nb", "😀.example.com", "192.0.2.1"]),
)
TARGETS = st.sampled_from(
    [
        V1,
        V2,
        "dualstack." + V1,
        "internal-" + V2,
        "d111.cloudfront.net",
        "192.0.2.1",
        "10.0.0.1",
        "2001:db8::1",
        "a_b.example",
        "",
    ]
)
NAMESPACES = st.sampled_from(["shop", "tools", "n" * 63, "default"])
FLAGS = st.lists(
    st.sampled_from(
        [
            "--source=ingress",
            "--source=crd",
            "--txt-owner-id=a",
            "--txt-owner-id=b c",
            "--migrate-from-txt-owner=a",
            "--policy=sync",
            "--policy=upsert-only",
            "--interval=5m0s",
            "--interval=0s",
            "--registry=noop",
            "--txt-prefix=%{record_type}-",
            "--txt-suffix=-x",
            "--domain-filter=example.com",
            "--domain-filter=.w.example.com",
            "--exclude-domains=example.com",
            "--annotation-prefix=" + OLD,
            "--zone-id-filter=Z0123456789ABCDEFGHIJ",
        ]
    ),
    max_size=8,
)
ANNOTATIONS = st.dictionaries(
    st.sampled_from(
        [
            prefix + name
            for prefix in (OLD, NEW)
            for name in ("hostname", "target", "set-identifier", "aws-weight", "aws-region")
        ]
        + [WAVE]
    ),
    st.one_of(TEXTS, TARGETS, st.sampled_from(["10", "wave-1", "a, b.example.com"])),
    max_size=4,
)


@st.composite
def clusters(draw: st.DrawFn) -> str:
    versions = draw(st.lists(st.sampled_from(["v0.15.1", "v0.21.0", "v0.22.0", "latest"]), max_size=3))
    instances = [
        external_dns(*draw(FLAGS), version=version, name=draw(st.sampled_from(["public", "private", "x" * 70])))
        for version in versions
    ]
    ingresses = [
        v1_host(
            *draw(st.lists(TEXTS, max_size=3)),
            name=f"i{number}",
            target=draw(TARGETS),
            namespace=draw(NAMESPACES),
            annotations=draw(ANNOTATIONS),
        )
        for number in range(draw(st.integers(0, 5)))
    ]
    return stream(*instances, *ingresses)


@st.composite
def zones(draw: st.DrawFn) -> list[dict[str, Any]]:
    sets: dict[tuple[str, str], dict[str, Any]] = {}
    for name, target, weight in draw(
        st.lists(st.tuples(HOSTS, TARGETS, st.sampled_from([None, 0, 1, 255])), max_size=8)
    ):
        owner = name.replace("*", "\\052") + "."
        more: dict[str, Any] = {} if weight is None else {"Weight": weight, "SetIdentifier": target[:30] or "x"}
        one = alias(owner, target or V1, **more) if weight is not None else plain(owner, "CNAME", target or V2)
        sets[owner, str(more.get("SetIdentifier"))] = one
    return list(sets.values())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(clusters(), clusters(), st.none() | zones())
def test_whatever_the_clusters_are_the_plan_passes_its_check_or_a_sentence_says_why_there_is_none(
    v1: str, v2: str, zone: list[dict[str, Any]] | None
) -> None:
    survey = Survey(
        take_inventory(Side.V1, "v1", read_objects([("v1.yaml", v1)])),
        take_inventory(Side.V2, "v2", read_objects([("v2.yaml", v2)])),
        () if zone is None else (zone_of(*zone),),
    )
    try:
        text = written(survey)
    except NoTarget as error:
        assert str(error).endswith(".")  # noqa: PT017  # it is the sentence that is looked at
        return
    plan = parse(text)
    expected = {domain.name for wave in propose_waves(survey) for domain in wave.domains}
    assert {domain.name for domain in plan.domains} == expected


def test_500_hosts_of_two_clusters_are_looked_at_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound of ten seconds is held by counts: each host's place is worked out once, and so are the targets."""
    hosts = [f"h{i}.example.com" for i in range(500)]
    zone = zone_of(*(alias(f"{host}.", V1) for host in hosts))
    survey = against(
        [external_dns(), *(v1_host(host, name=host) for host in hosts)],
        [external_dns(), *(v2_host(host, name=host) for host in hosts)],
        zone,
    )
    looked: list[DomainName] = []
    found = survey_module.Survey._found

    def looking(self: Survey, host: DomainName) -> Whereabouts:
        looked.append(host)
        return found(self, host)

    monkeypatch.setattr(survey_module.Survey, "_found", looking)
    claimed: list[object] = []
    claim = survey_module._claimed

    def claiming(one: Inventory) -> Mapping[str, Balancer]:
        claimed.append(one)
        return claim(one)

    monkeypatch.setattr(survey_module, "_claimed", claiming)
    assert len(plan_of(survey).domains) == 500
    assert len(looked) == len(set(looked)) == 500
    assert len(claimed) <= 4
