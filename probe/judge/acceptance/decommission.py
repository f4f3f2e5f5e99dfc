"""Whether v1's Ingress of a domain may be deleted: the most dangerous step of a migration, as a verdict of its own.

An ExternalDNS with --policy=sync deletes the records that it reads as its own when their Ingress goes: where v1's still
does, deleting v1's Ingress deletes the name that v2 serves (S8, S14, S19, S23). So what counts is not what v2's
ExternalDNS reads, but what v1's does, in its version. Beside that everybody must have left: servers, caches, and what
serves on v2 must work.

Most preconditions are criteria of the confirmation, as they stand at this moment: that the soak was held says nothing
of what has happened since. That it was held is one of its own. What neither DNS nor HTTPS shows is listed, not judged.
"""

from collections.abc import Iterable, Mapping

from probe.judge.acceptance.drained import Drained, Told, drained
from probe.judge.acceptance.other_view import left_beside, left_by
from probe.judge.acceptance.released import released
from probe.judge.acceptance.soaked import soaked
from probe.judge.context import Context
from probe.judge.findings.catalogue import CATALOGUE
from probe.judge.preflight.ownership import left_behind
from probe.model.check import Check, CheckOutcome, worst
from probe.model.clock import Instant, latest
from probe.model.confirmation import Criterion
from probe.model.decommission import Decommission, Precondition
from probe.model.domain import DomainStatus
from probe.model.name import display
from probe.model.plan import Routing
from probe.model.side import Side

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
    caches, beside = drained(status, at, context), left_by(status, at, context)
    soak = soaked(status, at, context, caches)
    checks: list[Check] = []
    for precondition in Precondition:
        if precondition is Precondition.RELEASED:
            word: Told | None = released(status, context)
        elif precondition is Precondition.DRAINED:
            word = caches.told
        elif precondition is Precondition.OTHER_VIEW:
            word = None if beside is None else beside.told
        elif precondition is Precondition.CONFIRMED:
            word = soak.told
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
        left_beside(status, at, context),
        _when(checks, {Precondition.DRAINED: caches, Precondition.OTHER_VIEW: beside, Precondition.CONFIRMED: soak}),
    )


def _when(checks: Iterable[Check], by_time: Mapping[Precondition, Drained | None]) -> Instant | None:
    """Give from when on it will hold, where time alone is what is missing; None where anything else is."""
    missing = [by_time.get(Precondition(one.name)) for one in checks if not one.outcome.holds]
    moments = [one.at for one in missing if one is not None and one.at is not None]
    return latest(moments) if len(moments) == len(missing) else None


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
