"""What a plan lacks beside both clusters and the zone, what it has too much, and what it says otherwise."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from ipaddress import ip_address
from typing import NamedTuple

from probe.externaldns.version import Version, dialect
from probe.inventory.origin import shown
from probe.inventory.proposal.survey import Survey, is_address
from probe.inventory.proposal.waves import ProposedWave
from probe.model.external_dns import ExternalDns, TxtRegistry
from probe.model.name import DomainName, canonical, display
from probe.model.plan import Plan, SidePlan
from probe.model.side import Side
from probe.model.word import Word


class Difference(Word):
    """In what way a plan and the clusters differ."""

    LACKS = "lacks"
    """They have it, and the plan does not."""
    OTHERWISE = "otherwise"
    """The plan says it otherwise."""
    TOO_MUCH = "too much"
    """The plan has it, and nothing that was read does: gone, or of a source that was not given."""

    @property
    def counts(self) -> bool:
        """Whether the plan has to be corrected: what it has too much may be of a source that was not given."""
        return self is not Difference.TOO_MUCH


class Differing(NamedTuple):
    """One difference: what it is of, and a sentence about it."""

    difference: Difference
    sentence: str


def compare(plan: Plan, survey: Survey, waves: Iterable[ProposedWave]) -> tuple[Differing, ...]:
    """Compare a plan with what was found; nothing where it says the same."""
    proposed = tuple(waves)
    return (*_hosts(plan, survey, proposed), *_balancers(plan, survey), *setups_otherwise(plan, survey))


def _hosts(plan: Plan, survey: Survey, waves: tuple[ProposedWave, ...]) -> Iterator[Differing]:
    planned = {domain.name for domain in plan.domains}
    proposed = {domain.name: (wave.name, domain) for wave in waves for domain in wave.domains}
    for name in sorted(set(proposed) - planned):
        wave, domain = proposed[name]
        sentence = f"the domain {display(name)} (proposed for the wave {wave}; {shown(domain.note)})"
        yield Differing(Difference.LACKS, sentence)
    for name in sorted(planned - set(proposed)):
        if name not in survey.wishes:
            yield Differing(Difference.TOO_MUCH, f"the domain {display(name)}: no object that was read wants it")


def _balancers(plan: Plan, survey: Survey) -> Iterator[Differing]:
    led_to = {target for one in (*survey.v1.wanted, *survey.v2.wanted) for target in one.endpoint.targets}
    used = {target.lower().removesuffix(".").removeprefix("dualstack.") for target in led_to}
    for side in Side:
        setup = plan.side(side)
        found = survey.targets[side]
        for name, one in sorted(found.items()):
            if name in used and not leads_to(setup, name):
                sentence = f"{side}'s load balancer {shown(name)} ({shown(one.resource)}, {one.origin})"
                yield Differing(Difference.LACKS, sentence)
        for planned in setup.load_balancers:
            if display(planned) not in found:
                sentence = f"{side}'s load balancer {display(planned)}: no object that was read leads there"
                yield Differing(Difference.TOO_MUCH, sentence)


def leads_to(side: SidePlan, name: str) -> bool:
    """Tell whether a target, as `folded` writes it, is one of a side's by the plan."""
    if is_address(name):
        return any(ip_address(name) in network for network in side.networks)
    return DomainName(canonical(name)) in side.load_balancers


def setups_otherwise(plan: Plan, survey: Survey) -> Iterator[Differing]:
    """Compare each ExternalDNS with the plan's of the same owner id, or with the only one."""
    for side in Side:
        found = survey.of(side).found_workloads
        instances = plan.side(side).instances
        for one in found:
            planned = planned_as(one.external_dns, instances, len(found))
            if planned is None:
                sentence = f"{side}'s ExternalDNS {shown(one.label)} (owner id {shown(one.external_dns.txt_owner_id)})"
                yield Differing(Difference.LACKS, sentence)
                continue
            for flag, there, here in _flags(one.external_dns, planned, plan.registry):
                sentence = (
                    f"{flag} of {side}'s ExternalDNS {shown(one.label)}: the plan has {here}, the cluster {there}"
                )
                yield Differing(Difference.OTHERWISE, sentence)


def planned_as(found: ExternalDns, instances: tuple[ExternalDns, ...], count: int) -> ExternalDns | None:
    """Give a plan's ExternalDNS that one of a cluster is: of the same owner id, or the only one where one is found.

    Args:
        found: As the cluster shows it.
        instances: The plan's of that side.
        count: How many the cluster has.
    """
    planned = next((one for one in instances if one.txt_owner_id == found.txt_owner_id), None)
    return instances[0] if planned is None and len(instances) == count == 1 else planned


_BY_VERSION = {"version", "policy", "annotation_prefix"}
"""What is not known of an ExternalDNS whose version is not: the plan may know better."""


def _flags(found: ExternalDns, planned: ExternalDns, default: TxtRegistry) -> Iterator[tuple[str, str, str]]:
    there = {**_values(found), "txt_registry": _affixes(found.txt_registry or TxtRegistry())}
    here = {**_values(planned), "txt_registry": _affixes(planned.txt_registry or default)}
    for flag, value in there.items():
        if value != here[flag] and not (found.version is None and flag in _BY_VERSION):
            yield flag, value, here[flag]


def _values(one: ExternalDns) -> dict[str, str]:
    told = replace(one, name=None)
    return {
        "txt_owner_id": shown(told.txt_owner_id),
        "migrate_from_txt_owner": shown(told.migrate_from_txt_owner or "none"),
        "version": "none" if told.version is None else "v" + ".".join(map(str, told.version)),
        "policy": _policy(told),
        "interval": f"{told.interval:g} s",
        "registry": told.registry.value,
        "domain_filter": _listed(told.domain_filter),
        "exclude_domains": _listed(told.exclude_domains),
        "zone_match_parent": str(bool(told.zone_match_parent)).lower(),
        "annotation_prefix": _prefix(told),
        "managed_record_types": ", ".join(sorted(told.managed_record_types)),
        "prefer_cname": str(bool(told.prefer_cname)).lower(),
    }


def _policy(one: ExternalDns) -> str:
    """Give the policy that it runs with: a version's own default is as good as the flag."""
    default = None if one.version is None else dialect(Version(*one.version)).default_policy
    policy = one.policy or default
    return "none" if policy is None else policy.value


def _prefix(one: ExternalDns) -> str:
    default = "" if one.version is None else dialect(Version(*one.version)).annotation_prefix
    return one.annotation_prefix or default or "none"


def _listed(zones: Iterable[DomainName]) -> str:
    return ", ".join(sorted(map(display, zones))) or "none"


def _affixes(names: TxtRegistry) -> str:
    told = (names.prefix.lower(), names.suffix.lower(), names.wildcard_replacement.lower())
    return " ".join(f"`{shown(one)}`" for one in told if one) or "none"
