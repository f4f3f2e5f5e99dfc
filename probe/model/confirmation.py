"""Whether a domain has held what its wave expects for long enough."""

from typing import NamedTuple

from probe.model.check import Check, CheckOutcome
from probe.model.clock import Instant
from probe.model.word import Word

CONFIRMED_CHECK = "confirmed"
"""The name of the check on a whole wave, as `gate` and the sign-off report say it."""


class Criterion(Word):
    """What has to hold for the whole soak before a domain counts as confirmed."""

    AUTHORITATIVE = "authoritative"
    """Every server answers the expected side, for both families."""
    RESOLVERS = "resolvers"
    """Every resolver that is watched serves the expected side, and no cache can hold the other one."""
    OTHER_VIEW = "other-view"
    """Where a public and a private zone have the name: the view that is not judged does not lead to the other side."""
    OWNERSHIP = "ownership"
    """The owner is the one that the plan expects, and nothing about ownership is dangerous."""
    SERVICE = "service"
    """The domain's HTTPS works on the side that it leads to."""
    FINDINGS = "findings"
    """Nothing is open that is critical or a warning."""
    WATCHED = "watched"
    """Answers keep coming: what nobody looked at has not been seen to hold."""


class Break(NamedTuple):
    """The moment at which a soak was broken, by which criterion, and what that said then."""

    at: Instant
    criterion: Criterion
    sentence: str


class Confirmation(NamedTuple):
    """Whether a domain has held what its wave expects for long enough.

    Attributes:
        criteria: Every criterion that applies, as it stands now; each is named by a `Criterion`.
        outcome: All of them together: the worst of them.
        since: Since when none of them has failed; None while one does, or before all have passed for the first time.
        held: Seconds since then in which all of them were seen to pass. Never more than was watched.
        unwatched: Seconds since then in which nobody looked, or one of them was unknown: they are not held.
        until: The newest moment that evidence reaches to; None before the first.
        confirmed: `held` has reached the plan's soak.
        confirmed_at: When it did; None while it has not.
        breaks: How often a soak that had begun was broken.
        broken: The newest such break, None before the first.
    """

    criteria: tuple[Check, ...] = ()
    outcome: CheckOutcome = CheckOutcome.UNKNOWN
    since: Instant | None = None
    held: float = 0.0
    unwatched: float = 0.0
    until: Instant | None = None
    confirmed: bool = False
    confirmed_at: Instant | None = None
    breaks: int = 0
    broken: Break | None = None
