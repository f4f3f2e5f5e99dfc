"""The daemon with two real API servers as witnesses: a fight is told before it begins, a dead cluster harms nothing.

DNS is the tests' own, in virtual time, which stands still while an API server is read.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import yaml

from probe.cli.witnesses import witnesses_of
from probe.model.effect import FindingRaised
from probe.model.finding import FindingCode
from probe.model.name import DomainName
from probe.model.plan import Plan
from probe.model.record import RecordState
from probe.model.side import Side
from probe.model.testimony import Knowledge, WitnessStatus
from probe.model.witness_sources import ClusterSource, WitnessSources
from probe.runtime.witness_feed import ReadingPart, Said
from tests import plans
from tests.clock import LoopClock, run_virtual
from tests.inventory.manifests import external_dns, ingress
from tests.kubernetes.cluster import Cluster, Object
from tests.kubernetes.control_plane import ADMIN, READER, ControlPlane, both, program
from tests.plans import V1_NAME, V2_NAME
from tests.runtime.bench import Bench, World

CREDENTIAL_SECONDS = 600.0
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

SHOP = DomainName("shop.witness.example.com.")
MINUTE = 60.0
NAMESPACE = "witness"


def in_executor(work: Callable[[], Iterator[Said]], sink: Callable[[ReadingPart], None], name: str) -> None:
    """Read in a thread for which virtual time waits; what is watched after that would take real time."""
    del name

    def take(done: asyncio.Future[Said]) -> None:
        sink(ReadingPart(done.exception() or done.result()))
        sink(ReadingPart(None))

    asyncio.get_running_loop().run_in_executor(None, partial(next, work())).add_done_callback(take)


def running_external_dns(*sources: str) -> Object:
    """Give a Deployment that the API server takes, with the owner id that both clusters have."""
    flags = sources or ("--source=ingress",)
    one = external_dns(*flags, "--txt-owner-id=shared", "--policy=sync", name="witness-dns")
    labels = {"app": "witness-dns"}
    one["metadata"]["namespace"] = NAMESPACE
    one["spec"] |= {"selector": {"matchLabels": labels}}
    one["spec"]["template"]["metadata"] = {"labels": labels}
    return one


def admit(cluster: Cluster, name: str, host: str, target: str) -> None:
    one = ingress(name, host, namespace=NAMESPACE)
    del one["status"]
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    one["spec"]["rules"][0]["http"] = {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}
    cluster.apply(one)
    response = cluster.client.patch(
        f"/apis/networking.k8s.io/v1/namespaces/{NAMESPACE}/ingresses/{name}/status",
        json={"status": {"loadBalancer": {"ingress": [{"hostname": target.removesuffix(".")}]}}},
        headers={"Content-Type": "application/merge-patch+json"},
    )
    response.raise_for_status()


def furnish(cluster: Cluster, target: str) -> None:
    cluster.namespace(NAMESPACE, "privileged")
    cluster.apply(running_external_dns())
    admit(cluster, "web", SHOP.removesuffix("."), target)


def kubeconfig(folder: Path, plane: ControlPlane, token: str = ADMIN) -> Path:
    """Write one of a test's own, whose token it may spoil."""
    path = folder / f"kubeconfig-{plane.url.rpartition(':')[2]}"
    given = yaml.safe_load(plane.kubeconfig.read_text(encoding="utf-8"))
    given["users"][0]["user"]["token"] = token
    path.write_text(yaml.safe_dump(given), encoding="utf-8")
    return path


@pytest.fixture
def doomed(tmp_path: Path) -> Iterator[tuple[ControlPlane, Callable[[], None]]]:
    """Give a control plane of the test's own, and its death."""
    folder = tmp_path / "plane"
    folder.mkdir()
    programs = [program(name) for name in ("etcd", "kube-apiserver")]
    with ExitStack() as stack:
        plane = stack.enter_context(both(folder, *programs))
        yield plane, stack.close


def plan_of(v1: Path, v2: Path) -> Plan:
    sources = WitnessSources(v1=ClusterSource(v1), v2=ClusterSource(v2), cluster_interval=MINUTE)
    return replace(plans.plan(SHOP), witnesses=sources)


def status(bench: Bench, side: Side) -> WitnessStatus:
    return next(one for one in bench.engine.snapshot().witnesses if one.name == f"kubernetes-{side}")


@pytest.mark.real
def test_two_real_clusters_are_witnesses_until_one_dies_and_the_others_token_expires(
    cluster: Cluster, doomed: tuple[ControlPlane, Callable[[], None]], tmp_path: Path
) -> None:
    plane, die = doomed
    furnish(cluster, V1_NAME)
    other = Cluster(plane)
    furnish(other, V2_NAME)
    admit(other, "new", "new.witness.example.com", V2_NAME)
    v1, v2 = kubeconfig(tmp_path, cluster.plane), kubeconfig(tmp_path, plane)

    async def main(clock: LoopClock) -> None:
        bench = Bench(
            clock, plan_of(v1, v2), World(), witnesses=partial(witnesses_of, clock=clock), reading=in_executor
        )
        bench.world.sides[SHOP] = Side.V1
        bench.engine.start()

        await clock.sleep(4 * MINUTE)
        raised = [effect.finding for effect in bench.effects if isinstance(effect, FindingRaised)]
        assert [finding.code for finding in raised] == [FindingCode.WANTED_TWICE]
        assert 'both ExternalDNS have the owner id "shared"' in raised[0].sentence
        assert any("v2 wants it by ingress/witness/web" in line for line in raised[0].evidence)
        assert [record.transitions for record in bench.status(SHOP).records] == [0, 0], "nothing has flipped yet"
        assert DomainName("new.witness.example.com.") in status(bench, Side.V2).lacking
        assert DomainName("new.witness.example.com.") not in status(bench, Side.V1).lacking

        other.client.close()
        die()
        await clock.sleep(8 * MINUTE)
        dead, alive = status(bench, Side.V2), status(bench, Side.V1)
        assert (dead.up, dead.knowledge, alive.up) == (False, Knowledge.OLD, True)
        assert "does not answer" in dead.error
        assert [finding.code for finding in bench.status(SHOP).findings] == [FindingCode.WANTED_TWICE]
        assert bench.status(SHOP).state is RecordState.V1

        kubeconfig(tmp_path, cluster.plane, "expired")
        await clock.sleep(CREDENTIAL_SECONDS + 2 * MINUTE)
        assert "refuses the credentials (401)" in status(bench, Side.V1).error
        kubeconfig(tmp_path, cluster.plane, READER)  # who may read nothing, unless another test has bound it
        await clock.sleep(12 * MINUTE)
        assert status(bench, Side.V1).up or "was not read: it may not be listed (403)" in status(bench, Side.V1).error
        kubeconfig(tmp_path, cluster.plane)
        await clock.sleep(12 * MINUTE)
        assert (status(bench, Side.V1).up, status(bench, Side.V1).error) == (True, "")
        assert [finding.code for finding in bench.status(SHOP).findings] == [FindingCode.WANTED_TWICE]
        assert bench.status(SHOP).state is RecordState.V1
        await bench.tasks.aclose(1.0)

    run_virtual(main)
