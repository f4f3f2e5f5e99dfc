"""Hosts as ExternalDNS' sources read them, source by source, version by version."""

from typing import Any

import pytest

from probe.inventory.wanted import sources
from probe.inventory.wanted.inventory import Inventory
from probe.inventory.wanted.sources import folded
from probe.model.plan import Routing
from probe.model.side import Side
from tests.inventory.manifests import (
    NEW,
    OLD,
    V1_TOOLS,
    V1_WEB,
    V2_WEB,
    cluster,
    external_dns,
    ingress,
    sentences,
    shipped,
)


def names(inventory: Inventory) -> list[str]:
    return sorted(one.name for one in inventory.wanted)


def service(annotations: dict[str, str], kind: str = "LoadBalancer", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "shop", "annotations": annotations},
        "spec": {"type": kind, "clusterIP": "172.20.0.9", **spec},
        "status": {"loadBalancer": {"ingress": [{"hostname": V1_WEB}]} if kind == "LoadBalancer" else {}},
    }


def test_the_shipped_clusters() -> None:
    assert names(shipped(Side.V1)) == [
        "*.campaign.example.com.",
        "argocd.tools.example.com.",
        "grafana.tools.example.com.",
        "m.example.com.",
        "pay.example.com.",
        "shop.example.com.",
        "www.example.com.",
    ]
    v2 = shipped(Side.V2)
    assert names(v2) == [
        "*.campaign.example.com.",
        "argocd.tools.example.com.",
        "grafana.tools.example.com.",
        "pay.example.com.",
        "shop.example.com.",
        "www.example.com.",
    ]
    assert [one.name for one in v2.unseen] == ["kafka-ui.tools.example.com."]


def test_an_ingress_tells_everything_that_its_record_will_have() -> None:
    (one,) = [one for one in shipped(Side.V1).wanted if one.name == "pay.example.com."]
    assert (one.endpoint.rdtype, one.endpoint.targets) == ("CNAME", (V1_WEB,))
    assert (one.endpoint.set_identifier, one.endpoint.weight) == ("eks-v1", 70)
    assert (one.resource, one.wave, one.source) == ("ingress/shop/pay", "shop", "ingress")
    assert str(one.origin).endswith("v1/shop.yaml:47")
    assert [one.is_internal for one in shipped(Side.V1).wanted if one.namespace == "monitoring"] == [True]


def test_a_host_under_rules_and_tls_is_one() -> None:
    found = cluster(ingress("a", "a.example.com", tls=[{"hosts": ["a.example.com", "b.example.com"]}]))
    assert names(found) == ["a.example.com.", "b.example.com."]


@pytest.mark.parametrize(
    ("source", "hosts"),
    [
        ("", ["annotated.example.com.", "ruled.example.com."]),
        ("annotation-only", ["annotated.example.com."]),
        ("Defined-Hosts-Only", ["ruled.example.com."]),
        ("something", ["annotated.example.com.", "ruled.example.com."]),
    ],
)
def test_ingress_hostname_source(source: str, hosts: list[str]) -> None:
    annotations = {NEW + "hostname": "annotated.example.com", NEW + "ingress-hostname-source": source}
    assert names(cluster(external_dns(), ingress("a", "ruled.example.com", annotations=annotations))) == hosts


@pytest.mark.parametrize(("version", "hosts"), [("v0.21.0", ["old.example.com."]), ("v0.22.0", ["new.example.com."])])
def test_the_version_decides_which_annotations_are_read(version: str, hosts: list[str]) -> None:
    annotations = {OLD + "hostname": "old.example.com", NEW + "hostname": "new.example.com"}
    assert names(cluster(external_dns(version=version), ingress("a", annotations=annotations))) == hosts


def test_annotations_that_no_instance_reads_are_seen() -> None:
    found = cluster(external_dns(), ingress("a", "a.example.com", annotations={OLD + "hostname": "b.example.com"}))
    assert [(one.resource, one.prefix) for one in found.ignored] == [("ingress/shop/a", OLD)]
    assert [one.name for one in found.unseen] == ["b.example.com."]
    told = cluster(
        external_dns("--annotation-prefix=" + OLD), ingress("a", annotations={OLD + "hostname": "b.example.com"})
    )
    assert told.ignored == ()
    assert names(told) == ["b.example.com."]


def test_without_an_external_dns_the_prefix_is_the_one_that_is_used() -> None:
    found = cluster(ingress("a", annotations={NEW + "hostname": "a.example.com"}))
    assert found.found_workloads == ()
    assert names(found) == ["a.example.com."]


@pytest.mark.parametrize(
    ("flags", "hosts"),
    [
        ([], ["a.example.com.", "b.example.com.", "c.example.com."]),
        (["--ignore-hostname-annotation"], ["a.example.com.", "b.example.com."]),
        (["--ignore-ingress-tls-spec"], ["a.example.com.", "c.example.com."]),
        (["--ignore-ingress-rules-spec"], ["b.example.com.", "c.example.com."]),
        (["--ingress-class=nginx"], []),
        (["--ingress-class=alb"], ["a.example.com.", "b.example.com.", "c.example.com."]),
        (["--namespace=other"], []),
        (["--annotation-filter=team=web"], []),
        (["--label-filter=team=web"], []),
        (["--domain-filter=a.example.com"], ["a.example.com."]),
        (["--exclude-domains=a.example.com"], ["b.example.com.", "c.example.com."]),
    ],
)
def test_flags_decide_what_is_wanted(flags: list[str], hosts: list[str]) -> None:
    one = ingress(
        "a",
        "a.example.com",
        annotations={NEW + "hostname": "c.example.com"},
        tls=[{"hosts": ["b.example.com"]}],
        ingressClassName="alb",
    )
    found = cluster(external_dns("--source=ingress", *flags), one)
    assert names(found) == hosts
    assert len(found.hosts) + len(found.unseen) == 3  # what one does not want is still seen


@pytest.mark.parametrize(
    ("named", "annotated", "wanted"),
    [("alb", "", True), ("", "alb", True), ("alb", "nginx", True), ("nginx", "alb", False), ("", "nginx", False)],
)
def test_the_class_of_the_specification_counts_and_the_annotation_where_it_names_none(
    named: str, annotated: str, *, wanted: bool
) -> None:
    annotations = {"kubernetes.io/ingress.class": annotated} if annotated else {}
    spec = {"ingressClassName": named} if named else {}
    one = ingress("a", "a.example.com", annotations=annotations, **spec)
    found = cluster(external_dns("--source=ingress", "--ingress-class=alb"), one)
    assert names(found) == (["a.example.com."] if wanted else [])


def test_a_source_that_is_not_given_is_not_read() -> None:
    found = cluster(external_dns("--source=service"), ingress("a", "a.example.com"))
    assert names(found) == []
    assert [one.name for one in found.unseen] == ["a.example.com."]


def test_a_service_s_host_leads_to_its_load_balancer_and_an_internal_one_to_its_address() -> None:
    found = cluster(service({OLD + "hostname": "a.example.com", OLD + "internal-hostname": "b.example.com"}))
    assert [(one.name, one.endpoint.rdtype, one.endpoint.targets) for one in found.wanted] == [
        ("a.example.com.", "CNAME", (V1_WEB,)),
        ("b.example.com.", "A", ("172.20.0.9",)),
    ]


@pytest.mark.parametrize(
    ("kind", "flags", "targets"),
    [
        ("ClusterIP", [], []),
        ("ClusterIP", ["--publish-internal-services"], ["172.20.0.9"]),
        ("ExternalName", [], ["d111.cloudfront.net"]),
        ("LoadBalancer", ["--service-type-filter=NodePort"], []),
    ],
)
def test_services_of_other_types(kind: str, flags: list[str], targets: list[str]) -> None:
    one = service({NEW + "hostname": "a.example.com"}, kind, externalName="d111.cloudfront.net")
    found = cluster(external_dns("--source=service", *flags), one)
    assert [target for host in found.wanted for target in host.endpoint.targets] == targets


def test_the_annotation_target_is_in_place_of_the_status() -> None:
    found = cluster(ingress("a", "a.example.com", annotations={OLD + "target": "d111.cloudfront.net, 192.0.2.1"}))
    assert {(one.endpoint.rdtype, one.endpoint.targets, one.by_annotation) for one in found.wanted} == {
        ("CNAME", ("d111.cloudfront.net",), True),
        ("A", ("192.0.2.1",), True),
    }


def test_another_controller_s_object_is_left() -> None:
    assert names(cluster(ingress("a", "a.example.com", annotations={OLD + "controller": "mine"}))) == []


def test_routing_health_and_ttl_come_along() -> None:
    annotations = {
        OLD + "aws-failover": "PRIMARY",
        OLD + "set-identifier": "v1",
        OLD + "aws-health-check-id": "hc-1",
        OLD + "aws-evaluate-target-health": "false",
        OLD + "ttl": "1m",
    }
    (one,) = cluster(ingress("a", "a.example.com", annotations=annotations)).wanted
    assert one.routing is Routing.FAILOVER
    endpoint = one.endpoint
    assert (endpoint.set_identifier, endpoint.health_check_id, endpoint.evaluate_target_health, endpoint.ttl) == (
        "v1",
        "hc-1",
        False,
        60,
    )


def test_a_dns_endpoint_s_addresses_and_weights() -> None:
    (one,) = cluster(
        {
            "apiVersion": "externaldns.k8s.io/v1alpha1",
            "kind": "DNSEndpoint",
            "metadata": {"name": "e", "namespace": "shop", "labels": {"cutover-probe/wave": "later"}},
            "spec": {
                "endpoints": [
                    {
                        "dnsName": "a.example.com",
                        "recordType": "A",
                        "recordTTL": 30,
                        "targets": ["192.0.2.1"],
                        "setIdentifier": "v1",
                        "providerSpecific": [{"name": "aws/weight", "value": "7"}],
                    },
                    {"dnsName": "t.example.com", "recordType": "TXT", "targets": ["x"]},
                ]
            },
        }
    ).wanted
    assert (one.endpoint.rdtype, one.endpoint.ttl, one.endpoint.weight) == ("A", 30, 7)
    assert (one.resource, one.wave) == ("crd/shop/e", "later")


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("under_score.example.com", "has an underscore"),
        ("a b.example.com", "contains white space"),
        ("x" * 70 + ".example.com", "DNS allows 63"),
        ("{{ .host }}", "a template that is not rendered"),
        ("localhost", "is not a full name"),
        ("a\x1b[31m.example.com", "`a\\x1b[31m.example.com`"),
    ],
)
def test_a_host_that_no_name_server_could_hold_is_named_and_skipped(host: str, words: str) -> None:
    found = cluster(ingress("a", host, "good.example.com"))
    assert names(found) == ["good.example.com."]
    (said,) = sentences(found)
    assert said.startswith("cluster.yaml:9: ")
    assert words in said
    assert "\x1b" not in said


def test_hosts_are_bounded_and_what_is_left_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_HOSTS", 2)
    found = cluster(ingress("a", "a.example.com", "b.example.com", "c.example.com"))
    assert names(found) == ["a.example.com.", "b.example.com."]
    assert sentences(found) == ["cluster.yaml: more than 2 hosts were read already: the rest was left"]


def test_an_ingress_without_a_status_wants_its_host_and_tells_no_target() -> None:
    (one,) = cluster(ingress("a", "a.example.com", target="")).wanted
    assert one.endpoint.targets == ()


def test_balancers_are_told_once_whatever_leads_there() -> None:
    found = cluster(
        ingress("a", "a.example.com", target="dualstack." + V1_WEB.upper()),
        ingress("b", "b.example.com", target=V1_WEB),
        ingress("c", target=V1_TOOLS),
    ).balancers
    assert [(one.name, one.is_internal) for one in found] == [(V1_WEB, False), (V1_TOOLS, True)]
    assert folded("DualStack.A.example.com.") == "a.example.com"
    assert next(one.name for one in shipped(Side.V2).balancers) == V2_WEB
