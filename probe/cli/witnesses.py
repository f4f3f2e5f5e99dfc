"""The witnesses of a plan, ready to be read: clusters and Route 53."""

import random
import time

from probe.inventory.witnesses.cluster_witness import ClusterWitness
from probe.inventory.witnesses.route53_witness import Route53Witness
from probe.model.clock import Clock
from probe.model.plan import Plan
from probe.model.ports import Witness
from probe.model.side import Side


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
