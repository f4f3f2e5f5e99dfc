"""Whether v1's Ingress of a domain may be deleted: each precondition that can be seen, and what nobody can see."""

from typing import NamedTuple

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
    SERVING = "serving"
    """v2's HTTPS works; only where the plan has a check."""
    CLEAR = "clear"
    """No finding is open that is critical or a warning."""
    WATCHED = "watched"
    """All of this was seen just now."""


class Requirement(NamedTuple):
    """One precondition at one moment.

    Attributes:
        precondition: Which.
        holds: Whether it does; None while that cannot be told.
        sentence: Why, in one sentence.
        remedy: What to do where it does not hold.
    """

    precondition: Precondition
    holds: bool | None
    sentence: str
    remedy: str = ""


class Decommission(NamedTuple):
    """The verdict on deleting v1's Ingress of one domain.

    Attributes:
        safe: As far as it can be seen: True when every requirement holds, False when one does not, else None.
        requirements: Each precondition that applies.
        unseen: What neither DNS nor HTTPS shows, and somebody has to see to, in sentences.
        leftovers: TXT names that will still name v1's owner, to be deleted once v1's ExternalDNS is gone.
    """

    safe: bool | None
    requirements: tuple[Requirement, ...]
    unseen: tuple[str, ...] = ()
    leftovers: tuple[DomainName, ...] = ()
