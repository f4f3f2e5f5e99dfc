"""Which addresses are checked by HTTPS, and when: pure policy.

Only a side's own addresses are ever connected to: those that its load balancers' names show at present, those that the
plan gives one by one, and those in the domain's own answers that the side owns by a network of the plan. Whoever can
answer for a load balancer's name could still lead the probe to its own host or to the cloud's metadata: addresses of
such ranges (`REFUSED_NETWORKS`) are left out, unless the plan itself names them; link-local ones (169.254.169.254, the
metadata of the cloud) are left out whatever it names.

A calm service is asked at one address of each side in turn. One that waits for a confirmation, or was never asked, is
asked at all of them, `RECHECK` seconds apart.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from probe.judge.answer.address_book import AddressBook
from probe.judge.service import is_settled
from probe.model.domain import DomainStatus
from probe.model.plan import Network, Plan
from probe.model.question import ADDRESS_TYPES
from probe.model.service import ServiceStatus
from probe.model.side import Side

MAX_CHECKED_ADDRESSES = 6
"""Addresses checked of a side for one domain: a node in each of three zones, by IPv4 and IPv6."""

RECHECK = 10.0
"""Seconds between two checks while something waits for a confirmation: three failures are twenty seconds of failing."""

CHECKS_PER_SECOND = 30.0
"""Checks started in a second at most. Each costs some 2 ms of the core that questions need; with two sides a minute it
is enough for 900 domains, and beyond that each has its turn later."""

CHECK_JITTER = 0.15
"""As for questions: checks of many domains must not fall into step."""

_Address = IPv4Address | IPv6Address

_NEVER = tuple(
    map(
        ip_network,
        (
            "169.254.0.0/16",  # link-local (RFC 3927): metadata of AWS, Google Cloud, Azure
            "fe80::/10",  # link-local (RFC 4291)
            "fd00:ec2::/32",  # metadata and DNS of AWS by IPv6
            "100.100.100.200/32",  # metadata of Alibaba Cloud
            "192.0.0.192/32",  # metadata of Oracle Cloud
            "168.63.129.16/32",  # Azure's platform
        ),
    )
)
REFUSED_NETWORKS = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",  # this host (RFC 1122)
            "127.0.0.0/8",  # loopback
            "224.0.0.0/3",  # multicast, reserved, broadcast
            "::/128",
            "::1/128",
            "ff00::/8",
            "::ffff:0:0/96",  # IPv4 in disguise: mapped, translated (RFC 6052), 6to4 and Teredo
            "64:ff9b::/96",
            "2002::/16",
            "2001::/32",
        ),
    )
)
"""Left out unless the plan names them. Private addresses are not among them: internal load balancers have those."""


def addresses(side: Side, book: AddressBook, plan: Plan, status: DomainStatus) -> tuple[str, ...]:
    """Give the addresses of a side at which a domain's service is checked, sorted, at most `MAX_CHECKED_ADDRESSES`.

    Families take turns in the bound, so that neither hides the other; one that the plan does not ask name servers over
    is not connected to either.
    """
    networks = plan.side(side).networks
    known = {*book.present(side), *_single(networks), *_answered(side, book, status)}
    allowed = [address for text in known if (address := connectable(text, networks)) is not None]
    v4 = sorted(one for one in allowed if isinstance(one, IPv4Address)) if plan.authoritative.ipv4 else []
    v6 = sorted(one for one in allowed if isinstance(one, IPv6Address)) if plan.authoritative.ipv6 else []
    room = max(MAX_CHECKED_ADDRESSES // 2, MAX_CHECKED_ADDRESSES - len(v6))
    first = v4[:room]
    return tuple(sorted(map(str, (*first, *v6[: MAX_CHECKED_ADDRESSES - len(first)]))))


def turn_plan(service: ServiceStatus, present: Sequence[str], turn: int) -> tuple[str, ...]:
    """Give the addresses to check in one turn: one of them while all is calm, otherwise all."""
    if not present:
        return ()
    return (present[turn % len(present)],) if is_known(service, present) else tuple(present)


def is_known(service: ServiceStatus, present: Iterable[str]) -> bool:
    """Tell whether each of a side's addresses was checked, and nothing of them waits to be confirmed."""
    known = {one.check.address: one for one in service.addresses}
    return all(address in known and is_settled(known[address]) for address in present)


def delay(status: DomainStatus, present: Sequence[Sequence[str]], interval: float, u: float) -> float:
    """Seconds until the next turn; `u` is a random number from 0 to 1 that the caller draws.

    Args:
        status: What is known.
        present: The addresses of each side, in the order of the status' services.
        interval: The plan's `service_interval`.
        u: Jitters it.
    """
    calm = all(is_known(service, known) for service, known in zip(status.services, present, strict=True))
    return (interval if calm else min(interval, RECHECK)) * (1 - CHECK_JITTER + 2 * CHECK_JITTER * u)


def _single(networks: Iterable[Network]) -> tuple[str, ...]:
    return tuple(str(network[0]) for network in networks if network.num_addresses == 1)


def _answered(side: Side, book: AddressBook, status: DomainStatus) -> set[str]:
    if not book.networks:
        return set()
    return {
        address
        for record in status.records
        for server in record.servers
        if server.response is not None
        for rrset in server.response.answer
        if rrset.rdtype in ADDRESS_TYPES
        for address in rrset.rdata
        if address not in book.learned and book.side_of(address) is side
    }


def connectable(text: str, networks: tuple[Network, ...]) -> _Address | None:
    """Give the address that a text is, if it may be connected to with these networks of its side in the plan."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if any(address in network for network in _NEVER):
        return None
    if any(address in network for network in REFUSED_NETWORKS) and not any(address in network for network in networks):
        return None
    return address
