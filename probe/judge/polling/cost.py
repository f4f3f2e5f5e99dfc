"""What watching a plan costs: questions a second for each server, and what Route 53 bills for them. Pure arithmetic.

The numbers follow `probe.judge.polling.cadence`: a calm domain is asked for A and AAAA at one server in turn, its TXT
names seldomer; a burst is bounded by budgets. Zones are not known before their delegations are walked, so that all
domains outside the zones whose servers the plan gives are taken to live in one hosted zone: the worst case for its
servers.
"""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from probe.judge.ownership.names import places_of
from probe.judge.polling.burst import (
    BUDGET_PER_SECOND,
    BUDGET_QUESTIONS,
    TXT_BUDGET_PER_SECOND,
    TXT_BUDGET_QUESTIONS,
    TXT_PAUSE,
)
from probe.judge.polling.cadence import ROUND_ASKS, ROUND_SERVERS, TARGET_REPEATS
from probe.model.clock import DAY, HOUR, MINUTE
from probe.model.name import DomainName, is_within
from probe.model.plan import Plan
from probe.model.question import ADDRESS_TYPES
from probe.model.side import Side

PRICES = "AWS's public list prices for standard queries, written down in November 2026"
"""What is said wherever a price is shown: AWS may change them, and other routing policies cost more."""
USD_PER_MILLION = 0.40
"""For each of the first billion queries of a month."""
USD_PER_MILLION_BEYOND = 0.20
"""For each query of a month beyond the first billion."""
FIRST_TIER = 1_000_000_000

ZONE_SERVERS = 4
"""Name servers of a public hosted zone: one in each of .com, .net, .org and .co.uk."""

DAYS_PER_MONTH = 30


class ServerCost(StrEnum):
    """The kinds of questions that are counted apart."""

    A = "A"
    AAAA = "AAAA"
    TXT = "TXT"
    RESOLVERS = "resolvers"
    LOAD_BALANCERS = "load balancers"


@dataclass(frozen=True, slots=True)
class GroupCost:
    """One kind of questions while all is calm.

    Attributes:
        group: Which.
        interval: Seconds between two turns.
        per_domain_minute: Questions for one domain in a minute, on average; None when they are not about domains.
        per_second: Questions in a second, over all domains.
        billed: Whether Route 53 bills them to the owner of the domains, when A and AAAA are aliases to load balancers.
    """

    group: ServerCost
    interval: float
    per_domain_minute: float | None
    per_second: float
    billed: bool


@dataclass(frozen=True, slots=True)
class ServerLoad:
    """What the servers of one zone get, or the resolvers.

    Attributes:
        zone: A zone whose servers the plan gives; None for all domains that are in none of them, and for resolvers.
        domains: How many are in it.
        servers: Server addresses that share the questions.
        per_server_second: Questions in a second for each of them while all is calm.
        share: The part that this is of the plan's `queries_per_second`, or of the resolver's own; of several resolvers
            that which gets the largest part of its limit.
    """

    zone: DomainName | None
    domains: int
    servers: int
    per_server_second: float
    share: float


@dataclass(frozen=True, slots=True)
class Bill:
    """Billed queries of some time: how many, and their price in US dollars."""

    queries: float
    usd: float


@dataclass(frozen=True, slots=True)
class CostPlan:
    """What watching a plan costs.

    Attributes:
        domains: How many.
        groups: Question kinds, in a fixed order.
        per_second: Questions in a second altogether.
        per_domain_minute: A, AAAA and TXT questions for one domain in a minute.
        loads: Zone by zone, what its servers get.
        resolvers: What each resolver gets; None without resolvers.
        limit: The plan's `queries_per_second`.
        day, month: What a calm day and a calm month of 30 days are billed, when A and AAAA are aliases.
        month_without_aliases: The same when they are not (CNAME, or addresses): then they are billed as well.
        burst_questions: The most questions that an hour of burst adds for one domain: what its budget holds.
        burst_hour: What these are billed at most, when A and AAAA are aliases: the TXT names' part.
        checked: Domains that have an HTTPS check.
        checks_per_second: Connections that their checks make in a second while all is calm, if there is time for all.
    """

    domains: int
    groups: tuple[GroupCost, ...]
    per_second: float
    per_domain_minute: float
    loads: tuple[ServerLoad, ...]
    resolvers: ServerLoad | None
    limit: float
    day: Bill
    month: Bill
    month_without_aliases: Bill
    burst_questions: float
    burst_hour: Bill
    checked: int
    checks_per_second: float


def price(queries_per_month: float) -> float:
    """Give the price in US dollars of a month's billed queries."""
    first = min(queries_per_month, FIRST_TIER)
    return (first * USD_PER_MILLION + (queries_per_month - first) * USD_PER_MILLION_BEYOND) / 1e6


def cost_plan(plan: Plan) -> CostPlan:
    """Work out what watching `plan` costs."""
    groups = _groups(plan)
    domains = len(plan.domains)
    by_group = {group.group: group.per_second for group in groups}
    authoritative = by_group[ServerCost.A] + by_group[ServerCost.AAAA] + by_group[ServerCost.TXT]
    billed_month = sum(group.per_second for group in groups if group.billed) * DAY * DAYS_PER_MONTH
    all_month = authoritative * DAY * DAYS_PER_MONTH
    questions, billed_burst = _burst(plan)
    checked = sum(domain.http is not None for domain in plan.domains)
    return CostPlan(
        domains=domains,
        groups=groups,
        per_second=sum(by_group.values()),
        per_domain_minute=authoritative * MINUTE / domains,
        loads=_loads(plan, authoritative / domains),
        resolvers=_resolver_load(plan),
        limit=plan.probing.queries_per_second,
        day=Bill(billed_month / DAYS_PER_MONTH, price(billed_month) / DAYS_PER_MONTH),
        month=Bill(billed_month, price(billed_month)),
        month_without_aliases=Bill(all_month, price(all_month)),
        burst_questions=questions,
        burst_hour=Bill(billed_burst, billed_burst * USD_PER_MILLION / 1e6),
        checked=checked,
        checks_per_second=checked * len(Side) / plan.probing.service_interval,
    )


def _txt_names_per_domain(plan: Plan) -> float:
    return sum(len(places_of(domain.name, plan.registries)) for domain in plan.domains) / len(plan.domains)


def _groups(plan: Plan) -> tuple[GroupCost, ...]:
    probing = plan.probing
    domains = len(plan.domains)
    load_balancers = len(plan.v1.load_balancers) + len(plan.v2.load_balancers)
    # An ELB zone is served like every Route 53 zone, and every look-up asks all of its servers for both families; the
    # repetitions are those of a load balancer with more addresses than one answer shows: the worst case.
    look_ups = load_balancers * _families(plan) * ZONE_SERVERS * len(ADDRESS_TYPES) * TARGET_REPEATS
    per_domain = (
        (ServerCost.A, probing.interval, 1.0),
        (ServerCost.AAAA, probing.interval, 1.0),
        (ServerCost.TXT, probing.txt_interval, _txt_names_per_domain(plan)),
        (ServerCost.RESOLVERS, probing.resolver_interval, float(len(plan.resolvers) * len(ADDRESS_TYPES))),
    )
    return (
        *(
            GroupCost(
                group=group,
                interval=interval,
                per_domain_minute=questions * MINUTE / interval,
                per_second=questions * domains / interval,
                billed=group is ServerCost.TXT,
            )
            for group, interval, questions in per_domain
        ),
        GroupCost(
            group=ServerCost.LOAD_BALANCERS,
            interval=probing.target_interval,
            per_domain_minute=None,
            per_second=look_ups / probing.target_interval,
            billed=False,
        ),
    )


def _families(plan: Plan) -> int:
    return plan.authoritative.ipv4 + plan.authoritative.ipv6


def _loads(plan: Plan, per_domain_second: float) -> tuple[ServerLoad, ...]:
    servers: dict[DomainName | None, int] = {None: ZONE_SERVERS * _families(plan)}
    servers |= {zone: len(endpoints) for zone, endpoints in plan.authoritative.given}
    counted = Counter(_override(plan, domain.name) for domain in plan.domains)
    loads = []
    for zone, domains in sorted(counted.items(), key=lambda item: item[0] or ""):
        per_server = domains * per_domain_second / servers[zone]
        share = per_server / plan.probing.queries_per_second
        loads.append(ServerLoad(zone, domains, servers[zone], per_server, share))
    return tuple(loads)


def _resolver_load(plan: Plan) -> ServerLoad | None:
    if not plan.resolvers:
        return None
    domains = len(plan.domains)
    views = Counter((resolver.address, resolver.port) for resolver in plan.resolvers)
    limits = {(one.address, one.port): one.queries_per_second for one in plan.resolvers}
    each = {
        place: count * domains * len(ADDRESS_TYPES) / plan.probing.resolver_interval for place, count in views.items()
    }
    shares = {place: load / (limits[place] or plan.probing.queries_per_second) for place, load in each.items()}
    worst = max(shares, key=shares.__getitem__)
    return ServerLoad(None, domains, len(views), each[worst], shares[worst])


def _override(plan: Plan, name: DomainName) -> DomainName | None:
    zones = [zone for zone, _ in plan.authoritative.given if is_within(name, zone)]
    return max(zones, key=len, default=None)


def _burst(plan: Plan) -> tuple[float, float]:
    """Give the most questions of one domain in an hour of burst, and how many of them are for TXT names."""
    servers = min(max(load.servers for load in _loads(plan, 0.0)), ROUND_SERVERS)
    one_round = servers * len(ADDRESS_TYPES) * ROUND_ASKS
    records = min(HOUR / plan.probing.burst_interval * one_round, BUDGET_QUESTIONS + BUDGET_PER_SECOND * HOUR)
    often = HOUR / max(TXT_PAUSE, plan.probing.burst_interval) * _txt_names_per_domain(plan)
    txt = min(often, TXT_BUDGET_QUESTIONS + TXT_BUDGET_PER_SECOND * HOUR)
    return records + txt, txt
