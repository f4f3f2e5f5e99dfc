"""What the checks of `preflight` rest on beside a look at the domains."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from probe.model.name import DomainName
from probe.model.plan import Domain
from probe.model.snapshot import Snapshot
from probe.model.witness import Witnessed


class ZoneFacts(NamedTuple):
    """What was asked about a zone for `preflight` alone.

    Attributes:
        negative_ttl: Seconds that caches keep a denial: the smaller of the SOA's TTL and MINIMUM (RFC 2308 section 5);
            None when no server gave its SOA.
        delegation_signer: Whether the parent has a DS record; None when it could not be asked.
        keys: Whether the zone's servers have a DNSKEY record; None when none answered.
        unsigned: Servers that answered with authority, but without a signature where one was asked for.
        bogus: Resolvers that fail to answer, and do answer when they are told not to validate.
        validated: Resolvers that say that they have validated the answer (AD).
    """

    negative_ttl: int | None = None
    delegation_signer: bool | None = None
    keys: bool | None = None
    unsigned: tuple[str, ...] = ()
    bogus: tuple[str, ...] = ()
    validated: tuple[str, ...] = ()


class PreflightEvidence(NamedTuple):
    """Everything that `preflight` judges.

    Attributes:
        snapshot: A look at the wave's domains, settled as far as it would; its plan has no others.
        zones: By the zone's name.
        others: The plan's domains in other waves: they are not looked at, but v2's ExternalDNS will see their records.
        witnessed: What the plan's witnesses beside DNS tell of the wave's domains, where they were asked.
        silences: Which of them told nothing, and why: sentences.
    """

    snapshot: Snapshot
    zones: Mapping[DomainName, ZoneFacts]
    others: tuple[Domain, ...] = ()
    witnessed: Mapping[DomainName, Witnessed] = MappingProxyType({})
    silences: tuple[str, ...] = ()

    def zone_of(self, name: DomainName) -> DomainName | None:
        """Give the zone that holds a name, among those that were found."""
        found = [one.zone for one in self.snapshot.delegations if one.zone is not None]
        holding = [zone for zone in found if name == zone or name.endswith("." + zone) or zone == "."]
        return max(holding, key=len, default=None)
