"""Which of the known servers stay when a walk hears nothing of them."""

import pytest

from probe.model.clock import Instant
from probe.model.delegation import Delegation, with_known
from probe.model.name import DomainName
from probe.model.server import Server

ONE, TWO = DomainName("ns-1.example.net."), DomainName("ns-2.example.org.")
ONE_V4, ONE_V6 = Server(ONE, "192.0.2.1"), Server(ONE, "2001:db8::1")
TWO_V4, TWO_V6 = Server(TWO, "192.0.2.2"), Server(TWO, "2001:db8::2")
ALL = (ONE_V4, ONE_V6, TWO_V4, TWO_V6)


def found(
    *servers: Server, silent: tuple[Server, ...] = (), untold: frozenset[tuple[DomainName, int]] = frozenset()
) -> Delegation:
    return Delegation(DomainName("example.com."), servers, (ONE, TWO), (ONE, TWO), (), Instant(0, 0), silent, untold)


@pytest.mark.parametrize(
    ("walked", "after"),
    [
        (found(*ALL), ALL),
        (found(ONE_V4, TWO_V4), (ONE_V4, TWO_V4)),
        (found(TWO_V4, silent=(ONE_V4,)), (ONE_V4, TWO_V4)),
        (found(ONE_V4, TWO_V4, untold=frozenset({(ONE, 6), (TWO, 6)})), ALL),
        (found(ONE_V4, TWO_V4, untold=frozenset({(TWO, 6)})), (ONE_V4, TWO_V4, TWO_V6)),
        (found(ONE_V4, untold=frozenset({(ONE, 4), (ONE, 6)})), (ONE_V4, ONE_V6)),
        (found(silent=ALL), ()),
    ],
    ids=["all", "gone", "silent", "one family untold", "one server's", "another server is gone", "nobody answers"],
)
def test_who_is_silent_or_not_told_of_stays_and_who_is_gone_goes(walked: Delegation, after: tuple[Server, ...]) -> None:
    assert with_known(walked, ALL).servers == after


def test_who_was_not_known_before_and_is_silent_does_not_come_in() -> None:
    assert with_known(found(ONE_V4, silent=(TWO_V4, TWO_V6)), (ONE_V4, TWO_V4)).servers == (ONE_V4, TWO_V4)
    assert with_known(found(ONE_V4, silent=(TWO_V4,)), ()).servers == (ONE_V4,)


def test_an_address_that_a_name_server_has_instead_is_asked_in_place_of_the_old_one() -> None:
    moved = Server(ONE, "192.0.2.11")
    assert with_known(found(moved, TWO_V4), ALL).servers == (moved, TWO_V4)
