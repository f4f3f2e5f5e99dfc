"""One effect of each kind that people are told of, and how it is told."""

from probe.model.clock import Instant
from probe.model.confirmation import Break, Criterion
from probe.model.convergence import Stage
from probe.model.effect import (
    Converged,
    Effect,
    ExpectationChanged,
    FindingCleared,
    FindingRaised,
    SoakBroken,
    SoakHeld,
    StateChanged,
    TransitionConfirmed,
)
from probe.model.finding import Finding, FindingCode, Severity
from probe.model.name import DomainName
from probe.model.plan import Expectation
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, Transition

NAME, AT = DomainName("app.example.com."), Instant(1_790_000_000.0, 5.0)
BACK = Transition(AT, Position.V2, Position.V1, reversal=True)
OUTAGE = Finding(FindingCode.OUTAGE, Severity.CRITICAL, NAME, "It has no record.", "Create it.", AT.wall - 90)

EFFECTS: tuple[Effect, ...] = (
    StateChanged(NAME, None, RecordState.V1, RecordState.V2, AT, "It leads to v2."),
    StateChanged(NAME, RecordType.A, RecordState.V1, RecordState.FLAPPING, AT, ""),
    TransitionConfirmed(NAME, RecordType.A, BACK),
    FindingRaised(OUTAGE, AT),
    FindingRaised(OUTAGE, AT, Severity.WARNING),
    FindingCleared(OUTAGE, AT),
    SoakBroken(NAME, Break(AT, Criterion.RESOLVERS, "Not converged: r1."), 159.0),
    SoakHeld(NAME, AT, 1800.0),
    Converged(NAME, RecordType.A, Stage.ALL_SERVERS, 12.0, AT),
    ExpectationChanged("first", Expectation.V1, Expectation.V2, AT),
)
