"""The control plane admits, defaults and refuses as a real one does, because it is one."""

import httpx
import pytest

from tests.handled_http import Handler, handled
from tests.kubernetes.cluster import Cluster, Refused
from tests.kubernetes.control_plane import READER, STARVED, Again, ControlPlane

pytestmark = pytest.mark.real


def _config_map(namespace: str, **more: object) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one", "namespace": namespace}, **more}


def test_an_object_is_kept_and_one_with_a_field_that_does_not_exist_is_refused(cluster: Cluster) -> None:
    namespace = cluster.namespace("strict")

    assert cluster.apply(_config_map(namespace, data={"key": "value"})).warnings == ()
    kept = cluster.read("ConfigMap", namespace, "one")
    assert kept is not None
    assert kept["data"] == {"key": "value"}
    with pytest.raises(Refused, match="field not declared in schema"):
        cluster.apply(_config_map(namespace, dat={"key": "value"}))


def test_a_pod_that_wants_too_much_is_refused_and_a_template_that_does_is_told(cluster: Cluster) -> None:
    namespace = cluster.namespace("pods")
    spec = {"containers": [{"name": "all", "image": "example.test/all"}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "all", "namespace": namespace}, "spec": spec}
    labels = {"app": "all"}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "all", "namespace": namespace},
        "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}},
    }

    with pytest.raises(Refused, match='violates PodSecurity "restricted'):
        cluster.apply(pod)
    assert 'would violate PodSecurity "restricted' in cluster.apply(deployment).warnings[0]


def test_who_has_no_right_is_refused(control_plane: ControlPlane) -> None:
    with control_plane.client(READER) as reader, control_plane.client("nobody") as unknown:
        assert reader.get("/api/v1/namespaces").status_code == httpx.codes.FORBIDDEN
        assert unknown.get("/api/v1/namespaces").status_code == httpx.codes.UNAUTHORIZED


def test_a_server_that_is_starved_is_asked_again_and_one_that_has_failed_is_not() -> None:
    said = [
        (504, f"Timeout: request did not complete within requested timeout - {STARVED[1]}"),
        (500, STARVED[0]),
        (500, "a mistake"),
        (200, ""),
    ]
    says = iter(said)

    class Server(Handler):
        def requested(self) -> None:
            status, words = next(says)
            self.respond(status, words.encode())

    with handled(Server) as url, httpx.Client(transport=Again()) as client:
        assert (client.get(url).status_code, client.get(url).status_code) == (500, 200)
