"""Addresses of the simulated world: documentation and benchmark ranges only (RFC 5737, RFC 2544, RFC 3849)."""

import ipaddress
from collections import deque
from collections.abc import Iterator, Sequence

NAME_SERVERS = ("192.0.2.0/24", "198.18.0.0/16", "2001:db8:53::/48")
"""Name servers and resolvers; the benchmark range takes over when the documentation range is used up."""

SIDE_V1 = ("198.51.100.0/24", "2001:db8:1::/48")
"""Load balancers of the old cluster."""

SIDE_V2 = ("203.0.113.0/24", "2001:db8:2::/48")
"""Load balancers of the new cluster."""

ELSEWHERE = ("198.19.0.0/16", "2001:db8:ffff::/48")
"""Whatever belongs to neither side."""


def _hosts(networks: Sequence[str], family: int) -> Iterator[str]:
    for network in map(ipaddress.ip_network, networks):
        if network.version == family:
            yield from map(str, network.hosts())


class AddressPool:
    """Hands out addresses, and takes them back at the end of the queue: cloud addresses are used again, later.

    Args:
        networks: IPv4 and IPv6 networks, used up in their order.
    """

    def __init__(self, networks: Sequence[str]) -> None:
        self._fresh = {family: _hosts(networks, family) for family in (4, 6)}
        self._released: dict[int, deque[str]] = {4: deque(), 6: deque()}

    def take(self, family: int) -> str:
        """Give an address of IP version `family` that nobody has; a fresh one as long as there is one.

        Raises:
            LookupError: The pool is empty.
        """
        address = next(self._fresh[family], None)
        if address is not None:
            return address
        if not self._released[family]:
            raise LookupError(f"this pool has no IPv{family} address left")
        return self._released[family].popleft()

    def release(self, address: str) -> None:
        """Take an address back."""
        self._released[ipaddress.ip_address(address).version].append(address)
