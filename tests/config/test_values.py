"""Durations, addresses, networks, endpoints and versions."""

import re
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.config.mistakes import Unusable, quoted
from probe.config.values import (
    DURATION_PATTERN,
    ENDPOINT_PATTERN,
    parse_address,
    parse_client_subnet,
    parse_endpoint,
    parse_network,
    parse_seconds,
    parse_version,
    show_seconds,
)
from probe.model.plan import Endpoint


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (30, 30.0),
        (0.5, 0.5),
        ("30s", 30.0),
        ("1.5s", 1.5),
        ("500ms", 0.5),
        ("1h30m", 5400.0),
        ("1d2h3m4s5ms", 93784.005),
    ],
)
def test_a_duration_is_a_number_or_text_with_units(written: object, seconds: float) -> None:
    assert parse_seconds(written) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "written", ["", "30", "s", "1h30", "30m1h", "1.5m", "-1s", "7 s", "1s1s", "1e3s", True, None, [1], float("nan")]
)
def test_what_is_no_duration_is_refused(written: object) -> None:
    with pytest.raises(Unusable, match="duration"):
        parse_seconds(written)


@given(st.integers(1, 10**6))
def test_a_shown_duration_reads_back_as_the_same(milliseconds: int) -> None:
    seconds = milliseconds / 1000 if milliseconds < 1000 else float(milliseconds)
    assert parse_seconds(show_seconds(seconds)) == pytest.approx(seconds)
    assert re.search(DURATION_PATTERN, show_seconds(seconds))


@pytest.mark.parametrize(
    ("written", "endpoint"),
    [
        ("192.0.2.53", Endpoint("192.0.2.53", 53)),
        ("192.0.2.53:5353", Endpoint("192.0.2.53", 5353)),
        ("[2001:DB8::53]:5353", Endpoint("2001:db8::53", 5353)),
        ("[2001:db8::53]", Endpoint("2001:db8::53", 53)),
        ("2001:db8::53", Endpoint("2001:db8::53", 53)),
    ],
)
def test_an_endpoint_is_an_address_with_or_without_a_port(written: str, endpoint: Endpoint) -> None:
    assert parse_endpoint(written) == endpoint
    assert re.search(ENDPOINT_PATTERN, written) or re.search("^[0-9A-Fa-f:.]+$", written)


@pytest.mark.parametrize(
    "written", ["", ":53", "ns1.example.com:53", "192.0.2.53:0", "192.0.2.53:65536", "[192.0.2.53", "[::1%lo]:53"]
)
def test_what_is_no_endpoint_is_refused(written: str) -> None:
    with pytest.raises(Unusable):
        parse_endpoint(written)


def test_a_port_is_demanded_and_zero_allowed_where_one_is_listened_on() -> None:
    assert parse_endpoint("[::]:0", default_port=None, port_zero=True) == Endpoint("::", 0)
    with pytest.raises(Unusable, match="has no port"):
        parse_endpoint("127.0.0.1", default_port=None)


def test_an_address_of_a_side_becomes_a_network_of_one() -> None:
    assert parse_network("192.0.2.10") == ip_network("192.0.2.10/32")
    assert parse_network("2001:DB8::/32") == ip_network("2001:db8::/32")


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("192.0.2.10/24", "beyond its prefix length"),
        ("10.0.0.0/7", "so large"),
        ("::/0", "so large"),
        ("x/24", "neither"),
    ],
)
def test_networks_that_cannot_be_meant_are_refused(written: str, message: str) -> None:
    with pytest.raises(Unusable, match=message):
        parse_network(written)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("0.0.0.0", "no machine"),
        ("::", "no machine"),
        ("255.255.255.255", "broadcast"),
        ("224.0.0.1", "multicast"),
        ("225.0.0.0/8", "multicast"),
        ("ff02::1", "multicast"),
        ("fe80::1", "link-local"),
        ("169.254.169.254", "link-local"),
        ("169.0.0.0/8", "link-local"),
    ],
)
def test_what_no_load_balancer_can_have_is_no_address_of_a_side(written: str, message: str) -> None:
    with pytest.raises(Unusable, match=message):
        parse_network(written)


@pytest.mark.parametrize("written", ["0.0.0.0", "::", "255.255.255.255", "224.0.0.1", "ff02::fb", "fe80::1"])
def test_what_no_server_can_have_is_asked_nothing(written: str) -> None:
    with_port = f"[{written}]:53" if ":" in written else f"{written}:53"
    for parse, text in ((parse_address, written), (parse_endpoint, written), (parse_endpoint, with_port)):
        with pytest.raises(Unusable, match=r"no machine|broadcast|multicast|link-local"):
            parse(text)


@pytest.mark.parametrize("written", ["169.254.169.253", "169.254.20.10", "127.0.0.1", "::1", "10.0.0.2", "fd00::2"])
def test_a_resolver_of_a_vpc_or_of_a_node_may_be_link_local(written: str) -> None:
    assert parse_address(written) == written
    assert parse_endpoint(written) == Endpoint(written, 53)


def test_every_address_of_the_machine_may_be_listened_on() -> None:
    assert parse_endpoint("0.0.0.0:9953", default_port=None) == Endpoint("0.0.0.0", 9953)


def test_a_client_subnet_is_no_longer_than_resolvers_honour() -> None:
    assert parse_client_subnet("203.0.113.0/24") == "203.0.113.0/24"
    assert parse_client_subnet("2001:db8::/56") == "2001:db8::/56"
    with pytest.raises(Unusable) as caught:
        parse_client_subnet("2001:db8::/64")
    assert caught.value.remedy == "write `2001:db8::/56`"


def test_addresses_are_canonical() -> None:
    assert parse_address("2001:DB8:0::1") == "2001:db8::1"


@pytest.mark.parametrize(
    ("written", "version"), [("v0.22.0", (0, 22, 0)), ("0.21.3", (0, 21, 3)), ("0.20", (0, 20, 0))]
)
def test_versions_are_read_as_image_tags_have_them(written: str, version: tuple[int, int, int]) -> None:
    assert parse_version(written) == version


@pytest.mark.parametrize("written", ["latest", "v1", "0.22.0-rc1", "v0.22.0.1", "", "v0.22.0\n"])
def test_what_is_no_version_is_refused(written: str) -> None:
    with pytest.raises(Unusable, match="not a version"):
        parse_version(written)


def test_a_quoted_value_is_bounded_and_cannot_steer_a_terminal() -> None:
    assert quoted("a\x1b[31m\u202eb\ud800") == "`a\\x1b[31m\\u202eb\\ud800`"
    assert len(quoted("x" * 10_000)) < 100
