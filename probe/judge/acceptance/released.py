"""Whether v1's ExternalDNS has let go of a record: what each of them does with it once its object is gone.

An ExternalDNS with --policy=sync deletes the records that it reads as its own when their Ingress goes. What its flags
decide alone is said by them; all else is played over what DNS shows.
"""

from probe.judge.acceptance.drained import Told
from probe.judge.advice.measures import CORRECT_OWNER, END_V1, GIVE_KEY, UPSERT, V2_WANTS_IT, take_over
from probe.judge.context import Context
from probe.judge.domain import relevant
from probe.judge.ownership.foresight import Deletion, ForeseenHost, unless_kept, unwanted
from probe.judge.ownership.lookup import all_deciding, owner_ids
from probe.model.check import WORST_FIRST, CheckOutcome
from probe.model.domain import DomainStatus
from probe.model.external_dns import ExternalDns, Registry
from probe.model.name import display
from probe.model.ownership import TxtStatus
from probe.model.side import Side
from probe.model.text import listed


def released(status: DomainStatus, context: Context) -> Told:
    """Judge every ExternalDNS of v1 that sees the domain: the first that is in the way speaks.

    Args:
        status: What is known of the domain, in one view: its records and what stands at its TXT names there.
        context: The surroundings.
    """
    told = [_released_by(one, status, context) for one in context.external_dns(Side.V1)]
    unseen = (CheckOutcome.PASS, "No ExternalDNS of v1 handles it, by the filters in the plan.", "")
    return min(told, key=lambda one: WORST_FIRST.index(one[0]), default=unseen)


def _released_by(v1: ExternalDns, status: DomainStatus, context: Context) -> Told:
    """Judge what one ExternalDNS of v1 does once its Ingress is gone, in each way in which its version may read."""
    return _by_flags(v1) or _by_txt(v1, status, context)


def _by_flags(v1: ExternalDns) -> Told | None:
    """Judge what its flags alone decide, and no play over what DNS shows can tell; None where that depends on it."""
    if v1.policy is not None and not v1.policy.deletes:
        told = f"v1's ExternalDNS has --policy={v1.policy}, as the plan tells: it deletes nothing."
        return CheckOutcome.PASS, told, ""
    if v1.registry is Registry.NOOP:
        by_policy = "" if v1.policy is not None else "with --policy=sync, which the plan does not rule out, "
        told = (
            "v1's ExternalDNS has --registry=noop: it takes every record of its zones for its own, and "
            f"{by_policy}deletes those that it has no object for."
        )
        return CheckOutcome.FAIL, told, f"{END_V1}."
    if v1.registry is not Registry.TXT:
        told = f"v1's ExternalDNS has --registry={v1.registry}: DNS does not show what it owns."
        return CheckOutcome.UNKNOWN, told, f"Look into that registry. Or: {END_V1}."
    return None


def _by_txt(v1: ExternalDns, status: DomainStatus, context: Context) -> Told:
    """Judge what it reads, and what it does then: played, with no object for the host."""
    unread = _not_read_since(status, context)
    if unread:
        told = f"Not answered since the record last changed: {listed([display(txt.name) for txt in unread])}."
        return CheckOutcome.UNKNOWN, told, "Wait for the next answers."
    read = all_deciding(status, relevant(status), (v1,))
    held = [txt for txt in read if v1.txt_owner_id in owner_ids(txt)]
    if held and Deletion.ACCEPTED in unwanted(ForeseenHost(status.domain.name, relevant(status), status.txts), v1):
        if v1.txt_owner_id in context.owners(Side.V2):
            told = (
                f'Both ExternalDNS have the owner id "{v1.txt_owner_id}": v1\'s deletes the record of v2 together with '
                f"its own Ingress{unless_kept(v1)}."
            )
            remedy = f"Give v2's ExternalDNS {UPSERT} first. {END_V1}; then: {take_over(v1.txt_owner_id, own_id=True)}"
            return CheckOutcome.FAIL, told, remedy
        names = listed([display(txt.name) for txt in held])
        told = (
            f"{names} names v1's owner \"{v1.txt_owner_id}\", and v1's ExternalDNS reads it: it owns the record, "
            f"and deletes it when its Ingress is deleted{unless_kept(v1)}."
        )
        remedy = (
            f"Give v2's ExternalDNS {UPSERT} first. {END_V1}; then {V2_WANTS_IT}; then correct the TXT: "
            f"{CORRECT_OWNER}."
        )
        return CheckOutcome.FAIL, told, remedy
    sealed = [txt for txt in read if txt.opaque and not txt.owners]
    if sealed:
        names = listed([display(txt.name) for txt in sealed])
        told = f"The owner at {names} is encrypted, and the plan has no key that opens it."
        return CheckOutcome.UNKNOWN, told, GIVE_KEY
    told = f'v1\'s ExternalDNS ("{v1.txt_owner_id}") reads no TXT that says that the record is its own.'
    return CheckOutcome.PASS, told, ""


def _not_read_since(status: DomainStatus, context: Context) -> tuple[TxtStatus, ...]:
    """Give the TXT names whose newest answer is older than the record's newest change, and the time that it travels."""
    changes = [record.recent[-1].at.monotonic for record in status.records if record.recent]
    since = max(changes, default=float("-inf")) + context.probing.grace
    return tuple(txt for txt in status.txts if txt.at is None or txt.at.monotonic < since)
