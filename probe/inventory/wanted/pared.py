"""A cluster's objects pared down to what is read of them here, so that ten thousand of them can be held for hours.

Of most objects that is a tenth: no fields' managers, no copy of what was applied, no pods of anything but an
ExternalDNS. An object of which nothing is read is none.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from probe.inventory.reading.node import Budget, node_of
from probe.inventory.wanted.gateways import ROUTE_KINDS
from probe.inventory.wanted.pod_templates import POD_KINDS
from probe.inventory.wanted.workloads import CHART_KINDS, is_of_external_dns

Fields: TypeAlias = "Mapping[str, Fields | None]"
"""What is kept of a mapping, or of each mapping in a list: None keeps all that stands there."""

_METADATA: Fields = {"namespace": None, "name": None, "labels": None, "annotations": None}
_CONTAINER: Fields = dict.fromkeys(("image", "command", "args", "env", "envFrom"))
_PODS: Fields = {"template": {"spec": {"containers": _CONTAINER}}}
_WORKLOAD: Fields = {"spec": {"replicas": None, "workloadRef": None, **_PODS}}
_CRON_JOB: Fields = {"spec": {"schedule": None, "suspend": None, "jobTemplate": {"spec": _PODS}}}
_CHART: Fields = {"spec": None}
_BALANCER: Fields = {"loadBalancer": {"ingress": {"hostname": None, "ip": None}}}
_ROUTE: Fields = {
    "spec": {"hostnames": None, "parentRefs": None},
    "status": {"parents": {"parentRef": {"name": None}, "conditions": {"type": None, "status": None}}},
}
_READ: Mapping[str, Fields] = {
    "Namespace": {},
    "Ingress": {
        "spec": {"ingressClassName": None, "rules": {"host": None}, "tls": {"hosts": None}},
        "status": _BALANCER,
    },
    "Service": {"spec": {"type": None, "externalName": None, "clusterIP": None}, "status": _BALANCER},
    "Gateway": {"spec": {"listeners": None}, "status": {"addresses": {"value": None}}},
    **dict.fromkeys(ROUTE_KINDS, _ROUTE),
    "DNSEndpoint": {"spec": {"endpoints": None}},
    **dict.fromkeys(POD_KINDS, _WORKLOAD),
    "CronJob": _CRON_JOB,
    **dict.fromkeys(CHART_KINDS, _CHART),
}
"""What is read of each kind, beside its metadata."""

_WITH_WORKLOADS = frozenset({*POD_KINDS, *CHART_KINDS})
"""Kinds in which an ExternalDNS may be found."""

_COPIES = frozenset({"kubectl.kubernetes.io/last-applied-configuration"})
"""Annotations that hold the whole object once more."""


def pared(kind: str, item: Mapping[str, Any]) -> dict[str, Any] | None:
    """Give what is read of an object; None where nothing of it says what is wanted.

    Nothing is read of a Service without annotations, and of a workload or chart that is no ExternalDNS.
    """
    kept = _kept(item, {"metadata": _METADATA, **_READ[kind]})
    metadata = kept.get("metadata")
    if not isinstance(metadata, dict):
        return None
    annotations = metadata.get("annotations")
    if isinstance(annotations, dict):
        annotations = {key: text for key, text in annotations.items() if key not in _COPIES}
        metadata["annotations"] = annotations
    if kind == "Service":
        return kept if annotations else None
    if kind in _WITH_WORKLOADS:
        return kept if is_of_external_dns(kind, node_of(kept, Budget())) else None
    return kept


def _kept(value: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    return {key: _part(value[key], under) for key, under in fields.items() if key in value}


def _part(value: object, fields: "Fields | None") -> object:
    if fields is None:
        return value
    if isinstance(value, list):
        return [_part(one, fields) for one in value]
    return _kept(value, fields) if isinstance(value, dict) else value
