"""Hazards of hosts, names and load balancers: wanted twice or by one side only, by nobody, or leading elsewhere."""

from collections.abc import Iterator, Sequence

from probe.inventory.origin import shown
from probe.inventory.proposal.setup_hazards import kept_apart, shared_owner, written_by_both
from probe.inventory.proposal.survey import Survey
from probe.inventory.proposal.told import (
    Hazard,
    Told,
    are,
    counted,
    have,
    lead,
    names_of,
    them,
    told,
    where_led,
    where_wanted,
)
from probe.inventory.proposal.waves import elsewhere, unwanted_hosts
from probe.inventory.wanted.sources import folded
from probe.model.check import CheckOutcome
from probe.model.name import DomainName, display
from probe.model.record import Position
from probe.model.side import Side
from probe.model.text import listed


def _twice(survey: Survey) -> Iterator[Told]:
    plain = [host for host in _wanted_by_both(survey) if not kept_apart(survey, host)]
    if plain:
        yield told(
            Hazard.TWICE,
            "plan",
            CheckOutcome.FAIL
            if any(one.check.outcome is CheckOutcome.FAIL for one in shared_owner(survey))
            else CheckOutcome.WARN,
            f"{counted(plain, 'host')} {are(plain)} wanted by both clusters in one record set "
            f"({names_of(plain)}): ownership alone decides who writes.",
            "`cutover-probe rehearse` plays what comes of it.",
            (where_wanted(survey, host) for host in plain),
        )


def _wanted_by_both(survey: Survey) -> Sequence[DomainName]:
    """Give the hosts that both clusters want and write, sorted: where one's filter bars it, that is told by itself."""
    both = (host for host, by_side in survey.wishes.items() if len(by_side) == len(Side))
    return sorted(host for host in both if written_by_both(survey, host))


def _one_set_of_two(survey: Survey) -> Iterator[Told]:
    """Tell of hosts that split as soon as v2's ExternalDNS writes: its set is wanted, and v1's alone is in the zone."""
    found = [
        host
        for host in _wanted_by_both(survey)
        if kept_apart(survey, host) and survey.whereabouts(host).position is Position.V1
    ]
    if found:
        yield told(
            Hazard.ONE_SET,
            "plan",
            CheckOutcome.WARN,
            f"{counted(found, 'host')} {are(found)} wanted by both clusters as record sets of their own "
            f"({names_of(found)}), and v1's alone is in the zone: v2's answers beside it as soon as v2's "
            "ExternalDNS writes it.",
            f"Declare `weights` with `expect: weighted`, or the `routing`, for {them(found)} then; until then take "
            f"{them(found)} out of v2.",
            (where_wanted(survey, host) for host in found),
        )


def _only(survey: Survey) -> Iterator[Told]:
    left_out = elsewhere(survey)
    for side, code in ((Side.V1, Hazard.ONLY_V1), (Side.V2, Hazard.ONLY_V2)):
        alone = sorted(
            host for host, by_side in survey.wishes.items() if set(by_side) == {side} and host not in left_out
        )
        if not alone:
            continue
        what = (
            "nothing takes over there when v1 goes"
            if side is Side.V1
            else "v1 never had that, or has given it up already"
        )
        yield told(
            code,
            side,
            CheckOutcome.WARN,
            f"{counted(alone, 'host')} {are(alone)} wanted by {side} only ({names_of(alone)}): {what}.",
            f"Add {them(alone)} to {side.other}, or take {them(alone)} out of the plan."
            + _unread_of(survey, side, alone),
            (where_wanted(survey, host) for host in alone),
        )


def _unread_of(survey: Survey, side: Side, alone: Sequence[DomainName]) -> str:
    """Say how many of a side's hosts the other one has objects for that none of its ExternalDNS reads; a sentence."""
    unread = {one.name for one in survey.of(side.other).unseen}.intersection(alone)
    if not unread:
        return ""
    return f" {side.other} has objects for {len(unread)} of {len(alone)}, and none of its ExternalDNS reads them."


def _unseen(survey: Survey) -> Iterator[Told]:
    for side in Side:
        inventory = survey.of(side)
        if not inventory.unseen or not inventory.found_workloads:
            continue
        names = sorted({one.name for one in inventory.unseen})
        yield told(
            Hazard.UNSEEN,
            side,
            CheckOutcome.WARN,
            f"{counted(names, 'host')} of {side}'s objects {are(names)} read by none of its "
            f"ExternalDNS ({names_of(names)}): sources, filters or annotation prefixes leave them out.",
            "Check whether they are written by hand; add the source or filter, or leave them out of the move.",
            (f"{one.origin}: {display(one.name)} ({one.source})" for one in inventory.unseen),
        )


def _conflicts(survey: Survey) -> Iterator[Told]:
    for side in Side:
        found: dict[DomainName, list[str]] = {}
        for host, by_side in survey.wishes.items():
            sets: dict[tuple[str, str, str], dict[tuple[str, ...], str]] = {}
            for one in by_side.get(side, ()):
                key = (one.workload, one.endpoint.set_identifier, one.endpoint.rdtype)
                sets.setdefault(key, {}).setdefault(one.endpoint.targets, f"{one.origin} ({shown(one.resource)})")
            several = next((places for places in sets.values() if len(places) > 1), None)
            if several is not None:
                found[host] = list(several.values())
        if found:
            names = sorted(found)
            yield told(
                Hazard.CONFLICT,
                side,
                CheckOutcome.WARN,
                f"{counted(names, 'host')} of {side} {have(names)} several objects with "
                f"different targets ({names_of(names)}): ExternalDNS writes one of them, and may choose another one "
                "later.",
                "Leave each host to one object.",
                (f"{display(host)}: {listed(found[host])}" for host in names),
            )


def _unwanted(survey: Survey) -> Iterator[Told]:
    names = unwanted_hosts(survey)
    if names:
        yield told(
            Hazard.UNWANTED,
            "zone",
            CheckOutcome.WARN,
            f"{counted(names, 'name')} of the zone {lead(names)} to a cluster's load balancer, "
            f"and no object wants {them(names)} ({names_of(names)}): written by hand, or left behind.",
            "Those that a plan can have are its last wave: move them by hand, or take them out.",
            (where_led(survey, host) for host in names),
        )
    foreign = sorted(host for host in survey.wishes if survey.whereabouts(host).position is Position.FOREIGN)
    if foreign:
        yield told(
            Hazard.ELSEWHERE,
            "zone",
            CheckOutcome.WARN,
            f"{counted(foreign, 'host')} {lead(foreign)} to neither cluster now "
            f"({names_of(foreign)}): a CDN or proxy before it, or a load balancer that was not found.",
            "Write `proxied: {origin: NAME}` where a CDN fetches from a name that moves; else correct the load "
            "balancers.",
            (where_led(survey, host) for host in foreign),
        )


def _unused(survey: Survey) -> Iterator[Told]:
    led_to = {target for zone in survey.zones for host in zone.hosts() for target in survey.whereabouts(host).targets}
    for side in Side:
        wanted = {folded(target) for one in survey.of(side).wanted for target in one.endpoint.targets}
        unused = [one for one in survey.of(side).balancers if one.name not in wanted | led_to]
        if unused:
            yield told(
                Hazard.UNUSED,
                side,
                CheckOutcome.WARN,
                f"{counted(unused, 'load balancer')} of {side} {have(unused)} no host that leads "
                f"there ({listed([shown(one.name) for one in unused])}): the plan lists them as comments.",
                "Check what uses them by their own names.",
                (f"{one.origin}: {shown(one.name)} of {shown(one.resource)}" for one in unused),
            )


def _shared(survey: Survey) -> Iterator[Told]:
    if survey.shared:
        yield told(
            Hazard.SHARED,
            "plan",
            CheckOutcome.FAIL,
            f"Both clusters name {listed([shown(name) for name in survey.shared])} as their load balancer: a name "
            "that leads there cannot be told, and it is left out of both sides.",
            "Correct one of them; what both share does not move.",
            (f"{one.origin}: {shown(one.name)}" for one in survey.shared.values()),
        )


def _elsewhere(survey: Survey) -> Iterator[Told]:
    left_out = elsewhere(survey)
    if left_out:
        yield told(
            Hazard.ELSEWHERE,
            "plan",
            CheckOutcome.WARN,
            f"{counted(left_out, 'host')} {lead(left_out)} to neither cluster's load balancers "
            f"by the manifests ({names_of(list(left_out))}), and {are(left_out)} no domain of the plan.",
            "Write `proxied: {origin: NAME}` where a CDN fetches from a name that moves.",
            (f"{where_wanted(survey, host)}: {why}" for host, why in left_out.items()),
        )


def _untold(survey: Survey) -> Iterator[Told]:
    for side in Side:
        without = sorted({one.name for one in survey.of(side).wanted if not one.endpoint.targets})
        if without:
            yield told(
                Hazard.UNTOLD,
                side,
                CheckOutcome.UNKNOWN,
                f"{counted(without, 'host')} of {side} {have(without)} no load balancer in any "
                f"status ({names_of(without)}): manifests that were not read from the cluster have none.",
                f"Read the cluster's own objects (`kubectl get … -o yaml`), or give `--{side}-load-balancer NAME`.",
                (where_wanted(survey, host) for host in without),
            )


def _unhealthy(survey: Survey) -> Iterator[Told]:
    for zone in survey.zones:
        every = [
            (one, health)
            for held in zone.by_name.values()
            for one in held
            if (health := zone.health_of(one)) is not None
        ]
        for is_healthy, what in _UNHEALTHY.items():
            found = [(one, health) for one, health in every if health.is_healthy is is_healthy]
            if found:
                names = sorted({one.name for one, _ in found})
                yield told(
                    Hazard.HEALTH,
                    display(zone.apex),
                    CheckOutcome.WARN,
                    f"{counted(found, 'record set')} of {display(zone.apex)} {have(found)} {what} ({names_of(names)}).",
                    "See to the health checks before the move: they decide before weights and failover do.",
                    (
                        f"{display(one.name)} {one.rdtype} {shown(one.set_identifier)}: {shown(one.health_check_id)}, "
                        f"{health.why}"
                        for one, health in found
                    ),
                )


_UNHEALTHY = {
    False: "a health check that fails: Route 53 answers the name's other sets instead",
    None: "a health check whose status Route 53 does not tell",
}
"""What is told of a check that is not healthy, by whether that is known. Never that something could not be read: a
calculated check has no status that the API gives, today or later."""


def _private(survey: Survey) -> Iterator[Told]:
    for zone in survey.zones:
        if zone.is_private:
            yield told(
                Hazard.PRIVATE,
                display(zone.apex),
                CheckOutcome.WARN,
                f"{display(zone.apex)} is a private hosted zone: only the resolvers of its VPCs answer for it.",
                "Name a resolver in `authoritative.private_zones`, and run the probe where it answers.",
                (str(zone.origin),),
            )


HOST_RULES = (
    _twice,
    _one_set_of_two,
    _only,
    _unseen,
    _conflicts,
    _unwanted,
    _unused,
    _shared,
    _unhealthy,
    _private,
    _elsewhere,
    _untold,
)
"""What is looked for of hosts, in the order in which it is told."""
