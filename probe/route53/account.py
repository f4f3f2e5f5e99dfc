"""One AWS account's Route 53: its hosted zones."""

import random
import string
from collections.abc import Mapping

from probe.model.name import DomainName
from probe.route53.hosted_zone import HostedZone, longest_match

_STRIPES = ("com", "net", "org", "co.uk")
_SERVERS_PER_STRIPE = 512  # 2,048 virtual name servers in four stripes
_SERVERS_PER_DOMAIN = 8  # ns-0 to ns-7 are in awsdns-00.com, ns-512 to ns-519 in awsdns-00.net
_MOST_SHARED = 2  # shuffle sharding: two zones share at most two name servers

_ZONE_ID_LETTERS = string.ascii_uppercase + string.digits
_ZONE_ID_LENGTH = 13


def name_server_name(stripe: int, index: int) -> DomainName:
    """Name a Route 53 name server: number `index` (0 to 511) of stripe 0 (com), 1 (net), 2 (org) or 3 (co.uk)."""
    number = stripe * _SERVERS_PER_STRIPE + index
    return DomainName(f"ns-{number}.awsdns-{index // _SERVERS_PER_DOMAIN:02d}.{_STRIPES[stripe]}.")


def draw_delegation_set(draw: random.Random) -> tuple[DomainName, ...]:
    """Draw four name servers, one of each stripe. Index 0 is left out: private zones have ns-0.awsdns-00.com."""
    return tuple(name_server_name(stripe, draw.randrange(1, _SERVERS_PER_STRIPE)) for stripe in range(len(_STRIPES)))


class Route53:
    """Hosted zones by id.

    Args:
        draw: Zone ids and delegation sets.
        alias_zones: Per foreign hosted zone that an alias may name, the domain it covers; None leaves them unchecked.
    """

    def __init__(self, draw: random.Random, alias_zones: Mapping[str, DomainName] | None = None) -> None:
        self._draw = draw
        self._alias_zones = alias_zones
        self._zones: dict[str, HostedZone] = {}

    def create_hosted_zone(self, name: DomainName, *, tags: Mapping[str, str] | None = None) -> HostedZone:
        """Create a public hosted zone with its own delegation set. A second zone of the same name is possible."""
        zone_id = "Z" + "".join(self._draw.choices(_ZONE_ID_LETTERS, k=_ZONE_ID_LENGTH))
        taken = [set(zone.name_servers) for zone in self._zones.values()]
        servers = draw_delegation_set(self._draw)
        while any(len(others.intersection(servers)) > _MOST_SHARED for others in taken):
            servers = draw_delegation_set(self._draw)
        zone = HostedZone(name, zone_id, servers, alias_zones=self._alias_zones, tags=tags)
        self._zones[zone_id] = zone
        return zone

    def hosted_zones(self) -> tuple[HostedZone, ...]:
        """Every zone in the order of their creation."""
        return tuple(self._zones.values())

    def hosted_zone(self, zone_id: str) -> HostedZone | None:
        """Find a zone by id, with or without `/hostedzone/`."""
        return self._zones.get(zone_id.removeprefix("/hostedzone/"))

    def longest_match(self, name: DomainName) -> HostedZone | None:
        """Find the zone nearest above a name: the newest one, where several have that name."""
        by_name = {zone.name: zone for zone in self._zones.values()}
        found = longest_match(by_name, name)
        return None if found is None else by_name[found]
