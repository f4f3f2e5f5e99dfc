import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any
from unittest.mock import Mock

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import pytest

from probe.lab.addresses import SIDE_V1, AddressPool
from probe.lab.internet import Internet
from probe.lab.nameserver_sockets import Listeners, _Connections, _Datagrams
from probe.model.name import DomainName, canonical
from probe.route53.reply import ServedQuery
from tests.clock import LoopClock, run_virtual
from tests.lab.builders import V1_ALB, StandingClock, alias, create, plain
from tests.lab.sockets import Client, ask_tcp, ask_udp, texts


def lab() -> Internet:
    internet = Internet(StandingClock(), random.Random(1))
    internet.load_balancers.create(V1_ALB, AddressPool(SIDE_V1))
    zone = internet.create_hosted_zone(canonical("example.com"), machines=2)
    zone.change(
        create(
            alias("web.example.com", "A", V1_ALB),
            plain("big.example.com", "TXT", *(f'"{n}{"x" * 240}"' for n in range(10))),
        )
    )
    internet.settle()
    return internet


def listening(test: Callable[[Internet, Listeners], Awaitable[None]], clock: StandingClock | None = None) -> None:
    async def run() -> None:
        internet = lab()
        listeners = Listeners(clock or StandingClock())
        await listeners.open(internet.hosts)
        try:
            await test(internet, listeners)
        finally:
            await listeners.close()

    asyncio.run(run())


class EndlessClock(StandingClock):
    """Whoever sleeps by it does not wake."""

    async def sleep(self, seconds: float) -> None:
        del seconds
        await asyncio.Event().wait()


def question(name: str, rdtype: str = "A", **more: Any) -> dns.message.Message:
    return dns.message.make_query(name, rdtype, flags=0, **more)


def first_server(internet: Internet, zone: str = "example.com.") -> str:
    found = internet.route53.longest_match(DomainName(zone))
    assert found is not None
    return internet.servers_of(found)[0].addresses[0]


def test_both_families_of_a_server_lead_to_its_one_loopback_port() -> None:
    async def test(internet: Internet, listeners: Listeners) -> None:
        v4, v6 = internet.hierarchy.root_servers[0].addresses
        assert listeners.route(v4) == listeners.route(v6) == listeners.route(v4, 53)
        assert listeners.route(v4) != listeners.route(internet.hierarchy.root_servers[1].addresses[0])
        endpoint = listeners.route(v4)
        assert endpoint is not None
        assert endpoint[0] == "127.0.0.1"

    listening(test)


def test_nothing_outside_the_lab_has_a_route() -> None:
    async def test(internet: Internet, listeners: Listeners) -> None:
        assert listeners.route("8.8.8.8") is None
        assert listeners.route(internet.hierarchy.root_servers[0].addresses[0], 443) is None

    listening(test)


def test_udp_and_tcp_give_the_same_answer() -> None:
    async def test(internet: Internet, listeners: Listeners) -> None:
        server = first_server(internet)
        by_udp = await ask_udp(listeners, server, question("web.example.com"))
        (by_tcp,) = await ask_tcp(listeners, server, question("web.example.com"))
        for reply in (by_udp, by_tcp):
            assert reply.flags & dns.flags.AA
            assert not reply.flags & dns.flags.RA
            assert sorted(texts(reply.answer, "A")) == ["198.51.100.1", "198.51.100.2", "198.51.100.3"]

    listening(test)


def test_a_truncated_answer_is_whole_over_tcp() -> None:
    async def test(internet: Internet, listeners: Listeners) -> None:
        server = first_server(internet)
        short = await ask_udp(listeners, server, question("big.example.com", "TXT"))
        assert short.flags & dns.flags.TC
        (whole,) = await ask_tcp(listeners, server, question("big.example.com", "TXT"))
        assert len(texts(whole.answer, "TXT")) == 10

    listening(test)


def test_one_connection_carries_several_questions() -> None:
    async def test(internet: Internet, listeners: Listeners) -> None:
        replies = await ask_tcp(
            listeners, first_server(internet), *(question(f"n{number}.example.com") for number in range(5))
        )
        assert [reply.question[0].name.to_text() for reply in replies] == [f"n{n}.example.com." for n in range(5)]

    listening(test)


def test_garbage_does_not_stop_a_server() -> None:
    async def test(internet: Internet, listeners: Listeners) -> None:
        server = first_server(internet)
        client = await Client.to(listeners.route(server))
        draw = random.Random(4)
        for size in (0, 1, 11, 12, 40, 512, 1400):
            client.send(draw.randbytes(size))
        asked = question("web.example.com")
        client.send(asked.to_wire())
        while True:
            wire = await client.receive()
            if wire[:2] == asked.to_wire()[:2]:
                break
        client.close()
        endpoint = listeners.route(server)
        assert endpoint is not None
        _, writer = await asyncio.open_connection(*endpoint)
        writer.write(b"\xff\xffGET / HTTP/1.1")
        writer.close()
        await writer.wait_closed()
        assert len(await ask_tcp(listeners, server, asked)) == 1

    listening(test)


def test_a_silent_server_says_nothing_until_it_speaks_again() -> None:
    async def test(internet: Internet, listeners: Listeners) -> None:
        server = internet.hierarchy.root_servers[0]
        client = await Client.to(listeners.route(server.addresses[0]))
        server.impairment.silent = True
        client.send(question("lost.example.com").to_wire())
        client.send(b"\0" * 12)
        reply = await ask_udp(listeners, internet.hierarchy.root_servers[1].addresses[0], question("x.example.com"))
        assert reply.rcode() == dns.rcode.NOERROR
        server.impairment.silent = False
        client.send(question("found.example.com").to_wire())
        received = dns.message.from_wire(await client.receive())
        assert received.question[0].name.to_text() == "found.example.com."
        client.close()

    listening(test)


def test_lame_and_failing_servers_say_so() -> None:
    async def test(internet: Internet, listeners: Listeners) -> None:
        server = internet.hierarchy.root_servers[0]
        server.impairment.lame = True
        assert (await ask_udp(listeners, server.addresses[0], question("example.com"))).rcode() == dns.rcode.REFUSED
        server.impairment.failing = True
        assert (await ask_udp(listeners, server.addresses[0], question("example.com"))).rcode() == dns.rcode.SERVFAIL

    listening(test)


def test_a_loss_of_a_half_swallows_about_a_half() -> None:
    internet = lab()
    server = internet.hierarchy.root_servers[0]
    server.impairment.loss = 0.5
    replies = [server.answer(ServedQuery(DomainName("example.com."), "A")) for _ in range(1000)]
    assert 400 < replies.count(None) < 600


def test_a_delayed_reply_waits_on_the_labs_clock() -> None:
    clock = StandingClock()

    async def test(internet: Internet, listeners: Listeners) -> None:
        server = internet.hierarchy.root_servers[0]
        server.impairment.delay = 2.5
        before = clock.seconds
        assert (await ask_udp(listeners, server.addresses[0], question("example.com"))).id is not None
        assert clock.seconds == before + 2.5
        await ask_tcp(listeners, server.addresses[0], question("example.com"))
        assert clock.seconds == before + 5.0

    listening(test, clock)


def test_of_delayed_replies_a_thousand_are_held_back() -> None:
    async def run() -> int:
        server = lab().hierarchy.root_servers[0]
        server.impairment.delay = 1.0
        datagrams = _Datagrams(server, EndlessClock())
        datagrams.connection_made(Mock(asyncio.DatagramTransport))
        for _ in range(1_001):
            datagrams.datagram_received(question("example.com").to_wire(), ("127.0.0.1", 9))
        return len(asyncio.all_tasks() - {asyncio.current_task()})

    assert asyncio.run(run()) == 1_000


def test_of_connections_sixty_four_are_served_at_once() -> None:
    async def run() -> None:
        connections = _Connections(lab().hierarchy.root_servers[0], StandingClock())
        loop, writer, refused = asyncio.get_running_loop(), Mock(asyncio.StreamWriter), Mock(asyncio.StreamWriter)
        serving = [loop.create_task(connections.serve(asyncio.StreamReader(), writer)) for _ in range(64)]
        await asyncio.wait(serving, timeout=0)
        assert not writer.close.called
        one_more = loop.create_task(connections.serve(asyncio.StreamReader(), refused))
        await asyncio.wait([one_more], timeout=0)
        assert refused.close.called
        await connections.close()

    asyncio.run(run())


def test_a_connection_that_says_nothing_for_ten_seconds_is_closed() -> None:
    async def run(clock: LoopClock) -> float:
        connections = _Connections(lab().hierarchy.root_servers[0], clock)
        began = clock.now().monotonic
        await connections.serve(asyncio.StreamReader(), Mock(asyncio.StreamWriter))
        return clock.now().monotonic - began

    assert run_virtual(run) == pytest.approx(10, abs=0.01)


def test_a_taken_port_is_followed_by_others_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []

    async def taken(_listeners: Listeners, host: object) -> int:
        tried.append(host)
        raise OSError

    monkeypatch.setattr(Listeners, "_bind", taken)
    with pytest.raises(OSError, match=r"^$"):
        asyncio.run(Listeners(StandingClock()).open(lab().hierarchy.root_servers[:1]))
    assert len(tried) == 32


def test_a_foreign_name_is_refused_by_a_hosted_zones_server() -> None:
    async def test(internet: Internet, listeners: Listeners) -> None:
        reply = await ask_udp(listeners, first_server(internet), question("example.org"))
        assert reply.rcode() == dns.rcode.REFUSED
        assert not reply.flags & (dns.flags.AA | dns.flags.RA)

    listening(test)


def test_several_machines_answer_behind_one_address() -> None:
    async def test(internet: Internet, listeners: Listeners) -> None:
        server = first_server(internet)
        seen = set()
        for _ in range(40):
            asked = question("web.example.com", use_edns=0, options=[dns.edns.NSIDOption(b"")])
            (option,) = (await ask_udp(listeners, server, asked)).options
            assert isinstance(option, dns.edns.NSIDOption)
            seen.add(option.nsid)
        assert len(seen) == 2

    listening(test)


def test_a_walk_by_hand_reaches_the_hosted_zone_and_the_load_balancers_zone() -> None:
    async def walk(internet: Internet, listeners: Listeners, name: str) -> dns.message.Message:
        """Follow referrals from the root; name servers without glue are looked up by a walk of their own."""
        address = internet.hierarchy.root_servers[0].addresses[0]
        for _ in range(10):
            reply = await ask_udp(listeners, address, question(name))
            if reply.flags & dns.flags.AA:
                return reply
            assert not reply.answer
            servers = texts(reply.authority, "NS")
            glue = texts(reply.additional, "A")
            if glue:
                address = glue[0]
            else:
                (address,) = texts((await walk(internet, listeners, servers[0])).answer, "A")
        raise AssertionError(f"the walk for {name} did not end")

    async def test(internet: Internet, listeners: Listeners) -> None:
        reply = await walk(internet, listeners, "web.example.com")
        assert len(texts(reply.answer, "A")) == 3
        zone = internet.route53.longest_match(DomainName("example.com."))
        assert zone is not None
        assert sorted(texts(reply.authority, "NS")) == sorted(zone.name_servers)
        reply = await walk(internet, listeners, V1_ALB)
        assert [rrset.ttl for rrset in reply.answer] == [60]
        for name in zone.name_servers:
            assert len(texts((await walk(internet, listeners, name)).answer, "A")) == 1

    listening(test)
