"""Addresses that no machine has: none of a side and none that is asked, but for link-local ones of resolvers."""

from ipaddress import ip_address, ip_network

import pytest

from probe.config.mistakes import Unusable
from probe.config.unreachable import refuse_for_server, refuse_for_side


@pytest.mark.parametrize(
    "network",
    ["0.0.0.0", "0.0.0.0/8", "::", "224.0.0.0/3", "ff02::/16", "255.255.255.255", "fe80::/16", "169.254.170.2"],
)
def test_a_network_that_holds_one_that_nobody_has_is_no_sides(network: str) -> None:
    with pytest.raises(Unusable) as caught:
        refuse_for_side(ip_network(network), network)
    assert caught.value.message.startswith(f"`{network}` ")
    assert caught.value.remedy == "write the addresses that answers lead to"


@pytest.mark.parametrize("network", ["192.0.2.0/24", "10.0.0.0/8", "127.0.0.1", "240.0.0.0/8", "2001:db8::/32", "::1"])
def test_what_a_load_balancer_may_have_is_good_in_a_laboratory_too(network: str) -> None:
    refuse_for_side(ip_network(network), network)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "239.255.255.255", "ff02::fb", "fe80::1"])
def test_a_server_has_an_address_of_its_own(address: str) -> None:
    with pytest.raises(Unusable):
        refuse_for_server(ip_address(address), address)


def test_the_resolver_of_a_vpc_is_link_local() -> None:
    refuse_for_server(ip_address("169.254.169.253"), "169.254.169.253")
