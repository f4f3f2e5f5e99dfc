"""When a rule about ownership speaks, and what all of these rules look at and write alike.

The rules read records that are at rest and TXT names that were answered. ExternalDNS writes an ownership TXT in one
batch with its record, but the probe queries TXT seldom, and a TXT propagates by itself; and an ExternalDNS that
disagrees with a TXT acts at its next sync. So after a change of the record these rules wait until both sides'
ExternalDNS could sync twice, and then until every TXT name was answered again. A TXT that changes by itself has to
stay the same for the grace time and be answered twice. Until then an open finding stays open, unless the record itself
has moved since.

Where weights are declared each set has a TXT of its own, and an answer holds any one of them: no rule asks for the
owner of such a name.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import TypeAlias

from probe.judge.context import Context
from probe.judge.domain import chosen_sets, relevant
from probe.judge.findings.declaration import UNDECIDED, Rule, Verdict
from probe.judge.ownership.foresight import Fate, ForeseenHost, fates
from probe.judge.state import DomainState
from probe.model.by_identity import by_identity
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.external_dns import ExternalDns
from probe.model.finding import FindingCode
from probe.model.name import display
from probe.model.ownership import TxtStatus
from probe.model.question import ADDRESS_TYPES
from probe.model.record import RecordState, RecordStatus
from probe.model.side import Side
from probe.model.text import listed

SYNCS = 2
"""Syncs that each side's ExternalDNS gets after a change before its silence is believed: one may fail."""

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


def settled(code: FindingCode) -> Callable[[_Hazard], Rule]:
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


def standing_records(status: DomainStatus) -> tuple[RecordStatus, ...]:
    """Give the records that lead to one side."""
    return tuple(record for record in relevant(status) if record.state.is_side)


def fates_at(host: ForeseenHost, setups: Iterable[ExternalDns], side: Side) -> frozenset[Fate]:
    """Give what the side's ExternalDNS make of a host that they want; those whose registry is hidden show nothing."""
    played = [fates(host, one, side).values() for one in setups if not one.registry.is_hidden]
    return frozenset[Fate]().union(*(fate for one in played for fate in one))


def names_of(txts: Iterable[TxtStatus]) -> str:
    """Write the names of some TXT."""
    return listed([display(txt.name) for txt in txts])


def naming(txts: list[TxtStatus]) -> str:
    """Write the names of some TXT, as those of which it is told what they name."""
    return f"{names_of(txts)} {'names' if len(txts) == 1 else 'name'}"


def quoted(owners: Iterable[str]) -> str:
    """Write owner ids."""
    return listed([f'"{owner}"' for owner in sorted(owners)])
