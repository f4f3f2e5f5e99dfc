"""From what acts come to, to checks: one for each act of a wave that goes well, one for each kind of host where not."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from probe.externaldns.version import MAY_BE, Version, dialect
from probe.judge.rehearsal.course import NO_OWNER
from probe.judge.rehearsal.remedies import Remedy
from probe.model.check import Check, CheckOutcome
from probe.model.external_dns import ExternalDns, Registry
from probe.model.name import DomainName, display
from probe.model.plan import Plan
from probe.model.rehearsal import Act, Course, Fault, Requests
from probe.model.side import Side
from probe.model.text import duration, listed, plural

BATCHES_PER_SECOND = 5
"""Requests that Route 53 takes in a second from a whole account (developer guide, "Quotas")."""

HARD_PER_MINUTE = 60.0 * BATCHES_PER_SECOND

_QUOTED_OWNER = re.compile(r'"([^"]*)"')  # owner ids in the words of a course
_NO_ADVICE = "No change that this program knows makes it go well."
_WRITTEN_OUT = 2  # conditions that a sentence bears

WHEN: dict[Act, str] = {
    Act.AS_IT_IS: "as it is, with nothing moved",
    Act.MOVE: "when v2 gets its Ingresses and v1 keeps its own",
    Act.ROLLBACK: "when v2 loses its Ingresses again",
    Act.V1_INGRESS: "when v1's Ingresses are deleted while v1's ExternalDNS runs",
    Act.V1_STOPPED: "when v1's ExternalDNS is stopped, and v1's Ingresses are deleted then",
}
"""What happens in each act, as a clause."""


class Caches(NamedTuple):
    """What caches make of it, in seconds: how long they keep a record, and how long a denial."""

    ttl: int
    negative_ttl: int


def verdicts(
    played: Sequence[Sequence[Course]], remedies: Mapping[Course, Remedy], plan: Plan, caches: Caches
) -> tuple[Check, ...]:
    """Judge what every cast came to.

    Args:
        played: The courses of each cast.
        remedies: What makes a faulty course go well, where something does.
        plan: Whose owners are known.
        caches: What caches keep.
    """
    found: dict[tuple[str, Act], dict[tuple[DomainName, ...], list[Course]]] = {}
    for courses in played:
        for one in courses:
            found.setdefault((one.wave, one.act), {}).setdefault(one.hosts, []).append(one)
    checks = []
    for (wave, act), by_hosts in found.items():
        faulty = {hosts: [one for one in told if one.faults] for hosts, told in by_hosts.items()}
        well = [told[0] for hosts, told in by_hosts.items() if not faulty[hosts]]
        if well:
            checks.append(_well(act, wave, well, caches))
        for hosts, told in faulty.items():
            if told:
                always = len(told) == len(by_hosts[hosts])
                checks.append(_faulty(told, remedies, plan, caches, always=always))
    return tuple(checks)


def requests(sent: Iterable[Requests]) -> tuple[Check, ...]:
    """Judge what Route 53 is sent: the busiest minute of each sender."""
    busiest: dict[str, Requests] = {}
    for one in sent:
        if one.sender not in busiest or one.per_minute > busiest[one.sender].per_minute:
            busiest[one.sender] = one
    return tuple(
        Check(
            "requests",
            "plan",
            CheckOutcome.FAIL if one.per_minute > HARD_PER_MINUTE else CheckOutcome.WARN,
            f"{_if(one.condition)}{one.sender} sends {plural(round(one.per_minute), 'request')} a minute to Route 53, "
            f"and {round(one.refused_per_minute)} of them refused; Route 53 takes {BATCHES_PER_SECOND} requests a "
            "second from the whole account, and refuses whatever is beyond.",
            "What it is refused is told with the hosts.",
        )
        for one in busiest.values()
        if one.refused_per_minute > 0 or one.per_minute > HARD_PER_MINUTE
    )


def _well(act: Act, wave: str, courses: Sequence[Course], caches: Caches) -> Check:
    hosts = [name for one in courses for name in one.hosts]
    ends = listed(list(dict.fromkeys(end for one in courses for end in one.ends)))
    changes = [one.changes for one in courses if one.changes is not None]
    if changes:
        first, last = min(one[0] for one in changes), max(one[1] for one in changes)
        how = (
            f"by a change between {duration(first)} and {duration(last)} afterwards, without a gap; caches follow "
            f"within {duration(caches.ttl)} more"
        )
    else:
        how = "and nothing changes that"
    owners = listed(list(dict.fromkeys(owner for one in courses for owner in one.owners)))
    owned = f" Owner afterwards: {owners}." if owners else ""
    verb = "leads" if len(hosts) == 1 else "lead"
    return Check(
        act.value, wave, CheckOutcome.PASS, f"{plural(len(hosts), 'host')} {verb} to {ends} {WHEN[act]}, {how}.{owned}"
    )


def _faulty(
    told: Sequence[Course], remedies: Mapping[Course, Remedy], plan: Plan, caches: Caches, *, always: bool
) -> Check:
    outcomes = {one: _outcome(one, remedies.get(one)) for one in told}
    gravest = [one for one in told if outcomes[one] is CheckOutcome.FAIL] or list(told)
    one, certain = gravest[0], always and len(gravest) == len(told)
    condition = "" if certain else _if(_either([course.condition for course in gravest]))
    names = listed([display(name) for name in one.hosts])
    told_apart = [fault for fault in one.faults if fault is not Fault.FIGHT or Fault.GAP not in one.faults]
    sentences = " ".join((*(_FAULTS[fault](one, caches, plan) for fault in told_apart), *_barred(one)))
    advice = next((remedies[course].sentence for course in gravest if remedies[course].sentence), _NO_ADVICE)
    return Check(
        one.act.value,
        one.wave,
        outcomes[one] if certain else CheckOutcome.UNKNOWN,
        f"{condition}{names}, {WHEN[one.act]}: {sentences}",
        advice + ("" if certain else " And write what the condition asks for into the plan."),
    )


def _barred(one: Course) -> Iterable[str]:
    """Say which filters keep the hosts from a side's ExternalDNS."""
    return (f"{why}." for why in one.barred)


def _outcome(one: Course, advice: Remedy | None) -> CheckOutcome:
    """What does not go well in an act that has a right way, which the plan does not rule out, is a warning."""
    faults = set(one.faults)
    if one.act is Act.ROLLBACK and faults == {Fault.STAYS}:
        return CheckOutcome.WARN  # nothing breaks: it has to be prepared
    if advice is not None and advice.is_order:
        return CheckOutcome.WARN
    return CheckOutcome.FAIL


def _either(conditions: Sequence[str]) -> str:
    """Write when something is so: one of several ways that the plan leaves open, or some."""
    if len(conditions) <= _WRITTEN_OUT:
        return ", or if ".join(conditions)
    return f"{conditions[0]} (or in {len(conditions) - 1} more ways that the plan leaves open)"


def _if(condition: str) -> str:
    return f"If {condition}: " if condition else ""


def _it(one: Course) -> str:
    return "it" if len(one.hosts) == 1 else "each"


def _gone(one: Course, caches: Caches, _plan: Plan) -> str:
    within = f" within {duration(one.changes[1])}" if one.changes else ""
    return (
        f"{listed(one.behind(Fault.GONE))} deletes {listed(one.absent)}{within}, and no ExternalDNS writes it again; "
        f"caches keep the absence for {duration(caches.negative_ttl)} beyond whatever heals it."
    )


def _gap(one: Course, caches: Caches, plan: Plan) -> str:
    if Fault.FIGHT in one.faults:
        return _gaps_of_a_fight(one, caches, plan)
    length = f"for up to {duration(one.gap)}" if one.gap < math.inf else "for a time, in other phases"
    return (
        f"{listed(one.behind(Fault.GAP))} deletes {listed(one.absent)}, and {_it(one)} is absent {length}; who asks "
        f"meanwhile may keep the absence for up to {duration(caches.negative_ttl)} more."
    )


def _gaps_of_a_fight(one: Course, caches: Caches, plan: Plan) -> str:
    deleters = one.behind(Fault.GAP)
    writers = [name for name in one.behind(Fault.FIGHT) if name not in deleters] or deleters
    return (
        f"{listed(deleters)} deletes {listed(one.absent)} and {listed(writers)} writes again, for as long as both run: "
        f"{_it(one)} is absent for up to {duration(one.gap)} each time, and caches may keep that for up to "
        f"{duration(caches.negative_ttl)} more.{_why_fight(one, plan)}"
    )


def _fight(one: Course, _caches: Caches, plan: Plan) -> str:
    fighters = listed(one.behind(Fault.FIGHT))
    return (
        f"{fighters} undo each other's work for as long as both run: {_it(one)} leads to {listed(one.ends)}."
        f"{_why_fight(one, plan)}"
    )


def _why_fight(one: Course, plan: Plan) -> str:
    seeing = {side: [setup for setup in plan.side(side).instances if any(map(setup.sees, one.hosts))] for side in Side}
    pairs = list(product(seeing[Side.V1], seeing[Side.V2]))
    owning = [side.value for side in Side if any(one.registry is Registry.NOOP for one in seeing[side])]
    return _why_owning(owning) if owning else _why_meeting(one, pairs)


def _why_owning(sides: Sequence[str]) -> str:
    whose = listed([f"{side}'s" for side in sides])
    return f" {whose} {'has' if len(sides) == 1 else 'have'} --registry=noop: every record counts as its own."


def _why_meeting(one: Course, pairs: Sequence[tuple[ExternalDns, ExternalDns]]) -> str:
    """Say what of the owners that two keep makes them fight."""
    for old, new in pairs:
        if old.txt_owner_id == new.txt_owner_id:
            return f' Both have the owner id "{old.txt_owner_id}".'
        if old.migrate_from_txt_owner == new.txt_owner_id and new.migrate_from_txt_owner == old.txt_owner_id:
            return " Each migrates from the other's owner id."
    circle = _circle(tuple(dict.fromkeys((*(old for old, _ in pairs), *(new for _, new in pairs)))))
    if circle:
        told = [f'"{each.txt_owner_id}" from "{each.migrate_from_txt_owner}"' for each in circle]
        return f" They migrate in a circle: {listed(told)}."
    for old, new in pairs:
        if Fault.GAP in one.faults and new.migrate_from_txt_owner == old.txt_owner_id:
            return f' v2\'s takes every record of "{old.txt_owner_id}" over, and deletes those that it does not want.'
        if Fault.GAP not in one.faults and _may_read_apart(old, new):
            return " Their versions keep ownership at different TXT names, and each reads its own."
    return ""


def _circle(setups: Sequence[ExternalDns]) -> list[ExternalDns]:
    """Give those that take records over from each other in a circle, in that order; none where nothing comes back."""
    for first in setups:
        way = [first]
        while way[-1].migrate_from_txt_owner != first.txt_owner_id:
            before = [one for one in setups if one.txt_owner_id == way[-1].migrate_from_txt_owner and one not in way]
            if not before:
                break
            way.append(before[0])
        else:
            return way
    return []


def _may_read_apart(old: ExternalDns, new: ExternalDns) -> bool:
    """Tell whether the versions of two may keep an alias' ownership at different names."""
    kinds = [
        {dialect(version).alias_txt_type for version in (MAY_BE if one.version is None else (Version(*one.version),))}
        for one in (old, new)
    ]
    return kinds[0] != kinds[1] or any(len(one) > 1 for one in kinds)


def _split(one: Course, _caches: Caches, _plan: Plan) -> str:
    return f"{_it(one)} ends divided: {listed(one.ends)}."


_BOTH = ") and "  # between two sets of a name, in the words of a course
_WHY_A_SET_STAYS = {
    Act.ROLLBACK: " v2's record set stays: v2's ExternalDNS deletes nothing without --policy=sync.",
    Act.V1_INGRESS: " v1's record set stays: v1's ExternalDNS deletes nothing without --policy=sync.",
    Act.V1_STOPPED: " v1's record set stays: no other ExternalDNS deletes it.",
}


def _stays(one: Course, _caches: Caches, plan: Plan) -> str:
    return f"{_it(one)} leads to {listed(one.ends)} at the end.{_why_stays(one, plan)}"


def _why_stays(one: Course, plan: Plan) -> str:
    if Fault.REFUSED in one.faults or one.barred:
        return ""  # the refusal is told beside it, or the filter
    if any(_BOTH in end for end in one.ends):
        return _WHY_A_SET_STAYS.get(one.act, "")
    return _whose(one, plan)


def _whose(one: Course, plan: Plan) -> str:
    """Say whose a host is that no ExternalDNS moved."""
    known = {setup.txt_owner_id for side in Side for setup in plan.side(side).instances}
    if one.owners == (NO_OWNER,):
        return " It has no ownership TXT that an ExternalDNS reads, so that none changes it."
    ids = {owner for told in one.owners for owner in _QUOTED_OWNER.findall(told)}
    if ids and not ids & known:
        owners = listed([f'"{owner}"' for owner in sorted(ids)])
        return f" Its owner is {owners}, which no ExternalDNS of the plan has."
    if not ids:
        return ""
    if one.owners == (f'"{min(ids)}"',):
        return f" Its owner is {one.owners[0]}, and any other leaves it alone."
    return f" Whose it is: {'; or '.join(one.owners)}. Each leaves alone what it does not read as its own."


def _leaves(one: Course, _caches: Caches, _plan: Plan) -> str:
    return f"{listed(one.behind(Fault.LEAVES))} leads {_it(one)} to {listed(one.ends)}, and nothing was to move."


def _refused(one: Course, _caches: Caches, _plan: Plan) -> str:
    said = f" ({one.refusals[0]})" if one.refusals else ""
    return f"Route 53 refuses what {listed(one.behind(Fault.REFUSED))} sends for {_it(one)}, at every sync{said}."


_FAULTS = {
    Fault.GONE: _gone,
    Fault.GAP: _gap,
    Fault.FIGHT: _fight,
    Fault.SPLIT: _split,
    Fault.STAYS: _stays,
    Fault.LEAVES: _leaves,
    Fault.REFUSED: _refused,
}
