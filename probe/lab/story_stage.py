"""The stage on which a story plays: two clusters, their ExternalDNS instances on their beats, and the acts."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from probe.externaldns.aws import SentBatch, Zone
from probe.externaldns.controller import Controller, SyncSchedule
from probe.externaldns.endpoint import DnsEndpoint
from probe.externaldns.instance import ExternalDnsInstance, Flags, ingress
from probe.externaldns.version import V0_22_0, Version
from probe.model.clock import Clock
from probe.model.plan import Expectation, Weights
from probe.model.side import Side


@dataclass(frozen=True, slots=True)
class InstancePlan:
    """How one side of a pair is set up.

    Attributes:
        flags: Its command line.
        phase: Seconds after the beginning of the story at which it syncs first; then once an interval.
        version: Its release.
        running: Whether it runs when the curtain rises.
    """

    flags: Flags
    phase: float
    version: Version = V0_22_0
    running: bool = True


@dataclass(frozen=True, slots=True)
class Pair:
    """The two instances, one in each cluster, that write the same names.

    One instance has one set of flags. A story that shows several mistakes side by side therefore runs several
    pairs, each with a domain filter for its own hosts.
    """

    name: str
    hosts: tuple[str, ...]
    v1: InstancePlan
    v2: InstancePlan

    def side(self, side: Side) -> InstancePlan:
        """Give one side's plan."""
        return self.v1 if side is Side.V1 else self.v2


class ObservedSync(NamedTuple):
    """One sync that wrote something, for those who look on.

    Attributes:
        at: Seconds after the beginning of the story.
        pair: The pair's name.
        side: Which cluster's instance.
        batches: What it sent.
    """

    at: float
    pair: str
    side: Side
    batches: tuple[SentBatch, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """Something happens.

    Attributes:
        at: Seconds after the beginning of the story (of the round, in its repeated part).
        title: A few words.
        sentence: What happens, for people.
        act: Makes it happen.
    """

    at: float
    title: str
    sentence: str
    act: Callable[["StoryStage"], None] = field(default=lambda _: None)


class StoryWave(NamedTuple):
    """One wave of the migration, as the plan file that fits the story declares it."""

    name: str
    expectation: Expectation
    hosts: tuple[str, ...]
    weights: Weights | None = None


@dataclass(slots=True)
class Cluster:
    """One EKS cluster, as far as ExternalDNS sees it: its Ingresses, all behind one load balancer."""

    side: Side
    load_balancer: str
    ingresses: dict[str, DnsEndpoint] = field(default_factory=dict)

    def deploy(self, host: str, *, weight: int | None = None) -> None:
        """Apply an Ingress. The manifests are the same in both clusters, so the resource label is, too."""
        name = host.partition(".")[0]
        self.ingresses[host] = ingress(
            host,
            self.load_balancer,
            f"ingress/{name}/{name}",
            weight=weight,
            set_id="" if weight is None else self.side.value,
        )

    def remove(self, host: str) -> None:
        """Delete an Ingress; nothing happens when there is none."""
        self.ingresses.pop(host, None)


class StoryStage:
    """Everything that moves, in one zone. All times are seconds after the beginning of the story.

    Args:
        zone: The hosted zone that the instances write into.
        load_balancers: The clusters' load balancers, by side.
        pairs: The instances.
    """

    def __init__(self, zone: Zone, load_balancers: dict[Side, str], pairs: Iterable[Pair]) -> None:
        self.zone = zone
        self.v1 = Cluster(Side.V1, load_balancers[Side.V1])
        self.v2 = Cluster(Side.V2, load_balancers[Side.V2])
        self.now = 0.0
        self._pairs = {pair.name: pair for pair in pairs}
        self._running: dict[tuple[str, Side], Controller] = {}

    def cluster(self, side: Side) -> Cluster:
        """Give one side's cluster."""
        return self.v1 if side is Side.V1 else self.v2

    def open(self) -> tuple[ObservedSync, ...]:
        """Start what runs from the beginning, each with one sync before anyone looks on."""
        syncs = []
        for name, pair in self._pairs.items():
            for side in Side:
                if pair.side(side).running:
                    self.start(name, side)
                    syncs.append(ObservedSync(self.now, name, side, self._running[name, side].instance.sync()))
        return tuple(syncs)

    def start(self, pair: str, side: Side) -> None:
        """Start an instance as its pair has it, or restart it so."""
        plan = self._pairs[pair].side(side)
        self._running[pair, side] = Controller(
            ExternalDnsInstance(
                version=plan.version,
                flags=replace(plan.flags, matches_parent=True),
                source=self.cluster(side).ingresses.values,
                zone=self.zone,
                domain_filter=self._pairs[pair].hosts,
            ),
            SyncSchedule(plan.flags.interval, plan.phase),
            last=self.now,
        )

    def stop(self, pair: str, side: Side) -> None:
        """Scale an instance to zero: it writes nothing any more, and deletes nothing."""
        del self._running[pair, side]

    def release(self, pair: str, side: Side, version: Version) -> None:
        """Restart a running instance in another version, on the same beat."""
        controller = self._running[pair, side]
        controller.instance = replace(controller.instance, version=version)

    def next_sync(self) -> float:
        """Tell the story's second at which the next instance syncs; infinity when none runs."""
        return min((controller.next_run() for controller in self._running.values()), default=math.inf)

    def advance(self, now: float, *, inclusive: bool = True) -> tuple[ObservedSync, ...]:
        """Let time pass and run every sync that falls due, in the order of their times.

        Without `inclusive`, syncs at exactly `now` are left for the next call.
        """
        syncs = []
        while (at := self.next_sync()) < now or (inclusive and at == now):
            self.now = at
            for (pair, side), controller in self._running.items():
                batches = controller.run_if_due(at)
                if batches:
                    syncs.append(ObservedSync(at, pair, side, batches))
        self.now = now
        return tuple(syncs)


@dataclass(frozen=True, slots=True)
class Story:
    """A script: what there is at the beginning, what happens once, and what happens again and again.

    Attributes:
        zone: The hosted zone it plays in.
        waves: What the plan file expects of its hosts.
        pairs: The ExternalDNS instances.
        opening: Deploys what is there when the curtain rises.
        scenes: Played once, in the order of their times.
        refrain: Played again and again from the end of the scenes; times count from the beginning of each round.
        refrain_after: Seconds at which the first round begins.
        refrain_length: Seconds of one round.
    """

    zone: str
    waves: tuple[StoryWave, ...]
    pairs: tuple[Pair, ...]
    opening: Callable[[StoryStage], None]
    scenes: tuple[Scene, ...]
    refrain: tuple[Scene, ...]
    refrain_after: float
    refrain_length: float

    def scene(self, number: int) -> Scene | None:
        """Give the scene at a place in the whole sequence, with its time from the beginning; None after the last."""
        if number < len(self.scenes):
            return self.scenes[number]
        if not self.refrain:
            return None
        rounds, place = divmod(number - len(self.scenes), len(self.refrain))
        scene = self.refrain[place]
        return replace(scene, at=self.refrain_after + rounds * self.refrain_length + scene.at)


class Performance:
    """A story being played; knows no clock, so that a test can ask for any moment.

    Args:
        story: The script.
        zone: The hosted zone to play in.
        load_balancers: The clusters' load balancers, by side.
        on_scene: Told of each scene as it begins.
        on_sync: Told of each sync that wrote something.
    """

    def __init__(
        self,
        story: Story,
        zone: Zone,
        load_balancers: dict[Side, str],
        *,
        on_scene: Callable[[Scene], None] = lambda _: None,
        on_sync: Callable[[ObservedSync], None] = lambda _: None,
    ) -> None:
        self.story = story
        self.stage = StoryStage(zone, load_balancers, story.pairs)
        self._on_scene = on_scene
        self._on_sync = on_sync
        self._scenes_played = 0
        story.opening(self.stage)
        self._tell(self.stage.open())

    def next_event(self) -> float:
        """Tell when something happens next, in seconds after the beginning; infinity when nothing ever does."""
        scene = self.story.scene(self._scenes_played)
        return min(self.stage.next_sync(), math.inf if scene is None else scene.at)

    def advance(self, now: float) -> None:
        """Play everything up to and including the story's second `now`; a scene comes before a sync at one moment."""
        while (scene := self.story.scene(self._scenes_played)) is not None and scene.at <= now:
            self._tell(self.stage.advance(scene.at, inclusive=False))
            self._scenes_played += 1
            scene.act(self.stage)
            self._on_scene(scene)
        self._tell(self.stage.advance(now))

    async def play(self, clock: Clock, start: float) -> None:
        """Play in the time of a clock until cancelled; ends by itself only when nothing is left to happen.

        Args:
            clock: The lab's.
            start: The monotonic moment of the story's beginning.
        """
        self.advance(clock.now().monotonic - start)
        while (following := self.next_event()) < math.inf:
            await clock.sleep(start + following - clock.now().monotonic)
            self.advance(clock.now().monotonic - start)

    def _tell(self, syncs: Sequence[ObservedSync]) -> None:
        for sync in syncs:
            self._on_sync(sync)
