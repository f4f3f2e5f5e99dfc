"""What a rehearsal takes for granted: every sentence that has to be true for what it foretells to come."""

from collections.abc import Mapping
from typing import NamedTuple

from probe.externaldns.version import Version, dialect, is_unknown_patch
from probe.judge.ownership.filters import SeenZone
from probe.judge.rehearsal.cast import casts
from probe.judge.rehearsal.passage import PHASES
from probe.judge.rehearsal.verdict import Caches
from probe.model.external_dns import ExternalDns, Registry
from probe.model.name import DomainName, display, parent
from probe.model.plan import Plan
from probe.model.side import Side
from probe.model.text import duration, listed


class Shown(NamedTuple):
    """What was seen of the night before it.

    Attributes:
        source: What showed how the zones stand: a sentence.
        zones: Each host's zone, where that was seen.
        read: The clusters whose objects were read.
        known_denial: A zone's SOA told how long a denial is kept.
    """

    source: str
    zones: Mapping[DomainName, SeenZone]
    read: frozenset[Side]
    known_denial: bool


def assumptions(plan: Plan, caches: Caches, shown: Shown) -> tuple[str, ...]:
    """List them, the most daring first.

    Args:
        plan: Its flags, and what it does not tell of them.
        caches: What they keep.
        shown: What need not be assumed.
    """
    read, zones = shown.read, shown.zones
    setups = [(side, one) for side in Side for one in plan.side(side).instances]
    told = [
        shown.source,
        f"Each ExternalDNS runs with {_flags(read)}, and with its version's defaults for all others.",
        "Where the plan does not tell `prefer_cname`, one writes a CNAME where one stands, and an alias elsewhere.",
        "Where answers do not tell an alias from plain addresses, it is an alias; every TXT has the TTL 300.",
        *_of_objects(read),
        "Every load balancer of an Ingress is there before the Ingress is, and no Ingress loses it.",
        f"Each interval is played in {PHASES} phases, in all combinations of two ExternalDNS; of more in fewer each.",
        "No sync is late, none fails but for what Route 53 refuses, and none reads a cache (--provider-cache-time).",
        "The zones are Route 53's: other providers may carry out a deletion that Route 53 refuses, as RFC 2136 does.",
        f"Caches keep a record for up to {duration(caches.ttl)}, and a denial for up to {duration(caches.negative_ttl)}"
        + ("." if shown.known_denial else " (Route 53's default: no zone's SOA was asked)."),
    ]
    conditions = [cast.condition for cast in casts(plan, zones) if cast.condition]
    if conditions:
        told.append(
            f"The plan leaves {len(conditions)} ways open, and each was played: {listed(conditions)}. What only some "
            "of them come to is told as not known."
        )
    unknown = {(side, Version(*one.version)) for side, one in setups if one.version and is_unknown_patch(one.version)}
    told += [
        f"{side.value}'s ExternalDNS is {release} by the plan, and no such release is known: it is taken to do what "
        f"v{release.major}.{release.minor} does."
        for side, release in sorted(unknown)
    ]
    prefixes = {(side, prefix) for side, one in setups if (prefix := _annotation_prefix(one))}
    told += [
        f"Hosts of {side.value} come from Ingress rules, or from annotations that begin with {prefix}."
        for side, prefix in sorted(prefixes)
    ]
    told += [
        f"{side.value}'s ExternalDNS has --registry=noop: names that the plan lacks were not played, and with "
        "--policy=sync it deletes every one that it has no object for, whoever owns it."
        for side in dict.fromkeys(side for side, one in setups if one.registry is Registry.NOOP)
    ]
    names = [domain.name for domain in plan.domains]
    for side, one in setups:
        unsure = [display(name) for name in names if _may_be_kept_out(one, name, zones)]
        if unsure:
            told.append(
                f"Whose hosted zone {listed(unsure)} {'is' if len(unsure) == 1 else 'are'} in was not seen: it is one "
                f"that {side.value}'s ExternalDNS enters, though a zone above the names of its --domain-filter is "
                "entered with --aws-zone-match-parent alone."
            )
    unknown_ids = len(zones) < len(names) or not all(one.zone_id for one in zones.values())
    filtered = listed([side.value for side, one in setups if one.zone_id_filter and unknown_ids])
    if filtered:
        told.append(
            f"Every host is in a hosted zone that --zone-id-filter of {filtered} lets through: DNS shows no zone's id."
        )
    if any(one.has_sets for one in plan.domains):
        told.append(
            "Each side's record sets have a set identifier of their own, and no health check; an export of the zone "
            "tells those that stand."
        )
    return tuple(told)


def _may_be_kept_out(setup: ExternalDns, host: DomainName, zones: Mapping[DomainName, SeenZone]) -> bool:
    """Tell whether a host's zone was not seen, and would not be entered if it were the one above the host."""
    return host not in zones and setup.sees(host) and setup.enters(parent(host)) is not True


def _flags(read: frozenset[Side]) -> str:
    which = listed([f"{side.value}'s" for side in sorted(read)])
    if not read:
        return "the plan's flags"
    return f"the flags that were read ({which}){'' if read == frozenset(Side) else ' or are in the plan'}"


def _of_objects(read: frozenset[Side]) -> tuple[str, ...]:
    """Say what is taken for granted of the clusters' objects, where they were not read."""
    if not read:
        return (
            "Until a wave moves only v1 has objects for its hosts, and none for any other host of the plan has gone.",
            "During a wave's move both clusters want its hosts; v1's Ingresses of moved waves are still there.",
            "The objects of both clusters have the same kind, namespace, name and annotations; none sets a TTL.",
        )
    which = listed([side.value for side in sorted(read)])
    told = [
        f"The objects of {which} are as they were read, and stay so but for the wave's; their names decide nothing.",
        "A host that v2 has no object for gets one by its wave's move; v1's objects go at v1's end, and not before.",
    ]
    if Side.V1 not in read:
        told.append("v1 has an object for every host of the plan, without a TTL.")
    if Side.V2 not in read:
        told.append("v2 has objects for the hosts of waves that have moved, and for no others, without a TTL.")
    return tuple(told)


def _annotation_prefix(one: ExternalDns) -> str:
    if one.annotation_prefix is None and one.version is not None:
        return dialect(Version(*one.version)).annotation_prefix
    return one.annotation_prefix or ""
