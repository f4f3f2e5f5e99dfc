"""A real cluster that is watched: what changes is told within seconds, and whatever ends a watch is survived."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from queue import Queue

import httpx
import pytest
import yaml

from probe.inventory.reading import api_server
from probe.inventory.reading.kubeconfig import KubeContext
from probe.inventory.reading.permissions import cluster_role
from probe.inventory.witnesses import cluster_witness
from probe.inventory.witnesses.cluster_witness import ClusterWitness
from probe.model.name import DomainName
from probe.model.side import Side
from probe.model.testimony import ClusterTestimony, Testimony, WatchedNow, WatchEnd, WitnessSilence
from probe.model.witness_sources import ClusterSource
from probe.runtime.clock import SystemClock
from tests import plans
from tests.inventory.manifests import ingress
from tests.kubernetes.cluster import DATA, Cluster, Object
from tests.kubernetes.control_plane import READER, ApiServer, mortal, program
from tests.kubernetes.definitions import DNS_ENDPOINTS
from tests.kubernetes.test_discover import dns_endpoint
from tests.kubernetes.test_witnesses import NAMESPACE, admit, furnish, kubeconfig, running_external_dns
from tests.patience import HANG
from tests.plans import V1_NAME

pytestmark = pytest.mark.real

HOUR = 3600.0
"""The plan's interval: what is told sooner, a watch has told."""

SHORT = 5.0
"""Another: a watch lasts no longer, and what is quiet is opened anew as soon."""

GONE = WatchEnd("The API server does not keep what came since it was read (410).")

Said = Testimony | WatchedNow | WatchEnd | None


class Listener:
    """A witness in a thread of its own, as the daemon has it, and all that it says; None when it has ended."""

    def __init__(
        self,
        config: Path,
        interval: float = HOUR,
        client: Callable[[KubeContext], httpx.AsyncClient] = KubeContext.client,
    ) -> None:
        self.witness = ClusterWitness(Side.V1, ClusterSource(config), interval, SystemClock(), client)
        self.said: Queue[Said] = Queue()
        self.over = threading.Event()
        self.plan = plans.plan("shop.watch.example.com.")
        self.heard = 0

    def read(self) -> Testimony:
        return self.witness.read(self.plan, self.over.is_set)

    @contextmanager
    def following(self) -> Iterator[None]:
        def follow() -> None:
            for one in self.witness.follow(self.plan, self.over.is_set):
                self.said.put(one)
            self.said.put(None)

        thread = threading.Thread(target=follow)
        thread.start()
        try:
            yield
        finally:
            self.over.set()
            thread.join(HANG)
            assert not thread.is_alive(), "it hangs"

    def hears(self, wanted: Callable[[ClusterTestimony], bool]) -> ClusterTestimony:
        """Wait until it says so."""
        while True:
            one = self.said.get(timeout=HANG)
            assert isinstance(one, WatchedNow)
            self.heard += 1
            if wanted(one.testimony):
                return one.testimony

    def ends(self) -> WatchEnd:
        """Wait for the end of its watches."""
        while isinstance(one := self.said.get(timeout=HANG), WatchedNow):
            pass
        assert isinstance(one, WatchEnd)
        return one


def host(name: str) -> DomainName:
    return DomainName(f"{name}.watch.example.com.")


def wants(name: str) -> Callable[[ClusterTestimony], bool]:
    return lambda told: host(name) in told.lacking


def remove(cluster: Cluster, name: str) -> None:
    cluster.delete(ingress(name, namespace=NAMESPACE))


@contextmanager
def alone(folder: Path, *flags: str) -> Iterator[ApiServer]:
    """Run an API server of the test's own."""
    folder.mkdir()
    with mortal(folder, program("etcd"), program("kube-apiserver"), *flags) as server:
        yield server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ApiServer]:
    """Give an API server of the test's own, which may die."""
    with alone(tmp_path / "plane") as server:
        yield server


@pytest.fixture
def forgetful(tmp_path: Path) -> Iterator[ApiServer]:
    """Give one without a memory of its own: it knows what etcd does, and forgets what etcd has compacted."""
    with alone(tmp_path / "plane", "--watch-cache=false", "--etcd-compaction-interval=0") as server:
        yield server


def test_what_comes_changes_and_goes_is_told_within_seconds_and_a_burst_as_one(
    cluster: Cluster, tmp_path: Path
) -> None:
    furnish(cluster, V1_NAME)
    listener = Listener(kubeconfig(tmp_path, cluster.plane))
    told = listener.read()
    assert isinstance(told, ClusterTestimony)
    assert host("new") not in told.lacking
    with listener.following():
        listener.hears(lambda told: not wants("new")(told))  # it lives, and nothing has changed
        admit(cluster, "new", "new.watch.example.com", V1_NAME)
        listener.hears(wants("new"))
        admit(cluster, "new", "other.watch.example.com", V1_NAME)
        listener.hears(lambda told: wants("other")(told) and not wants("new")(told))
        remove(cluster, "new")
        listener.hears(lambda told: not wants("other")(told))
        listener.heard = 0
        for number in range(20):
            admit(cluster, f"burst-{number}", f"burst-{number}.watch.example.com", V1_NAME)
        listener.hears(lambda told: all(wants(f"burst-{number}")(told) for number in range(20)))
        assert listener.heard <= 10, "forty changes"
        admit(cluster, "shop", "shop.watch.example.com", V1_NAME)
        wishes = listener.hears(lambda told: bool(told.wishes)).wishes[host("shop")]
        told_of = [(wish.owner, wish.resource, wish.targets) for wish in wishes]  # other tests' ExternalDNS want it too
        assert ("shared", f"ingress/{NAMESPACE}/shop", (V1_NAME[:-1],)) in told_of
    assert listener.said.get(timeout=HANG) is None


def test_an_api_server_that_dies_is_silent_until_it_is_back_and_what_it_has_not_kept_is_listed_anew(
    server: ApiServer, tmp_path: Path
) -> None:
    cluster = Cluster(server.plane)
    furnish(cluster, V1_NAME)
    before, listener = (Listener(kubeconfig(tmp_path, server.plane)) for _ in range(2))
    assert isinstance(before.read(), ClusterTestimony)
    assert isinstance(listener.read(), ClusterTestimony)
    with listener.following():
        admit(cluster, "new", "new.watch.example.com", V1_NAME)
        listener.hears(wants("new"))
        server.kill()
        end = listener.ends()
        assert not end.is_refused
        assert end.reason.startswith("The API server of `test` broke off: ")
    silence = listener.read()
    assert isinstance(silence, WitnessSilence)
    assert "does not answer" in silence.reason

    server.start()
    with before.following():  # from before the change, which the API server that came back has not kept
        assert before.ends() == GONE
    again = Listener(kubeconfig(tmp_path, server.plane))
    told = again.read()
    assert isinstance(told, ClusterTestimony)
    assert wants("new")(told)
    with again.following():
        remove(cluster, "new")
        again.hears(lambda told: not wants("new")(told))
    cluster.client.close()


def test_what_etcd_has_compacted_is_listed_anew_and_nothing_of_it_is_lost(
    forgetful: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = Cluster(forgetful.plane)
    furnish(cluster, V1_NAME)
    config = kubeconfig(tmp_path, forgetful.plane)
    monkeypatch.setattr(cluster_witness, "WATCH_SECONDS", HOUR)  # so that one of both is not opened anew
    steady, quiet = Listener(config), Listener(config, SHORT)
    assert isinstance(steady.read(), ClusterTestimony)
    assert isinstance(quiet.read(), ClusterTestimony)
    with steady.following(), quiet.following():
        admit(cluster, "new", "new.watch.example.com", V1_NAME)
        steady.hears(wants("new"))
        forgetful.compact()
        assert quiet.ends() == GONE  # kinds without a change are opened anew from before the compaction
        admit(cluster, "later", "later.watch.example.com", V1_NAME)
        steady.hears(wants("later"))  # what was open goes on

    numbers = count()

    async def compact(_: httpx.Response) -> None:
        admit(cluster, "later", "later.watch.example.com", f"{next(numbers)}.{V1_NAME}")  # etcd keeps the newest
        forgetful.compact()

    def compacting(context: KubeContext) -> httpx.AsyncClient:
        client = context.client()
        client.event_hooks["response"] = [compact]
        return client

    monkeypatch.setattr(api_server, "CHUNK", 1)
    silence = Listener(config, client=compacting).read()
    assert isinstance(silence, WitnessSilence)
    assert "pages came more slowly than the API server keeps them (410)" in silence.reason
    again = Listener(config, SHORT)
    told = again.read()
    assert isinstance(told, ClusterTestimony)
    assert wants("new")(told)
    assert wants("later")(told)
    with again.following():
        remove(cluster, "new")
        again.hears(lambda told: not wants("new")(told) and wants("later")(told))
    cluster.client.close()


def test_kinds_that_are_defined_while_it_watches_are_found_within_one_watch_and_their_hosts_are_told(
    server: ApiServer, tmp_path: Path
) -> None:
    cluster = Cluster(server.plane)
    furnish(cluster, V1_NAME)
    cluster.apply(running_external_dns("--source=ingress", "--source=crd"))
    config = kubeconfig(tmp_path, server.plane)
    listener = Listener(config, SHORT)
    assert isinstance(listener.read(), ClusterTestimony)
    with listener.following():
        listener.hears(lambda told: not wants("own")(told))
        cluster.define(DNS_ENDPOINTS)
        assert listener.ends().reason == "The cluster has `dnsendpoints` by now, or lets them be listed."

    again = Listener(config, SHORT)
    assert isinstance(again.read(), ClusterTestimony)
    with again.following():
        cluster.apply(dns_endpoint("own", NAMESPACE, "own.watch.example.com"))
        again.hears(wants("own"))
        cluster.define(yaml.safe_load((DATA / "gateway.networking.k8s.io_httproutes.yaml").read_text(encoding="utf-8")))
        assert again.ends().reason == "The cluster has `httproutes` by now, or lets them be listed."
    cluster.client.close()


def role(text: str) -> list[Object]:
    given = yaml.safe_load(text)
    subject = {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": READER}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": given["metadata"]["name"]}
    binding = {
        "apiVersion": given["apiVersion"],
        "kind": "ClusterRoleBinding",
        "metadata": given["metadata"],
        "roleRef": reference,
        "subjects": [subject],
    }
    return [given, binding]


def test_who_may_list_and_not_watch_is_told_so_and_who_has_the_printed_role_watches(
    server: ApiServer, tmp_path: Path
) -> None:
    cluster = Cluster(server.plane)
    furnish(cluster, V1_NAME)
    for one in role(cluster_role().replace("[list, watch]", "[list]")):
        cluster.apply(one)
    listener = Listener(kubeconfig(tmp_path, server.plane, READER))
    assert isinstance(listener.read(), ClusterTestimony)
    with listener.following():
        end = listener.ends()
    assert end.is_refused
    assert "may not be watched (403), so that the cluster is read at its interval only" in end.reason

    for one in role(cluster_role()):
        cluster.apply(one)
    allowed = Listener(kubeconfig(tmp_path, server.plane, READER))
    assert isinstance(allowed.read(), ClusterTestimony)
    with allowed.following():
        admit(cluster, "new", "new.watch.example.com", V1_NAME)
        allowed.hears(wants("new"))
    cluster.client.close()
