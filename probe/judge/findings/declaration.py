"""What a finding declares: what it means, how long it has to stand, what it stops, and the rule that finds it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, Literal, TypeAlias

from probe.judge.context import Context
from probe.judge.findings.evidence import Found
from probe.judge.state import DomainState
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.finding import CatalogueEntry
from probe.model.plan import Probing


class _Undecided(Enum):
    UNDECIDED = auto()


UNDECIDED: Final = _Undecided.UNDECIDED
"""What a rule gives while it cannot tell: what was open stays open as it is, and nothing new is raised."""

Verdict: TypeAlias = Found | Literal[_Undecided.UNDECIDED] | None
"""What a rule says: what holds, that it cannot tell, or that nothing does."""

Rule: TypeAlias = Callable[[DomainState, Instant, Context], Verdict]
"""Looks at a domain at a moment."""

Delay: TypeAlias = Callable[[Probing], float]
"""Seconds, under the cadence that is in force."""


def public(rule: Callable[[DomainStatus, Instant, Context], Verdict]) -> Rule:
    """Make a rule of one that reads the public status only."""
    return lambda state, at, context: rule(state.status, at, context)


def at_once(_probing: Probing) -> float:
    """No time, zero seconds: the rule's own evidence suffices."""
    return 0.0


@dataclass(frozen=True, slots=True)
class Declaration(CatalogueEntry):
    """A finding, whole.

    Attributes:
        rule: Finds it in a domain's status. None where one verdict decides between several codes
            (`probe.judge.findings.flap_cause`), or where it is about the vantage (`probe.judge.findings.vantage`).
        pending: How long it has to hold, without a break, before it is raised. Kept over restarts.
        keep: How long it has to be gone, without a break, before it is cleared. Kept over restarts.
        when_unknown: Its rule is also asked while the domain is unknown; all others keep then what was open.
    """

    rule: Rule | None = None
    pending: Delay = at_once
    keep: Delay = at_once
    when_unknown: bool = False
