"""Each value of the chart that others' charts were refused for stands in the object that a real API server keeps."""

from functools import reduce
from typing import Any, NamedTuple

import pytest

from tests.chart.rendered import render, values
from tests.kubernetes.cluster import Cluster, Object

pytestmark = pytest.mark.real

JOURNAL = "persistence.enabled=true"
MONITOR = "serviceMonitor.enabled=true"
INGRESS = ("ingress.enabled=true", "ingress.hosts={cutover.example.test}")
ROUTE = ("httpRoute.enabled=true", "httpRoute.hostnames={cutover.example.test}", "httpRoute.parentRefs[0].name=web")
POD = ("spec", "template", "spec")
PROBE_ITSELF = (*POD, "containers", 0)
ENDPOINT = ("spec", "endpoints", 0)


class Kept(NamedTuple):
    """What stands where.

    Attributes:
        settings: What is given to Helm.
        kind: The object's.
        path: Of what is looked at in it.
        value: It; None where there is nothing.
        name: The end of the object's name, where several have the kind.
    """

    settings: tuple[str, ...]
    kind: str
    path: tuple[str | int, ...]
    value: Any
    name: str = "cutover-probe"


VALUES = {
    "what the cluster has": Kept((), "Service", ("spec", "ipFamilyPolicy"), "SingleStack"),
    "ipFamilyPolicy": Kept(
        ("service.ipFamilyPolicy=PreferDualStack",), "Service", ("spec", "ipFamilyPolicy"), "PreferDualStack"
    ),
    "it listens on ::": Kept((), "Deployment", (*PROBE_ITSELF, "args", 2), "--listen=[::]:9953"),
    "Ingress": Kept(INGRESS, "Ingress", ("spec", "rules", 0, "host"), "cutover.example.test"),
    "HTTPRoute": Kept(ROUTE, "HTTPRoute", ("spec", "hostnames"), ["cutover.example.test"]),
    "scheme by the web configuration": Kept(
        (MONITOR, "web.existingConfigSecret=web", "web.scheme=HTTPS"), "ServiceMonitor", (*ENDPOINT, "scheme"), "https"
    ),
    "startupProbe": Kept(("startupProbe=null",), "Deployment", (*PROBE_ITSELF, "startupProbe"), None),
    "startupProbe of one's own": Kept(
        ("startupProbe.failureThreshold=7",), "Deployment", (*PROBE_ITSELF, "startupProbe", "failureThreshold"), 7
    ),
    "livenessProbe": Kept(("livenessProbe=null",), "Deployment", (*PROBE_ITSELF, "livenessProbe"), None),
    "readinessProbe": Kept(("readinessProbe=null",), "Deployment", (*PROBE_ITSELF, "readinessProbe"), None),
    'storageClassName "-"': Kept(
        (JOURNAL, "persistence.storageClassName=-"),
        "StatefulSet",
        ("spec", "volumeClaimTemplates", 0, "spec", "storageClassName"),
        "",
    ),
    "volumeClaimTemplates with their kind": Kept(
        (JOURNAL,), "StatefulSet", ("spec", "volumeClaimTemplates", 0, "kind"), "PersistentVolumeClaim"
    ),
    "existingClaim": Kept(
        (JOURNAL, "persistence.existingClaim=mine"),
        "StatefulSet",
        (*POD, "volumes", -1, "persistentVolumeClaim", "claimName"),
        "mine",
    ),
    "image.registry": Kept(
        ("image.registry=one.example.test", "image.tag=t"),
        "Deployment",
        (*PROBE_ITSELF, "image"),
        "one.example.test/cutover-probe:t",
    ),
    "global.imageRegistry": Kept(
        ("image.registry=one.example.test", "global.imageRegistry=all.example.test", "image.tag=t"),
        "Deployment",
        (*PROBE_ITSELF, "image"),
        "all.example.test/cutover-probe:t",
    ),
    "service.port": Kept(("service.port=80",), "Service", ("spec", "ports", 0, "port"), 80),
    "service.nodePort": Kept(
        # Another port than tests/chart/values has: a server gives each away once, and workers share one.
        ("service.type=NodePort", "service.nodePort=30954"),
        "Service",
        ("spec", "ports", 0, "nodePort"),
        30954,
    ),
    "strategy": Kept((), "Deployment", ("spec", "strategy", "type"), "Recreate"),
    "strategy of one's own": Kept(
        ("strategy.type=RollingUpdate", "strategy.rollingUpdate.maxSurge=0"),
        "Deployment",
        ("spec", "strategy", "rollingUpdate", "maxSurge"),
        0,
    ),
    "updateStrategy": Kept(
        (JOURNAL, "updateStrategy.type=OnDelete"), "StatefulSet", ("spec", "updateStrategy", "type"), "OnDelete"
    ),
    "revisionHistoryLimit": Kept(("revisionHistoryLimit=0",), "Deployment", ("spec", "revisionHistoryLimit"), 0),
    "hostAliases": Kept(
        ("hostAliases[0].ip=192.0.2.1", "hostAliases[0].hostnames={a.example.test}"),
        "Deployment",
        (*POD, "hostAliases"),
        [{"ip": "192.0.2.1", "hostnames": ["a.example.test"]}],
    ),
    "honorLabels": Kept(
        settings=(MONITOR, "serviceMonitor.honorLabels=true"),
        kind="ServiceMonitor",
        path=(*ENDPOINT, "honorLabels"),
        value=True,
    ),
    "jobLabel": Kept((MONITOR, "serviceMonitor.jobLabel=team"), "ServiceMonitor", ("spec", "jobLabel"), "team"),
    "targetLabels": Kept(
        (MONITOR, "serviceMonitor.targetLabels={team}"), "ServiceMonitor", ("spec", "targetLabels"), ["team"]
    ),
    "sampleLimit": Kept((MONITOR, "serviceMonitor.sampleLimit=900"), "ServiceMonitor", ("spec", "sampleLimit"), 900),
    "the check of the plan": Kept(
        (), "Deployment", (*POD, "initContainers", 0, "args"), ["config", "check", "/etc/cutover-probe/plan.yaml"]
    ),
    "namespaceOverride": Kept((), "Deployment", ("metadata", "namespace"), "chart-values"),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_stands_where_kubernetes_keeps_it(cluster: Cluster, name: str) -> None:
    kept = VALUES[name]
    namespace = cluster.namespace("chart-values")
    objects = render(values("minimal"), settings=[f"namespaceOverride={namespace}", *kept.settings])
    (wanted,) = (each for each in objects if each["kind"] == kept.kind and each["metadata"]["name"].endswith(kept.name))
    taken = cluster.apply(wanted, dry_run=True)
    assert taken.warnings == ()
    assert _at(taken.object, kept.path) == kept.value


def _at(kept: Object, path: tuple[str | int, ...]) -> Any:
    """Give what stands at a path; None where nothing does."""
    return reduce(_within, path, kept)


def _within(value: Any, key: str | int) -> Any:
    if isinstance(key, int):
        return value[key]
    return None if value is None else value.get(key)
