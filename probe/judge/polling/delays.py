"""When the next is due: how long each kind of question waits for its turn, and how often time is let pass.

Every delay is jittered: two ExternalDNS instances fight on a fixed phase of their sync interval, and a prober in step
with that beat sees one side for ever. Delays take `u`, a random number from 0 to 1 that the caller draws.
"""

from enum import StrEnum

from probe.model.domain import DomainStatus
from probe.model.plan import Probing

JITTER = 0.15
"""Share by which a delay is lengthened or shortened at most: within ten turns the phase is lost whatever the beat."""

EXPIRY_RESTLESS = 5.0
"""Seconds between two lettings-pass of time for a domain that is not steady, or of which a finding waits to be raised
or cleared: grace times count in tens."""

EXPIRY_CALM = 30.0
"""The same of any other, whatever is open about it: answers alone change what stands there, and they are judged as they
come; shares grow sure over minutes, and only evidence grows old, which takes three at least."""

EXPIRY_OFTEN, EXPIRIES_PER_SOAK = 1.0, 10
"""Seconds between two at least, and how many a soak gets: one of minutes must not be over for half of one unnoticed."""

EXPIRY_SPREAD = 0.1
"""Share by which they are spread, or a thousand domains would be judged anew on one tick."""


class DelayKind(StrEnum):
    """The kinds of questions that wait for their turn."""

    RECORD = "record"
    TXT = "txt"
    RESOLVER = "resolver"
    TARGET = "target"


def interval(kind: DelayKind, probing: Probing) -> float:
    """Give the plan's interval of one kind of question, in seconds."""
    if kind is DelayKind.RECORD:
        return probing.interval
    if kind is DelayKind.TXT:
        return probing.txt_interval
    return probing.resolver_interval if kind is DelayKind.RESOLVER else probing.target_interval


def first_delay(kind: DelayKind, probing: Probing, u: float) -> float:
    """Give the seconds until the first calm turn after the start: spread over an interval, not in step."""
    return interval(kind, probing) * u


def next_delay(kind: DelayKind, probing: Probing, u: float) -> float:
    """Give the seconds from one calm turn to the next."""
    return interval(kind, probing) * jittered(u)


def expiry_delay(status: DomainStatus, soak: float, u: float, *, interval: float, bursting: bool) -> float:
    """Give the seconds until time is next let pass for a domain without an observation (`review.expire`).

    While a soak goes on that is before the moments of answers are forgotten between which there may be a gap: a domain
    knows when each of its servers last answered, and asks one of them a turn.
    """
    calm = status.state.is_steady and not status.awaited and not bursting
    pause = min(EXPIRY_CALM if calm else EXPIRY_RESTLESS, max(EXPIRY_OFTEN, soak / EXPIRIES_PER_SOAK))
    if status.confirmation.since is not None:
        servers = max((len(record.servers) for record in status.records), default=0)
        pause = min(pause, max(EXPIRY_RESTLESS, interval * (servers - 1)))
    return pause * (1 - EXPIRY_SPREAD + 2 * EXPIRY_SPREAD * u)


def jittered(u: float) -> float:
    """Give the factor by which a delay is lengthened or shortened, for `u` of 0 to 1."""
    return 1 - JITTER + 2 * JITTER * u
