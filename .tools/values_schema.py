"""Writes the chart's values.schema.json: the plan's own schema, and around it what a value may be (`make schema`).

Helm checks values by draft 7 of JSON Schema. The plan's schema is of draft 2020-12, but uses nothing that the older one
lacks; only its definitions move to the root, where their references look for them. What Kubernetes defines (security
contexts, tolerations, probes, ...) is passed through as it is: the API server checks it, and so do this chart's tests.
"""

import json
import sys
from typing import Any

from probe.cli.options import MAX_SHARDS
from probe.config.json_schema import json_schema
from probe.telemetry.log_choice import LogFormat, LogLevel

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
ANY_OBJECT: Schema = {"type": "object"}
ANY_LIST: Schema = {"type": "array"}
TEXTS: Schema = {"type": "array", "items": TEXT}
TEXT_BY_TEXT: Schema = {"type": "object", "additionalProperties": TEXT}
NAME: Schema = {"type": "string", "pattern": "^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$"}
"""What Kubernetes takes as a part of a name, or nothing: its own refusal names an object, this one names the value."""
LABELS: Schema = {
    "type": "object",
    "additionalProperties": {
        "type": "string",
        "pattern": "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$",
        "maxLength": 63,
    },
}
"""Labels whose values Kubernetes takes."""
DURATION: Schema = {"type": "string", "pattern": "^(0|(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)$"}
PORT: Schema = {"type": "integer", "minimum": 1, "maximum": 65535}
COUNT: Schema = {"type": "integer", "minimum": 1}


def choice(*words: str) -> Schema:
    """One of some words."""
    return {"enum": list(words)}


def part(**properties: Schema) -> Schema:
    """An object that has these keys and no other."""
    return {"type": "object", "additionalProperties": False, "properties": properties}


_MONITOR: dict[str, Schema] = {
    "enabled": FLAG,
    "namespace": TEXT,
    "labels": TEXT_BY_TEXT,
    "annotations": TEXT_BY_TEXT,
    "interval": DURATION,
    "scrapeTimeout": DURATION,
    "scheme": choice("", "http", "https"),
    "honorLabels": FLAG,
    "jobLabel": TEXT,
    "sampleLimit": {"type": "integer", "minimum": 0},
    "tlsConfig": ANY_OBJECT,
    "basicAuth": ANY_OBJECT,
    "relabelings": ANY_LIST,
    "metricRelabelings": ANY_LIST,
}


def monitor(labels: str) -> Schema:
    """A monitor of Prometheus Operator, whose labels that are taken over have this name."""
    return part(**{labels: TEXTS}, **_MONITOR)


OR_NULL: Schema = {"type": ["object", "null"]}
"""What may be left away: Helm takes null for "not the chart's default"."""
NAMES: Schema = {"type": "array", "items": {"type": "string", "pattern": "^(\\*\\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"}}
NO_PORT: Schema = {"anyOf": [PORT, {"type": "null"}]}


def values_schema() -> Schema:
    """Give the schema as plain values."""
    plan = json_schema()
    definitions = plan.pop("$defs")
    plan.pop("$schema")
    plan.pop("$id")
    schema: Schema = part(
        # Helm hands it to every chart of a release: others keep their own keys in it.
        **{"global": {"type": "object", "properties": {"imageRegistry": TEXT, "imagePullSecrets": ANY_LIST}}},
        nameOverride=NAME,
        fullnameOverride=NAME,
        namespaceOverride=NAME,
        commonLabels=LABELS,
        image=part(
            registry=TEXT,
            repository={"type": "string", "minLength": 1},
            tag=TEXT,
            digest={"type": "string", "pattern": "^(sha256:[0-9a-f]{64})?$"},
            pullPolicy=choice("Always", "IfNotPresent", "Never"),
        ),
        imagePullSecrets=ANY_LIST,
        plan={"anyOf": [{"type": "object", "maxProperties": 0}, plan]},
        existingConfigMap=TEXT,
        existingConfigMapKey=TEXT,
        existingSecret=TEXT,
        configCheck=part(enabled=FLAG),
        web=part(
            address={"type": "string", "pattern": "^[0-9a-fA-F:.]+$"},
            port=PORT,
            existingConfigSecret=TEXT,
            scheme=choice("HTTP", "HTTPS"),
        ),
        shards={"type": "integer", "minimum": 1, "maximum": MAX_SHARDS},
        persistence=part(
            enabled=FLAG,
            existingClaim=TEXT,
            storageClassName=TEXT,
            accessModes=TEXTS,
            size={"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?(k|[MGTPE]|[KMGTPE]i)?$"},
            annotations=TEXT_BY_TEXT,
            whenDeleted=choice("Retain", "Delete"),
        ),
        log=part(
            level=choice(*(level.value for level in LogLevel)), format=choice(*(format_.value for format_ in LogFormat))
        ),
        extraArgs=TEXTS,
        extraEnv=ANY_LIST,
        extraEnvFrom=ANY_LIST,
        extraVolumes=ANY_LIST,
        extraVolumeMounts=ANY_LIST,
        extraContainers=ANY_LIST,
        initContainers=ANY_LIST,
        extraObjects={"type": "array", "items": {"type": ["object", "string"]}},
        podAnnotations=TEXT_BY_TEXT,
        podLabels=LABELS,
        priorityClassName=TEXT,
        nodeSelector=TEXT_BY_TEXT,
        tolerations=ANY_LIST,
        affinity=ANY_OBJECT,
        topologySpreadConstraints=ANY_LIST,
        terminationGracePeriodSeconds=COUNT,
        runtimeClassName=TEXT,
        dnsPolicy=choice("Default", "ClusterFirst", "ClusterFirstWithHostNet", "None"),
        dnsConfig=ANY_OBJECT,
        hostAliases=ANY_LIST,
        hostNetwork=FLAG,
        strategy=ANY_OBJECT,
        updateStrategy=ANY_OBJECT,
        revisionHistoryLimit={"type": "integer", "minimum": 0},
        resources=OR_NULL,
        podSecurityContext=OR_NULL,
        securityContext=OR_NULL,
        startupProbe=OR_NULL,
        livenessProbe=OR_NULL,
        readinessProbe=OR_NULL,
        serviceAccount=part(create=FLAG, name=TEXT, annotations=TEXT_BY_TEXT),
        discovery=part(enabled=FLAG, kubeconfigSecret=TEXT),
        service=part(
            type=choice("ClusterIP", "NodePort", "LoadBalancer"),
            port=NO_PORT,
            nodePort=NO_PORT,
            ipFamilyPolicy=choice("", "SingleStack", "PreferDualStack", "RequireDualStack"),
            ipFamilies={"type": "array", "items": choice("IPv4", "IPv6")},
            annotations=TEXT_BY_TEXT,
            labels=TEXT_BY_TEXT,
        ),
        ingress=part(
            enabled=FLAG,
            className=TEXT,
            labels=TEXT_BY_TEXT,
            annotations=TEXT_BY_TEXT,
            hosts=NAMES,
            tls=ANY_LIST,
            scheme=choice("", "http", "https"),
        ),
        httpRoute=part(
            enabled=FLAG,
            labels=TEXT_BY_TEXT,
            annotations=TEXT_BY_TEXT,
            parentRefs=ANY_LIST,
            hostnames=NAMES,
            scheme=choice("http", "https"),
        ),
        serviceMonitor=monitor("targetLabels"),
        podMonitor=monitor("podTargetLabels"),
        prometheusRule=part(
            enabled=FLAG,
            namespace=TEXT,
            labels=TEXT_BY_TEXT,
            annotations=TEXT_BY_TEXT,
            disabled=TEXTS,
            additionalLabels=TEXT_BY_TEXT,
            additionalGroups=ANY_LIST,
        ),
        dashboards=part(enabled=FLAG, namespace=TEXT, labels=TEXT_BY_TEXT, annotations=TEXT_BY_TEXT),
        networkPolicy=part(
            enabled=FLAG, ingressFrom=ANY_LIST, dns=ANY_LIST, https=ANY_LIST, egressTo=ANY_LIST, extraEgress=ANY_LIST
        ),
        podDisruptionBudget=part(enabled=FLAG, maxUnavailable={"type": ["integer", "string"]}),
        tests=part(enabled=FLAG),
    )
    return _for_go({"$schema": "http://json-schema.org/draft-07/schema#", **schema, "$defs": definitions})


def _for_go(schema: Schema) -> Schema:
    """Leave out patterns that look ahead: Go's regular expressions cannot, and the daemon checks what they say."""
    return {key: _each_for_go(each) for key, each in schema.items() if key != "pattern" or "(?" not in each}


def _each_for_go(value: Any) -> Any:
    if isinstance(value, dict):
        return _for_go(value)
    return [_each_for_go(each) for each in value] if isinstance(value, list) else value


def text() -> str:
    """Write it as the chart has it."""
    return json.dumps(values_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
