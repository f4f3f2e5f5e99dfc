"""The plan as YAML, every value with the place where it was found, and everything that is told above it."""

import re
from collections.abc import Iterable, Iterator, Mapping

import yaml

from probe.config.document import MAX_BYTES
from probe.config.schema import MAX_LOAD_BALANCERS, MAX_PLAN_ADDRESSES
from probe.config.schema_external_dns import MAX_INSTANCES, SYNC
from probe.config.values import show_seconds
from probe.inventory.origin import Notice, shown
from probe.inventory.proposal.survey import Survey, fits_a_plan, is_address
from probe.inventory.proposal.told import Told
from probe.inventory.proposal.waves import ProposedDomain, ProposedWave, elsewhere, is_label
from probe.inventory.wanted.host import Balancer
from probe.inventory.wanted.inventory import Inventory
from probe.inventory.wanted.workload import Workload
from probe.model.check import CheckOutcome
from probe.model.external_dns import MANAGED_TYPES, Registry
from probe.model.name import display
from probe.model.plan import Expectation
from probe.model.side import Side
from probe.model.text import plural

MAX_DETAILS = 100
"""Lines below one thing that is told, and notices: more is no list that anybody reads."""

_UNQUOTED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
_MARKS = {CheckOutcome.FAIL: "!!", CheckOutcome.UNKNOWN: "??", CheckOutcome.WARN: " !", CheckOutcome.PASS: "  "}
_RESOLVER = yaml.SafeLoader("")


class NoTarget(Exception):  # noqa: N818  it is a verdict on what was read; the message is a sentence
    """A side without any load balancer: no plan can tell it from anything."""


def plan_text(survey: Survey, waves: Iterable[ProposedWave], found: Iterable[Told], *, vantage: str = "here") -> str:
    """Write a plan that `config check` takes.

    Raises:
        NoTarget: A side has no load balancer, or no host is wanted at all.
    """
    waves = tuple(waves)
    for side in Side:
        if not any(fits_a_plan(name) for name in survey.targets[side]):
            raise NoTarget(
                f"{side} has no load balancer of its own: no status of its objects names one. Read the cluster's own "
                f"objects (`kubectl get ingress,service,gateway -A -o yaml`), or give `--{side}-load-balancer NAME`."
            )
    if not any(wave.domains for wave in waves):
        raise NoTarget("Neither cluster wants a host that leads to its load balancers: there is nothing to plan.")
    head, tail = [*_head(survey, tuple(found), vantage), *_sides(survey)], [*_left_out(survey), ""]
    text = "\n".join([*head, *_waves(waves), *tail])
    if len(text.encode("utf-8", "replace")) <= MAX_BYTES:
        return text
    return "\n".join([*head, *_waves(tuple(map(_without_notes, waves))), *tail])  # thousands of hosts are bare names


def _without_notes(wave: ProposedWave) -> ProposedWave:
    return wave._replace(domains=tuple(domain._replace(note="") for domain in wave.domains))


def scalar(text: str) -> str:
    """Write text as a YAML scalar that is text again when it is read: in quotes where it would be anything else."""
    if _UNQUOTED.fullmatch(text):
        tag = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]  # the stubs leave it bare
        if tag == "tag:yaml.org,2002:str":
            return text
    return '"' + "".join(c if c.isprintable() and c not in '"\\' else _escaped(c) for c in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    code = ord(character)
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004  octets


def _head(survey: Survey, found: tuple[Told, ...], vantage: str) -> Iterator[str]:
    yield "# A plan that `cutover-probe discover` wrote. It proposes; read it, above all the order of the waves, then:"
    yield "#   cutover-probe config check FILE   rehearse --config FILE   check --config FILE   run --config FILE"
    for side in Side:
        one = survey.of(side)
        told = f"{plural(len(one.hosts), 'host')}, {plural(len(one.found_workloads), 'ExternalDNS', 'ExternalDNS')}"
        yield _comment(f"{side}: {shown(one.source)} ({told})")
    for zone in survey.zones:
        yield _comment(f"zone: {display(zone.apex)} of {zone.origin} ({plural(len(zone.by_name), 'name')})")
    if survey.seen:
        yield "# zone: none holds them all; the servers were asked where each name leads, and `expect` is that"
    elif not survey.zones:
        yield "# zone: none was given, so that `expect` is `v1` everywhere (`--zone` tells where each name leads now)"
    if found:
        yield "#"
        yield "# What is to be seen to (!! fails, ?? cannot be told,  ! is worth knowing):"
    for thing in found:
        yield _comment(f"{_MARKS[thing.check.outcome]} {thing.check.sentence} {thing.check.remedy}")
        yield from _bounded(thing.details, "     - ")
    notices = _notices(survey)
    if notices:
        yield "#"
        yield "# What was not read, or not understood:"
        yield from _bounded(map(str, notices), "     - ")
    yield ""
    yield "# Where this probe runs: one label on everything that it exports."
    yield f"vantage: {scalar(vantage)}"


def _notices(survey: Survey) -> tuple[Notice, ...]:
    every = (*survey.v1.notices, *survey.v2.notices, *(one for zone in survey.zones for one in zone.notices))
    return tuple(dict.fromkeys(every))


def _bounded(lines: Iterable[str], indent: str) -> Iterator[str]:
    lines = tuple(lines)
    yield from (_comment(f"{indent}{line}") for line in lines[:MAX_DETAILS])
    if len(lines) > MAX_DETAILS:
        yield _comment(f"{indent}and {len(lines) - MAX_DETAILS:,} more")


def _comment(text: str) -> str:
    return "# " + "".join(c if c.isprintable() else "�" for c in text)


def _sides(survey: Survey) -> Iterator[str]:
    yield ""
    yield "sides:"
    for side in Side:
        yield f"  {side}:"
        used = _used(survey)
        balancers = [one for one in survey.targets[side].values() if not is_address(one.name)]
        addresses = [one for one in survey.targets[side].values() if is_address(one.name)]
        yield from _targets("load_balancers", balancers, MAX_LOAD_BALANCERS, used)
        yield from _targets("addresses", addresses, MAX_PLAN_ADDRESSES, used)
        yield from _instances(survey.of(side))


def _used(survey: Survey) -> frozenset[str]:
    """Give the targets that a host leads to, by the manifests or in a zone."""
    wanted = (target.lower() for side in Side for one in survey.of(side).wanted for target in one.endpoint.targets)
    written = (target for zone in survey.zones for host in zone.hosts() for target in survey.whereabouts(host).targets)
    return frozenset(one.removesuffix(".").removeprefix("dualstack.") for one in (*wanted, *written))


def _targets(key: str, targets: list[Balancer], most: int, used: frozenset[str]) -> Iterator[str]:
    """Write targets: those that hosts lead to first, since a plan has only so many."""
    ordered = sorted(targets, key=lambda one: (one.name not in used, one.name))
    kept = [one for one in ordered if fits_a_plan(one.name)]
    written = [one for one in kept[:most] if one.name in used] or kept[:1]
    if not kept:
        return
    yield f"    {key}:"
    for one in written:
        yield f"      - {scalar(one.name)}   # {shown(one.resource)}, {one.origin}"
    for one in ordered:
        if one not in written:
            why = "no host leads there" if one.name not in used else f"more than a plan's {most}"
            yield f"      # - {shown(one.name)}   # {why}: {shown(one.resource)}, {one.origin}"


def _instances(inventory: Inventory) -> Iterator[str]:
    found = inventory.found_workloads
    if not found:
        yield "    # external_dns: none was found; write its txt_owner_id, version and policy"
        return
    yield "    external_dns:"
    taken: set[str] = set()
    for one in found[:MAX_INSTANCES]:
        lines = [*_instance(one)]
        if len(found) > 1:
            name = _name(one, taken)
            yield f"      - name: {scalar(name)}   # {shown(one.label)}, {one.origin}"
            yield from (f"        {line}" for line in lines)
        else:
            yield f"      # {shown(one.label)}, {one.origin}"
            yield from (f"      {line}" for line in lines)
    for one in found[MAX_INSTANCES:]:
        yield f"      # more than a plan's {MAX_INSTANCES}: {shown(one.label)}, {one.origin}"


def _name(one: Workload, taken: set[str]) -> str:
    base = next(
        (name for name in (one.name, f"{one.namespace}-{one.name}") if is_label(name) and name not in taken), ""
    )
    name, number = base, 2
    while not name or name in taken:
        name, number = f"{'instance' if not base else base[:48]}-{number}", number + 1
    taken.add(name)
    return name


def _instance(one: Workload) -> Iterator[str]:
    setup = one.external_dns
    version = None if setup.version is None else "v" + ".".join(map(str, setup.version))
    policy = None if setup.policy is None else setup.policy.value
    yield from _lines(one, {"txt_owner_id": setup.txt_owner_id, "migrate_from_txt_owner": setup.migrate_from_txt_owner})
    yield from _lines(one, {"version": version, "policy": policy})
    if version is None:
        yield "# version: not known; it decides which ownership TXT it writes and reads"
    yield from _lines(one, {"interval": show_seconds(max(setup.interval, SYNC.low))})
    if setup.registry is not Registry.TXT:
        yield from _lines(one, {"registry": setup.registry.value})
    names = setup.names
    affixes = {"prefix": names.prefix, "suffix": names.suffix, "wildcard_replacement": names.wildcard_replacement}
    if any(affixes.values()):
        yield "txt_registry:"
        yield from (f"  {line}" for line in _lines(one, affixes))
    if one.is_encrypted:
        yield "# its ownership TXT are encrypted: give the key as txt_registry.decryption_key_file"
    seen = tuple(name for name in setup.domain_filter if setup.sees(name))
    excluded = setup.exclude_domains if seen or not setup.domain_filter else ()
    if excluded != setup.exclude_domains:  # a plan is refused that keeps out what it lets through
        yield f"# exclude_domains keeps out all of domain_filter, {one.told['exclude_domains']}: it writes nothing"
    lists = {
        "domain_filter": tuple(map(display, seen or setup.domain_filter)),
        "exclude_domains": tuple(map(display, excluded)),
        "zone_id_filter": setup.zone_id_filter,
    }
    yield from (_line(one, key, f"[{', '.join(map(scalar, texts))}]") for key, texts in lists.items() if texts)
    if setup.zone_match_parent is not None:
        yield _line(one, "zone_match_parent", str(setup.zone_match_parent).lower())
    yield from _lines(one, {"annotation_prefix": setup.annotation_prefix})
    yield from _lines(one, {"context": setup.context, "namespace": setup.namespace, "workload": setup.workload})
    if setup.managed_record_types != MANAGED_TYPES:
        yield _line(one, "managed_record_types", f"[{', '.join(setup.managed_record_types)}]")
    if setup.prefer_cname is not None:
        yield _line(one, "prefer_cname", str(setup.prefer_cname).lower())


def _lines(one: Workload, values: Mapping[str, str | None]) -> Iterator[str]:
    return (_line(one, key, scalar(text)) for key, text in values.items() if text)


def _line(one: Workload, key: str, value: str) -> str:
    origin = one.told.get(key)
    inferred = one.inferred.get(key)
    note = f"{origin}" if origin is not None else "not given: ExternalDNS' own default"
    if inferred is not None:
        note = f"inferred: {shown(inferred)}" + (f", {origin}" if origin is not None else "")
    return f"{key}: {value}   # {note}"


def _waves(waves: Iterable[ProposedWave]) -> Iterator[str]:
    yield ""
    yield "# In the order in which they move: internal ones first, and the smaller before the larger. Change it."
    yield "waves:"
    for wave in waves:
        yield f"  - name: {scalar(wave.name)}   # {shown(wave.note)}"
        yield f"    expect: {wave.expectation.value}"
        yield "    domains:"
        for domain in wave.domains:
            note = f"   # {shown(domain.note)}" if domain.note else ""
            yield f"      - {_domain(domain, wave.expectation)}{note}"


def _domain(domain: ProposedDomain, expectation: Expectation) -> str:
    name = scalar(display(domain.name))
    if domain.weights is not None and expectation is Expectation.WEIGHTED:
        return f"{{name: {name}, weights: {{v1: {domain.weights.v1}, v2: {domain.weights.v2}}}}}"
    if domain.routing is not None:
        return f"{{name: {name}, routing: {domain.routing.value}}}"
    return name


def _left_out(survey: Survey) -> Iterator[str]:
    left_out = elsewhere(survey)
    if left_out:
        yield ""
        yield "# No domains of this plan:"
        yield from _bounded((f"{display(host)} {why}" for host, why in left_out.items()), "   ")
