"""What the plan's flags say of a fight: which ExternalDNS would do its part in it, and which go by no TXT.

Causes are told from what was seen (`probe.judge.findings.flap_cause`). The plan may be older than the flags, or lack an
ExternalDNS: what it says is put beside that, and is never a reason to call a fight none.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from probe.externaldns.registry import kinds_read
from probe.externaldns.version import Version, dialect
from probe.judge.context import Context
from probe.judge.findings.evidence import facts
from probe.judge.findings.fight import Fight
from probe.judge.findings.flap_text import FlapFacts, first_owners
from probe.judge.findings.witnessed import is_wanted, missing
from probe.judge.ownership.takeover import takes_all
from probe.judge.ownership.txt_history import owners_told
from probe.judge.record.period import places_of
from probe.model.external_dns import ExternalDns, Registry
from probe.model.finding import FactLabel, LabelledFact
from probe.model.record import Position
from probe.model.side import Side


def unlike_the_plan(code: str, told: FlapFacts, context: Context) -> dict[Side, tuple[ExternalDns, ...]]:
    """Give the ExternalDNS of each side that has a part in the fight, if by the plan's flags none would do that.

    One that the plan tells nothing of, or whose owners DNS does not show, may do anything.
    """
    parts, owners = _PARTS.get(code), frozenset(first_owners(told))
    if code == "fight-mutual-migration":
        owners = owners.union(*(one for txt in told.claims for one in owners_told(txt, told.since)))
    if parts is None or not owners:
        return {}
    sides = {place.side for place in places_of(told.flapping)}
    unlike: dict[Side, tuple[ExternalDns, ...]] = {}
    for side in Side:
        part, setups = parts.leads if side in sides else parts.removes, context.external_dns(side)
        if part is not None and setups and not any(_is_untold(one) or part(one, owners) for one in setups):
            unlike[side] = setups
    return unlike


def outside_of_txt(fight: Fight, context: Context) -> dict[Side, tuple[ExternalDns, ...]]:
    """Give the ExternalDNS of each side of the fight whose part in it no TXT tells, by the plan.

    All of that side have to: one with --registry=noop takes what it sees for its own, and one that keeps its owners
    outside of DNS reads of a TXT its own id only.
    """
    owners = frozenset[str]().union(*(one for txt in fight.claims for one in owners_told(txt, fight.begun)))
    places = places_of(fight.flapping)
    sides = {place.side for place in places}
    found = {side: context.external_dns(side) for side in Side if side in sides or Position.ABSENT in places}
    return {
        side: setups
        for side, setups in found.items()
        if setups
        and all(
            one.registry is Registry.NOOP or (one.registry.is_hidden and one.txt_owner_id not in owners)
            for one in setups
        )
    }


def taken_by_flags(told: FlapFacts, context: Context) -> tuple[LabelledFact, ...]:
    """Say by which flags v2's ExternalDNS takes over what v1's creates, and deletes it; nothing where none does.

    Only where none of v2's has the owner id itself, and its cluster was not read with an object for the host. That it
    has none is inferred, unless a witness shows it.
    """
    owners, v2 = frozenset(first_owners(told)), context.external_dns(Side.V2)
    sides = {place.side for place in places_of(told.flapping) if place.side is not None}
    wanted = told.status.witnessed.wanted
    has_it = wanted is not None and is_wanted(wanted, Side.V2, told.at)
    if sides != {Side.V1} or has_it or any(_is_untold(one) or _writes(one, owners) for one in v2):
        return ()
    taker = next((one for one in v2 if _takes(one, owners) and takes_all(one)), None)
    if taker is None:
        return ()
    who = f'v2\'s ExternalDNS ("{taker.txt_owner_id}")'
    seen = missing(wanted, Side.V2, told.at)
    return facts(
        (FactLabel.CAUSE, f'{who} migrates from "{taker.migrate_from_txt_owner}" with --policy=sync'),
        (FactLabel.CAUSE, seen or "It seems to have no object for this domain (inferred)"),
    )


def read_apart(context: Context) -> bool:
    """Tell whether by the plan each side keeps owners at names of its own (--txt-prefix, --txt-suffix), in any version.

    Where both versions are told and read other names as well, that is not the only reason.
    """
    pairs = list(product(context.external_dns(Side.V1), context.external_dns(Side.V2)))
    return bool(pairs) and all(_affixes(v1) != _affixes(v2) and not _differ_in_kinds(v1, v2) for v1, v2 in pairs)


def _affixes(one: ExternalDns) -> tuple[str, str]:
    return one.names.prefix, one.names.suffix


def _differ_in_kinds(v1: ExternalDns, v2: ExternalDns) -> bool:
    if v1.version is None or v2.version is None:
        return False
    old, new = (kinds_read("A", alias=True, dialect=dialect(Version(*one))) for one in (v1.version, v2.version))
    return old != new


def _is_untold(one: ExternalDns) -> bool:
    return one.registry is not Registry.TXT or replace(one, txt_registry=None) == ExternalDns()


def _writes(one: ExternalDns, owners: frozenset[str]) -> bool:
    return one.txt_owner_id in owners


def _takes(one: ExternalDns, owners: frozenset[str]) -> bool:
    return one.migrate_from_txt_owner in owners - {one.txt_owner_id}


def _deletes(one: ExternalDns, owners: frozenset[str]) -> bool:
    return (one.policy is None or one.policy.deletes) and (_writes(one, owners) or _takes(one, owners))


_Part: TypeAlias = Callable[[ExternalDns, frozenset[str]], bool]


class _Parts(NamedTuple):
    """What an ExternalDNS does in a fight over owners: of a side to which the record leads, and of the other one.

    The other one has no part where `removes` is None: the record goes to an address of neither side, and back.
    """

    leads: _Part
    removes: _Part | None = None


_PARTS: Mapping[str, _Parts] = MappingProxyType(
    {
        "fight-same-owner": _Parts(_writes),
        "fight-mutual-migration": _Parts(_takes),
        "fight-delete-create": _Parts(_writes, _deletes),
    }
)
"""Causes that owner ids tell; of two versions the names do."""
