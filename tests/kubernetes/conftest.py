"""The control plane that the tests of this folder share."""

from collections.abc import Iterator

import pytest

from tests.kubernetes.cluster import Cluster
from tests.kubernetes.control_plane import ControlPlane, running
from tests.workers import only_one, shared_by_workers


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> ControlPlane:
    """The run's etcd and kube-apiserver: tests take namespaces of their own in it."""
    return running(tmp_path_factory)


@pytest.fixture(scope="session")
def cluster(control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The run's API server, which knows the kinds of Prometheus Operator and Gateway API."""
    cluster = Cluster(control_plane)
    with only_one(shared_by_workers(tmp_path_factory) / "definitions.lock"):
        cluster.define_all()
    yield cluster
    cluster.client.close()
