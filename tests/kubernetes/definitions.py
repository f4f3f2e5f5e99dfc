"""Definitions of kinds that are read and not checked here: as far as an API server minds them."""

from typing import Any


def definition(kind: str, group: str, plural: str, version: str) -> dict[str, Any]:
    """Define a kind whose fields nobody checks, and whose status is written with the rest."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    approved = {"api-approved.kubernetes.io": "https://github.com/kubernetes-sigs/external-dns/pull/2007"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}", "annotations": approved},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()},
            "versions": [{"name": version, "served": True, "storage": True, "schema": schema}],
        },
    }


DNS_ENDPOINTS = definition("DNSEndpoint", "externaldns.k8s.io", "dnsendpoints", "v1alpha1")
GATEWAYS = definition("Gateway", "gateway.networking.k8s.io", "gateways", "v1")
