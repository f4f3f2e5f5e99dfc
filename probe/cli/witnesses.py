"""The witnesses of a plan, ready to be read: clusters and Route 53; and one reading of each, for a command."""

import random
import time
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from probe.inventory.witnesses.cluster_witness import ClusterWitness
from probe.inventory.witnesses.route53_witness import Route53Witness
from probe.judge.testimony import ClusterHeard, ZonesHeard, witnessed_by
from probe.model.clock import Clock
from probe.model.name import DomainName
from probe.model.plan import Plan
from probe.model.ports import Witness
from probe.model.side import Side
from probe.model.testimony import ClusterTestimony, Knowledge, WitnessSilence, ZoneTestimony
from probe.model.witness import NO_WITNESSES, Witnessed


def witnesses_of(plan: Plan, clock: Clock) -> tuple[Witness, ...]:
    """Make the witnesses that a plan names. Nothing is asked or read for it yet."""
    sources = plan.witnesses
    clusters = (
        ClusterWitness(side, source, sources.cluster_interval, clock)
        for side in Side
        if (source := sources.cluster(side)) is not None
    )
    if sources.route53 is None:
        return tuple(clusters)
    return (*clusters, Route53Witness(sources.route53, clock, time.sleep, random.SystemRandom()))


class Heard(NamedTuple):
    """What one reading of each witness has brought.

    Attributes:
        witnessed: What they tell of each of the plan's domains.
        silences: Those that told nothing, with the reason: sentences.
    """

    witnessed: Mapping[DomainName, Witnessed]
    silences: tuple[str, ...]


def read_once(plan: Plan, witnesses: Iterable[Witness], clock: Clock, patience: float) -> Heard:
    """Read each witness once, one after the other, and give what they tell of a plan's domains.

    Args:
        plan: Its domains and witnesses.
        witnesses: As `witnesses_of` makes them.
        clock: Tells when it is enough.
        patience: Seconds after which a reading is given up.
    """
    until = clock.now().monotonic + patience
    names = frozenset(domain.name for domain in plan.domains)
    clusters: list[ClusterHeard] = []
    zones: ZonesHeard | None = None
    silences: list[str] = []
    for one in witnesses:
        at = clock.now()
        match one.read(plan, lambda: clock.now().monotonic >= until):
            case ClusterTestimony() as told:
                clusters.append(ClusterHeard(told.side, Knowledge.CURRENT, told, at, names))
            case ZoneTestimony() as told:
                zones = ZonesHeard(Knowledge.CURRENT, told, at)
            case WitnessSilence(reason):
                silences.append(f"The witness {one.name} told nothing: {reason}")
    told_of = {name: witnessed_by(NO_WITNESSES, name, plan.witnesses, clusters, zones) for name in names}
    return Heard(told_of, tuple(silences))
