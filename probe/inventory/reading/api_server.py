"""Objects out of a Kubernetes API server: lists in pages; what may not be read is named. It never writes."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

import httpx

from probe.inventory.origin import Notice, Origin, named
from probe.inventory.reading.kubeconfig import KubeContext
from probe.inventory.reading.manifests import UnreadableSource
from probe.inventory.reading.node import Budget, Node, node_of
from probe.inventory.reading.objects import Objects, Unread, take_object
from probe.inventory.reading.thread_loop import ThreadLoop

CHUNK = 500
"""Objects of one answer, as kubectl's own chunks have."""


PAGE_SECONDS = 120.0
"""For one page altogether, with its connection: 32 MiB of it come within that by a line of 2.5 Mbit/s. What comes octet
by octet ends as well, in its head or after it, and a witness' thread with it."""

MAX_PAGES = 1_000
"""Of one kind: half a million objects, more than twice what is read of a source (`objects.MAX_OBJECTS`)."""

OCTETS_A_VALUE = 8
"""Octets that may be read, for each value of a page, told by its commas and brackets before it is parsed: a value takes
64 octets of memory and more, so that 32 MiB of empty lists would be 700 MiB of it. Those of real objects are 10 to 20
octets long; `managedFields`, which say who manages which field, are the densest with 8."""


class Resource(NamedTuple):
    """One kind, as an API server lists it.

    Attributes:
        kind: What its objects are.
        group: Its group; empty for the core's.
        plural: Its name in paths and in a ClusterRole.
        versions: From the newest that is read; a cluster has one of them, or none.
    """

    kind: str
    group: str
    plural: str
    versions: tuple[str, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """Where it is listed, in every version."""
        root = f"/apis/{self.group}" if self.group else "/api"
        return tuple(f"{root}/{version}/{self.plural}" for version in self.versions)


_GATEWAY = "gateway.networking.k8s.io"
RESOURCES = (
    Resource("Namespace", "", "namespaces", ("v1",)),
    Resource("Service", "", "services", ("v1",)),
    Resource("Deployment", "apps", "deployments", ("v1",)),
    Resource("StatefulSet", "apps", "statefulsets", ("v1",)),
    Resource("DaemonSet", "apps", "daemonsets", ("v1",)),
    Resource("CronJob", "batch", "cronjobs", ("v1", "v1beta1")),
    Resource("Ingress", "networking.k8s.io", "ingresses", ("v1",)),
    Resource("Gateway", _GATEWAY, "gateways", ("v1", "v1beta1")),
    Resource("HTTPRoute", _GATEWAY, "httproutes", ("v1", "v1beta1")),
    Resource("GRPCRoute", _GATEWAY, "grpcroutes", ("v1", "v1alpha2")),
    Resource("TLSRoute", _GATEWAY, "tlsroutes", ("v1", "v1alpha3", "v1alpha2")),
    Resource("DNSEndpoint", "externaldns.k8s.io", "dnsendpoints", ("v1alpha1",)),
    Resource("Application", "argoproj.io", "applications", ("v1alpha1",)),
    Resource("Rollout", "argoproj.io", "rollouts", ("v1alpha1",)),
    Resource("HelmRelease", "helm.toolkit.fluxcd.io", "helmreleases", ("v2", "v2beta2")),
)
"""What is read of a cluster, and so the ClusterRole that it needs: `list` on each, and `watch` for witnesses."""


_WHY = {
    403: "it may not be listed (403): allow it by the ClusterRole of docs/discover.md",
    410: "its pages came more slowly than the API server keeps them (410): run it again",
    429: "the API server has too much to do (429): run it again later",
}


class ListSink(Protocol):
    """What takes a cluster's lists."""

    def take(self, resource: Resource, version: str, item: dict[str, Any]) -> None:
        """Take one object of a list, in a version such as `networking.k8s.io/v1`."""

    def listed(self, resource: Resource, path: str, resource_version: str) -> None:
        """Hear that a kind was listed to its end, where, and as of which version of the cluster's objects."""


_WITHOUT_STATUS = frozenset({
    "Namespace",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "CronJob",
    "Rollout",
    "Application",
    "HelmRelease",
})  # fmt: skip
"""Kinds whose status nobody reads here: that of an Argo CD Application lists every object that it has made."""


def is_compressed(response: httpx.Response) -> bool:
    """Tell whether an answer is compressed, which nobody asks for: in layers, a few bytes could be any number."""
    encoding: str = response.headers.get("content-encoding", "identity")
    return encoding.lower() != "identity"


def never() -> bool:
    """Let a reading take its time."""
    return False


def read_api_server(
    context: KubeContext,
    budget: Budget,
    client: httpx.AsyncClient | None = None,
    *,
    given_up: Callable[[], bool] = never,
) -> Objects:
    """Read everything of a cluster that ExternalDNS could read.

    Args:
        context: Which, and as whom.
        budget: What may be read altogether.
        client: Asks; the context's own when left out.
        given_up: Asked after every piece of an answer: whether to go no further.

    Raises:
        UnreadableSource: It cannot be reached, or knows nobody of that name, or the reading was given up.
    """
    objects = Objects()
    list_api_server(
        context, budget, objects, _AtOnce(ItemReader(context.name, budget, objects)), client, given_up=given_up
    )
    if budget.spent_values > budget.values:
        sentence = f"more than {budget.values:,} values were read already: what came after them was not read"
        objects.notices.append(Notice(Origin(f"kube:{context.name}"), sentence, is_gap=True))
    return objects


def list_api_server(  # noqa: PLR0913  # which cluster, how much of it, and who takes it
    context: KubeContext,
    budget: Budget,
    objects: Objects,
    sink: ListSink,
    client: httpx.AsyncClient | None = None,
    *,
    given_up: Callable[[], bool] = never,
) -> None:
    """List every kind that ExternalDNS could read; a sink takes what comes, and `objects` what is to be said of it.

    Raises:
        UnreadableSource: As `read_api_server`.
    """
    reader = _ClusterReader(context, budget, objects, sink, given_up)
    if context.is_insecure:
        sentence = "the API server's certificate is not checked (`insecure-skip-tls-verify`): another may have answered"
        objects.notices.append(Notice(Origin(f"kube:{context.name}"), sentence))
    with asyncio.Runner(loop_factory=ThreadLoop) as runner:
        asking = client or context.client()
        try:
            for resource in RESOURCES:
                runner.run(reader.read(asking, resource))
        finally:
            runner.run(asking.aclose())


class ItemReader:
    """Makes objects of a cluster's JSON values.

    Args:
        cluster: The context's name, for the place of each.
        budget: What may be read altogether.
        objects: Where they go.
    """

    def __init__(self, cluster: str, budget: Budget, objects: Objects) -> None:
        self._cluster = cluster
        self._budget = budget
        self._objects = objects

    def read(self, kind: str, version: str, item: Mapping[str, Any]) -> None:
        """Read an object of a list: its kind and version stand on the list, and not on itself."""
        root = node_of(item, self._budget)
        if self._budget.spent_values > self._budget.values:
            return  # a part of it is missing: it would want less than it does
        if not isinstance(root.value, dict) or not isinstance(root["metadata"].value, dict):
            return
        root.value["kind"] = Node(kind)
        root.value["apiVersion"] = Node(version)
        place = "/".join(text for key in ("namespace", "name") if (text := root["metadata"][key].text))
        take_object(self._objects, root, f"kube:{self._cluster}/{kind.lower()}/{place}")


class _AtOnce:
    """Reads what is listed as it comes."""

    def __init__(self, reader: ItemReader) -> None:
        self._reader = reader

    def take(self, resource: Resource, version: str, item: dict[str, Any]) -> None:
        metadata = item.get("metadata")
        if isinstance(metadata, dict):
            metadata.pop("managedFields", None)  # about half of an object, and who wrote which field is not asked
        if resource.kind in _WITHOUT_STATUS:
            item.pop("status", None)
        self._reader.read(resource.kind, version, item)

    def listed(self, resource: Resource, path: str, resource_version: str) -> None:
        """Need nothing of it: nobody watches what comes after."""


class _ClusterReader:
    def __init__(
        self, context: KubeContext, budget: Budget, objects: Objects, sink: ListSink, given_up: Callable[[], bool]
    ) -> None:
        self._context = context
        self._budget = budget
        self._objects = objects
        self._sink = sink
        self._given_up = given_up

    async def read(self, client: httpx.AsyncClient, resource: Resource) -> None:
        """Read a kind in the newest version that the cluster has; one that it does not know is passed over."""
        for path in resource.paths:
            if await self._listed(client, path, resource):
                return

    async def _listed(self, client: httpx.AsyncClient, path: str, resource: Resource) -> bool:
        """Read a list, page by page; tell whether the cluster has it at all."""
        parameters = {"limit": str(CHUNK)}
        for _ in range(MAX_PAGES):
            status, page = await self._asked(client, path, parameters)
            if status == httpx.codes.UNAUTHORIZED:
                raise UnreadableSource(
                    f"the API server of {named(self._context.name)} refuses the credentials (401): log in again, or "
                    "renew the token"
                )
            if page is None:
                if status != httpx.codes.NOT_FOUND:
                    self._gap(resource, status)
                return status != httpx.codes.NOT_FOUND
            version = str(page.get("apiVersion", ""))
            items, metadata = page.get("items"), page.get("metadata")
            for item in items if isinstance(items, list) else ():
                if isinstance(item, dict):
                    self._sink.take(resource, version, item)
            told = metadata if isinstance(metadata, dict) else {}
            following = told.get("continue")
            if not following:
                self._sink.listed(resource, path, str(told.get("resourceVersion", "")))
                return True
            parameters = {"limit": str(CHUNK), "continue": str(following)}
        raise UnreadableSource(f"{named(self._context.shown)} lists {named(path)} without an end")

    async def _asked(
        self, client: httpx.AsyncClient, path: str, parameters: dict[str, str]
    ) -> tuple[int, dict[str, Any] | None]:
        """Ask once; no page comes with any status but 200."""
        try:
            async with asyncio.timeout(PAGE_SECONDS), client.stream("GET", path, params=parameters) as response:
                if response.status_code != httpx.codes.OK:
                    return response.status_code, None
                if is_compressed(response):
                    raise UnreadableSource(f"{named(self._context.shown)} answers {named(path)} compressed")
                content = bytearray()
                async for chunk in response.aiter_bytes():
                    content += chunk
                    if self._given_up():
                        raise UnreadableSource(f"the API server of {named(self._context.name)} answers too slowly")
                    if len(content) > self._budget.octets:
                        raise UnreadableSource(f"{named(path)} is larger than {self._budget.octets:,} octets")
            most = self._budget.octets // OCTETS_A_VALUE
            if sum(map(content.count, (b",", b"[", b"{"))) > most:
                raise UnreadableSource(f"{named(path)} has more than {most:,} values")
            page = json.loads(content)
        except TimeoutError as error:
            raise UnreadableSource(
                f"the answer of {named(self._context.shown)} to {named(path)} did not end within {PAGE_SECONDS:g} s"
            ) from error
        except httpx.HTTPError as error:
            raise UnreadableSource(
                f"the API server of {named(self._context.name)} ({named(self._context.shown)}) does not answer: "
                f"{named(error)}"
            ) from error
        except (ValueError, RecursionError) as error:
            raise UnreadableSource(f"{named(self._context.shown)} answers {named(path)} with no JSON") from error
        return httpx.codes.OK, page if isinstance(page, dict) else {}

    def _gap(self, resource: Resource, status: int) -> None:
        why = _WHY.get(status, f"the API server answered {status}")
        sentence = f"{named(resource.plural)} was not read: {why}"
        self._objects.unread[resource.kind] = Unread(status, sentence)
        self._objects.notices.append(Notice(Origin(f"kube:{self._context.name}"), sentence, is_gap=True))
