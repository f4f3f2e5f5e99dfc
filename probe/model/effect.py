"""What a review wants done. The judge returns these; the engine performs them; edges are told of them."""

from typing import NamedTuple, TypeAlias, get_args

from probe.model.clock import Instant
from probe.model.confirmation import Break
from probe.model.convergence import Stage
from probe.model.finding import Finding, Severity
from probe.model.name import DomainName
from probe.model.plan import Expectation
from probe.model.question import Question, RecordType
from probe.model.record import RecordState, Transition
from probe.model.server import Server


class StateChanged(NamedTuple):
    """A record's verdict changed; `rdtype` None speaks of the domain as a whole."""

    domain: DomainName
    rdtype: RecordType | None
    before: RecordState
    after: RecordState
    at: Instant
    sentence: str


class TransitionConfirmed(NamedTuple):
    """A record moved from one position to another."""

    domain: DomainName
    rdtype: RecordType
    transition: Transition


class FindingRaised(NamedTuple):
    """A finding was opened; or it is graver than it was, and `before` is the severity that it had until then."""

    finding: Finding
    at: Instant
    before: Severity | None = None


class FindingCleared(NamedTuple):
    """A finding no longer holds."""

    finding: Finding
    at: Instant


class Converged(NamedTuple):
    """A transition has reached everybody of one stage, so many seconds after the first server showed it."""

    domain: DomainName
    rdtype: RecordType
    stage: Stage
    seconds: float
    at: Instant


class Surprised(NamedTuple):
    """An answer was not the expected one: ask the same server again at once, then all servers and TXT names."""

    domain: DomainName
    question: Question
    server: Server


class TargetsDoubted(NamedTuple):
    """An address that no side owns was answered: ask the load balancers' names again before accusing anyone."""

    domain: DomainName


class SoakBroken(NamedTuple):
    """A domain that was holding every criterion, for `held` seconds, no longer does: its clock starts again."""

    domain: DomainName
    broken: Break
    held: float


class SoakHeld(NamedTuple):
    """A domain has held every criterion for the whole soak: for `held` seconds."""

    domain: DomainName
    at: Instant
    held: float


class ExpectationChanged(NamedTuple):
    """By its schedule something else is expected of a wave from now on."""

    wave: str
    before: Expectation
    after: Expectation
    at: Instant


Effect: TypeAlias = (
    StateChanged
    | TransitionConfirmed
    | FindingRaised
    | FindingCleared
    | Converged
    | Surprised
    | TargetsDoubted
    | SoakBroken
    | SoakHeld
    | ExpectationChanged
)

EFFECTS: tuple[type[Effect], ...] = get_args(Effect)
"""Their types: to tell an effect from whatever else a journal has."""
