"""Waves that a plan may begin with: what belongs together, in an order that risks little first."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from probe.config.mistakes import Unusable
from probe.config.names import parse_name
from probe.config.schema_waves import MAX_DOMAINS
from probe.config.types import Label
from probe.inventory.origin import shown
from probe.inventory.proposal.survey import Survey, Whereabouts
from probe.inventory.wanted.host import WantedHost
from probe.inventory.wanted.sources import folded
from probe.model.name import DomainName, display
from probe.model.plan import Expectation, Routing, Weights
from probe.model.record import Position
from probe.model.side import Side
from probe.model.text import PLACES, listed

UNWANTED = "unwanted"
"""The wave of names that lead to a side's load balancer and that neither cluster wants: what is forgotten otherwise."""

MAX_GROUPS = 60
"""Groups that become waves: each is three at most, and a plan has at most 200. The smallest go together."""

_OTHERS = "other-namespaces"
_MAX_GROUP_NAME = 48  # of a group: a suffix has to fit into the 63 characters of a label
_LABEL_ADAPTER = TypeAdapter(Label)


class ProposedDomain(NamedTuple):
    """A domain of the plan.

    Attributes:
        name: Its name.
        note: Where it stands in the manifests, and what is to be known of it.
        weights: Its sets' weights, in a weighted wave.
        routing: Its sets' routing.
    """

    name: DomainName
    note: str
    weights: Weights | None = None
    routing: Routing | None = None


class ProposedWave(NamedTuple):
    """A wave of the plan.

    Attributes:
        name: As a label.
        expectation: From where its domains lead now.
        note: Why these, and why this expectation.
        domains: In the order of their names.
    """

    name: str
    expectation: Expectation
    note: str
    domains: tuple[ProposedDomain, ...]


class _Group(NamedTuple):
    """Hosts that belong together."""

    key: str
    is_declared: bool
    hosts: tuple[DomainName, ...]


def propose_waves(survey: Survey) -> tuple[ProposedWave, ...]:
    """Propose waves: first those of internal load balancers, the smaller ones first, and last what nobody wants."""
    groups = _grouped(survey)
    ordered = sorted(groups, key=lambda group: _order(group, survey))
    taken: set[str] = set()
    waves: list[ProposedWave] = []
    for group in ordered:
        waves += _waves(group, survey, taken)
    unwanted = tuple(_domain(name, survey) for name in unwanted_hosts(survey) if can_be_watched(name))
    if unwanted:
        places = {survey.whereabouts(one.name).position for one in unwanted}
        note = "Names that lead to a load balancer of one side and that neither cluster wants: they go dark with it."
        waves.append(ProposedWave(_unique(UNWANTED, taken), _expectation(places), note, unwanted))
    return tuple(_bounded(waves))


def unwanted_hosts(survey: Survey) -> tuple[DomainName, ...]:
    """Give the names of the zones that lead to a side's load balancer and that no cluster wants."""
    balancers = {name for side in Side for name in survey.targets[side]}
    return tuple(
        sorted(
            host
            for zone in survey.zones
            for host in zone.hosts()
            if host not in survey.wishes
            and folded(display(host)) not in balancers
            and survey.zone_of(host) is zone
            and _reaches_a_side(survey.whereabouts(host).position)
        )
    )


def _reaches_a_side(place: Position | None) -> bool:
    return place is not None and place.reaches_a_side


def can_be_watched(name: DomainName) -> bool:
    """Tell whether a plan takes a name: a zone also holds names that are not hosts' (`_acme-challenge`)."""
    try:
        parse_name(name, wildcard=True)
    except Unusable:
        return False
    return True


def elsewhere(survey: Survey) -> Mapping[DomainName, str]:
    """Give the hosts that a plan cannot have, each with the reason: they lead to neither cluster's load balancers."""
    found: dict[DomainName, str] = {}
    balancers = {name for side in Side for name in survey.targets[side]}
    for host, by_side in survey.wishes.items():
        targets = [target for wishes in by_side.values() for one in wishes for target in one.endpoint.targets]
        if folded(display(host)) in balancers:
            found[host] = "is a load balancer's own name"
        elif targets and not any(survey.side_of(target) for target in targets):
            found[host] = f"leads to {listed(sorted({shown(target) for target in targets}))} by its manifests"
    return found


def _grouped(survey: Survey) -> list[_Group]:
    left_out = elsewhere(survey)
    hosts = [host for host in sorted(survey.wishes) if host not in left_out]
    wished = {host: _wishes(survey.wishes[host]) for host in hosts}
    declared = {host: wave for host, wishes in wished.items() if (wave := _declared(wishes))}
    joined = _Joined()
    for wishes in wished.values():
        joined.join([one.namespace for one in wishes])
    keys = {host: declared.get(host) or joined.name(wished[host][0].namespace) for host in hosts}
    sizes = Counter(keys.values())
    kept = {key for key, _ in sorted(sizes.items(), key=lambda item: (-item[1], item[0]))[:MAX_GROUPS]}
    by_key: dict[str, list[DomainName]] = {}
    for host, key in keys.items():
        by_key.setdefault(key if key in kept else _OTHERS, []).append(host)
    named = frozenset(declared.values())
    return [_Group(key, key in named, tuple(found)) for key, found in by_key.items()]


def _wishes(by_side: Mapping[Side, tuple[WantedHost, ...]]) -> tuple[WantedHost, ...]:
    """Give the wishes that decide the wave: v1's, since it moves from there; v2's where v1 has none."""
    return by_side.get(Side.V1) or by_side[Side.V2]


def _declared(wishes: Iterable[WantedHost]) -> str:
    return next((one.wave for one in wishes if one.wave and is_label(one.wave)), "")


def is_label(text: str) -> bool:
    """Tell whether a text can name a wave."""
    try:
        _LABEL_ADAPTER.validate_python(text)
    except ValidationError:
        return False
    return True


class _Joined:
    """Namespaces that share a host and so move together; they have the name of the first."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def name(self, one: str) -> str:
        while (above := self._above.get(one, one)) != one:
            one = above
        return one

    def join(self, several: list[str]) -> None:
        first, *others = sorted({self.name(one) for one in several})
        for one in others:
            self._above[one] = first


def _order(group: _Group, survey: Survey) -> tuple[object, ...]:
    internal = all(
        any(one.is_internal for wishes in survey.wishes[host].values() for one in wishes) for host in group.hosts
    )
    natural = tuple((int(digits or 0), text) for digits, text in re.findall(r"(\d{1,9})?(\D*)", group.key))
    return (not internal, not group.is_declared, natural if group.is_declared else (), len(group.hosts), group.key)


def _waves(group: _Group, survey: Survey, taken: set[str]) -> Iterable[ProposedWave]:
    weighted: list[DomainName] = []
    new: list[DomainName] = []
    rest: list[DomainName] = []
    for host in group.hosts:
        where = survey.whereabouts(host)
        if where.weights is not None:
            weighted.append(host)
        elif Side.V1 not in survey.wishes[host] and (where.position is None or not where.position.leads_to_v1):
            new.append(host)
        else:
            rest.append(host)
    base = "wave" if not is_label(group.key) else group.key[:_MAX_GROUP_NAME]
    why = f"Declared by `cutover-probe/wave: {group.key}`." if group.is_declared else f"The namespace {group.key}."
    if group.key == _OTHERS:
        why = "The smallest namespaces together."
    for suffix, hosts, kind in (("", rest, ""), ("-weighted", weighted, "weighted"), ("-v2-only", new, "new")):
        if not hosts:
            continue
        name = _unique(base + (suffix if rest or suffix == "-v2-only" else ""), taken)
        domains = tuple(_domain(host, survey) for host in hosts)
        places = {survey.whereabouts(host).position for host in hosts}
        if kind == "weighted":
            yield ProposedWave(name, Expectation.WEIGHTED, f"{why} Both sides have weighted sets.", domains)
        elif kind == "new":
            expectation = Expectation.V2 if places == {Position.V2} else Expectation.MOVING
            yield ProposedWave(
                name, expectation, f"{why} Only v2 wants these: they are there already, or new.", domains
            )
        else:
            yield ProposedWave(name, _expectation(places), f"{why} {_reason(places)}", domains)


def _expectation(places: Iterable[Position | None]) -> Expectation:
    known = {place for place in places if _reaches_a_side(place)}
    if known == {Position.V2}:
        return Expectation.V2
    return Expectation.V1 if known <= {Position.V1} else Expectation.MOVING


def _reason(places: Iterable[Position | None]) -> str:
    known = {place for place in places if place is not None}
    if not known:
        return "No zone was looked at: `v1` is assumed, and `cutover-probe check` tells."
    return f"They lead to {listed(sorted(PLACES[place] for place in known))} now."


def _domain(host: DomainName, survey: Survey) -> ProposedDomain:
    where = survey.whereabouts(host)
    by_side = survey.wishes.get(host, {})
    notes = [f"{side}: {wishes[0].origin}" for side in Side if (wishes := by_side.get(side))]
    if len(by_side) == 1:
        notes.append(f"only {next(iter(by_side))} wants it")
    notes += _standing(where)
    wished = next((one.routing for wishes in by_side.values() for one in wishes if one.routing is not None), None)
    routing = None if where.weights is not None else where.routing or wished
    return ProposedDomain(host, "; ".join(notes), where.weights, routing)


def _standing(where: Whereabouts) -> Iterable[str]:
    if where.position is not None:
        targets = f" ({listed([shown(one) for one in where.targets])})" if where.position is Position.FOREIGN else ""
        yield f"leads to {PLACES[where.position]}{targets}"
    if where.owners:
        yield f"owned by {listed([shown(one) for one in where.owners])}"


def _unique(name: str, taken: set[str]) -> str:
    found, number = name, 2
    while found in taken:
        found, number = f"{name}-{number}", number + 1
    taken.add(found)
    return found


def _bounded(waves: Iterable[ProposedWave]) -> Iterable[ProposedWave]:
    left = MAX_DOMAINS
    for wave in waves:
        if left:
            yield wave._replace(domains=wave.domains[:left])
            left -= len(wave.domains[:left])
