"""Manifests for tests: read as a cluster, and written in few words."""

from pathlib import Path
from typing import Any

import yaml

from probe.inventory.reading.manifests import read_manifests
from probe.inventory.reading.objects import Objects, read_objects
from probe.inventory.wanted.inventory import Inventory, take_inventory
from probe.model.side import Side

DATA = Path(__file__).parent / "data"

V1_WEB = "k8s-shop-web-3f8a1c5d20-1482930571.ap-northeast-2.elb.amazonaws.com"
V1_TOOLS = "internal-k8s-tools-91b0c4e7aa-208811934.ap-northeast-2.elb.amazonaws.com"
V2_WEB = "k8s-shop-web-7be40f9912-990217745.ap-northeast-2.elb.amazonaws.com"
V2_TOOLS = "internal-k8s-tools-c02d66f1b3-771203358.ap-northeast-2.elb.amazonaws.com"
NEW, OLD = "external-dns.kubernetes.io/", "external-dns.alpha.kubernetes.io/"


def shipped(side: Side) -> Inventory:
    """Read the manifests of one side that stand in `data`."""
    return take_inventory(side, side.value, read_manifests(str(DATA / side.value)))


def objects_of(*documents: dict[str, Any] | str) -> Objects:
    return read_objects([("cluster.yaml", stream(*documents))])


def stream(*documents: dict[str, Any] | str) -> str:
    return "---\n".join(one if isinstance(one, str) else yaml.safe_dump(one, sort_keys=False) for one in documents)


def cluster(*documents: dict[str, Any] | str, side: Side = Side.V1) -> Inventory:
    return take_inventory(side, "cluster.yaml", objects_of(*documents))


def ingress(
    name: str,
    *hosts: str,
    target: str = V1_WEB,
    namespace: str = "shop",
    annotations: dict[str, str] | None = None,
    **spec: Any,
) -> dict[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name, "namespace": namespace, "annotations": annotations or {}},
        "spec": {"rules": [{"host": host} for host in hosts], **spec},
        "status": {"loadBalancer": {"ingress": [{"hostname": target}] if target else []}},
    }


def external_dns(*arguments: str, version: str = "v0.22.0", name: str = "external-dns") -> dict[str, Any]:
    container = {
        "name": "external-dns",
        "image": f"registry.k8s.io/external-dns/external-dns:{version}",
        "args": list(arguments or ("--source=ingress", "--source=service", "--txt-owner-id=eks", "--policy=sync")),
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "dns"},
        "spec": {"template": {"spec": {"containers": [container]}}},
    }


def sentences(inventory: Inventory) -> list[str]:
    return [str(notice) for notice in inventory.notices]
