"""The daemon with witnesses beside DNS: one that is not there is told everywhere, and one that is tells the rest."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from probe.model.name import DomainName
from probe.route53.account import Route53
from probe.runtime.clock import SystemClock
from tests.aws import KEY_ID, SECRET, SESSION, lab_server, require_boto3
from tests.e2e.command import call
from tests.e2e.daemon import daemon
from tests.e2e.plans import V1, V2, plan_file, plan_text, wave
from tests.e2e.scripted import hold, scripted
from tests.kubernetes.cluster import Cluster
from tests.kubernetes.control_plane import running as control_plane
from tests.kubernetes.test_witnesses import admit, furnish, kubeconfig
from tests.lab.builders import create, plain, weighted
from tests.real_servers import free_port

pytestmark = pytest.mark.e2e

NOWHERE = {"overrides": {"example.com": ["127.0.0.99:5399"]}}


def plan(folder: Path, kubeconfig: str = "kubeconfig") -> Path:
    text = plan_text(wave("first", "v1", "app.example.com"), authoritative=NOWHERE)
    return plan_file(folder, f"{text}witnesses: {{kubernetes: {{v1: {{kubeconfig: {kubeconfig}}}, interval: 10s}}}}\n")


def dead_cluster(folder: Path) -> None:
    server = f"https://127.0.0.1:{free_port('127.0.0.1')}"
    config = {
        "current-context": "eks-v1",
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": "a-token-that-nobody-may-see"}}],
        "contexts": [{"name": "eks-v1", "context": {"cluster": "c", "user": "u"}}],
    }
    (folder / "kubeconfig").write_text(yaml.safe_dump(config), encoding="utf-8")


def test_a_witness_that_is_not_there_is_told_on_the_page_in_the_api_as_a_metric_and_in_the_log(
    command: Path, tmp_path: Path
) -> None:
    dead_cluster(tmp_path)
    with daemon(command, plan(tmp_path), tmp_path / "log") as running:
        running.wait_until("it says that its witness fails", lambda now: now.series("cutover_witness_up"))
        assert running.scrape().total("cutover_witness_up") == 0
        (told,) = running.api("status")["witnesses"]
        assert (told["name"], told["up"], told["read"], told["lacking_count"]) == ("kubernetes-v1", False, None, None)
        assert told["error"].startswith("The API server of `eks-v1` ")
        assert "does not answer" in told["error"]
        assert "The witness kubernetes-v1 cannot be read." in running.get("/").text
        running.stop()
        lines = [json.loads(line) for line in running.text.splitlines()]
        assert [line["witness"] for line in lines if line["event"] == "a witness cannot be read"] == ["kubernetes-v1"]
        assert "a-token-that-nobody-may-see" not in running.text


def test_a_kubeconfig_that_is_not_there_ends_it_with_its_place(command: Path, tmp_path: Path) -> None:
    ended = call(command, "run", "--config", plan(tmp_path, "no-such-file"))
    assert ended.status == 1
    assert "there is no file `no-such-file`; correct the path" in ended.err
    assert "Traceback" not in ended.err


SPLIT, STRAY = "split.example.com", "stray.example.com"


@pytest.mark.real
def test_route_53_tells_weights_that_no_answer_has_shown_and_what_its_servers_do_not_serve(
    command: Path, tmp_path: Path
) -> None:
    require_boto3()
    route53 = Route53(random.Random(1))
    route53.create_hosted_zone(DomainName("example.com.")).change(
        create(
            weighted(f"{SPLIT}.", "A", "eks-v1", 200, V1),
            weighted(f"{SPLIT}.", "A", "eks-v2", 0, V2),
            plain(f"{STRAY}.", "A", V2),
        )
    )
    with lab_server(route53, SystemClock()) as url, scripted("127.0.0.31") as server:
        for name in (SPLIT, STRAY):
            hold(name, V1, server)
        at = {"overrides": {"example.com": [f"{server.address}:{server.port}"]}}
        text = plan_text(wave("first", "v1", SPLIT, STRAY), authoritative=at)
        given = plan_file(tmp_path, f"{text}witnesses: {{route53: {{interval: 1m}}}}\n")
        credentials = {
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_SESSION_TOKEN": SESSION,
            "AWS_ENDPOINT_URL_ROUTE_53": url,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        with daemon(command, given, tmp_path / "log", credentials) as running:
            running.wait_until(
                "the zone is read", lambda now: now.series("cutover_witness_up") and now.total("cutover_witness_up")
            )

            def written(name: str) -> tuple[str, str]:
                (link,) = (one for one in running.api(f"domains/{name}")["chain"] if one["link"] == "written")
                return link["mark"], link["sentence"]

            sets = 'A "eks-v1" (weight 200) leads to v1 and A "eks-v2" (weight 0) leads to v2.'
            running.wait_for("it tells the sets", lambda: written(SPLIT) == ("yes", sets))
            running.wait_for("it tells what is not served", lambda: written(STRAY) == ("no", "A leads to v2."))
            running.wait_for("its servers lead it elsewhere", lambda: running.api(f"domains/{STRAY}")["state"] == "v1")
            (told,) = running.api("status")["witnesses"]
            assert (told["name"], told["up"], told["watched"], told["unwatched"]) == ("route53", True, False, "")
            running.stop()
            assert not any(secret in running.text for secret in (SECRET, SESSION))


@pytest.mark.real
def test_a_new_host_of_a_cluster_is_told_while_it_is_watched_and_the_daemon_ends_with_its_watches_open(
    command: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cluster = Cluster(control_plane(tmp_path_factory))
    furnish(cluster, "v1.elb.example.net.")
    given = plan_file(
        tmp_path,
        plan_text(wave("first", "v1", "app.example.com"), authoritative=NOWHERE)
        + f"witnesses: {{kubernetes: {{v1: {{kubeconfig: {kubeconfig(tmp_path, cluster.plane)}}}, interval: 1h}}}}\n",
    )
    with daemon(command, given, tmp_path / "log") as running:

        def told() -> dict[str, Any]:
            (one,) = running.api("status")["witnesses"]
            return dict(one)

        running.wait_for("it watches", lambda: told()["watched"])
        assert "new.daemon.example.com" not in told()["lacking"]
        admit(cluster, "daemon", "new.daemon.example.com", "v1.elb.example.net.")
        running.wait_for("it tells the new host", lambda: "new.daemon.example.com" in told()["lacking"])
        assert len(running.events("a witness is read")) == 1, "it was listed once"
        running.stop()
        assert "Traceback" not in running.text
    cluster.client.close()
