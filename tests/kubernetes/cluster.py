"""Asking a real API server as `kubectl apply --server-side --validate=strict` does."""

import json
import re
import time
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import yaml

from tests.kubernetes.control_plane import ControlPlane
from tests.kubernetes.definitions import DNS_ENDPOINTS, GATEWAYS
from tests.patience import HANG

Object = dict[str, Any]

DATA = Path(__file__).parents[1] / "chart" / "data"
"""Definitions of Prometheus Operator's and Gateway API's kinds."""

PATIENCE = int(HANG * 10)
"""Looks, a tenth of a second apart: what takes longer hangs."""


class Refused(Exception):  # noqa: N818  # the API server's word for it
    """The API server does not take an object."""


class Taken(NamedTuple):
    """What became of an object.

    Attributes:
        object: As the API server keeps it, defaults included.
        warnings: What it said besides, pod security of a workload's template among it.
    """

    object: Object
    warnings: tuple[str, ...]


class Cluster:
    """The API server as its administrator sees it, with the custom kinds that the chart may use."""

    def __init__(self, plane: ControlPlane) -> None:
        """Know no kind yet: they are asked for as they come."""
        self.plane = plane
        self._kinds: dict[str, dict[str, Object]] = {}

    @cached_property
    def client(self) -> httpx.Client:
        """The administrator's."""
        return self.plane.client()

    def namespace(self, name: str, level: str = "restricted") -> str:
        """Make a namespace under a level of pod security, with its default service account."""
        told = {f"pod-security.kubernetes.io/{mode}": level for mode in ("enforce", "warn", "audit")}
        self.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": told}})
        self.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": name}})
        return name

    def apply(self, wanted: Object, *, dry_run: bool = False) -> Taken:
        """Apply an object by server-side apply with strict validation of fields.

        Raises:
            Refused: With the API server's sentence.
        """
        parameters = {"fieldManager": "tests", "fieldValidation": "Strict", "force": "true"}
        path, applied = self._path(wanted), json.dumps(wanted)
        return self._taken(
            self.client.patch(
                path,
                params=parameters | ({"dryRun": "All"} if dry_run else {}),
                content=applied,
                headers={"Content-Type": "application/apply-patch+yaml"},
            )
        )

    def read(self, kind: str, namespace: str, name: str, version: str = "v1") -> Object | None:
        """Give an object as it is kept, or none."""
        path = self._path({"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": namespace}})
        response = self.client.get(path)
        return None if response.status_code == httpx.codes.NOT_FOUND else self._taken(response).object

    def delete(self, there: Object) -> None:
        """Delete an object, and nothing that belongs to it."""
        self._taken(self.client.delete(self._path(there), params={"propagationPolicy": "Background"}))

    def define_all(self) -> None:
        """Make the custom kinds known, and wait until they can be used. Does nothing the second time."""
        shipped = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(DATA.glob("*.yaml")))
        self.define(*shipped, DNS_ENDPOINTS, GATEWAYS)

    def define(self, *definitions: Object) -> None:
        """Make kinds known by their definitions, and wait until they can be used."""
        for definition in definitions:
            definition["metadata"].pop("creationTimestamp", None)
            definition.pop("status", None)
            self.apply(definition)
        for definition in definitions:
            self._established(definition["metadata"]["name"])

    def _established(self, name: str) -> None:
        for _ in range(PATIENCE):
            kept = self.read("CustomResourceDefinition", "", name, "apiextensions.k8s.io/v1") or {}
            conditions = kept.get("status", {}).get("conditions") or []
            if any(one["type"] == "Established" and one["status"] == "True" for one in conditions):
                return
            time.sleep(0.1)  # a real server's clock
        raise Refused(f"{name} is not established.")

    def _path(self, wanted: Object) -> str:
        version, kind, meta = wanted["apiVersion"], wanted["kind"], wanted["metadata"]
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        known = self._kinds.get(version, {})
        if kind not in known:
            known = self._discover(root, kind)
            self._kinds[version] = known
        resource = known[kind]
        within = f"/namespaces/{meta['namespace']}" if resource["namespaced"] else ""
        return f"{root}{within}/{resource['name']}/{meta['name']}"

    def _discover(self, root: str, kind: str) -> dict[str, Object]:
        """Ask which kinds there are; a custom one is told some moments after it is established."""
        for _ in range(PATIENCE):
            response = self.client.get(root)
            if response.status_code == httpx.codes.OK:
                known = {one["kind"]: one for one in response.json()["resources"] if "/" not in one["name"]}
                if kind in known:
                    return known
            time.sleep(0.1)  # a real server's clock
        raise Refused(f"There is no {kind} in {root}.")

    @staticmethod
    def _taken(response: httpx.Response) -> Taken:
        if response.is_error:
            raise Refused(f"{response.status_code}: {response.json().get('message', response.text)}")
        told = (re.sub(r'^299 - "(.*)"$', r"\1", line) for line in response.headers.get_list("warning"))
        return Taken(response.json(), tuple(line.replace(r"\"", '"') for line in told))
