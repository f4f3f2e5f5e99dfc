"""A cluster as a witness: one reading of its API server, and what the plan's domains have there."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx

from probe.inventory.origin import shown
from probe.inventory.reading.api_server import read_api_server
from probe.inventory.reading.kubeconfig import IN_CLUSTER, KubeContext, read_context
from probe.inventory.reading.manifests import UnreadableSource
from probe.inventory.reading.node import Budget
from probe.inventory.reading.objects import Objects
from probe.inventory.wanted.inventory import take_inventory
from probe.inventory.wanted.wishes import hosts_lacking, wishes_of
from probe.inventory.wanted.workload import Workload
from probe.inventory.witnesses.sentence import MAX_GAPS, sentence_of
from probe.model.clock import Clock
from probe.model.plan import Plan
from probe.model.side import Side
from probe.model.testimony import ClusterTestimony, Testimony, WitnessSilence
from probe.model.text import listed
from probe.model.witness_sources import ClusterSource

if TYPE_CHECKING:
    from probe.model.clock import Instant

READING_SECONDS = 120.0
"""What a reading may take: 10,000 Ingresses in pages of 500 take a fraction of it. A server that drips is left."""

CREDENTIAL_SECONDS = 600.0
"""For how long credentials are used again. A token of EKS is good for fifteen minutes, one of a service account for an
hour; and a credential plugin such as `aws eks get-token` takes a second of CPU each time."""

PAGE_OCTETS = 32 * 1024 * 1024
"""Of one page of a list: its 500 objects are 2 MiB in most clusters, and etcd takes none above 1.5 MiB."""

READ_VALUES = 1_000_000
"""Of one reading: 15,000 Ingresses and more. They take 110 MiB and five seconds of CPU while they are read, and the
chart gives the probe 512 MiB."""

MAX_LACKING = 200
"""Hosts that are named one by one: a plan that lacks more has left a whole cluster out."""

NEEDED_KINDS = frozenset({"Service", "Deployment", "StatefulSet", "Ingress"})
"""Without these a reading says too little: what was wanted before would seem to be wanted no more."""


class ClusterWitness:
    """One cluster, for `probe.model.ports.Witness`.

    Args:
        side: Whose it is.
        source: Where it is.
        interval: Seconds between two readings.
        clock: Ages the credentials.
        client: Makes the client of a context.
    """

    def __init__(
        self,
        side: Side,
        source: ClusterSource,
        interval: float,
        clock: Clock,
        client: Callable[[KubeContext], httpx.Client] = KubeContext.client,
    ) -> None:
        self.side = side
        self._source = source
        self._clock = clock
        self._client = client
        self._known: tuple[KubeContext, Instant] | None = None
        self.name = f"kubernetes-{side}"
        self.interval = interval
        self.patience = READING_SECONDS

    def read(self, plan: Plan, given_up: Callable[[], bool]) -> Testimony:
        """Read it once. Blocks; what the far side does is in what comes back."""
        budget = Budget(PAGE_OCTETS, READ_VALUES)
        try:
            context = self._context()
            objects = read_api_server(context, budget, self._client(context), given_up=given_up)
        except UnreadableSource as error:
            self._known = None  # they may have expired, or be another's by now
            return WitnessSilence(sentence_of(str(error)))
        untold = _untold(objects, budget)
        if untold:
            return WitnessSilence(untold)
        return cluster_testimony(self.side, objects, plan)

    def _context(self) -> KubeContext:
        now = self._clock.now()
        if self._known is not None and now.monotonic - self._known[1].monotonic < CREDENTIAL_SECONDS:
            return self._known[0]
        environment = dict(os.environ)
        if self._source.kubeconfig is not None:
            environment["KUBECONFIG"] = str(self._source.kubeconfig)
        context = read_context(IN_CLUSTER if self._source.in_cluster else self._source.context, environment)
        self._known = context, now
        return context


def cluster_testimony(side: Side, objects: Objects, plan: Plan) -> ClusterTestimony:
    """Make of a cluster's objects what it says about a plan's domains."""
    inventory = take_inventory(side, f"{side}'s cluster", objects)
    gaps = [sentence_of(str(one)) for one in inventory.notices if one.is_gap]
    if not inventory.found_workloads:
        gaps.insert(0, "No ExternalDNS was found in the cluster, so that nothing is concluded from its objects.")
    gaps += [_gap(one) for one in inventory.found_workloads if one.unclear or one.leaves_out]
    private = [zone for zone, _ in plan.authoritative.private_zones]
    missing = hosts_lacking(inventory, plan)
    return ClusterTestimony(
        side,
        wishes_of(inventory, (domain.name for domain in plan.domains), private),
        is_whole=not gaps,
        gaps=tuple(gaps[:MAX_GAPS]),
        lacking=missing[:MAX_LACKING],
        lacking_count=len(missing),
    )


def _gap(one: Workload) -> str:
    flags = listed([f"`--{flag}`" for flag in (*one.unclear, *one.leaves_out)])
    what = "what it overwrites" if one.unclear else "which hosts it wants"
    return f"{shown(one.label)} has {flags}, by which it is not known {what}."


def _untold(objects: Objects, budget: Budget) -> str:
    """Say why a reading is not one: what it lacks would seem to be gone. Empty where it is one."""
    if budget.spent_values > budget.values:
        return f"The cluster has more than {budget.values:,} values in what is read: they were not all read."
    lost = [
        one.sentence
        for kind, one in objects.unread.items()
        if kind in NEEDED_KINDS or one.status != httpx.codes.FORBIDDEN
    ]
    return sentence_of(lost[0]) if lost else ""
