"""What stands at the names at which an ExternalDNS keeps its ownership TXT."""

from typing import NamedTuple

from probe.model.clock import Instant
from probe.model.name import DomainName
from probe.model.record import Position
from probe.model.server import Server
from probe.model.word import Word


class TxtOwner(NamedTuple):
    """One ExternalDNS ownership value. `owner` and `resource` come out of DNS: hostile, printable ASCII, bounded."""

    owner: str
    resource: str | None


class TxtKind(Word):
    """Which record of a host an ownership TXT speaks for, by the type in its name."""

    A = "a"
    AAAA = "aaaa"
    CNAME = "cname"
    BARE = ""
    """The host's own name, without a type: the only format before ExternalDNS v0.12, written beside others to v0.17."""


class TxtReading(NamedTuple):
    """What once stood at a TXT name.

    Attributes:
        owners: What could be read.
        opaque: How many values may have been encrypted ownership.
        since, until: When it was first and last answered so.
        beside: Where the record it speaks for led meanwhile, at servers that stood by it.
    """

    owners: tuple[TxtOwner, ...]
    opaque: int
    since: Instant
    until: Instant
    beside: tuple[Position, ...] = ()


class TxtStatus(NamedTuple):
    """What stands at one name at which an ExternalDNS may keep its ownership TXT.

    Attributes:
        name: The TXT name.
        values: The RRset's values in presentation format, empty when there is none.
        owners: What could be read of them, in their order.
        at: When it was last answered; None before.
        since: Since when it reads so.
        kind: Which record it speaks for; None when nobody said.
        opaque: How many of the values may be encrypted ownership.
        answers: Answers in a row that read so.
        past: What stood there before, bounded, oldest first.
        beside: Where the record it speaks for led while it read so, at servers that stood by it.
        server: Who gave the newest answer.
        held_until: Until when that server may go on giving it out of its cache; None where it answers with authority.
        synthesised: The newest answer was made up by a wildcard (RFC 4592): nothing stands at the name itself.
    """

    name: DomainName
    values: tuple[str, ...] = ()
    owners: tuple[TxtOwner, ...] = ()
    at: Instant | None = None
    since: Instant | None = None
    kind: TxtKind | None = None
    opaque: int = 0
    answers: int = 0
    past: tuple[TxtReading, ...] = ()
    beside: tuple[Position, ...] = ()
    server: Server | None = None
    synthesised: bool = False
    held_until: Instant | None = None
