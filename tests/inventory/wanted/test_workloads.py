"""ExternalDNS as several charts and releases run it."""

from dataclasses import replace

import pytest

from probe.inventory.reading.manifests import read_manifests
from probe.inventory.wanted.inventory import Inventory, take_inventory
from probe.inventory.wanted.workload_flags import go_duration, reached_by
from probe.inventory.wanted.workloads import image_version
from probe.model.external_dns import ExternalDns, Policy, Registry, TxtRegistry
from probe.model.side import Side
from tests.inventory.manifests import DATA, NEW, OLD, cluster, external_dns, ingress, sentences, shipped


@pytest.fixture(scope="module")
def more() -> Inventory:
    return take_inventory(Side.V2, "more", read_manifests(str(DATA / "more")))


def test_the_chart_of_kubernetes_sigs() -> None:
    (one,) = shipped(Side.V1).workloads
    assert one.external_dns == ExternalDns(
        version=(0, 15, 0),
        policy=Policy.SYNC,
        domain_filter=("example.com.",),  # type: ignore[arg-type]  # a DomainName is a str
        zone_match_parent=False,
        namespace="external-dns",
        workload="deployment/external-dns",
    )
    assert one.scope.sources == {"service", "ingress"}
    assert one.prefix == OLD
    assert str(one.told["version"]).endswith("v1/external-dns.yaml:38")
    (two,) = shipped(Side.V2).workloads
    assert (two.external_dns.txt_owner_id, two.external_dns.migrate_from_txt_owner) == ("eks-v2", "default")
    assert two.prefix == NEW


def test_bitnami_s_chart(more: Inventory) -> None:
    one = next(one for one in more.workloads if one.namespace == "dns")
    setup = one.external_dns
    assert (setup.txt_owner_id, setup.version, setup.interval) == ("eks-bitnami", (0, 14, 2), 300.0)
    assert setup.txt_registry == TxtRegistry(prefix="%{record_type}-", wildcard_replacement="any")
    assert setup.domain_filter == ("example.com.", ".example.net.")
    assert setup.exclude_domains == ("internal.example.com.",)  # the argument wins over the environment
    assert setup.zone_id_filter == ("Z0123456789ABCDEFGHIJ",)
    assert setup.prefer_cname is True
    assert one.scope.annotation_filter.selects({"kubernetes.io/ingress.class": "alb"})
    assert not one.scope.label_filter.selects({"publish": "no"})


def test_values_in_an_argo_cd_application(more: Inventory) -> None:
    one = next(one for one in more.workloads if one.namespace == "argocd")
    setup = one.external_dns
    assert (setup.txt_owner_id, setup.policy, setup.version) == ("eks-argo", Policy.SYNC, (0, 18, 0))
    assert "of the chart 1.18.0" in one.inferred["version"]
    assert one.scope.sources == {"ingress", "gateway-httproute"}
    # 0.18 has no such flag: the plan would be refused with it
    assert setup.migrate_from_txt_owner is None
    assert any("--migrate-from-txt-owner=default` was left out" in said for said in sentences(more))


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ((), None),  # without a filter every zone is entered
        (("--domain-filter=a.example.com",), False),
        (("--domain-filter=a.example.com", "--aws-zone-match-parent"), True),
        (("--domain-filter=a.example.com", "--aws-zone-match-parent=false"), False),
        (("--domain-filter=a.example.com", "--aws-zone-match-parent=$(MATCH)"), None),
    ],
)
def test_whether_zones_above_the_filter_are_entered(flags: tuple[str, ...], told: object) -> None:
    (one,) = cluster(external_dns(*flags)).workloads
    assert one.external_dns.zone_match_parent is told


def test_values_in_a_flux_helm_release(more: Inventory) -> None:
    one = next(one for one in more.workloads if one.namespace == "flux-system")
    assert (one.external_dns.interval, one.external_dns.policy) == (30.0, Policy.UPSERT_ONLY)
    assert one.inferred == {"policy": "the chart's own default"}
    assert any("`valuesFrom` as well, which are not read" in said for said in sentences(more))
    (told,) = [said for said in sentences(more) if "--aws-zone-match-parent" in said]
    assert told.endswith("hosted zones above the names of its filter are entered as well")


def test_a_source_that_is_not_read_is_named(more: Inventory) -> None:
    (said,) = [said for said in sentences(more) if "istio-virtualservice" in said]
    assert said.endswith(
        "bitnami.yaml:27: `edns` has the source `istio-virtualservice`, which is not read: list its hosts by hand"
    )


def test_a_chart_whose_pods_are_there_is_read_from_its_pods() -> None:
    text = (DATA / "more" / "flux-helmrelease.yaml").read_text(encoding="utf-8")
    assert [one.external_dns.txt_owner_id for one in cluster(external_dns(), text).workloads] == ["eks"]


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("registry.k8s.io/external-dns/external-dns:v0.22.0", "0.22.0"),
        ("localhost:5000/external-dns:0.14.2-debian-12-r5@sha256:00", "0.14.2"),
        ("gcr.io/k8s-staging-external-dns/external-dns:v20230529-v0.13.5", "0.13.5"),
        ("external-dns:latest", ""),
        ("external-dns@sha256:0123", ""),
        ("localhost:5000/external-dns", ""),
    ],
)
def test_the_version_is_in_the_image_s_tag(image: str, version: str) -> None:
    assert image_version(image) == version


def test_an_image_without_a_version_is_told() -> None:
    found = cluster(external_dns(version="latest"))
    assert found.workloads[0].external_dns.version is None
    assert any("tells no version" in said for said in sentences(found))


def test_a_renamed_image_is_known_by_its_arguments() -> None:
    renamed = external_dns("--provider=aws", "--registry=noop", "--source=ingress")
    renamed["spec"]["template"]["spec"]["containers"][0]["image"] = "example.com/platform/edns:v0.22.0"
    (one,) = cluster(renamed).workloads
    assert one.external_dns.registry is Registry.NOOP
    other = external_dns("--provider=aws")
    other["spec"]["template"]["spec"]["containers"][0]["image"] = "example.com/cert-manager:v1.0.0"
    assert cluster(other).found_workloads == ()


UNTOLD = ExternalDns(version=(0, 22, 0), namespace="dns", workload="deployment/external-dns")


def test_a_context_of_the_kubeconfig_is_told_with_its_place_unless_a_plan_refuses_it() -> None:
    (one,) = cluster(external_dns()).workloads
    reached = reached_by(one, "eks-v2")
    assert (reached.external_dns.context, str(reached.told["context"])) == ("eks-v2", "kube:eks-v2")
    assert reached_by(one, "a b") == one


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        ("--txt-owner-id=a b", "cannot be an owner id"),
        ("--interval=never", "is not a duration"),
        ("--interval=0s", "is too little"),
        ("--policy=delete-all", "is none that the plan knows"),
        ("--txt-prefix=%{x}", "has a placeholder"),
        ("--domain-filter=https://x", "is a URL"),
        ("--zone-id-filter=/hostedzone/Z1", "is no id"),
        ("--annotation-prefix=x y", "cannot begin an annotation"),
        ("--annotation-filter=(((", "every object counts as selected"),
        ("--fqdn-template={{.Name}}.example.com", "list them by hand"),
    ],
)
def test_a_flag_that_no_plan_would_take_is_left_out_and_told(flag: str, words: str) -> None:
    found = cluster(external_dns("--source=ingress", flag))
    assert found.workloads[0].external_dns == UNTOLD
    assert [said for said in sentences(found) if words in said]


def test_a_filter_has_as_many_names_as_a_plan_takes() -> None:
    flags = [f"--domain-filter=w{number:03}.example.com" for number in range(257)]
    (one,) = cluster(external_dns("--source=ingress", *flags)).workloads
    assert len(one.external_dns.domain_filter) == 256


def test_a_filter_that_begins_with_a_dot_keeps_it_and_what_follows_is_told() -> None:
    found = cluster(
        external_dns(
            "--source=ingress", "--domain-filter=.example.com,example.net", "--exclude-domains=.x.example.net"
        ),
        ingress("apex", "example.com", "app.example.com", "x.example.net", "a.x.example.net"),
    )
    setup = found.workloads[0].external_dns
    assert (setup.domain_filter, setup.exclude_domains) == ((".example.com.", "example.net."), (".x.example.net.",))
    assert found.hosts == {"app.example.com.", "x.example.net."}
    (told,) = [said for said in sentences(found) if "does not enter" in said]
    assert told.endswith(
        "`--domain-filter=.example.com` lets through what is below it alone: ExternalDNS does not enter the hosted "
        "zone `example.com`, and writes into zones below it only"
    )


def test_what_the_plan_s_rules_forbid_together_is_taken_apart() -> None:
    both = cluster(external_dns("--txt-prefix=a-", "--txt-suffix=-b")).workloads[0].external_dns
    assert both.txt_registry == TxtRegistry(prefix="a-")
    itself = cluster(external_dns("--txt-owner-id=x", "--migrate-from-txt-owner=x")).workloads[0].external_dns
    assert itself.migrate_from_txt_owner is None
    dynamo = cluster(external_dns("--registry=dynamodb", "--migrate-from-txt-owner=x", "--txt-prefix=a-"))
    assert dynamo.workloads[0].external_dns == replace(UNTOLD, registry=Registry.DYNAMODB)


@pytest.mark.parametrize(
    ("go", "plan"), [("1h0m0s", "1h0m0s"), ("90", "90s"), ("1m", "1m"), ("1.5s", "1.5s"), ("x", "x")]
)
def test_durations_are_go_s(go: str, plan: str) -> None:
    assert go_duration(go) == plan
