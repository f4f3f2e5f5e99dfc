"""By what each side's record set of a name is chosen: as it stands, and as the plan declares it.

The plan declares weights, or a routing, and not the set identifiers, regions or locations: those that stand are taken
as they stand, and the others are placeholders that differ between the sides. Where the names of both sides' load
balancers tell their regions, latency is played with these: clusters of one region cannot have it.
"""

import re
from collections.abc import Mapping

from probe.judge.rehearsal.rewrite import SIMPLE, ChosenBy
from probe.model.plan import Domain, Expectation, Plan, Routing, Weights
from probe.model.side import Side
from probe.route53.records import PRIMARY, SECONDARY, RoutedBy

_REGION = re.compile(r"\.(?:elb\.)?([a-z]{2}(?:-[a-z]+)+-\d+)\.(?:elb\.)?amazonaws\.com\.$")

NO_SETS = (SIMPLE, SIMPLE)
"""Of both sides, where neither has more than the one record of the name."""


def declared(domain: Domain, plan: Plan, standing: Mapping[Side, ChosenBy]) -> tuple[ChosenBy, ChosenBy]:
    """Give what v1's and v2's objects say of their record sets once both sides have one.

    Args:
        domain: Its weights or routing; of one that is to be weighted by its schedule, the weights of then.
        plan: Its load balancers tell the regions.
        standing: What stands of it.
    """
    weights = weights_of(domain)
    if weights is None and domain.routing is None:
        return NO_SETS
    v1, v2 = (_of(side, domain, plan, weights, standing) for side in Side)
    return v1, v2


def weights_of(domain: Domain) -> Weights | None:
    """Give the weights that are declared now, or from the next step of the schedule on."""
    later = domain.upcoming
    if domain.weights is None and later is not None and later.expectation is Expectation.WEIGHTED:
        return later.weights
    return domain.weights


def _of(side: Side, domain: Domain, plan: Plan, weights: Weights | None, standing: Mapping[Side, ChosenBy]) -> ChosenBy:
    held = standing.get(side, SIMPLE)
    identifier = held.identifier or side.value
    if weights is not None:
        return ChosenBy(identifier, weight=weights.v1 if side is Side.V1 else weights.v2)
    routing = domain.routing
    if routing is None or (held.routed is not None and held.routed.routing is routing):
        return held
    return ChosenBy(identifier, routed=RoutedBy(routing, _value(side, routing, domain, plan, standing)))


def _value(side: Side, routing: Routing, domain: Domain, plan: Plan, standing: Mapping[Side, ChosenBy]) -> str:
    match routing:
        case Routing.FAILOVER:
            first = domain.expectation.side or Side.V1
            taken = [one.routed.value for one in standing.values() if one.routed is not None]
            if taken:
                return SECONDARY if PRIMARY in taken else PRIMARY
            return PRIMARY if side is first else SECONDARY
        case Routing.LATENCY:
            return region_of(plan, side) or f"region of {side.value}"
        case Routing.GEOLOCATION:
            return f"location of {side.value}"
        case Routing.MULTIVALUE:
            return ""


def region_of(plan: Plan, side: Side) -> str:
    """Give the region that a side's load balancers are named in; empty where they tell none, or several."""
    told = {match[1] for name in plan.side(side).load_balancers if (match := _REGION.search(name)) is not None}
    return told.pop() if len(told) == 1 else ""
