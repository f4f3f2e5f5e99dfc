"""The Gateway API: which hosts a route gets of which Gateway's listeners (source/gateway.go)."""

from collections.abc import Iterator
from typing import NamedTuple

from probe.inventory.origin import Origin
from probe.inventory.reading.node import Node
from probe.inventory.reading.objects import KubernetesObject, Objects
from probe.inventory.wanted.annotations import Annotations
from probe.inventory.wanted.host import NamedHost
from probe.inventory.wanted.selector import LabelSelector, Requirement
from probe.inventory.wanted.workload import Workload

_PROTOCOLS = {
    "HTTPRoute": frozenset({"HTTP", "HTTPS"}),
    "GRPCRoute": frozenset({"HTTP", "HTTPS"}),
    "TLSRoute": frozenset({"TLS"}),
}
"""Protocols of the listeners that a kind of route attaches to."""

ROUTE_KINDS = tuple(_PROTOCOLS)
"""Kinds of routes that a Gateway has."""


class _Name(NamedTuple):
    text: str
    origin: Origin


class Gateways:
    """The Gateways of a cluster, and the namespaces whose labels they ask for.

    Args:
        objects: Everything that was read of the cluster.
    """

    def __init__(self, objects: Objects) -> None:
        self._gateways = {(one.namespace, one.name): one for one in objects.of("Gateway")}
        self._labels = {one.name: one.labels for one in objects.of("Namespace")}

    @staticmethod
    def addresses(gateway: KubernetesObject) -> tuple[str, ...]:
        """Give what a Gateway's status leads to."""
        return tuple(
            text for entry in gateway.root["status"]["addresses"] if (text := entry["value"].text.removesuffix("."))
        )

    def hosts_of(self, route: KubernetesObject, annotations: Annotations, workload: Workload) -> Iterator[NamedHost]:
        """Give a route's hosts with the targets of each Gateway that takes it.

        A route without a status is taken for accepted: manifests that were not applied have none.
        """
        scope = workload.scope
        names = [_Name(node.text, route.at(node)) for node in route.root["spec"]["hostnames"] if node.text]
        if not scope.ignore_hostname:
            at = route.at(route.root["metadata"]["annotations"][annotations.prefix + "hostname"])
            names += [_Name(text, at) for text in annotations.hostnames]
        for reference in route.root["spec"]["parentRefs"]:
            gateway = self._gateways.get((reference["namespace"].text or route.namespace, reference["name"].text))
            if gateway is None or reference["kind"].text not in {"", "Gateway"} or not _accepted(route, reference):
                continue
            if scope.gateway_name not in {"", gateway.name} or scope.gateway_namespace not in {"", gateway.namespace}:
                continue
            if not scope.gateway_labels.selects(gateway.labels):
                continue
            own = Annotations(annotations.prefix, gateway.annotations)
            targets = own.targets or self.addresses(gateway)
            yield from (
                NamedHost(name.text, name.origin, targets, bool(own.targets))
                for listener in gateway.root["spec"]["listeners"]
                if self._takes(gateway, listener, route, reference)
                for name in _matches(gateway, listener, names)
            )

    def _takes(self, gateway: KubernetesObject, listener: Node, route: KubernetesObject, reference: Node) -> bool:
        """Tell whether a listener takes a route: by its section, port, protocol, and the namespaces that it allows."""
        section, port = reference["sectionName"].text, reference["port"].text
        if section not in {"", listener["name"].text} or port not in {"", listener["port"].text}:
            return False
        if listener["protocol"].text.upper() not in _PROTOCOLS[route.kind]:
            return False
        kinds = [item["kind"].text for item in listener["allowedRoutes"]["kinds"]]
        if kinds and route.kind not in kinds:
            return False
        allowed = listener["allowedRoutes"]["namespaces"]
        match allowed["from"].text:
            case "All":
                return True
            case "Selector":
                return _selector(allowed["selector"]).selects(self._labels.get(route.namespace, {}))
            case _:
                return route.namespace == gateway.namespace


def _selector(node: Node) -> LabelSelector:
    requirements = [
        Requirement(key, frozenset({value}), wanted=True) for key, value in node["matchLabels"].texts().items()
    ]
    for one in node["matchExpressions"]:
        operator = one["operator"].text
        values = frozenset(value.text for value in one["values"])
        requirements.append(
            Requirement(
                one["key"].text,
                values if operator in {"In", "NotIn"} else None,
                wanted=operator in {"In", "Exists"},
            )
        )
    return LabelSelector(tuple(requirements))


def _accepted(route: KubernetesObject, reference: Node) -> bool:
    """Tell whether the Gateway has accepted the route, as its status says; one without a status counts as accepted."""
    parents = [
        parent
        for parent in route.root["status"]["parents"]
        if parent["parentRef"]["name"].text == reference["name"].text
    ]
    conditions = [one for parent in parents for one in parent["conditions"] if one["type"].text == "Accepted"]
    return not conditions or any(one["status"].text == "True" for one in conditions)


def _matches(gateway: KubernetesObject, listener: Node, names: list[_Name]) -> Iterator[_Name]:
    """Give the hosts that a listener serves of a route's: those the more specific of two that overlap."""
    node = listener["hostname"]
    for name in names or [_Name("", gateway.at(node))]:
        both = matching_host(node.text, name.text)
        if both:
            yield _Name(both, name.origin)


def matching_host(one: str, other: str) -> str:
    """Give the host that two have in common (`gwMatchingHost`); empty for none, an empty one has every host."""
    one, other = one.lower().removesuffix("."), other.lower().removesuffix(".")
    if not one or not other or one == other:
        return one or other
    if len(other) < len(one):
        one, other = other, one
    return other if one.startswith("*.") and other.endswith(one[1:]) else ""
