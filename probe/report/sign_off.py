"""What a sign-off report says, before it is written down in one format or another."""

from typing import NamedTuple

from probe.model.check import Check, CheckOutcome
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.plan import Plan
from probe.model.wave import WaveStatus
from probe.model.word import Word
from probe.report.event import Event

SIGN_OFF_OUTCOMES = {
    CheckOutcome.PASS: "confirmed",
    CheckOutcome.WARN: "confirmed",
    CheckOutcome.FAIL: "does not hold",
    CheckOutcome.UNKNOWN: "not enough evidence",
}
"""What a report says of each outcome."""


class Ending(Word):
    """Why a soak ended."""

    HELD = "every domain has held every criterion for the whole soak"
    NO_LONGER_POSSIBLE = "what is left of the time is shorter than what is left of the soak"
    TIME_IS_UP = "the time was up"
    INTERRUPTED = "it was interrupted"
    NO_ANSWER = "no server answered anything"
    PROBE_FAILED = "a part of the probe failed"


class Turn(NamedTuple):
    """From when on a domain's criteria stood so, all of them together."""

    at: Instant
    outcome: CheckOutcome


class DomainReport(NamedTuple):
    """One domain: where it stands at the end, how its criteria stood meanwhile, and what happened.

    Attributes:
        status: Its status at the end, with all evidence.
        course: How its criteria stood, oldest first.
        events: What happened, oldest first, bounded.
        forgotten: Older events that found no room.
    """

    status: DomainStatus
    course: tuple[Turn, ...]
    events: tuple[Event, ...]
    forgotten: int = 0


class SignOff(NamedTuple):
    """Everything that a report says.

    Attributes:
        check: Whether the waves are confirmed.
        ending: Why it ended.
        waves: The waves that were asked for.
        domains: All of their domains, in the plan's order.
        events: What happened to waves as a whole.
        plan: The plan in force at the end, narrowed to these waves.
        version: Of the program.
        began, ended: When.
        watched: When every domain had been looked at for the first time; None when that never came.
        timeout: Seconds that it might have taken at most.
        signed_by: Who asked for it, as they said; empty when nobody did.
    """

    check: Check
    ending: Ending
    waves: tuple[WaveStatus, ...]
    domains: tuple[DomainReport, ...]
    events: tuple[Event, ...]
    plan: Plan
    version: str
    began: Instant
    ended: Instant
    watched: Instant | None
    timeout: float
    signed_by: str = ""

    @property
    def word(self) -> str:
        """The outcome, as a report says it."""
        return SIGN_OFF_OUTCOMES[self.check.outcome]


CANNOT_KNOW = (
    """\
Clients that keep an address beyond its TTL: a JVM with networkaddress.cache.ttl=-1, a proxy that resolves once at its \
start, an address in a client's configuration.""",
    """\
Connections that are kept alive: one that was opened to v1 before the move stays there until it is closed. An ALB \
closes an idle one after its idle timeout (60 s unless set), a busy one after its client keepalive (an hour unless \
set).""",
    """\
Caches that were not asked: other resolvers than the plan's, those that stretch TTLs, those of operating systems and \
browsers.""",
    """What other places see: this is one vantage. Several of them confirm more.""",
    """\
What happens later: an ExternalDNS that is scaled up again, an Ingress that is deployed again. The daemon keeps \
watching for that; this report does not.""",
)
"""What no DNS question can answer, for every report."""
