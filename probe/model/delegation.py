"""Which servers are authoritative for a name, and what is wrong with how they are delegated."""

from dataclasses import dataclass, replace
from enum import StrEnum

from probe.model.clock import Instant
from probe.model.name import DomainName
from probe.model.server import Server, family, in_zone_order


class DelegationProblem(StrEnum):
    """What a walk can find wrong. RFC 9499 section 7 has the words."""

    LAME = "lame"
    """A delegated server does not answer with authority for the zone."""
    SILENT = "silent"
    """A delegated server does not answer at all."""
    UNRESOLVED = "unresolved"
    """No address was found for a name server's name."""
    PARENT_CHILD_MISMATCH = "parent-child-mismatch"
    """The NS set at the parent differs from the one at the child."""
    CHILD_DIVIDED = "child-divided"
    """The zone's own servers give different NS sets."""
    GLUE_MISMATCH = "glue-mismatch"
    """The parent's glue differs from the authoritative address of a name server."""
    PRIVATE = "private"
    """The NS set is Route 53's dummy set of private hosted zones: only a VPC resolver answers for it."""
    INTERCEPTED = "intercepted"
    """Something in between answers in the server's place (RA set, or a falling TTL)."""
    NOT_FOUND = "not-found"
    """The walk ended without a zone: no server on the way answered, or the parent denies the name."""


@dataclass(frozen=True, slots=True)
class ProblemReport:
    """One problem, with the server or name that has it, in one sentence."""

    problem: DelegationProblem
    subject: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Delegation:
    """The outcome of one walk for one name.

    Attributes:
        zone: The zone cut that the name lies under; None when none was found.
        servers: Every address of every name server that answers with authority; lame ones are left out, and silent ones
            that were not known before (`with_known`).
        parent_ns, child_ns: The NS set at the parent and at the child, sorted.
        problems: What was found wrong on the way, in a stable order.
        at: When the walk ended.
        silent: Addresses of its name servers that gave no answer at all.
        untold: Name servers of the zone with the address family (4 or 6) of which nobody told their addresses.
    """

    zone: DomainName | None
    servers: tuple[Server, ...]
    parent_ns: tuple[DomainName, ...]
    child_ns: tuple[DomainName, ...]
    problems: tuple[ProblemReport, ...]
    at: Instant
    silent: tuple[Server, ...] = ()
    untold: frozenset[tuple[DomainName, int]] = frozenset()


def with_known(found: Delegation, known: tuple[Server, ...]) -> Delegation:
    """Keep the servers that were known before and of which a walk has heard nothing: silence takes nobody away.

    A server goes when the zone or its parent says so: it is not named any more, has another address, or is lame. So one
    that is down stays watched, and who loses half of the answers does not ask half of the servers for an hour.
    """
    if not found.servers:
        return found
    kept = [
        server
        for server in known
        if server not in found.servers
        and (server in found.silent or (DomainName(server.name), family(server.address)) in found.untold)
    ]
    return replace(found, servers=tuple(sorted((*found.servers, *kept), key=in_zone_order))) if kept else found
