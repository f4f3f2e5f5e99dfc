"""Hazards of how the two sides' ExternalDNS are set up: owner ids, take-overs, policies, registries, versions.

What two of them do to each other's hosts is played (`probe.judge.ownership.foresight`); what is compared by hand here
gives the reason. Whose annotations are read is no prediction: the inventory was read as each of them reads it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product

from probe.externaldns.version import Version
from probe.inventory.origin import shown
from probe.inventory.proposal.survey import Survey, is_address
from probe.inventory.proposal.told import Hazard, Told, counted, have, names_of, told
from probe.inventory.wanted.host import WantedHost
from probe.inventory.wanted.workload import Workload
from probe.judge.ownership.foresight import WILDCARD, Deletion, Meeting, deletions, meetings
from probe.judge.ownership.lookup import Shape
from probe.model.check import CheckOutcome
from probe.model.external_dns import ExternalDns, Registry
from probe.model.name import DomainName, display
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
    """Tell of two ExternalDNS with one owner id, and what comes of it: played with the flags of both."""
    for one, other in _pairs(survey):
        owner = one.external_dns.txt_owner_id
        if owner != other.external_dns.txt_owner_id or _without_owners(one, other):
            continue
        remedy = f"Give v2 an id of its own, and `--migrate-from-txt-owner={shown(owner)}` with `--policy=upsert-only`."
        places = _places(one, "txt_owner_id") + _places(other, "txt_owner_id")
        who = f"v1's {one.label} and v2's {other.label} have one owner id (\"{shown(owner)}\")"
        hidden = [each for each in (one, other) if each.external_dns.registry.is_hidden]
        if hidden:
            kept = listed(sorted({f"`{each.external_dns.registry}`" for each in hidden}))
            sentence = f"{who}, and owners are kept in {kept}: what each takes of the other's is not known."
            yield told(Hazard.OWNER, "plan", CheckOutcome.UNKNOWN, sentence, remedy, places)
            continue
        once = _once(survey, one, other)
        came = _of_one_owner(survey, one, other, begins_at_once=not once)
        if came:
            outcome = CheckOutcome.WARN if once else CheckOutcome.FAIL
            yield told(Hazard.OWNER, "plan", outcome, f"{who}: {listed(came)}{once}.", remedy, places)


def _of_one_owner(survey: Survey, one: Workload, other: Workload, *, begins_at_once: bool) -> list[str]:
    """Say what two that share an owner id do to each other's hosts; nothing where flags keep them apart."""
    shape = shape_of(survey)
    mine, yours = _running(one), _running(other)
    both = [host for host in _both(survey, one, other) if not kept_apart(survey, host)]
    if begins_at_once:
        both = [host for host in both if written_by_both(survey, host)]
    met = meetings(mine, yours, shape) if both else frozenset()
    came = []
    if Meeting.FIGHT in met:
        came.append(f"each overwrites the {counted(both, 'host')} that both want at every sync")
    elif met & {Meeting.MOVES, Meeting.SPLIT}:
        came.append(f"v2's leads the {counted(both, 'host')} that both want to v2 at its first sync")
    taken = {Side.V2: deletions(mine, yours, shape), Side.V1: deletions(yours, mine, shape)}
    verbs = {side: verb for side, found in taken.items() if (verb := _deleting(found))}
    if len(set(verbs.values())) == 1 and len(verbs) == len(Side):
        came.append(f"each {next(iter(verbs.values()))} what only the other wants")
    else:
        came += [f"{side}'s {verb} what only {side.other} wants" for side, verb in sorted(verbs.items())]
    return came


def _once(survey: Survey, one: Workload, other: Workload) -> str:
    """Say when what was played begins, where a filter keeps one of both out of every hosted zone that holds a host.

    Empty where it begins at once, and where that is not known: a host is in no zone that was given.
    """
    wanted = {host.name for side, each in ((Side.V1, one), (Side.V2, other)) for host in _wanted(survey, side, each)}
    apexes = {_apex(survey, host) for host in wanted}
    if None in apexes or any(one.enters(apex) and other.enters(apex) for apex in apexes if apex is not None):
        return ""
    return ", once both enter one hosted zone" if apexes else ""


def _deleting(found: frozenset[Deletion]) -> str:
    """Say what was played of a deletion; nothing where none is sent."""
    if Deletion.ACCEPTED in found:
        return "may delete" if Deletion.NONE in found else "deletes"
    return "tries to delete" if Deletion.REFUSED in found else ""


def _running(one: Workload) -> ExternalDns:
    """Give an ExternalDNS as it is played: with the policy that it runs with, and one key for all that encrypt."""
    names = replace(one.external_dns.names, unseal=_one_key) if one.is_encrypted else one.external_dns.names
    return replace(one.external_dns, policy=one.policy, txt_registry=names)


def _one_key(_text: str) -> str | None:
    """Stand for the key that no manifest shows."""
    return None


def _take_over(survey: Survey) -> Iterator[Told]:
    for side in Side:
        for one in survey.of(side).found_workloads:
            old = one.external_dns.migrate_from_txt_owner
            came = frozenset[Deletion]() if old is None or one.policy is None else _of_taking(survey, side, one)
            verb = _AS_TAKEN.get(came)
            if old is None or verb is None:
                continue
            yield told(
                Hazard.TAKE_OVER,
                side,
                CheckOutcome.FAIL,
                f'{side}\'s {one.label} takes over what "{shown(old)}" owns, with `sync`: it {verb}.',
                "Run it with `--policy=upsert-only` until the last wave has moved and `--migrate-from-txt-owner` is "
                "off.",
                _places(one, "policy") + _places(one, "migrate_from_txt_owner"),
            )
    for one, other in _pairs(survey):
        mine, yours = one.external_dns, other.external_dns
        mutual = mine.migrate_from_txt_owner == yours.txt_owner_id and yours.migrate_from_txt_owner == mine.txt_owner_id
        if mutual and Meeting.FIGHT in _meetings(survey, one, other):
            yield told(
                Hazard.TAKE_OVER,
                "plan",
                CheckOutcome.FAIL,
                f"v1's {one.label} and v2's {other.label} take over from each other: target and owner flip at every "
                f"sync{_once(survey, one, other)}.",
                "Take `--migrate-from-txt-owner` out of v1.",
                _places(one, "migrate_from_txt_owner") + _places(other, "migrate_from_txt_owner"),
            )


_AS_TAKEN = {
    frozenset({Deletion.ACCEPTED}): "deletes every host of that owner that it has no object for",
    frozenset({Deletion.REFUSED}): (
        "tries to delete every host of that owner that it has no object for, at every sync, and Route 53 refuses that"
    ),
    frozenset({Deletion.ACCEPTED, Deletion.REFUSED}): (
        "deletes, or by its version tries to delete, every host of that owner that it has no object for"
    ),
}
"""What becomes of the hosts that are taken over and not wanted, by what was played; nothing to tell where any stays."""


def _of_taking(survey: Survey, side: Side, one: Workload) -> frozenset[Deletion]:
    """Play it over what the other side's ExternalDNS of that owner has written, or else one that writes alike."""
    taker = _running(one)
    writers = [
        _running(other)
        for other in survey.of(side.other).found_workloads
        if other.external_dns.txt_owner_id == taker.migrate_from_txt_owner and other.external_dns.may_meet(taker)
    ] or [replace(taker, txt_owner_id=taker.migrate_from_txt_owner or "")]
    if any(each.registry is not Registry.TXT for each in (taker, *writers)):
        return frozenset()
    return frozenset[Deletion]().union(*(deletions(each, taker, shape_of(survey)) for each in writers))


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
    pairs = [pair for pair in _pairs(survey) if all(one.external_dns.registry is Registry.TXT for one in pair)]
    if pairs and all(_stays(one, other) for one, other in pairs):
        v2 = survey.v2.found_workloads
        whys = dict.fromkeys(_why_it_stays(one, other) for one, other in pairs)
        yield told(
            Hazard.POLICY,
            Side.V2,
            CheckOutcome.WARN,
            f"v2's ExternalDNS {listed(list(whys))}: it leaves every host alone that "
            "v1 owns, and after v1 has deleted one, the host is gone until v2's next sync.",
            "Set `--migrate-from-txt-owner` to v1's owner id (v0.20 or later), with `--policy=upsert-only`.",
            tuple(str(one.origin) for one in v2),
        )


def _stays(one: Workload, other: Workload) -> bool:
    """Play a take-over with the owner ids, the policy and v2's version alone: other rules tell of the rest."""
    mine, yours = one.external_dns, _running(other)
    writer = ExternalDns(mine.txt_owner_id, version=yours.version)
    taker = ExternalDns(yours.txt_owner_id, yours.migrate_from_txt_owner, version=yours.version, policy=yours.policy)
    return meetings(writer, taker, Shape.ALIAS) == {Meeting.STAYS}


def _why_it_stays(one: Workload, other: Workload) -> str:
    mine, yours = one.external_dns, _running(other)
    if yours.policy is not None and not yours.policy.updates:
        return f"has `--policy={yours.policy}`"
    if yours.migrate_from_txt_owner not in {None, mine.txt_owner_id}:
        old = shown(yours.migrate_from_txt_owner or "")
        return f'takes over from "{old}", and v1\'s owner is "{shown(mine.txt_owner_id)}"'
    return "has an owner id of its own and takes nothing over"


def _registry(survey: Survey) -> Iterator[Told]:
    for one, other in _pairs(survey):
        mine, yours = one.external_dns, other.external_dns
        without = _without_owners(one, other)
        if without:
            told_of = "have" if len(without) > 1 else "has"
            yield told(
                Hazard.REGISTRY,
                "plan",
                CheckOutcome.FAIL,
                f"{listed(without)} {told_of} `--registry=noop`: every record counts as its own, whoever owns it.",
                "Run it with `--registry=txt`.",
                _places(one, "registry") + _places(other, "registry"),
            )
            continue
        if mine.registry is not yours.registry:
            sentence = (
                f"v1's {one.label} keeps its owners in `{mine.registry}`, v2's {other.label} in `{yours.registry}`: "
                "neither sees what the other owns."
            )
        elif mine.registry is not Registry.TXT or (unread := _unread(survey, one, other)) is None:
            continue
        elif one.is_encrypted and not other.is_encrypted:
            sentence = (
                f"v1's {one.label} encrypts its ownership TXT (`--txt-encrypt-enabled`), and v2's {other.label} does "
                "not: v2 does not see v1's ownership, and takes nothing over."
            )
        else:
            sentence = (
                f"v1's {one.label} and v2's {other.label} name their ownership TXT{unread} differently "
                f"({_affixes(one)} and {_affixes(other)}): v2 does not see v1's ownership, and takes nothing over."
            )
        remedy = "Give v2's the registry's flags of v1's before it owns a host, and keep them."
        places = [
            place for key in ("registry", "prefix", "suffix", "wildcard_replacement") for place in _places(one, key)
        ]
        places += [place for key in ("registry", "prefix", "suffix") for place in _places(other, key)]
        yield told(Hazard.REGISTRY, "plan", CheckOutcome.FAIL, sentence, remedy, tuple(places))


def _without_owners(one: Workload, other: Workload) -> list[str]:
    """Name those of v1's and v2's that keep no registry: owner ids tell nothing of what they take."""
    both = ((Side.V1, one), (Side.V2, other))
    return [f"{side}'s {each.label}" for side, each in both if each.external_dns.registry is Registry.NOOP]


def _unread(survey: Survey, v1: Workload, v2: Workload) -> str | None:
    """Tell of which hosts v2's ExternalDNS does not read v1's TXT: a clause, empty for all; None where it reads them.

    Played with one owner id and one version, so that the names alone decide: it changes what it reads as its own.
    """
    version = v2.external_dns.version
    writer, reader = (
        ExternalDns("any", version=version, txt_registry=_running(each).txt_registry) for each in (v1, v2)
    )
    if meetings(writer, reader, Shape.ALIAS) == {Meeting.STAYS}:
        return ""
    wildcards = any(host.startswith("*.") for host in survey.v1.hosts)
    return " of wildcards" if wildcards and meetings(writer, reader, Shape.ALIAS, WILDCARD) == {Meeting.STAYS} else None


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


def _not_entered(survey: Survey) -> Iterator[Told]:
    """Tell of hosts whose hosted zone an ExternalDNS does not enter; nothing of hosts that no given zone holds."""
    for side in Side:
        for one in survey.of(side).found_workloads:
            for apex, hosts in sorted(_barred(survey, side, one).items()):
                filters = one.external_dns.domain_filter
                has = "has no" if not one.matches_parent else "has"
                twice = [host for host in hosts if side.other in survey.wishes[host] and not kept_apart(survey, host)]
                steps = [] if one.matches_parent else [_ADD_IT]
                if any(name.startswith(".") for name in filters):
                    steps.append(_WITHOUT_DOTS)
                if twice:
                    wanted = f"the {counted(twice, 'host')} that {side.other} wants too"
                    steps.append(f"Then ownership alone decides who writes {wanted}.")
                yield told(
                    Hazard.NOT_ENTERED,
                    side,
                    CheckOutcome.WARN,
                    f"{side}'s {one.label} {has} `--aws-zone-match-parent` and filters by names below {display(apex)} "
                    f"alone ({listed([f'`{shown(display(name))}`' for name in filters])}): it does not enter that "
                    f"hosted zone, and changes nothing of the {counted(hosts, 'host')} that it wants there "
                    f"({names_of(sorted(hosts))}).",
                    " ".join(steps),
                    _places(one, "domain_filter"),
                )


_ADD_IT = "Add `--aws-zone-match-parent` (v0.14.1 or later)."
_WITHOUT_DOTS = "Take the dots before the filter's names away: with them no zone above is entered."


def _barred(survey: Survey, side: Side, one: Workload) -> Mapping[DomainName, set[DomainName]]:
    """Give the hosts that an ExternalDNS wants in hosted zones that it does not enter, by zone."""
    found: dict[DomainName, set[DomainName]] = {}
    for host in _wanted(survey, side, one):
        apex = _apex(survey, host.name)
        if apex is not None and not one.enters(apex):
            found.setdefault(apex, set()).add(host.name)
    return found


def written_by_both(survey: Survey, host: DomainName) -> bool:
    """Tell whether on each side an ExternalDNS that wants a host enters its hosted zone, as far as that is known."""
    apex = _apex(survey, host)
    if apex is None:
        return True
    barred = {side: {one.label for one in survey.of(side).found_workloads if not one.enters(apex)} for side in Side}
    return all(any(one.workload not in barred[side] for one in wishes) for side, wishes in survey.wishes[host].items())


def _apex(survey: Survey, host: DomainName) -> DomainName | None:
    """Give the hosted zone that holds a host; None where that was not given."""
    zone = survey.zone_of(host)
    return None if zone is None or zone.delegation(host) is not None else zone.apex


SETUP_RULES = (_not_found, shared_owner, _take_over, _policy, _registry, _versions, _annotations, _not_entered)
"""What is looked for of the instances, in the order in which it is told."""


def _pairs(survey: Survey) -> Iterator[tuple[Workload, Workload]]:
    """Go through the pairs of ExternalDNS that may write one record: one of each side, whose filters meet."""
    pairs = product(survey.v1.found_workloads, survey.v2.found_workloads)
    return (
        (one, other)
        for one, other in pairs
        if one.external_dns.may_meet(other.external_dns)
        and (not one.zone_type or not other.zone_type or one.zone_type == other.zone_type)
    )


def _meetings(survey: Survey, one: Workload, other: Workload) -> frozenset[Meeting]:
    """Play both with all their flags over a host that both want; nothing where another registry than TXT hides it."""
    setups = _running(one), _running(other)
    if any(each.registry is not Registry.TXT for each in setups):
        return frozenset()
    return meetings(*setups, shape_of(survey))


def shape_of(survey: Survey) -> Shape:
    """Tell how hosts are led to the clusters: by alias, unless all that is wanted are addresses."""
    targets = [target for side in Side for one in survey.of(side).wanted for target in one.endpoint.targets]
    return Shape.ADDRESSES if targets and all(map(is_address, targets)) else Shape.ALIAS


def kept_apart(survey: Survey, host: DomainName) -> bool:
    """Tell whether a host's sets have identifiers of their own on each side: then neither overwrites the other's."""
    sets = [{one.endpoint.set_identifier for one in wishes} for wishes in survey.wishes[host].values()]
    return not set.intersection(*sets) and not any("" in one for one in sets)


def _both(survey: Survey, one: Workload, other: Workload) -> set[DomainName]:
    v1, v2 = ({host.name for host in _wanted(survey, side, each)} for side, each in ((Side.V1, one), (Side.V2, other)))
    return v1 & v2


def _wanted(survey: Survey, side: Side, one: Workload) -> Iterator[WantedHost]:
    """Go through what one ExternalDNS wants."""
    return (host for host in survey.of(side).wanted if host.workload == one.label)


def _places(one: Workload, key: str) -> tuple[str, ...]:
    origin = one.told.get(key, one.origin)
    return (f"{origin}: {one.label}",) if key in one.told or key != "prefix" else ()


def _affixes(one: Workload) -> str:
    names = one.external_dns.names
    told = [f"{key} `{shown(text)}`" for key, text in (("prefix", names.prefix), ("suffix", names.suffix)) if text]
    if names.wildcard_replacement:
        told.append(f"`*` as `{shown(names.wildcard_replacement)}`")
    return listed(told) or "no prefix"
