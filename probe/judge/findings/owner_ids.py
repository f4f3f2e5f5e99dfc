"""Owner ids that are wrong though nothing flips: another one than the plan has, several, or the one of nobody."""

from collections.abc import Iterable

from probe.judge.context import Context
from probe.judge.findings.evidence import Found, facts, txt_by_txt
from probe.judge.findings.hazard import fates_at, naming, quoted, settled, standing_records
from probe.judge.findings.ownership import stale
from probe.judge.ownership.foresight import Fate, ForeseenHost
from probe.judge.ownership.lookup import all_deciding, owner_ids
from probe.model.by_identity import by_identity
from probe.model.domain import DomainStatus
from probe.model.finding import FactLabel, FindingCode
from probe.model.name import display
from probe.model.record import RecordState
from probe.model.side import Side
from probe.model.text import listed

ALIKE_ANSWERS = 3
"""Answers in a row that read alike before a name counts as contradicting another: until it is known that a record is
weighted, each set's TXT may have been drawn once."""


DEFAULT_OWNER = "default"
"""What ExternalDNS takes for --txt-owner-id when nobody sets it."""


@settled(FindingCode.OWNER_CASE)
def owner_case(status: DomainStatus, context: Context) -> Found | None:
    """Tell of an owner that the plan has in other letters: upper and lower case, or blanks around it, and no more.

    ExternalDNS compares owner ids octet by octet, so that it is another owner. Which of the two is written wrongly is
    not seen.
    """
    if status.domain.has_sets:
        return None
    named = _strangers(status, context)
    if not named:
        return None  # nearly always, and before anybody's reading order is gone through
    planned = {owner: side for side in Side for owner in context.owners(side)}
    other = _in_other_letters(named, planned)
    read = all_deciding(status, standing_records(status), context.setups) if other else ()
    written = min(other.keys() & frozenset().union(*map(owner_ids, read)), default=None)
    if written is None:
        return None
    meant = other[written]
    held = [txt for txt in read if written in owner_ids(txt)]
    return Found(
        f'The ownership TXT of {display(status.domain.name)} names "{written}", and the plan has "{meant}".',
        txt_by_txt(held),
        facts=facts(
            (FactLabel.OWNERS, f'{naming(held)} "{written}"; by the plan {planned[meant].value}\'s is "{meant}"'),
            (FactLabel.CAUSE, "They differ in upper and lower case, or in blanks, alone: to ExternalDNS two owners"),
            (FactLabel.EFFECT, f'An ExternalDNS with the id "{meant}" neither updates nor deletes the record'),
        ),
    )


def _named_owners(status: DomainStatus) -> frozenset[str]:
    return frozenset().union(*map(owner_ids, status.txts))


@by_identity(1)  # two rules ask it of a domain
def _strangers(status: DomainStatus, context: Context) -> frozenset[str]:
    """Give the owners in a host's TXT that no ExternalDNS has that sees it."""
    return _named_owners(status) - _ids(context)


def _ids(context: Context) -> frozenset[str]:
    return frozenset(one.txt_owner_id for one in context.setups)


def _in_other_letters(owners: Iterable[str], planned: Iterable[str]) -> dict[str, str]:
    """Give those of some owners that the plan has in other letters, and what it has."""
    alike = {_folded(owner): owner for owner in planned}
    return {owner: alike[_folded(owner)] for owner in owners if _folded(owner) in alike}


def _folded(owner: str) -> str:
    return owner.strip().casefold()


@settled(FindingCode.FOREIGN_OWNER)
def foreign_owner(status: DomainStatus, context: Context) -> Found | None:
    """Tell of one owner id that no ExternalDNS has that sees the host, where none takes the record over, as played.

    Whether anybody runs with that id is not seen. Where the plan tells of no owner id but the one that nobody has set,
    nothing is known of owners. Several owners are `contradicting_owners`, and other letters `owner_case`.
    """
    named = _strangers(status, context)
    if not named or status.domain.has_sets:
        return None
    ids = _ids(context)
    if ids <= {DEFAULT_OWNER} or _in_other_letters(named, ids):
        return None
    standing = standing_records(status)
    held = list(all_deciding(status, standing, context.setups))
    owners = frozenset().union(*map(owner_ids, held))
    if len(owners) != 1 or not owners <= named:
        return None
    host = ForeseenHost(status.domain.name, standing, status.txts)
    if not all(fates_at(host, context.external_dns(side), side) <= {Fate.LEFT} for side in Side):
        return None
    hidden = any(one.registry.is_hidden for one in context.setups)
    return Found(
        f"The ownership TXT of {display(status.domain.name)} names {quoted(owners)}, and by the plan no ExternalDNS "
        "that sees it has that id.",
        txt_by_txt(held),
        facts=facts(
            (FactLabel.OWNERS, f"{naming(held)} {quoted(owners)}; by the plan they have {quoted(ids)}"),
            (FactLabel.EFFECT, "" if hidden else "No ExternalDNS of the plan updates or deletes the record"),
        ),
    )


@settled(FindingCode.CONTRADICTING_OWNERS)
def contradicting_owners(status: DomainStatus, context: Context) -> Found | None:
    """More than one owner, as v1's and v2's ExternalDNS read the records that stand. Instances of a side are one."""
    if status.domain.has_sets or len(_named_owners(status)) < 2:  # noqa: PLR2004 - as below
        return None
    if stale(status, context) is not None:
        return None
    read = all_deciding(status, standing_records(status), context.setups)
    claims = [txt for txt in read if txt.owners and txt.answers >= ALIKE_ANSWERS]
    owners = frozenset().union(*map(owner_ids, claims))
    if len(owners) < 2 or any(owners <= context.owners(side) for side in Side):  # noqa: PLR2004 - one contradicts nobody
        return None
    told = [f"{display(txt.name)} names {quoted(owner_ids(txt))}" for txt in claims]
    return Found(
        f"The ownership TXT records of {display(status.domain.name)} name different owners.",
        txt_by_txt(claims),
        facts=facts(
            (FactLabel.OWNERS, listed(told)),
            (FactLabel.EFFECT, "Two ExternalDNS may each take the record for their own"),
        ),
    )


@settled(FindingCode.DEFAULT_OWNER)
def default_owner(status: DomainStatus, context: Context) -> Found | None:
    """Tell of a record that has moved to v2 under the owner id that every unconfigured cluster has."""
    if status.domain.expectation.side is not Side.V2 or status.state is not RecordState.V2:
        return None
    claims = all_deciding(status, standing_records(status), context.external_dns(Side.V2))
    named = [txt for txt in claims if DEFAULT_OWNER in owner_ids(txt)]
    if not named:
        return None
    return Found(
        f'{display(status.domain.name)} has moved to v2, and its owner is still "{DEFAULT_OWNER}".',
        txt_by_txt(named),
        facts=facts(
            (FactLabel.OWNERS, f'{naming(named)} "{DEFAULT_OWNER}"'),
            (FactLabel.EFFECT, "Every cluster without --txt-owner-id takes the record for its own"),
        ),
    )
