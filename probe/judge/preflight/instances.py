"""Whether the ExternalDNS of both sides, as the plan tells of them, let hosts move: played over one that v1's wrote.

What v2's makes of such a host and v1's after it is asked of the model (`probe.judge.ownership.foresight`); which flag
makes it so is said here. `probe.judge.preflight.ownership` asks the same of each domain, as DNS shows it.
"""

from collections.abc import Iterable, Sequence

from probe.externaldns.version import NEWEST_VERSION, OLDEST_VERSION, Version, dialect
from probe.judge.advice.measures import (
    BY_HAND,
    DECLARE_VERSIONS,
    SAME_REGISTRY,
    STOP_V1_FIRST,
    UPSERT,
    V2_UPSERTING,
    WITH_TXT_REGISTRY,
    one_version,
    one_way,
    take_over,
)
from probe.judge.ownership.foresight import Deletion, Meeting, deletions, meetings
from probe.judge.ownership.lookup import Shape, shape_by_plan
from probe.model.check import Check, CheckOutcome
from probe.model.external_dns import MANAGED_TYPES, ExternalDns, Registry
from probe.model.name import DomainName
from probe.model.plan import Plan, SidePlan
from probe.model.text import listed

OWNERSHIP_CHECK = "ownership"

_WITHOUT_OWNERS = f"{STOP_V1_FIRST}. {BY_HAND}."
"""What to do where v1's ExternalDNS keeps no registry: there is no owner to take over from, and it takes all back."""


def of_the_plan(plan: Plan, hosts: Iterable[DomainName] = ()) -> tuple[Check, ...]:
    """Judge what both sides' ExternalDNS flags alone will do to each other.

    Args:
        plan: Of both sides.
        hosts: What moves: who sees none of it, by the filters in the plan, is another wave's matter. Empty: anything.
    """
    hosts = tuple(hosts)
    v1s, v2s = sides = (_concerned(plan.v1, hosts), _concerned(plan.v2, hosts))
    if not any(one.is_told for side in sides for one in side):
        told = "The plan describes neither ExternalDNS: with the default flags they would fight over every host."
        checks = [
            _told(
                CheckOutcome.UNKNOWN,
                told,
                "Write `external_dns` of both sides into the plan, with the flags they run with.",
            )
        ]
    else:
        checks = [_of_instance(v2, v1s, plan) for v2 in v2s]
    untold = [side for side, ones in zip(("v1", "v2"), sides, strict=True) if any(one.version is None for one in ones)]
    if untold:
        told = f"The plan does not name the ExternalDNS version of {listed(untold)}."
        checks.append(_told(CheckOutcome.WARN, told, DECLARE_VERSIONS))
    return (*checks, *_unknown_habits(sides), *_annotations(sides))


def _concerned(side: SidePlan, hosts: Sequence[DomainName]) -> tuple[ExternalDns, ...]:
    """Give a side's ExternalDNS that see any of these hosts; all where no host is named, or none sees one."""
    return tuple(one for one in side.instances if any(map(one.sees, hosts))) or side.instances


def _unknown_habits(sides: Iterable[tuple[ExternalDns, ...]]) -> tuple[Check, ...]:
    """Say of versions that are newer or older than those that are known here what they are taken for."""
    versions = sorted({Version(*one.version) for side in sides for one in side if one.version is not None})
    newest = "v" + ".".join(map(str, NEWEST_VERSION))
    ranges = (
        ([one for one in versions if one[:2] > NEWEST_VERSION], f"the probe assumes {newest}"),
        ([one for one in versions if one < OLDEST_VERSION], "the probe goes by its changelog"),
    )
    return tuple(
        _told(
            CheckOutcome.WARN,
            f"What ExternalDNS {listed(list(map(str, those)))} does is not known: {assumed}.",
            "Correct the version, or read its release notes for changes of registry, policy and annotations.",
        )
        for those, assumed in ranges
        if those
    )


def _of_instance(v2: ExternalDns, v1s: Iterable[ExternalDns], plan: Plan) -> Check:
    """Play one ExternalDNS of v2 beside each of v1's that may meet it, over a host that that one has written.

    What no DNS shows cannot be played: of such a registry it is said so, and nothing is assumed.
    """
    near = [one for one in v1s if one.may_meet(v2)]
    who = named("v2", v2)
    shape = shape_by_plan(plan)
    reader = plan.complete(v2)
    otherwise = _by_registry(near, v2, shape)
    if otherwise is not None:
        return otherwise
    if not near:
        return _told(CheckOutcome.PASS, f"{who} meets no ExternalDNS of v1, by the filters in the plan.")
    met = {one: meetings(plan.complete(one), reader, shape) for one in near}
    fighter = next((one for one in near if Meeting.FIGHT in met[one]), None)
    if fighter is not None:
        return _fights(fighter, v2)
    splitter = next((one for one in near if Meeting.SPLIT in met[one]), None)
    if splitter is not None:
        return _splits(splitter, v2)
    if any(Meeting.MOVES in each for each in met.values()):
        return _told(
            CheckOutcome.PASS,
            f'The owner ids differ, and {who} ("{v2.txt_owner_id}") migrates from v1\'s '
            f'("{v2.migrate_from_txt_owner}").',
        )
    return _stays(near, v2)


def _by_registry(near: Sequence[ExternalDns], v2: ExternalDns, shape: Shape) -> Check | None:
    """Say what comes of a registry that keeps no owners, and of one that no DNS shows; None where all are in TXT."""
    if near and v2.registry is Registry.NOOP:
        return _owns_all(near, v2, shape)
    sharer = next((one for one in near if one.registry is Registry.NOOP), None)
    if sharer is not None and v2.registry is Registry.TXT:
        return _leaves_none(sharer)
    hidden = next((one for one in (v2, *near) if one.registry.is_hidden), None)
    if hidden is None:
        return None
    return _told(
        CheckOutcome.WARN,
        f"{named('v2' if hidden is v2 else 'v1', hidden)} has --registry={hidden.registry}: DNS does not show what it "
        "owns.",
        "Compare both ExternalDNS' owner ids and filters by hand; docs/migration.md says what to compare.",
    )


def _owns_all(near: Sequence[ExternalDns], v2: ExternalDns, shape: Shape) -> Check:
    """Say what v2's ExternalDNS does to v1's hosts where it keeps no registry: no owner keeps a record from it."""
    who = named("v2", v2)
    met = frozenset[Meeting]().union(*(meetings(one, v2, shape) for one in near))
    if met == {Meeting.STAYS}:
        words, remedy = hindrance(near, v2)
        return _told(CheckOutcome.FAIL, f"{who} changes no record that stands{words}: no host would move.", remedy)
    deletes = any(Deletion.ACCEPTED in deletions(one, v2, shape) for one in near)
    led_back = ". v1's leads its own back at every sync" if Meeting.FIGHT in met else ""
    told = (
        f"{who} has --registry=noop: it takes every record that it sees for its own, whoever owns it, and leads all "
        f"that it has an object for to v2{', and with --policy=sync deletes all others' if deletes else ''}"
        f"{led_back}."
    )
    owners = {one.txt_owner_id for one in near if one.registry is Registry.TXT}
    then = (
        _WITHOUT_OWNERS
        if any(one.registry is Registry.NOOP for one in near)
        else take_over(owners.pop() if len(owners) == 1 else "OWNER", own_id=True)
    )
    return _told(CheckOutcome.FAIL, told, f"{WITH_TXT_REGISTRY} {then}")


def _leaves_none(v1: ExternalDns) -> Check:
    """Say what becomes of hosts whose ExternalDNS of v1 keeps no registry: v2's finds no owner to take over from."""
    told = (
        f"{named('v1', v1)} has --registry=noop: its records have no owner, so that v2's changes none of them, and it "
        "takes whatever v2's writes for its own: it leads that back to v1, or with --policy=sync deletes it."
    )
    return _told(CheckOutcome.FAIL, told, _WITHOUT_OWNERS)


def _fights(v1: ExternalDns, v2: ExternalDns) -> Check:
    """Say why v1's ExternalDNS takes back what v2's has taken over."""
    if v1.txt_owner_id == v2.txt_owner_id:
        told = (
            f'Both ExternalDNS have the owner id "{v2.txt_owner_id}": as soon as both clusters have a host, each '
            "overwrites the other's record at every sync, and the side that loses its Ingress deletes it."
        )
        remedy = f"{take_over(v1.txt_owner_id, own_id=True)} Or give v2's {UPSERT}, then: {STOP_V1_FIRST}."
        return _told(CheckOutcome.FAIL, told, remedy)
    if v1.migrate_from_txt_owner == v2.txt_owner_id:
        told = (
            f"v1's ExternalDNS migrates from \"{v2.txt_owner_id}\", which is v2's owner id: each takes every record "
            "over from the other."
        )
        return _told(CheckOutcome.FAIL, told, one_way())
    told = (
        f"{named('v2', v2)}{_release(v2)} would take an alias A over and write its own TXT name, but "
        f"{named('v1', v1)}{_release(v1)} reads another one: each finds itself the owner, and A flaps."
    )
    return _told(CheckOutcome.FAIL, told, to_one_version(v1, v2))


def _splits(v1: ExternalDns, v2: ExternalDns) -> Check:
    """Say why v2's ExternalDNS leads one family to v2 alone."""
    if v2.managed_record_types != MANAGED_TYPES:
        words, remedy = hindrance((v1,), v2)
        return _told(CheckOutcome.FAIL, f"{named('v2', v2)} changes A or AAAA alone{words}.", remedy)
    told = (
        f"{named('v2', v2)}{_release(v2)} does not read where {named('v1', v1)}{_release(v1)} keeps the owner of an "
        "alias A: A would not move, while AAAA does."
    )
    return _told(CheckOutcome.FAIL, told, to_one_version(v1, v2))


def _release(one: ExternalDns) -> str:
    return f" ({Version(*one.version)})" if one.version is not None else ""


def to_one_version(v1: ExternalDns, v2: ExternalDns) -> str:
    """Advise one version for two ExternalDNS that read owners at different names: the newer one that is told."""
    newest = max((Version(*one.version) for one in (v1, v2) if one.version is not None), default=None)
    return f"{one_version('the newer one' if newest is None else str(newest), v1.txt_owner_id)} Or: {STOP_V1_FIRST}."


def _stays(near: Sequence[ExternalDns], v2: ExternalDns) -> Check:
    """Say why v2's ExternalDNS leaves every host with v1."""
    who = named("v2", v2)
    owners = sorted({one.txt_owner_id for one in near})
    theirs = owners[0] if len(owners) == 1 else "OWNER, one of " + listed(owners)
    if v2.txt_owner_id in owners or v2.migrate_from_txt_owner in owners:
        words, remedy = hindrance(near, v2)
        return _told(
            CheckOutcome.FAIL, f"{who} changes no record of v1's that stands{words}: no host would move.", remedy
        )
    if v2.migrate_from_txt_owner is None:
        return _told(
            CheckOutcome.WARN,
            f'{who} ("{v2.txt_owner_id}") has no --migrate-from-txt-owner: it leaves v1\'s records alone until v1 '
            "deletes them, and the name does not exist until its next sync.",
            f"{take_over(theirs)} Or accept the gap.",
        )
    return _told(
        CheckOutcome.FAIL,
        f'{who} migrates from "{v2.migrate_from_txt_owner}", and v1\'s owner id is {quoted(owners)}: it takes nothing '
        "of v1's over.",
        take_over(theirs),
    )


def hindrance(v1s: Iterable[ExternalDns], v2: ExternalDns) -> tuple[str, str]:
    """Name the flag that keeps an ExternalDNS from changing what it is to take over, and what to do: after a play."""
    if v2.policy is not None and not v2.policy.updates:
        return f" (--policy={v2.policy})", f"{V2_UPSERTING}."
    takes = v2.migrate_from_txt_owner
    if takes is not None and v2.version is not None and not dialect(Version(*v2.version)).migrates_owner:
        return f" ({Version(*v2.version)} has no --migrate-from-txt-owner)", take_over(takes)
    if v2.managed_record_types != MANAGED_TYPES:
        types = ",".join(v2.managed_record_types)
        return f" (--managed-record-types={types})", "Let v2's ExternalDNS manage A, AAAA and CNAME."
    if any(one.txt_registry != v2.txt_registry for one in v1s):
        return " (its TXT registry's flags are not v1's)", SAME_REGISTRY
    return "", "Compare the flags of both ExternalDNS."


def _annotations(sides: Iterable[tuple[ExternalDns, ...]]) -> tuple[Check, ...]:
    """Say that the sides read annotations of different names, where that is known: v2 would not see v1's hosts."""
    prefixes = [
        {
            one.annotation_prefix or (dialect(Version(*one.version)).annotation_prefix if one.version else "")
            for one in ones
        }
        for ones in sides
    ]
    before, after = (frozenset(filter(None, one)) for one in prefixes)
    if not before or not after or before & after:
        return ()
    return (
        _told(
            CheckOutcome.WARN,
            f"v1's ExternalDNS reads annotations that begin with {listed(sorted(before))}, and v2's those with "
            f"{listed(sorted(after))} only: what an annotation of the other form gives (a host, a weight) v2 does not "
            "want.",
            f"Write v2's annotations with {listed(sorted(after))}, or give v2's ExternalDNS "
            f"--annotation-prefix={min(before)}.",
        ),
    )


def named(side: str, setup: ExternalDns) -> str:
    """Name an ExternalDNS: by its side, and by its own name where it has one."""
    return f"{side}'s ExternalDNS {setup.name}" if setup.name else f"{side}'s ExternalDNS"


def quoted(owners: Iterable[str]) -> str:
    """Write owner ids as they stand in flags."""
    return listed([f'"{owner}"' for owner in sorted(owners)])


def _told(outcome: CheckOutcome, sentence: str, remedy: str = "") -> Check:
    return Check(OWNERSHIP_CHECK, "plan", outcome, sentence, remedy)
