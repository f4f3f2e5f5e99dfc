"""What a walk learns on its way down: levels, places, addresses. Values only."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import NamedTuple

from probe.model.name import ROOT, DomainName, parent
from probe.model.server import Server
from probe.wire.delegation.walk_bounds import MAX_STEPS, SINGLE_STEPS


@dataclass(frozen=True, slots=True)
class ZoneCut:
    """One zone on the way down, as it was delegated.

    Attributes:
        zone: The zone cut.
        above: The level that delegates it; None for the level where the walk starts.
        ns: The name servers' names in the referral, bounded.
        servers: Servers whose addresses came with it: glue, or the start of the walk.
        host: A server of the level above that answers from this zone itself. It helps on the way down, and is no
            server of the zone unless the zone names it.
        recursive: Who set RA when the referral was asked for: then something in between may have answered.
    """

    zone: DomainName
    above: "ZoneCut | None"
    ns: tuple[DomainName, ...]
    servers: tuple[Server, ...]
    host: Server | None = None
    recursive: Server | None = None

    @property
    def known(self) -> tuple[Server, ...]:
        """Servers that can be asked about names below without looking up an address."""
        return self.servers if self.host is None else (*self.servers, self.host)


class Obstacle(StrEnum):
    """Why the last step did not settle whether there is a zone cut at the name."""

    DENIED = "denied"
    """The servers say that the name does not exist (a finding, not a fault)."""
    SILENT = "silent"
    """No server answers at all, or none has an address."""
    USELESS = "useless"
    """Servers answer, none of them usefully."""


@dataclass(frozen=True, slots=True)
class ClosestZone:
    """Where a name lies: the closest zone found above or at it.

    Attributes:
        level: That zone.
        obstacle: Why the last step settled nothing; None when it did.
        recursive: Who set RA beside the obstacle.
    """

    level: ZoneCut
    obstacle: Obstacle | None = None
    recursive: Server | None = None

    @property
    def suspects(self) -> tuple[Server, ...]:
        """Servers on the way that set RA: something in between may have answered in their place."""
        level: ZoneCut | None = self.level
        found = [self.recursive]
        while level is not None:
            found.append(level.recursive)
            level = level.above
        return tuple(server for server in found if server is not None)


class Addresses(NamedTuple):
    """The authoritative addresses of one name server's name.

    Attributes:
        addresses: What was found, bounded.
        reason: Why there are none.
        untold: The families in use of which nobody told: what is missing there proves nothing.
    """

    addresses: tuple[str, ...]
    reason: str = ""
    untold: frozenset[int] = frozenset()


def usable(address: str) -> bool:
    """Tell whether an address from a message may be asked at all.

    A hostile zone can publish anything as an address. Unspecified (which the system takes for itself), multicast
    and link-local ones can never be a name server's.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return not (parsed.is_unspecified or parsed.is_multicast or parsed.is_link_local)


def labels(name: DomainName) -> tuple[DomainName, ...]:
    """Give the name and its ancestors below the root, the shortest first."""
    lineage = []
    while name != ROOT:
        lineage.append(name)
        name = parent(name)
    return tuple(reversed(lineage))


def steps(name: DomainName) -> tuple[DomainName, ...]:
    """Give the names to ask for on the way down (QNAME minimisation, RFC 9156 section 2.3), the full name last."""
    lineage = labels(name)
    if len(lineage) <= MAX_STEPS:
        return lineage
    singly, rest = lineage[:SINGLE_STEPS], lineage[SINGLE_STEPS:]
    spread = MAX_STEPS - SINGLE_STEPS
    return singly + tuple(rest[(len(rest) * number) // spread - 1] for number in range(1, spread + 1))
