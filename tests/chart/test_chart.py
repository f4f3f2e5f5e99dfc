"""The chart renders what Kubernetes and Prometheus Operator take, and what the daemon understands."""

import re
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]  # it has no hints
import pytest
import values_schema
import yaml
from click.testing import CliRunner
from jsonschema import Draft7Validator

from probe.cli.main import root
from probe.config.load import parse
from tests.chart.rendered import CHART, KUBERNETES, helm, only, pod_of, render, template, values

pytestmark = pytest.mark.real

SETS = sorted(path.name.removesuffix("-values.yaml") for path in (CHART / "ci").glob("*-values.yaml"))
CRDS = {
    crd["spec"]["names"]["kind"]: Draft7Validator(crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"])
    for crd in (yaml.safe_load(path.read_text()) for path in (Path(__file__).parent / "data").glob("*.yaml"))
}


@pytest.mark.parametrize("name", SETS)
def test_helm_finds_no_fault_with_the_chart(name: str) -> None:
    finished = helm("lint", "--strict", CHART, "--values", values(name))
    assert finished.returncode == 0, finished.stdout


@pytest.mark.parametrize("name", SETS)
def test_every_object_is_one_that_kubernetes_takes(name: str) -> None:
    objects = render(values(name))
    assert objects
    for each in objects:
        if each["kind"] in CRDS:
            errors = [error.message for error in CRDS[each["kind"]].iter_errors(each)]
            assert not errors, f"{each['kind']}: {errors}"
        else:
            kubernetes_validate.validate(each, KUBERNETES.rpartition(".")[0], strict=True)
        assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", each["metadata"]["name"])


def test_monitoring_objects_are_checked_and_not_let_through() -> None:
    broken = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "ServiceMonitor",
        "metadata": {},
        "spec": {"endpoints": 1},
    }
    assert list(CRDS["ServiceMonitor"].iter_errors(broken))
    assert CRDS.keys() == {"ServiceMonitor", "PodMonitor", "PrometheusRule"}


@pytest.mark.parametrize("name", ["minimal", "full"])
def test_the_plan_reaches_the_daemon_as_it_was_given(name: str) -> None:
    objects = render(values(name))
    plans = [each for each in objects if each["kind"] == "ConfigMap" and "plan.yaml" in each.get("data", {})]
    (text,) = (each["data"]["plan.yaml"] for each in plans)
    given = yaml.safe_load(values(name).read_text())["plan"]
    assert yaml.safe_load(text) == given
    assert parse(text).vantage == "ap-northeast-2a"


@pytest.mark.parametrize("name", SETS)
def test_the_daemon_has_every_option_that_it_is_given(name: str) -> None:
    help_ = CliRunner().invoke(root, ["run", "--help"]).output
    command, *options = pod_of(render(values(name)))["containers"][0]["args"]
    assert command == "run"
    for option in options:
        assert re.search(rf"(?<!\S){re.escape(option.partition('=')[0])}(?![\w-])", help_), option


@pytest.mark.parametrize("name", SETS)
def test_the_pod_needs_no_right_and_no_shell(name: str) -> None:
    pod = pod_of(render(values(name)))
    container = pod["containers"][0]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 65532
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert "command" not in container
    assert not any("subPath" in mount for mount in container["volumeMounts"])
    assert "cpu" not in container["resources"]["limits"]


def test_one_process_without_a_journal_is_a_deployment_that_never_runs_twice() -> None:
    deployment = only(render(values("minimal")), "Deployment")
    assert deployment["spec"]["replicas"] == 1
    assert deployment["spec"]["strategy"] == {"type": "Recreate"}
    assert not any("--shard" in word for word in pod_of([deployment])["containers"][0]["args"])


def test_a_journal_lies_on_a_volume_that_outlives_the_release() -> None:
    stateful = only(render(values("minimal"), settings=["persistence.enabled=true"]), "StatefulSet")
    (claim,) = stateful["spec"]["volumeClaimTemplates"]
    mounts = {mount["name"]: mount["mountPath"] for mount in pod_of([stateful])["containers"][0]["volumeMounts"]}
    assert stateful["spec"]["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
    assert claim["metadata"]["name"] == "journal"
    assert f"--state.path={mounts['journal']}/journal.db" in pod_of([stateful])["containers"][0]["args"]


def test_shards_are_pods_that_know_their_number_by_their_name() -> None:
    stateful = only(render(values("minimal"), settings=["shards=4"]), "StatefulSet")
    assert stateful["spec"]["replicas"] == 4
    assert {"--shard=auto", "--total-shards=4"} <= set(pod_of([stateful])["containers"][0]["args"])
    assert "volumeClaimTemplates" not in stateful["spec"]


def test_each_pod_is_scraped_once() -> None:
    objects = render(values("full"))
    selector = only(objects, "ServiceMonitor")["spec"]["selector"]
    assert selector["matchExpressions"] == [{"key": "app.kubernetes.io/component", "operator": "DoesNotExist"}]
    services = [each for each in objects if each["kind"] == "Service"]
    scraped = [each for each in services if "app.kubernetes.io/component" not in each["metadata"]["labels"]]
    assert len(services) == 2
    assert len(scraped) == 1
    assert selector["matchLabels"].items() <= scraped[0]["metadata"]["labels"].items()


def test_every_selector_selects_the_pods() -> None:
    objects = render(values("full"))
    labels = only(objects, "StatefulSet")["spec"]["template"]["metadata"]["labels"]
    selectors = [
        *(each["spec"]["selector"] for each in objects if each["kind"] == "Service"),
        only(objects, "StatefulSet")["spec"]["selector"]["matchLabels"],
        only(objects, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        only(objects, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
    ]
    assert all(selector.items() <= labels.items() for selector in selectors)
    tested = only(objects, "Pod")["metadata"]["labels"]
    assert not any(selector.items() <= tested.items() for selector in selectors)


def test_the_network_policy_lets_questions_out_and_scrapes_in() -> None:
    policy = only(render(values("full")), "NetworkPolicy")["spec"]
    ports = {(port["port"], port["protocol"]) for rule in policy["egress"][:2] for port in rule["ports"]}
    assert ports == {(53, "UDP"), (53, "TCP"), (853, "TCP"), (443, "TCP")}
    assert policy["ingress"][0]["ports"] == [{"port": "http", "protocol": "TCP"}]


def test_rules_are_those_of_the_file_with_what_the_values_change() -> None:
    plain = yaml.safe_load((CHART / "files" / "rules.yaml").read_text())["groups"]
    names = [rule["alert"] for group in plain for rule in group["rules"] if "alert" in rule]
    settings = ["prometheusRule.enabled=true", f"prometheusRule.disabled={{{names[0]}}}"]
    rendered = only(render(values("minimal"), settings=settings), "PrometheusRule")["spec"]["groups"]
    kept = [rule for group in plain for rule in group["rules"] if rule.get("alert") != names[0]]
    assert [rule for group in rendered for rule in group["rules"]] == kept
    labelled = only(render(values("full")), "PrometheusRule")["spec"]["groups"]
    alerts = [rule for group in labelled for rule in group["rules"] if "alert" in rule and rule["alert"] != "Mine"]
    assert [rule["alert"] for rule in alerts] == names
    assert all(rule["labels"]["team"] == "platform" and "severity" in rule["labels"] for rule in alerts)


def test_each_dashboard_has_a_config_map_that_grafana_finds() -> None:
    files = {path.name: path.read_text() for path in (CHART / "dashboards").glob("*.json")}
    maps = [
        each for each in render(values("full")) if each["metadata"].get("labels", {}).get("grafana_dashboard") == "1"
    ]
    assert {name: text.rstrip() for each in maps for name, text in each["data"].items()} == {
        name: text.rstrip() for name, text in files.items()
    }
    assert all(each["metadata"]["namespace"] == "monitoring" for each in maps)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ([], "There is nothing to watch: put the plan under the value plan"),
        (["existingConfigMap=x", "plan.vantage=y"], "sides is required"),
        (["existingConfigMap=x", "serviceMonitor.enabled=true", "podMonitor.enabled=true"], "not both"),
        (["existingConfigMap=x", "shards=0"], "shards"),
        (["existingConfigMap=x", "persistance.enabled=true"], "Additional property persistance is not allowed"),
        (["existingConfigMap=x", "serviceMonitor.interval=15"], "serviceMonitor.interval"),
    ],
    ids=str,
)
def test_values_that_cannot_work_are_refused_in_words(settings: list[str], said: str) -> None:
    finished = template(settings=settings)
    assert finished.returncode != 0
    assert said in finished.stderr


def test_a_plan_with_a_mistake_is_refused_before_it_reaches_the_cluster() -> None:
    finished = template(values("minimal"), settings=["plan.waves[0].expect=v3"])
    assert finished.returncode != 0
    assert "expect" in finished.stderr


def test_the_schema_of_the_values_is_the_present_one_and_holds_every_default() -> None:
    committed = (CHART / "values.schema.json").read_text(encoding="utf-8")
    assert committed == values_schema.text(), "write it anew: make schema"
    defaults: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
    schema = values_schema.values_schema()["properties"]
    assert defaults.keys() == schema.keys() - {"global"}
    for key, value in defaults.items():
        if "properties" in schema[key]:
            assert value.keys() == schema[key]["properties"].keys(), key


def test_the_readme_of_the_chart_names_every_value() -> None:
    text = (CHART / "README.md").read_text()
    for key in yaml.safe_load((CHART / "values.yaml").read_text()):
        assert f"`{key}" in text, key
