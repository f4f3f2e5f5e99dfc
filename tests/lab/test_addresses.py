import ipaddress
from itertools import combinations

from probe.lab import addresses
from probe.lab.addresses import ELSEWHERE, NAME_SERVERS, SIDE_V1, SIDE_V2, AddressPool

RANGES = (NAME_SERVERS, SIDE_V1, SIDE_V2, ELSEWHERE)
# RFC 5737, RFC 2544, RFC 3849
FOR_DOCUMENTATION = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "2001:db8::/32")


def test_only_ranges_that_no_machine_has_are_used() -> None:
    allowed = [ipaddress.ip_network(network) for network in FOR_DOCUMENTATION]
    for network in (ipaddress.ip_network(one) for ranges in RANGES for one in ranges):
        assert any(other.version == network.version and network.subnet_of(other) for other in allowed)  # type: ignore[arg-type]


def test_ranges_do_not_overlap() -> None:
    for one, other in combinations([network for ranges in RANGES for network in ranges], 2):
        assert not ipaddress.ip_network(one).overlaps(ipaddress.ip_network(other))


def test_the_next_range_takes_over_when_one_is_used_up() -> None:
    pool = AddressPool(("192.0.2.0/30", "198.18.0.0/30"))
    assert [pool.take(4) for _ in range(4)] == ["192.0.2.1", "192.0.2.2", "198.18.0.1", "198.18.0.2"]
    assert addresses.NAME_SERVERS[0] == "192.0.2.0/24"
