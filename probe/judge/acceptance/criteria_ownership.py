"""What has to hold of ownership: whose the records are, as the expected side's own ExternalDNS reads it."""

from probe.judge.acceptance.criteria_answers import Told
from probe.judge.acceptance.side import goal
from probe.judge.context import Context
from probe.judge.domain import relevant
from probe.judge.findings.hazard import HAZARDS
from probe.judge.ownership.lookup import all_deciding, owner_ids
from probe.model.check import CheckOutcome
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.external_dns import ExternalDns, Registry
from probe.model.finding import Severity
from probe.model.name import display
from probe.model.ownership import TxtStatus
from probe.model.record import Position
from probe.model.text import listed


def ownership(status: DomainStatus, _at: Instant, context: Context) -> Told:
    """The owner is the one that the plan expects, and no hazard is open. Draws have an owner for each of their sets."""
    hazards = [one for one in status.findings if one.code in HAZARDS and one.severity is not Severity.INFO]
    if hazards:
        return CheckOutcome.FAIL, hazards[0].sentence
    side = goal(status)
    if side is None or side.side is None:
        return CheckOutcome.PASS, "No hazard of ownership is open."
    unasked = [display(txt.name) for txt in status.txts if txt.at is None]
    if unasked:
        return CheckOutcome.UNKNOWN, f"Not asked yet: {listed(unasked)}."
    setups = context.external_dns(side.side)
    if any(one.registry is not Registry.TXT for one in setups):
        kept = listed(sorted({f"--registry={one.registry}" for one in setups if one.registry is not Registry.TXT}))
        return CheckOutcome.PASS, f"{side.value}'s ExternalDNS has {kept}: DNS does not show the owner."
    standing = tuple(record for record in relevant(status) if record.state.side is side)
    if not standing:
        return CheckOutcome.UNKNOWN, f"Its ownership counts once it leads to {side.value}."
    claims = all_deciding(status, standing, setups)
    return (
        _of_claims(claims, side, setups)
        if claims
        else (CheckOutcome.FAIL, f"No ownership TXT is where {side.value}'s ExternalDNS looks.")
    )


def _of_claims(claims: tuple[TxtStatus, ...], side: Position, setups: tuple[ExternalDns, ...]) -> Told:
    names = listed([display(txt.name) for txt in claims])
    if any(not txt.owners for txt in claims):
        return CheckOutcome.UNKNOWN, f"An owner at {names} is encrypted, and the plan has no key that opens it."
    owners = frozenset().union(*map(owner_ids, claims))
    told = listed(sorted(f'"{owner}"' for owner in owners))
    # A plan that tells nothing of this ExternalDNS does not tell its owner either: then any single one will do.
    untold = not any(one.is_told for one in setups)
    if owners <= {one.txt_owner_id for one in setups} or (untold and len(owners) == 1):
        return CheckOutcome.PASS, f"{told} owns it, at {names}."
    verb = "names" if len(claims) == 1 else "name"
    own = listed([f'"{one.txt_owner_id}"' for one in setups])
    return CheckOutcome.FAIL, f"{names} {verb} {told}, but {side.value}'s ExternalDNS is {own}."
