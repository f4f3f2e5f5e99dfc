"""How what the authoritative servers say spreads: into caches, to resolvers, and out of caches again."""

from typing import NamedTuple

from probe.model.clock import Instant
from probe.model.question import RecordType
from probe.model.record import Position, Transition


class CachedAnswer(NamedTuple):
    """An answer of the authoritative servers that caches may hold, whether or not it is still given.

    Attributes:
        rdtype: The record's type.
        position: Where the answer led.
        at: When a server last gave it.
        ttl: The longest TTL in seconds with which it was given; that of a denial by RFC 2308 section 5.
        until: The last moment at which a cache that took it and obeys its TTL may hold it, as far as was seen.
        chained: Seconds for which addresses may be held that were looked up behind it: those of a CNAME's target.
    """

    rdtype: RecordType
    position: Position
    at: Instant
    ttl: int
    until: Instant
    chained: int = 0


class Drain(NamedTuple):
    """When no cache that obeys TTLs can lead to v1 any more: exists once no authoritative server answers v1.

    Attributes:
        last_v1: When an authoritative server last answered v1; None when that was not watched.
        deadline: From then on no cache that obeys TTLs leads to v1, or denies the record after a gap; None likewise.
        ttl: The longest time in seconds for which that answer may be held: its TTL, with what is chained to it.
        holding: Resolvers that answer v1, or of which a cache may.
        held_until: The latest moment until which a cache of theirs says that it holds it; None when none does.
    """

    last_v1: Instant | None
    deadline: Instant | None
    ttl: int | None
    holding: int = 0
    held_until: Instant | None = None


class Convergence(NamedTuple):
    """How one transition of a record arrived everywhere. It begins at the first server that showed it.

    Attributes:
        rdtype: The record's type.
        transition: What changed, and when the first server showed it.
        servers_at: When the last of the servers that answer showed it; None before.
        resolvers_at: When no resolver that answers had anything else any more; None before, and where none is watched.
        overtaken: The record changed again before; what is None then stays so.
    """

    rdtype: RecordType
    transition: Transition
    servers_at: Instant | None = None
    resolvers_at: Instant | None = None
    overtaken: bool = False
