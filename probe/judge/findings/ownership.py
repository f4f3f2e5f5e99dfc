"""Ownership that is wrong though nothing flips: what will hurt at the next deletion, creation or migration.

The rules read records that are at rest and TXT names that were answered. ExternalDNS writes an ownership TXT in one
batch with its record, but the probe queries TXT seldom, and a TXT propagates by itself; and an ExternalDNS that
disagrees with a TXT acts at its next sync. So after a change of the record these rules wait until both sides'
ExternalDNS could sync twice, and then until every TXT name was answered again. A TXT that changes by itself has to
stay the same for the grace time and be answered twice. Until then an open finding stays open, unless the record itself
has moved since.

Where weights are declared each set has a TXT of its own, and an answer holds any one of them: no rule asks for the
owner of such a name.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import TypeAlias

from probe.judge.context import Context
from probe.judge.domain import chosen_sets, relevant
from probe.judge.findings.dead_target import emptied
from probe.judge.findings.declaration import UNDECIDED, Rule, Verdict
from probe.judge.findings.evidence import Found, facts, kinds, txt_by_txt
from probe.judge.ownership.foresight import Deletion, Fate, ForeseenHost, fates, unless_kept, unwanted
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
from probe.judge.state import DomainState
from probe.model.by_identity import by_identity
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.external_dns import ExternalDns, Registry
from probe.model.finding import FactLabel, FindingCode, Severity
from probe.model.name import display
from probe.model.ownership import TxtStatus
from probe.model.question import ADDRESS_TYPES
from probe.model.record import RecordState, RecordStatus
from probe.model.side import Side
from probe.model.text import PLACES, listed

SYNCS = 2
"""Syncs that each side's ExternalDNS gets after a change before its silence is believed: one may fail."""

ALIKE_ANSWERS = 3
"""Answers in a row that read alike before a name counts as contradicting another: until it is known that a record is
weighted, each set's TXT may have been drawn once."""

DEFAULT_OWNER = "default"
"""What ExternalDNS takes for --txt-owner-id when nobody sets it."""

HAZARDS = frozenset(
    {
        FindingCode.STALE_OWNER,
        FindingCode.OWNER_NOT_RETURNED,
        FindingCode.OWNER_CASE,
        FindingCode.FOREIGN_OWNER,
        FindingCode.CONTRADICTING_OWNERS,
        FindingCode.UNOWNED,
        FindingCode.ORPHAN_TXT,
        FindingCode.DEFAULT_OWNER,
    }
)
"""Every hazard."""


_OF_ONE_OWNER = frozenset(
    {
        FindingCode.STALE_OWNER,
        FindingCode.OWNER_NOT_RETURNED,
        FindingCode.FOREIGN_OWNER,
        FindingCode.CONTRADICTING_OWNERS,
    }
)
"""Hazards of a record with one owner: of sets between which Route 53 chooses each has a TXT of its own."""

_Hazard: TypeAlias = Callable[[DomainStatus, Context], Verdict]


def _settled(code: FindingCode) -> Callable[[_Hazard], Rule]:
    """Make a rule of a hazard: it speaks once both sides could object and every TXT name was answered since.

    Until then what was open stays open, unless the record itself has moved since it was raised.
    """

    def decorate(hazard: _Hazard) -> Rule:
        @wraps(hazard)
        def rule(state: DomainState, at: Instant, context: Context) -> Verdict:
            status = state.status
            if not status.state.is_at_rest and status.state is not RecordState.PROPAGATING:
                return None
            if code in _OF_ONE_OWNER and chosen_sets(status, ADDRESS_TYPES, at, context):
                return None
            if status.state is not RecordState.PROPAGATING and _is_decided(status, at, context):
                return hazard(status, context)
            moved = _moved_at(status)
            raised = next((finding.since for finding in status.findings if finding.code == code), None)
            return UNDECIDED if raised is not None and (moved is None or raised > moved.wall) else None

        return rule

    return decorate


def _moved_at(status: DomainStatus) -> Instant | None:
    newest = [record.recent[-1].at for record in status.records if record.recent]
    return max(newest, key=lambda instant: instant.monotonic, default=None)


@by_identity(1)  # every hazard of a domain asks it once
def _is_decided(status: DomainStatus, at: Instant, context: Context) -> bool:
    moved = _moved_at(status)
    answered = [txt for txt in status.txts if txt.at is not None]
    grace = context.probing.grace
    if moved is not None:
        patience = SYNCS * max((one.interval for one in context.setups), default=0.0) + grace
        if at.monotonic - moved.monotonic < patience:
            return False
        if any(txt.at is not None and txt.at.monotonic < moved.monotonic + grace for txt in answered):
            return False
    return all(not txt.past or _has_settled(txt, at, grace) for txt in answered)


def _has_settled(txt: TxtStatus, at: Instant, grace: float) -> bool:
    return txt.answers > 1 and txt.since is not None and at.monotonic - txt.since.monotonic >= grace


def _standing(status: DomainStatus) -> tuple[RecordStatus, ...]:
    return tuple(record for record in relevant(status) if record.state.is_side)


@_settled(FindingCode.STALE_OWNER)
def stale_owner(status: DomainStatus, context: Context) -> Found | None:
    """Tell of a record on v2 that v1's ExternalDNS takes for its own."""
    return _stale(status, context)


def _stale(status: DomainStatus, context: Context) -> Found | None:
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
    moved = tuple(record for record in _standing(status) if record.state is RecordState.V2)
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
                (FactLabel.OWNERS, f'{_named(acting)} "{owner}"'),
                (FactLabel.EFFECT, _effect_of_owning(ForeseenHost(status.domain.name, moved, status.txts), v1)),
            ),
        )
    if waiting:
        # As it would be read without the TXT that decide now.
        names = {txt.name for txt in deciding_ones}
        left = tuple(txt for txt in status.txts if txt.name not in names)
        gone = f"as soon as {_names(deciding_ones)} is missing"
        effect = _effect_of_owning(ForeseenHost(status.domain.name, moved, left), v1)
        return Found(
            f"{name} ({kinds(moved)}) leads to v2, but one of its older ownership TXT still names v1's owner.",
            txt_by_txt((*waiting, *deciding_ones)),
            Severity.WARNING,
            facts=facts(
                (FactLabel.OWNERS, f'{_named(waiting)} "{owner}"'),
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


@_settled(FindingCode.OWNER_NOT_RETURNED)
def owner_not_returned(status: DomainStatus, context: Context) -> Found | None:
    """Tell of a record on v1, where it is expected, of which v1's ExternalDNS reads that it is v2's.

    The mirror of `stale_owner`. What v1's does with such a record, and v2's if it still has the host, is played;
    whether it still has it is not seen here.
    """
    theirs = context.owners(Side.V2) - context.owners(Side.V1)
    if not theirs or status.domain.expectation.side is not Side.V1 or status.domain.has_sets:
        return None
    back = tuple(record for record in _standing(status) if record.state is RecordState.V1)
    setups = context.external_dns(Side.V1)
    read = all_deciding(status, back, setups)
    held = [txt for txt in read if theirs & owner_ids(txt)]
    if not held:
        return None
    owners = _quoted(theirs & frozenset().union(*map(owner_ids, held)))
    host = ForeseenHost(status.domain.name, back, status.txts)
    return Found(
        f"{display(status.domain.name)} ({kinds(back)}) leads to v1, where it is expected, but its TXT names v2's "
        "owner.",
        txt_by_txt(held),
        facts=facts(
            (FactLabel.OWNERS, f"{_named(held)} {owners}"),
            (FactLabel.EFFECT, f"{_of_v1s(host, setups)}, and {_of_v2s(host, context.external_dns(Side.V2))}"),
        ),
    )


def _of_v1s(host: ForeseenHost, setups: Iterable[ExternalDns]) -> str:
    came = _came(host, setups, Side.V1)
    if came <= {Fate.LEFT}:
        return "v1's ExternalDNS never updates the record"
    if Fate.LEFT not in came:
        return "v1's ExternalDNS takes the record over at its next sync, by the plan's flags"
    return "v1's ExternalDNS takes the record over or never updates it, which hangs on what the plan does not tell"


def _of_v2s(host: ForeseenHost, setups: Sequence[ExternalDns]) -> str:
    came = _came(host, setups, Side.V2)
    hidden = next((one.registry for one in setups if one.registry.is_hidden), None)
    if came <= {Fate.LEFT} and hidden is not None:
        return f"DNS does not show whether v2's, with --registry={hidden}, takes it back"
    if came <= {Fate.LEFT}:
        return "v2's leaves it where it is, even if it still has the host"
    return f"v2's {'takes' if Fate.LEFT not in came else 'may take'} it back if it still has the host"


def _came(host: ForeseenHost, setups: Iterable[ExternalDns], side: Side) -> frozenset[Fate]:
    """Give what the side's ExternalDNS make of a host that they want; those whose registry is hidden show nothing."""
    played = [fates(host, one, side).values() for one in setups if not one.registry.is_hidden]
    return frozenset[Fate]().union(*(fate for one in played for fate in one))


@_settled(FindingCode.OWNER_CASE)
def owner_case(status: DomainStatus, context: Context) -> Found | None:
    """Tell of an owner that the plan has in other letters: upper and lower case, or blanks around it, and no more.

    ExternalDNS compares owner ids octet by octet, so that it is another owner. Which of the two is written wrongly is
    not seen.
    """
    if status.domain.has_sets:
        return None
    planned = {owner: side for side in Side for owner in context.owners(side)}
    named = frozenset().union(*map(owner_ids, status.txts)) - planned.keys()
    if not named:
        return None  # nearly always, and before anybody's reading order is gone through
    other = _in_other_letters(named, planned)
    read = all_deciding(status, _standing(status), context.setups) if other else ()
    written = min(other.keys() & frozenset().union(*map(owner_ids, read)), default=None)
    if written is None:
        return None
    meant = other[written]
    held = [txt for txt in read if written in owner_ids(txt)]
    return Found(
        f'The ownership TXT of {display(status.domain.name)} names "{written}", and the plan has "{meant}".',
        txt_by_txt(held),
        facts=facts(
            (FactLabel.OWNERS, f'{_named(held)} "{written}"; by the plan {planned[meant].value}\'s is "{meant}"'),
            (FactLabel.CAUSE, "They differ in upper and lower case, or in blanks, alone: to ExternalDNS two owners"),
            (FactLabel.EFFECT, f'An ExternalDNS with the id "{meant}" neither updates nor deletes the record'),
        ),
    )


def _in_other_letters(owners: Iterable[str], planned: Iterable[str]) -> dict[str, str]:
    """Give those of some owners that the plan has in other letters, and what it has."""
    alike = {_folded(owner): owner for owner in planned}
    return {owner: alike[_folded(owner)] for owner in owners if _folded(owner) in alike}


def _folded(owner: str) -> str:
    return owner.strip().casefold()


@_settled(FindingCode.FOREIGN_OWNER)
def foreign_owner(status: DomainStatus, context: Context) -> Found | None:
    """Tell of one owner that no ExternalDNS has that sees the host, nor takes over from: nobody known moves the record.

    Whether anybody runs with that id is not seen. Where the plan tells of no owner id but the one that nobody has set,
    nothing is known of owners. Several owners are `contradicting_owners`, and other letters `owner_case`.
    """
    setups = context.setups
    ids = {one.txt_owner_id for one in setups}
    known = ids | {one.migrate_from_txt_owner for one in setups if one.migrate_from_txt_owner is not None}
    if status.domain.has_sets or known <= {DEFAULT_OWNER}:
        return None
    named = frozenset().union(*map(owner_ids, status.txts)) - known
    if not named or _in_other_letters(named, known):
        return None
    standing = _standing(status)
    held = list(all_deciding(status, standing, setups))
    owners = frozenset().union(*map(owner_ids, held))
    if len(owners) != 1 or not owners <= named:
        return None
    host = ForeseenHost(status.domain.name, standing, status.txts)
    untouched = all(one.registry is Registry.TXT for one in setups) and _came_of_all(host, context) <= {Fate.LEFT}
    return Found(
        f"The ownership TXT of {display(status.domain.name)} names {_quoted(owners)}, and by the plan no ExternalDNS "
        "that sees it has that id.",
        txt_by_txt(held),
        facts=facts(
            (FactLabel.OWNERS, f"{_named(held)} {_quoted(owners)}; by the plan they have {_quoted(ids)}"),
            (FactLabel.EFFECT, "No ExternalDNS of the plan updates or deletes the record" if untouched else ""),
        ),
    )


def _came_of_all(host: ForeseenHost, context: Context) -> frozenset[Fate]:
    return frozenset().union(*(_came(host, context.external_dns(side), side) for side in Side))


@_settled(FindingCode.CONTRADICTING_OWNERS)
def contradicting_owners(status: DomainStatus, context: Context) -> Found | None:
    """More than one owner, as v1's and v2's ExternalDNS read the records that stand. Instances of a side are one."""
    if status.domain.has_sets or len(frozenset().union(*map(owner_ids, status.txts))) < 2:  # noqa: PLR2004 - as below
        return None
    if _stale(status, context) is not None:
        return None
    read = all_deciding(status, _standing(status), context.setups)
    claims = [txt for txt in read if txt.owners and txt.answers >= ALIKE_ANSWERS]
    owners = frozenset().union(*map(owner_ids, claims))
    if len(owners) < 2 or any(owners <= context.owners(side) for side in Side):  # noqa: PLR2004 - one contradicts nobody
        return None
    told = [f"{display(txt.name)} names {_quoted(owner_ids(txt))}" for txt in claims]
    return Found(
        f"The ownership TXT records of {display(status.domain.name)} name different owners.",
        txt_by_txt(claims),
        facts=facts(
            (FactLabel.OWNERS, listed(told)),
            (FactLabel.EFFECT, "Two ExternalDNS may each take the record for their own"),
        ),
    )


@_settled(FindingCode.UNOWNED)
def unowned(status: DomainStatus, context: Context) -> Verdict:
    """A record for which no version of ExternalDNS finds an owner, at names that were all answered.

    Where the ExternalDNS of the side that it leads to keeps ownership elsewhere, DNS does not show whose it is.
    """
    if any(txt.at is None for txt in status.txts):
        return None
    if is_open(status):
        return UNDECIDED
    if covered_by(status) is not None:
        return None  # it has no record of its own that anybody could own: a wildcard answers
    bare = tuple(
        record
        for record in _standing(status)
        if all(one.registry is Registry.TXT for one in _writers(record, context))
        and not _is_owned(status, record, context)
    )
    if not bare:
        return None
    names = {txt.name for txt in status.txts}
    unwritten = all(
        txt_name(status.domain.name, order[0], setup.names) not in names
        for record in bare
        for setup in _writers(record, context)
        for order in reading_orders(record.rdtype, shapes_of(record), setup.version)
        if order
    )
    why = "Its TXT name is too long for DNS, or lies outside the zone" if unwritten else ""
    where = listed(sorted({PLACES[side] for record in bare if (side := record.state.side) is not None}))
    return Found(
        f"{display(status.domain.name)} ({kinds(bare)}) leads to {where} without an ownership TXT.",
        txt_by_txt(status.txts),
        facts=facts(
            (FactLabel.EFFECT, "No ExternalDNS will ever update or delete the record"),
            (FactLabel.CAUSE, why),
        ),
    )


def _writers(record: RecordStatus, context: Context) -> tuple[ExternalDns, ...]:
    """Give the ExternalDNS of the side that a record leads to; none where it leads to no one side."""
    side = None if record.state.side is None else record.state.side.side
    return () if side is None else context.external_dns(side)


def _is_owned(status: DomainStatus, record: RecordStatus, context: Context) -> bool:
    return any(deciding(status, record, of_any_version(setup)) for setup in context.setups)


@_settled(FindingCode.ORPHAN_TXT)
def orphan_txt(status: DomainStatus, context: Context) -> Found | None:
    """Tell of an ownership TXT whose record does not exist, in neither family.

    An alias whose load balancer is gone answers nothing as well: its record stands, and needs its TXT.
    """
    if any(record.state is not RecordState.ABSENT for record in relevant(status)) or emptied(status, context):
        return None
    claims = list(claims_of(status, context.setups))
    if not claims:
        return None
    return Found(
        f"{display(status.domain.name)} does not exist, but its ownership TXT does.",
        txt_by_txt(claims),
        facts=facts(
            (FactLabel.OWNERS, f"{_names(claims)}{_for_whom(claims)}"),
            *((FactLabel.EFFECT, effect) for effect in _of_creating(status, context)),
        ),
    )


def _of_creating(status: DomainStatus, context: Context) -> tuple[str, ...]:
    """Say what comes of it when a side's ExternalDNS creates the host, as played: one sentence where both do alike."""
    host = ForeseenHost(status.domain.name, relevant(status), status.txts)
    writing = {side: [one for one in context.external_dns(side) if one.registry is Registry.TXT] for side in Side}
    came = {side: _came(host, setups, side) for side, setups in writing.items()}
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


@_settled(FindingCode.DEFAULT_OWNER)
def default_owner(status: DomainStatus, context: Context) -> Found | None:
    """Tell of a record that has moved to v2 under the owner id that every unconfigured cluster has."""
    if status.domain.expectation.side is not Side.V2 or status.state is not RecordState.V2:
        return None
    claims = all_deciding(status, _standing(status), context.external_dns(Side.V2))
    named = [txt for txt in claims if DEFAULT_OWNER in owner_ids(txt)]
    if not named:
        return None
    return Found(
        f'{display(status.domain.name)} has moved to v2, and its owner is still "{DEFAULT_OWNER}".',
        txt_by_txt(named),
        facts=facts(
            (FactLabel.OWNERS, f'{_named(named)} "{DEFAULT_OWNER}"'),
            (FactLabel.EFFECT, "Every cluster without --txt-owner-id takes the record for its own"),
        ),
    )


def _names(txts: Iterable[TxtStatus]) -> str:
    return listed([display(txt.name) for txt in txts])


def _named(txts: list[TxtStatus]) -> str:
    return f"{_names(txts)} {'names' if len(txts) == 1 else 'name'}"


def _quoted(owners: Iterable[str]) -> str:
    return listed([f'"{owner}"' for owner in sorted(owners)])


def _for_whom(txts: list[TxtStatus]) -> str:
    owners = frozenset().union(*map(owner_ids, txts))
    return f" with the owner {_quoted(owners)}" if owners else ""
