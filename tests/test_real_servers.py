"""Each real server starts, answers, takes what it should take, and is gone afterwards."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Event

import dns.flags
import dns.message
import dns.rcode
import dns.update
import pytest

from tests.real_servers import RealServer, bind, free_port, has_ipv6, knot, nsd, powerdns, unbound

pytestmark = pytest.mark.real

ZONE = {"example.com": "@ NS ns\nns A 127.0.0.1\nwww A 192.0.2.1"}


def ask(server: RealServer, name: str, rdtype: str = "A", *, flags: int = 0) -> dns.message.Message:
    return server.exchange(dns.message.make_query(name, rdtype, flags=flags))


def texts(answer: dns.message.Message) -> list[str]:
    return sorted(item.to_text() for rrset in answer.answer for item in rrset)


@pytest.mark.parametrize("run", [bind, knot, nsd, powerdns])
def test_an_authoritative_server_answers_for_its_zone_and_is_gone_afterwards(
    run: Callable[..., AbstractContextManager[RealServer]],
) -> None:
    with run(ZONE) as server:
        answer = ask(server, "www.example.com")
        assert texts(answer) == ["192.0.2.1"]
        assert answer.flags & dns.flags.AA
        assert not answer.flags & dns.flags.RA
        assert ask(server, "example.net").rcode() == dns.rcode.REFUSED
    with pytest.raises(OSError):  # noqa: PT011  # refused or timed out, as the system likes
        ask(server, "www.example.com")
    assert not server.directory.exists()


@pytest.mark.parametrize("run", [bind, knot])
def test_a_dynamic_update_changes_the_answer(run: Callable[..., AbstractContextManager[RealServer]]) -> None:
    with run(ZONE) as server:
        change = dns.update.UpdateMessage("example.com")
        change.replace("www", 60, "A", "192.0.2.2")
        change.add("new", 60, "TXT", '"heritage=external-dns"')
        server.update(change)
        assert texts(ask(server, "www.example.com")) == ["192.0.2.2"]
        assert texts(ask(server, "new.example.com", "TXT")) == ['"heritage=external-dns"']


def test_powerdns_draws_by_weight_with_lua_records() -> None:
    lua = "www LUA A \"pickwrandom({{50,'192.0.2.1'},{50,'192.0.2.2'}})\""
    with powerdns({"example.com": f"@ NS ns\nns A 127.0.0.1\n{lua}"}) as server:
        seen = {tuple(texts(ask(server, "www.example.com"))) for _ in range(64)}
    assert seen == {("192.0.2.1",), ("192.0.2.2",)}


def test_unbound_resolves_through_a_stub_and_says_that_it_recurses() -> None:
    with bind(ZONE) as authority, unbound({"example.com": (authority.address, authority.port)}) as resolver:
        answer = ask(resolver, "www.example.com", flags=dns.flags.RD)
        beyond = ask(resolver, "www.example.net", flags=dns.flags.RD)
    assert texts(answer) == ["192.0.2.1"]
    assert answer.flags & dns.flags.RA
    assert not answer.flags & dns.flags.AA
    assert beyond.rcode() == dns.rcode.REFUSED


@pytest.mark.parametrize("run", [knot, nsd, powerdns])
def test_servers_share_a_port_at_different_addresses(run: Callable[..., AbstractContextManager[RealServer]]) -> None:
    port = free_port("127.0.0.1", "127.0.0.2")
    with bind({"com": "@ NS ns\nns A 127.0.0.1"}, port=port), run(ZONE, addresses=("127.0.0.2",), port=port) as server:
        assert server.port == port
        assert texts(ask(server, "www.example.com")) == ["192.0.2.1"]


@pytest.mark.parametrize("run", [bind, knot, nsd, powerdns])
def test_a_server_answers_over_ipv6_as_well(run: Callable[..., AbstractContextManager[RealServer]]) -> None:
    if not has_ipv6():
        pytest.skip("this machine has no ::1")
    with run(ZONE, addresses=("::1", "127.0.0.1")) as server:
        assert texts(ask(server, "www.example.com")) == ["192.0.2.1"]


def test_a_server_that_cannot_start_shows_its_log(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AssertionError, match="named ended with status"), bind({"example.com": "@ NS"}, options="no;"):
        pytest.fail("it must not start")
    assert "unknown option 'no'" in capsys.readouterr().out


def test_a_change_at_the_primary_reaches_its_secondaries() -> None:
    addresses = "127.0.0.1", "127.0.0.2", "127.0.0.3"
    port = free_port(*addresses)
    with (
        bind(ZONE, port=port, secondaries=addresses[1:]) as primary,
        knot({}, addresses=("127.0.0.2",), port=port, transfers={"example.com": primary}) as second,
        nsd({}, addresses=("127.0.0.3",), port=port, transfers={"example.com": primary}) as third,
    ):

        def arrived(address: str) -> set[str]:
            """Tell which secondaries have it, however long the machine lets their transfer wait."""
            return {
                secondary.program
                for secondary in (second, third)
                if any(texts(ask(secondary, "www.example.com")) == [address] or Event().wait(0.05) for _ in range(3600))
            }

        assert arrived("192.0.2.1") == {"knotd", "nsd"}
        change = dns.update.UpdateMessage("example.com")
        change.replace("www", 60, "A", "192.0.2.2")
        primary.update(change)
        assert arrived("192.0.2.2") == {"knotd", "nsd"}
