"""The chart renders what Kubernetes and Prometheus Operator take, and what the daemon understands."""

import re
import subprocess
from functools import cache
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
from probe.inventory.reading.permissions import rules
from tests.chart.rendered import CHART, KUBERNETES, Object, helm, only, pod_of, read, render, template, values
from tests.patience import HANG
from tests.real import require

pytestmark = pytest.mark.real

SETS = sorted(path.name.removesuffix("-values.yaml") for path in (CHART / "ci").glob("*-values.yaml"))


@cache  # not on import: every worker collects this file, and they are 200 kB of YAML
def definitions() -> dict[str, Draft7Validator]:
    """Give what holds objects of the kinds that others define to their definitions."""
    return {
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
        if each["kind"] in definitions():
            errors = [error.message for error in definitions()[each["kind"]].iter_errors(each)]
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
    assert list(definitions()["ServiceMonitor"].iter_errors(broken))
    assert definitions().keys() == {"ServiceMonitor", "PodMonitor", "PrometheusRule", "HTTPRoute"}


def test_a_key_that_stands_twice_is_seen() -> None:
    assert read("a: {b: 1, c: 1}\n---\na: 1\n") == [{"a": {"b": 1, "c": 1}}, {"a": 1}]
    with pytest.raises(yaml.constructor.ConstructorError, match="the key b stands twice"):
        read("a: {b: 1, c: 1, b: 1}")


@pytest.mark.parametrize("name", SETS)
def test_kustomize_reads_every_object(name: str, tmp_path: Path) -> None:
    finished = template(values(name))
    (tmp_path / "all.yaml").write_text(finished.stdout)
    (tmp_path / "kustomization.yaml").write_text("resources: [all.yaml]\ncommonAnnotations: {read: twice}\n")
    built = subprocess.run(
        [require("kustomize"), "build", str(tmp_path)], capture_output=True, text=True, check=False, timeout=HANG
    )
    assert built.returncode == 0, built.stderr
    assert len(read(built.stdout)) == len(read(finished.stdout))


def _plan(objects: list[Object]) -> str:
    (text,) = (each["data"]["plan.yaml"] for each in objects if "plan.yaml" in each.get("data", {}))
    assert isinstance(text, str)
    return text


@pytest.mark.parametrize("name", ["minimal", "claim"])
def test_the_plan_reaches_the_daemon_as_it_was_given(name: str) -> None:
    text = _plan(render(values(name)))
    assert yaml.safe_load(text) == yaml.safe_load(values(name).read_text())["plan"]
    assert parse(text).vantage == "ap-northeast-2a"


def _allowed(objects: list[Object]) -> list[str]:
    options = (word.partition("=") for word in pod_of(objects)["containers"][0]["args"])
    return [name for option, _, name in options if option == "--web.allowed-host"]


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        (["ingress.enabled=true", "ingress.hosts={*.x.example.test,c.example.test}"], "http://c.example.test"),
        (
            ["ingress.enabled=true", "ingress.hosts={c.example.test}", "ingress.tls[0].secretName=tls"],
            "https://c.example.test",
        ),
        (
            ["ingress.enabled=true", "ingress.hosts={c.example.test}", "ingress.scheme=https"],
            "https://c.example.test",
        ),
        (
            [
                "ingress.enabled=true",
                "ingress.hosts={c.example.test}",
                r"ingress.annotations.alb\.ingress\.kubernetes\.io/certificate-arn=arn",
            ],
            "https://c.example.test",
        ),
        (
            ["httpRoute.enabled=true", "httpRoute.hostnames={c.example.test}", "httpRoute.parentRefs[0].name=public"],
            "https://c.example.test",
        ),
    ],
    ids=str,
)
def test_the_way_in_is_the_address_that_alerts_link_to_and_a_name_that_the_page_answers_to(
    settings: list[str], url: str
) -> None:
    objects = render(values("minimal"), settings=settings)
    assert parse(_plan(objects)).external_url == url
    assert "c.example.test" in _allowed(objects)
    assert not any("*" in name for name in _allowed(objects))


def test_a_plan_that_says_its_address_keeps_it_and_the_way_in_is_answered_to() -> None:
    objects = render(values("claim"))
    assert parse(_plan(objects)).external_url == "https://said-in-the-plan.example.test"
    assert "cutover.example.test" in _allowed(objects)


def test_ways_in_lead_to_the_service() -> None:
    objects = render(values("full"))
    service, _ = (each for each in objects if each["kind"] == "Service")
    (port,) = service["spec"]["ports"]
    for rule in only(objects, "Ingress")["spec"]["rules"]:
        (path,) = rule["http"]["paths"]
        assert path["backend"]["service"] == {"name": service["metadata"]["name"], "port": {"name": port["name"]}}
    (rule,) = only(objects, "HTTPRoute")["spec"]["rules"]
    assert rule["backendRefs"] == [{"name": service["metadata"]["name"], "port": port["port"]}]
    assert port == {"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP", "nodePort": 30953}


ALB = "alb.ingress.kubernetes.io/"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (["ingress.className=nginx"], {}),
        (["ingress.className=alb"], {"healthcheck-path": "/-/healthy"}),
        (
            [r"ingress.annotations.alb\.ingress\.kubernetes\.io/scheme=internal"],
            {"scheme": "internal", "healthcheck-path": "/-/healthy"},
        ),
        (
            ["ingress.className=alb", "web.existingConfigSecret=x", "web.scheme=HTTPS"],
            {"healthcheck-path": "/-/healthy", "backend-protocol": "HTTPS"},
        ),
        (
            ["ingress.className=alb", r"ingress.annotations.alb\.ingress\.kubernetes\.io/healthcheck-path=/mine"],
            {"healthcheck-path": "/mine"},
        ),
    ],
)
def test_an_alb_asks_for_the_health_where_no_password_is_needed(settings: list[str], told: dict[str, str]) -> None:
    way_in = only(
        render(values("minimal"), settings=["ingress.enabled=true", "ingress.hosts={c.example.test}", *settings]),
        "Ingress",
    )
    assert way_in["metadata"].get("annotations", {}) == {f"{ALB}{key}": value for key, value in told.items()}


def test_it_listens_to_both_families_and_its_services_take_what_the_cluster_has() -> None:
    plain = render(values("minimal"))
    assert "--listen=[::]:9953" in pod_of(plain)["containers"][0]["args"]
    assert not any("ipFamilies" in each["spec"] or "ipFamilyPolicy" in each["spec"] for each in _services(plain))
    only_v6 = _services(render(values("existing"), settings=["shards=2"]))
    assert [(each["spec"]["ipFamilyPolicy"], each["spec"]["ipFamilies"]) for each in only_v6] == [
        ("SingleStack", ["IPv6"])
    ] * 2
    old = pod_of(render(values("minimal"), settings=["web.address=0.0.0.0"]))
    assert "--listen=0.0.0.0:9953" in old["containers"][0]["args"]


def _services(objects: list[Object]) -> list[Object]:
    return [each for each in objects if each["kind"] == "Service"]


def test_the_plan_is_checked_before_the_daemon_by_the_same_eyes() -> None:
    pod = pod_of(render(values("full")))
    check, daemon = pod["initContainers"][-1], pod["containers"][0]
    (path,) = (word.removeprefix("--config=") for word in daemon["args"] if word.startswith("--config="))
    assert check["args"] == ["config", "check", path]
    for key in ("image", "volumeMounts", "env", "securityContext"):
        assert check[key] == daemon[key]
    assert check["terminationMessagePolicy"] == daemon["terminationMessagePolicy"] == "FallbackToLogsOnError"
    assert "initContainers" not in pod_of(render(values("existing")))


def test_monitors_ask_by_the_scheme_of_the_web_configuration() -> None:
    secured = ["web.existingConfigSecret=web", "web.scheme=HTTPS"]
    for kind, endpoints in (("serviceMonitor", "endpoints"), ("podMonitor", "podMetricsEndpoints")):
        for settings, scheme in (([], "http"), (secured, "https"), ([*secured, f"{kind}.scheme=http"], "http")):
            objects = render(values("minimal"), settings=[f"{kind}.enabled=true", *settings])
            (endpoint,) = only(objects, kind[0].upper() + kind[1:])["spec"][endpoints]
            assert endpoint["scheme"] == scheme


def test_monitors_have_what_prometheus_operator_offers() -> None:
    spec = only(render(values("full")), "ServiceMonitor")["spec"]
    assert (spec["jobLabel"], spec["targetLabels"], spec["sampleLimit"]) == (
        "app.kubernetes.io/instance",
        ["page"],
        50000,
    )
    assert spec["endpoints"][0]["honorLabels"] is True
    pods = only(render(values("existing")), "PodMonitor")["spec"]
    assert (pods["podTargetLabels"], pods["sampleLimit"]) == (["app.kubernetes.io/instance"], 20000)
    assert not {"jobLabel", "targetLabels"} & pods.keys()


def test_probes_and_contexts_may_be_left_away_and_replaced() -> None:
    daemon = pod_of(render(values("claim")))["containers"][0]
    assert daemon["livenessProbe"]["tcpSocket"] == {"port": "http"}
    assert "httpGet" not in daemon["livenessProbe"]
    assert "readinessProbe" not in daemon
    assert "startupProbe" not in daemon
    bare = pod_of(
        render(values("minimal"), settings=["podSecurityContext=null", "securityContext=null", "resources=null"])
    )
    assert "securityContext" not in bare
    assert not {"securityContext", "resources"} & bare["containers"][0].keys()
    usual = pod_of(render(values("minimal")))["containers"][0]
    assert usual["startupProbe"]["httpGet"]["path"] == "/-/healthy"


@pytest.mark.parametrize(
    ("given", "storage_class"), [("", None), ("-", ""), ("gp3", "gp3")], ids=["default", "none", "named"]
)
def test_a_storage_class_may_be_the_default_none_or_a_name(given: str, storage_class: str | None) -> None:
    settings = ["persistence.enabled=true", f"persistence.storageClassName={given}"]
    (claim,) = only(render(values("minimal"), settings=settings), "StatefulSet")["spec"]["volumeClaimTemplates"]
    assert claim["spec"].get("storageClassName") == storage_class
    assert (claim["apiVersion"], claim["kind"]) == ("v1", "PersistentVolumeClaim")


def test_a_claim_of_ones_own_is_mounted_and_none_is_made() -> None:
    stateful = only(render(values("claim")), "StatefulSet")
    assert "volumeClaimTemplates" not in stateful["spec"]
    volumes = {each["name"]: each for each in pod_of([stateful])["volumes"]}
    assert volumes["journal"]["persistentVolumeClaim"] == {"claimName": "my-journal"}


@pytest.mark.parametrize(
    ("settings", "image"),
    [
        ([], "cutover-probe:0.1.0"),
        (["image.registry=a.test"], "a.test/cutover-probe:0.1.0"),
        (["image.registry=a.test", "global.imageRegistry=b.test"], "b.test/cutover-probe:0.1.0"),
        (["image.registry=a.test/", "image.tag=v1"], "a.test/cutover-probe:v1"),
    ],
    ids=str,
)
def test_an_image_comes_from_the_registry_that_is_said(settings: list[str], image: str) -> None:
    objects = render(values("minimal"), settings=settings)
    pod = pod_of(objects)
    assert {each["image"] for each in (*pod["containers"], *pod["initContainers"])} == {image}
    assert only(objects, "Pod")["spec"]["containers"][0]["image"] == image


def test_every_object_goes_into_the_namespace_that_is_said() -> None:
    assert {each["metadata"]["namespace"] for each in render(values("claim"))} == {"elsewhere"}


def test_the_way_pods_are_replaced_can_be_said() -> None:
    deployment = only(render(values("minimal"), settings=["revisionHistoryLimit=0"]), "Deployment")["spec"]
    assert (deployment["strategy"], deployment["revisionHistoryLimit"]) == ({"type": "Recreate"}, 0)
    stateful = only(render(values("full")), "StatefulSet")["spec"]
    assert (stateful["updateStrategy"], stateful["revisionHistoryLimit"]) == ({"type": "RollingUpdate"}, 5)
    assert pod_of(render(values("full")))["hostAliases"][0]["hostnames"] == ["alertmanager.example.test"]


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
    assert pod["automountServiceAccountToken"] is (name == "full")  # which discovers in its cluster
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 65532
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert "command" not in container
    assert not any("subPath" in mount for mount in container["volumeMounts"])
    assert "cpu" not in container["resources"]["limits"]


def test_discovery_is_off_and_may_list_what_discover_reads_when_it_is_on() -> None:
    assert not {"ClusterRole", "ClusterRoleBinding"} & {one["kind"] for one in render(values("minimal"))}
    objects = render(values("minimal"), settings=["discovery.enabled=true"])
    role, binding = only(objects, "ClusterRole"), only(objects, "ClusterRoleBinding")
    assert role["rules"] == rules()
    assert role["metadata"]["name"] == binding["metadata"]["name"] == "watch-night-cutover-probe-discover"
    assert (binding["roleRef"]["kind"], binding["roleRef"]["name"]) == ("ClusterRole", role["metadata"]["name"])
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "night-cutover-probe", "namespace": "watch"}]
    assert pod_of(objects)["automountServiceAccountToken"] is True
    assert "env" not in pod_of(objects)["containers"][0]


def test_the_other_clusters_kubeconfig_is_the_pods() -> None:
    settings = ["discovery.kubeconfigSecret=eks-v1", "extraEnv[0].name=TZ", "extraEnv[0].value=Asia/Seoul"]
    objects = render(values("minimal"), settings=settings)
    pod = pod_of(objects)
    path = "/etc/cutover-probe-kubeconfig"
    assert [one["name"] for one in pod["containers"][0]["env"]] == ["KUBECONFIG", "TZ"]
    assert pod["containers"][0]["env"][0]["value"] == f"{path}/config"
    assert {"name": "kubeconfig", "mountPath": path, "readOnly": True} in pod["containers"][0]["volumeMounts"]
    assert {"name": "kubeconfig", "secret": {"secretName": "eks-v1", "defaultMode": 0o440}} in pod["volumes"]


def test_a_witness_in_the_cluster_needs_the_role_and_the_token() -> None:
    settings = ["plan.witnesses.kubernetes.v2.in_cluster=true"]
    refused = template(values("minimal"), settings=settings)
    assert "plan.witnesses.kubernetes.v2 asks this cluster as the pod's service account" in refused.stderr
    assert "set discovery.enabled" in refused.stderr
    objects = render(values("minimal"), settings=[*settings, "discovery.enabled=true"])
    assert pod_of(objects)["automountServiceAccountToken"] is True
    render(values("minimal"), settings=["plan.witnesses.kubernetes.v1.context=eks-v1", "discovery.kubeconfigSecret=k"])


def test_the_role_is_not_bound_to_the_account_of_every_pod() -> None:
    settings = ["discovery.enabled=true", "serviceAccount.create=false"]
    refused = template(values("minimal"), settings=settings)
    assert "so every pod's: name one in serviceAccount.name" in refused.stderr
    objects = render(values("minimal"), settings=[*settings, "serviceAccount.name=mine"])
    assert only(objects, "ClusterRoleBinding")["subjects"][0]["name"] == "mine"


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


@pytest.mark.parametrize(
    ("settings", "takes"),
    [
        ([], False),
        (["persistence.enabled=true"], True),
        (["extraVolumeMounts[0].name=mine,extraVolumeMounts[0].mountPath=/data/"], True),
        (["extraVolumeMounts[0].name=mine,extraVolumeMounts[0].mountPath=/dat"], False),
        (
            [
                "extraVolumeMounts[0].name=mine,extraVolumeMounts[0].mountPath=/data",
                "extraVolumeMounts[0].readOnly=true",
            ],
            False,
        ),
        (["extraArgs={--state.path=/tmp/journal.db}"], True),
    ],
)
def test_a_plan_that_keeps_a_journal_has_a_volume_to_keep_it_on(settings: list[str], *, takes: bool) -> None:
    finished = template(values("minimal"), settings=["plan.state.path=/data/journal.db", *settings])
    assert (finished.returncode == 0) is takes
    assert ("Set persistence.enabled" in finished.stderr) is not takes


def test_the_pod_of_helm_test_runs_where_the_probe_runs() -> None:
    apart = "affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey=zone"
    objects = render(values("full"), settings=["runtimeClassName=gvisor", apart])
    watching, asking = pod_of(objects), only(objects, "Pod")["spec"]
    for key in ("priorityClassName", "runtimeClassName", "nodeSelector", "tolerations"):
        assert asking[key] == watching[key], key
    assert watching["affinity"].keys() == {"nodeAffinity", "podAntiAffinity"}
    assert asking["affinity"] == {"nodeAffinity": watching["affinity"]["nodeAffinity"]}


def test_shards_are_pods_that_know_their_number_by_their_name() -> None:
    stateful = only(render(values("minimal"), settings=["shards=4"]), "StatefulSet")
    assert stateful["spec"]["replicas"] == 4
    assert {"--shard=auto", "--total-shards=4"} <= set(pod_of([stateful])["containers"][0]["args"])
    assert "volumeClaimTemplates" not in stateful["spec"]


@pytest.mark.parametrize("monitor", ["serviceMonitor", "podMonitor"])
@pytest.mark.parametrize(
    ("interval", "timeout", "takes"),
    [("10s", "10s", True), ("1m", "50s500ms", True), ("", "10s", True), ("5s", "10s", False), ("1m", "1m1ms", False)],
)
def test_a_scrape_is_over_before_the_next_one(monitor: str, interval: str, timeout: str, *, takes: bool) -> None:
    times = [f"{monitor}.interval={interval}", f"{monitor}.scrapeTimeout={timeout}"]
    assert template(values("minimal"), settings=times).returncode == 0
    finished = template(values("minimal"), settings=[f"{monitor}.enabled=true", *times])
    said = f"{monitor}.scrapeTimeout ({timeout}) is longer than {monitor}.interval ({interval})"
    assert (finished.returncode == 0, said in finished.stderr) == (takes, not takes)


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


def _lets_out(*settings: str) -> list[str]:
    policy = only(render(values("minimal"), settings=["networkPolicy.enabled=true", *settings]), "NetworkPolicy")[
        "spec"
    ]
    everywhere = [{"ipBlock": {"cidr": "0.0.0.0/0"}}, {"ipBlock": {"cidr": "::/0"}}]
    ports = {
        f"{port['port']}/{port['protocol']}"
        for rule in policy["egress"]
        if rule["to"] == everywhere
        for port in rule["ports"]
    }
    return sorted(ports - {"53/UDP", "53/TCP", "853/TCP", "443/TCP"})


DOT, DOH = (
    f"plan.resolvers[0].name=x,plan.resolvers[0].address=192.0.2.1,plan.resolvers[0].transport={transport}"
    for transport in ("dot", "doh")
)


@pytest.mark.parametrize(
    ("settings", "ports"),
    [
        ([], []),
        (["plan.waves[0].http.path=/"], []),
        (["plan.waves[0].http.port=8443"], ["8443/TCP"]),
        (["plan.waves[0].http.port=8443", "plan.waves[0].domains[1].http.port=9443"], ["8443/TCP", "9443/TCP"]),
        (["plan.authoritative.port=5300"], ["5300/TCP", "5300/UDP"]),
        (["plan.authoritative.start={192.0.2.1,192.0.2.2:53,2001:db8::5300}"], []),
        ([r"plan.authoritative.overrides.example\.com={192.0.2.1:5301}"], ["5301/TCP", "5301/UDP"]),
        ([r"plan.authoritative.private_zones.example\.com={[2001:db8::1]:5302}"], ["5302/TCP", "5302/UDP"]),
        (
            ["plan.resolvers[0].name=x,plan.resolvers[0].address=192.0.2.1,plan.resolvers[0].port=5303"],
            ["5303/TCP", "5303/UDP"],
        ),
        ([DOT], []),
        ([DOT, "plan.resolvers[0].port=8853"], ["8853/TCP"]),
        ([DOH, "plan.resolvers[0].url=https://r.example.com/dns-query"], []),
        ([DOH, "plan.resolvers[0].url=https://r.example.com:8444/dns-query"], ["8444/TCP"]),
        (
            [
                "plan.waves[0].http.port=8443",
                "networkPolicy.extraEgress[0].ports[0].port=8400",
                "networkPolicy.extraEgress[0].ports[0].endPort=8500",
                "networkPolicy.extraEgress[0].to[0].ipBlock.cidr=192.0.2.0/24",
            ],
            [],
        ),
    ],
    ids=str,
)
def test_the_network_policy_lets_out_what_the_plan_asks_at_other_ports(settings: list[str], ports: list[str]) -> None:
    assert _lets_out(*settings) == ports


@pytest.mark.parametrize(
    ("settings", "reached"),
    [([], False), (["plan.witnesses.route53.interval=5m"], True), (["discovery.enabled=true"], True)],
)
def test_the_network_policy_lets_out_to_the_agent_that_gives_credentials_for_route_53(
    settings: list[str], *, reached: bool
) -> None:
    policy = only(render(values("minimal"), settings=["networkPolicy.enabled=true", *settings]), "NetworkPolicy")[
        "spec"
    ]
    agent = {"ipBlock": {"cidr": "169.254.170.23/32"}}
    assert [rule["ports"] for rule in policy["egress"] if agent in rule["to"]] == [
        [{"port": 80, "protocol": "TCP"}]
    ] * reached


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
        (
            ["existingConfigMap=x", r"commonLabels.app\.kubernetes\.io/name=y"],
            "commonLabels may not set app.kubernetes.io/name",
        ),
        (
            ["existingConfigMap=x", r"podLabels.app\.kubernetes\.io/instance=y"],
            "podLabels may not set app.kubernetes.io/instance",
        ),
        (
            ["existingConfigMap=x", r"service.labels.app\.kubernetes\.io/component=y"],
            "service.labels may not set app.kubernetes.io/component",
        ),
        (
            ["existingConfigMap=x", "prometheusRule.enabled=true", "prometheusRule.disabled={CutoverOutige}"],
            "prometheusRule.disabled names CutoverOutige, and there is no such alert",
        ),
        (
            ["existingConfigMap=x", "prometheusRule.enabled=true", "prometheusRule.additionalLabels.severity=page"],
            "may not set severity",
        ),
        (["existingConfigMap=x", "web.scheme=HTTPS"], "nothing sets TLS up"),
        (["existingConfigMap=x", "persistence.existingClaim=y"], "persistence.enabled is not"),
        (
            ["existingConfigMap=x", "persistence.enabled=true", "persistence.existingClaim=y", "shards=2"],
            "each of several shards needs its own",
        ),
        (["existingConfigMap=x", "service.nodePort=30000"], "service.nodePort needs service.type"),
        (["existingConfigMap=x", "ingress.enabled=true"], "ingress.hosts is empty"),
        (["existingConfigMap=x", "httpRoute.enabled=true"], "httpRoute needs hostnames and parentRefs"),
        (["existingConfigMap=x", "ingress.hosts={https://c.example.test/}"], "ingress.hosts"),
        (["existingConfigMap=x", "web.address=localhost"], "web.address"),
        (["existingConfigMap=x", "service.ipFamilyPolicy=Dual"], "service.ipFamilyPolicy"),
        (["existingConfigMap=x", "livenessProbe=off"], "livenessProbe"),
        (["existingConfigMap=x", "fullnameOverride=Bad Name!"], "fullnameOverride"),
        (["existingConfigMap=x", "namespaceOverride=../kube-system"], "namespaceOverride"),
        (["existingConfigMap=x", "commonLabels.team=platform\nevil: yes"], "commonLabels.team"),
        (["existingConfigMap=x", "podLabels.team=a b"], "podLabels.team"),
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
    assert defaults.keys() == schema.keys()
    for key, value in defaults.items():
        if "properties" in schema[key]:
            assert value.keys() == schema[key]["properties"].keys(), key


def test_the_readme_of_the_chart_names_every_value() -> None:
    text = (CHART / "README.md").read_text()
    for key in yaml.safe_load((CHART / "values.yaml").read_text()):
        assert f"`{key}" in text, key
