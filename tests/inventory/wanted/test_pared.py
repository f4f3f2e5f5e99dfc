"""Objects pared down: what is read of them says the same as all of them, and is a fraction of it."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from probe.inventory.reading.api_server import RESOURCES, ItemReader
from probe.inventory.reading.node import Budget
from probe.inventory.reading.objects import Objects
from probe.inventory.wanted.inventory import Inventory, take_short_inventory
from probe.inventory.wanted.pared import pared
from probe.model.side import Side
from tests.inventory.manifests import DATA, external_dns, ingress

KINDS = frozenset(one.kind for one in RESOURCES)
APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
FILES = sorted(DATA.rglob("*.yaml"))


def documents(path: Path) -> Iterator[dict[str, Any]]:
    for one in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        for item in (one or {}).get("items", [one]):
            if item and item.get("kind") in KINDS:
                yield item


def inventory(*items: dict[str, Any] | None) -> Inventory:
    objects = Objects()
    reader = ItemReader("prod", Budget(), objects)
    for item in items:
        if item is not None:
            reader.read(item["kind"], item["apiVersion"], copy.deepcopy(item))
    return take_short_inventory(Side.V1, "prod", objects)


def pods(image: str) -> dict[str, Any]:
    return {"spec": {"template": {"spec": {"containers": [{"image": image}]}}}}


def kept(item: dict[str, Any]) -> dict[str, Any] | None:
    found = pared(item["kind"], item)
    return None if found is None else {"kind": item["kind"], "apiVersion": item["apiVersion"], **found}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_cluster_wants_the_same_by_what_is_kept_of_its_objects(path: Path) -> None:
    items = list(documents(path))
    reads = external_dns("--source=ingress", "--source=service", "--source=gateway-httproute", "--source=crd")
    assert items
    assert inventory(*map(kept, items)) == inventory(*items)
    assert inventory(reads, *map(kept, items)).wanted == inventory(reads, *items).wanted


def of_kind(kind: str, version: str, **spec: Any) -> dict[str, Any]:
    one = external_dns("--source=ingress", "--txt-owner-id=x")
    return one | {"kind": kind, "apiVersion": version, "spec": one["spec"] | spec}


def test_an_external_dns_of_any_kind_of_pods_is_found_by_what_is_kept_of_it() -> None:
    job = {"schedule": "*/5 * * * *", "suspend": True, "jobTemplate": {"spec": external_dns("--once")["spec"]}}
    lent = {**external_dns(name="lent"), "spec": of_kind("Deployment", "apps/v1", replicas=0)["spec"]}
    borrowing = {
        "kind": "Rollout",
        "apiVersion": "argoproj.io/v1alpha1",
        "metadata": {"name": "borrowing", "namespace": "dns"},
        "spec": {"replicas": 2, "workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "lent"}},
    }
    items = [
        of_kind("DaemonSet", "apps/v1"),
        of_kind("StatefulSet", "apps/v1", replicas=0),
        of_kind("Rollout", "argoproj.io/v1alpha1", replicas=1),
        {**of_kind("CronJob", "batch/v1"), "spec": job},
        lent,
        borrowing,
    ]
    found = inventory(*map(kept, items))
    assert found == inventory(*items)
    assert len(found.found_workloads) == 5
    assert [one.is_stopped for one in found.found_workloads].count(True) == 2


def test_what_is_kept_is_what_is_read() -> None:
    one = ingress(
        "web", "shop.example.com", annotations={"a": "b"}, tls=[{"hosts": ["x.example.com"], "secretName": "s"}]
    )
    one["metadata"] |= {
        "uid": "1",
        "managedFields": [{"manager": "kubectl"}],
        "annotations": {"a": "b", APPLIED: json.dumps(one)},
    }
    one["spec"]["rules"][0]["http"] = {"paths": []}
    assert pared("Ingress", one) == {
        "metadata": {"namespace": "shop", "name": "web", "annotations": {"a": "b"}},
        "spec": {"rules": [{"host": "shop.example.com"}], "tls": [{"hosts": ["x.example.com"]}]},
        "status": {
            "loadBalancer": {"ingress": [{"hostname": one["status"]["loadBalancer"]["ingress"][0]["hostname"]}]}
        },
    }


@pytest.mark.parametrize(
    ("kind", "item"),
    [
        ("Service", {"metadata": {"name": "plain"}, "spec": {"type": "ClusterIP"}}),
        ("Service", {"metadata": {"name": "applied", "annotations": {APPLIED: "{}"}}}),
        ("Deployment", {"metadata": {"name": "web"}, **pods("web:1")}),
        ("StatefulSet", {"metadata": {"name": "web"}, **pods("external-dns-ui:1")}),
        ("Application", {"metadata": {"name": "shop"}, "spec": {"source": {"chart": "shop"}}}),
        ("HelmRelease", {"metadata": {"name": "shop"}, "spec": {"chart": {"spec": {"chart": "shop"}}}}),
        ("Ingress", {"metadata": 3}),
        ("Ingress", {}),
    ],
)  # fmt: skip
def test_of_what_says_nothing_nothing_is_kept(kind: str, item: dict[str, Any]) -> None:
    assert pared(kind, item) is None


def test_every_kind_that_is_listed_is_known() -> None:
    for kind in KINDS:
        pared(kind, {"metadata": {"name": "x"}, "spec": None, "status": [1, "x", None]})
