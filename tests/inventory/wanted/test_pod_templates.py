"""An ExternalDNS runs as whatever makes pods: found by its containers, and stopped in the way of its kind."""

from typing import Any

import pytest

from probe.inventory.wanted.inventory import Inventory
from probe.inventory.wanted.pod_templates import sync_interval
from probe.inventory.wanted.workload import Workload
from tests.inventory.manifests import cluster, external_dns, ingress, sentences

ONCE = ("--once", "--source=ingress", "--txt-owner-id=eks", "--interval=5h")


def of_kind(kind: str, version: str, *arguments: str, **spec: Any) -> dict[str, Any]:
    """The same pods, made by another kind."""
    one = external_dns(*arguments)
    return one | {"kind": kind, "apiVersion": version, "spec": one["spec"] | spec}


def cron_job(*arguments: str, schedule: str = "*/5 * * * *", **spec: Any) -> dict[str, Any]:
    one = external_dns(*arguments)
    job = {"schedule": schedule, "jobTemplate": {"spec": one["spec"]}, **spec}
    return one | {"kind": "CronJob", "apiVersion": "batch/v1", "spec": job}


def only(found: Inventory) -> Workload:
    (one,) = found.found_workloads
    return one


@pytest.mark.parametrize(
    ("one", "workload"),
    [
        (of_kind("DaemonSet", "apps/v1"), "daemonset/external-dns"),
        (of_kind("Rollout", "argoproj.io/v1alpha1", replicas=2), "rollout/external-dns"),
        (cron_job(), "cronjob/external-dns"),
    ],
    ids=["DaemonSet", "Rollout", "CronJob"],
)
def test_it_is_found_whatever_makes_its_pods(one: dict[str, Any], workload: str) -> None:
    found = cluster(one, ingress("web", "app.example.com"))
    assert (only(found).external_dns.txt_owner_id, only(found).external_dns.workload) == ("eks", workload)
    assert only(found).is_stopped is False
    assert {host.workload for host in found.wanted} == {"dns/external-dns"}


def test_kinds_of_these_names_in_other_groups_are_something_else() -> None:
    found = cluster(of_kind("Rollout", "example.com/v1"), of_kind("DaemonSet", "example.com/v1"))
    assert found.found_workloads == ()


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (of_kind("Rollout", "argoproj.io/v1alpha1", replicas=0), "`external-dns` has no replicas"),
        (cron_job(suspend=True), "`external-dns` is suspended"),
    ],
    ids=["Rollout", "CronJob"],
)
def test_one_that_is_stopped_is_told(one: dict[str, Any], words: str) -> None:
    found = cluster(one)
    assert only(found).is_stopped
    assert any(words in said for said in sentences(found))


def test_a_rollout_that_runs_a_deployment_s_pods_is_one_externaldns_and_runs_though_the_deployment_does_not() -> None:
    lent = of_kind("Deployment", "apps/v1", replicas=0)
    rollout = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {"name": "edns", "namespace": "dns"},
        "spec": {"replicas": 1, "workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "external-dns"}},
    }
    for documents in ((lent, rollout), (rollout, lent)):
        found = cluster(*documents)
        assert (only(found).external_dns.workload, only(found).is_stopped) == ("rollout/edns", False)
    elsewhere = rollout | {"metadata": {"name": "edns", "namespace": "other"}}
    assert only(cluster(lent, elsewhere)).external_dns.workload == "deployment/external-dns"


def test_a_cron_job_that_syncs_once_a_run_has_the_interval_of_its_schedule() -> None:
    one = only(cluster(cron_job(*ONCE)))
    assert one.external_dns.interval == 300.0
    assert one.inferred == {"interval": "it is a CronJob that syncs once a run, by its schedule"}
    assert only(cluster(cron_job(*ONCE[1:]))).external_dns.interval == 18_000.0  # it stays, and syncs by its flag


def test_a_schedule_without_one_interval_is_told_and_its_flag_is_not_believed() -> None:
    found = cluster(cron_job(*ONCE, schedule="0 8-18 * * 1-5"))
    assert only(found).external_dns.interval == 60.0
    assert "interval" not in only(found).told
    assert any("syncs at `0 8-18 * * 1-5`: write `interval` by hand" in said for said in sentences(found))


@pytest.mark.parametrize(
    ("schedule", "interval"),
    [
        ("* * * * *", "1m"),
        ("*/1 * * * *", "1m"),
        (" */15  * * * * ", "15m"),
        ("@hourly", "1h"),
        ("7 * * * *", "1h"),
        ("*/7 * * * *", ""),  # the last pause of an hour is four minutes
        ("*/0 * * * *", ""),
        ("0 3 * * *", ""),
        ("*/5 * * * 1", ""),
        ("", ""),
    ],
)
def test_evenly_spaced_schedules_have_an_interval(schedule: str, interval: str) -> None:
    assert sync_interval(schedule) == interval
