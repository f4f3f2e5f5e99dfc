"""Whether v1's Ingress of a domain may be deleted: the most dangerous step of a migration, as a verdict of its own.

An ExternalDNS with --policy=sync deletes the records that it reads as its own when their Ingress goes: where v1's still
does, deleting v1's Ingress deletes the name that v2 serves (S8, S14, S19, S23). So what counts is not what v2's
ExternalDNS reads, but what v1's does, in its version. Beside that everybody must have left: servers, caches, and what
serves on v2 must work.

Most preconditions are criteria of the confirmation, as they stand at this moment; they need no soak here, because the
verdict is asked for when somebody is about to act on it. What neither DNS nor HTTPS shows is listed, not judged.
"""

from collections.abc import Iterable, Mapping

from probe.judge.acceptance.drained import Told, drained
from probe.judge.context import Context
from probe.judge.domain import relevant
from probe.judge.findings.catalogue import CATALOGUE
from probe.judge.findings.measures import CORRECT_OWNER, END_V1, GIVE_KEY, OWN_ID
from probe.judge.ownership.foresight import Deletion, ForeseenHost, unwanted
from probe.judge.ownership.lookup import deciding, owner_ids
from probe.judge.preflight.ownership import left_behind
from probe.model.check import WORST_FIRST, Check, CheckOutcome, worst
from probe.model.clock import Instant
from probe.model.confirmation import Criterion
from probe.model.decommission import Decommission, Precondition
from probe.model.domain import DomainStatus
from probe.model.external_dns import ExternalDns, Registry
from probe.model.name import display
from probe.model.ownership import TxtStatus
from probe.model.plan import Routing
from probe.model.side import Side
from probe.model.text import listed

UNSEEN = (
    "That v1's ExternalDNS is stopped, or runs with --policy=upsert-only: only then nothing can delete the record.",
    "That no client is left on v1 (kept-alive connections, addresses held too long): its load balancer counts none.",
)
"""What no look from outside can tell."""

_CRITERIA = {
    Precondition.ON_V2: (
        Criterion.AUTHORITATIVE,
        "Wait until every server leads to v2, for A and AAAA; see the domain's page.",
    ),
    Precondition.OWNED: (
        Criterion.OWNERSHIP,
        "Let v2's ExternalDNS take the record over (--migrate-from-txt-owner), or correct the TXT.",
    ),
    Precondition.SERVING: (
        Criterion.SERVICE,
        "Repair v2's service before v1 is deleted: v1 may still be the way back.",
    ),
    Precondition.WATCHED: (Criterion.WATCHED, "Look again, once the servers answer."),
}


def decommission(status: DomainStatus, at: Instant, context: Context) -> Decommission | None:
    """Give the verdict at `at`; None while the plan does not expect the domain on v2."""
    if status.domain.expectation.side is not Side.V2:
        return None
    told = {one.name: one for one in status.confirmation.criteria}
    subject = display(status.domain.name)
    caches = drained(status, at, context)
    checks: list[Check] = []
    for precondition in Precondition:
        if precondition is Precondition.RELEASED:
            word: Told | None = _released(status, context)
        elif precondition is Precondition.DRAINED:
            word = caches.told
        elif precondition is Precondition.CLEAR:
            word = _clear(status)
        elif precondition is Precondition.ON_V2 and status.domain.routing is not None:
            word = _routed(status.domain.routing)
        else:
            word = _of_criterion(precondition, told)
        if word is not None:
            checks.append(Check(precondition.value, subject, *word))
    unseen = UNSEEN if status.domain.http is not None else (*UNSEEN, "That v2 serves it: the plan has no `http` check.")
    behind = {
        txt.name
        for v1 in context.external_dns(Side.V1)
        for v2 in context.external_dns(Side.V2)
        for txt in left_behind(status, v1, v2)
    }
    leftovers = tuple(txt.name for txt in status.txts if txt.name in behind)
    return Decommission(
        worst(one.outcome for one in checks),
        tuple(checks),
        unseen,
        leftovers,
        caches.at if _waits_for_caches_only(checks) else None,
    )


def _waits_for_caches_only(checks: Iterable[Check]) -> bool:
    """Tell whether time alone is what is missing."""
    open_ones = {one.name for one in checks if not one.outcome.holds}
    return open_ones == {Precondition.DRAINED.value}


def _of_criterion(precondition: Precondition, told: Mapping[str, Check]) -> Told | None:
    """Take over how a criterion stands; only that of the service may be missing, where the plan has no check."""
    criterion, remedy = _CRITERIA[precondition]
    if criterion in told:
        return told[criterion].outcome, told[criterion].sentence, remedy
    return None if precondition is Precondition.SERVING else (CheckOutcome.UNKNOWN, "Not judged yet.", remedy)


def _routed(routing: Routing) -> Told:
    """Where Route 53 chooses between the sides v1 may be chosen, whatever is answered at this moment."""
    told = f"The plan declares {routing.value} routing: Route 53 may lead clients to v1 at any moment."
    return CheckOutcome.FAIL, told, "Remove v1's record set in Route 53, and then the routing from the plan."


def _clear(status: DomainStatus) -> Told:
    against = next(
        (one for one in status.findings if one.severity.reaches(CATALOGUE[one.code].blocks_decommission)), None
    )
    remedy = "See the finding and its entry in the runbook."
    if against is not None:
        return CheckOutcome.FAIL, f"{against.code}: {against.sentence}", remedy
    return CheckOutcome.PASS, "No finding is open that forbids it.", remedy


def _released(status: DomainStatus, context: Context) -> Told:
    """Judge every ExternalDNS of v1 that sees the domain: the first that is in the way speaks."""
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
        told = (
            "v1's ExternalDNS has --registry=noop: it takes every record of its zones for its own, and deletes those "
            "that it has no object for."
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
    read = {txt.name: txt for record in relevant(status) for txt in deciding(status, record, v1)}.values()
    held = [txt for txt in read if v1.txt_owner_id in owner_ids(txt)]
    if held and Deletion.ACCEPTED in unwanted(ForeseenHost(status.domain.name, relevant(status), status.txts), v1):
        if v1.txt_owner_id in context.owners(Side.V2):
            told = (
                f'Both ExternalDNS have the owner id "{v1.txt_owner_id}": v1\'s deletes the record of v2 together with '
                "its own Ingress."
            )
            return CheckOutcome.FAIL, told, f"{END_V1}; then give v2's {OWN_ID}."
        names = listed([display(txt.name) for txt in held])
        told = (
            f"{names} names v1's owner \"{v1.txt_owner_id}\", and v1's ExternalDNS reads it: it owns the record, "
            "and deletes it when its Ingress is deleted."
        )
        remedy = f"{END_V1}; then correct the TXT: {CORRECT_OWNER}."
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
