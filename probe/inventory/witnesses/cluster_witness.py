"""A cluster as a witness: one reading of its API server, watches after that, and what the plan's domains have there.

A reading lists all that ExternalDNS reads, and holds it. Watches fold what changes into what is held, and from that
each further reading is made, without asking for anything again: a whole one each time, or none.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import httpx

from probe.inventory.origin import shown
from probe.inventory.reading.api_server import list_api_server
from probe.inventory.reading.kubeconfig import IN_CLUSTER, KubeContext, read_context
from probe.inventory.reading.manifests import UnreadableSource
from probe.inventory.reading.node import Budget
from probe.inventory.reading.objects import Objects
from probe.inventory.reading.thread_loop import ThreadLoop
from probe.inventory.wanted.inventory import take_short_inventory
from probe.inventory.wanted.wishes import hosts_lacking, wishes_of
from probe.inventory.wanted.workload import Workload
from probe.inventory.witnesses.cluster_watch import ClusterWatch, watching_client
from probe.inventory.witnesses.held_cluster import HeldCluster
from probe.inventory.witnesses.sentence import MAX_GAPS, sentence_of
from probe.judge.polling.readings import SETTLED_SECONDS, pause_after_changes
from probe.model.clock import Clock, Instant
from probe.model.plan import Plan
from probe.model.side import Side
from probe.model.testimony import ClusterTestimony, Testimony, WatchedNow, WatchEnd, WitnessSilence
from probe.model.text import listed
from probe.model.witness_sources import ClusterSource

READING_SECONDS = 120.0
"""What a reading may take: 10,000 Ingresses in pages of 500 take a fraction of it. A server that drips is left."""

CREDENTIAL_SECONDS = 600.0
"""For how long credentials are used again. A token of EKS is good for fifteen minutes, one of a service account for an
hour; and a credential plugin such as `aws eks get-token` takes a second of CPU each time."""

PAGE_OCTETS = 32 * 1024 * 1024
"""Of one page of a list: its 500 objects are 2 MiB in most clusters, and etcd takes none above 1.5 MiB."""

READ_VALUES = 400_000
"""Of one reading: 15,000 Ingresses and more, pared down to what is read of them. They take 110 MiB and three seconds of
CPU while they are read, and the chart gives the probe 512 MiB."""

HELD_OCTETS = 32 * 1024 * 1024
"""Of one cluster's objects between readings, pared down and packed: 10,000 Ingresses are 5 MiB."""

RELISTED_SECONDS = 600.0
"""After which what is watched is listed anew, or after the interval where that is longer: whatever a
watch may have missed stands there."""

WATCH_SECONDS = 60.0
"""How long one watch lasts, or as long as the interval where that is shorter: then it is opened anew, which shows that
the API server lives, so that what it said is as young as if it had been read again. Kinds that were not listed are
asked for as often."""

TURN_SECONDS = 0.5
"""Between two looks at what watches have brought, and whether they are wanted any more."""

MAX_LACKING = 200
"""Hosts that are named one by one: a plan that lacks more has left a whole cluster out."""

NEEDED_KINDS = frozenset({"Service", "Deployment", "StatefulSet", "Ingress"})
"""Without these a reading says too little: what was wanted before would seem to be wanted no more."""


class _ListedCluster(NamedTuple):
    """What is known of the cluster since it was listed."""

    held: HeldCluster
    listed: Instant
    testimony: ClusterTestimony


class ClusterWitness:
    """One cluster, for `probe.model.ports.Witness`.

    Args:
        side: Whose it is.
        source: Where it is.
        interval: Seconds between two readings where it cannot be watched.
        clock: Ages the credentials and what is held, and paces.
        client: Makes the client of a context.
        watching: Makes the client of a context whose answers go on for so many seconds.
    """

    def __init__(  # noqa: PLR0913  # which cluster, how often, and how it is asked
        self,
        side: Side,
        source: ClusterSource,
        interval: float,
        clock: Clock,
        client: Callable[[KubeContext], httpx.AsyncClient] = KubeContext.client,
        *,
        watching: Callable[[KubeContext, float], httpx.AsyncClient] = watching_client,
    ) -> None:
        self.side = side
        self._source = source
        self._clock = clock
        self._client = client
        self._watching = watching
        self._known: tuple[KubeContext, Instant] | None = None
        self._reading: _ListedCluster | None = None
        self.name = f"kubernetes-{side}"
        self.interval = interval
        self.patience = READING_SECONDS

    def read(self, plan: Plan, given_up: Callable[[], bool]) -> Testimony:
        """Read it once. Blocks; what the far side does is in what comes back."""
        self._reading = None  # two of them would be twice the memory
        begun = self._clock.now()
        try:
            context = self._context()
            held = HeldCluster(context.name, HELD_OCTETS)
            list_api_server(context, Budget(PAGE_OCTETS), held.listing, held, self._client(context), given_up=given_up)
        except UnreadableSource as error:
            self._known = None  # they may have expired, or be another's by now
            return WitnessSilence(sentence_of(str(error)))
        told = _told(self.side, held, plan)
        if isinstance(told, ClusterTestimony):
            self._reading = _ListedCluster(held, begun, told)
        return told

    def follow(self, plan: Plan, given_up: Callable[[], bool]) -> Iterator[WatchedNow | WatchEnd]:
        """Watch it after a reading: say what is different as it comes, and from time to time that all is as it was."""
        if self._reading is None or not self._reading.held.watchable:
            return
        seconds = min(WATCH_SECONDS, self.interval)
        until = self._reading.listed.monotonic + max(RELISTED_SECONDS, self.interval)
        following = _Following(self.side, plan, self._reading, self._clock, seconds / 2)
        with asyncio.Runner(loop_factory=ThreadLoop) as runner:
            while not given_up() and self._clock.now().monotonic < until:
                try:
                    watch = runner.run(self._opened(self._reading.held, seconds))
                except UnreadableSource as error:
                    self._known = None
                    yield WatchEnd(sentence_of(str(error)))
                    return
                try:
                    while not given_up() and self._clock.now().monotonic < min(until, self._renewed_at):
                        runner.run(watch.run_for(TURN_SECONDS))
                        said = following.said_of(watch)
                        if said is not None:
                            yield said
                        if isinstance(said, WatchEnd):
                            self._known = None
                            return
                finally:
                    runner.run(watch.aclose())

    async def _opened(self, held: HeldCluster, seconds: float) -> ClusterWatch:
        context = self._context()
        return ClusterWatch(context, self._watching(context, seconds), held, self._clock, seconds)

    @property
    def _renewed_at(self) -> float:
        return float("-inf") if self._known is None else self._known[1].monotonic + CREDENTIAL_SECONDS

    def _context(self) -> KubeContext:
        now = self._clock.now()
        if self._known is not None and now.monotonic < self._renewed_at:
            return self._known[0]
        environment = dict(os.environ)
        if self._source.kubeconfig is not None:
            environment["KUBECONFIG"] = str(self._source.kubeconfig)
        context = read_context(IN_CLUSTER if self._source.in_cluster else self._source.context, environment)
        self._known = context, now
        return context


class _Following:
    """What is to be said of a cluster that is watched, and when."""

    def __init__(self, side: Side, plan: Plan, reading: _ListedCluster, clock: Clock, calm: float) -> None:
        self._side = side
        self._plan = plan
        self._held = reading.held
        self._testimony = reading.testimony
        self._clock = clock
        self._calm = calm  # seconds after which it is said once more that all is as it was
        self._calm_at = reading.listed.monotonic
        self._changes_at = float("-inf")

    def said_of(self, watch: ClusterWatch) -> WatchedNow | WatchEnd | None:
        """Say what its watches have brought; None where that is nothing, or has to settle first."""
        if watch.end is not None:
            return watch.end
        now, alive = self._clock.now(), watch.alive
        if watch.changed is not None:
            if now.monotonic < max(watch.changed.monotonic + SETTLED_SECONDS, self._changes_at):
                return None
            watch.changed = None
            return self._changed(now)
        if alive is None or alive.monotonic < self._calm_at:
            return None
        self._calm_at = alive.monotonic + self._calm
        return WatchedNow(self._testimony, alive)

    def _changed(self, now: Instant) -> WatchedNow | WatchEnd:
        begun = time.thread_time()
        told = _told(self._side, self._held, self._plan)
        self._changes_at = self._clock.now().monotonic + pause_after_changes(time.thread_time() - begun)
        if isinstance(told, WitnessSilence):
            return WatchEnd(told.reason)
        self._testimony = told
        self._calm_at = now.monotonic + self._calm
        return WatchedNow(told, now)


def _told(side: Side, held: HeldCluster, plan: Plan) -> ClusterTestimony | WitnessSilence:
    """Make a testimony of all that is held."""
    budget = Budget(values=READ_VALUES)
    objects = held.objects(budget)
    untold = _untold(held, objects, budget)
    return WitnessSilence(untold) if untold else cluster_testimony(side, objects, plan)


def cluster_testimony(side: Side, objects: Objects, plan: Plan) -> ClusterTestimony:
    """Make of a cluster's objects what it says about a plan's domains."""
    inventory = take_short_inventory(side, f"{side}'s cluster", objects)
    gaps = [sentence_of(str(one)) for one in inventory.notices if one.is_gap]
    if not inventory.found_workloads:
        gaps.insert(0, "No ExternalDNS was found in the cluster, so that nothing is concluded from its objects.")
    gaps += [_gap(one) for one in inventory.found_workloads if one.unclear or one.leaves_out]
    missing = hosts_lacking(inventory, plan)
    return ClusterTestimony(
        side,
        wishes_of(inventory, (domain.name for domain in plan.domains), plan.authoritative),
        is_whole=not gaps,
        gaps=tuple(gaps[:MAX_GAPS]),
        lacking=missing[:MAX_LACKING],
        lacking_count=len(missing),
    )


def _gap(one: Workload) -> str:
    flags = listed([f"`--{flag}`" for flag in (*one.unclear, *one.leaves_out)])
    what = "what it overwrites" if one.unclear else "which hosts it wants"
    return f"{shown(one.label)} has {flags}, by which it is not known {what}."


def _untold(held: HeldCluster, objects: Objects, budget: Budget) -> str:
    """Say why a reading is not one: what it lacks would seem to be gone. Empty where it is one."""
    if held.is_full:
        return f"The cluster has more than {HELD_OCTETS:,} octets in what is read: they were not all read."
    if budget.spent_values > budget.values:
        return f"The cluster has more than {budget.values:,} values in what is read: they were not all read."
    lost = [
        one.sentence
        for kind, one in objects.unread.items()
        if kind in NEEDED_KINDS or one.status != httpx.codes.FORBIDDEN
    ]
    return sentence_of(lost[0]) if lost else ""
