"""What stands of a host before the first act, written so that hosts which stand alike are one and the same value.

A play of 300 hosts is a play of the few ways in which they stand: names are replaced by placeholders, as targets and
resources are. Where a name itself decides (a label too long for a TXT, `*`, `a-web`, whose untyped TXT is where `web`
has that of its A record), it stays. What cannot be played has a sentence that says why.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple

from probe.externaldns.endpoint import DEFAULT_TTL
from probe.externaldns.labels import serialize
from probe.externaldns.naming import RECORD_TYPES, TxtNames, too_long
from probe.judge.domain import relevant
from probe.judge.ownership.heritage import may_be_ours, read
from probe.judge.ownership.lookup import Shape, shape_by_plan, shapes_of
from probe.judge.ownership.names import places_of
from probe.judge.ownership.placeholders import ASSUMED_RESOURCE, place_of, record
from probe.judge.rehearsal.cast import Cast, Player
from probe.judge.rehearsal.rewrite import KEPT, SIMPLE, ChosenBy, Wish, rewrite
from probe.judge.rehearsal.sets import declared, weights_of
from probe.judge.rehearsal.wished import ReadSide
from probe.model.domain import DomainStatus
from probe.model.external_dns import TxtRegistry
from probe.model.name import DomainName, canonical, display, is_within, parent
from probe.model.ownership import TxtKind, TxtOwner
from probe.model.plan import Domain, Expectation, Network, Plan, Routing
from probe.model.record import Position, RecordState
from probe.model.side import Side
from probe.model.text import listed
from probe.route53.health import without_dualstack
from probe.route53.records import ResourceRecordSet

_ORDINARY = re.compile(r"[a-z0-9_-]+")
_TYPED = tuple(f"{rdtype.lower()}-" for rdtype in RECORD_TYPES)


OF_ANOTHER_TOOL = '"of another tool"'
"""Stands for every TXT value that is no ownership: whatever it says, an ExternalDNS reads over it."""


class Stand(NamedTuple):
    """A host, as it stands.

    Attributes:
        host, apex: Its name and its zone's, as placeholders.
        records: Its record sets and ownership TXT.
        shape: How it leads to a load balancer.
        dualstack: An AAAA stands, which old versions write only where a load balancer is marked.
    """

    host: DomainName
    apex: DomainName
    records: frozenset[ResourceRecordSet]
    shape: Shape
    dualstack: bool

    @property
    def sets(self) -> Mapping[Side, ChosenBy]:
        """By what each side's record set is chosen, where there are several."""
        found: dict[Side, ChosenBy] = {}
        for one in sorted(self.records, key=lambda held: held.key):
            side = place_of(one).side if one.rdtype != "TXT" else None
            if one.set_identifier and side is not None:
                found.setdefault(side, ChosenBy(one.set_identifier, one.weight, one.routed))
        return found


class SetPlace(NamedTuple):
    """Where a record set leads, and by what it is chosen among those of its name: empty for the only one."""

    position: Position
    by: str = ""


@lru_cache(maxsize=KEPT)
def places(host: DomainName, records: frozenset[ResourceRecordSet]) -> Mapping[str, tuple[SetPlace, ...]]:
    """Tell where a host's records lead: A and AAAA, where a CNAME stands in for both; of several sets each.

    A set of the weight 0 is not answered while another one has more, and does not count.
    """
    found: dict[str, set[SetPlace]] = {}
    own = [one for one in records if one.name == host and one.rdtype in {"A", "AAAA", "CNAME"}]
    weighty = any(one.weight for one in own)
    for one in own:
        if one.weight == 0 and weighty:
            continue
        for rdtype in ("A", "AAAA") if one.rdtype == "CNAME" else (one.rdtype,):
            found.setdefault(rdtype, set()).add(SetPlace(place_of(one), _by(one)))
    return {rdtype: tuple(sorted(those)) for rdtype, those in found.items()}


def _by(one: ResourceRecordSet) -> str:
    if one.weight is not None:
        return f"weight {one.weight}"
    if one.routed is None:
        return ""
    return one.routed.value.lower() or "one answer among several"


def seen(status: DomainStatus, plan: Plan, apex: DomainName | None) -> Stand | str:
    """Give what one look at DNS has shown of a host, or say why it cannot be played.

    Args:
        status: The host.
        plan: Its flags say at which names ownership stands.
        apex: Its zone, where a delegation has shown it.
    """
    name = status.domain.name
    why = _unplayable(status)
    if why is not None:
        return why
    standing = [one for one in relevant(status) if one.position not in {None, Position.ABSENT}]
    shapes = {shape for one in standing for shape in shapes_of(one)}
    shape = next((one for one in Shape if one in shapes), shape_by_plan(plan))
    above = any(txt.owners and not is_within(txt.name, apex or parent(name)) for txt in status.txts)
    zone = parent(name) if apex is None or (above and apex == name) else apex
    records = [
        _Held(one.rdtype.value, shape, one.position.side)
        for one in standing
        if one.position is not None and (one.position.is_side or one.position is Position.FOREIGN)
    ]
    txts = [
        _HeldTxt(txt.name, _texts(txt.owners, txt.values)) for txt in status.txts if txt.values and not txt.synthesised
    ]
    why = _elsewhere(records, txts, plan)
    return _stand(_HostNames(name, zone, plan.registries), records, txts, shape) if why is None else why


def _elsewhere(records: Iterable["_Held"], txts: Iterable["_HeldTxt"], plan: Plan) -> str | None:
    """Say why a host is not played that an ExternalDNS of the plan leads elsewhere: its object is not as assumed."""
    ids = {setup.txt_owner_id for side in Side for setup in plan.side(side).instances}
    ours = sorted(ids & {owner.owner for txt in txts for owner in read(txt.texts).owners})
    if not ours or all(one.side is not None for one in records):
        return None
    owners = listed([f'"{owner}"' for owner in ours])
    return (
        f"leads to an address of neither side, and its owner is {owners}: where that one's object leads it is not "
        "known, and it was not played. If the address is one of a side's, write it into the plan."
    )


def exported(domain: Domain, zone: DomainName, record_sets: Sequence[ResourceRecordSet], plan: Plan) -> Stand | str:
    """Give what an export of a hosted zone holds of a host, or say why it cannot be played.

    Args:
        domain: The host.
        zone: The apex.
        record_sets: Those at the host's name and at its TXT names.
        plan: Its load balancers and networks tell the sides apart.
    """
    name = domain.name
    if any(one.set_identifier for one in record_sets) and not (domain.has_sets or weights_of(domain)):
        return (
            "has record sets with set identifiers, and the plan declares neither weights nor a routing for it: it was "
            "not played. Declare `weights` with `expect: weighted`, or its `routing`."
        )
    records = []
    for one in record_sets:
        if one.name != name or one.rdtype not in {"A", "AAAA", "CNAME"}:
            continue
        sides = [side for side in Side if _leads(one, plan, side)]
        if len(sides) > 1:
            return "has addresses of both sides in one record set: it was not played."
        kind = Shape.CNAME if one.rdtype == "CNAME" else Shape.ADDRESSES if one.alias is None else Shape.ALIAS
        by = ChosenBy(one.set_identifier, one.weight, one.routed)
        records.append(_Held(one.rdtype, kind, next(iter(sides), None), by))
    kinds = places_of(name, plan.registries)
    txts = []
    for one in record_sets:
        if one.rdtype == "TXT" and one.name in kinds:
            said = read(one.values, plan.unseal)
            if said.opaque and kinds[one.name] is not TxtKind.BARE:
                return "has an ownership TXT that is encrypted, and no key of the plan opens it: it was not played."
            by = ChosenBy(one.set_identifier, one.weight, one.routed)
            texts = [text for value in one.values for text in _texts(read((value,), plan.unseal).owners, (value,))]
            txts.append(_HeldTxt(one.name, tuple(dict.fromkeys(texts)), by))
    shape = records[0].shape if records else shape_by_plan(plan)
    why = _elsewhere(records, txts, plan)
    return _stand(_HostNames(name, zone, plan.registries), records, txts, shape) if why is None else why


def _leads(one: ResourceRecordSet, plan: Plan, side: Side) -> bool:
    setup = plan.side(side)
    if one.alias is not None or one.rdtype == "CNAME":
        targets = (one.alias.dns_name,) if one.alias is not None else one.values
        return any(without_dualstack(canonical(text)) in setup.load_balancers for text in targets)
    return any(_is_in(text, network) for text in one.values for network in setup.networks)


def _is_in(text: str, network: Network) -> bool:
    try:
        return ip_address(text) in network
    except ValueError:  # an export that somebody has edited
        return False


class _Held(NamedTuple):
    """A record set that leads somewhere."""

    rdtype: str
    shape: Shape
    side: Side | None
    by: ChosenBy = SIMPLE


class _HeldTxt(NamedTuple):
    """What stands at a TXT name, as texts in which everything that decides nothing is replaced."""

    name: DomainName
    texts: tuple[str, ...]
    by: ChosenBy = SIMPLE


def _chosen(one: ResourceRecordSet, by: ChosenBy) -> ResourceRecordSet:
    return replace(one, set_identifier=by.identifier, weight=by.weight, routed=by.routed)


def _stand(names: "_HostNames", written: Iterable[_Held], txts: Iterable[_HeldTxt], shape: Shape) -> Stand:
    made = (_chosen(record(names.host, one.rdtype, one.shape, one.side), one.by) for one in written)
    records = {one.key: one for one in made}
    cname = any(one.rdtype == "CNAME" for one in records.values())
    for txt in txts:
        place = names.place(txt.name)
        if place is None or not is_within(place, names.apex) or (cname and place == names.host):
            continue
        one = _chosen(ResourceRecordSet(place, "TXT", DEFAULT_TTL, txt.texts), txt.by)
        records.setdefault(one.key, one)
    dualstack = any(one.rdtype == "AAAA" for one in records.values())
    return Stand(names.host, names.apex, frozenset(records.values()), shape, dualstack)


def planned(domain: Domain, plan: Plan, cast: Cast, read: Sequence[ReadSide] = ()) -> Stand:
    """Give what the plan alone lets expect: what the ExternalDNS of the side that a host is on has written for it.

    Of several that see it, the one that wants it by what was read of its cluster, else the first. Where Route 53
    chooses between sets, each side's has written its own, but for v2's before the move.
    """
    name = domain.name
    names = _HostNames(name, parent(name), plan.registries)
    shape = Shape.ADDRESSES if domain.routing is Routing.MULTIVALUE else shape_by_plan(plan)
    sides = [domain.expectation.side or Side.V1]
    chosen = dict.fromkeys(Side, SIMPLE)
    if domain.has_sets:
        chosen = dict(zip(Side, declared(domain, plan, {}), strict=True))
        sides = list(Side) if domain.expectation.includes_v2 else [Side.V1]
    records: frozenset[ResourceRecordSet] = frozenset()
    for side in sides:
        told = next((one for one in read if one.side is side), None)
        for one in _writers(cast.of(side, (name,)), told)[:1]:
            wish = Wish(side, one.shape(shape), dualstack=False, by=chosen[side])
            asked = None if told is None else told.of(one)
            if asked is not None:
                by = chosen[side] if asked.by is None else asked.by
                wish = Wish(
                    side, asked.shape(one, shape), dualstack=False, by=by, ttl=asked.ttl, evaluates=asked.evaluates
                )
            # A set that stands was written: by one that took nothing over and deleted nothing, whatever it does now.
            sync = (one.harmless if domain.has_sets else one).sync(prefer_cname=wish.shape is Shape.CNAME)
            records = rewrite(sync, names.host, names.apex, records, wish).after
    if any(one.rdtype == "CNAME" for one in records):
        shape = Shape.CNAME
    elif any(one.rdtype == "A" and one.alias is None for one in records):
        shape = Shape.ADDRESSES
    return Stand(names.host, names.apex, records, shape, dualstack=False)


def _writers(players: Sequence[Player], told: ReadSide | None) -> list[Player]:
    return sorted(players, key=lambda player: told is not None and told.of(player) is None)


def is_left_to_the_plan(status: DomainStatus) -> bool:
    """Tell whether DNS shows too little of a host's sets: a question draws one of them, and neither its identifier."""
    domain = status.domain
    drawn = any(one.state is RecordState.WEIGHTED for one in relevant(status))
    return domain.routing is not None or (domain.expectation is Expectation.WEIGHTED and drawn)


def _unplayable(status: DomainStatus) -> str | None:
    records = relevant(status)
    if not records or any(one.state is RecordState.UNKNOWN or one.position is None for one in records):
        return "was not answered clearly enough to be played."
    if any(one.position is Position.MIXED for one in records):
        return (
            "has addresses of both sides in one answer: no ExternalDNS of this plan writes that, and none was played."
        )
    if any(one.state is RecordState.WEIGHTED for one in records):
        return "is split by weighted routing, and the plan declares no weights: it was not played."
    several = [txt for txt in status.txts if len({owner.owner for owner in txt.owners}) > 1]
    if several:
        owners = listed([f'"{owner}"' for owner in sorted({owner.owner for owner in several[0].owners})])
        return (
            f"has the owners {owners} at {display(several[0].name)}, and an ExternalDNS goes by the first, which no "
            "answer tells: it was not played. Leave one heritage string there."
        )
    if any(txt.opaque for txt in status.txts):
        return "has an ownership TXT that is encrypted, and no key of the plan opens it: it was not played."
    return None


class _HostNames:
    """The names of one host, and the placeholders that stand for them."""

    def __init__(self, host: DomainName, zone: DomainName, registries: Collection[TxtRegistry]) -> None:
        first = host.partition(".")[0]
        long = any(too_long(_place(registry, host, kind)) for registry in registries for kind in TxtKind)
        ordinary = _ORDINARY.fullmatch(first) is not None and not first.startswith(_TYPED) and not long
        label = "host" if ordinary else first
        self.apex = DomainName("zone.test.")
        self.host = canonical(f"{label}.zone.test")
        if host == zone:
            self.apex = self.host
        self._places: Mapping[DomainName, DomainName] = {
            _place(registry, host, kind): _place(registry, self.host, kind)
            for registry in registries
            for kind in TxtKind
        }

    def place(self, txt: DomainName) -> DomainName | None:
        """Give the placeholder of a TXT name."""
        return self._places.get(txt)


def _place(registry: TxtRegistry, host: DomainName, kind: TxtKind) -> DomainName:
    return TxtNames(registry.prefix, registry.suffix, registry.wildcard_replacement).txt_name(host, kind.value)


def _texts(owners: tuple[TxtOwner, ...], values: tuple[str, ...]) -> tuple[str, ...]:
    """Give the values of a TXT: ownership with its object's name replaced, and one placeholder for other tools'.

    An ExternalDNS looks for ownership in the first value alone, and answers have no order: it is taken to be the first.
    """
    owned = [
        serialize({"owner": one.owner, **({"resource": ASSUMED_RESOURCE} if one.resource else {})}) for one in owners
    ]
    others = [OF_ANOTHER_TOOL for value in values if not may_be_ours(value)]
    return tuple(dict.fromkeys([*owned, *others])) or values
