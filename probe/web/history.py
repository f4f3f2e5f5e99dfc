"""What has happened to each domain, as far back as people look: kept from the effects that the engine tells of.

A calm domain has no effects, so that this costs nothing on the path of an observation. It is written on the engine's
loop and read in the web server's threads: what a name leads to is a tuple that is replaced, never changed.
"""

from collections import OrderedDict
from typing import NamedTuple, TypeAlias, assert_never

from probe.model.clock import Instant
from probe.model.effect import (
    Converged,
    Effect,
    ExpectationChanged,
    FindingCleared,
    FindingRaised,
    SoakBroken,
    SoakHeld,
    StateChanged,
    Surprised,
    TargetsDoubted,
    TransitionConfirmed,
)
from probe.model.name import DomainName
from probe.model.question import RecordType
from probe.model.record import Transition

EVENTS_KEPT = 96
"""What is kept of each kind for each domain: an hour and a half of a fight that flips every minute."""

MAX_REMEMBERED_DOMAINS = 20_000
"""Domains that something is kept of: twice what a plan may have, so that those of the plan before stay a while."""

Event: TypeAlias = StateChanged | FindingRaised | FindingCleared | SoakBroken | SoakHeld


class PastEvents(NamedTuple):
    """What is kept of one domain, oldest first.

    Attributes:
        events: Changes of its own state, findings, and its soak.
        moves: Confirmed changes of its records.
    """

    events: tuple[Event, ...] = ()
    moves: tuple[TransitionConfirmed, ...] = ()

    def transitions(self, rdtype: RecordType) -> tuple[Transition, ...]:
        """The confirmed changes of one record."""
        return tuple(move.transition for move in self.moves if move.rdtype is rdtype)


NO_EVENTS = PastEvents()


class History:
    """The past of every domain. Told of effects on one thread, read from any."""

    def __init__(self) -> None:
        self.version = 0
        """Grows with everything that a page would show at once."""
        self._pasts: OrderedDict[DomainName, PastEvents] = OrderedDict()

    def observe(self, effect: Effect) -> None:
        """Take note of an effect (an engine's observer)."""
        match effect:
            case TransitionConfirmed(domain=domain):
                past = self.of(domain)
                self._keep(domain, past._replace(moves=(*past.moves[1 - 2 * EVENTS_KEPT :], effect)))
            case StateChanged(domain=domain) | SoakBroken(domain=domain) | SoakHeld(domain=domain):
                self._event(domain, effect)
            case FindingRaised(finding=finding) | FindingCleared(finding=finding):
                self._event(finding.domain, effect)
            case ExpectationChanged():
                self.version += 1
            case Converged() | Surprised() | TargetsDoubted():
                pass  # a page shows these by the status, or not at all
            case _:
                assert_never(effect)

    def of(self, domain: DomainName) -> PastEvents:
        """Give what is kept of a domain."""
        return self._pasts.get(domain, NO_EVENTS)

    def _event(self, domain: DomainName, event: Event) -> None:
        past = self.of(domain)
        if not isinstance(event, StateChanged) or event.rdtype is None:
            past = past._replace(events=(*past.events[1 - EVENTS_KEPT :], event))
        self._keep(domain, past)

    def _keep(self, domain: DomainName, past: PastEvents) -> None:
        self._pasts[domain] = past
        self._pasts.move_to_end(domain)
        if len(self._pasts) > MAX_REMEMBERED_DOMAINS:
            self._pasts.popitem(last=False)
        self.version += 1


def moment_of(event: Event) -> Instant:
    """Tell when an event was."""
    return event.broken.at if isinstance(event, SoakBroken) else event.at
