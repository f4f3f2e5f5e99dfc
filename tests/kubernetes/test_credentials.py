"""Credentials of clusters and of AWS are in nothing that is told: played with real ones, and looked for everywhere.

Told are the plan, reports, what commands write, the log at its lowest level, the journal, page, API and metrics; with
a real API server's tokens (one in the kubeconfig, one by a plugin) and a Route 53 that takes any key, and with servers
that repeat in their refusals whatever they were sent.
"""

import base64
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import yaml

from tests.aws import KEY_ID, SECRET, SESSION, moto_server, require_boto3
from tests.chart.rendered import render, values
from tests.handled_http import Handler, handled
from tests.inventory.manifests import V1_WEB, V2_WEB, external_dns, ingress, stream
from tests.kubernetes.cluster import Cluster
from tests.kubernetes.test_discover import admitted, give_status, running_external_dns

PAGES = ("/", "/waves/{wave}", "/domains/{domain}", "/metrics", "/api/v1/status", "/api/v1/domains", "/api/v1/findings")
HANG = 300
"""Seconds."""
WITNESSES = {
    "witnesses": {
        "kubernetes": {"v1": {"context": "v1"}, "v2": {"context": "v2"}, "interval": "10s"},
        "route53": {"interval": "1m"},
    }
}
"""Whom the daemon asks beside DNS, with the credentials that it finds."""


class Scene(NamedTuple):
    """Who is asked, and with what.

    Attributes:
        folder: Where commands run.
        environment: Theirs: the kubeconfig, and AWS' keys.
        secrets: What no one may see.
    """

    folder: Path
    environment: dict[str, str]
    secrets: tuple[str, ...]

    def run(self, *words: str) -> "subprocess.CompletedProcess[bytes]":
        """Run the command; its output and its mistakes are its own."""
        return subprocess.run(
            [sys.executable, "-m", "probe", *words],
            cwd=self.folder, env=self.environment, capture_output=True, timeout=HANG, check=False,
        )  # fmt: skip

    def leaks(self, told: Mapping[str, bytes]) -> list[tuple[str, str]]:
        """Give where which secret is told: as it is, as base64, or the end of it, which alone lets somebody in."""
        return [
            (where, secret)
            for where, content in told.items()
            for secret in self.secrets
            for form in (secret, base64.b64encode(secret.encode()).decode().rstrip("=")[:-1], secret[-24:])
            if form.encode() in content
        ]


def _token(cluster: Cluster, namespace: str) -> str:
    """Have the API server sign a token of the account by which the chart's pod reads."""
    account = f"/api/v1/namespaces/{namespace}/serviceaccounts/night-cutover-probe/token"
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
    given = cluster.client.post(account, json=request)
    given.raise_for_status()
    return str(given.json()["status"]["token"])


def _kubeconfig(path: Path, server: Mapping[str, Any], tokens: Mapping[str, str]) -> None:
    """Write two contexts of one API server: v1's token stands there, v2's comes from a plugin as that of EKS does."""
    plugin = path.with_name("plugin.py")
    told = json.dumps({"status": {"token": tokens["v2"]}})
    plugin.write_text(f"import sys; sys.stderr.write({tokens['v2']!r}); print({told!r})", encoding="utf-8")
    version = "client.authentication.k8s.io/v1beta1"
    users = {
        "v1": {"token": tokens["v1"]},
        "v2": {"exec": {"apiVersion": version, "command": sys.executable, "args": [str(plugin)]}},
    }
    document = {
        "clusters": [{"name": "c", "cluster": dict(server)}],
        "users": [{"name": side, "user": user} for side, user in users.items()],
        "contexts": [{"name": side, "context": {"cluster": "c", "user": side}} for side in users],
    }
    path.write_text(yaml.safe_dump(document), encoding="utf-8")


def _environment(folder: Path, route53: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return own | {
        "HOME": str(folder),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "KUBECONFIG": str(folder / "kubeconfig"),
        "AWS_ACCESS_KEY_ID": KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_SESSION_TOKEN": SESSION,
        "AWS_ENDPOINT_URL_ROUTE_53": route53,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@pytest.fixture
def scene(cluster: Cluster, tmp_path: Path) -> Iterator[Scene]:
    require_boto3()
    namespace = cluster.namespace("credentials", "privileged")
    for name in ("discover", "dns"):
        cluster.namespace(name, "privileged")
    for one in render(values("minimal"), settings=["discovery.enabled=true", f"namespaceOverride={namespace}"]):
        if one["kind"] in {"ServiceAccount", "ClusterRole", "ClusterRoleBinding"}:
            cluster.apply(one)
    cluster.apply(running_external_dns())
    cluster.apply(admitted("shop", "shop.example.com"))
    give_status(cluster, "shop")
    tokens = {side: _token(cluster, namespace) for side in ("v1", "v2")}
    server = {"server": cluster.plane.url, "certificate-authority": str(cluster.plane.ca)}
    _kubeconfig(tmp_path / "kubeconfig", server, tokens)
    with moto_server() as url:
        environment = _environment(tmp_path, url)
        made = subprocess.run([sys.executable, "-c", _ZONE], env=environment, timeout=HANG, check=True)
        assert made.returncode == 0
        yield Scene(tmp_path, environment, (*tokens.values(), KEY_ID, SECRET, SESSION))


_ZONE = """
import boto3
client = boto3.client("route53", region_name="us-east-1")
zone = client.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
record = {"Name": "shop.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.11"}]}
client.change_resource_record_sets(
    HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
)
"""


@pytest.mark.real
def test_tokens_and_keys_are_in_no_plan_report_log_journal_or_page(scene: Scene) -> None:
    told: dict[str, bytes] = {}

    def run(*words: str) -> bytes:
        ran = scene.run(*words)
        told[" ".join(words)] = ran.stdout + ran.stderr
        assert ran.returncode in {0, 2, 3}, ran.stderr.decode()
        return ran.stdout

    other = external_dns("--source=ingress", "--txt-owner-id=v2", "--policy=upsert-only")
    (scene.folder / "other.yaml").write_text(stream(ingress("shop", "shop.example.com", target=V2_WEB), other))
    run("discover", "--v1", "manifests:other.yaml", "--v2", "kube:v2", "--zone", "route53:")
    sources = ["--v1", "kube:v1", "--v2", "manifests:other.yaml", "--zone", "route53:"]
    plan = run("discover", *sources)
    assert b"shop.example.com" in plan, "the cluster was read"
    assert b"route53:@" in plan, "the zone was read"
    (scene.folder / "plan.yaml").write_bytes(plan)
    given = ("--config", "plan.yaml")
    run("discover", *sources, "--diff", "plan.yaml")
    reports = [f"--report=rehearsal.{kind}" for kind in ("md", "html", "json")]
    played = run("rehearse", *given, *sources, "--output", "json", *reports, "--log.level", "debug")
    assert b"What v1 wants is as kube:v1 had it when it was read." in played
    run("rehearse", *given, "--v2", "kube:v2", "--offline")
    with (scene.folder / "plan.yaml").open("a", encoding="utf-8") as file:
        file.write(yaml.safe_dump(WITNESSES))
    with _daemon(scene, *given) as url:
        _wait_for(scene.folder / "log", *(3 * [b"a witness is read"]))
        told |= _pages(url)
        assert b"shop.example.com" in told["/api/v1/domains"]
    written = [path for path in scene.folder.iterdir() if path.name not in {"kubeconfig", "plugin.py"}]
    told |= {path.name: path.read_bytes() for path in written if path.is_file()}
    assert {"rehearsal.html", "journal.db", "log"} <= set(told)
    assert scene.leaks({"": (scene.folder / "kubeconfig").read_bytes()}), "a secret is seen where it is"
    assert not scene.leaks(told)


def _pages(url: str) -> dict[str, bytes]:
    """Look at everything that is served."""
    asked = {page: f"{url}{page.format(wave='wave-1', domain='shop.example.com')}" for page in PAGES}
    return {page: httpx.get(address, trust_env=False, timeout=HANG).content for page, address in asked.items()}


def _wait_for(log: Path, *words: bytes) -> None:
    """Wait until a log has lines with these words, in this order."""
    wanted = re.compile(b".*".join(words), re.DOTALL)
    for _ in range(HANG * 10):
        if wanted.search(log.read_bytes()):
            return
        threading.Event().wait(0.1)  # a real process' pace
    raise AssertionError(log.read_text(encoding="utf-8"))


@contextmanager
def _daemon(scene: Scene, *given: str) -> Iterator[str]:
    """Run the daemon with the same environment, at its most talkative, until its page was looked at."""
    words = [*given, "--listen", "127.0.0.1:0", "--state.path", "journal.db", "--log.level", "debug"]
    log = scene.folder / "log"
    with log.open("wb") as output:
        daemon = subprocess.Popen(
            [sys.executable, "-m", "probe", "run", *words, "--log.format", "json"],
            cwd=scene.folder, env=scene.environment, stdout=output, stderr=output,
        )  # fmt: skip
        try:
            yield _address(log, daemon)
        finally:
            daemon.terminate()
            assert daemon.wait(HANG) == 0


def _address(log: Path, daemon: "subprocess.Popen[bytes]") -> str:
    for _ in range(HANG * 10):
        found = re.search(r"http://127\.0\.0\.1:[1-9]\d*", log.read_text(encoding="utf-8"))
        if found is not None:
            return found[0]
        assert daemon.poll() is None, log.read_text(encoding="utf-8")
        threading.Event().wait(0.1)  # a real process' pace
    raise AssertionError(log.read_text(encoding="utf-8"))


class _Repeating(Handler):
    """Refuses, and repeats in its reasons all that it was sent, as far as it can be bothered."""

    def requested(self) -> None:
        sent = "; ".join(f"{name}: {value}" for name, value in self.headers.items())
        if self.path.startswith("/2013-04-01"):
            kind = "text/xml"
            content = (
                f"<ErrorResponse><Error><Code>AccessDenied</Code><Message>{sent}</Message></Error></ErrorResponse>"
            )
        else:
            kind = "application/json"
            content = json.dumps({"kind": "Status", "status": "Failure", "message": sent, "reason": sent, "code": 403})
        self.respond(403, content.encode(), kind)


@pytest.fixture
def repeating() -> Iterator[str]:
    with handled(_Repeating) as url:
        yield url


TOKENS = {"v1": "canary-of-v1-3f1c2b7a9d", "v2": "canary-of-v2-8e4d6a0b1c"}


_NO_CLUSTER = ("--v1=manifests:v1.yaml", "--v2=manifests:v2.yaml", "--zone=route53:")


def _told(folder: Path, url: str, **environment: str) -> tuple[bytes, list[tuple[str, str]]]:
    """Discover where every server refuses and repeats: what was said, and what of it nobody may see."""
    _kubeconfig(folder / "kubeconfig", {"server": url}, TOKENS)
    for side, balancer in (("v1", V1_WEB), ("v2", V2_WEB)):
        (folder / f"{side}.yaml").write_text(stream(ingress("a", "a.example.com", target=balancer)), encoding="utf-8")
    secrets = (*TOKENS.values(), KEY_ID, *environment.values(), SECRET, SESSION)
    scene = Scene(folder, _environment(folder, url) | environment, secrets)
    said = b""
    for words in (("--v1=kube:v1", "--v2=kube:v1"), ("--v1=kube:v2", "--v2=kube:v2"), _NO_CLUSTER):
        ran = scene.run("discover", *words)
        assert ran.returncode == 1
        assert b"Traceback" not in ran.stderr
        said += ran.stdout + ran.stderr
    return said, scene.leaks({"discover": said})


def test_a_server_that_repeats_what_it_was_sent_is_not_repeated(repeating: str, tmp_path: Path) -> None:
    said, leaks = _told(tmp_path, repeating)
    assert b"403" in said
    assert not leaks
    assert b"AccessDenied" in said


def test_what_no_header_takes_is_not_shown_by_the_library_that_refuses_it(repeating: str, tmp_path: Path) -> None:
    _, leaks = _told(tmp_path, repeating, AWS_SESSION_TOKEN="canary-in-a-line\nand-another-canary-in-the-next")
    assert not leaks


def test_a_daemon_whose_witnesses_repeat_what_they_were_sent_repeats_nothing(repeating: str, tmp_path: Path) -> None:
    _kubeconfig(tmp_path / "kubeconfig", {"server": repeating}, TOKENS)
    plan: dict[str, Any] = {
        "vantage": "here",
        "sides": {"v1": {"load_balancers": [V1_WEB]}, "v2": {"load_balancers": [V2_WEB]}},
        "waves": [{"name": "wave-1", "expect": "v1", "domains": ["shop.example.com"]}],
        **WITNESSES,
    }
    (tmp_path / "plan.yaml").write_text(yaml.safe_dump(plan), encoding="utf-8")
    scene = Scene(tmp_path, _environment(tmp_path, repeating), (*TOKENS.values(), KEY_ID, SECRET, SESSION))
    with _daemon(scene, "--config", "plan.yaml") as url:
        _wait_for(tmp_path / "log", b"a witness (cannot be read|is not read as a whole)", b"a witness cannot be read")
        told = _pages(url)
    told |= {name: (tmp_path / name).read_bytes() for name in ("log", "journal.db")}
    assert not scene.leaks(told)
