"""Whether v1's Ingress of a domain may be deleted: each precondition that can be seen, and what nobody can see."""

from typing import NamedTuple

from probe.model.check import Check, CheckOutcome
from probe.model.clock import Instant
from probe.model.name import DomainName
from probe.model.word import Word


class Precondition(Word):
    """What has to hold before v1's Ingress goes."""

    ON_V2 = "on-v2"
    """Every server leads to v2, for both families."""
    OWNED = "owned"
    """v2's ExternalDNS reads that the record is its own."""
    RELEASED = "released"
    """v1's ExternalDNS, in its version, reads no TXT that says that the record is its own: or it deletes it."""
    DRAINED = "drained"
    """No cache that obeys TTLs leads to v1 any more."""
    OTHER_VIEW = "other-view"
    """The view of the name that is not judged leads no client to v1 either; only where resolvers that see it are
    watched."""
    SERVING = "serving"
    """v2's HTTPS works; only where the plan has a check."""
    CLEAR = "clear"
    """No finding is open that is critical or a warning."""
    WATCHED = "watched"
    """All of this was seen just now."""
    CONFIRMED = "confirmed"
    """Every criterion of the confirmation was held for the whole soak."""


class Decommission(NamedTuple):
    """The verdict on deleting v1's Ingress of one domain.

    Attributes:
        outcome: The worst of the checks: it passes when nothing that can be seen speaks against it.
        checks: Each precondition that applies; each is named by a `Precondition`.
        unseen: What neither DNS nor HTTPS shows, and somebody has to see to, in sentences.
        leftovers: TXT names that will still name v1's owner, to be deleted once v1's ExternalDNS is gone.
        other_leftovers: The same of the view of the name that is not judged, where resolvers or a hosted zone show it.
        at: When it will pass, where time alone is missing (caches, the soak) and nothing happens meanwhile; None
            otherwise.
    """

    outcome: CheckOutcome
    checks: tuple[Check, ...]
    unseen: tuple[str, ...] = ()
    leftovers: tuple[DomainName, ...] = ()
    other_leftovers: tuple[DomainName, ...] = ()
    at: Instant | None = None


class WaveDecommission(NamedTuple):
    """The verdict on deleting v1's Ingresses of a wave.

    Attributes:
        outcome: That of its domains together.
        at: When it will pass, where time alone is missing (caches, the soak) and nothing happens meanwhile; None
            otherwise.
        sentence: All of this for people, in one sentence: the time, or what is waited for.
    """

    outcome: CheckOutcome
    at: Instant | None
    sentence: str
