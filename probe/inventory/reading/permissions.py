"""What has to be allowed, no more: the ClusterRole of `kube:`, and the IAM policy of `route53:`."""

import json
from itertools import groupby
from typing import Any

from probe.inventory.reading.api_server import RESOURCES
from probe.inventory.reading.route53_api import ACTIONS

ROLE = "cutover-probe-discover"
"""The ClusterRole's name."""


VERBS = ("list", "watch")
"""What is done with each kind: `discover` lists it, and the daemon's witnesses watch it as well."""


def rules() -> list[dict[str, list[str]]]:
    """Give the rules of the ClusterRole: `list` and `watch` on each kind that is read, by group."""
    return [
        {"apiGroups": [group], "resources": [one.plural for one in kinds], "verbs": list(VERBS)}
        for group, kinds in groupby(RESOURCES, key=lambda one: one.group)
    ]


def cluster_role() -> str:
    """Write the ClusterRole in YAML."""
    lines = [
        "apiVersion: rbac.authorization.k8s.io/v1",
        "kind: ClusterRole",
        f"metadata: {{name: {ROLE}}}",
        "rules:",
    ]
    for rule in rules():
        group, kinds = rule["apiGroups"][0] or '""', ", ".join(rule["resources"])
        lines.append(f"  - {{apiGroups: [{group}], resources: [{kinds}], verbs: [{', '.join(VERBS)}]}}")
    return "\n".join(lines) + "\n"


def iam_policy() -> str:
    """Write the IAM policy in JSON. Listing zones and health checks takes no resource but all."""
    of_zones = [action for action in ACTIONS if action in _OF_A_ZONE]
    statements: list[dict[str, Any]] = [
        {
            "Effect": "Allow",
            "Action": [f"route53:{action}" for action in of_zones],
            "Resource": "arn:aws:route53:::hostedzone/*",
        },
        {
            "Effect": "Allow",
            "Action": [f"route53:{action}" for action in ACTIONS if action not in of_zones],
            "Resource": "*",
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2) + "\n"


_OF_A_ZONE = frozenset({"GetHostedZone", "ListResourceRecordSets"})
"""What IAM can narrow to a zone's ARN (service authorization reference, "Amazon Route 53")."""
