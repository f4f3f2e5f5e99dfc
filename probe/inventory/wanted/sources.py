"""The hosts of a cluster's objects as ExternalDNS' sources read them (source/ingress.go, service.go, crd.go)."""

from collections.abc import Iterable, Iterator
from ipaddress import ip_address

from probe.config.mistakes import Unusable
from probe.config.names import parse_name
from probe.externaldns.endpoint import DnsEndpoint
from probe.inventory.origin import Notice, Origin, named
from probe.inventory.reading.node import Node
from probe.inventory.reading.objects import KubernetesObject, Objects
from probe.inventory.wanted.annotations import Annotations, weight_of
from probe.inventory.wanted.gateways import Gateways
from probe.inventory.wanted.host import Balancer, NamedHost, WantedHost
from probe.inventory.wanted.workload import Workload
from probe.model.plan import Routing

WAVE = "cutover-probe/wave"
"""The label or annotation, of an object or of its namespace, that names the wave in which its hosts move."""

MAX_HOSTS = 100_000
"""Hosts that are read of one source: ten times what a plan may have. A fuse: whether it blows at half or twice as many
decides nothing but how much memory a cluster of that size takes."""

SOURCE_OF = {
    "Ingress": "ingress",
    "Service": "service",
    "HTTPRoute": "gateway-httproute",
    "GRPCRoute": "gateway-grpcroute",
    "TLSRoute": "gateway-tlsroute",
    "DNSEndpoint": "crd",
}
"""The `--source` that reads a kind."""

_INTERNAL_BY_ANNOTATION = {
    "alb.ingress.kubernetes.io/scheme": "internal",
    "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
    "service.beta.kubernetes.io/aws-load-balancer-internal": "true",
}
_ANNOTATION_ONLY, _DEFINED_ONLY = "annotation-only", "defined-hosts-only"
_TYPE_OF_IP_VERSION = {4: "A", 6: "AAAA"}
_CRD_ROUTING = {
    "aws/failover": Routing.FAILOVER,
    "aws/region": Routing.LATENCY,
    "aws/geolocation-continent-code": Routing.GEOLOCATION,
    "aws/geolocation-country-code": Routing.GEOLOCATION,
    "aws/multi-value-answer": Routing.MULTIVALUE,
}


class Hosts:
    """Reads the hosts of one cluster's objects, for one ExternalDNS after the other.

    Args:
        objects: Everything that was read of the cluster.
        notices: Gets what could not be read, and what is passed over.
    """

    def __init__(self, objects: Objects, notices: list[Notice]) -> None:
        self._objects = objects
        self._notices = notices
        self._told: set[tuple[Origin, str]] = set()
        self._gateways = Gateways(objects)
        self._namespaces = {one.name: one for one in objects.of("Namespace")}
        self._count = 0

    def of(self, workload: Workload) -> Iterator[WantedHost]:
        """Give what one ExternalDNS wants: its sources, filters and annotation prefix leave the rest out."""
        scope = workload.scope
        for one in self._objects.of(*SOURCE_OF):
            source = SOURCE_OF[one.kind]
            if scope.sources and source not in scope.sources:
                continue
            if scope.namespace and one.namespace != scope.namespace:
                continue
            if not scope.annotation_filter.selects(one.annotations) or not scope.label_filter.selects(one.labels):
                continue
            yield from _once(self._of_object(one, source, workload))

    def _of_object(self, one: KubernetesObject, source: str, workload: Workload) -> Iterator[WantedHost]:
        annotations = Annotations(workload.prefix, one.annotations)
        if one.kind == "DNSEndpoint":
            yield from self._of_endpoints(one, workload)
            return
        if annotations.is_for_another:
            return
        for name in annotations.unread:
            self._notice(one.origin, f"the annotation {named(name)} of {named(one.resource)} has no word in a plan")
        match one.kind:
            case "Ingress":
                found = _of_ingress(one, annotations, workload)
            case "Service":
                found = _of_service(one, annotations, workload)
            case _:
                found = self._gateways.hosts_of(one, annotations, workload)
        for host in found:
            yield from self._wanted(one, source, annotations, workload, host)

    def _wanted(
        self, one: KubernetesObject, source: str, annotations: Annotations, workload: Workload, host: NamedHost
    ) -> Iterator[WantedHost]:
        for rdtype, targets in _by_type(host.targets):
            endpoint = self._endpoint(
                host,
                rdtype,
                targets,
                resource=one.resource,
                ttl=annotations.ttl,
                set_identifier=annotations.set_identifier,
                weight=annotations.weight,
                health_check_id=annotations.health_check_id,
                evaluate_target_health=annotations.evaluate_target_health,
            )
            if endpoint is not None:
                yield WantedHost(
                    endpoint,
                    workload.label,
                    source,
                    one.namespace,
                    self._wave(one),
                    host.origin,
                    _is_internal(one, targets),
                    host.by_annotation,
                    annotations.routing,
                )

    def _of_endpoints(self, one: KubernetesObject, workload: Workload) -> Iterator[WantedHost]:
        for wanted in one.root["spec"]["endpoints"]:
            rdtype = wanted["recordType"].text.upper() or "A"
            if rdtype not in {"A", "AAAA", "CNAME"}:
                continue
            properties = {
                item["name"].text: item["value"].text for item in wanted["providerSpecific"] if item["name"].text
            }
            targets = tuple(item.text.removesuffix(".") for item in wanted["targets"] if item.text)
            host = NamedHost(wanted["dnsName"].text, one.at(wanted["dnsName"]), targets, by_annotation=True)
            endpoint = self._endpoint(
                host,
                rdtype,
                targets,
                resource=f"crd/{one.namespace}/{one.name}",
                ttl=wanted["recordTTL"].whole,
                set_identifier=wanted["setIdentifier"].text,
                weight=weight_of(properties.get("aws/weight", "")),
                health_check_id=properties.get("aws/health-check-id") or None,
                evaluate_target_health=None,
            )
            if endpoint is not None:
                routing = next((kind for name, kind in _CRD_ROUTING.items() if properties.get(name)), None)
                yield WantedHost(
                    endpoint,
                    workload.label,
                    "crd",
                    one.namespace,
                    self._wave(one),
                    host.origin,
                    _is_internal(one, targets),
                    by_annotation=True,
                    routing=routing,
                )

    def _endpoint(  # noqa: PLR0913  # what a record is made of
        self,
        host: NamedHost,
        rdtype: str,
        targets: tuple[str, ...],
        *,
        resource: str,
        ttl: int | None,
        set_identifier: str,
        weight: int | None,
        health_check_id: str | None,
        evaluate_target_health: bool | None,
    ) -> DnsEndpoint | None:
        self._count += 1
        if self._count > MAX_HOSTS:
            self._notice(
                Origin(host.origin.file),
                f"more than {MAX_HOSTS:,} hosts were read already: the rest was left",
                is_gap=True,
            )
            return None
        if "{{" in host.text:
            self._notice(
                host.origin,
                f"the host {named(host.text)} is a template that is not rendered: skipped",
                is_gap=True,
            )
            return None
        try:
            name = parse_name(host.text, wildcard=True)
        except Unusable as error:
            self._notice(host.origin, f"the host of {named(resource)} was skipped: {error.message}; {error.remedy}")
            return None
        return DnsEndpoint(
            name=name,
            rdtype=rdtype,
            targets=targets,
            ttl=ttl,
            set_identifier=set_identifier,
            weight=weight,
            health_check_id=health_check_id,
            evaluate_target_health=evaluate_target_health,
            labels={"resource": resource},
        )

    def _wave(self, one: KubernetesObject) -> str:
        namespace = self._namespaces.get(one.namespace)
        for holder in (one, namespace) if namespace is not None else (one,):
            wave = holder.annotations.get(WAVE) or holder.labels.get(WAVE)
            if wave:
                return wave
        return ""

    def _notice(self, origin: Origin, sentence: str, *, is_gap: bool = False) -> None:
        """Say it once: several instances read the same objects."""
        if (origin, sentence) not in self._told:
            self._told.add((origin, sentence))
            self._notices.append(Notice(origin, sentence, is_gap))


def _once(hosts: Iterable[WantedHost]) -> Iterator[WantedHost]:
    """Leave out what an object says twice: most Ingresses have a host under `rules` and under `tls`."""
    seen: set[tuple[str, str, tuple[str, ...]]] = set()
    for one in hosts:
        key = (one.endpoint.name, one.endpoint.rdtype, one.endpoint.targets)
        if key not in seen:
            seen.add(key)
            yield one


def _of_ingress(one: KubernetesObject, annotations: Annotations, workload: Workload) -> Iterator[NamedHost]:
    spec = one.root["spec"]
    scope = workload.scope
    # Where the specification names a class, the annotation is not read (source/ingress.go, filterByIngressClass).
    own_class = spec["ingressClassName"].text or one.annotations.get("kubernetes.io/ingress.class", "")
    if scope.ingress_classes and own_class not in scope.ingress_classes:
        return
    targets = annotations.targets or status_targets(one)
    by_annotation = bool(annotations.targets)
    source = annotations.hostname_source
    if source != _ANNOTATION_ONLY:
        if not scope.ignore_rules:
            for rule in spec["rules"]:
                if rule["host"].text:
                    yield NamedHost(rule["host"].text, one.at(rule["host"]), targets, by_annotation)
        if not scope.ignore_tls:
            for host in (host for tls in spec["tls"] for host in tls["hosts"] if host.text):
                yield NamedHost(host.text, one.at(host), targets, by_annotation)
    if source != _DEFINED_ONLY and not scope.ignore_hostname:
        for name in annotations.hostnames:
            yield NamedHost(name, _annotation(one, annotations, "hostname"), targets, by_annotation)


def _of_service(one: KubernetesObject, annotations: Annotations, workload: Workload) -> Iterator[NamedHost]:
    spec = one.root["spec"]
    kind = spec["type"].text or "ClusterIP"
    scope = workload.scope
    if scope.ignore_hostname or (scope.service_types and kind.lower() not in scope.service_types):
        return
    if annotations.targets or kind == "LoadBalancer":
        targets = annotations.targets or status_targets(one)
        for name in annotations.hostnames:
            yield NamedHost(name, _annotation(one, annotations, "hostname"), targets, bool(annotations.targets))
    elif kind == "ExternalName" and spec["externalName"].text:
        for name in annotations.hostnames:
            yield NamedHost(
                name, _annotation(one, annotations, "hostname"), (spec["externalName"].text,), by_annotation=True
            )
    elif kind == "ClusterIP" and scope.publish_internal:
        for name in annotations.hostnames:
            yield NamedHost(name, _annotation(one, annotations, "hostname"), _cluster_address(spec))
    if kind in {"LoadBalancer", "ClusterIP"}:
        for name in annotations.internal_hostnames:
            yield NamedHost(name, _annotation(one, annotations, "internal-hostname"), _cluster_address(spec))


def _cluster_address(spec: Node) -> tuple[str, ...]:
    address = spec["clusterIP"].text
    return (address,) if _version_of(address) is not None else ()


def _annotation(one: KubernetesObject, annotations: Annotations, name: str) -> Origin:
    return one.at(one.root["metadata"]["annotations"][annotations.prefix + name])


def status_targets(one: KubernetesObject) -> tuple[str, ...]:
    """Give what an Ingress' or Service's status leads to: names and addresses of its load balancer."""
    entries = one.root["status"]["loadBalancer"]["ingress"]
    return tuple(text for entry in entries if (text := (entry["hostname"].text or entry["ip"].text).removesuffix(".")))


def balancers(objects: Objects) -> tuple[Balancer, ...]:
    """Give everything that the statuses of a cluster's objects lead to, each once."""
    found: dict[str, Balancer] = {}
    for one in objects.of("Ingress", "Service", "Gateway"):
        targets = Gateways.addresses(one) if one.kind == "Gateway" else status_targets(one)
        for target in targets:
            name = folded(target)
            found.setdefault(name, Balancer(name, one.at(one.root["status"]), one.resource, _is_internal(one, (name,))))
    return tuple(found.values())


def folded(target: str) -> str:
    """Write a load balancer's name in the form in which two of them are compared."""
    return target.lower().removesuffix(".").removeprefix("dualstack.")


def _is_internal(one: KubernetesObject, targets: Iterable[str]) -> bool:
    """Tell an internal load balancer: AWS puts `internal-` before its name, and the controllers ask for it."""
    by_annotation = any(one.annotations.get(key, "").lower() == value for key, value in _INTERNAL_BY_ANNOTATION.items())
    return by_annotation or any(folded(target).startswith("internal-") or _is_private(target) for target in targets)


def _is_private(target: str) -> bool:
    try:
        return ip_address(target).is_private
    except ValueError:
        return False


def _version_of(text: str) -> int | None:
    try:
        return ip_address(text).version
    except ValueError:
        return None


def _by_type(targets: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Sort targets as ExternalDNS does (`suitableType`): addresses by their family, everything else is a name."""
    kinds: dict[str, list[str]] = {}
    for target in targets:
        version = _version_of(target)
        kinds.setdefault("CNAME" if version is None else _TYPE_OF_IP_VERSION[version], []).append(target)
    if not kinds:
        yield "CNAME", ()
    yield from ((rdtype, tuple(found)) for rdtype, found in kinds.items())
