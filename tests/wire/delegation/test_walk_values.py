"""Small values of the walk, and the list of root servers."""

from datetime import date
from ipaddress import IPv4Address, IPv6Address
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.model.name import canonical, is_within
from probe.model.question import Question, RecordType
from probe.model.server import Server
from probe.wire.delegation.inquiry import in_order
from probe.wire.delegation.root_hints import ROOT_HINTS, ROOT_HINTS_DATE
from probe.wire.delegation.walk_values import labels, steps, usable

MAX_STEPS = 10
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


def test_a_name_is_walked_label_by_label() -> None:
    assert steps(canonical("www.example.com")) == ("com.", "example.com.", "www.example.com.")
    assert steps(canonical(".")) == ()
    assert labels(canonical(r"a\.b.com")) == ("com.", r"a\.b.com.")


@given(st.integers(min_value=1, max_value=120))
def test_a_long_name_takes_few_steps_which_go_down_to_the_name(count: int) -> None:
    name = canonical(".".join(f"l{number}" for number in range(count)))
    walked = steps(name)
    assert walked[-1] == name
    assert len(walked) == min(count, MAX_STEPS)
    assert all(lower != upper and is_within(lower, upper) for upper, lower in pairwise(walked))
    assert walked[:4] == labels(name)[:4]


@pytest.mark.parametrize("address", ["192.0.2.1", "127.0.0.1", "10.0.0.2", "2001:db8::1", "::1", "fd00::53"])
def test_ordinary_and_private_addresses_may_be_asked(address: str) -> None:
    assert usable(address)


@pytest.mark.parametrize(
    "address", ["0.0.0.0", "224.0.0.1", "169.254.169.254", "::", "ff02::fb", "fe80::1", "nonsense"]
)
def test_addresses_that_cannot_be_a_name_servers_may_not(address: str) -> None:
    assert not usable(address)


def test_the_families_take_turns_and_every_server_gets_its_share() -> None:
    v4 = [Server(f"ns{number}.", f"192.0.2.{number}") for number in range(4)]
    v6 = [Server(f"ns{number}.", f"2001:db8::{number}") for number in range(2)]
    orders = [in_order([*v6, *v4], Question(canonical(f"d{n}.example.com"), RecordType.NS)) for n in range(200)]
    for order in orders:
        assert len(order) == len(v4) + len(v6)
        assert [":" in server.address for server in order] == [False, True, False, True, False, False]
    firsts = [order[0].address for order in orders]
    assert all(firsts.count(server.address) > 20 for server in v4)


def test_the_root_hints_are_thirteen_servers_with_both_families() -> None:
    assert [name for name, _ in ROOT_HINTS] == [f"{letter}.root-servers.net." for letter in "abcdefghijklm"]
    for _, (v4, v6) in ROOT_HINTS:
        assert IPv4Address(v4).is_global
        assert IPv6Address(v6).is_global
    assert len({address for _, both in ROOT_HINTS for address in both}) == 26
    assert date.fromisoformat(ROOT_HINTS_DATE) >= date(2023, 11, 27), "b.root-servers.net moved on that day"
