"""Whether v1's Ingress of a domain may be deleted: the most dangerous step of a migration, as a verdict of its own.

An ExternalDNS with --policy=sync deletes the records that it reads as its own when their Ingress goes: where v1's still
does, deleting v1's Ingress deletes the name that v2 serves (S8, S14, S19, S23). So what counts is not what v2's
ExternalDNS reads, but what v1's does, in its version. Beside that everybody must have left: servers, caches, and what
serves on v2 must work.

Most preconditions are criteria of the confirmation, as they stand at this moment; they need no soak here, because the
verdict is asked for when somebody is about to act on it. What neither DNS nor HTTPS shows is listed, not judged.
"""

from collections.abc import Mapping
from typing import TypeAlias

from probe.judge.context import Context
from probe.judge.domain import answerers, relevant
from probe.judge.findings.catalogue import CATALOGUE
from probe.judge.ownership.lookup import deciding, owner_ids
from probe.judge.preflight.ownership import left_behind
from probe.model.check import Check, CheckOutcome, worst
from probe.model.clock import Instant
from probe.model.confirmation import Criterion
from probe.model.decommission import Decommission, Precondition
from probe.model.domain import DomainStatus
from probe.model.name import display
from probe.model.ownership import TxtStatus
from probe.model.plan import Expectation
from probe.model.text import duration, listed, moment, plural

UNWATCHED = 86_400.0
"""Seconds of standing on v2 after which caches count as drained although nobody watched v1's last answer: longer than
any TTL that a record in front of a load balancer has, and the longest time for which big resolvers hold anything."""

UNSEEN = (
    "That v1's ExternalDNS is stopped, or runs with --policy=upsert-only: only then nothing can delete the record.",
    "That no client is left on v1 (kept-alive connections, addresses held too long): its load balancer counts none.",
)
"""What no look from outside can tell."""

Told: TypeAlias = tuple[CheckOutcome, str, str]
"""What comes of a precondition, why, and what to do."""

_CRITERIA = {
    Precondition.ON_V2: (
        Criterion.AUTHORITATIVE,
        "Wait until every server leads to v2, for A and AAAA; see the domain's page.",
    ),
    Precondition.OWNED: (
        Criterion.OWNERSHIP,
        "Let v2's ExternalDNS take the record over (--migrate-from-txt-owner), or correct the TXT.",
    ),
    Precondition.SERVING: (Criterion.SERVICE, "Mend v2's service before v1, which may still be the way back, goes."),
    Precondition.WATCHED: (Criterion.WATCHED, "Look again, once the servers answer."),
}


def decommission(status: DomainStatus, at: Instant, context: Context) -> Decommission | None:
    """Give the verdict at `at`; None while the plan does not expect the domain on v2."""
    if status.domain.expectation is not Expectation.V2:
        return None
    told = {one.name: one for one in status.confirmation.criteria}
    subject = display(status.domain.name)
    checks: list[Check] = []
    for precondition in Precondition:
        if precondition is Precondition.RELEASED:
            word: Told | None = _released(status, context)
        elif precondition is Precondition.DRAINED:
            word = _drained(status, at)
        elif precondition is Precondition.CLEAR:
            word = _clear(status)
        else:
            word = _of_criterion(precondition, told)
        if word is not None:
            checks.append(Check(precondition.value, subject, *word))
    unseen = UNSEEN if status.domain.http is not None else (*UNSEEN, "That v2 serves it: the plan has no `http` check.")
    behind = left_behind(status, context.v1, context.v2)
    return Decommission(worst(one.outcome for one in checks), tuple(checks), unseen, tuple(txt.name for txt in behind))


def _of_criterion(precondition: Precondition, told: Mapping[str, Check]) -> Told | None:
    """Take over how a criterion stands; only that of the service may be missing, where the plan has no check."""
    criterion, remedy = _CRITERIA[precondition]
    if criterion in told:
        return told[criterion].outcome, told[criterion].sentence, remedy
    return None if precondition is Precondition.SERVING else (CheckOutcome.UNKNOWN, "Not judged yet.", remedy)


def _clear(status: DomainStatus) -> Told:
    against = next(
        (one for one in status.findings if one.severity.reaches(CATALOGUE[one.code].blocks_decommission)), None
    )
    remedy = "See the finding, and docs/runbook.md."
    if against is not None:
        return CheckOutcome.FAIL, f"{against.code}: {against.sentence}", remedy
    return CheckOutcome.PASS, "No finding that speaks against it is open.", remedy


def _released(status: DomainStatus, context: Context) -> Told:
    """Judge what v1's ExternalDNS reads: of each record, in each order in which its version may look."""
    v1, v2 = context.v1, context.v2
    stop = "Stop v1's ExternalDNS for good before the Ingress goes, or give it --policy=upsert-only"
    if v1.txt_owner_id == v2.txt_owner_id:
        told = (
            f'Both ExternalDNS have the owner id "{v1.txt_owner_id}": v1\'s deletes the record of v2 together with its '
            "own Ingress."
        )
        return (
            CheckOutcome.FAIL,
            told,
            f"{stop}; then give v2's an owner id of its own.",
        )
    unread = _not_read_since(status, context)
    if unread:
        told = f"Not answered since the record last changed: {listed([display(txt.name) for txt in unread])}."
        return CheckOutcome.UNKNOWN, told, "Wait for the next answers."
    read = {txt.name: txt for record in relevant(status) for txt in deciding(status, record, v1.version)}.values()
    held = [txt for txt in read if v1.txt_owner_id in owner_ids(txt)]
    if held:
        names = listed([display(txt.name) for txt in held])
        told = (
            f"{names} names v1's owner \"{v1.txt_owner_id}\", and v1's ExternalDNS reads it: it takes the record for "
            "its own, and deletes it with its Ingress."
        )
        return (
            CheckOutcome.FAIL,
            told,
            f"{stop}; then write v2's owner into the TXT, or delete it where v2 has one of its own.",
        )
    sealed = [txt for txt in read if txt.opaque and not txt.owners]
    if sealed:
        names = listed([display(txt.name) for txt in sealed])
        return (
            CheckOutcome.UNKNOWN,
            f"The owner at {names} is encrypted, and the plan has no key that opens it.",
            "Give the plan `txt_registry.decryption_key_file`.",
        )
    return (
        CheckOutcome.PASS,
        f'v1\'s ExternalDNS ("{v1.txt_owner_id}") reads no TXT that says that the record is its own.',
        "",
    )


def _not_read_since(status: DomainStatus, context: Context) -> tuple[TxtStatus, ...]:
    """Give the TXT names whose newest answer is older than the record's newest change, and the time that it travels."""
    changes = [record.recent[-1].at.monotonic for record in status.records if record.recent]
    since = max(changes, default=float("-inf")) + context.probing.grace
    return tuple(txt for txt in status.txts if txt.at is None or txt.at.monotonic < since)


def _drained(status: DomainStatus, at: Instant) -> Told:
    known = status.drain
    if known is None:
        who = answerers(status)
        return _drain(CheckOutcome.FAIL, f"{who[0].upper()}{who[1:]} still answer v1, or may at any moment.")
    if known.deadline is None:
        stands = [record.since.monotonic for record in relevant(status) if record.since is not None]
        age = at.monotonic - max(stands) if stands else 0.0
        if age < UNWATCHED:
            told = f"v1's last answer was not watched, so that its TTL is not known; watched on v2 for {duration(age)}."
            return _drain(CheckOutcome.UNKNOWN, told)
        return _drain(CheckOutcome.PASS, f"It has led to v2 for {duration(age)}, longer than caches hold anything.")
    left = known.deadline.monotonic - at.monotonic
    if left > 0:
        return _drain(CheckOutcome.FAIL, f"Caches may lead to v1 until {moment(known.deadline)}, for {duration(left)}.")
    if known.holding:
        return _drain(CheckOutcome.FAIL, f"{plural(known.holding, 'resolver')} still answers or holds v1.")
    return _drain(CheckOutcome.PASS, f"No cache that obeys TTLs leads to v1 since {moment(known.deadline)}.")


def _drain(outcome: CheckOutcome, sentence: str) -> Told:
    return outcome, sentence, "Wait; docs/operations.md says when v1 is drained."
