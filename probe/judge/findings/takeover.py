"""`takeover-deletes`: v2's ExternalDNS takes a record over that it does not want, and deletes it.

`probe.judge.ownership.takeover` says how. Whose the record is, is seen in its TXT; that v2 has no object for it is
inferred from the plan, which expects the domain on v1; that the flags are as the plan has them is taken on trust. What
comes of it is played over the records and TXT that were seen (`probe.judge.ownership.foresight`), once for what stands.
So nothing is said where the plan does not tell the policy and the version leaves it open.
"""

from typing import assert_never

from probe.externaldns.version import Version, dialect
from probe.judge.context import Context
from probe.judge.domain import relevant
from probe.judge.findings.evidence import Found, facts, kinds, txt_by_txt, word_by_word
from probe.judge.homeless import is_homeless
from probe.judge.ownership.foresight import Deletion, ForeseenHost, unwanted
from probe.judge.ownership.lookup import all_deciding, owner_ids
from probe.judge.ownership.takeover import takes_all
from probe.judge.ownership.txt_history import owners_told
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.external_dns import ExternalDns
from probe.model.finding import FactLabel, LabelledFact
from probe.model.name import display
from probe.model.record import Position, RecordState, RecordStatus
from probe.model.side import Side


def takeover_deletes(status: DomainStatus, _at: Instant, context: Context) -> Found | None:
    """Say that a domain is about to be deleted, or is being deleted again and again."""
    setup = deleter(status, context)
    if setup is None:
        return None
    name = display(status.domain.name)
    going = tuple(
        record for record in relevant(status) if _may_be_deleted(record.state) and _was_deleted(record, status)
    )
    standing = tuple(record for record in relevant(status) if not _may_be_deleted(record.state))
    owner = setup.migrate_from_txt_owner
    claims = [txt for txt in all_deciding(status, standing, (setup,)) if owner in owner_ids(txt)]
    cause = facts(
        (FactLabel.CAUSE, f'v2\'s ExternalDNS ("{setup.txt_owner_id}") migrates from "{owner}" with --policy=sync'),
        (FactLabel.CAUSE, "By the plan, which expects the domain on v1, v2 has no object for it"),
        (FactLabel.OWNERS, f'v1 owns the domain by its ownership TXT ("{owner}")' if claims else ""),
    )
    if going and any({owner} in owners_told(txt, float("-inf")) for txt in status.txts):
        return Found(
            f"v2's ExternalDNS deletes {name} ({kinds(going)}) again and again.", word_by_word(going), facts=cause
        )
    if claims:
        came = unwanted(ForeseenHost(status.domain.name, standing, status.txts), setup)
        if came - {Deletion.NONE}:
            told = f"v2's ExternalDNS {_then(came, name)}."
            return Found(told, txt_by_txt(claims), facts=(*cause, *_doubt(came), *_elsewhere(came, setup)))
    return None


def deleter(status: DomainStatus, context: Context) -> ExternalDns | None:
    """Give v2's ExternalDNS that takes the domain over and deletes it, by the plan; None where none does."""
    if status.domain.expectation.side is not Side.V1:
        return None
    return next((one for one in context.external_dns(Side.V2) if takes_all(one)), None)


def _then(came: frozenset[Deletion], name: str) -> str:
    if Deletion.NONE in came:
        return f"may delete {name}, which v1 owns, at its next sync"
    if Deletion.ACCEPTED in came:
        return f"deletes {name}, which v1 owns, at its next sync"
    return f"tries to delete {name}, which v1 owns, at every sync"


def _doubt(came: frozenset[Deletion]) -> tuple[LabelledFact, ...]:
    open_questions = "its version, where the plan does not tell it, and whether the record is an alias"
    return facts((FactLabel.EFFECT, f"What it does hangs on {open_questions}" if Deletion.NONE in came else ""))


def _elsewhere(came: frozenset[Deletion], setup: ExternalDns) -> tuple[LabelledFact, ...]:
    if Deletion.REFUSED not in came or Deletion.ACCEPTED in came:
        return ()
    if setup.version is not None and dialect(Version(*setup.version)).deletes_as_stored:
        refused = (
            "Route 53 refuses the deletions: they name the TXT of its version, and v1's stands at another name; "
            "servers of RFC 2136 carry them out"
        )
    else:
        refused = "Route 53 refuses the deletions of its version; v0.23, and servers of RFC 2136, carry them out"
    return facts((FactLabel.EFFECT, refused))


def _may_be_deleted(state: RecordState) -> bool:
    """Tell whether a record in that state may be one that is deleted time and again."""
    match state:
        case RecordState.ABSENT | RecordState.FLAPPING:
            return True
        case (
            RecordState.V1
            | RecordState.V2
            | RecordState.WEIGHTED
            | RecordState.PROPAGATING
            | RecordState.DIVIDED
            | RecordState.FOREIGN
            | RecordState.UNKNOWN
        ):
            return False
        case _:
            assert_never(state)


def _was_deleted(record: RecordStatus, status: DomainStatus) -> bool:
    """Tell whether a record that stood is gone, or was: not a family that the name's side lacks, and that stands."""
    was_absent = record.position is Position.ABSENT or any(
        Position.ABSENT in (change.before, change.after) for change in record.recent
    )
    return was_absent and record.existed and not is_homeless(record, status, len(record.recent))
