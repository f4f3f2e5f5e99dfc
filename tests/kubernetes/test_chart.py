"""The chart on a real API server: every object is taken, and an upgrade that would be refused is refused in words."""

import os
import subprocess
from collections.abc import Sequence
from typing import NamedTuple

import pytest

from tests.chart.rendered import CHART, Object, read, values
from tests.kubernetes.cluster import Cluster, Refused
from tests.kubernetes.control_plane import ControlPlane
from tests.real import require

pytestmark = pytest.mark.real

SETS = sorted(path.name.removesuffix("-values.yaml") for path in (CHART / "ci").glob("*-values.yaml"))
VERSION = "1.35.4"
"""The API server's, as .ci/run builds it."""
IN_PLACE = "updates to statefulset spec for fields other than"
JOURNAL = ("persistence.enabled=true",)


def _settings(settings: Sequence[str]) -> list[str]:
    return [word for setting in settings for word in ("--set", setting)]


def _render(namespace: str, *words: str) -> list[Object]:
    command = [
        require("helm"),
        "template",
        "night",
        str(CHART),
        "--namespace",
        namespace,
        "--kube-version",
        VERSION,
        *words,
    ]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return read(finished.stdout)


class Release(NamedTuple):
    """A release in a namespace of its own, by Helm itself, which sees what is there."""

    plane: ControlPlane
    namespace: str

    def upgrade(self, *settings: str) -> subprocess.CompletedProcess[str]:
        """Install it, or upgrade it, with the least of values and some settings."""
        command = [
            require("helm"), "upgrade", "--install", "night", str(CHART), "--namespace", self.namespace,
            "--values", str(values("minimal")), "--no-hooks", *_settings(settings),
        ]  # fmt: skip
        environment = {**os.environ, "KUBECONFIG": str(self.plane.kubeconfig), "HELM_CACHE_HOME": self.plane.folder}
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.parametrize("name", SETS)
def test_every_object_is_taken_under_restricted_pod_security(cluster: Cluster, name: str) -> None:
    """Fields are validated strictly; a warning would be a field that is deprecated, or a pod that asks for too much."""
    cluster.namespace("monitoring")
    namespace = cluster.namespace(f"set-{name}")
    settings = [f"namespaceOverride={namespace}", "hostNetwork=false"]  # which no pod has under restricted security
    if name == "existing":
        settings.append("podSecurityContext.runAsUser=1000")
    objects = _render(namespace, "--values", str(values(name)), *_settings(settings))

    assert objects
    for each in objects:
        each["metadata"].setdefault("namespace", namespace)  # as Helm does for extraObjects
        if each["kind"] == "Pod":
            continue  # it needs what the others make
        assert cluster.apply(each).warnings == (), each["kind"]
    for workload in (each for each in objects if each["kind"] in {"Deployment", "StatefulSet"}):
        cluster.apply(_account(namespace, workload["spec"]["template"]["spec"]["serviceAccountName"]))
        assert cluster.apply(_pod(workload), dry_run=True).warnings == ()
    for pod in (each for each in objects if each["kind"] == "Pod"):
        assert cluster.apply(pod, dry_run=True).warnings == ()


def _pod(workload: Object) -> Object:
    """Give a pod as the workload's controller makes it: with the volumes of its claims."""
    template, claims = workload["spec"]["template"], workload["spec"].get("volumeClaimTemplates", [])
    meta = {**template["metadata"], "name": "made", "namespace": workload["metadata"]["namespace"]}
    names = [claim["metadata"]["name"] for claim in claims]
    own = [{"name": name, "persistentVolumeClaim": {"claimName": f"{name}-made"}} for name in names]
    spec = {**template["spec"], "volumes": [*template["spec"]["volumes"], *own]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


def _account(namespace: str, name: str) -> Object:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}}


def test_a_pod_on_the_nodes_network_is_told_to_break_restricted_pod_security(cluster: Cluster) -> None:
    namespace = cluster.namespace("on-the-node")
    objects = _render(namespace, "--values", str(values("existing")))
    (workload,) = (each for each in objects if each["kind"] == "Deployment")

    assert "host namespaces" in cluster.apply(workload).warnings[0]


def test_both_families_are_given_where_the_cluster_has_both(cluster: Cluster) -> None:
    namespace = cluster.namespace("families")
    wanted = ("service.ipFamilyPolicy=RequireDualStack", "service.ipFamilies={IPv6,IPv4}", *JOURNAL)
    for each in _render(namespace, "--values", str(values("minimal")), *_settings(wanted)):
        if each["kind"] == "Service":
            spec = cluster.apply(each).object["spec"]
            assert spec["ipFamilies"] == ["IPv6", "IPv4"]
            assert spec["clusterIPs"] == ["None"] or spec["clusterIPs"][0].startswith("fd00:")


def test_claim_templates_are_kept_as_they_are_written(cluster: Cluster) -> None:
    """What compares the two (Argo CD) finds no difference but the API server's `status`."""
    namespace = cluster.namespace("claims")
    objects = _render(namespace, "--values", str(values("minimal")), *_settings(JOURNAL))
    (wanted,) = (each for each in objects if each["kind"] == "StatefulSet")
    (kept,) = cluster.apply(wanted).object["spec"]["volumeClaimTemplates"]

    assert kept.pop("status") == {"phase": "Pending"}
    kept["metadata"].pop("creationTimestamp", None)
    assert [kept] == wanted["spec"]["volumeClaimTemplates"]


class Change(NamedTuple):
    """An upgrade from one set of settings to another."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    said: str


FORBIDDEN = {
    "size": Change(JOURNAL, (*JOURNAL, "persistence.size=3Gi"), "persistence.size would change from 2Gi to 3Gi"),
    "class": Change(
        JOURNAL,
        (*JOURNAL, "persistence.storageClassName=gp3"),
        'persistence.storageClassName would change from "" to "gp3"',
    ),
    "no class": Change(
        (*JOURNAL, "persistence.storageClassName=-"),
        JOURNAL,
        'persistence.storageClassName would change from "-" to ""',
    ),
    "access": Change(
        JOURNAL, (*JOURNAL, "persistence.accessModes={ReadWriteOncePod}"), "persistence.accessModes would change from"
    ),
    "annotations": Change(
        JOURNAL, (*JOURNAL, "persistence.annotations.backup=nightly"), "persistence.annotations would change from"
    ),
    "a journal": Change(("shards=2",), ("shards=2", *JOURNAL), "would add the volume"),
    "no journal": Change(("shards=2", *JOURNAL), ("shards=2",), "would take away the volume"),
    "own claim": Change(JOURNAL, (*JOURNAL, "persistence.existingClaim=mine"), "would take away the volume"),
    "name": Change(
        ("fullnameOverride=one",), ("fullnameOverride=one", "nameOverride=two"), "The selector of the Deployment one"
    ),
    "name of shards": Change(
        ("fullnameOverride=one", "shards=2"),
        ("fullnameOverride=one", "shards=2", "nameOverride=two"),
        "The selector of the StatefulSet one",
    ),
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_an_upgrade_that_kubernetes_refuses_is_refused_in_words_before(
    control_plane: ControlPlane, cluster: Cluster, name: str
) -> None:
    change = FORBIDDEN[name]
    release = Release(control_plane, cluster.namespace(f"no-{name.replace(' ', '-')}"))
    installed = release.upgrade(*change.before)
    assert installed.returncode == 0, installed.stderr

    refused = release.upgrade(*change.after)

    assert refused.returncode != 0
    assert change.said in refused.stderr
    assert "Kubernetes does not change this in place" in refused.stderr
    again = release.upgrade(*change.before)
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize("name", FORBIDDEN)
def test_kubernetes_refuses_what_is_refused_in_words(cluster: Cluster, name: str) -> None:
    namespace = cluster.namespace(f"raw-{name.replace(' ', '-')}")
    before, after = (
        next(
            each
            for each in _render(namespace, "--values", str(values("minimal")), *_settings(settings))
            if each["kind"] in {"Deployment", "StatefulSet"}
        )
        for settings in (FORBIDDEN[name].before, FORBIDDEN[name].after)
    )
    cluster.apply(before)
    with pytest.raises(Refused, match=f"{IN_PLACE}|field is immutable"):
        cluster.apply(after)


ALLOWED = {
    "a journal": ((), JOURNAL),
    "no journal": (JOURNAL, ()),
    "more shards": (("shards=2", *JOURNAL), ("shards=4", *JOURNAL)),
    "fewer shards": (("shards=2",), ()),
    "the same size": ((*JOURNAL, "persistence.size=1536Mi"), (*JOURNAL, "persistence.size=1.5Gi")),
    "the rest": (
        JOURNAL,
        (
            *JOURNAL, "image.tag=v2", "log.level=debug", "service.type=NodePort", "service.port=80",
            "serviceMonitor.enabled=true", "prometheusRule.enabled=true", "dashboards.enabled=true",
            "networkPolicy.enabled=true", "podDisruptionBudget.enabled=true", "commonLabels.team=platform",
            "podLabels.network=outside", "persistence.whenDeleted=Delete", "startupProbe=null",
            "ingress.enabled=true", "ingress.hosts={cutover.example.test}",
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ALLOWED)
def test_an_upgrade_that_kubernetes_takes_is_taken_there_and_back(
    control_plane: ControlPlane, cluster: Cluster, name: str
) -> None:
    before, after = ALLOWED[name]
    release = Release(control_plane, cluster.namespace(f"yes-{name.replace(' ', '-')}"))
    for settings in (before, after, after, before):
        finished = release.upgrade(*settings)
        assert finished.returncode == 0, finished.stderr


def test_the_notes_of_a_release_say_how_to_look_and_what_is_missing(
    control_plane: ControlPlane, cluster: Cluster
) -> None:
    release = Release(control_plane, cluster.namespace("notes"))
    plain = release.upgrade(*JOURNAL).stdout
    assert "kubectl --namespace notes port-forward service/night-cutover-probe 9953:9953" in plain
    assert "No alert is made: set prometheusRule.enabled." in plain
    assert "Kubernetes refuses later changes of persistence.enabled" in plain
    public = release.upgrade(*JOURNAL, "ingress.enabled=true", "ingress.hosts={cutover.example.test}").stdout
    assert "\n  http://cutover.example.test/\n" in public
    assert "port-forward" not in public
    assert "Everybody who reaches that address sees the page" in public
