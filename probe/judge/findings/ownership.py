"""Ownership that is wrong though nothing flips: what will hurt at the next deletion, creation or migration."""

from collections.abc import Iterable, Sequence

from probe.judge.advice.of_owners import orphan_of_no_name, unowned_in_place, unowned_sets, unowned_without_place
from probe.judge.context import Context
from probe.judge.domain import is_denied_by_name, relevant
from probe.judge.findings.dead_target import emptied
from probe.judge.findings.declaration import UNDECIDED, Verdict
from probe.judge.findings.evidence import Found, facts, kinds, txt_by_txt
from probe.judge.findings.hazard import fates_at, names_of, naming, quoted, settled, standing_records
from probe.judge.ownership.foresight import Deletion, Fate, ForeseenHost, unless_kept, unwanted
from probe.judge.ownership.lookup import (
    all_deciding,
    claims_of,
    deciding,
    fallbacks,
    of_any_version,
    owner_ids,
    reading_orders,
    shapes_of,
)
from probe.judge.ownership.names import txt_name
from probe.judge.ownership.wildcard import covered_by, is_open
from probe.model.advice import Advise
from probe.model.domain import DomainStatus
from probe.model.external_dns import ExternalDns, Registry
from probe.model.finding import FactLabel, FindingCode, Severity
from probe.model.name import display
from probe.model.ownership import TxtStatus
from probe.model.record import RecordState, RecordStatus
from probe.model.side import Side
from probe.model.text import PLACES, listed


@settled(FindingCode.STALE_OWNER)
def stale_owner(status: DomainStatus, context: Context) -> Found | None:
    """Tell of a record on v2 that v1's ExternalDNS takes for its own."""
    return stale(status, context)


def stale(status: DomainStatus, context: Context) -> Found | None:
    """A record on v2 of which v1's ExternalDNS reads that it is v1's. With one id for both sides nobody can tell."""
    if status.domain.has_sets:
        return None
    found = [
        one
        for setup in context.external_dns(Side.V1)
        if setup.txt_owner_id not in context.owners(Side.V2) and (one := _held_by(status, setup)) is not None
    ]
    return next((one for one in found if one.severity is None), next(iter(found), None))


def _held_by(status: DomainStatus, v1: ExternalDns) -> Found | None:
    """Say that an ExternalDNS of v1 takes a record on v2 for its own, or would once another TXT is gone.

    Whose TXT it reads is no prediction, and is looked up; what it does then is played.
    """
    owner = v1.txt_owner_id
    moved = tuple(record for record in standing_records(status) if record.state is RecordState.V2)
    deciding_ones = all_deciding(status, moved, (v1,))
    behind = {txt.name: txt for record in moved for txt in fallbacks(status, record, v1)}
    acting = [txt for txt in deciding_ones if owner in owner_ids(txt)]
    waiting = [txt for txt in behind.values() if owner in owner_ids(txt) and txt not in acting]
    name = display(status.domain.name)
    if acting:
        return Found(
            f"{name} ({kinds(moved)}) leads to v2, but its ownership TXT names v1's owner.",
            txt_by_txt(acting),
            facts=facts(
                (FactLabel.OWNERS, f'{naming(acting)} "{owner}"'),
                (FactLabel.EFFECT, _effect_of_owning(ForeseenHost(status.domain.name, moved, status.txts), v1)),
            ),
        )
    if waiting:
        # As it would be read without the TXT that decide now.
        names = {txt.name for txt in deciding_ones}
        left = tuple(txt for txt in status.txts if txt.name not in names)
        gone = f"as soon as {names_of(deciding_ones)} is missing"
        effect = _effect_of_owning(ForeseenHost(status.domain.name, moved, left), v1)
        return Found(
            f"{name} ({kinds(moved)}) leads to v2, but one of its older ownership TXT still names v1's owner.",
            txt_by_txt((*waiting, *deciding_ones)),
            Severity.WARNING,
            facts=facts(
                (FactLabel.OWNERS, f'{naming(waiting)} "{owner}"'),
                (FactLabel.EFFECT, f"v1's ExternalDNS obeys it {gone}"),
                (FactLabel.EFFECT, f"Then {effect}"),
            ),
        )
    return None


def _effect_of_owning(host: ForeseenHost, v1: ExternalDns) -> str:
    """Say what v1's ExternalDNS does with records that it takes for its own, once it has no object for the host."""
    came = unwanted(host, v1)
    if Deletion.ACCEPTED in came:
        return f"v1's ExternalDNS deletes the record when v1's Ingress is deleted{unless_kept(v1)}"
    if Deletion.REFUSED in came:
        return "v1's ExternalDNS tries to delete the record when v1's Ingress is deleted, and Route 53 refuses that"
    if v1.policy is not None and not v1.policy.deletes:
        return f"v1's ExternalDNS takes the record for its own, and deletes none with --policy={v1.policy}"
    return "v1's ExternalDNS takes the record for its own, and by the plan's flags it deletes none of this type"


@settled(FindingCode.OWNER_NOT_RETURNED)
def owner_not_returned(status: DomainStatus, context: Context) -> Found | None:
    """Tell of a record on v1, where it is expected, of which v1's ExternalDNS reads that it is v2's, or v2's does.

    v2's may read a TXT of its own, by a prefix that v1's has not: then v1's owner in v1's TXT keeps it from nothing.

    The mirror of `stale_owner`. What v1's does with such a record, and v2's if it still has the host, is played;
    whether it still has it is not seen here.
    """
    theirs = context.owners(Side.V2) - context.owners(Side.V1)
    if not theirs or status.domain.expectation.side is not Side.V1 or status.domain.has_sets:
        return None
    back = tuple(record for record in standing_records(status) if record.state is RecordState.V1)
    setups = context.external_dns(Side.V1)
    read = all_deciding(status, back, setups)
    held = [txt for txt in read if theirs & owner_ids(txt)]
    if not held:
        return _owned_by_its_own_word(status, back, theirs, context)
    owners = quoted(theirs & frozenset().union(*map(owner_ids, held)))
    host = ForeseenHost(status.domain.name, back, status.txts)
    return Found(
        f"{display(status.domain.name)} ({kinds(back)}) leads to v1, where it is expected, but its TXT names v2's "
        "owner.",
        txt_by_txt(held),
        facts=facts(
            (FactLabel.OWNERS, f"{naming(held)} {owners}"),
            (FactLabel.EFFECT, f"{_of_v1s(host, setups)}, and {_of_v2s(host, context.external_dns(Side.V2))}"),
        ),
    )


def _owned_by_its_own_word(
    status: DomainStatus, back: tuple[RecordStatus, ...], theirs: frozenset[str], context: Context
) -> Found | None:
    """Tell of a record that is v1's by what v1's ExternalDNS reads, and v2's by what v2's reads, as played."""
    setups = context.external_dns(Side.V2)
    held = [txt for txt in all_deciding(status, back, setups) if theirs & owner_ids(txt)]
    host = ForeseenHost(status.domain.name, back, status.txts)
    if not held or fates_at(host, setups, Side.V2) <= {Fate.LEFT}:
        return None
    return Found(
        f"{display(status.domain.name)} ({kinds(back)}) leads to v1, where it is expected, but the TXT that v2's reads "
        "names v2's owner.",
        txt_by_txt(held),
        facts=facts(
            (FactLabel.OWNERS, f"{naming(held)} {quoted(theirs & frozenset().union(*map(owner_ids, held)))}"),
            (FactLabel.EFFECT, f"By what its ExternalDNS reads, {_of_v2s(host, setups)}"),
        ),
    )


def _of_v1s(host: ForeseenHost, setups: Iterable[ExternalDns]) -> str:
    came = fates_at(host, setups, Side.V1)
    if came <= {Fate.LEFT}:
        return "v1's ExternalDNS never updates the record"
    if Fate.LEFT not in came:
        return "v1's ExternalDNS takes the record over at its next sync, by the plan's flags"
    return "v1's ExternalDNS takes the record over or never updates it, which hangs on what the plan does not tell"


def _of_v2s(host: ForeseenHost, setups: Sequence[ExternalDns]) -> str:
    came = fates_at(host, setups, Side.V2)
    hidden = next((one.registry for one in setups if one.registry.is_hidden), None)
    if came <= {Fate.LEFT} and hidden is not None:
        return f"DNS does not show whether v2's, with --registry={hidden}, takes it back"
    if came <= {Fate.LEFT}:
        return "v2's leaves it where it is, even if it still has the host"
    return f"v2's {'takes' if Fate.LEFT not in came else 'may take'} it back if it still has the host"


@settled(FindingCode.UNOWNED)
def unowned(status: DomainStatus, context: Context) -> Verdict:
    """A record for which no version of ExternalDNS finds an owner, at names that were all answered.

    One that keeps ownership elsewhere, or that takes every record for its own, may write it all the same, whichever
    side it leads to: then DNS does not show whose it is. Where the names are not those at which ExternalDNS writes, as
    the plan's flags are wrong, it has an owner: so what is said of it rests on them.
    """
    if any(txt.at is None for txt in status.txts) or any(one.registry is not Registry.TXT for one in context.setups):
        return None
    if is_open(status):
        return UNDECIDED
    if covered_by(status) is not None:
        return None  # it has no record of its own that anybody could own: a wildcard answers
    bare = unowned_records(status, context.setups)
    if not bare:
        return None
    unwritten = _lacks_place(status, [(record, setup) for record in bare for setup in _writers(record, context)])
    why = "Its TXT name is too long for DNS, or lies outside the zone" if unwritten else ""
    where = listed(sorted({PLACES[side] for record in bare if (side := record.state.side) is not None}))
    return Found(
        f"{display(status.domain.name)} ({kinds(bare)}) leads to {where}, and has no ownership TXT where the plan's "
        "flags put it.",
        txt_by_txt(status.txts),
        facts=facts(
            (FactLabel.EFFECT, "If those flags are right, no ExternalDNS of the plan updates or deletes the record"),
            (FactLabel.CAUSE, why),
        ),
        advise=advice_of_unowned(status, bare, context.setups),
    )


def unowned_records(status: DomainStatus, setups: Iterable[ExternalDns]) -> tuple[RecordStatus, ...]:
    """Give the records that stand and for which no version of some ExternalDNS finds an owner."""
    readers = [of_any_version(one) for one in setups]
    return tuple(
        record for record in standing_records(status) if not any(deciding(status, record, one) for one in readers)
    )


def advice_of_unowned(
    status: DomainStatus, bare: Sequence[RecordStatus], setups: Sequence[ExternalDns]
) -> Advise | None:
    """Say what is to be done about records without an owner; None: what `unowned` usually advises.

    Nobody writes a TXT where the name has no place for it, or moves by hand what is where it is to be, or what has
    several sets.

    Args:
        status: The domain, of which every TXT name was answered.
        bare: Its `unowned_records`.
        setups: Every ExternalDNS that sees it.
    """
    if _lacks_place(status, [(record, setup) for record in bare for setup in setups]):
        return unowned_without_place
    if status.domain.has_sets:
        return unowned_sets
    to = status.domain.expectation.side or Side.V2  # while it moves, v2
    in_place = all(record.state.side is not None and record.state.side.side is to for record in bare)
    return unowned_in_place if in_place else None


def _lacks_place(status: DomainStatus, pairs: Sequence[tuple[RecordStatus, ExternalDns]]) -> bool:
    """Tell whether none of some ExternalDNS can write a TXT for its record: DNS cannot hold one at these names."""
    names = {txt.name for txt in status.txts}
    return bool(pairs) and all(
        txt_name(status.domain.name, order[0], setup.names) not in names
        for record, setup in pairs
        for order in reading_orders(record.rdtype, shapes_of(record), setup.version)
        if order
    )


def _writers(record: RecordStatus, context: Context) -> tuple[ExternalDns, ...]:
    """Give the ExternalDNS of the side that a record leads to; none where it leads to no one side."""
    side = None if record.state.side is None else record.state.side.side
    return () if side is None else context.external_dns(side)


@settled(FindingCode.ORPHAN_TXT)
def orphan_txt(status: DomainStatus, context: Context) -> Found | None:
    """Tell of an ownership TXT whose record does not exist, in neither family, or may not.

    An alias whose load balancer is gone answers nothing as well: its record stands, and needs its TXT. Only where that
    load balancer was seen to go with the answers is it known; a name that is denied (NXDOMAIN) has no record.
    """
    gone = relevant(status)
    if any(record.state is not RecordState.ABSENT for record in gone) or emptied(status, context):
        return None
    claims = list(claims_of(status, context.setups))
    if not claims or _leads_nowhere(gone):
        return None
    name, is_denied = display(status.domain.name), is_denied_by_name(gone)
    return Found(
        f"{name} does not exist, but its ownership TXT does."
        if is_denied
        else f"{name} has no address, and its ownership TXT stands.",
        txt_by_txt(claims),
        facts=facts(
            (FactLabel.OWNERS, f"{names_of(claims)}{_for_whom(claims)}"),
            *((FactLabel.EFFECT, effect) for effect in _of_creating(status, context)),
            (FactLabel.CAUSE, "" if is_denied else _NO_ADDRESS),
        ),
        advise=orphan_of_no_name if is_denied else None,
    )


_NO_ADDRESS = "Its record is gone, or is an alias of a load balancer that is gone: answers do not tell which"


def _leads_nowhere(records: Iterable[RecordStatus]) -> bool:
    """Tell whether a server answers a CNAME, whose end has no address: it stands, and needs its TXT."""
    return any(one.response is not None and one.response.answer for record in records for one in record.servers)


def _of_creating(status: DomainStatus, context: Context) -> tuple[str, ...]:
    """Say what comes of it when a side's ExternalDNS creates the host, as played: one sentence where both do alike."""
    host = ForeseenHost(status.domain.name, relevant(status), status.txts)
    writing = {side: [one for one in context.external_dns(side) if one.registry is Registry.TXT] for side in Side}
    came = {side: fates_at(host, setups, side) for side, setups in writing.items()}
    if all(Fate.UNOWNED in one and Fate.REFUSED not in one for one in came.values()):
        return ("An ExternalDNS that creates the record writes no TXT there, and never owns the record",)
    return tuple(effect for side, one in came.items() if (effect := _of_creator(side, one)))


def _of_creator(side: Side, came: frozenset[Fate]) -> str:
    who, may = f"{side.value}'s ExternalDNS", "may " if len(came) > 1 else ""
    if Fate.REFUSED in came:
        return f"Route 53 {may}refuse{'' if may else 's'} the record that {who} would create beside it, at every sync"
    if Fate.UNOWNED in came:
        return f"{who} {'may create' if may else 'creates'} the record without a TXT of its own, and never owns it then"
    return f"{who} creates the record, and owns it by what it reads then" if Fate.LED in came else ""


def _for_whom(txts: list[TxtStatus]) -> str:
    owners = frozenset().union(*map(owner_ids, txts))
    return f" with the owner {quoted(owners)}" if owners else ""
