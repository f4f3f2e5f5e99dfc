"""Rules about the two sides, their ExternalDNS, and the TXT registry's flags."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from probe.config import unseal
from probe.config.key import InvalidKey, looks_like_key, read_key
from probe.config.mistakes import Complaint, quoted
from probe.config.names import parse_filter, parse_load_balancer
from probe.config.rules.part import Part, Rule
from probe.config.values import parse_network, parse_version
from probe.externaldns.naming import TxtNames
from probe.externaldns.version import NEWEST_VERSION, OLDEST_VERSION, Version, dialect, is_unknown_patch
from probe.model.external_dns import ExternalDns, Registry, TxtRegistry, passes
from probe.model.name import DomainName, canonical, display

if TYPE_CHECKING:
    from probe.model.plan import Network

_SIDE_KEYS = ("v1", "v2")
_ANY_HOST = canonical("host.zone.test")


def each_side_has_a_target(plan: Part) -> Iterator[Complaint]:
    """A side without a load balancer or an address could never be told from anything."""
    for name in _SIDE_KEYS:
        side = plan["sides"][name]
        if isinstance(side.value, dict) and not side["load_balancers"].value and not side["addresses"].value:
            yield side.complain(
                f"the side {quoted(name)} has neither a load balancer nor an address",
                "list the DNS names of its ALBs under `load_balancers`",
                at_key=True,
            )


def load_balancers_are_of_one_side(plan: Part) -> Iterator[Complaint]:
    """One load balancer on both sides would make every answer both, and twice on one side is a slip."""
    seen: dict[DomainName, tuple[str, Part]] = {}
    for name in _SIDE_KEYS:
        for item in plan["sides"][name]["load_balancers"].items():
            host = item.parsed(parse_load_balancer)
            if host is None:
                continue
            if host not in seen:
                seen[host] = (name, item)
                continue
            other, first = seen[host]
            shown = quoted(display(host))
            if other == name:
                yield item.complain(f"{shown} is listed twice (first on line {first.line})", "keep one")
            else:
                yield item.complain(
                    f"{shown} is a load balancer of both sides (of {quoted(other)} on line {first.line})",
                    "a load balancer belongs to one cluster: correct one of them (`dualstack.` and case make no "
                    "difference)",
                )


def networks_are_of_one_side(plan: Part) -> Iterator[Complaint]:
    """An address of both sides would make answers undecidable, and twice on one side is a slip."""
    seen: list[tuple[str, Network, Part]] = []
    for name in _SIDE_KEYS:
        for item in plan["sides"][name]["addresses"].items():
            network = item.parsed(parse_network)
            if network is None:
                continue
            for other, known, first in seen:
                if known.version != network.version or not known.overlaps(network):
                    continue
                pair = f"{quoted(item.text)} overlaps {quoted(first.text)}"
                if other == name:
                    yield item.complain(f"{pair} of the same side (line {first.line})", "keep the larger one")
                else:
                    yield item.complain(
                        f"{pair} of {quoted(other)} (line {first.line})",
                        "an address belongs to one cluster: correct one of them, or write smaller networks",
                    )
                break
            seen.append((name, network, item))


def migration_makes_sense(plan: Part) -> Iterator[Complaint]:
    """`--migrate-from-txt-owner` takes records over from another owner, since v0.20.0."""
    for name, external_dns in _instances(plan):
        migrate = external_dns["migrate_from_txt_owner"]
        if migrate.text is None:
            continue
        owner = external_dns["txt_owner_id"]
        if migrate.text == (owner.text if owner.given else ExternalDns().txt_owner_id):
            yield migrate.complain(
                f"{quoted(name)} would migrate from {quoted(migrate.text)}, which is its own owner id",
                "write the other cluster's owner id, or give this side its own `txt_owner_id` "
                f"({quoted(ExternalDns().txt_owner_id)} is what it has when none is written)",
            )
        version = external_dns["version"].parsed(parse_version)
        if version is not None and not dialect(Version(*version)).migrates_owner:
            yield migrate.complain(
                f"ExternalDNS {quoted(external_dns['version'].text)} has no --migrate-from-txt-owner (it came with "
                "v0.20.0)",
                "correct the version, or take this key out",
            )


def zones_above_can_be_entered(plan: Part) -> Iterator[Complaint]:
    """`--aws-zone-match-parent` came with v0.14.1."""
    for _, one in _instances(plan):
        version = one["version"].parsed(parse_version)
        given = one["zone_match_parent"].value is True
        if given and version is not None and not dialect(Version(*version)).matches_parent:
            yield one["zone_match_parent"].complain(
                f"ExternalDNS {quoted(one['version'].text)} has no --aws-zone-match-parent (it came with v0.14.1)",
                "correct the version, or take this key out",
            )


class _Taker(NamedTuple):
    """An ExternalDNS that takes records over: whose they become, whose they were, and where that is written."""

    side: str
    owner: str
    part: Part
    setup: ExternalDns


def migrations_lead_somewhere(plan: Part) -> Iterator[Complaint]:
    """Records that are taken over in a circle never stand still: a doubt, because such a plan may tell the truth."""
    takers = [
        _Taker(side, owner.text or ExternalDns().txt_owner_id, migrate, _apart(one, plan))
        for side, one in _instances(plan)
        for migrate, owner in [(one["migrate_from_txt_owner"], one["txt_owner_id"])]
        if migrate.text is not None
    ]
    told: set[str] = set()
    for first in takers:
        circle = _circle(first, takers)
        owners = [one.owner for one in circle]
        if len(circle) > 1 and told.isdisjoint(owners):
            told |= set(owners)
            others = ", ".join(
                f"{quoted(one.side)} from {quoted(one.part.text)} (line {one.part.line})" for one in circle[1:]
            )
            yield first.part.complain(
                f"{quoted(first.side)} migrates from {quoted(first.part.text)}, and {others}: where they run at one "
                "time, each takes every record over from another, at every sync, for ever",
                "keep --migrate-from-txt-owner on the side that the hosts move to, remove it from the other side's "
                "ExternalDNS, and then from the plan",
            )


def _circle(first: _Taker, takers: list[_Taker]) -> list[_Taker]:
    """Follow the records of one backwards until they come from itself; empty where they come from elsewhere."""
    way = [first]
    while way[-1].part.text != first.owner:
        before = [
            one
            for one in takers
            if one.owner == way[-1].part.text
            and one not in way
            and one.setup.may_meet(way[-1].setup)
            and _reads(way[-1].setup, one.setup)
        ]
        if not before:
            return []
        way.append(before[0])
    return way


def habits_are_known(plan: Part) -> Iterator[Complaint]:
    """What a version does that is older or newer than those that were recorded, or unknown, is assumed: a doubt."""
    newest = ".".join(map(str, NEWEST_VERSION))
    for _, one in _instances(plan):
        version = one["version"].parsed(parse_version)
        if version is None:
            continue
        if is_unknown_patch(version):
            minor = ".".join(map(str, version[:2]))
            yield one["version"].complain(
                f"no release {quoted(one['version'].text)} of ExternalDNS is known: the probe assumes what v{minor} "
                "does",
                "correct the version, or read its release notes for changes of registry, policy and annotations",
            )
            continue
        if version >= OLDEST_VERSION and version[:2] <= NEWEST_VERSION:
            continue
        yield one["version"].complain(
            f"what ExternalDNS {quoted(one['version'].text)} does is not known: the probe knows {OLDEST_VERSION} to "
            f"v{newest}, and assumes what the nearest of them does",
            "correct the version, or read its release notes for changes of registry, policy and annotations",
        )


def _apart(one: Part, plan: Part) -> ExternalDns:
    """Give an ExternalDNS of which nothing is known but what keeps it apart from another: filters, and TXT names."""

    def names(key: str) -> tuple[DomainName, ...]:
        return tuple(name for item in one[key].items() if (name := item.parsed(parse_filter)) is not None)

    registry = one["txt_registry"] if one["txt_registry"].value is not None else plan["txt_registry"]
    return ExternalDns(
        domain_filter=names("domain_filter"),
        exclude_domains=names("exclude_domains"),
        zone_id_filter=tuple(item.text for item in one["zone_id_filter"].items() if item.text is not None),
        txt_registry=TxtRegistry(registry["prefix"].text or "", registry["suffix"].text or ""),
    )


def _reads(reader: ExternalDns, writer: ExternalDns) -> bool:
    """Tell whether one finds the TXT of the other, by their names: what it does not find it does not take over."""
    places = [TxtNames(one.names.prefix, one.names.suffix).txt_name(_ANY_HOST, "A") for one in (reader, writer)]
    return places[0] == places[1]


def instances_have_names(plan: Part) -> Iterator[Complaint]:
    """Where a side has several ExternalDNS, sentences name them, and two of one name would be one."""
    for side in _SIDE_KEYS:
        instances = list(plan["sides"][side]["external_dns"].items())
        seen: dict[str, Part] = {}
        for one in instances if len(instances) > 1 else ():
            name = one["name"]
            if isinstance(one.value, dict) and not name.given:
                yield one.complain(
                    f"the side {quoted(side)} has {len(instances)} ExternalDNS, and this one has no name",
                    "give each a `name`, such as `public` and `private`",
                )
            elif name.text is not None and name.text in seen:
                yield name.complain(
                    f"an ExternalDNS of {quoted(side)} is called {quoted(name.text)} already (line "
                    f"{seen[name.text].line})",
                    "give each its own name",
                )
            if name.text is not None:
                seen.setdefault(name.text, name)


def registry_settings_fit_the_registry(plan: Part) -> Iterator[Complaint]:
    """What another registry keeps is not in TXT records."""
    for _, one in _instances(plan):
        registry = one["registry"].text
        if registry in set(Registry) - {Registry.TXT} and one["txt_registry"].given:
            yield one["txt_registry"].complain(
                f"`txt_registry` is given, but this ExternalDNS has the registry {quoted(registry)}",
                "take it out, or write `registry: txt`",
                at_key=True,
            )
        if registry in set(Registry) - {Registry.TXT} and one["migrate_from_txt_owner"].given:
            yield one["migrate_from_txt_owner"].complain(
                f"`migrate_from_txt_owner` is given, but with the registry {quoted(registry)} ExternalDNS takes "
                "nothing over: the flag is the TXT registry's",
                "take it out, or write `registry: txt`",
                at_key=True,
            )


def filters_leave_something(plan: Part) -> Iterator[Complaint]:
    """A name that is let through and kept out at once is kept out: then the filter lets nothing through."""
    for _, one in _instances(plan):
        kept_out = [name for item in one["exclude_domains"].items() if (name := item.parsed(parse_filter)) is not None]
        for item in one["domain_filter"].items():
            name = item.parsed(parse_filter)
            above = next((other for other in kept_out if name is not None and passes(name, other)), None)
            if above is not None:
                yield item.complain(
                    f"{quoted(item.text)} is let through here, and kept out by {quoted(display(above))} in "
                    "`exclude_domains`",
                    "keep one of the two",
                )


def _instances(plan: Part) -> Iterator[tuple[str, Part]]:
    """Go through every ExternalDNS of both sides, written as one mapping or as a list."""
    for side in _SIDE_KEYS:
        written = plan["sides"][side]["external_dns"]
        for one in written.items() if isinstance(written.value, list) else (written,):
            yield side, one


def _registries(plan: Part) -> Iterator[Part]:
    yield plan["txt_registry"]
    for _, one in _instances(plan):
        yield one["txt_registry"]


def one_affix(plan: Part) -> Iterator[Complaint]:
    """ExternalDNS refuses to start with both."""
    for registry in _registries(plan):
        if registry["prefix"].text and registry["suffix"].text:
            yield registry["suffix"].complain(
                "`prefix` and `suffix` are both given, and ExternalDNS allows one of --txt-prefix and --txt-suffix",
                "keep the one that your ExternalDNS runs with",
            )


def key_file_holds_a_key(plan: Part) -> Iterator[Complaint]:
    """A missing or wrong key is said when the plan is loaded, not when the first owner is unreadable."""
    for registry in _registries(plan):
        yield from _key_file(registry["decryption_key_file"])


def _key_file(part: Part) -> Iterator[Complaint]:
    if not part.text:
        return
    if not part.text.isprintable():  # the schema complains of it, and the operating system would raise
        return
    path = part.document.folder / Path(part.text)
    try:
        read_key(path)
    except InvalidKey as error:
        if looks_like_key(part.text):  # never shown: this is the secret itself
            yield part.complain(
                "`txt_registry.decryption_key_file` holds what looks like the key itself, not the path of a file",
                "put the key into a file, write that file's path here, and replace the key: this plan has disclosed it",
            )
        else:
            yield part.complain(f"the key file {quoted(path)} {error}", error.remedy)
    if not unseal.is_possible():
        yield part.complain(
            "the library that opens encrypted TXT is not installed",
            f"install it (`pip install 'cutover-probe[{unseal.EXTRA}]'`), or take the key out: encrypted owners are "
            "shown as such then",
            at_key=True,
        )


SIDES_RULES: tuple[Rule, ...] = (
    each_side_has_a_target,
    load_balancers_are_of_one_side,
    networks_are_of_one_side,
    migration_makes_sense,
    zones_above_can_be_entered,
    instances_have_names,
    registry_settings_fit_the_registry,
    filters_leave_something,
    one_affix,
    key_file_holds_a_key,
)

SIDES_DOUBTS: tuple[Rule, ...] = (migrations_lead_somewhere, habits_are_known)
