"""Whether both sides' record sets of a name can stand beside each other: no answer of DNS shows a set's identifier.

Where weights or a routing are declared, each side's objects need a set identifier of their own: with the same one both
ExternalDNS write one set, and fight over it (S31); without any Route 53 refuses the second record at every sync (S10b).
Only the objects and the hosted zone have it: what the plan's witnesses tell of them is used, and what nobody tells is
said to be unknown.
"""

from collections.abc import Iterable

from probe.judge.preflight.inputs import PreflightEvidence
from probe.judge.rehearsal.sets import weights_of
from probe.model.check import Check, CheckOutcome
from probe.model.domain import DomainStatus
from probe.model.name import canonical, display
from probe.model.plan import Domain, Plan
from probe.model.side import Side
from probe.model.text import listed
from probe.model.witness import ClusterWish, Wanted, Witnessed, Written, WrittenSet
from probe.route53.health import without_dualstack

SETS_CHECK = "sets"

ANNOTATE = (
    "Give each cluster's object a `set-identifier` of its own, beside the annotation by which Route 53 chooses "
    "(`aws-weight`)."
)
_READ_THEM = (
    "Compare the `set-identifier` of both clusters' objects; `cutover-probe rehearse --v1 --v2 --zone` reads them, and "
    "so does `preflight` where the plan's `witnesses` name both clusters or Route 53."
)


def needs_sets(domain: Domain) -> bool:
    """Tell whether a domain is declared to have a record set of each side, now or by its schedule."""
    return domain.has_sets or weights_of(domain) is not None


def record_sets(status: DomainStatus, evidence: PreflightEvidence) -> tuple[Check, ...]:
    """Say of a domain of declared sets whether they can stand beside each other, as far as a witness shows it."""
    domain = status.domain
    if not needs_sets(domain):
        return ()
    told = evidence.witnessed.get(domain.name, status.witnessed)
    outcome, sentence, remedy = _judged(told, evidence.snapshot.plan, evidence.silences)
    if outcome is CheckOutcome.FAIL and not domain.has_sets:
        outcome = CheckOutcome.WARN  # declared for a later step of its schedule: until then one record is right
    return (Check(SETS_CHECK, display(domain.name), outcome, sentence, remedy),)


def _judged(told: Witnessed, plan: Plan, silences: Iterable[str]) -> tuple[CheckOutcome, str, str]:
    known = {side: _identifiers(side, told, plan) for side in Side}
    simple = [side for side in Side if "" in known[side]]
    if simple:
        refused = (
            f"{_whose(simple)} has no set identifier: Route 53 takes no record of a name beside a simple one, and "
            "refuses the other side's set at every sync."
        )
        return CheckOutcome.FAIL, refused, ANNOTATE
    shared = known[Side.V1] & known[Side.V2]
    if shared:
        one_set = (
            f"Both sides' record sets have the identifier {_quoted(shared)}: they are one set, and both ExternalDNS "
            "write it."
        )
        return CheckOutcome.FAIL, one_set, ANNOTATE
    unknown = [side for side in Side if not known[side]]
    if unknown:
        unseen = f"{_whose(unknown)} is to have a set identifier that was not seen."
        return CheckOutcome.UNKNOWN, " ".join((unseen, _UNSEEN, *silences)), _READ_THEM
    sets = " and ".join(f"{side.value}'s {_quoted(known[side])}" for side in Side)
    return CheckOutcome.PASS, f"The record sets have identifiers of their own: {sets}.", ""


_UNSEEN = "No answer of DNS shows it: only the cluster's object and the hosted zone do."


def _identifiers(side: Side, told: Witnessed, plan: Plan) -> frozenset[str]:
    """Give the set identifiers that a side's record has by what was read: of its objects, and else of the zone."""
    wishes = _wishes(side, told.wanted)
    if wishes:
        return frozenset(one.set_identifier for one in wishes)
    return frozenset(one.set_identifier for one in _standing(told.written) if _leads(one, plan, side))


def _wishes(side: Side, wanted: Wanted | None) -> tuple[ClusterWish, ...]:
    if wanted is None:
        return ()
    return tuple(one for one in wanted.of(side) if not one.by_wildcard)


def _standing(written: Written | None) -> tuple[WrittenSet, ...]:
    return () if written is None else written.sets


def _leads(one: WrittenSet, plan: Plan, side: Side) -> bool:
    return any(without_dualstack(canonical(target)) in plan.side(side).load_balancers for target in one.targets)


def _whose(sides: Iterable[Side]) -> str:
    return listed([f"{side.value}'s" for side in sides]) + " record"


def _quoted(identifiers: Iterable[str]) -> str:
    return listed([f'"{one}"' for one in sorted(identifiers)])
