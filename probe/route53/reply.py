"""A query as an authoritative server sees it, and its reply, before either is a message."""

from typing import NamedTuple

from probe.model.name import DomainName


class ServedQuery(NamedTuple):
    """One question as a simulated server sees it: lower-case name, type mnemonic, and the RD flag."""

    name: DomainName
    rdtype: str
    recursion_desired: bool = False


class Records(NamedTuple):
    """One RRset on its way out; values as Route 53 writes them, in the order in which they are sent."""

    name: DomainName
    rdtype: str
    ttl: int
    values: tuple[str, ...]


class ServedReply(NamedTuple):
    """What a simulated server says.

    Attributes:
        rcode: Mnemonic (RFC 6895 section 2.3).
        authoritative: AA.
        answer, authority, additional: The sections.
        recursion_available: RA: resolvers only.
        nsid: Who of the machines behind the address answered (RFC 5001); sent only when asked for.
        errors: Extended DNS Error codes (RFC 8914).
    """

    rcode: str = "NOERROR"
    authoritative: bool = False
    answer: tuple[Records, ...] = ()
    authority: tuple[Records, ...] = ()
    additional: tuple[Records, ...] = ()
    recursion_available: bool = False
    nsid: str = ""
    errors: tuple[int, ...] = ()
