"""Routes and Gateways, as source/gateway.go matches them."""

from typing import Any

import pytest

from probe.inventory.wanted.gateways import matching_host
from tests.inventory.manifests import NEW, V2_WEB, cluster, external_dns

SOURCES = [f"--source=gateway-{kind}" for kind in ("httproute", "grpcroute", "tlsroute")]


def gateway(annotations: dict[str, str] | None = None, **listener: Any) -> dict[str, Any]:
    one = {"name": "https", "port": 443, "protocol": "HTTPS", **listener}
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": "edge", "namespace": "gateways", "annotations": annotations or {}},
        "spec": {"listeners": [one]},
        "status": {"addresses": [{"type": "Hostname", "value": V2_WEB}]},
    }


FROM_ALL = {"namespaces": {"from": "All"}}


def route(*hosts: str, kind: str = "HTTPRoute", accepted: str = "", **more: Any) -> dict[str, Any]:
    reference = {"name": "edge", "namespace": "gateways", **more.pop("reference", {})}
    conditions = [{"type": "Accepted", "status": accepted}] if accepted else []
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": "web", "namespace": "shop", "annotations": more.pop("annotations", {})},
        "spec": {"parentRefs": [reference], "hostnames": list(hosts)},
        "status": {"parents": [{"parentRef": {"name": "edge"}, "conditions": conditions}]},
    }


def hosts(*documents: dict[str, Any], flags: tuple[str, ...] = ()) -> list[str]:
    return sorted(one.name for one in cluster(external_dns(*SOURCES, *flags), *documents).wanted)


def test_a_route_s_hosts_lead_to_the_gateway_s_addresses() -> None:
    found = cluster(external_dns(*SOURCES), gateway(allowedRoutes=FROM_ALL), route("a.example.com")).wanted
    assert [(one.name, one.endpoint.targets, one.source) for one in found] == [
        ("a.example.com.", (V2_WEB,), "gateway-httproute")
    ]


@pytest.mark.parametrize(
    ("listener", "reference", "accepted", "there"),
    [
        ({}, {}, "True", True),
        ({}, {}, "", True),
        ({}, {}, "False", False),
        ({"allowedRoutes": {}}, {}, "", False),
        ({"protocol": "TLS"}, {}, "", False),
        ({}, {"sectionName": "http"}, "", False),
        ({}, {"sectionName": "https", "port": 443}, "", True),
        ({}, {"port": 80}, "", False),
        ({}, {"name": "other"}, "", False),
        ({"allowedRoutes": {**FROM_ALL, "kinds": [{"kind": "GRPCRoute"}]}}, {}, "", False),
        (
            {"allowedRoutes": {"namespaces": {"from": "Selector", "selector": {"matchLabels": {"t": "x"}}}}},
            {},
            "",
            False,
        ),
        ({"hostname": "*.example.net"}, {}, "", False),
        ({"hostname": "*.example.com"}, {}, "", True),
    ],
)
def test_which_listener_takes_a_route(
    listener: dict[str, Any],
    reference: dict[str, Any],
    accepted: str,
    there: bool,  # noqa: FBT001  # a column of the table
) -> None:
    documents = (
        gateway(**{"allowedRoutes": FROM_ALL, **listener}),
        route("a.example.com", reference=reference, accepted=accepted),
    )
    assert hosts(*documents) == (["a.example.com."] if there else [])


def test_namespaces_are_chosen_by_their_labels() -> None:
    chosen = {
        "namespaces": {
            "from": "Selector",
            "selector": {
                "matchExpressions": [
                    {"key": "team", "operator": "In", "values": ["web"]},
                    {"key": "closed", "operator": "DoesNotExist"},
                ]
            },
        }
    }
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"team": "web"}}}
    assert hosts(gateway(allowedRoutes=chosen), route("a.example.com"), namespace) == ["a.example.com."]
    closed = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "shop", "labels": {"team": "web", "closed": ""}},
    }
    assert hosts(gateway(allowedRoutes=chosen), route("a.example.com"), closed) == []


def test_other_kinds_of_route_attach_to_their_protocols() -> None:
    assert hosts(gateway(allowedRoutes=FROM_ALL), route("a.example.com", kind="GRPCRoute")) == ["a.example.com."]
    tls = gateway(allowedRoutes=FROM_ALL, protocol="TLS")
    assert hosts(tls, route("a.example.com", kind="TLSRoute")) == ["a.example.com."]


def test_a_target_is_the_gateway_s_annotation_and_a_host_the_route_s() -> None:
    documents = (
        gateway({NEW + "target": "d111.cloudfront.net", NEW + "hostname": "no.example.com"}, allowedRoutes=FROM_ALL),
        route(annotations={NEW + "hostname": "a.example.com", NEW + "target": "no.example.com"}),
    )
    found = cluster(external_dns(*SOURCES), *documents).wanted
    assert [(one.name, one.endpoint.targets) for one in found] == [("a.example.com.", ("d111.cloudfront.net",))]


def test_a_route_without_hosts_has_those_of_the_listener() -> None:
    assert hosts(gateway(allowedRoutes=FROM_ALL, hostname="a.example.com"), route()) == ["a.example.com."]
    assert hosts(gateway(allowedRoutes=FROM_ALL), route()) == []


@pytest.mark.parametrize("flag", ["--gateway-name=other", "--gateway-namespace=other", "--gateway-label-filter=a=b"])
def test_gateways_can_be_left_out(flag: str) -> None:
    assert hosts(gateway(allowedRoutes=FROM_ALL), route("a.example.com"), flags=(flag,)) == []


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("", "a.example.com", "a.example.com"),
        ("*.example.com", "a.example.com", "a.example.com"),
        ("A.example.com", "a.Example.com.", "a.example.com"),
        ("a.b.example.com", "*.example.com", "a.b.example.com"),
        ("*.example.com", "*.b.example.com", "*.b.example.com"),
        ("*.example.com", "example.com", ""),
        ("a.example.com", "b.example.com", ""),
    ],
)
def test_the_more_specific_of_two_hosts(one: str, other: str, both: str) -> None:
    assert matching_host(one, other) == both
