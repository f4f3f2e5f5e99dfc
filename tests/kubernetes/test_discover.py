"""`kube:CONTEXT` against a real API server: what it lists, in pages, and what it refuses."""

import asyncio

import httpx
import pytest

from probe.inventory.reading import api_server
from probe.inventory.reading.api_server import RESOURCES, read_api_server
from probe.inventory.reading.kubeconfig import KubeContext, read_context
from probe.inventory.reading.manifests import UnreadableSource
from probe.inventory.reading.node import Budget
from probe.inventory.wanted.inventory import take_inventory
from probe.model.side import Side
from tests.chart.rendered import render, values
from tests.inventory.manifests import V1_WEB, external_dns, ingress
from tests.inventory.wanted.test_gateways import FROM_ALL, gateway
from tests.kubernetes.cluster import Cluster, Object
from tests.kubernetes.control_plane import READER


def running_external_dns() -> Object:
    """Give a Deployment that the API server takes."""
    sources = ("--source=ingress", "--source=gateway-httproute", "--source=crd")
    one = external_dns(*sources, "--txt-owner-id=real", "--policy=sync")
    labels = {"app": "external-dns"}
    one["spec"] |= {"selector": {"matchLabels": labels}}
    one["spec"]["template"]["metadata"] = {"labels": labels}
    return one


def admitted(name: str, host: str) -> Object:
    one = ingress(name, host)
    del one["status"]
    one["metadata"]["namespace"] = "discover"
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    one["spec"]["rules"][0]["http"] = {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}
    return one


def give_status(cluster: Cluster, name: str) -> None:
    """Write a status as a load balancer's controller does."""
    path = f"/apis/networking.k8s.io/v1/namespaces/discover/ingresses/{name}/status"
    response = cluster.client.patch(
        path,
        json={"status": {"loadBalancer": {"ingress": [{"hostname": V1_WEB}]}}},
        headers={"Content-Type": "application/merge-patch+json"},
    )
    response.raise_for_status()


def dns_endpoint(name: str, namespace: str, host: str) -> Object:
    endpoint = {"dnsName": host, "recordType": "CNAME", "recordTTL": 60, "targets": [V1_WEB]}
    return {
        "apiVersion": "externaldns.k8s.io/v1alpha1",
        "kind": "DNSEndpoint",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"endpoints": [endpoint]},
    }


@pytest.fixture(scope="module")
def context(cluster: Cluster) -> KubeContext:
    cluster.namespace("discover", "privileged")
    cluster.namespace("dns", "privileged")
    cluster.apply(running_external_dns())
    for number in range(5):
        cluster.apply(admitted(f"web-{number}", f"h{number}.example.com"))
        give_status(cluster, f"web-{number}")
    return read_context("", {"KUBECONFIG": str(cluster.plane.kubeconfig)})


@pytest.mark.real
def test_what_a_cluster_wants_is_read_from_its_api_server(
    context: KubeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_server, "CHUNK", 2)  # pages of the API server's own making
    found = take_inventory(Side.V1, "kube:", read_api_server(context, Budget()))
    assert {f"h{number}.example.com." for number in range(5)} <= set(found.hosts)
    # Others of the suite run their ExternalDNS on this server as well: each that reads it wants it.
    wanted = [one for one in found.wanted if str(one.origin) == "kube:test/ingress/discover/web-0"]
    assert {(one.name, one.endpoint.targets) for one in wanted} == {("h0.example.com.", (V1_WEB,))}
    assert "real" in {one.external_dns.txt_owner_id for one in found.workloads}
    assert not [notice for notice in found.notices if notice.is_gap]


@pytest.mark.real
def test_routes_of_gateways_and_dns_endpoints_are_read_from_it(context: KubeContext, cluster: Cluster) -> None:
    version = "gateway.networking.k8s.io/v1"
    edge = gateway(allowedRoutes=FROM_ALL)
    edge["metadata"]["namespace"] = "discover"
    edge["status"]["addresses"][0]["value"] = EDGE
    cluster.apply(edge)
    parent = {"name": "edge", "namespace": "discover"}
    route = {
        "apiVersion": version,
        "kind": "HTTPRoute",
        "metadata": {"name": "routed", "namespace": "discover"},
        "spec": {"parentRefs": [parent], "hostnames": ["routed.example.com"]},
    }
    cluster.apply(route)
    accepted = {"type": "Accepted", "status": "True", "reason": "Accepted", "message": "", "lastTransitionTime": NIGHT}
    told = {"parents": [{"parentRef": parent, "controllerName": "example.net/gateway", "conditions": [accepted]}]}
    response = cluster.client.patch(
        f"/apis/{version}/namespaces/discover/httproutes/routed/status",
        json={"status": told},
        headers={"Content-Type": "application/merge-patch+json"},
    )
    response.raise_for_status()
    cluster.apply(dns_endpoint("pointed", "discover", "pointed.example.com"))
    wanted = take_inventory(Side.V1, "kube:", read_api_server(context, Budget())).wanted
    found = {(one.name, one.source, str(one.origin), one.endpoint.targets) for one in wanted}
    assert ("routed.example.com.", "gateway-httproute", "kube:test/httproute/discover/routed", (EDGE,)) in found
    assert ("pointed.example.com.", "crd", "kube:test/dnsendpoint/discover/pointed", (V1_WEB,)) in found


NIGHT = "2027-01-15T08:00:00Z"
EDGE = "k8s-discover-edge-4c1d9e22b7-610038271.ap-northeast-2.elb.amazonaws.com"
"""A load balancer of this cluster alone: other tests' clusters have the rest."""


@pytest.mark.real
def test_who_may_read_nothing_is_told_of_every_kind(context: KubeContext, cluster: Cluster) -> None:
    reader = KubeContext("reader", context.server, authority=context.authority, token=READER)
    bound = cluster.read("ClusterRoleBinding", "", "discover", "rbac.authorization.k8s.io/v1")
    if bound is not None:
        cluster.delete(bound)
    refused = [notice for notice in read_api_server(reader, Budget()).notices if "(403)" in notice.sentence]
    core = {resource.plural for resource in RESOURCES if resource.group in {"", "apps", "networking.k8s.io"}}
    assert all(any(f"`{plural}`" in notice.sentence for notice in refused) for plural in core)


@pytest.mark.real
def test_the_charts_role_is_enough_and_no_more(cluster: Cluster, context: KubeContext) -> None:
    """By the token of the chart's service account: everything is listed; no Secret is, and nothing is changed."""
    namespace = cluster.namespace("discovers", "privileged")
    settings = ["discovery.enabled=true", f"namespaceOverride={namespace}"]
    for one in render(values("minimal"), settings=settings):
        if one["kind"] in {"ServiceAccount", "ClusterRole", "ClusterRoleBinding"}:
            cluster.apply(one)
    account = f"/api/v1/namespaces/{namespace}/serviceaccounts/night-cutover-probe/token"
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
    given = cluster.client.post(account, json=request)
    given.raise_for_status()
    pod = KubeContext("pod", context.server, authority=context.authority, token=given.json()["status"]["token"])
    found = read_api_server(pod, Budget())
    assert not [notice for notice in found.notices if notice.is_gap]
    assert take_inventory(Side.V1, "kube:", found).hosts >= {"h0.example.com."}

    async def others() -> list[int]:
        ingress = "/apis/networking.k8s.io/v1/namespaces/discover/ingresses/web-0"
        async with pod.client() as client:
            asked = [("GET", "/api/v1/secrets"), ("GET", "/api/v1/pods"), ("DELETE", ingress)]
            return [(await client.request(*one)).status_code for one in asked]

    assert asyncio.run(others()) == [httpx.codes.FORBIDDEN] * 3


@pytest.mark.real
def test_an_unknown_token_is_a_sentence(context: KubeContext) -> None:
    nobody = KubeContext("nobody", context.server, authority=context.authority, token="expired")
    with pytest.raises(UnreadableSource, match=r"refuses the credentials \(401\)"):
        read_api_server(nobody, Budget())


@pytest.mark.real
def test_a_server_of_another_authority_is_not_believed(context: KubeContext) -> None:
    with pytest.raises(UnreadableSource, match="does not answer"):
        read_api_server(KubeContext("stranger", context.server, token=context.token), Budget())
