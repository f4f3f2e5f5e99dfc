"""Addresses that have the form of one, and that no load balancer and no server can have."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from probe.config.mistakes import Unusable, quoted

_NO_MACHINES = tuple(
    (ip_network(network), why)
    for network, why in (
        ("0.0.0.0/8", "stands for no machine (RFC 1122)"),
        ("::/128", "stands for no machine (RFC 4291)"),
        ("224.0.0.0/4", "is multicast: a group has it, and no machine"),
        ("ff00::/8", "is multicast: a group has it, and no machine"),
        ("255.255.255.255/32", "is the broadcast address, and no machine's"),
    )
)
_ONE_LINK_V6 = (ip_network("fe80::/10"), "is link-local: it is valid on one link only")
_ONE_LINK = ((ip_network("169.254.0.0/16"), _ONE_LINK_V6[1]), _ONE_LINK_V6)


def refuse_for_side(network: IPv4Network | IPv6Network, text: str) -> None:
    """Refuse what no client reaches a load balancer by.

    Raises:
        Unusable: It holds such an address.
    """
    _refuse(network, text, (*_NO_MACHINES, *_ONE_LINK), "write the addresses that answers lead to")


def refuse_for_server(address: IPv4Address | IPv6Address, text: str) -> None:
    """Refuse what no DNS server is reached by. Link-local IPv4 is none of it: a VPC's and a node's have that.

    Raises:
        Unusable: It is such an address.
    """
    _refuse(ip_network(address), text, (*_NO_MACHINES, _ONE_LINK_V6), "write the address that the server is reached at")


def _refuse(
    network: IPv4Network | IPv6Network,
    text: str,
    refused: tuple[tuple[IPv4Network | IPv6Network, str], ...],
    remedy: str,
) -> None:
    for other, why in refused:
        if other.version == network.version and other.overlaps(network):
            raise Unusable(f"{quoted(text)} {why}", remedy)
