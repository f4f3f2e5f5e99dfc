"""Hazards of how the two sides' ExternalDNS are set up: owner ids, take-overs, policies, registries, versions."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from probe.externaldns.version import Version
from probe.inventory.origin import shown
from probe.inventory.proposal.survey import Survey
from probe.inventory.proposal.told import Hazard, Told, counted, have, told
from probe.inventory.wanted.workload import Workload
from probe.judge.ownership.foresight import Meeting, meetings
from probe.judge.ownership.lookup import Shape
from probe.judge.ownership.takeover import takes_all
from probe.model.check import CheckOutcome
from probe.model.external_dns import ExternalDns, Registry
from probe.model.name import DomainName
from probe.model.side import Side
from probe.model.text import listed


def _not_found(survey: Survey) -> Iterator[Told]:
    for side in Side:
        if not survey.of(side).found_workloads:
            yield told(
                Hazard.NOT_FOUND,
                side,
                CheckOutcome.UNKNOWN,
                f"No ExternalDNS was found in {side}'s manifests: its owner id, policy and version are not known, and "
                "every object counts as wanted.",
                "Add its manifests, or write `external_dns` by hand.",
            )


def shared_owner(survey: Survey) -> Iterator[Told]:
    """Tell of two ExternalDNS with one owner id: the commonest fight."""
    for one, other in _pairs(survey):
        owner = one.external_dns.txt_owner_id
        if owner != other.external_dns.txt_owner_id:
            continue
        both = _both(survey, one, other)
        yield told(
            Hazard.OWNER,
            "plan",
            CheckOutcome.FAIL,
            f"v1's {one.label} and v2's {other.label} have one owner id (\"{shown(owner)}\"): each takes the other's "
            f"records for its own, overwrites the {counted(both, 'host')} that both want at every sync, and with "
            "`sync` deletes what only the other wants.",
            f"Give v2 an id of its own, and `--migrate-from-txt-owner={shown(owner)}` with `--policy=upsert-only`.",
            _places(one, "txt_owner_id") + _places(other, "txt_owner_id"),
        )


def _take_over(survey: Survey) -> Iterator[Told]:
    for side in Side:
        for one in survey.of(side).found_workloads:
            old = one.external_dns.migrate_from_txt_owner
            if old is None or one.policy is None or not takes_all(replace(one.external_dns, policy=one.policy)):
                continue
            yield told(
                Hazard.TAKE_OVER,
                side,
                CheckOutcome.FAIL,
                f'{side}\'s {one.label} takes over what "{shown(old)}" owns, with `sync`: it deletes, or tries to '
                "delete, every host of that owner that it has no object for.",
                "Run it with `--policy=upsert-only` until the last wave has moved.",
                _places(one, "policy") + _places(one, "migrate_from_txt_owner"),
            )
    for one, other in _pairs(survey):
        mutual = (
            one.external_dns.migrate_from_txt_owner == other.external_dns.txt_owner_id
            and other.external_dns.migrate_from_txt_owner == one.external_dns.txt_owner_id
        )
        if mutual:
            yield told(
                Hazard.TAKE_OVER,
                "plan",
                CheckOutcome.FAIL,
                f"v1's {one.label} and v2's {other.label} take over from each other: target and owner flip at every "
                "sync.",
                "Take `--migrate-from-txt-owner` out of v1.",
                _places(one, "migrate_from_txt_owner") + _places(other, "migrate_from_txt_owner"),
            )


def _policy(survey: Survey) -> Iterator[Told]:
    for side in Side:
        for one in survey.of(side).found_workloads:
            if one.policy is None and one.external_dns.version is not None:
                yield told(
                    Hazard.POLICY,
                    side,
                    CheckOutcome.WARN,
                    f"{side}'s {one.label} has no `--policy`, and its version has no default: it does not start.",
                    "Set the flag.",
                    (str(one.origin),),
                )
    v2 = survey.v2.found_workloads
    takes_over = any(one.external_dns.migrate_from_txt_owner for one in v2)
    if v2 and survey.v1.found_workloads and not takes_over and not list(shared_owner(survey)):
        yield told(
            Hazard.POLICY,
            Side.V2,
            CheckOutcome.WARN,
            "v2's ExternalDNS has an owner id of its own and takes nothing over: it leaves every host alone that "
            "v1 owns, and after v1 has deleted one, the host is gone until v2's next sync.",
            "Set `--migrate-from-txt-owner` to v1's owner id, with `--policy=upsert-only`.",
            tuple(str(one.origin) for one in v2),
        )


def _registry(survey: Survey) -> Iterator[Told]:
    for one, other in _pairs(survey):
        mine, yours = one.external_dns, other.external_dns
        if mine.registry is not yours.registry:
            sentence = (
                f"v1's {one.label} keeps its owners in `{mine.registry}`, v2's {other.label} in `{yours.registry}`: "
                "neither sees what the other owns."
            )
        elif mine.registry is Registry.TXT and mine.names != yours.names:
            sentence = (
                f"v1's {one.label} and v2's {other.label} name their ownership TXT differently "
                f"({_affixes(one)} and {_affixes(other)}): v2 does not see v1's ownership, and takes nothing over."
            )
        else:
            continue
        remedy = "Give v2's the registry's flags of v1's, until the last wave has moved."
        places = [
            place for key in ("registry", "prefix", "suffix", "wildcard_replacement") for place in _places(one, key)
        ]
        places += [place for key in ("registry", "prefix", "suffix") for place in _places(other, key)]
        yield told(Hazard.REGISTRY, "plan", CheckOutcome.FAIL, sentence, remedy, tuple(places))


_OF_TWO_VERSIONS = {
    Meeting.FIGHT: "each takes a taken-over record for its own, and they fight",
    Meeting.SPLIT: "v2's does not read whose the A is: AAAA moves, and A does not",
    Meeting.STAYS: "v2's takes nothing over",
}
"""What comes of a take-over between two versions, by what was played; nothing to tell where the host moves."""


def _versions(survey: Survey) -> Iterator[Told]:
    """Play a take-over of an alias between the two versions, whatever owner ids they have."""
    for one, other in _pairs(survey):
        if one.external_dns.version is None or other.external_dns.version is None:
            continue
        came = _met(one.external_dns, other.external_dns) - {Meeting.MOVES}
        if came:
            old, new = Version(*one.external_dns.version), Version(*other.external_dns.version)
            yield told(
                Hazard.VERSIONS,
                "plan",
                CheckOutcome.FAIL,
                f"v1's {one.label} runs {old}, v2's {other.label} {new}: an alias' ownership TXT is `cname-…` until "
                f"v0.21 and `a-…` since v0.22; in a take-over {_OF_TWO_VERSIONS[next(iter(came))]}.",
                "Bring both to the same side of v0.22 before the first wave.",
                _places(one, "version") + _places(other, "version"),
            )


def _met(v1: ExternalDns, v2: ExternalDns) -> frozenset[Meeting]:
    """Play it with nothing but the versions and the way to write as they are: other rules tell of the rest."""
    if v1.prefer_cname or v2.prefer_cname:
        return frozenset({Meeting.MOVES})
    return meetings(ExternalDns("v1", version=v1.version), ExternalDns("v2", "v1", version=v2.version), Shape.ALIAS)


def _annotations(survey: Survey) -> Iterator[Told]:
    for side in Side:
        ignored = survey.of(side).ignored
        if not ignored or not survey.of(side).found_workloads:
            continue
        read = listed(sorted({f"`{one.prefix}`" for one in survey.of(side).workloads}))
        yield told(
            Hazard.ANNOTATIONS,
            side,
            CheckOutcome.FAIL,
            f"{counted(ignored, 'object')} of {side} {have(ignored)} ExternalDNS' annotations "
            f"under a prefix that none of its ExternalDNS reads (read is {read}, without fallback): what they ask "
            "for is not written, and with `sync` deleted.",
            "Write the annotations under the prefix that is read, or set `--annotation-prefix`.",
            (f"{one.origin}: {shown(one.resource)} under {one.prefix}" for one in ignored),
        )


SETUP_RULES = (_not_found, shared_owner, _take_over, _policy, _registry, _versions, _annotations)
"""What is looked for of the instances, in the order in which it is told."""


def _pairs(survey: Survey) -> Iterator[tuple[Workload, Workload]]:
    """Go through the pairs of ExternalDNS that may write one host: one of each side, whose filters meet."""
    pairs = product(survey.v1.found_workloads, survey.v2.found_workloads)
    return ((one, other) for one, other in pairs if one.external_dns.may_meet(other.external_dns))


def _both(survey: Survey, one: Workload, other: Workload) -> set[DomainName]:
    mine = {host.name for host in survey.v1.wanted if host.workload == one.label}
    return mine & {host.name for host in survey.v2.wanted if host.workload == other.label}


def _places(one: Workload, key: str) -> tuple[str, ...]:
    origin = one.told.get(key, one.origin)
    return (f"{origin}: {one.label}",) if key in one.told or key != "prefix" else ()


def _affixes(one: Workload) -> str:
    names = one.external_dns.names
    told = [f"{key} `{shown(text)}`" for key, text in (("prefix", names.prefix), ("suffix", names.suffix)) if text]
    if names.wildcard_replacement:
        told.append(f"`*` as `{shown(names.wildcard_replacement)}`")
    return listed(told) or "no prefix"
