"""What witnesses beside DNS tell of a domain: what both clusters want for it, and what stands in its hosted zone.

A witness names causes and keeps wrong ones away; what users get is never judged by it. So everything here may be
missing (no witness is configured), or out of date (one fails): then nothing is concluded from it.
"""

from typing import NamedTuple

from probe.model.clock import Instant
from probe.model.external_dns import ExternalDns
from probe.model.name import DomainName
from probe.model.side import Side


class ClusterWish(NamedTuple):
    """What one ExternalDNS would write for a host because of one object.

    Attributes:
        side: Its cluster.
        resource: The object, in ExternalDNS' words: `ingress/shop/web`.
        external_dns: Its flags, as the cluster shows them.
        workload: What people call it: `external-dns/external-dns`.
        stopped: It has no replicas, or is suspended: nothing is written until it is started again.
        set_identifier: Of the set that it would write; empty for a simple one.
        weight: Of that set, if it is weighted.
        targets: Where the host would lead; empty where no status tells.
        by_wildcard: It wants the wildcard that covers the host, and nobody there wants the host by its own name.
    """

    side: Side
    resource: str
    external_dns: ExternalDns
    workload: str
    stopped: bool = False
    set_identifier: str = ""
    weight: int | None = None
    targets: tuple[str, ...] = ()
    by_wildcard: bool = False

    def enters(self, zone: DomainName) -> bool:
        """Tell whether the ExternalDNS' filters let it into a hosted zone; where that is not known, they do."""
        return self.external_dns.enters(zone) is not False

    @property
    def owner(self) -> str:
        """The owner id under which it would be written."""
        return self.external_dns.txt_owner_id


class ClusterReading(NamedTuple):
    """How one cluster's word stands.

    Attributes:
        side: Which.
        at: When it was read last (the beginning of that); None before it ever was.
        is_current: It was read lately. False: its witness fails, and nothing new is concluded.
        is_whole: All of it could be read: what was not found there is not there.
    """

    side: Side
    at: Instant | None = None
    is_current: bool = False
    is_whole: bool = False


class Wanted(NamedTuple):
    """What the clusters that are witnesses want for a domain.

    Attributes:
        readings: One for each cluster that is a witness.
        wishes: What they want, as far as it is known.
    """

    readings: tuple[ClusterReading, ...]
    wishes: tuple[ClusterWish, ...] = ()

    def of(self, side: Side) -> tuple[ClusterWish, ...]:
        """Give what one cluster wants."""
        return tuple(one for one in self.wishes if one.side is side)

    def reading(self, side: Side) -> ClusterReading | None:
        """Give how a cluster's word stands; None where it is no witness."""
        return next((one for one in self.readings if one.side is side), None)

    @property
    def is_current(self) -> bool:
        """Whether every cluster that is a witness was read lately."""
        return all(one.is_current for one in self.readings)


class WrittenSet(NamedTuple):
    """One record set of a domain as it stands in its hosted zone.

    Attributes:
        rdtype: A, AAAA or CNAME.
        targets: Where it leads in the end: names without their last dot, and addresses.
        set_identifier: Empty for a simple one.
        weight: If it is weighted.
        routing: How Route 53 chooses, where not by weights; else empty.
        health: Whether its health check passes; None where it has none, or where that is not known.
    """

    rdtype: str
    targets: tuple[str, ...]
    set_identifier: str = ""
    weight: int | None = None
    routing: str = ""
    health: bool | None = None


class WrittenTxt(NamedTuple):
    """One ownership TXT of a domain as it stands in a hosted zone.

    Attributes:
        name: Where it stands.
        owner: Whom it names.
    """

    name: DomainName
    owner: str


class SetsRead(NamedTuple):
    """What a hosted zone was read with, from one reading on.

    Attributes:
        at: When it was read so first.
        sets: The domain's record sets then.
    """

    at: Instant
    sets: tuple[WrittenSet, ...]


class Written(NamedTuple):
    """What stands in the hosted zone for a domain.

    Attributes:
        at: When the zone was read last (the beginning of that); None before it ever was.
        is_current: It was read lately. False: its witness fails, and nothing new is concluded.
        zone: The zone that was read; None where none of those that were read holds the name.
        is_private: It is a private hosted zone.
        sets: The domain's record sets, or those of the wildcard that covers it.
        owners: Whom its ownership TXT name.
        other_zone: The zone that holds the name in the other view, private or public, if one was read.
        other_sets, other_txts: What stands there.
    """

    at: Instant | None = None
    is_current: bool = False
    zone: DomainName | None = None
    is_private: bool = False
    sets: tuple[WrittenSet, ...] = ()
    owners: tuple[str, ...] = ()
    other_zone: DomainName | None = None
    other_sets: tuple[WrittenSet, ...] = ()
    other_txts: tuple[WrittenTxt, ...] = ()


class Witnessed(NamedTuple):
    """What witnesses tell of a domain at one moment.

    Attributes:
        wanted: By the clusters; None where none is a witness.
        written: By the hosted zone; None where none is a witness.
    """

    wanted: Wanted | None = None
    written: Written | None = None


NO_WITNESSES = Witnessed()
"""There are no witnesses."""
