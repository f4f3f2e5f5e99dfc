"""The daemon with a witness beside DNS that is not there: it is told everywhere, and the watch and its end go on."""

import json
from pathlib import Path

import pytest
import yaml

from tests.e2e.command import call
from tests.e2e.daemon import daemon
from tests.e2e.plans import plan_file, plan_text, wave
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
