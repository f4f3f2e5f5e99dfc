"""What runs in a cluster's pods: the containers of every kind that makes pods, and whether it makes any.

Pods themselves are not looked at. They are many, each is one that a template made, and who may list them may read
every pod's environment.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from probe.inventory.reading.node import Node
from probe.inventory.reading.objects import KubernetesObject, Objects

POD_KINDS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Rollout")
"""Kinds of objects that make pods."""

_MINUTES = re.compile(r"\*(?:/(?P<minutes>[1-5]?\d))?(?: \*){4}")
_HOURLY = re.compile(r"@hourly|[0-5]?\d(?: \*){4}")


class PodTemplate(NamedTuple):
    """The pods of one object.

    Attributes:
        owner: The object that makes them, as kubectl opens or stops it.
        containers: What runs in them.
        stopped: Why it makes none at present; empty where it does.
        schedule: Of a CronJob: when it makes one.
    """

    owner: KubernetesObject
    containers: Node
    stopped: str = ""
    schedule: Node | None = None


def pod_templates(objects: Objects) -> Iterator[PodTemplate]:
    """Give them of every object that makes pods.

    A Rollout may run the template of a Deployment, which has no replicas of its own then: it is given once.
    """
    lent = {found: one for one in objects.of("Rollout") if (found := _referred(one, objects)) is not None}
    for one in objects.of(*POD_KINDS):
        spec, containers = one.root["spec"], containers_of(one.kind, one.root)
        if one.kind == "CronJob":
            stopped = "is suspended" if spec["suspend"].text == "true" else ""
            yield PodTemplate(one, containers, stopped, spec["schedule"])
            continue
        owner = lent.get((one.kind, one.namespace, one.name), one)
        stopped = "has no replicas" if owner.root["spec"]["replicas"].text == "0" else ""
        yield PodTemplate(owner, containers, stopped)


def containers_of(kind: str, root: Node) -> Node:
    """Give the containers of an object that makes pods: what a template of its own says."""
    job = root["spec"]["jobTemplate"] if kind == "CronJob" else root
    return job["spec"]["template"]["spec"]["containers"]


def sync_interval(schedule: str) -> str:
    """Give the time between two runs of a CronJob as a flag has it; empty where they are not evenly spaced."""
    text = " ".join(schedule.split())
    if (found := _MINUTES.fullmatch(text)) is not None:
        minutes = int(found["minutes"] or 1)
        return f"{minutes}m" if minutes and 60 % minutes == 0 else ""
    return "1h" if _HOURLY.fullmatch(text) else ""


def _referred(rollout: KubernetesObject, objects: Objects) -> tuple[str, str, str] | None:
    reference = rollout.root["spec"]["workloadRef"]
    key = (reference["kind"].text, rollout.namespace, reference["name"].text)
    return key if key[0] == "Deployment" and key in objects.found else None
